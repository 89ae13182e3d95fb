"""Delayed fan-out: pulled until the copies have been made, pushed some seconds later, nothing lost in between."""

import numpy as np
import pytest

from engine.domain import NO_ROW
from engine.observe.metric import Metric
from engine.tables import Unpushed
from engine.write_path.later import Later
from tests.conformance.runs import ROOMY, differs, run
from tests.law.small import MS, S, Small, everybody_follows
from tests.law.test_rules import assert_lawful

SPEC = "delayed:threshold=7,delay=2"
FAST = {"costs.delivery_us": 1_000, "costs.poll_us": 0, "costs.list_write_us": 0}


def small(**knobs) -> Small:
    return Small(SPEC, everybody_follows(0), {**FAST, **knobs})


def test_copies_begin_so_many_seconds_after_the_post_and_readers_pull_until_the_last_is_readable():
    world = small()
    row = world.post(0)
    last = world.world.tables.unpushed.last
    world.step(2 * S)
    assert (world.list_of(5), world.home(5), last[0]) == ([], [row], row)
    assert world.on_its_way() == set()
    world.step(3 * MS)  # the second of one worker's copies at 1 ms each is readable
    assert (world.home(1), world.home(7), last[0]) == ([row], [row], row)
    world.step(97 * MS)
    assert [world.list_of(user) for user in range(1, 8)] == [[row]] * 7
    assert last[0] == row, "readers are told at the quantum"
    world.step(1 * MS)
    assert last[0] == NO_ROW
    assert not len(world.world.later)
    assert_lawful(world)


def test_who_has_fewer_followers_is_pushed_at_once():
    world = Small(SPEC, {(user, 0) for user in range(1, 7)}, FAST)
    row = world.post(0)
    world.step(100 * MS)
    assert world.world.tables.posts.pushed[row]
    assert world.list_of(3) == [row]


def test_the_wait_is_no_visible_lag_but_it_is_delivery_lag():
    world = small()
    world.post(0)
    world.settle()
    metrics = world.world.metrics
    visible, delivery = metrics.histogram(Metric.VISIBLE_LAG), metrics.histogram(Metric.FANOUT_LAG)
    assert (visible.count, visible.max) == (7, 0)
    assert (delivery.count, metrics.total(Metric.DELIVERIES)) == (7, 7)
    assert delivery.max >= 2 * S


def test_whoever_follows_meanwhile_gets_it_once_and_whoever_leaves_does_not():
    world = Small("delayed:threshold=6,delay=2", {(user, 0) for user in range(1, 7)}, FAST)
    row = world.post(0)
    world.step(1 * S)
    world.people.follow(7, 0)
    world.people.unfollow(6, 0)
    assert_lawful(world)
    assert (world.list_of(7), world.list_of(6)) == ([row], [])


def test_what_is_given_up_on_the_way_stays_pulled():
    world = small(**{"fanout.fail_rate": 1.0, "fanout.max_attempts": 1, "fanout.chunk": 3})
    row = world.post(0)
    assert_lawful(world)
    assert world.world.tables.unpushed.last[0] == row
    assert world.home(3) == [row]


def test_an_older_post_that_was_given_up_is_still_pulled_when_a_newer_one_has_arrived():
    """Settling the newer one must not hide the older one behind it."""
    world = small(**{"fanout.fail_rate": 1.0, "fanout.max_attempts": 1})
    old = world.post(0)
    world.step(1_900 * MS)
    new = world.post(0)
    world.step(200 * MS)
    world.world.set_knobs({"fanout.fail_rate": 0.0})
    world.settle()
    world.step(200 * MS)
    assert world.list_of(4) == [new]
    assert world.world.tables.unpushed.last[0] == old
    assert world.home(4) == [new, old]
    assert_lawful(world)


@pytest.mark.parametrize("spec", ["push", "pull", "cached_pull:ttl=1", "hybrid:threshold=3", "per_edge"])
def test_a_change_of_strategy_loses_nothing_that_waits(spec):
    world = small()
    world.post(0)
    world.step(1 * S)
    world.world.set_strategy(spec)
    assert_lawful(world)


def test_rows_leave_the_chain_of_an_author_in_any_order():
    graph = Small("push", {(1, 0)}).world.tables.graph
    for order in ([3, 5, 8], [8, 5, 3], [5, 3, 8], [5, 8, 3]):
        unpushed = Unpushed(graph)
        rows = [3, 8, 5]  # the last one late, as what was given up is
        for row in rows:
            unpushed.raise_to(np.array([0], np.int32), np.array([row], np.int32))
        for row in order:
            assert unpushed.last[0] == max(rows)
            assert unpushed.as_of(*(np.array([x], np.int32) for x in (0, max(rows), 1)))[0] == max(
                (r for r in rows if r < max(rows)), default=NO_ROW
            )
            unpushed.settle(0, row)
            rows.remove(row)
        assert unpushed.last[0] == NO_ROW


def test_readers_told_in_the_middle_of_a_segment_depend_on_the_tick(population, monkeypatch):
    spec = "delayed:threshold=30,delay=0.7"
    late = run(population, spec, ROOMY, 500).world
    assert late.tables.unpushed._ever.any()
    assert not len(late.later), "all of it has been settled"
    readable = Later.readable

    def at_once(later, rows):
        readable(later, rows)
        unpushed, posts = now["tables"].unpushed, now["tables"].posts
        for row in later.settled():
            unpushed.settle(int(posts.author[row]), row)

    now = {}
    arriving = type(late)._arriving

    def noting(world, own, delivered):
        now["tables"] = world.tables
        return arriving(world, own, delivered)

    monkeypatch.setattr(type(late), "_arriving", noting)
    monkeypatch.setattr(Later, "readable", at_once)
    assert Metric.AUTHORS_ASKED in differs(population, spec, ROOMY)
