"""What engine/timelines/port.py promises, asked of every backend: one test for each promise."""

import numpy as np
import pytest

from engine.domain import NO_LIST, NO_ROW
from engine.timelines import TimelineStore
from tests.contracts.conftest import MakeStore
from tests.contracts.timeline_model import ids, ragged

U = 1
"""The user most tests look at; 0 and 2 are neighbours that must not notice."""


def push(store: TimelineStore, *rows: int, user: int = U) -> tuple[list[bool], int]:
    result = store.push(np.full(len(rows), user, dtype=np.int32), ids(*rows))
    return result.inserted.tolist(), result.trims


def held(store: TimelineStore, user: int = U) -> list[int]:
    return store.entries(ids(user)).values.tolist()


def horizon(store: TimelineStore, user: int = U) -> int:
    return int(store.horizons(ids(user))[0])


def page(store: TimelineStore, limit: int, before: int = NO_LIST) -> tuple[list[int], int]:
    got = store.read(ids(U), limit, ids(before))
    return got.rows[0].tolist(), int(got.floors[0])


@pytest.fixture
def bare(make: MakeStore) -> TimelineStore:
    """Three users without lists, cap 4."""
    return make(3, 4)


@pytest.fixture
def store(bare: TimelineStore) -> TimelineStore:
    """Three users with empty, complete lists, cap 4."""
    bare.create(ids(0, 1, 2))
    return bare


# --- push ------------------------------------------------------------------------------------------------------------


def test_at_first_nobody_has_a_list(bare):
    assert bare.horizons(ids(0, 1, 2)).tolist() == [NO_LIST] * 3
    assert bare.sizes(ids(0, 1, 2)).tolist() == [0] * 3
    assert (bare.users, bare.cap) == (3, 4)


def test_a_push_gives_each_owner_their_rows_and_nobody_else(store):
    result = store.push(ids(2, 0, 2), ids(5, 6, 7))
    assert (result.inserted.tolist(), result.trims) == ([True] * 3, 0)
    assert [held(store, user) for user in (0, 1, 2)] == [[6], [], [5, 7]]


def test_pushing_twice_is_pushing_once(store):
    push(store, 5, 6)
    assert push(store, 5, 6) == ([False, False], 0)
    assert held(store) == [5, 6]


def test_a_row_twice_in_one_push_is_inserted_at_its_first_turn(store):
    assert push(store, 5, 5, 6, 5) == ([True, False, True, False], 0)
    assert held(store) == [5, 6]


def test_order_is_by_row_and_not_by_arrival(store):
    push(store, 105)
    push(store, 101)
    push(store, 103)
    assert page(store, 3) == ([105, 103, 101], 0)


def test_above_the_cap_the_lowest_row_goes(store):
    assert push(store, 1, 2, 3, 4) == ([True] * 4, 0)
    assert push(store, 9) == ([True], 1)
    assert held(store) == [2, 3, 4, 9]


def test_a_trim_raises_the_horizon_to_the_lowest_row_kept(store):
    push(store, 1, 2, 5, 6)
    assert horizon(store) == 0
    push(store, 7)
    assert horizon(store) == 2
    push(store, 8)
    assert horizon(store) == 5


def test_a_redelivered_row_that_was_trimmed_does_not_come_back(store):
    push(store, 1, 2, 3, 4, 5)
    store.remove(ids(U), ids(5))  # there would be room for it
    assert push(store, 1) == ([False], 0)
    assert held(store) == [2, 3, 4]


def test_a_late_row_in_a_full_list_is_refused_and_raises_the_horizon(store):
    push(store, 3, 4, 5, 6)
    assert push(store, 1) == ([False], 0)
    assert (held(store), horizon(store)) == ([3, 4, 5, 6], 3)


def test_a_late_row_between_others_pushes_out_the_lowest(store):
    push(store, 3, 4, 6, 7)
    assert push(store, 5) == ([True], 1)
    assert (held(store), horizon(store)) == ([4, 5, 6, 7], 4)


def test_a_row_below_the_horizon_is_not_inserted(store):
    store.begin_rebuild(ids(U), 10)
    assert push(store, 9, 10, 11) == ([False, True, True], 0)
    assert held(store) == [10, 11]


def test_a_push_to_a_user_without_a_list_does_nothing_and_makes_no_list(bare):
    bare.create(ids(0))
    result = bare.push(ids(1, 0), ids(5, 5))
    assert (result.inserted.tolist(), result.trims) == ([False, True], 0)
    assert (horizon(bare), held(bare)) == (NO_LIST, [])


