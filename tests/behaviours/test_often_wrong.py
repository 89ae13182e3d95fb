"""What home-made engines get wrong most often, and the defects of known ones, where no row above has it already.

Pushing into a cold list: row 37. In flight after an unfollow or delete: rows 25, 36. Unfollow: row 23. Order: row 2.
The boundary of reposts: row 12. Pages: row 39. Hybrid: H1, H2. Rebuild: row 38, tests/law/test_rules.py (rule 8).
"""

import numpy as np
import pytest

from engine.observe.metric import Metric
from tests.law.small import MS, Small, everybody_follows


def test_a_block_in_flight_leaves_no_residue(strategy):
    small = Small(strategy, everybody_follows(1), {"costs.delivery_us": 300_000, "workers.count": 1})
    small.post(1)
    small.step(700 * MS)
    small.people.block(7, 1)
    small.settle()
    assert (small.home(7), small.list_of(7)) == ([], [])


def test_the_depth_of_the_queue_counts_copies_and_jobs_stand_beside_it():
    small = Small("push", everybody_follows(0), {"fanout.chunk": 3, "costs.delivery_us": 300_000, "workers.count": 1})
    small.post(0)
    assert (small.world.queue_copies(), small.world.fanout.broker.waiting_jobs) == ((0, 7), 3)
    small.step(100 * MS)
    assert (small.world.queue_copies(), small.world.fanout.broker.waiting_jobs) == ((0, 7), 2), "in a batch is not out"


def test_lag_is_taken_at_every_follower():
    knobs = {
        "costs.delivery_us": 300_000, "costs.poll_us": 0, "costs.list_write_us": 0, "workers.count": 1,
        "fanout.chunk": 1, "workers.batch": 1,
    }  # fmt: skip
    small = Small("push", everybody_follows(0), knobs)
    small.post(0)
    small.settle()
    lag = small.world.metrics.histogram(Metric.FANOUT_LAG)
    assert (lag.count, lag.mean, lag.max) == (7, 1_200 * MS, 2_100 * MS)


def test_retries_count_no_delivery_twice():
    knobs = {"fanout.fail_rate": 0.5, "fanout.redeliver_rate": 0.5, "fanout.max_attempts": 20, "fanout.chunk": 1}
    small = Small("push", everybody_follows(0), knobs)
    for _ in range(5):
        small.post(0)
    small.settle()
    totals = [small.world.metrics.total(m) for m in (Metric.PLANNED, Metric.DELIVERIES, Metric.DEAD_LETTERED)]
    assert totals == [35, 35, 0]
    assert small.world.metrics.total(Metric.RETRIES) > 10
    assert small.world.metrics.total(Metric.VISIBLE_LAG) == 35


def test_defect_1_a_hidden_repost_that_is_undone_is_not_promoted_later(strategy):
    small = Small(strategy, {(0, 1), (0, 2), (0, 3)})
    root = small.post(5)
    a, b, c = (small.repost(user, root) for user in (1, 2, 3))
    small.settle()
    small.people.undo_repost(2, small.key(root))
    assert small.home(0) == [a]
    small.people.undo_repost(1, small.key(root))
    assert small.home(0) == [c]
    small.restore(b)
    assert small.home(0) == [b]


def test_defect_3_a_returning_reader_whose_newest_hundred_are_filtered_still_gets_a_page(strategy):
    small = Small(strategy, {(0, 1), (0, 2)}, away_days={0: 90.0})
    good, strange = small.post(1), small.post(6)
    for _ in range(100):
        small.reply(2, strange)
    small.settle()
    assert small.home(0, 20) == [good]
    small.settle()
    assert small.home(0, 20) == [good]


def test_defect_6_an_unfollow_ends_the_right_direction():
    small = Small("push", {(0, 1), (1, 0)})
    small.people.unfollow(0, 1)
    small.step(1 * MS)  # what is posted at the very instant is checked again when it is applied
    by_one, by_zero = small.post(1), small.post(0)
    small.settle()
    assert (small.home(0), small.home(1)) == ([by_zero], [by_zero, by_one])


@pytest.mark.parametrize("strategy", ["push", "hybrid:threshold=10000"])
def test_defect_7_no_follower_is_beyond_reach(strategy):
    n = 5_200
    small = Small(strategy, everybody_follows(0, n), {"costs.delivery_us": 10}, n=n)
    small.post(0)
    small.settle()
    assert small.world.tables.lists.sizes(np.arange(n, dtype=np.int32)).tolist() == [1] * n


def test_defect_8_two_posts_of_one_instant_are_two_posts(strategy):
    small = Small(strategy, {(0, 1)})
    rows = [small.post(1), small.post(1)]
    assert len({small.key(row) for row in rows}) == 2
    small.settle()
    assert small.home(0) == rows[::-1]


@pytest.mark.parametrize("cap", [1, 2, 5])
def test_defect_9_a_cap_of_n_keeps_n(cap):
    small = Small("push", {(0, 1)}, {"timeline.cap": cap})
    rows = [small.post(1) for _ in range(8)]
    small.settle()
    assert small.list_of(0) == rows[-cap:]
    assert small.list_of(1) == rows[-cap:], "the author's own list too"
