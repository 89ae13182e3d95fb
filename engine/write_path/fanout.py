"""From jobs to readable entries: broker, workers, retries, timeline shards."""

from dataclasses import replace
from enum import Enum
from typing import NamedTuple

import numpy as np

from engine.clock import ceil_quantum
from engine.config import FanoutConfig, WorldConfig
from engine.domain import I8, I32, I64, Bool
from engine.observe.job_log import JobLog
from engine.ordering import stable_order
from engine.queueing.broker import Broker, JobBatch, Polled
from engine.queueing.hashing import uniform
from engine.queueing.pending import Columns, Pending
from engine.queueing.station import Station, shard_of
from engine.write_path.arena import FollowerArena
from engine.write_path.attempts import DeadLetters, judge


class Copies(NamedTuple):
    """Entries on their way to lists, each owner's in order of time; columns of shape (n,)."""

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
        index = np.flatnonzero(which) if which.dtype == np.bool_ else which
        return Copies._make(column.take(index) for column in self)

    def by_owner(self) -> I64:
        """Indices that sort by owner and time, equal ones in their order, shape (n,)."""
        order = stable_order(self.owner, 0, int(self.owner.max(initial=0)))
        owner, at_ns = self.owner.take(order), self.at_ns.take(order)
        back = np.flatnonzero((at_ns[1:] < at_ns[:-1]) & (owner[1:] == owner[:-1]))
        if len(back):  # few: somebody's own post among what others delivered
            mixed = np.flatnonzero(np.isin(owner, owner[back]))
            order[mixed] = order[mixed][np.lexsort((at_ns[mixed], owner[mixed]))]
        return order


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
        self.workers_share = 1.0
        """Of the configured workers, how many are there."""
        self.more_workers = 0
        """Beside the configured ones."""
        self.redeliver_rate = 0.0
        """Share of finished jobs that are handed out again, if it is more than the configured one."""
        self.reorder_ns = 0
        """Batches reach the shards later than they ended, by chance up to so much."""
        self._again = Pending(**_JOB_COLUMNS)
        self._writing = Pending(**_JOB_COLUMNS, worker=np.int32)
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
        self.staff(at_ns)
        self.shards.resize(config.timeline.shards)

    def staff(self, at_ns: int) -> None:
        """Have as many workers as are configured, are there, and were added."""
        self.broker.set_workers(
            max(1, round(self.config.workers.count * self.workers_share) + self.more_workers), at_ns
        )

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
        outcome = judge(polled, self._rules(), self.config.seed, self.broker.poison, self._dead_letters)
        if self.job_log:
            self.job_log.add(polled, outcome, self.arena)
        again = outcome.again_at_ns >= 0
        if again.any():
            self._hand_out_again(jobs, outcome.again_at_ns, outcome.redelivery, again)
        ok = np.flatnonzero(outcome.ok)
        written, done_ns = jobs.take(ok), polled.done_ns.take(ok)
        if self.reorder_ns:
            late = uniform(self.config.seed, "reorder", written.key, written.attempt)
            done_ns += (late * self.reorder_ns).astype(np.int64)
        self._writing.push(
            done_ns, written.key, row=written.row, lane=written.lane, partition=written.partition, start=written.start,
            length=written.length, attempt=written.attempt, duplicate=written.duplicate, worker=polled.worker.take(ok),
        )  # fmt: skip
        if outcome.dead.any():
            self.dead_letters.add(jobs.take(outcome.dead))
            told_ns = np.array([ceil_quantum(int(t) + 1) for t in polled.done_ns])
            self._give_up(jobs, outcome.dead & ~jobs.duplicate, told_ns)  # not of duplicates
        redeliveries = int(np.count_nonzero(outcome.redelivery))
        return int(np.count_nonzero(again)) - redeliveries, redeliveries

    def _rules(self) -> FanoutConfig:
        fanout = self.config.fanout
        return (
            fanout
            if self.redeliver_rate <= fanout.redeliver_rate
            else replace(fanout, redeliver_rate=self.redeliver_rate)
        )

    @property
    def _dead_letters(self) -> bool:
        return self.config.mitigations.dead_letters

    def crash(self, workers: int, at_ns: int, again_ns: int) -> int:
        """So many workers die in their batch, of which nothing was written: its jobs are handed out again at a multiple
        of the quantum. How many jobs."""
        died = self.broker.crash(workers, at_ns)
        jobs = self._writing.extract(lambda batch: np.isin(batch["worker"], died))
        everything = np.ones(len(jobs["key"]), np.bool_)
        self._hand_out_again(_jobs(jobs), np.full(len(everything), again_ns, np.int64), ~everything, everything)
        return len(everything)

    def _hand_out_again(self, jobs: JobBatch, again_at_ns: I64, redelivery: Bool, again: Bool) -> None:
        later = jobs.take(again)
        at_ns = again_at_ns[again]
        self._again.push(
            at_ns, later.key, row=later.row, lane=later.lane, partition=later.partition, start=later.start,
            length=later.length, attempt=later.attempt + 1, duplicate=redelivery[again] | later.duplicate,
        )  # fmt: skip

    def _give_up(self, jobs: JobBatch, mask: Bool, told_ns: I64) -> None:
        lengths = jobs.length[mask].astype(np.int64)
        self._given_up.push(
            told_ns[mask].repeat(lengths),
            jobs.key[mask].repeat(lengths),
            owner=self.arena.gather(jobs.start[mask], lengths),
            row=jobs.row[mask].repeat(lengths),
            lane=jobs.lane[mask].repeat(lengths),
        )

    def readable(self, until_ns: int, list_reads: "ListReads", read_ns: int) -> tuple[Copies, I64]:
        """Serve copies and list reads at the timeline shards, in one line; copies that became readable by `until_ns`.

        Also the instants at which the list reads (in order of time) are answered, shape (n,).
        """
        jobs = self._writing.take_before(until_ns)
        lengths = jobs["length"].astype(np.int64)
        ends = lengths.cumsum()
        owner = self.arena.gather(jobs["start"], lengths)
        due_ns = jobs["due_ns"].repeat(lengths)
        write_ns = _ns(self.config, self.config.costs.list_write_us)
        if not len(list_reads.at_ns):
            done_ns = self.shards.serve(shard_of(owner, self.shards.servers), due_ns, write_ns)
            return self._readable_now(until_ns, jobs, ends, owner, done_ns), done_ns[:0]
        # One line: at equal instants copies go first.
        reads_before = list_reads.at_ns.searchsorted(jobs["due_ns"])
        copy_place = np.arange(len(owner)) + reads_before.repeat(lengths)
        copies_before = np.append(0, ends)[jobs["due_ns"].searchsorted(list_reads.at_ns, side="right")]
        read_place = np.arange(len(list_reads.user)) + copies_before
        count = len(copy_place) + len(read_place)
        at_ns, user, service_ns = np.empty(count, np.int64), np.empty(count, np.int32), np.empty(count, np.int64)
        at_ns[copy_place], at_ns[read_place] = due_ns, list_reads.at_ns
        user[copy_place], user[read_place] = owner, list_reads.user
        service_ns[copy_place], service_ns[read_place] = write_ns, read_ns
        done_ns = self.shards.serve(shard_of(user, self.shards.servers), at_ns, service_ns)
        copies = self._readable_now(until_ns, jobs, ends, owner, done_ns.take(copy_place))
        return copies, done_ns.take(read_place)

    def _readable_now(self, until_ns: int, jobs: Columns, ends: I64, owner: I32, done_ns: I64) -> Copies:
        """What the shards have written by an instant: what was there before, and of these copies, which job by job end
        at `ends`. The others wait. A shard serves in order, so each owner's copies come in order of time."""
        before = self._at_shards.take_unordered(until_ns)
        lengths = jobs["length"].astype(np.int64)
        first = (~jobs["duplicate"]).repeat(lengths)
        written = Copies(done_ns, owner, jobs["row"].repeat(lengths), jobs["lane"].repeat(lengths), first)
        late = np.flatnonzero(done_ns >= until_ns)
        if len(late):
            job = ends.searchsorted(late, side="right")
            waiting = written.take(late)
            self._at_shards.push(
                waiting.at_ns, jobs["key"].take(job), owner=waiting.owner, row=waiting.row, lane=waiting.lane,
                first=waiting.first,
            )  # fmt: skip
            written = written.take(np.flatnonzero(done_ns < until_ns))
        if len(before["row"]) == 0:
            return written
        return Copies(before["due_ns"], *(before[name] for name in Copies._fields[1:])).followed_by(written)

    @property
    def sure(self) -> bool:
        """Whether no job can come back and no reader has to be told of copies given up, with the knobs as they are."""
        fanout = self.config.fanout
        as_ever = self.redeliver_rate == 0 and not self.broker.poison and len(self._again) == 0
        return as_ever and fanout.fail_rate == 0 and fanout.redeliver_rate == 0 and len(self._given_up) == 0

    def forget_done(self) -> None:
        """Give back the followers of jobs that are done; call it now and then."""
        pending = [waiting.peek()["start"] for waiting in (self._again, self._writing)]
        starts = [self.broker.waiting().start, *pending, self.dead_letters.jobs.start]
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
        waiting, again, writing = self.broker.waiting(), self._again.peek(), self._writing.peek()
        first = np.flatnonzero(np.concatenate([~waiting.duplicate, ~again["duplicate"], ~writing["duplicate"]]))
        starts = np.concatenate([waiting.start, again["start"], writing["start"]])[first]
        lengths = np.concatenate([waiting.length, again["length"], writing["length"]]).astype(np.int64)[first]
        rows = np.concatenate([waiting.row, again["row"], writing["row"]])[first]
        at_shards, given_up = self._at_shards.peek(), self._given_up.peek()
        mine = at_shards["first"]
        return (
            np.concatenate([self.arena.gather(starts, lengths), at_shards["owner"][mine], given_up["owner"]]),
            np.concatenate([np.repeat(rows, lengths), at_shards["row"][mine], given_up["row"]]),
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
        batches = self._writing.peek()
        for i in np.flatnonzero(batches["row"] == row).tolist():
            if owner in self.arena.gather(batches["start"][i : i + 1], batches["length"][i : i + 1]):
                due_ns, key = int(batches["due_ns"][i]), int(batches["key"][i])
                found.append(Whereabouts(Stage.WRITING, key, due_ns, 0, not batches["duplicate"][i]))
        for stage, pending in ((Stage.AT_SHARD, self._at_shards), (Stage.TELLING, self._given_up)):
            part = pending.peek()
            for i in np.flatnonzero((part["owner"] == owner) & (part["row"] == row)).tolist():
                first = bool(part["first"][i]) if "first" in part else True
                found.append(Whereabouts(stage, int(part["key"][i]), int(part["due_ns"][i]), 0, first))
        return found

    def __len__(self) -> int:
        """Jobs, batches and copies on their way; 0 when the queues are empty."""
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
