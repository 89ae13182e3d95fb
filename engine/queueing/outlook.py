"""When a job that waits will have its turn, if nothing newer overtakes it.

All jobs here were enqueued by now, and no poll comes earlier. So where each line is cut into batches does not depend on
the other lines, and within a lane batches are taken in the order of their heads: no poll has to be played through.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import heapify, heapreplace
from typing import NamedTuple

Queued = tuple[int, int, int, int]
"""A job in line: enqueued_ns, key, length, slot in the broker's table."""


class Turn(NamedTuple):
    """A waiting job's turn. Copies are deliveries; instants hold if nothing newer overtakes it."""

    partition: int
    jobs_ahead: int
    """In its own line."""
    copies_ahead: int
    """In its own line."""
    copies_before: int
    """Of all jobs, in all lines and lanes, that workers take before it."""
    polled_ns: int
    done_ns: int
    """When its batch ends, and its copies leave."""
    worker: int


class Prices(NamedTuple):
    """How a batch is made, and what it takes."""

    batch_copies: int
    poll_ns: int
    delivery_ns: int


class _Batch(NamedTuple):
    enqueued_ns: int
    key: int
    """Of its head; batches compare by these two, which no two share."""
    partition: int
    jobs: list[Queued]

    @property
    def copies(self) -> int:
        return sum(job[2] for job in self.jobs)


def turn_of(
    key: int,
    lanes: Sequence[Iterable[tuple[int, Iterable[Queued]]]],
    workers: Iterable[tuple[int, int]],
    prices: Prices,
    at_ns: int,
) -> Turn | None:
    """The turn of the job with this key, from an instant on; None if it is in no line.

    `lanes`: of each lane, first served first, (partition, line); `workers`: (free at, number) of each.
    """
    earlier: list[_Batch] = []
    for lane in lanes:
        lines = [(partition, list(line)) for partition, line in lane]
        batches = sorted(batch for partition, line in lines for batch in _cut(partition, line, prices.batch_copies))
        for place, batch in enumerate(batches):
            keys = [job[1] for job in batch.jobs]
            if key in keys:
                line = dict(lines)[batch.partition]
                ahead = [job[2] for job in line[: [job[1] for job in line].index(key)]]
                earlier += batches[:place]
                before = sum(b.copies for b in earlier) + sum(job[2] for job in batch.jobs[: keys.index(key)])
                polled_ns, worker = _polled(earlier, workers, prices, at_ns)
                done_ns = polled_ns + _service_ns(batch, prices)
                return Turn(batch.partition, len(ahead), sum(ahead), before, polled_ns, done_ns, worker)
        earlier += batches
    return None


def _cut(partition: int, line: list[Queued], batch_copies: int) -> Iterator[_Batch]:
    """The batches that a line will be taken in: whole jobs while they fit, at least one."""
    first, copies = 0, 0
    for place, job in enumerate(line):
        if place > first and copies + job[2] > batch_copies:
            yield _Batch(line[first][0], line[first][1], partition, line[first:place])
            first, copies = place, 0
        copies += job[2]
    if line:
        yield _Batch(line[first][0], line[first][1], partition, line[first:])


def _polled(earlier: list[_Batch], workers: Iterable[tuple[int, int]], prices: Prices, at_ns: int) -> tuple[int, int]:
    """(instant, worker) of the poll after those for some batches."""
    free = list(workers)
    heapify(free)
    for batch in earlier:
        free_ns, worker = free[0]
        heapreplace(free, (max(free_ns, at_ns) + _service_ns(batch, prices), worker))
    return max(free[0][0], at_ns), free[0][1]


def _service_ns(batch: _Batch, prices: Prices) -> int:
    return prices.poll_ns + batch.copies * prices.delivery_ns
