"""What people's apps do when an answer does not come: give up, and try again."""

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from engine.clock import NS_PER_MS, NS_PER_S, QUANTUM_NS
from engine.domain import I8, I32, I64
from engine.observe.metric import Metric
from engine.queueing.hashing import uniform
from engine.queueing.pending import Pending
from engine.read_path.home import NewReads

if TYPE_CHECKING:
    from engine.world import World

_IMPATIENT_NS = NS_PER_S
_BUDGET = 0.1
"""Reads tried again, of those of the last ten seconds. Source: Google SRE book, Handling overload."""
_WINDOW = 10 * NS_PER_S // QUANTUM_NS


class Clients:
    """Looked at by the world at every quantum while apps are impatient."""

    def __init__(self) -> None:
        self._impatient = False
        self._again = Pending(user=np.int32, slot=np.int64)
        self._reads: deque[int] = deque(maxlen=_WINDOW)
        self._repeated: deque[int] = deque(maxlen=_WINDOW)
        self._count = 0
        self._before: int | None = None
        """Reads until the last quantum; None while no app gives up."""

    def lose_patience(self) -> None:
        """From now on apps give up, also where they are configured to wait for ever."""
        self._impatient = True

    def timeout_ns(self, world: "World") -> int:
        """After which time apps give up; 0: never."""
        configured = round(world.config.clients.timeout_ms * NS_PER_MS)
        return configured or (_IMPATIENT_NS if self._impatient else 0)

    def quantum(self, world: "World") -> None:
        """Give up what has waited too long, and decide what is tried again and when."""
        timeout_ns = self.timeout_ns(world)
        if not timeout_ns:
            self._before = None
            return
        reads = world.metrics.total(Metric.READS)
        self._reads.append(0 if self._before is None else reads - self._before)
        self._before = reads
        users, attempt = world.reads.stations.overdue(world.now_ns - timeout_ns)
        order = np.lexsort((attempt, users))  # the same in whatever slots they were
        users, attempt = users[order], attempt[order]
        again = np.flatnonzero(attempt < world.config.clients.retries)
        delay_ns = np.zeros(len(again), np.int64)
        if world.config.mitigations.retry_budget:
            allowed = max(0, int(_BUDGET * sum(self._reads)) - sum(self._repeated))
            chance = uniform(world.config.seed, "retries", users[again], np.full(len(again), world.now_ns))
            again = again[np.sort(chance.argsort(kind="stable")[:allowed])]
            delay_ns = _backoff_ns(world, timeout_ns, users[again], attempt[again])
        self._send_again(world, users[again], attempt[again] + 1, world.now_ns + delay_ns)
        self._repeated.append(len(again))
        world.recorder.given_up_reads(len(users), len(again))

    def _send_again(self, world: "World", users: I32, attempt: I8, at_ns: I64) -> None:
        """These reads come again at instants to come. Their look-ups are announced now: each segment takes those that
        are due in it before it lets its reads in."""
        slots = world.reads.stations.admit_again(users, at_ns, attempt)
        world.gateway.queue_reads(users, slots, at_ns)
        number = np.arange(self._count, self._count + len(users))
        self._again.push(at_ns, number, user=users, slot=slots)
        self._count += len(users)

    def take_before(self, until_ns: int) -> NewReads:
        """The reads that are sent once more before an instant, in order of time."""
        due = self._again.take_before(until_ns)
        return NewReads(due["user"], due["due_ns"], due["slot"])

    def __len__(self) -> int:
        return len(self._again)


def _backoff_ns(world: "World", timeout_ns: int, users: I32, attempt: I8) -> I64:
    """Twice as long each time, of which half is by chance, so that apps do not come back together.

    Source: M. Brooker, Exponential Backoff And Jitter (AWS Architecture Blog, 2015), "equal jitter".
    """
    chance = uniform(world.config.seed, "backoff", users, attempt, np.full(len(users), world.now_ns))
    longest_ns = timeout_ns << attempt.astype(np.int64)
    delay_ns: I64 = (longest_ns * (0.5 + 0.5 * chance)).astype(np.int64)
    return delay_ns
