"""Every timeline backend, made only when its own tests run: a missing server costs no other backend its tests."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from engine.timelines import TimelineStore, make_store
from engine.timelines.outliving import Outliving
from engine.timelines.redis_store import RedisStore
from engine.timelines.ring import RingStore
from tests.timelines.flaky import flaky_ring

MakeStore = Callable[[int, int], TimelineStore]
_number = count()
_LATEST = 45
"""Calls after which a server is lost, at most."""


@pytest.fixture(
    scope="module",
    # "tight": hardly any room behind a list, so that compaction and the cutting of batches happen all the time.
    # "shards": keys as a cluster wants them. "outliving-lost": with servers that fail, each some calls later than the
    # one before.
    params=[
        "ring",
        "ring-tight",
        "outliving",
        "outliving-lost",
        "fakeredis",
        "fakeredis-shards",
        pytest.param("redis", marks=pytest.mark.redis_server),
    ],
)
def make(request: pytest.FixtureRequest) -> Iterator[MakeStore]:
    """A function (users, cap) -> empty store of one backend. The stores of Redis share a client, not a prefix."""
    backend = request.param
    if backend.startswith("ring"):
        slack = 2 if backend == "ring-tight" else None
        yield lambda users, cap: RingStore(users, cap, slack)
        return
    if backend.startswith("outliving"):
        lost = backend.endswith("lost")
        yield lambda users, cap: Outliving(flaky_ring(users, cap, next(_number) % _LATEST if lost else None), lambda: 0)
        return
    url = request.getfixturevalue("redis_url") if backend == "redis" else None
    base = make_store(backend.partition("-")[0], 1, 1, url)
    shards = 3 if backend.endswith("shards") else 0
    assert isinstance(base, RedisStore)
    made: list[RedisStore] = []

    def build(users: int, cap: int) -> TimelineStore:
        made.append(RedisStore(base.client, users, cap, f"{base.prefix}{next(_number)}:", shards=shards))
        return made[-1]

    yield build
    for store in made:
        store.clear()
    base.client.close()
