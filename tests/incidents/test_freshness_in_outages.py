"""When a post becomes visible to those whose list is out of reach: not before its shard is back, unless they pull."""

import numpy as np
import pytest

from engine.clock import NS_PER_MS, NS_PER_S
from engine.faults import parse_fault
from engine.observe.metric import Metric
from engine.queueing.hashing import shard_of
from tests.law.small import Small, everybody_follows

N, SHARDS, DOWN_S = 24, 8, 10
SHARD = int(shard_of(np.array([3]), SHARDS)[0])
THERE = [user for user in range(1, N) if shard_of(np.array([user]), SHARDS)[0] == SHARD]
LISTED = ("push", "hybrid:threshold=3", "cached_pull:ttl=100", "push_active:days=30", "per_edge:ratio=2")


def broken(strategy, **switches):
    """Everybody follows 0; the shard has been down for half a second, and stays so for nine and a half."""
    knobs = {f"mitigations.{name}": on for name, on in switches.items()}
    small = Small(strategy, everybody_follows(0, n=N), knobs, n=N)
    small.settle()
    small.world.schedule([parse_fault(f"shard_down+{DOWN_S}#{SHARD}", now_ns=small.world.now_ns)])
    small.world.step(NS_PER_S // 2)
    return small


def visible_s(small):
    """Of all pairs so far: (how many, the sum of their lags, the largest lag), in seconds."""
    histogram = small.world.metrics.histogram(Metric.VISIBLE_LAG)
    return histogram.count, (histogram.mean or 0) * histogram.count / NS_PER_S, histogram.max / NS_PER_S


@pytest.mark.parametrize("strategy", LISTED)
@pytest.mark.parametrize("help", [{}, {"stale_if_error": True}])
def test_a_post_is_not_visible_before_the_shard_is_back(strategy, help):
    small = broken(strategy, **help)
    small.post(0)
    small.world.step(3 * NS_PER_S)
    count, total_s, longest_s = visible_s(small)
    assert (count, longest_s) == (N - 1, DOWN_S - 0.5)
    assert total_s == pytest.approx(len(THERE) * (DOWN_S - 0.5), rel=0.05), "the others wait for the queue at most"
    assert small.world.metrics.total(Metric.FRESH_PAIRS) == N - 1 - len(THERE)


@pytest.mark.parametrize("strategy", LISTED)
def test_with_fallback_it_is_pulled_at_once(strategy):
    small = broken(strategy, fallback=True)
    small.post(0)
    small.world.step(3 * NS_PER_S)
    count, _, longest_s = visible_s(small)
    assert count == N - 1 == small.world.metrics.total(Metric.FRESH_PAIRS)
    assert longest_s < 0.5


def on_their_way(**switches):
    """A post whose copies are queued when the shard goes down, half a second after it was accepted."""
    slow = {"costs.delivery_us": 100_000, "workers.count": 1}
    knobs = {f"mitigations.{name}": on for name, on in switches.items()} | slow
    small = Small("push", everybody_follows(0, n=N), knobs, n=N)
    small.settle()
    small.post(0)
    small.world.step(NS_PER_S // 2)
    small.world.schedule([parse_fault(f"shard_down+{DOWN_S}#{SHARD}", now_ns=small.world.now_ns)])
    small.world.step(5 * NS_PER_S)
    return small


def test_copies_on_their_way_to_a_shard_that_goes_down_are_visible_when_it_is_back():
    small = on_their_way()
    count, _, longest_s = visible_s(small)
    late = small.world.metrics.total(Metric.DELIVERIES)
    assert count == N - 1 > late == N - 1 - len(THERE), "their lists are lost: nothing is delivered into them"
    assert longest_s == DOWN_S + 0.5
    assert small.world.metrics.total(Metric.FRESH_PAIRS) == late


def test_with_fallback_they_are_visible_no_later_than_delivered():
    small = on_their_way(fallback=True)
    count, _, longest_s = visible_s(small)
    assert count == N - 1 == small.world.metrics.total(Metric.FRESH_PAIRS)
    assert longest_s < (N * 100 + 500) * NS_PER_MS / NS_PER_S


def test_two_outages_of_a_shard_that_overlap_last_until_the_later_end():
    small = broken("push")
    small.world.schedule([parse_fault(f"shard_down+{2 * DOWN_S}#{SHARD}", now_ns=small.world.now_ns)])
    small.world.step(NS_PER_S // 2)
    small.post(0)
    small.world.step(2 * NS_PER_S)
    assert visible_s(small)[2] == 2 * DOWN_S - 0.5
