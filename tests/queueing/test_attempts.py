"""At least once: rates, instants, ends; and that nothing but content decides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import QUANTUM_NS
from engine.config import FanoutConfig
from engine.queueing.broker import Polled
from engine.write_path.attempts import DeadLetters, judge
from tests.queueing.jobs import jobs

MS = 1_000_000


def polled(batch, done_ns=0):
    done_ns = np.array(np.broadcast_to(done_ns, batch.size), np.int64)
    return Polled(batch, done_ns - 1, done_ns, np.zeros(batch.size, np.int32))


def many(count=40_000, **columns):
    return polled(jobs(np.arange(count) << 24, **columns), done_ns=np.arange(count) * 777_777)


def assert_share(hits, expected):
    error = np.sqrt(expected * (1 - expected) / len(hits))
    assert abs(hits.mean() - expected) <= 4 * error


def test_without_faults_everything_is_written_once():
    outcome = judge(many(100), FanoutConfig(), 7)
    assert outcome.ok.all()
    assert not outcome.dead.any()
    assert not outcome.redelivery.any()
    assert (outcome.again_at_ns == -1).all()


@pytest.mark.parametrize("rate", [0.01, 0.3, 0.9])
@pytest.mark.parametrize("attempt", [1, 4])
def test_attempts_fail_and_finished_jobs_return_at_their_rates(rate, attempt):
    outcome = judge(many(attempt=attempt), FanoutConfig(fail_rate=rate, redeliver_rate=0.2), 7)
    assert_share(~outcome.ok, rate)
    assert_share(outcome.redelivery[outcome.ok], 0.2)
    assert not outcome.redelivery[~outcome.ok].any()
    assert ((outcome.again_at_ns >= 0) == (~outcome.ok | outcome.redelivery)).all()


def test_fates_of_attempts_and_of_seeds_are_independent():
    config = FanoutConfig(fail_rate=0.5)
    first = judge(many(attempt=1), config, 7).ok
    for other in (many(attempt=2), many(attempt=1, duplicate=True)):
        assert_share(judge(other, config, 7).ok[first], 0.5)
    assert_share(judge(many(attempt=1), config, 8).ok[first], 0.5)


@given(st.permutations(range(12)), st.integers(0, 12))
def test_order_and_split_of_the_work_decide_nothing(order, cut):
    config = FanoutConfig(fail_rate=0.4, redeliver_rate=0.4, max_attempts=2)
    number = np.arange(12)
    batch, done_ns = jobs(number % 5, attempt=1 + number % 2), number * 33 * MS
    whole = judge(polled(batch, done_ns), config, 7)
    for part in (np.array(order[:cut], np.int64), np.array(order[cut:], np.int64)):
        outcome = judge(polled(batch.take(part), done_ns[part]), config, 7)
        for column, expected in zip(outcome, whole, strict=True):
            assert column.tolist() == expected[part].tolist()


@given(
    st.floats(100, 60_000),
    st.lists(st.tuples(st.integers(0, 10**13), st.integers(1, 19)), min_size=1, max_size=30),
)
def test_a_retry_waits_a_quantum_at_least_and_its_back_off_at_most(base_ms, attempts):
    done_ns, attempt = (np.array(column, np.int64) for column in zip(*attempts, strict=True))
    batch = polled(jobs(np.arange(len(attempt)), attempt=attempt), done_ns)
    again_at_ns = judge(batch, FanoutConfig(fail_rate=1, max_attempts=20, retry_base_ms=base_ms), 7).again_at_ns
    wait_ns, full_ns = again_at_ns - done_ns, base_ms * MS * 2.0 ** (attempt - 1)
    assert (again_at_ns % QUANTUM_NS == 0).all()
    assert (wait_ns >= QUANTUM_NS).all()
    assert (wait_ns >= full_ns / 2 - 1).all()
    assert (wait_ns < np.maximum(full_ns, QUANTUM_NS) + QUANTUM_NS + 1).all()


def test_the_shortest_back_off_still_waits_a_quantum():
    batch = many(1_000)
    again_at_ns = judge(batch, FanoutConfig(fail_rate=1, retry_base_ms=100), 7).again_at_ns
    assert (again_at_ns - batch.done_ns).min() >= QUANTUM_NS


def test_jobs_that_fail_together_do_not_return_together():
    again_at_ns = judge(polled(jobs(np.arange(1_000))), FanoutConfig(fail_rate=1, retry_base_ms=10_000), 7).again_at_ns
    assert len(np.unique(again_at_ns)) > 45  # of the 51 quanta from 5 s to 10 s
    assert again_at_ns.mean() == pytest.approx(7.55e9, abs=4 * 5e9 / np.sqrt(12 * 1_000))


@pytest.mark.parametrize(("fail", "redeliver"), [(1.0, 0.0), (0.0, 1.0), (0.5, 0.5)])
def test_every_job_ends_and_only_those_that_always_failed_are_dead(fail, redeliver):
    config = FanoutConfig(fail_rate=fail, redeliver_rate=redeliver, max_attempts=3)
    batch = jobs(np.arange(20_000))
    written, dead = np.zeros(20_000, int), np.zeros(20_000, bool)
    for attempt in range(1, 4):
        outcome = judge(polled(batch), config, 7)
        written[batch.key[outcome.ok]] += 1
        dead[batch.key[outcome.dead]] = True
        again = outcome.again_at_ns >= 0
        assert not outcome.dead.any() or attempt == 3
        batch = batch.take(again)._replace(
            attempt=np.full(again.sum(), attempt + 1, np.int32), duplicate=(outcome.redelivery | batch.duplicate)[again]
        )
    assert batch.size == 0
    assert ((written > 0) | dead).all()
    if redeliver == 0 or fail == 0:
        assert (dead == (written == 0)).all()
        assert_share(dead, fail**3)


def test_dead_letters_are_kept_in_order_and_redriven_once():
    letters = DeadLetters()
    assert (len(letters), letters.redrive().size) == (0, 0)
    letters.add(jobs([5, 3]))
    letters.add(jobs([4], attempt=5))
    assert len(letters) == 3
    assert letters.jobs.key.tolist() == [5, 3, 4]
    assert letters.redrive().attempt.tolist() == [1, 1, 5]
    assert len(letters) == 0


def test_poisoned_rows_always_fail_and_only_they():
    rows = np.arange(100) % 5
    outcome = judge(many(100, row=rows), FanoutConfig(max_attempts=3), 7, frozenset({2, 4}))
    assert (~outcome.ok == np.isin(rows, [2, 4])).all()
    last = judge(many(100, row=rows, attempt=3), FanoutConfig(max_attempts=3), 7, frozenset({2, 4}))
    assert (last.dead == np.isin(rows, [2, 4])).all()


@given(st.integers(1, 60), st.integers(0, 10**12))
def test_without_dead_letters_what_fails_is_tried_for_ever_and_at_once(attempt, done_ns):
    batch = polled(jobs([1 << 24], row=9, attempt=attempt), done_ns=done_ns)
    outcome = judge(batch, FanoutConfig(max_attempts=2), 7, frozenset({9}), dead_letters=False)
    assert not outcome.dead.any()
    assert not outcome.redelivery.any()
    again_ns = int(outcome.again_at_ns[0])
    assert again_ns % QUANTUM_NS == 0
    assert QUANTUM_NS <= again_ns - done_ns < 2 * QUANTUM_NS


def test_without_dead_letters_a_finished_job_still_comes_back_only_so_often():
    config = FanoutConfig(redeliver_rate=1.0, max_attempts=3)
    for attempt, again in ((1, True), (2, True), (3, False), (9, False)):
        outcome = judge(many(100, attempt=attempt), config, 7, dead_letters=False)
        assert (outcome.redelivery == again).all()