def test_a_row_inserted_and_trimmed_in_one_push_counts_as_both(store):
    assert push(store, 1, 2, 3, 4, 5, 6) == ([True] * 6, 2)
    assert held(store) == [3, 4, 5, 6]


@pytest.mark.parametrize("cut", range(8))
def test_a_batch_may_be_cut_anywhere(make, cut):
    rows = [7, 5, 9, 4, 8, 3, 6, 9]  # in this order 4 is trimmed by 8; then 3 and 5 come too late
    store = make(3, 4)
    store.create(ids(U))
    one, two = push(store, *rows[:cut]), push(store, *rows[cut:])
    assert one[0] + two[0] == [True, True, True, True, True, False, True, False]
    assert one[1] + two[1] == 2
    assert (held(store), horizon(store)) == ([6, 7, 8, 9], 6)


def test_a_batch_may_be_far_longer_than_the_cap(store):
    rows = list(range(500))
    assert push(store, *rows) == ([True] * 500, 496)
    assert push(store, *rows[::-1]) == ([False] * 500, 0)
    assert (held(store), horizon(store)) == ([496, 497, 498, 499], 496)


def test_an_empty_batch_is_a_batch(store):
    assert push(store) == ([], 0)
    assert store.contains(ids(), ids()).tolist() == []
    assert store.horizons(ids()).tolist() == []
    assert store.sizes(ids()).tolist() == []
    assert store.entries(ids()).offsets.tolist() == [0]
    assert store.read(ids(), 3, ids()).rows.shape == (0, 3)
    store.remove(ids(), ids())


def test_the_largest_row_is_a_row(store):
    top = NO_LIST - 1
    push(store, top, top - 1)
    assert page(store, 2) == ([top, top - 1], 0)
    assert page(store, 2, before=top) == ([top - 1, NO_ROW], 0)


# --- read ------------------------------------------------------------------------------------------------------------


def test_a_page_is_the_newest_entries_newest_first(store):
    push(store, 1, 2, 3, 4)
    assert page(store, 2)[0] == [4, 3]


def test_a_short_page_is_padded(store):
    push(store, 3)
    assert page(store, 3)[0] == [3, NO_ROW, NO_ROW]
    assert page(store, 1_000)[0] == [3] + [NO_ROW] * 999


def test_when_more_remain_the_floor_is_the_lowest_row_returned(store):
    push(store, 1, 2, 3, 4)
    assert page(store, 3) == ([4, 3, 2], 2)


def test_when_none_remain_the_floor_is_the_horizon(store):
    push(store, 1, 3, 4, 5)
    assert page(store, 4) == ([5, 4, 3, 1], 0)
    push(store, 7)
    assert page(store, 4) == ([7, 5, 4, 3], 3)
    store.remove(ids(U), ids(3))
    assert page(store, 4) == ([7, 5, 4, NO_ROW], 3)


def test_the_cursor_is_exclusive_and_need_not_be_held(store):
    push(store, 1, 3, 5, 7)
    assert page(store, 2, before=5) == ([3, 1], 0)
    assert page(store, 1, before=6) == ([5], 5)
    assert page(store, 2, before=1) == ([NO_ROW, NO_ROW], 0)
    assert page(store, 2, before=0) == ([NO_ROW, NO_ROW], 0)


def test_without_a_list_a_page_is_empty_and_its_floor_says_so(bare):
    assert page(bare, 2) == ([NO_ROW, NO_ROW], NO_LIST)


def test_one_read_serves_many_owners_each_from_their_own_cursor(store):
    push(store, 1, 2, 3, user=0)
    push(store, 4, 5, user=2)
    got = store.read(ids(2, 0, 1, 0), 2, ids(NO_LIST, 3, NO_LIST, NO_LIST))
    assert got.rows.tolist() == [[5, 4], [2, 1], [NO_ROW, NO_ROW], [3, 2]]
    assert got.floors.tolist() == [0, 0, 0, 2]
    assert (got.rows.dtype, got.floors.dtype) == (np.int32, np.int32)


# --- asking ----------------------------------------------------------------------------------------------------------


def test_contains_answers_pair_by_pair(store):
    push(store, 3, 5)
    push(store, 4, user=0)
    assert store.contains(ids(1, 1, 1, 0, 0, 2, 1), ids(3, 4, 5, 4, 3, 4, 6)).tolist() == [
        *(True, False, True, True, False, False, False)
    ]


def test_sizes_and_entries_answer_in_the_order_asked(store):
    push(store, 5, 3)
    push(store, 9, user=2)
    assert store.sizes(ids(2, 0, 1)).tolist() == [1, 0, 2]
    lists = store.entries(ids(2, 0, 1))
    assert (lists.values.tolist(), lists.offsets.tolist()) == ([9, 3, 5], [0, 1, 1, 3])


