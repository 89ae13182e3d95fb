"""A. Insert, order, cap."""

import numpy as np

from engine.domain import Op
from engine.observe.metric import Metric
from tests.law.small import MS, Small, everybody_follows


def push(small: Small, owner: int, *rows: int) -> None:
    """Deliver rows to one list in this order, as workers would."""
    small.world.tables.lists.push(np.full(len(rows), owner, np.int32), np.array(rows, np.int32))


def test_row_1_a_full_list_keeps_its_length_and_loses_its_lowest_id():
    small = Small("push", {(0, 1)}, {"timeline.cap": 4})
    rows = [small.post(1) for _ in range(4)]
    small.settle()
    assert small.list_of(0) == rows
    rows.append(small.post(1))
    small.settle()
    assert small.list_of(0) == rows[1:]


def test_row_2_the_order_is_that_of_creation_not_of_arrival():
    small = Small("push", {(0, 1), (0, 2)}, {"costs.delivery_us": 500_000})
    older, newer = small.post(1), small.post(2)
    push(small, 0, newer)
    assert small.home(0) == [newer]
    push(small, 0, older)
    assert small.home(0) == [newer, older]


def test_row_4_delivering_twice_is_delivering_once():
    knobs = {"fanout.redeliver_rate": 1.0, "fanout.max_attempts": 3}
    small = Small("push", everybody_follows(1, 4), knobs, n=4)
    rows = [small.post(1) for _ in range(3)]
    small.settle()
    assert small.world.metrics.total(Metric.REDELIVERIES) == 2 * small.world.metrics.total(Metric.PLANNED) / 3
    assert [small.list_of(user) for user in range(4)] == [rows] * 4
    assert small.home(0) == rows[::-1]


def test_row_6_posts_of_one_instant_have_one_order_whichever_is_delivered_first():
    pages = []
    for order in ((0, 1), (1, 0)):
        small = Small("push", {(0, 1), (0, 2)}, {"costs.delivery_us": 500_000})
        rows = [small.post(1), small.post(2)]
        assert small.world.tables.posts.accepted_ns[rows[0]] == small.world.tables.posts.accepted_ns[rows[1]]
        push(small, 0, *(rows[k] for k in order))
        pages.append(small.home(0))
    assert pages == [[1, 0], [1, 0]]


def test_row_8_a_read_past_the_cap_goes_on(strategy):
    small = Small(strategy, {(0, 1)}, {"timeline.cap": 4})
    rows = [small.post(1) for _ in range(11)]
    small.settle()
    assert len(small.list_of(0)) <= 4
    assert small.pages(0, 3) == [rows[10:7:-1], rows[7:4:-1], rows[4:1:-1], [rows[1], rows[0]]]


def test_row_9_authors_see_their_own_post_before_any_worker_has_run(strategy):
    small = Small(strategy, everybody_follows(1))
    row = small.post(1)
    assert small.home(1) == [row]
    assert small.world.metrics.total(Metric.DELIVERIES) == 0


def test_row_10_a_reader_never_gets_an_id_without_a_body(strategy):
    """Reads all the time while posts are under way; a page only ever names posts that the store has."""
    small = Small(strategy, everybody_follows(1), {"costs.delivery_us": 30_000, "cache.posts": 1})
    for k in range(40):
        small.script.add(k * 20 * MS, Op.POST, 1)
        small.script.add(k * 20 * MS + 7 * MS, Op.READ_HOME, 2 + k % 6)
    small.settle()
    assert small.world.metrics.total(Metric.READS) == 40
    assert small.world.metrics.total(Metric.BODY_MISSES) > 0
    assert small.world.metrics.total(Metric.FAILED_HYDRATIONS) == 0
