"""Pending against a sorted list."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.queueing.pending import Pending

MS = 1_000_000
INSTANTS = st.sampled_from([-60 * MS, 0, 1, 24 * MS, 25 * MS - 1, 25 * MS, 25 * MS + 1, 60 * MS, 10**12, 2**61])
ROWS = st.lists(st.tuples(INSTANTS, st.integers(-2, 2)), max_size=25)
STEPS = st.lists(st.one_of(ROWS, INSTANTS, st.just("peek")), max_size=25)


def push(pending, rows, first):
    due, key = np.array(rows, np.int64).reshape(-1, 2).T
    number = np.arange(first, first + len(rows))
    pending.push(due, key, number=number, odd=number % 2 == 1)


def as_rows(columns):
    assert columns["odd"].dtype == np.bool_
    assert (columns["odd"] == (columns["number"] % 2 == 1)).all()
    return list(zip(*(columns[name].tolist() for name in ("due_ns", "key", "number")), strict=True))


@given(STEPS)
def test_rows_come_out_as_from_a_sorted_list(steps):
    pending, waiting, pushed = Pending(number=np.int32, odd=np.bool_), [], 0
    for step in [*steps, 2**62]:
        if step == "peek":
            assert sorted(as_rows(pending.peek())) == sorted(waiting)
        elif isinstance(step, list):
            push(pending, step, pushed)
            waiting += [(due, key, pushed + i) for i, (due, key) in enumerate(step)]
            pushed += len(step)
        else:
            assert as_rows(pending.take_before(step)) == sorted(row for row in waiting if row[0] < step)
            waiting = [row for row in waiting if row[0] >= step]
        assert len(pending) == len(waiting)


@given(STEPS)
def test_unordered_they_are_the_same_rows_and_equal_ones_in_their_order(steps):
    sorted_, unordered, pushed = Pending(number=np.int32, odd=np.bool_), Pending(number=np.int32, odd=np.bool_), 0
    for step in [*steps, 2**62]:
        if isinstance(step, list):
            for pending in (sorted_, unordered):
                push(pending, step, pushed)
            pushed += len(step)
        elif step != "peek":
            taken = as_rows(unordered.take_unordered(step))
            assert sorted(taken, key=lambda row: row[:2]) == as_rows(sorted_.take_before(step))  # a stable sort
        assert len(unordered) == len(sorted_)


@pytest.mark.parametrize("tick_ns", [MS, 7 * MS, 50 * MS, 100 * MS, 3_000 * MS])
def test_many_rows_come_out_the_same_at_any_tick(tick_ns):
    rng = np.random.default_rng(3)
    born, key = np.sort(rng.integers(0, 2_000, 20_000)) * MS, rng.permutation(20_000)
    due = born + rng.integers(0, 300, 20_000) * MS
    pending, taken = Pending(number=np.int32), []
    for now in range(0, 2_400 * MS, tick_ns):
        fresh = np.flatnonzero((born >= now) & (born < now + tick_ns))
        pending.push(due[fresh], key[fresh], number=fresh)
        taken.append(pending.take_before(now + tick_ns)["number"])
    assert np.concatenate(taken).tolist() == np.lexsort((key, due)).tolist()


def test_columns_keep_their_types_and_only_what_was_declared():
    pending = Pending(lane=np.int8)
    for columns in (pending.take_before(0), pending.peek()):
        assert {name: c.dtype for name, c in columns.items()} == {"due_ns": np.int64, "key": np.int64, "lane": np.int8}
        assert all(len(c) == 0 for c in columns.values())
    pending.push(np.array([5]), np.array([1]), lane=np.array([1], np.int64))
    assert pending.take_before(6)["lane"].dtype == np.int8


def test_what_was_pushed_and_what_was_peeked_may_be_overwritten():
    pending, due = Pending(), np.array([5, 6])
    pending.push(due, due)
    due[:] = 0
    pending.peek()["key"][:] = 9
    pending.take_before(6)["key"][:] = 9
    pending.peek()["key"][:] = 9
    assert pending.take_before(7)["key"].tolist() == [6]


def test_a_tick_costs_the_same_with_a_million_waiting():
    def fastest_tick_s(backlog):
        rng = np.random.default_rng(4)
        pending, best = Pending(), 1.0
        pending.push(rng.integers(10**15, 10**15 + 10**11, backlog), np.arange(backlog))
        pending.take_before(0)
        for now in range(0, 5_000 * MS, 50 * MS):
            began = time.perf_counter()
            pending.push(now + rng.integers(0, 150 * MS, 250), np.arange(250))
            pending.take_before(now + 50 * MS)
            best = min(best, time.perf_counter() - began)
        return best

    assert fastest_tick_s(1_000_000) < 5 * fastest_tick_s(0)


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 9)), max_size=30), st.integers(0, 120))
def test_what_is_extracted_is_gone_and_the_rest_comes_as_ever(rows, taken_before):
    pending, ms = Pending(owner=np.int32), 10**6
    due, owner = (np.array(column, np.int64) for column in zip(*rows, strict=True)) if rows else (np.zeros(0, int),) * 2
    pending.push(due * ms, np.arange(len(due)), owner=owner)
    pending.take_before(taken_before * ms)
    left = [(d, i) for i, (d, _) in enumerate(rows) if d >= taken_before]
    got = pending.extract(lambda waiting: waiting["owner"] % 3 == 0)
    assert sorted(got["key"].tolist()) == sorted(i for _, i in left if rows[i][1] % 3 == 0)
    kept = sorted((d, i) for d, i in left if rows[i][1] % 3)
    assert len(pending) == len(kept)
    assert pending.take_before(200 * ms)["key"].tolist() == [i for _, i in kept]
    assert len(pending) == 0
