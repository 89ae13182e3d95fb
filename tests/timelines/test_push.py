"""Large pushes go in parts, and come to the same as one; tests/conformance/test_ticks.py has whole runs of it."""

import numpy as np
import pytest

from engine.timelines import push
from engine.timelines.ring import RingStore


@pytest.mark.parametrize("copies", [1, 2, 3, 50, 70_000])
def test_nobodys_pairs_are_in_two_parts(copies):
    owner = np.sort(np.random.default_rng(copies).integers(0, copies // 2 + 1, copies)).astype(np.int32)
    parts = push._by_owner(owner)
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(copies))
    owners = [set(owner[part].tolist()) for part in parts]
    assert sum(map(len, owners)) == len(set().union(*owners))


def test_in_parts_and_beside_other_work_it_is_the_same_as_at_once(monkeypatch):
    monkeypatch.setattr(push, "_MANY", 1)
    monkeypatch.setattr(push, "_AT_ONCE", 7)
    rng = np.random.default_rng(5)
    once, parts = RingStore(30, cap=8), RingStore(30, cap=8)
    for store in (once, parts):
        store.create(np.arange(25, dtype=np.int32))
    for turn in range(40):
        owner = np.sort(rng.integers(0, 30, 60)).astype(np.int32)
        row = rng.integers(turn, turn + 20, 60).astype(np.int32)
        expected = once.push(owner, row)
        other, pushed = push.push_beside(lambda: "pages", parts, owner, row)
        assert other == "pages"
        assert (pushed.inserted == expected.inserted).all()
        assert pushed.trims == expected.trims
    everybody = np.arange(30, dtype=np.int32)
    assert once.entries(everybody).values.tolist() == parts.entries(everybody).values.tolist()
