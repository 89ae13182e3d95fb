"""The post cache against the plainest cache there is, hit by hit."""

from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.caches.post_cache import PostCache
from engine.domain import I32


class PlainCache:
    """First in, first out, one post at a time."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.held: OrderedDict[int, None] = OrderedDict()

    def ask(self, row: int) -> bool:
        hit = row in self.held
        if not hit:
            self.held[row] = None
            self.shrink()
        return hit

    def shrink(self) -> None:
        while len(self.held) > self.capacity:
            self.held.popitem(last=False)


def ids(*values: int) -> I32:
    return np.array(values, dtype=np.int32)


def ask(cache: PostCache, *rows: int) -> list[bool]:
    return cache.request(ids(*rows)).tolist()


def test_a_miss_puts_the_post_in_so_that_the_next_request_hits():
    cache = PostCache(10)
    assert ask(cache, 5, 5, 6, 5) == [False, True, False, True]
    assert ask(cache, 6, 7) == [True, False]


def test_a_post_written_at_acceptance_hits_at_its_first_request():
    cache = PostCache(10)
    cache.insert(ids(1, 2))
    assert ask(cache, 2, 1) == [True, True]


def test_the_oldest_insertion_goes_first_however_often_it_was_asked_for():
    cache = PostCache(2)
    assert ask(cache, 1, 2, 1, 1, 3) == [False, False, True, True, False]
    assert ask(cache, 2, 1) == [True, False]


def test_inserting_a_held_post_does_not_move_it():
    cache = PostCache(2)
    cache.insert(ids(1, 2, 1, 3))
    assert ask(cache, 2) == [True]
    assert ask(cache, 1) == [False]


def test_a_request_late_in_a_batch_misses_what_the_batch_itself_put_out():
    cache = PostCache(3)
    cache.insert(ids(1, 2, 3))
    assert ask(cache, 1, 4, 1, 2, 5, 2) == [True, False, False, False, False, True]


def test_play_mixes_insertions_and_requests_in_time_order():
    cache = PostCache(2)
    hits = cache.play(ids(1, 1, 2, 3, 1, 3), np.array([True, False, True, True, False, False]))
    assert hits.tolist() == [False, True, False, False, False, True]


def test_an_insertion_is_never_a_hit():
    cache = PostCache(2)
    assert cache.play(ids(1, 1), np.array([True, True])).tolist() == [False, False]


def test_size_counts_the_posts_held():
    cache = PostCache(3)
    assert cache.size == 0
    ask(cache, 1, 2, 1)
    assert cache.size == 2
    ask(cache, 3, 4, 5)
    assert cache.size == 3


def test_after_clear_everything_misses_once():
    cache = PostCache(3)
    ask(cache, 1, 2)
    cache.clear()
    assert cache.size == 0
    assert ask(cache, 1, 2, 1) == [False, False, True]


def test_a_smaller_capacity_keeps_the_latest_and_growing_brings_nothing_back():
    cache = PostCache(4)
    ask(cache, 1, 2, 3, 4)
    cache.resize(2)
    assert (cache.size, cache.capacity) == (2, 2)
    cache.resize(5)
    assert cache.size == 2
    assert ask(cache, 3, 4, 1, 2, 5, 3) == [True, True, False, False, False, True]


def test_rows_may_be_far_apart():
    cache = PostCache(2)
    assert ask(cache, 5_000_000, 3, 5_000_000) == [False, False, True]


def test_an_empty_batch_is_a_batch():
    assert ask(PostCache(2)) == []


rows = st.integers(0, 12)
steps = st.one_of(
    st.tuples(st.just("play"), st.lists(st.tuples(rows, st.booleans()), max_size=25)),
    st.tuples(st.just("play"), st.lists(st.tuples(rows, st.booleans()), max_size=3)),
    st.tuples(st.just("clear"), st.none()),
    st.tuples(st.just("resize"), st.integers(1, 12)),
)


@settings(max_examples=500, deadline=None)
@example(capacity=3, history=[("play", [(1, True), (2, True), (3, True)]), ("play", [(4, True), (1, False)])])
@example(capacity=2, history=[("play", [(1, True), (2, True)]), ("play", [(3, False), (4, False), (3, False)])])
@example(capacity=1, history=[("play", [(1, False), (1, False), (2, False), (1, False)])])
@example(capacity=9, history=[("play", [(1, True), (2, True)]), ("resize", 1), ("resize", 9), ("play", [(1, False)])])
@given(capacity=st.integers(1, 12), history=st.lists(steps, max_size=12))
def test_hit_by_hit_it_is_the_plain_cache(capacity, history):
    cache, plain = PostCache(capacity), PlainCache(capacity)
    for name, arg in history:
        match name:
            case "play":
                expected = [plain.ask(row) and not is_insert for row, is_insert in arg]
                is_insert = np.array([flag for _, flag in arg], dtype=np.bool_)
                assert cache.play(ids(*(row for row, _ in arg)), is_insert).tolist() == expected
            case "clear":
                cache.clear()
                plain.held.clear()
            case "resize":
                cache.resize(arg)
                plain.capacity = arg
                plain.shrink()
        assert cache.size == len(plain.held)


@settings(max_examples=300, deadline=None)
@example(capacity=10, asked=[(11, 4), (1, 4), (2, 4), (3, 4), (9, 1)])
@given(
    capacity=st.integers(5, 30),
    asked=st.lists(st.tuples(st.integers(1, 34), st.integers(1, 8)), min_size=5, max_size=20),
)
def test_a_few_rows_asked_for_again_and_again_chase_each_other_out(capacity, asked):
    """More requests than it has room for, of fewer rows: each row put out may put out the next, to the very last."""
    cache, plain = PostCache(capacity), PlainCache(capacity)
    held = list(range(1, capacity + 1))
    batch = [row for row, times in asked for _ in range(times)]
    for rows_asked in (held, batch, batch):
        assert ask(cache, *rows_asked) == [plain.ask(row) for row in rows_asked]


@pytest.mark.parametrize("capacity", [1, 2, 50, 400, 1_900, 100_000])
@pytest.mark.parametrize("batch", [1, 7, 400, 5_000])
def test_the_size_of_the_batches_changes_no_hit(capacity, batch):
    """Requests of a drifting hot set, as a home page makes them: all the ways to decide a row are taken."""
    rng = np.random.default_rng(capacity)
    asked = (np.arange(20_000) // 10 - rng.geometric(0.005, 20_000)).clip(0).astype(np.int32)
    cache, plain = PostCache(capacity), PlainCache(capacity)
    hits = np.concatenate([cache.request(asked[at : at + batch]) for at in range(0, len(asked), batch)])
    assert hits.tolist() == [plain.ask(row) for row in asked.tolist()]


@given(
    st.integers(1, 8),
    st.lists(st.integers(0, 20), max_size=40),
    st.integers(0, 6),
    st.lists(st.integers(0, 30), max_size=6),
    st.booleans(),
)
def test_what_it_cannot_lack_hits_after_so_many_insertions(capacity, before, insertions, meanwhile, cleared):
    cache = PostCache(capacity)
    cache.request(ids(*before))
    if cleared:
        cache.clear()
    everything = np.arange(31, dtype=np.int32)
    certain = everything[~cache.may_lack(everything, insertions)]
    held = len(cache._number)
    cache.insert(ids(*meanwhile[:insertions]))
    assert len(certain) <= max(0, capacity - insertions), "no more than stay whatever comes"
    assert cache.request(certain).all()
    assert (certain < held).all()


def test_what_it_holds_is_not_doubted_for_nothing():
    cache = PostCache(4)
    cache.insert(ids(1, 2, 3, 4))
    assert cache.may_lack(ids(1, 2, 3, 4, 5, 5_000), 0).tolist() == [False, False, False, False, True, True]
    assert cache.may_lack(ids(1, 2, 3, 4), 2).tolist() == [True, True, False, False]


@given(
    capacity=st.integers(1, 6),
    held=st.lists(st.integers(0, 9), max_size=12),
    steps=st.lists(st.one_of(st.integers(0, 12), st.just("new")), max_size=30),
    cut=st.integers(0, 30),
)
@example(capacity=2, held=[0, 1], steps=[0, 10, "new", 0, 1, "new", 1, 10, 11], cut=3)
def test_who_only_looks_puts_nothing_in(capacity, held, steps, cut):
    """As while the database is not asked: what is missed is not there the next time either."""
    cache, plain = PostCache(capacity), PlainCache(capacity)
    cache.request(ids(*held))
    for row in held:
        plain.ask(row)
    sequence, expected, new = [], [], 9
    for step in steps:
        if step == "new":
            new += 1
            plain.ask(new)
            expected.append(False)
        else:
            expected.append(step in plain.held)
        sequence.append((new if step == "new" else step, step == "new"))
    found = []
    for part in (sequence[:cut], sequence[cut:]):
        rows, is_insert = ids(*(row for row, _ in part)), np.array([new for _, new in part], np.bool_)
        found += cache.look(rows, is_insert).tolist()
    assert found == expected
    rows = ids(*range(new + 1))
    assert cache.look(rows, np.zeros(len(rows), np.bool_)).tolist() == [row in plain.held for row in rows.tolist()]


def test_a_cache_that_is_down_has_nothing_and_takes_nothing():
    cache = PostCache(10)
    cache.insert(ids(1, 2))
    cache.down = True
    assert ask(cache, 1, 2, 3) == [False] * 3
    cache.insert(ids(4))
    assert not cache.look(ids(1, 4), np.zeros(2, np.bool_)).any()
    cache.down = False
    assert ask(cache, 1, 2, 3, 4) == [True, True, False, False]
