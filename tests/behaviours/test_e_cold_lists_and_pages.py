"""E. Inactive users, cold lists, reads."""

from itertools import chain

import pytest

from engine.domain import NO_LIST, Op
from engine.errors import InvalidCursor, InvalidInput
from engine.observe.metric import Metric
from tests import oracle
from tests.law.small import MS, Small

PUSHING = ["push", "hybrid:threshold=3", "push_active:days=30"]


def test_row_37_nothing_is_pushed_to_the_inactive():
    small = Small("push_active:days=30", {(0, 1), (2, 1)}, away_days={0: 31.0})
    small.post(1)
    small.settle()
    assert small.world.metrics.total(Metric.DELIVERIES) == 1
    assert (small.list_of(0), small.list_of(2)) == ([], [0])


@pytest.mark.parametrize("strategy", PUSHING)
def test_row_37_a_push_to_an_evicted_list_is_no_full_feed(strategy):
    """One lone post must not look like a whole list, nor count as a hit."""
    small = Small(strategy, {(0, 1)})
    old = [small.post(1) for _ in range(3)]
    small.settle()
    new = small.post(1)
    small.world.evict(0)
    small.settle()
    assert small.horizon(0) == NO_LIST
    small.script.add(small.world.now_ns, Op.READ_HOME, 0)
    small.step(1 * MS)
    totals = [small.world.metrics.total(m) for m in (Metric.TIMELINE_HITS, Metric.TIMELINE_MISSES)]
    assert totals == [0, 1]
    assert small.home(0) == [new, *reversed(old)]


@pytest.mark.parametrize("strategy", PUSHING)
def test_row_38_a_return_rebuilds_once_and_then_equals_pull(strategy):
    """Three openings within a moment, one rebuild; the list holds the newest `cap` of what pull would merge."""
    small = Small(strategy, {(0, 1), (0, 2), (0, 3)}, {"timeline.cap": 10}, away_days={0: 99.0})
    small.world.evict(0)
    for author in (1, 2, 3, 0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 1):
        small.post(author)
    small.reply(1, small.post(6))
    small.settle()
    for k in range(3):
        small.script.add(small.world.now_ns + k * MS, Op.READ_HOME, 0)
    small.settle()
    assert small.world.metrics.total(Metric.REBUILDS) == 1
    raw = [p.row for p in oracle.entries(oracle.facts_of(small.world), 0)]
    assert small.list_of(0) == raw[:10][::-1]
    assert small.home(0) == [p.row for p in oracle.shown(oracle.facts_of(small.world), 0, 40)]


@pytest.mark.parametrize("strategy", PUSHING)
def test_row_38_a_return_to_nothing_is_an_empty_page(strategy):
    small = Small(strategy, {(0, 1)}, away_days={0: 99.0})
    small.world.evict(0)
    assert (small.home(0), small.people.home(0).next) == ([], None)
    small.settle()
    assert (small.horizon(0), small.home(0)) == (0, [])


def test_row_39_pages_neither_repeat_nor_skip_while_posts_arrive(strategy):
    small = Small(strategy, {(0, 1), (0, 2)}, {"timeline.cap": 6})
    there = [small.post(1 + k % 2) for k in range(11)]
    small.settle()
    found, cursor = [], None
    while True:
        page = small.people.home(0, cursor, 3)
        found.append([view.row for view in page.posts])
        small.post(1)
        small.step(300 * MS)
        cursor = page.next
        if cursor is None:
            break
    assert list(chain(*found)) == there[::-1]
    assert [len(rows) for rows in found] == [3, 3, 3, 2]


@pytest.mark.parametrize("limit", [0, -1, 101, "3"])
def test_row_39_a_limit_that_makes_no_sense_is_refused(limit):
    with pytest.raises(InvalidInput):
        Small().people.home(0, None, limit)


def test_row_39_a_cursor_is_good_for_one_reader_s_home_only():
    small = Small("push", {(0, 1)})
    for _ in range(3):
        small.post(1)
    small.settle()
    cursor = small.people.home(0, None, 1).next
    assert small.people.home(0, cursor, 1).posts[0].row == 1
    for forged in ("", "x", cursor[:-1], cursor.swapcase()):
        with pytest.raises(InvalidCursor):
            small.people.home(0, forged, 1)
    with pytest.raises(InvalidCursor):
        small.people.home(1, cursor, 1)
