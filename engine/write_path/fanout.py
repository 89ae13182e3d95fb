"""From jobs to readable entries: broker, workers, retries, timeline shards."""

from enum import Enum
from typing import NamedTuple

import numpy as np

from engine.clock import ceil_quantum
from engine.config import WorldConfig
from engine.domain import I8, I32, I64, Bool
from engine.observe.job_log import JobLog
from engine.queueing.broker import Broker, JobBatch, Polled
from engine.queueing.pending import Columns, Pending
from engine.queueing.station import Station, shard_of
from engine.write_path.arena import FollowerArena
from engine.write_path.attempts import DeadLetters, judge


class Copies(NamedTuple):
    """Entries on their way to lists, in order of time; columns of shape (n,)."""

    at_ns: I64
    owner: I32
    row: I32
    lane: I8
    first: Bool
    """False for copies that the broker handed out a second time."""

    def followed_by(self, others: "Copies") -> "Copies":
        """These copies and then the others."""
        return Copies(
            np.concatenate([self.at_ns, others.at_ns]),
            np.concatenate([self.owner, others.owner]),
            np.concatenate([self.row, others.row]),
            np.concatenate([self.lane, others.lane]),
            np.concatenate([self.first, others.first]),
        )

    def take(self, which: Bool | I64) -> "Copies":
        """Some of the copies."""
        return Copies._make(column[which] for column in self)


NOTHING_ARRIVING = Copies(
    np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int8), np.zeros(0, np.bool_)
)


class GivenUp(NamedTuple):
    """Copies that went to the dead letters, with the instant at which readers are told to pull them."""

    at_ns: I64
    owner: I32
    row: I32
    lane: I8


class Stage(Enum):
    """Where a copy on its way can be."""

    QUEUED = "in a job that no worker has taken"
    AGAIN = "in a job that is enqueued again later"
    WRITING = "in a batch"
    AT_SHARD = "in the line of a timeline shard"
    TELLING = "given up; readers are about to be told"
    DEAD = "in the dead letters"


class Whereabouts(NamedTuple):
    """One place where a copy is."""

    stage: Stage
    key: int
    """Of its job."""
    due_ns: int
    """When the job was enqueued or will be, the batch ends, the copy is readable, readers are told; dead: enqueued."""
    attempt: int
    """At the job that is still to be made; 0 where none is."""
    first: bool
    """False for what the broker handed out a second time."""


