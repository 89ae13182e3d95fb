"""The cause that is told of any copy at any instant of a nasty run, against where the copy is."""

import numpy as np
import pytest

from engine.observe.why import Cause
from tests.law.small import S
from tests.live.helpers import small_config, small_world
from tests.observe.why import NASTY, WAITS, causes_seen


@pytest.mark.parametrize("strategy", ["pull", "cached_pull", "push", "hybrid", "push_active"])
def test_the_cause_agrees_with_where_every_copy_is(strategy):
    """A nasty run: crashes, duplicates, trims, follows, evictions, another strategy; random rows at odd instants."""
    rng = np.random.default_rng(5)
    world = small_world(small_config(**NASTY), users=120)
    world.tables.activity.seen_ns[:20] -= 50 * 86_400 * S  # away, until they read
    world.set_strategy("pull")
    world.set_strategy(strategy)

    def meanwhile(turn):
        a, b = rng.integers(0, 120, 2).tolist()
        if a != b:
            world.tables.relations.mute(a, b)
        if turn == 5:
            world.redrive()
        if turn == 8:
            world.set_strategy("push")

    assert causes_seen(world, rng, 10, meanwhile) >= {
        "pull": {Cause.PULLED, Cause.PULLED_AND_OPENED},
        "cached_pull": {Cause.PULLED, Cause.PULLED_AND_OPENED, Cause.KEPT_LIST},
        "push": {Cause.RECEIVED, Cause.TRIMMED, Cause.DEAD_LETTER} | WAITS,
        "hybrid": {Cause.RECEIVED, Cause.TRIMMED, Cause.DEAD_LETTER, Cause.PULLED, Cause.PULLED_AND_OPENED} | WAITS,
        "push_active": {Cause.RECEIVED, Cause.TRIMMED, Cause.DEAD_LETTER, Cause.NO_LIST} | WAITS,
    }[strategy]  # fmt: skip


def test_the_oldest_is_the_one_the_lens_shows():
    world = small_world(small_config(**{"load.posts_per_s": 18, "fanout.fail_rate": 0.1}))
    world.step(5 * S)
    behind = world.behind()
    assert (behind > 0).any()
    assert (behind == 0).any()
    for user in range(0, 300, 7):
        why = world.why(user)
        age_ns = 0 if why.row is None else world.now_ns - int(world.tables.posts.accepted_ns[why.row])
        assert behind[user] == age_ns
        assert why.cause in (WAITS if why.row is not None else {Cause.NOTHING})
