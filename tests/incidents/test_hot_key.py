"""Requests for one key: as many a second as are said, the same ones however time is cut."""

from itertools import pairwise

import numpy as np
import pytest

from engine.clock import NS_PER_MS, NS_PER_S
from engine.faults import parse_fault
from engine.faults.hot_key import hot_reads
from engine.queueing.hashing import shard_of
from tests.law.small import Small

MS = NS_PER_MS


def between(world, fault, edges):
    """All requests, where each two of these instants are one segment."""
    parts = []
    for start, end in pairwise(edges):
        world.now_ns = start
        parts.append(hot_reads(world, fault, end))
    return [np.concatenate(column).tolist() for column in zip(*parts, strict=True)]


@pytest.mark.parametrize("rate", [1, 7, 15, 95, 1_234, 20_000])
def test_there_are_so_many_a_second(rate):
    world = Small(n=40).world
    fault = parse_fault(f"hot_key@10+20x{rate}")
    at_ns, users, keys, slots = between(world, fault, [10 * NS_PER_S, 30 * NS_PER_S])
    assert len(at_ns) == 20 * rate
    assert at_ns == sorted(at_ns)
    assert len(set(keys)) == len(keys)
    assert set(users) == {int(world.population.largest[0])}
    assert set(slots) == {-1}
    by_second = np.bincount(np.array(at_ns) // NS_PER_S, minlength=30)[10:]
    assert by_second.min() == by_second.max() == rate


@pytest.mark.parametrize("copies", [False, True])
def test_they_are_the_same_however_time_is_cut(copies):
    small = Small(n=40, knobs={"mitigations.hot_key_copies": copies})
    fault = parse_fault("hot_key@10.0333+2.0501x1015")
    whole = between(small.world, fault, [10 * NS_PER_S, 13 * NS_PER_S])
    assert len(whole[0]) == pytest.approx(2.0501 * 1015, abs=15)
    assert 10.0333 <= min(whole[0]) / NS_PER_S <= max(whole[0]) / NS_PER_S < 10.0333 + 2.0501
    for step_ms in (1, 10, 33, 100, 250):
        edges = [*range(10 * NS_PER_S, 13 * NS_PER_S, step_ms * MS), 13 * NS_PER_S]
        assert between(small.world, fault, edges) == whole
    servers = shard_of(np.array(whole[1]), 8)
    assert len(set(servers.tolist())) == (8 if copies else 1)
    if copies:
        assert np.bincount(servers).max() < len(servers) / 4
