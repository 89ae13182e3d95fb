"""D. Asynchronous fan-out and workers."""

import numpy as np

from tests.law.small import MS, Small, everybody_follows


def test_row_32_the_number_of_tasks_is_exact():
    """250 followers, 30 of them mutual, in hundreds: one task in the close lane; in the other two full, a short one."""
    n = 251
    small = Small("push", everybody_follows(0, n) | {(0, user) for user in range(1, 31)}, {"fanout.chunk": 100}, n=n)
    small.post(0)
    jobs = small.world.fanout.broker.waiting()
    assert [jobs.length[jobs.lane == lane].tolist() for lane in (0, 1)] == [[30], [100, 100, 20]]
    named = small.world.fanout.arena.gather(jobs.start, jobs.length.astype(np.int64))
    assert sorted(named.tolist()) == list(range(1, n))


def test_row_33_a_backlog_of_the_rest_does_not_delay_close_friends():
    """A celebrity has filled the lane of the rest; a post between friends is served next."""
    n = 42
    knobs = {
        "costs.delivery_us": 100_000,
        "costs.poll_us": 0,
        "workers.count": 1,
        "fanout.chunk": 1,
        "workers.batch": 1,
    }
    small = Small("push", everybody_follows(0, n) | {(1, 2), (2, 1), (3, 1)}, knobs, n=n)
    small.post(0)
    small.step(50 * MS)
    row = small.post(1)
    small.step(200 * MS)
    assert row in small.home(2)
    assert row not in small.home(3)
    assert small.world.queue_copies()[1] > 30
    small.settle()
    assert row in small.home(3)


def test_row_36_a_delete_reaches_everybody_and_deleting_twice_is_no_error(strategy):
    small = Small(strategy, everybody_follows(0), {"costs.delivery_us": 100_000, "workers.count": 1})
    keep, gone = small.post(0), small.post(0)
    small.step(900 * MS)
    assert small.delete(gone) is True
    assert small.delete(gone) is False
    small.settle()
    assert [small.home(user) for user in range(8)] == [[keep]] * 8
    assert small.home(1) == [keep], "also for somebody who never had it"
