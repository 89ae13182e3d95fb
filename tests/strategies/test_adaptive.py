"""Adaptive: hybrid whose threshold falls as the queue deepens, by what was seen at the last quantum."""

import numpy as np
import pytest

from engine.steering import tell
from engine.write_path.strategies.adaptive import Adaptive
from engine.write_path.strategies.base import Seen, Writers
from tests.conformance.runs import ROOMY, differs, run
from tests.law.small import MS, Small, everybody_follows

NOBODY = np.zeros(0, np.int32)
SLOW = {"costs.delivery_us": 300_000, "workers.count": 1, "costs.poll_us": 0}


def posts(*followers: int) -> Writers:
    return Writers(np.arange(len(followers), dtype=np.int32), np.array(followers, np.int32), np.zeros(len(followers)))


@pytest.mark.parametrize(("queued", "line"), [(0, 600), (100, 300), (200, 200), (500, 100), (59_900, 1)])
def test_the_line_is_threshold_times_half_over_half_plus_depth(queued, line):
    strategy = Adaptive(threshold=600, half_at_copies=100)
    strategy.observe(Seen(0, queued, NOBODY))
    assert strategy.line == pytest.approx(line, abs=1e-4)
    assert strategy.pushes(posts(0, line - 1, line + 1)).tolist() == [True, True, False]


def test_a_post_is_judged_by_the_depth_of_the_last_quantum_not_by_its_own_instant():
    """Seven followers under a threshold of 12 that four queued copies halve."""
    small = Small("adaptive:threshold=12,half=4", everybody_follows(0), SLOW)
    pushed = small.world.tables.posts.pushed
    first, second = small.post(0), small.post(0)  # the gauge still shows an empty queue
    assert (small.world.strategy.line, pushed[first], pushed[second]) == (12, True, True)
    small.step(200 * MS)
    assert small.world.strategy.line == 12 * 4 / (4 + 14)
    assert not pushed[small.post(0)]
    small.settle()
    small.step(100 * MS)
    assert pushed[small.post(0)], "when the queue is empty it is pushed again"


def test_a_changed_threshold_knows_the_depth_at_once():
    small = Small("adaptive:threshold=12,half=4", everybody_follows(0), SLOW)
    small.post(0)
    small.world.set_knobs({"strategy.threshold": 24})
    assert small.world.strategy.line == 24 * 4 / (4 + 7)


def test_a_gauge_read_whenever_a_segment_begins_depends_on_the_tick(population, monkeypatch):
    spec = "adaptive:threshold=60,half=300"
    whole = run(population, spec, ROOMY, 500)
    posts = whole.world.tables.posts
    big = np.flatnonzero(whole.world.tables.graph.follower_counts[posts.author[: posts.size]] >= 30)
    late = posts.pushed[big][posts.accepted_ns[big] > 0]
    assert late.any()
    assert not late.all(), "the line was crossed both ways"
    monkeypatch.setattr(Adaptive, "watches", False)
    monkeypatch.setattr("engine.world.World._fan_out", tell_first("engine.world.World._fan_out"))
    assert "posts" in differs(population, spec, ROOMY)


def tell_first(name: str):
    """`World._fan_out`, with the strategy told at every segment instead of every quantum."""
    from engine.world import World

    fan_out = World._fan_out

    def told(world, rows):
        tell(world)
        return fan_out(world, rows)

    return told
