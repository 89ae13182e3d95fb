"""The broker's promises beyond who polls what when, which is in tests/conformance."""

import numpy as np
import pytest

from engine.queueing.broker import Broker, JobBatch
from tests.queueing.jobs import jobs


def polls(polled):
    return list(zip(*(c.tolist() for c in (polled.jobs.key, polled.polled_ns, polled.worker)), strict=True))


def test_every_column_of_a_job_comes_back():
    given = jobs(
        [9, 4], row=[1, 2], lane=[1, 0], partition=[0, 1], start=[100, 2**40], length=[3, 4], enqueued_ns=[5, 5],
        attempt=[1, 3], duplicate=[False, True],
    )  # fmt: skip
    broker = Broker(2, 1, 10, 0, 1)
    broker.enqueue(given)
    for found in (broker.waiting(), broker.work(100).jobs):
        for name, column, expected in zip(given._fields, found, given.take(np.array([1, 0])), strict=True):
            assert column.tolist() == expected.tolist(), name
            assert column.dtype == expected.dtype, name
    assert broker.waiting().size == broker.waiting_jobs == 0


def test_close_jobs_overtake_but_never_from_the_future():
    broker = Broker(1, 1, 1, 10, 0)
    broker.enqueue(jobs([1, 2, 3], lane=[1, 1, 0], enqueued_ns=[0, 0, 5]))
    assert polls(broker.work(1_000)) == [(1, 0, 0), (3, 10, 0), (2, 20, 0)]


def test_a_batch_is_whole_jobs_of_one_line_and_at_least_one():
    broker = Broker(2, 1, 10, 0, 1)
    broker.enqueue(jobs([1, 2, 3, 4, 5], partition=[0, 0, 1, 0, 0], length=[6, 4, 1, 1, 99]))
    batches = broker.work(10_000)
    assert polls(batches) == [(1, 0, 0), (2, 0, 0), (3, 10, 0), (4, 11, 0), (5, 12, 0)]
    assert batches.done_ns.tolist() == [10, 10, 11, 12, 111]
    assert (broker.polls, broker.busy_ns) == (4, 111)


def test_the_worker_free_longest_polls_and_of_equals_the_lowest_number():
    broker = Broker(1, 3, 1, 10, 0)
    broker.enqueue(jobs([1, 2, 3, 4, 5], enqueued_ns=[0, 1, 2, 11, 40]))
    assert [worker for _, _, worker in polls(broker.work(100))] == [0, 1, 2, 0, 1]


def test_jobs_for_an_instant_that_workers_have_passed_are_refused():
    broker = Broker(1, 1, 1, 0, 0)
    broker.work(100)
    broker.enqueue(jobs([1], enqueued_ns=[100]))
    with pytest.raises(ValueError, match="until 100 ns"):
        broker.enqueue(jobs([2], enqueued_ns=[99]))


def test_workers_that_leave_finish_their_batch():
    broker = Broker(1, 3, 1, 100, 0)
    broker.enqueue(jobs([1, 2, 3, 4, 5]))
    assert len(polls(broker.work(10))) == 3
    broker.set_workers(1, 10)
    assert broker.backlog_ns(10) == 3 * 90
    assert broker.busy_ns - broker.backlog_ns(10) == 3 * 10
    assert polls(broker.work(150)) == [(4, 100, 0)]
    broker.set_workers(2, 150)
    assert broker.backlog_ns(150) == 50


def test_batches_of_workers_that_left_count_until_they_end():
    broker = Broker(1, 3, 1, 100, 0)
    broker.enqueue(jobs([1, 2, 3]))
    broker.work(10)
    for workers in (2, 1, 4):
        broker.set_workers(workers, 10)
        assert broker.backlog_ns(10) == 3 * 90
    assert broker.backlog_ns(100) == 0


def test_a_new_worker_starts_free():
    broker = Broker(1, 1, 1, 100, 0)
    broker.enqueue(jobs([1, 5]))
    broker.work(10)
    broker.set_workers(2, 50)
    assert polls(broker.work(500)) == [(5, 50, 1)]