# --- create, drop, remove --------------------------------------------------------------------------------------------


def test_create_gives_an_empty_and_complete_list_whatever_was_there(store):
    push(store, 1, 2, 3, 4, 5)
    store.create(ids(U))
    assert (horizon(store), held(store)) == (0, [])
    assert push(store, 1) == ([True], 0)


def test_drop_takes_list_and_horizon(store):
    push(store, 5)
    store.drop(ids(U))
    store.drop(ids(U))
    assert (horizon(store), held(store), page(store, 1)) == (NO_LIST, [], ([NO_ROW], NO_LIST))
    assert push(store, 6) == ([False], 0)
    assert horizon(store, 0) == 0


def test_remove_takes_exactly_these_pairs_and_leaves_the_horizon(store):
    push(store, 1, 2, 3, 4, 5)
    push(store, 3, user=0)
    store.remove(ids(1, 1, 1, 2), ids(3, 5, 77, 3))
    assert (held(store), horizon(store)) == ([2, 4], 2)
    assert held(store, 0) == [3]
    assert push(store, 3) == ([True], 0)


def test_an_emptied_list_is_still_a_list(store):
    push(store, 1, 2, 3, 4, 5)
    store.remove(ids(1, 1, 1, 1), ids(2, 3, 4, 5))
    assert (held(store), horizon(store)) == ([], 2)
    assert push(store, 1, 2) == ([False, True], 0)


# --- merge -----------------------------------------------------------------------------------------------------------


def test_merge_takes_rows_from_the_horizon_up_in_any_order(store):
    store.begin_rebuild(ids(U), 3)
    push(store, 5)
    store.merge(U, ids(9, 2, 3, 5, 9), 0)
    assert (held(store), horizon(store)) == ([3, 5, 9], 3)


def test_merge_trims_and_raises_the_horizon_as_a_push_does(store):
    push(store, 10, 11, 12)
    store.merge(U, ids(1, 2, 3), 0)
    assert (held(store), horizon(store)) == ([3, 10, 11, 12], 3)


def test_merge_raises_the_horizon_to_a_higher_floor_and_entries_below_go(store):
    push(store, 1, 5)
    store.merge(U, ids(3, 7), 3)
    assert (held(store), horizon(store)) == ([3, 5, 7], 3)
    store.merge(U, ids(4), 2)
    assert (held(store), horizon(store)) == ([3, 4, 5, 7], 3)


def test_merge_gives_no_list_to_a_user_without_one(bare):
    bare.merge(U, ids(3, 7), 3)
    assert (held(bare), horizon(bare)) == ([], NO_LIST)


# --- rebuild ---------------------------------------------------------------------------------------------------------


def test_a_push_that_lands_during_a_rebuild_stays(bare):
    bare.begin_rebuild(ids(U), 10)
    assert (held(bare), horizon(bare)) == ([], 10)
    push(bare, 11)
    assert bare.commit_rebuild(U, ids(2, 6), 1, 10)
    assert (held(bare), horizon(bare)) == ([2, 6, 11], 1)


def test_begin_rebuild_empties_what_was_there(store):
    push(store, 1, 2)
    store.begin_rebuild(ids(U, 2), 10)
    assert (held(store), horizon(store), horizon(store, 2), horizon(store, 0)) == ([], 10, 10, 0)


def test_a_commit_leaves_out_rows_below_its_floor(bare):
    bare.begin_rebuild(ids(U), 10)
    assert bare.commit_rebuild(U, ids(1, 4, 6), 4, 10)
    assert (held(bare), horizon(bare)) == ([4, 6], 4)


def test_a_commit_trims(bare):
    bare.begin_rebuild(ids(U), 10)
    push(bare, 10, 11)
    assert bare.commit_rebuild(U, ids(1, 2, 3), 0, 10)
    assert (held(bare), horizon(bare)) == ([2, 3, 10, 11], 2)


@pytest.mark.parametrize("how", ["trim", "merge", "drop", "another rebuild"])
def test_a_commit_is_refused_when_the_horizon_has_moved(bare, how):
    bare.begin_rebuild(ids(U), 10)
    match how:
        case "trim":
            push(bare, 10, 11, 12, 13, 14)
        case "merge":
            bare.merge(U, ids(12), 12)
        case "drop":
            bare.drop(ids(U))
        case _:
            bare.begin_rebuild(ids(U), 20)
    assert not bare.commit_rebuild(U, ids(1, 2), 0, 10)
    assert (held(bare), horizon(bare)) == ([], NO_LIST)


