"""The relay: from the journal, which is the truth, to jobs in Redis, with a watermark of its own.

The mark lives in Redis beside the queue and moves in the same script that adds the jobs, and only from where it is
expected to stand. So whatever dies when: what lies above the mark is planned again. What Redis forgets takes the mark
along.

Links and people's own entries are written before the mark moves, and are idempotent.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from engine.clock import wall_epoch_s
from engine.cluster.edges import Edges
from engine.cluster.keys import SHARDS
from engine.cluster.queue import Job, Queue
from engine.cluster.served import Absorbed, Served, opened_ns
from engine.errors import StoreError
from engine.journal.journal import Entry, Journal
from engine.timelines.redis_store import RedisStore

REWIND_S = 5.0
"""How much of its past a server that came back is taken to have forgotten: AOF everysec promises one second, and two
where the disk is slow."""
_GONE_MS = 3_600_000
"""A worker that has not asked for so long is not waited for."""
_ENTRIES_AT_ONCE = 250
_JOBS_AT_ONCE = 400
"""What one script adds, but for a post that has more jobs by itself."""


class Relay:
    """Plans the fan-out of one world. One at a time; a second one finds the mark moved, and looks again."""

    def __init__(
        self,
        journal: Journal,
        served: Served,
        queue: Queue,
        edges: Edges,
        lists: RedisStore,
        rewind_s: float = REWIND_S,
    ) -> None:
        self.planned = 0
        """The entry up to which fan-out was planned when Redis was last asked."""
        self.rewinds = 0
        self.fills = 0
        self.planned_jobs = 0
        self.replanned_jobs = 0
        self._journal = journal
        self._served = served
        self._queue = queue
        self._edges = edges
        self._lists = lists
        self._rewind_ms = round(1_000 * rewind_s)
        self._position: int | None = None
        self._dead_seen = "-"

    @property
    def position(self) -> int:
        """The entry up to which fan-out is planned; -1 where that is not known."""
        return -1 if self._position is None else self._position

    def look_again(self) -> None:
        """Something went wrong: ask Redis where it stands before going on."""
        self._position = None

    def step(self) -> int:
        """Plan the next entries; how many were.

        Raises:
            StoreError: Redis failed; nothing is lost, call again.
        """
        if self._position is None:
            self._position = self.planned = self._find()
        found = self._next(self._position)
        if not found:
            return 0
        late = found[0].seq <= self._served.known
        absorbed = self._served.again(found, self._edges) if late else self._served.absorb(found, self._edges)
        self._lists.push(*self._served.own_entries(absorbed.rows))
        self._hand_on(absorbed, found[-1].seq, late)
        self.planned = max(self.planned, self.position)
        return len(found)

    def _next(self, position: int) -> list[Entry]:
        """Entries above a position: all known already, or all new."""
        found = list(islice(self._journal.entries(position), _ENTRIES_AT_ONCE))
        known = [entry for entry in found if entry.seq <= self._served.known]
        return known or found

    def _hand_on(self, absorbed: Absorbed, upto: int, late: bool) -> None:
        position = self.position
        for jobs, reached in _cuts(absorbed.jobs, upto):
            if not self._queue.enqueue(jobs, position, reached, late):
                self._position = None  # Redis has forgotten something, or another relay is at work
                return
            self._position = position = reached
            self.planned_jobs += len(jobs)
            self.replanned_jobs += len(jobs) if late else 0

    # Where Redis stands

    def _find(self) -> int:
        """The mark, after whatever is missing in Redis has been made good."""
        world, mark = self._queue.world(), self._queue.mark()
        if not world or mark is None:
            return self._fill()
        mine = str(self._journal.origin.config["served"])
        if world.get("served") != mine:
            raise StoreError(
                f"Redis has another world under the name {self._queue.keys.name!r}; allowed: another --name, or "
                "its own journal."
            )
        if mark.seq > self._journal.last_seq:
            raise StoreError(
                f"Redis knows entry {mark.seq} of this world and its journal ends with {self._journal.last_seq}; "
                "restore the whole journal."
            )
        if self._served.known < mark.seq:
            self._remember(mark.seq)
        self._served.tables.lists = self._lists
        run = self._queue.run()
        if mark.run == run:
            return mark.seq
        self.rewinds += 1
        back = min(self._queue.done_up_to(), self._queue.low_before_last(self._rewind_ms))
        self._queue.rewind(back, run)
        return back

    def _remember(self, upto: int) -> None:
        """Take in what another process has planned; Redis has it."""
        entries = self._journal.entries(self._served.known)
        while some := list(islice(entries, _ENTRIES_AT_ONCE)):
            some = [entry for entry in some if entry.seq <= upto]
            if not some:
                return
            self._served.absorb(some)

    def _fill(self) -> int:
        """Redis knows nothing of this world, or not all of it."""
        self.fills += 1
        self._remember(self._journal.last_seq)
        self._served.fill(self._lists, self._edges)
        seq, config = self._served.known, self._served.config
        world: dict[str, str | int] = {
            "served": str(self._journal.origin.config["served"]),
            "users": self._served.tables.graph.n,
            "cap": config.timeline.cap,
            "shards": SHARDS,
            "opened_ns": opened_ns(self._journal),
            "max_attempts": config.fanout.max_attempts,
            "world": config.world,
            "strategy": config.strategy.name,
        }
        self._queue.begin(world, seq, self._queue.run())
        return seq

    # Once in a while

    def note(self) -> None:
        """Once a second: has the server been another one meanwhile, how far is everything done, what was given up."""
        mark = self._queue.mark()
        if mark is None or mark.run != self._queue.run():
            self._position = None
            return
        self._queue.note_low(round(1_000 * wall_epoch_s()), self._queue.done_up_to())
        self._hear_of_dead_letters()
        self._queue.forget_gone(_GONE_MS)

    def _hear_of_dead_letters(self) -> None:
        letters = self._queue.dead_letters(self._dead_seen)
        if letters:
            self._dead_seen = f"({letters[-1][0]}"
            self._served.give_up(np.array([job.row for _, job, _ in letters], np.int32))


def _cuts(jobs: Sequence[Job], upto: int) -> Iterator[tuple[list[Job], int]]:
    """Jobs as many together as one script takes, each with the entry up to which they go; a post is not cut."""
    batch: list[Job] = []
    for i, job in enumerate(jobs):
        if len(batch) >= _JOBS_AT_ONCE and job.seq != jobs[i - 1].seq:
            yield batch, jobs[i - 1].seq
            batch = []
        batch.append(job)
    yield batch, upto