def test_fewer_partitions_leave_queued_jobs_in_their_lines():
    broker = Broker(4, 1, 10, 0, 1)
    broker.enqueue(jobs([1, 2], partition=[3, 1]))
    broker.configure(poll_ns=5, delivery_ns=2, batch_copies=10, partitions=2)
    broker.enqueue(jobs([3], partition=[3]))  # 3 % 2: joins the line of key 2
    polled = broker.work(1_000)
    assert polls(polled) == [(1, 0, 0), (2, 7, 0), (3, 7, 0)]
    assert polled.done_ns.tolist() == [7, 16, 16]
    assert polled.jobs.partition.tolist() == [3, 1, 3]


def test_an_older_retry_that_comes_later_goes_to_the_front_of_its_line():
    broker = Broker(1, 1, 1, 1, 0)
    broker.enqueue(jobs([10, 11, 12], enqueued_ns=[50, 60, 70]))
    broker.enqueue(jobs([2], enqueued_ns=[40]))
    broker.enqueue(jobs([3, 4], enqueued_ns=[60, 80]))
    assert [key for key, *_ in polls(broker.work(1_000))] == [2, 10, 3, 11, 12, 4]


def test_thousands_wait_and_counters_follow():
    broker = Broker(8, 4, 64, 1_000, 10)
    number = np.arange(5_000)
    broker.enqueue(jobs(number, lane=number % 2, partition=number % 8, length=20, enqueued_ns=number))
    assert broker.waiting_copies() == (50_000, 50_000)
    taken = broker.work(100_000).jobs
    assert broker.waiting_jobs == broker.waiting().size == 5_000 - taken.size > 0
    assert sum(broker.waiting_copies()) == 100_000 - 20 * taken.size
    assert np.array_equal(np.sort(np.concatenate([taken.key, broker.waiting().key])), number)


def test_nothing_in_nothing_out():
    broker = Broker(1, 1, 1, 0, 0)
    broker.enqueue(JobBatch.empty())
    assert broker.work(100).jobs.size == 0
    assert broker.waiting_copies() == (0, 0)


def test_batches_can_be_put_together_and_apart():
    both = JobBatch.concat([jobs([1, 2]), jobs([3], duplicate=True)])
    assert both.key.tolist() == [1, 2, 3]
    assert both.take(np.array([2, 0])).key.tolist() == [3, 1]
    assert both.take(both.duplicate).key.tolist() == [3]
    assert JobBatch.concat([]).size == 0


def test_nobody_polls_in_a_pause_neither_the_new_nor_those_who_died_in_it():
    broker = Broker(1, 2, 1, 10, 0)
    broker.restart_ns = 20
    broker.enqueue(jobs([1, 2]))
    assert polls(broker.work(5)) == [(1, 0, 0), (2, 0, 1)]
    broker.pause(5, 100)
    broker.enqueue(jobs([3, 4, 5, 6], enqueued_ns=6))
    assert broker.crash(1, 7) == [0]
    broker.set_workers(3, 8)
    assert polls(broker.work(100)) == []
    assert polls(broker.work(101)) == [(3, 100, 2), (4, 100, 1), (5, 100, 0)]


def test_whoever_only_waits_does_not_die_in_a_crash():
    broker = Broker(1, 3, 1, 10, 0)
    broker.enqueue(jobs([1]))
    broker.work(5)
    broker.pause(5, 100)
    assert broker.crash(3, 6) == [0]
    assert broker.crash(3, 50) == []


def test_a_turn_in_a_pause_comes_after_it():
    broker = Broker(1, 1, 1, 10, 0)
    broker.pause(0, 100)
    broker.enqueue(jobs([1, 2]))
    turn = broker.turn(2, 5)
    assert (turn.polled_ns, turn.done_ns) == (110, 120)
    assert polls(broker.work(200)) == [(1, 100, 0), (2, 110, 0)]


@pytest.mark.parametrize("pauses", [[(10, 60)], [(10, 40), (20, 60)], [(10, 60), (30, 50)]])
def test_workers_count_as_busy_while_nobody_may_poll(pauses):
    broker = Broker(1, 2, 1, 20, 0)
    broker.enqueue(jobs([1]))
    broker.work(10)
    for since, until in pauses:
        broker.pause(since, until)
    assert broker.busy_ns == 60 + 50
    assert broker.at_work(50) == 2
    assert broker.busy_ns - broker.backlog_ns(30) == 30 + 20