def test_an_empty_rebuild_is_a_list(bare):
    bare.begin_rebuild(ids(U), 10)
    assert bare.commit_rebuild(U, ids(), 0, 10)
    assert (held(bare), horizon(bare)) == ([], 0)


# --- load and clear --------------------------------------------------------------------------------------------------


def test_load_replaces_everything(store):
    push(store, 8, 9)
    store.load(ragged([[1, 5], [], [3]]), ids(0, NO_LIST, 2))
    assert [held(store, user) for user in (0, 1, 2)] == [[1, 5], [], [3]]
    assert store.horizons(ids(0, 1, 2)).tolist() == [0, NO_LIST, 2]
    push(store, 4, 6, user=0)
    assert held(store, 0) == [1, 4, 5, 6]


def test_load_trims_and_leaves_out_rows_below_a_floor(store):
    store.load(ragged([[1, 2, 3, 4, 5, 6], [1, 2, 3], [1, 2]]), ids(0, 2, NO_LIST))
    assert [held(store, user) for user in (0, 1, 2)] == [[3, 4, 5, 6], [2, 3], []]
    assert store.horizons(ids(0, 1, 2)).tolist() == [3, 2, NO_LIST]


def test_after_clear_nobody_has_a_list(store):
    push(store, 1, 2)
    store.clear()
    assert store.horizons(ids(0, 1, 2)).tolist() == [NO_LIST] * 3
    assert held(store) == []
    store.create(ids(U))
    assert held(store) == []


# --- looking ---------------------------------------------------------------------------------------------------------


def test_the_keys_are_of_those_who_have_a_list_and_in_their_order(make):
    store = make(12, 4)
    store.create(ids(11, 2, 3, 10))
    assert store.keys() == [store.key(user) for user in (2, 3, 10, 11)]
    assert store.keys(limit=2) == [store.key(2), store.key(3)]
    ones = [store.key(user) for user in (10, 11) if store.key(user).startswith(store.key(1))]  # all, but for shards
    assert store.keys(prefix=store.key(1)) == ones
    assert store.keys(prefix=store.key(2)) == [store.key(2)]
    assert store.keys(prefix="nobody's") == []
    assert store.count() == 4


def test_a_dropped_list_has_no_key(store):
    store.drop(ids(1))
    assert store.keys() == [store.key(0), store.key(2)]
    assert store.count() == 2
    store.clear()
    assert (store.keys(), store.count()) == ([], 0)


def test_a_stored_list_is_shown_newest_first_as_it_lies_there(store):
    push(store, 1, 3, 4, 5, 7)
    seen = store.stored(U)
    assert (seen.key, seen.size, seen.horizon, seen.rows) == (store.key(U), 4, 3, [7, 5, 4, 3])
    assert all(str(row) in line for row, line in zip(seen.rows, seen.raw, strict=False))
    assert seen.bytes >= 4 * 4
    assert seen.bytes_are in ("measured", "computed")
    assert held(store) == [3, 4, 5, 7]


def test_after_many_pushes_what_is_shown_is_still_the_list(store):
    push(store, *range(60))
    store.remove(ids(U), ids(58))
    assert store.stored(U).rows == held(store)[::-1] == [59, 57, 56]
    assert [line for line in store.stored(U).raw if "58" in line.split()] == []


def test_an_empty_list_is_shown_as_a_list_and_none_as_none(store):
    store.begin_rebuild(ids(U), 9)
    empty = store.stored(U)
    assert (empty.size, empty.horizon, empty.rows) == (0, 9, [])
    assert empty.type != "none"
    store.drop(ids(U))
    none = store.stored(U)
    assert none == (store.key(U), "none", 0, NO_LIST, [], [], 0, "computed")


def test_a_glance_agrees_with_the_horizons_that_were_asked_for(store):
    store.begin_rebuild(ids(0), 9)
    store.drop(ids(2))
    push(store, 1, 2, 3, 4, 5)
    store.horizons(ids(0, 1, 2))
    assert store.glance(ids(2, 0, 1)).tolist() == [NO_LIST, 9, 2]
    store.commit_rebuild(0, ids(1), 1, 9)
    assert store.glance(ids(0)).tolist() == [1]
    store.merge(0, ids(5, 6), 5)
    assert store.glance(ids(0)).tolist() == [5]
    store.load(ragged([[1], [2], [3]]), ids(1, NO_LIST, 0))
    assert store.glance(ids(0, 1, 2)).tolist() == [1, NO_LIST, 0]
