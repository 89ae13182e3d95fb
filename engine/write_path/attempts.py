"""At least once: which attempts fail, when they are made again, who is given up, and what is handed out twice.

Chance is a hash of the seed, the job and the attempt, so that neither ticks nor the order of work can change a fate.
"""

from typing import NamedTuple

import numpy as np

from engine.clock import NS_PER_MS, QUANTUM_NS
from engine.config import FanoutConfig
from engine.domain import F64, I32, I64, Bool
from engine.queueing.broker import JobBatch, Polled
from engine.queueing.hashing import uniform

_MOST_DOUBLINGS = 19
"""Of the back-off."""


class Outcome(NamedTuple):
    """What became of attempts; columns of shape (n,). Exactly one of ok, dead and (again without redelivery) holds."""

    ok: Bool
    """The copies were written."""
    dead: Bool
    """The last attempt failed: on to the dead letters."""
    again_at_ns: I64
    """When the job is enqueued again; -1: never."""
    redelivery: Bool
    """Finished, and handed out again all the same: its copies come a second time."""


def judge(
    polled: Polled, config: FanoutConfig, seed: int, poison: frozenset[int] = frozenset(), dead_letters: bool = True
) -> Outcome:
    """Decide the attempts that workers have made. A job is handed out at most `max_attempts` times; without dead
    letters one that fails is tried for ever, and at once. Jobs of the rows that are `poison` always fail."""
    jobs = polled.jobs
    if config.fail_rate == 0 and config.redeliver_rate == 0 and not poison:
        no = np.zeros(jobs.size, np.bool_)
        return Outcome(~no, no, np.full(jobs.size, -1, np.int64), no)
    failed = _chance(seed, "fails", jobs) < config.fail_rate
    if poison:
        failed |= np.isin(jobs.row, list(poison))
    last = jobs.attempt >= config.max_attempts
    redelivery = ~failed & ~last & (_chance(seed, "redeliv", jobs) < config.redeliver_rate)
    dead = failed & last if dead_letters else np.zeros(jobs.size, np.bool_)
    again = redelivery | (failed & ~dead)
    jitter = _chance(seed, "jitter", jobs)
    again_ns = _again_ns(polled.done_ns, jobs.attempt, config.retry_base_ms, jitter)
    if not dead_letters:
        again_ns = np.where(failed, _at_once_ns(polled.done_ns), again_ns)
    return Outcome(~failed, dead, np.where(again, again_ns, -1), redelivery)


def _at_once_ns(done_ns: I64) -> I64:
    """The first multiple of the quantum that is at least a quantum later."""
    at_once_ns: I64 = -(-(done_ns + QUANTUM_NS) // QUANTUM_NS) * QUANTUM_NS
    return at_once_ns


def _again_ns(done_ns: I64, attempt: I32, retry_base_ms: float, jitter: F64) -> I64:
    """The multiple of the quantum at which a job is enqueued again: at least a quantum after its batch ended.

    Back-off of attempt a: base * 2 ** (a - 1), of which half is certain and half is by chance, so that jobs that failed
    together do not return together.

    Source: M. Brooker, Exponential Backoff And Jitter (AWS Architecture Blog, 2015), "equal jitter".
    """
    base_ns = np.int64(round(retry_base_ms * NS_PER_MS))
    half_ns = (base_ns << np.clip(attempt.astype(np.int64) - 1, 0, _MOST_DOUBLINGS)) // 2
    backoff_ns = half_ns + (half_ns * jitter).astype(np.int64)
    ready_ns = done_ns + np.maximum(backoff_ns, QUANTUM_NS)
    again_ns: I64 = -(-ready_ns // QUANTUM_NS) * QUANTUM_NS
    return again_ns


def _chance(seed: int, purpose: str, jobs: JobBatch) -> F64:
    # A redriven job starts again at attempt 1, as a duplicate: it does not have to meet the same fates again.
    return uniform(seed, purpose, jobs.key, 2 * jobs.attempt.astype(np.int64) + jobs.duplicate)


class DeadLetters:
    """Jobs that were given up, in the order in which that happened."""

    def __init__(self) -> None:
        self.jobs = JobBatch.empty()

    def add(self, jobs: JobBatch) -> None:
        """Keep jobs."""
        self.jobs = JobBatch.concat([self.jobs, jobs])

    def redrive(self) -> JobBatch:
        """All jobs, as they were kept; none is left here."""
        jobs, self.jobs = self.jobs, JobBatch.empty()
        return jobs

    def __len__(self) -> int:
        return self.jobs.size
