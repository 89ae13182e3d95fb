"""What the fan-out did: how each post was planned, and every attempt of a worker at one of its jobs.

Two rings of numpy columns; the oldest records make room for new ones. Nothing here is read by the engine itself.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain import I8, I32, I64, NO_ROW, U8, Bool
from engine.queueing.broker import JobBatch, Polled
from engine.write_path.arena import FollowerArena
from engine.write_path.attempts import Outcome
from engine.write_path.strategies import Strategy

LANES = ("close", "rest")
"""Names of the lanes by number."""
_CHUNK_BITS = 23


class Fate(IntEnum):
    """What became of an attempt when its batch ended."""

    WRITTEN = 0
    """The copies left for the timeline shards; the broker may hand the job out a second time all the same."""
    FAILED = 1
    """The worker crashed; the job is enqueued again."""
    DEAD = 2
    """The last attempt failed: on to the dead letters."""


class Attempts(NamedTuple):
    """Attempts at jobs, in order of their polls; columns of shape (n,)."""

    row: I32
    key: I64
    """The job's content id: row << 24 | lane << 23 | number of the chunk."""
    lane: I8
    """0 close, 1 rest."""
    partition: I32
    start: I64
    """Position in the follower arena, which may have forgotten it since."""
    length: I32
    attempt: I32
    """1 for the first."""
    duplicate: Bool
    enqueued_ns: I64
    polled_ns: I64
    done_ns: I64
    """When the batch ends; in the future for those that are being written."""
    worker: I32
    fate: U8
    """`Fate`; settled when the batch was polled, true from done_ns on."""
    again_ns: I64
    """When the job is enqueued again; -1: never."""
    first_owner: I32
    """The chunk's lowest follower id; ids ascend through the chunks of one lane."""
    last_owner: I32

    @property
    def size(self) -> int:
        """How many attempts."""
        return len(self.row)

    def take(self, which: Bool | I64) -> "Attempts":
        """Some of them, by mask or by index."""
        return Attempts._make(column[which] for column in self)


@dataclass(frozen=True)
class Planned:
    """How one post was planned when it was accepted."""

    row: int
    strategy: Strategy
    """The one in force at that instant."""
    pushed: bool
    followers: int
    """Of its author at that instant."""
    copies: tuple[int, int]
    """Deliveries by lane (close, rest)."""
    chunks: tuple[int, int]
    """Jobs by lane."""


_ATTEMPT_TYPES = (
    np.int32, np.int64, np.int8, np.int32, np.int64, np.int32, np.int32, np.bool_, np.int64, np.int64, np.int64,
    np.int32, np.uint8, np.int64, np.int32, np.int32,
)  # fmt: skip


def chunk_of(key: int) -> tuple[int, int]:
    """(lane, number of the chunk in that lane, from 0) of a job's key."""
    return key >> _CHUNK_BITS & 1, key & ((1 << _CHUNK_BITS) - 1)


