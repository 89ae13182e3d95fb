"""What only the ring has: two paths, compaction, batches as large as the engine makes them."""

import numpy as np
import pytest

from engine.domain import NO_LIST, NO_ROW
from engine.timelines.ring import RingStore
from tests.contracts.timeline_model import ModelStore, ids, ragged


@pytest.fixture
def ring() -> RingStore:
    ring = RingStore(users=3, cap=4)
    ring.create(ids(0, 1, 2))
    return ring


def test_rows_in_order_above_the_tail_are_appended_blind(ring):
    ring.push(ids(0, 1, 0, 2, 0), ids(3, 3, 5, 1, 9))
    ring.push(ids(0, 1), ids(10, 4))
    assert (ring.appended, ring.merged) == (7, 0)


@pytest.mark.parametrize("rows", [(5,), (4,), (6, 6), (7, 6)])
def test_anything_else_is_merged_and_only_for_the_owner_concerned(ring, rows):
    ring.push(ids(0, 1), ids(5, 5))
    ring.push(ids(*[1] * len(rows), 0), ids(*rows, 6))
    assert (ring.appended, ring.merged) == (3, len(rows))


def test_a_removed_tail_may_be_appended_again(ring):
    ring.push(ids(1, 1), ids(3, 5))
    ring.remove(ids(1, 1), ids(3, 5))
    ring.push(ids(1), ids(1))
    assert ring.merged == 0
    assert ring.entries(ids(1)).values.tolist() == [1]


def test_a_new_list_is_appended_to_whatever_the_old_one_held(ring):
    ring.push(ids(1, 2), ids(9, 9))
    ring.create(ids(1))
    ring.begin_rebuild(ids(2), 4)
    ring.push(ids(1, 2), ids(5, 5))
    assert ring.merged == 0


def test_a_list_emptied_by_its_horizon_is_appended_to(ring):
    ring.push(ids(1), ids(3))
    ring.merge(1, ids(), 9)
    ring.push(ids(1), ids(9))
    assert ring.merged == 0
    page = ring.read(ids(1), 2, ids(NO_LIST))
    assert (page.rows.tolist(), page.floors.tolist()) == ([[9, NO_ROW]], [9])


def test_what_was_read_does_not_change_when_the_lists_do(ring):
    ring.push(ids(1, 1), ids(1, 2))
    page, lists, horizons = ring.read(ids(1), 2, ids(NO_LIST)), ring.entries(ids(1)), ring.horizons(ids(1))
    ring.push(ids(1, 1, 1), ids(3, 4, 5))
    assert (page.rows.tolist(), lists.values.tolist(), horizons.tolist()) == ([[2, 1]], [1, 2], [0])


@pytest.mark.parametrize(("cap", "slack"), [(1, None), (5, 1), (30, 7), (300, None)])
def test_large_batches_of_every_kind_agree_with_the_model(cap, slack):
    """Thousands of pairs a push: mostly in order, some late, some redelivered; then reads at every depth."""
    users, rng = 40, np.random.default_rng(cap)
    ring, model = RingStore(users, cap, slack), ModelStore(users, cap)
    everybody = np.arange(users, dtype=np.int32)
    ring.create(everybody)
    model.reset(list(range(users)), 0)
    for turn in range(30):
        size = int(rng.integers(1, 2_000))
        owners = rng.integers(0, users, size).astype(np.int32)
        rows = np.sort(100 * turn + rng.integers(0, 120, size)).astype(np.int32)
        late = rng.random(size) < rng.choice([0, 0.02, 0.9])
        rows[late] = rng.integers(0, 100 * turn + 120, int(late.sum()))
        got = ring.push(owners, rows)
        inserted, trims = model.push(list(zip(owners.tolist(), rows.tolist(), strict=True)))
        assert got.inserted.tolist() == inserted
        assert got.trims == trims
        ring.remove(owners[::7], rows[::7])
        model.remove(list(zip(owners[::7].tolist(), rows[::7].tolist(), strict=True)))
        assert ring.entries(everybody).values.tolist() == [row for rows in model.lists for row in rows]
        assert ring.horizons(everybody).tolist() == model.horizons
        before = rng.integers(0, 3_200, users).astype(np.int32)
        page = ring.read(everybody, 25, before)
        expected = [model.read(user, 25, int(cursor)) for user, cursor in enumerate(before)]
        assert list(zip(page.rows.tolist(), page.floors.tolist(), strict=True)) == expected
    assert min(ring.appended, ring.merged) > 500


def test_load_works_in_blocks(monkeypatch):
    monkeypatch.setattr("engine.timelines.ring._LOAD_BLOCK", 2)
    ring = RingStore(users=5, cap=2)
    ring.load(ragged([[1], [2, 3, 4], [], [5, 6], [7]]), ids(0, 0, NO_LIST, 6, 0))
    assert ring.entries(np.arange(5, dtype=np.int32)).values.tolist() == [1, 3, 4, 6, 7]
    assert ring.horizons(np.arange(5, dtype=np.int32)).tolist() == [0, 3, NO_LIST, 6, 0]


def test_adopted_lists_are_loaded_lists_and_stay_so_when_they_outgrow_their_room():
    rng, users, cap = np.random.default_rng(4), 40, 90
    everybody = np.arange(users, dtype=np.int32)
    lists = [np.unique(rng.integers(0, 500, rng.integers(0, cap + 1))).tolist() for _ in range(users)]
    floors = np.array([rows[0] if len(rows) == cap else 0 for rows in lists], np.int32)
    holds = rng.random(users) < 0.8
    loaded, adopting = RingStore(users, cap), RingStore(users, cap)
    loaded.load(ragged(lists), np.where(holds, floors, NO_LIST).astype(np.int32))
    adopting.adopt(adopting.arrays(ragged(lists), floors), holds)
    for turn in range(60):
        owners = rng.integers(0, users, 120).astype(np.int32)
        rows = (500 + 40 * turn + rng.integers(-60, 40, 120)).astype(np.int32)
        assert adopting.push(owners, rows)[1] == loaded.push(owners, rows)[1]
        adopting.remove(owners[:9], rows[:9])
        loaded.remove(owners[:9], rows[:9])
        before = rng.integers(0, 3_000, users).astype(np.int32)
        for ours, theirs in zip(adopting.read(everybody, 25, before), loaded.read(everybody, 25, before), strict=True):
            assert ours.tolist() == theirs.tolist()
    assert adopting.entries(everybody).values.tolist() == loaded.entries(everybody).values.tolist()
    assert adopting.horizons(everybody).tolist() == loaded.horizons(everybody).tolist()
    room = (adopting._limit - adopting._base)[holds]
    assert (room == adopting._width).any(), "some list has been moved to a whole stretch"
