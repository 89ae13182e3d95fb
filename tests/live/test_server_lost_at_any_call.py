"""A world is the same, bit for bit, whichever of its calls to the lists' server is the first that fails."""

from typing import Any

import pytest

from engine.live.run import Run
from engine.write_path.strategies import with_strategy
from tests.live.helpers import advance, everything, small_config, small_world
from tests.timelines.flaky import Flaky, flaky_ring

LOAD = {"load.posts_per_s": 30, "load.reads_per_s": 150, "load.follows_per_s": 8, "load.unfollows_per_s": 4}
MISHAPS = {"fanout.fail_rate": 0.2, "fanout.redeliver_rate": 0.2, "timeline.cap": 40}
SECONDS, USERS = 0.9, 40
PAIRS = [(user, (user + 7) % USERS) for user in range(USERS)]
ENDED = "and so it ended"


def lived(strategy: str, server: Flaky | None = None, fails_from: int | None = None) -> dict[str, Any]:
    """All that can be told of a short and busy life; the server, if there is one, is lost so many calls after the
    opening."""
    with pytest.MonkeyPatch.context() as patch:
        if server is not None:
            patch.setattr("engine.world.make_store", lambda *_: server)
        run = Run(small_world(with_strategy(small_config(**LOAD, **MISHAPS), strategy), USERS))
    if server is not None:
        server.said.clear()
        server.fails_from = fails_from
    for user in range(0, USERS, 4):
        run.world.evict(user)
    run.people.post(0, "hello")
    advance(run, SECONDS * 2 / 3)  # so that lists are made anew
    strangers = [pair for pair in PAIRS if not run.world.tables.graph.follows([pair[0]], [pair[1]])[0]]
    for user, other in strangers[:6]:
        run.people.follow(user, other)
    for user, other in strangers[:2]:
        run.people.unfollow(user, other)
    run.set_strategy("push" if strategy != "push" else "hybrid")
    advance(run, SECONDS / 3)
    if server is not None:
        server.said.append(ENDED)
        server.fails_from = None if fails_from is None else fails_from + 1  # that was no call
    return everything(run)


HELD = {"read", "horizons", "push", "drop", "begin_rebuild"}
MENDED = HELD | {"merge", "remove", "commit_rebuild"}
KEPT_BY = {"push": MENDED, "hybrid": MENDED, "cached_pull": HELD}


@pytest.mark.parametrize(
    "strategy", [spec if spec == "push" else pytest.param(spec, marks=pytest.mark.long) for spec in KEPT_BY]
)
def test_any_call_may_be_the_first_that_fails(strategy: str, request: pytest.FixtureRequest) -> None:
    """In the gate the first of all and the last of each kind, else every single one."""
    undisturbed = lived(strategy)
    server = flaky_ring(USERS, 40)
    assert lived(strategy, server) == undisturbed
    kinds = list(server.said)
    assert KEPT_BY[strategy] <= set(kinds), "too little happens"
    lived_through = kinds[: kinds.index(ENDED)]
    last = {len(lived_through) - 1 - lived_through[::-1].index(kind) for kind in set(lived_through)}
    tried = range(len(lived_through)) if request.config.getoption("--long") else sorted({0, *last})
    lost = {number: lived(strategy, flaky_ring(USERS, 40), number) for number in tried}
    assert [(number, kinds[number]) for number in tried if lost[number] != undisturbed] == []
