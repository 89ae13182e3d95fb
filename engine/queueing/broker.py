"""The broker and its workers: who takes which jobs when, exactly, batch by batch.

Jobs wait in one line for each lane and partition, in order of (enqueued_ns, key). The worker free longest (ties: lowest
number) polls as soon as it is free and a job is there. It takes, from the close lane if a job is there, else from the
rest lane, the line with the oldest head, and from that line whole jobs while they fit into a batch, at least one.

A poll depends on jobs enqueued by its instant and on nothing later. So working up to an instant in one go, or in many,
is the same.
"""

from collections import deque
from collections.abc import Iterable
from heapq import heapify, heappop, heappush, heapreplace
from typing import NamedTuple, Self

import numpy as np

from engine.domain import I8, I32, I64, Bool
from engine.queueing.outlook import Prices, Queued, Turn, turn_of

_FOREVER_NS = -(1 << 62)
"""Free since before all history."""
_NEVER_NS = np.iinfo(np.int64).max
"""When a lane without jobs has one; no instant is later."""

_JOB = np.dtype(
    [
        ("row", np.int32), ("lane", np.int8), ("partition", np.int32), ("start", np.int64), ("length", np.int32),
        ("enqueued_ns", np.int64), ("attempt", np.int32), ("key", np.int64), ("duplicate", np.bool_),
    ]
)  # fmt: skip


class JobBatch(NamedTuple):
    """Fan-out jobs: a post and a slice of the followers in the arena each; columns of shape (n,)."""

    row: I32
    lane: I8
    """0 close, 1 rest."""
    partition: I32
    start: I64
    length: I32
    enqueued_ns: I64
    attempt: I32
    """1 for the first."""
    key: I64
    """Content id: row << 24 | lane << 23 | number of the chunk."""
    duplicate: Bool
    """Handed out again although it had been finished, or given up."""

    @classmethod
    def empty(cls) -> Self:
        """No jobs."""
        return cls._of(np.zeros(0, _JOB))

    @classmethod
    def concat(cls, batches: Iterable[Self]) -> Self:
        """Several batches as one."""
        return cls._make(np.concatenate(columns) for columns in zip(cls.empty(), *batches, strict=True))

    @classmethod
    def _of(cls, records: np.ndarray[tuple[int], np.dtype[np.void]]) -> Self:
        return cls._make(np.ascontiguousarray(records[name]) for name in cls._fields)

    @property
    def size(self) -> int:
        """How many jobs."""
        return len(self.row)

    def take(self, which: Bool | I64) -> Self:
        """Some of the jobs, by mask or by index."""
        return type(self)._make(column[which] for column in self)


class Polled(NamedTuple):
    """Jobs taken by workers, in order of their polls; columns of shape (n,)."""

    jobs: JobBatch
    polled_ns: I64
    done_ns: I64
    """When their batch ends: all its copies leave then."""
    worker: I32


_NOTHING = Polled(JobBatch.empty(), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int32))


class LaneSums(NamedTuple):
    """What has gone through one lane so far; every attempt of a job counts."""

    joined_jobs: int
    joined_copies: int
    taken_jobs: int
    taken_copies: int
    waited_ns: int
    """Time in line of the jobs that were taken, all together."""


class _Lane:
    """Lines of one lane by partition, and the heads of those that are not empty."""

    def __init__(self) -> None:
        self.jobs = self.joined_jobs = self.joined_copies = self.waited_ns = 0
        self.lines: dict[int, deque[Queued]] = {}
        self.heads: list[tuple[int, int, int, deque[Queued]]] = []  # enqueued_ns, key, partition, line; a heap
        self.copies = 0

    def add(self, partition: int, job: Queued) -> None:
        line = self.lines.setdefault(partition, deque())
        if not line:
            heappush(self.heads, (job[0], job[1], partition, line))
            line.append(job)
            return
        if line[-1] <= job:
            line.append(job)
            return
        place = len(line) - 1  # rare: a retry that came after jobs of the same segment
        while place and line[place - 1] > job:
            place -= 1
        line.insert(place, job)
        if place == 0:
            self.heads = [(waiting[0][0], waiting[0][1], p, waiting) for p, waiting in self.lines.items() if waiting]
            heapify(self.heads)