class Fanout:
    """The asynchronous half of the write path. All state that a copy can be in lives here."""

    def __init__(self, config: WorldConfig) -> None:
        self.config = config
        self.arena = FollowerArena()
        self.broker = Broker(
            config.fanout.partitions,
            config.workers.count,
            config.workers.batch,
            _ns(config, config.costs.poll_us),
            _ns(config, config.costs.delivery_us),
        )
        self.shards = Station(config.timeline.shards)
        self.dead_letters = DeadLetters()
        self.job_log: JobLog | None = None
        """Set for those who watch."""
        self._again = Pending(**_JOB_COLUMNS)
        self._writing = Pending(owner=np.int32, row=np.int32, lane=np.int8, first=np.bool_)
        self._at_shards = Pending(owner=np.int32, row=np.int32, lane=np.int8, first=np.bool_)
        self._given_up = Pending(owner=np.int32, row=np.int32, lane=np.int8)

    def configure(self, config: WorldConfig, at_ns: int) -> None:
        """Take over changed knobs at an instant; what is queued stays queued."""
        self.config = config
        self.broker.configure(
            poll_ns=_ns(config, config.costs.poll_us),
            delivery_ns=_ns(config, config.costs.delivery_us),
            batch_copies=config.workers.batch,
        )
        self.broker.set_workers(config.workers.count, at_ns)
        self.shards.resize(config.timeline.shards)

    def enqueue(self, jobs: JobBatch) -> None:
        """Hand planned jobs to the broker."""
        self.broker.enqueue(jobs)

    def work(self, until_ns: int) -> tuple[int, int]:
        """Let workers poll until an instant; what they finish is on its way to the shards.

        Returns how many job attempts will be made again, and how many finished jobs are handed out again.
        """
        due = self._again.take_before(until_ns)
        if len(due["due_ns"]):
            self.broker.enqueue(_jobs(due))
        polled = self.broker.work(until_ns)
        return self._settle(polled) if len(polled.jobs.row) else (0, 0)

    def _settle(self, polled: Polled) -> tuple[int, int]:
        """Successful attempts write their copies; the others are tried again, or given up."""
        jobs = polled.jobs
        outcome = judge(polled, self.config.fanout, self.config.seed)
        if self.job_log:
            self.job_log.add(polled, outcome, self.arena)
        again = outcome.again_at_ns >= 0
        if again.any():
            self._hand_out_again(jobs, outcome.again_at_ns, outcome.redelivery, again)
        written = outcome.ok
        self._push_copies(self._writing, jobs, written, polled.done_ns)
        if outcome.dead.any():
            self.dead_letters.add(jobs.take(outcome.dead))
            told_ns = np.array([ceil_quantum(int(t) + 1) for t in polled.done_ns])
            self._push_copies(self._given_up, jobs, outcome.dead & ~jobs.duplicate, told_ns)  # not of duplicates
        redeliveries = int(np.count_nonzero(outcome.redelivery))
        return int(np.count_nonzero(again)) - redeliveries, redeliveries

    def _hand_out_again(self, jobs: JobBatch, again_at_ns: I64, redelivery: Bool, again: Bool) -> None:
        later = jobs.take(again)
        at_ns = again_at_ns[again]
        self._again.push(
            at_ns, later.key, row=later.row, lane=later.lane, partition=later.partition, start=later.start,
            length=later.length, attempt=later.attempt + 1, duplicate=redelivery[again] | later.duplicate,
        )  # fmt: skip

    def _push_copies(self, pending: Pending, jobs: JobBatch, mask: Bool, at_ns: I64) -> None:
        lengths = jobs.length[mask].astype(np.int64)
        columns: Columns = {
            "owner": self.arena.gather(jobs.start[mask], lengths),
            "row": np.repeat(jobs.row[mask], lengths),
            "lane": np.repeat(jobs.lane[mask], lengths),
        }
        if pending is not self._given_up:
            columns["first"] = np.repeat(~jobs.duplicate[mask], lengths)
        pending.push(np.repeat(at_ns[mask], lengths), np.repeat(jobs.key[mask], lengths), **columns)

    def readable(self, until_ns: int, list_reads: "ListReads", read_ns: int) -> tuple[Copies, I64]:
        """Serve copies and list reads at the timeline shards, in one line; copies that became readable by `until_ns`.

        Also the instants at which the list reads (in order of time) are answered, shape (n,).
        """
        due = self._writing.take_before(until_ns)
        write_ns = _ns(self.config, self.config.costs.list_write_us)
        copies_before = np.searchsorted(due["due_ns"], list_reads.at_ns, side="right")
        place = copies_before + np.arange(len(copies_before))  # at equal instants copies go first
        total = len(due["due_ns"]) + len(place)
        is_read = np.zeros(total, np.bool_)
        is_read[place] = True
        at_ns, user = np.empty(total, np.int64), np.empty(total, np.int32)
        at_ns[is_read], at_ns[~is_read] = list_reads.at_ns, due["due_ns"]
        user[is_read], user[~is_read] = list_reads.user, due["owner"]
        service_ns = np.where(is_read, np.int64(read_ns), np.int64(write_ns))
        done_ns = self.shards.serve(shard_of(user, self.shards.servers), at_ns, service_ns)
        self._at_shards.push(
            done_ns[~is_read], due["key"], owner=due["owner"], row=due["row"], lane=due["lane"], first=due["first"]
        )
        ready = self._at_shards.take_before(until_ns)
        copies = Copies(ready["due_ns"], ready["owner"], ready["row"], ready["lane"], ready["first"])
        return copies, done_ns[is_read]

    @property
    def sure(self) -> bool:
        """Whether no job can come back and no reader has to be told of copies given up, with the knobs as they are."""
        fanout = self.config.fanout
        return fanout.fail_rate == 0 and fanout.redeliver_rate == 0 and len(self._given_up) == 0

    def forget_done(self) -> None:
        """Give back the followers of jobs that are done; call it now and then."""
        starts = [self.broker.waiting().start, self._again.peek()["start"], self.dead_letters.jobs.start]
        self.arena.release(min((int(start.min()) for start in starts if len(start)), default=self.arena.end))

    def given_up(self, now_ns: int) -> GivenUp:
        """Copies in the dead letters of which readers are told at this instant or before."""
        due = self._given_up.take_before(now_ns + 1)
        return GivenUp(due["due_ns"], due["owner"], due["row"], due["lane"])

    def redrive(self, at_ns: int) -> int:
        """Queue the dead letters again, as first attempts of jobs that were counted already; how many jobs."""
        jobs = self.dead_letters.redrive()
        told_ns = np.full(len(jobs.row), ceil_quantum(at_ns + 1), np.int64)
        self._hand_out_again(
            jobs._replace(attempt=np.zeros_like(jobs.attempt)), told_ns, np.ones(len(told_ns), np.bool_),
            np.ones(len(told_ns), np.bool_),
        )  # fmt: skip
        return len(told_ns)

    def outstanding(self) -> tuple[I32, I32]:
        """(owner, row) of every copy accepted and not yet readable: queued, to be retried, in batches, at shards; also
        of those given up until readers are told to pull them. What is handed out a second time is not among them."""
        waiting, again = self.broker.waiting(), self._again.peek()
        first = np.flatnonzero(~np.concatenate([waiting.duplicate, again["duplicate"]]))
        starts = np.concatenate([waiting.start, again["start"]])[first]
        lengths = np.concatenate([waiting.length, again["length"]]).astype(np.int64)[first]
        rows = np.concatenate([waiting.row, again["row"]])[first]
        copies = [pending.peek() for pending in (self._writing, self._at_shards, self._given_up)]
        mine = [part["first"] if "first" in part else slice(None) for part in copies]
        owner = [part["owner"][which] for part, which in zip(copies, mine, strict=True)]
        row = [part["row"][which] for part, which in zip(copies, mine, strict=True)]
        return (
            np.concatenate([self.arena.gather(starts, lengths), *owner]),
            np.concatenate([np.repeat(rows, lengths), *row]),
        )

    @property
    def at_shards(self) -> int:
        """Copies at the timeline shards: in line or being written."""
        return len(self._at_shards)

    def jobs_of(self, row: int) -> dict[Stage, JobBatch]:
        """The jobs of one post that are queued, to be enqueued again (at enqueued_ns), or given up."""
        jobs = {
            Stage.QUEUED: self.broker.waiting(),
            Stage.AGAIN: _jobs(self._again.peek()),
            Stage.DEAD: self.dead_letters.jobs,
        }
        return {stage: batch.take(batch.row == row) for stage, batch in jobs.items()}

    def whereabouts(self, owner: int, row: int) -> list[Whereabouts]:
        """Every place where a copy of a post for one person is.

        The first copy is in one place at most, but that it is in TELLING and in DEAD at once; a second copy in one.
        """
        found = []
        for stage, jobs in self.jobs_of(row).items():
            attempt = jobs.attempt if stage is not Stage.DEAD else np.zeros_like(jobs.attempt)
            columns = (jobs.start, jobs.length, jobs.key, jobs.enqueued_ns, attempt, ~jobs.duplicate)
            for start, length, *rest in zip(*(column.tolist() for column in columns), strict=True):
                if owner in self.arena.gather(np.array([start]), np.array([length])):
                    found.append(Whereabouts(stage, *rest))
        for stage, pending in self._copies_by_stage().items():
            part = pending.peek()
            for i in np.flatnonzero((part["owner"] == owner) & (part["row"] == row)).tolist():
                first = bool(part["first"][i]) if "first" in part else True
                found.append(Whereabouts(stage, int(part["key"][i]), int(part["due_ns"][i]), 0, first))
        return found

    def _copies_by_stage(self) -> dict[Stage, Pending]:
        return {Stage.WRITING: self._writing, Stage.AT_SHARD: self._at_shards, Stage.TELLING: self._given_up}

    def __len__(self) -> int:
        """Jobs and copies on their way; 0 when the queues are empty."""
        return (
            self.broker.waiting_jobs
            + len(self._again)
            + len(self._writing)
            + len(self._at_shards)
            + len(self._given_up)
        )


class ListReads(NamedTuple):
    """List look-ups of home reads, in order of time; columns of shape (n,)."""

    at_ns: I64
    user: I32
    key: I64
    slot: I64


_JOB_COLUMNS = {
    "row": np.int32, "lane": np.int8, "partition": np.int32, "start": np.int64, "length": np.int32,
    "attempt": np.int32, "duplicate": np.bool_,
}  # fmt: skip


def _jobs(due: Columns) -> JobBatch:
    return JobBatch(**{name: due[name] for name in _JOB_COLUMNS}, enqueued_ns=due["due_ns"], key=due["key"])


def _ns(config: WorldConfig, price_us: float) -> int:
    return round(1_000 * price_us * config.costs.scale)
