"""A waiting job's turn, foretold, against the broker that goes on."""

import copy

from hypothesis import example, given
from hypothesis import strategies as st

from engine.queueing.broker import Broker
from tests.queueing.jobs import jobs

FOREVER = 10**9
waiting = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 4), st.integers(1, 12), st.integers(0, 30)), min_size=1, max_size=40
)
"""(lane, partition, copies, enqueued) of each job."""


@given(waiting, waiting, st.integers(1, 4), st.integers(1, 20), st.integers(0, 7), st.integers(30, 300))
@example([], [(1, 0, 2, 0)] * 5, 2, 4, 3, 30)  # batches that are just full; workers that have been idle
def test_every_waiting_job_has_the_turn_that_was_foretold(old, new, workers, batch, poll_ns, now_ns):
    """Those of before, as far as they wait still, and those that are enqueued at this instant."""
    broker = Broker(3, workers, batch, poll_ns, 2)
    for first, given_jobs in ((1, old), (1_000, new)):
        lane, partition, length, enqueued_ns = zip(*given_jobs, strict=True) if given_jobs else ((),) * 4
        keys = range(first, first + len(given_jobs))
        at_ns = enqueued_ns if given_jobs is old else now_ns
        broker.enqueue(jobs(keys, lane=lane, partition=partition, length=length, enqueued_ns=at_ns))
        broker.work(now_ns)
    left = broker.waiting()
    foretold = [broker.turn(key, now_ns) for key in left.key.tolist()]
    polled = copy.deepcopy(broker).work(FOREVER)
    order = polled.jobs.key.tolist()
    assert sorted(order) == sorted(left.key.tolist())
    for i, (key, turn) in enumerate(zip(left.key.tolist(), foretold, strict=True)):
        place = order.index(key)
        assert turn.polled_ns == polled.polled_ns[place]
        assert turn.done_ns == polled.done_ns[place]
        assert turn.worker == polled.worker[place]
        assert turn.copies_before == polled.jobs.length[:place].sum()
        line = (left.lane == left.lane[i]) & (left.partition % 3 == left.partition[i] % 3)
        ahead = [j for j in range(i) if line[j]]  # `waiting` is in order of (enqueued_ns, key)
        assert turn.partition == left.partition[i] % 3
        assert turn.jobs_ahead == len(ahead)
        assert turn.copies_ahead == left.length[ahead].sum()


def test_a_job_that_does_not_wait_has_no_turn():
    broker = Broker(1, 1, 1, 10, 0)
    broker.enqueue(jobs([1, 2]))
    broker.work(5)
    assert broker.turn(1, 5) is None
    assert broker.turn(2, 5).polled_ns == 10
    assert broker.turn(3, 5) is None


def test_the_share_of_the_workers_that_copies_and_batches_take():
    assert Broker(1, 2, 1, 10, 3).share(copies=20, batches=4, span_ns=100) == (20 * 3 + 4 * 10) / 200