class Broker:
    """Jobs that wait, workers that take them, and the time it takes: `poll_ns` a batch and `delivery_ns` a copy."""

    def __init__(self, partitions: int, workers: int, batch_copies: int, poll_ns: int, delivery_ns: int) -> None:
        self.busy_ns = 0
        """Time of all batches begun; less the backlog it is the time worked."""
        self.polls = 0
        """Batches taken."""
        self._partitions, self._batch_copies = partitions, batch_copies
        self._poll_ns, self._delivery_ns = poll_ns, delivery_ns
        self._worked_ns = _FOREVER_NS
        self._workers = [(_FOREVER_NS, number) for number in range(workers)]  # free at, number; a heap
        self._leaving_ns: list[int] = []  # ends of the last batches of workers that were removed
        self._lanes = (_Lane(), _Lane())
        self._table = np.zeros(256, _JOB)
        self._free = list(range(256))  # slots of the table
        self._is_waiting: Bool = np.zeros(256, np.bool_)
        self.poison: frozenset[int] = frozenset()
        """Rows whose jobs kill the worker that takes them."""
        self.restart_ns = 0
        """How long a worker that died is away."""
        self._paused_until_ns = _FOREVER_NS

    @property
    def waiting_jobs(self) -> int:
        """Jobs that no worker has taken."""
        return len(self._table) - len(self._free)

    def waiting_copies(self) -> tuple[int, int]:
        """Copies of the jobs that no worker has taken, (close, rest)."""
        close, rest = self._lanes
        return close.copies, rest.copies

    def lane_sums(self) -> tuple[LaneSums, LaneSums]:
        """What went through the lanes so far, (close, rest)."""
        close, rest = (
            LaneSums(
                lane.joined_jobs,
                lane.joined_copies,
                lane.joined_jobs - lane.jobs,
                lane.joined_copies - lane.copies,
                lane.waited_ns,
            )
            for lane in self._lanes
        )
        return close, rest

    def oldest_ns(self) -> tuple[int | None, int | None]:
        """When the job that has waited longest in each lane joined it, (close, rest); None where none waits."""
        close, rest = (lane.heads[0][0] if lane.heads else None for lane in self._lanes)
        return close, rest

    def waiting(self) -> JobBatch:
        """The jobs that no worker has taken, by (enqueued_ns, key)."""
        jobs = self._table[self._is_waiting]
        return JobBatch._of(jobs[np.lexsort((jobs["key"], jobs["enqueued_ns"]))])

    def turn(self, key: int, at_ns: int) -> Turn | None:
        """When the waiting job with this key is taken, from now on, if nothing newer overtakes it; None: none waits."""
        lines = [list(lane.lines.items()) for lane in self._lanes]
        prices = Prices(self._batch_copies, self._poll_ns, self._delivery_ns)
        return turn_of(key, lines, self._workers, prices, max(at_ns, self._paused_until_ns))

    def share(self, copies: int, batches: int, span_ns: int) -> float:
        """The share of all workers' time that so many copies in so many batches take if they come in a span."""
        return (batches * self._poll_ns + copies * self._delivery_ns) / (len(self._workers) * span_ns)

    def backlog_ns(self, at_ns: int) -> int:
        """What is left, at an instant, of the batches that were begun; all workers together."""
        ends = [*(max(free_ns, self._paused_until_ns) for free_ns, _ in self._workers), *self._leaving_ns]
        return sum(end - at_ns for end in ends if end > at_ns)

    def at_work(self, at_ns: int) -> int:
        """How many of the workers are in a batch at an instant."""
        return sum(max(free_ns, self._paused_until_ns) > at_ns for free_ns, _ in self._workers)

    def enqueue(self, jobs: JobBatch) -> None:
        """Add jobs, in any order; partitions beyond the present number are wrapped around.

        Raises:
            ValueError: a job enqueued before the last `work(until_ns)`: workers have passed that instant.
        """
        if jobs.size == 0:
            return
        if jobs.enqueued_ns.min() < self._worked_ns:
            raise ValueError(f"A job of {jobs.enqueued_ns.min()} ns; workers have worked until {self._worked_ns} ns.")
        slots = self._store(jobs)
        order = np.lexsort((jobs.key, jobs.enqueued_ns))
        columns = (
            jobs.lane, jobs.partition % self._partitions, jobs.enqueued_ns, jobs.key, jobs.length, slots,
        )  # fmt: skip
        lanes = self._lanes
        for lane_no, partition, *job in zip(*(column[order].tolist() for column in columns), strict=True):
            lane = lanes[lane_no]
            lane.jobs += 1
            lane.joined_jobs += 1
            lane.copies += job[2]
            lane.joined_copies += job[2]
            lane.add(partition, tuple(job))

    def _store(self, jobs: JobBatch) -> I64:
        """Write jobs into free slots of the table; the slots, shape (n,)."""
        while len(self._free) < jobs.size:
            old = len(self._table)
            self._table = np.concatenate([self._table, np.zeros(old, _JOB)])
            self._is_waiting = np.concatenate([self._is_waiting, np.zeros(old, np.bool_)])
            self._free.extend(range(old, 2 * old))
        slots = np.array(self._free[-jobs.size :], np.int64)
        del self._free[-jobs.size :]
        records = np.empty(jobs.size, _JOB)
        for name, column in zip(JobBatch._fields, jobs, strict=True):
            records[name] = column
        self._table[slots] = records
        self._is_waiting[slots] = True
        return slots

    def work(self, until_ns: int) -> Polled:
        """Every poll that starts before an instant: the jobs taken, in order."""
        workers, slots = self._workers, list[int]()
        batches: list[tuple[int, int, int, int]] = []  # jobs, polled_ns, done_ns, worker
        close, rest = self._lanes
        while True:
            free_ns, worker = workers[0]
            close_ns = close.heads[0][0] if close.heads else _NEVER_NS
            rest_ns = rest.heads[0][0] if rest.heads else _NEVER_NS
            polled_ns = max(free_ns, min(close_ns, rest_ns), self._paused_until_ns)
            if polled_ns >= until_ns:
                break
            before = len(slots)
            copies = self._take(close if close_ns <= polled_ns else rest, polled_ns, slots)
            done_ns = polled_ns + self._poll_ns + copies * self._delivery_ns
            if self.poison and not self.poison.isdisjoint(self._table["row"][slots[before:]].tolist()):
                done_ns += self.restart_ns
            heapreplace(workers, (done_ns, worker))
            self.busy_ns += done_ns - polled_ns
            batches.append((len(slots) - before, polled_ns, done_ns, worker))
        self.polls += len(batches)
        self._worked_ns = max(self._worked_ns, until_ns)
        return self._polled(slots, batches)

    def _take(self, lane: _Lane, polled_ns: int, slots: list[int]) -> int:
        """Take a batch from the line with the oldest head; its slots are added to `slots`, its copies returned."""
        before = len(slots)
        _, _, partition, line = lane.heads[0]
        _, _, copies, slot = line.popleft()
        slots.append(slot)
        while line and line[0][0] <= polled_ns and copies + line[0][2] <= self._batch_copies:
            _, _, length, slot = line.popleft()
            slots.append(slot)
            copies += length
        if line:
            heapreplace(lane.heads, (line[0][0], line[0][1], partition, line))
        else:
            heappop(lane.heads)
        lane.copies -= copies
        lane.jobs -= len(slots) - before
        return copies

    def _polled(self, slots: list[int], batches: list[tuple[int, int, int, int]]) -> Polled:
        """Give the slots of taken jobs back, and write out what each job's batch was."""
        if not slots:
            return _NOTHING
        place = np.array(slots, np.int64)
        jobs = JobBatch._of(self._table[place])
        self._is_waiting[place] = False
        self._free.extend(slots)
        count, polled_ns, done_ns, worker = np.array(batches, np.int64).T
        polled_ns = polled_ns.repeat(count)
        self._note_waits(jobs, polled_ns)
        return Polled(jobs, polled_ns, done_ns.repeat(count), worker.repeat(count).astype(np.int32))

    def _note_waits(self, jobs: JobBatch, polled_ns: I64) -> None:
        wait_ns, in_rest = polled_ns - jobs.enqueued_ns, jobs.lane > 0
        waited_ns, of_rest = int(wait_ns.sum()), int(wait_ns[in_rest].sum())
        self._lanes[0].waited_ns += waited_ns - of_rest
        self._lanes[1].waited_ns += of_rest

    def pause(self, at_ns: int, until_ns: int) -> None:
        """Nobody polls from one instant to another; batches that were taken before are finished. Meanwhile workers
        count as busy."""
        idle_ns = max(at_ns, self._paused_until_ns)
        self.busy_ns += sum(max(until_ns - max(free_ns, idle_ns), 0) for free_ns, _ in self._workers)
        self._paused_until_ns = max(self._paused_until_ns, until_ns)

    def crash(self, count: int, at_ns: int) -> list[int]:
        """Up to so many workers that are in a batch at an instant, the lowest numbers first, die in it: they poll again
        when they are back. Who they are; what they had taken is the caller's to hand out again."""
        died = sorted(number for free_ns, number in self._workers if free_ns > at_ns)[:count]
        back_ns = at_ns + self.restart_ns
        self.busy_ns += sum(back_ns - free_ns for free_ns, number in self._workers if number in died)
        self._workers = [(back_ns if number in died else free_ns, number) for free_ns, number in self._workers]
        heapify(self._workers)
        return died

    def set_workers(self, count: int, at_ns: int) -> None:
        """Have this many workers: new ones are free at an instant, the highest numbers leave after their batch."""
        self._leaving_ns = [end for end in self._leaving_ns if end > at_ns]
        self._leaving_ns += [free_ns for free_ns, number in self._workers if number >= count and free_ns > at_ns]
        new = [(at_ns, number) for number in range(len(self._workers), count)]
        self._workers = [worker for worker in self._workers if worker[1] < count] + new
        heapify(self._workers)

    def configure(self, *, poll_ns: int, delivery_ns: int, batch_copies: int, partitions: int | None = None) -> None:
        """Take over changed knobs for polls to come. Queued jobs stay in their lines; new ones use the new number."""
        self._poll_ns, self._delivery_ns, self._batch_copies = poll_ns, delivery_ns, batch_copies
        self._partitions = partitions or self._partitions
