"""Pushes to home lists: the engine's numpy store against a real Redis, the same deliveries to the same lists."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from engine.clock import SystemWallClock
from engine.domain import I32, Ragged
from engine.experiments.local_redis import local_redis
from engine.load.streams import stream
from engine.timelines import TimelineStore, make_store
from engine.timelines.plain import server_identity, write_pipelined
from engine.timelines.redis_store import RedisStore
from tests.bench.row import Row, Skipped, Timer, in_turns

FOLLOWERS, HELD, CAP = 200, 50, 800
"""Of each post; entries that lists hold at first, and may hold."""
NO_REDIS = "no REDIS_URL and no redis-server binary"

Push = Callable[[RedisStore, I32, I32], None]


def lua(short: bool) -> Row | Skipped:
    """Against the engine's own script: as the world would push on Redis."""
    return _row("Redis, Lua", "one script for a hundred lists, as RedisStore.push", _by_script, 80, short)


def pipelined(short: bool) -> Row | Skipped:
    """Against one ZADD for each copy, in a pipeline for each post; it keeps neither cap nor horizon."""
    return _row("Redis, pipelined", "one ZADD for each copy, pipelined by post", _by_post, 200, short)


def _by_script(store: RedisStore, owners: I32, rows: I32) -> None:
    store.push(owners, rows)


def _by_post(store: RedisStore, owners: I32, rows: I32) -> None:
    for first in range(0, len(rows), FOLLOWERS):
        write_pipelined(store, owners[first : first + FOLLOWERS], int(rows[first]))


def _row(name: str, how: str, push: Push, floor: float, short: bool) -> Row | Skipped:
    posts, users, rounds = (100, 2_000, 4) if short else (500, 20_000, 5)
    with real_redis() as url:
        if url is None:
            return Skipped(name, NO_REDIS)
        with _filled("ring", users) as ring, _filled("redis", users, url) as store:
            assert isinstance(store, RedisStore)
            version = server_identity(store)[0]

            def ours(number: int) -> float:
                owners, rows = _posts(posts, users, number)
                with Timer() as timer:
                    ring.push(owners, rows)
                return len(rows) / timer.seconds

            def reference(number: int) -> float:
                owners, rows = _posts(posts, users, number)
                with Timer() as timer:
                    push(store, owners, rows)
                return len(rows) / timer.seconds

            pair = in_turns(ours, reference, rounds)
    return Row(
        name=name,
        what=f"{posts} posts x {FOLLOWERS} followers among {users:,} lists: numpy store in one call against Redis "
        f"{version} ({how})",
        ours=pair.ours,
        reference=pair.reference,
        unit="deliveries/s",
        ratio=pair.ratio,
        spread=pair.spread,
        floor=floor,
    )


@contextmanager
def real_redis() -> Iterator[str | None]:
    """The address of a server: REDIS_URL, or one of this machine for the while; None where there is neither."""
    given = os.environ.get("REDIS_URL")
    if given:
        yield given
        return
    with local_redis(SystemWallClock()) as url:
        yield url


@contextmanager
def _filled(backend: str, users: int, url: str | None = None) -> Iterator[TimelineStore]:
    """A store in which everybody holds the same rows; emptied at the end."""
    store = make_store(backend, users, CAP, url)
    rows: I32 = np.tile(np.arange(HELD, dtype=np.int32), users)
    try:
        store.load(Ragged(rows, np.arange(users + 1, dtype=np.int64) * HELD), np.zeros(users, np.int32))
        yield store
    finally:
        store.clear()


def _posts(posts: int, users: int, number: int) -> tuple[I32, I32]:
    """New posts of one round, newer than all before: (followers, rows), post by post, followers ascending."""
    rng = stream(number, "bench.deliveries", 0)
    owners = np.concatenate([np.sort(rng.choice(users, FOLLOWERS, replace=False)) for _ in range(posts)])
    rows = np.repeat(np.arange(posts) + HELD + number * posts, FOLLOWERS)
    return owners.astype(np.int32), rows.astype(np.int32)