class JobLog:
    """Remembers the newest `capacity` attempts, and the plans of as many posts."""

    def __init__(self, capacity: int) -> None:
        self._attempts = Attempts._make(np.zeros(capacity, kind) for kind in _ATTEMPT_TYPES)
        self._attempts.row[:] = NO_ROW
        self._count = 0
        self._plans = _Plans(capacity)
        self._strategies: list[Strategy] = []

    # Recording

    def plan(self, rows: I32, pushed: Bool, followers: I64, jobs: JobBatch, strategy: Strategy) -> None:
        """Record how posts were planned (rows ascending, columns of shape (n,)), with all their jobs."""
        if not self._strategies or self._strategies[-1] is not strategy:
            self._strategies.append(strategy)
        self._plans.add(rows, pushed, followers, jobs, len(self._strategies) - 1)

    def replan(self, rows: I32, jobs: JobBatch) -> None:
        """Record the jobs that posts (rows ascending) got later than when they were planned."""
        for row in rows.tolist():
            planned = self._plans.of(row)
            if planned is not None:
                one, mine = np.array([row], np.int32), jobs.take(jobs.row == row)
                followers = np.array([planned["followers"]], np.int64)
                self._plans.add(one, np.zeros(1, np.bool_), followers, mine, planned["strategy"])

    def add(self, polled: Polled, outcome: Outcome, arena: FollowerArena) -> None:
        """Record attempts; the arena must still hold their followers."""
        jobs, capacity = polled.jobs, len(self._attempts.row)
        kept = np.arange(max(0, jobs.size - capacity), jobs.size)
        one, lengths = np.ones(len(kept), np.int64), jobs.length[kept].astype(np.int64)
        fate = np.where(outcome.ok, Fate.WRITTEN, np.where(outcome.dead, Fate.DEAD, Fate.FAILED))
        columns: tuple[NDArray[Any], ...] = (
            jobs.row, jobs.key, jobs.lane, jobs.partition, jobs.start, jobs.length, jobs.attempt, jobs.duplicate,
            jobs.enqueued_ns, polled.polled_ns, polled.done_ns, polled.worker, fate, outcome.again_at_ns,
        )  # fmt: skip
        place = (self._count + np.arange(len(kept))) % capacity
        for name, column in zip(Attempts._fields, columns, strict=False):  # the last two are of the arena
            self._column(name)[place] = column[kept]
        self._attempts.first_owner[place] = arena.gather(jobs.start[kept], one)
        self._attempts.last_owner[place] = arena.gather(jobs.start[kept] + lengths - 1, one)
        self._count += len(kept)

    # Asking

    def of(self, row: int) -> Attempts:
        """The recorded attempts at one post's jobs, in order of their polls."""
        return self._in_order(self._attempts.row == row)

    def attempts_at(self, key: int) -> Attempts:
        """The recorded attempts at one job, in order of their polls."""
        return self._in_order(self._attempts.key == key)

    def batch_copies(self, worker: int, polled_ns: int) -> int:
        """Copies of all recorded jobs that a worker took in one poll."""
        log = self._attempts
        return int(log.length[(log.polled_ns == polled_ns) & (log.worker == worker) & (log.row != NO_ROW)].sum())

    def plan_of(self, row: int) -> Planned | None:
        """How a post was planned; None if it was never, or is no longer remembered."""
        record = self._plans.of(row)
        if record is None:
            return None
        return Planned(
            row, self._strategies[record["strategy"]], bool(record["pushed"]), record["followers"],
            (record["close"], record["rest"]), (record["close_chunks"], record["rest_chunks"]),
        )  # fmt: skip

    def planned_since(self, row: int, lane: int) -> tuple[int, int]:
        """(copies, jobs) planned in a lane for the remembered posts from this row on."""
        plans = self._plans.columns
        since = plans["row"] >= max(row, 0)
        copies, chunks = plans[LANES[lane]][since], plans[f"{LANES[lane]}_chunks"][since]
        return int(copies.sum()), int(chunks.sum())

    def _column(self, name: str) -> NDArray[Any]:
        column: NDArray[Any] = getattr(self._attempts, name)
        return column

    def _in_order(self, which: Bool) -> Attempts:
        place = np.flatnonzero(which)
        oldest_first = np.argsort((place - self._count) % len(self._attempts.row), kind="stable")
        return self._attempts.take(place[oldest_first])


class _Plans:
    """A ring of plans by row: rows come ascending, each once."""

    _NAMES = ("row", "strategy", "pushed", "followers", "close", "rest", "close_chunks", "rest_chunks")

    def __init__(self, capacity: int) -> None:
        self.columns: dict[str, NDArray[Any]] = {name: np.full(capacity, NO_ROW, np.int32) for name in self._NAMES}

    def add(self, rows: I32, pushed: Bool, followers: I64, jobs: JobBatch, strategy: int) -> None:
        capacity, count = len(self.columns["row"]), len(rows)
        group = 2 * np.searchsorted(rows, jobs.row) + jobs.lane
        copies = np.bincount(group, weights=jobs.length, minlength=2 * count).reshape(count, 2)
        chunks = np.bincount(group, minlength=2 * count).reshape(count, 2)
        place, kept = rows[-capacity:] % capacity, slice(max(0, count - capacity), None)
        values = (rows, np.full(count, strategy), pushed, followers, *copies.T, *chunks.T)
        for name, value in zip(self._NAMES, values, strict=True):
            self.columns[name][place] = value[kept]

    def of(self, row: int) -> dict[str, int] | None:
        place = row % len(self.columns["row"])
        if row < 0 or self.columns["row"][place] != row:
            return None
        return {name: int(column[place]) for name, column in self.columns.items()}
