"""One post's whole life as plain data: how it was planned, each chunk's instants, who has it, who opened home since."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.clock import NS_PER_MS, NS_PER_S
from engine.domain import I8, I32, I64, NO_ROW, Kind
from engine.observe import words
from engine.observe.case import check_logged
from engine.observe.inspect import RecipientStatus
from engine.observe.job_log import LANES, Attempts, Fate, Planned, chunk_of
from engine.queueing.broker import JobBatch
from engine.write_path.fanout import Stage
from engine.write_path.strategies.hybrid import Hybrid

if TYPE_CHECKING:
    from engine.world import World

OPENERS = 100
"""Readers who are listed one by one, the first to open home."""
QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}


@dataclass(frozen=True)
class Attempt:
    """One worker's try at a chunk."""

    attempt: int
    """1 for the first."""
    duplicate: bool
    """The broker handed it out although it had been finished, or given up."""
    enqueued_ns: int
    polled_ns: int
    done_ns: int
    worker: int
    outcome: str
    """written, failed or dead; writing while the batch has not ended."""
    again_ns: int | None
    """When the job is enqueued again."""


@dataclass(frozen=True)
class Chunk:
    """One job: a slice of the followers, in one lane."""

    lane: str
    number: int
    """In its lane, from 1."""
    partition: int
    copies: int
    first_user: int
    last_user: int
    state: str
    """waiting, again, writing, written or dead."""
    enqueued_ns: int
    """Of the present or last attempt; in the future for one that is tried again."""
    attempts: list[Attempt]
    """Those that are remembered, in order."""
    received: int
    first_ns: int | None
    """When its first copy was readable; None while none is."""
    median_ns: int | None
    last_ns: int | None


@dataclass(frozen=True)
class Life:
    """A post from its acceptance to now. Instants are virtual ns, durations too."""

    row: int
    id: int
    author: int
    name: str
    kind: str
    root: int | None
    """The row that a reply answers or a repost repeats."""
    accepted_ns: int
    now_ns: int
    pushed: bool
    reason: str
    """Why it was pushed or is pulled: a sentence."""
    planned: Planned | None
    """None if it was never planned (it is older than the world), or that is no longer remembered."""
    chunks: list[Chunk]
    counts: dict[str, int]
    """Followers by where they stand: waiting, received, dead, pulled, opened."""
    lag_ns: dict[str, int] | None
    """p50, p95, p99 and max over those who received it; None where nobody did."""
    openers: int
    """Followers who opened home since."""
    opened: list[tuple[int, str, int]]
    """(user, name, latest opening) of the first of them."""

    def to_json(self) -> dict[str, Any]:
        """As the wire carries it: `accepted_at_s` is virtual time, all other times are ms since then."""
        return {
            "id": self.id, "row": self.row, "author": self.author, "name": self.name, "kind": self.kind,
            "root": self.root, "accepted_at_s": self.accepted_ns / NS_PER_S, "age_ms": self._ms(self.now_ns),
            "pushed": self.pushed, "reason": self.reason,
            "planned": self.planned and _plan_json(self.planned),
            "chunks": [self._chunk(chunk) for chunk in self.chunks],
            "counts": self.counts,
            "lag_ms": self.lag_ns and {name: lag / NS_PER_MS for name, lag in self.lag_ns.items()},
            "openers": self.openers,
            "opened": [{"user": user, "name": name, "at_ms": self._ms(at)} for user, name, at in self.opened],
        }  # fmt: skip

    def _chunk(self, chunk: Chunk) -> dict[str, Any]:
        return {
            "lane": chunk.lane, "number": chunk.number, "partition": chunk.partition, "copies": chunk.copies,
            "first_user": chunk.first_user, "last_user": chunk.last_user, "state": chunk.state,
            "enqueued_ms": self._ms(chunk.enqueued_ns), "received": chunk.received,
            "first_ms": self._ms(chunk.first_ns), "median_ms": self._ms(chunk.median_ns),
            "last_ms": self._ms(chunk.last_ns),
            "attempts": [
                {
                    "attempt": a.attempt, "duplicate": a.duplicate, "enqueued_ms": self._ms(a.enqueued_ns),
                    "polled_ms": self._ms(a.polled_ns), "done_ms": self._ms(a.done_ns), "worker": a.worker,
                    "outcome": a.outcome, "again_ms": self._ms(a.again_ns),
                }
                for a in chunk.attempts
            ],
        }  # fmt: skip

    def _ms(self, at_ns: int | None) -> float | None:
        return None if at_ns is None else (at_ns - self.accepted_ns) / NS_PER_MS


def life(world: "World", row: int) -> Life:
    """One post's life so far.

    Raises:
        InvalidInput: the world keeps no log of deliveries.
    """
    check_logged(world)
    assert world.fanout.job_log is not None
    posts = world.tables.posts
    author, accepted_ns = int(posts.author[row]), int(posts.accepted_ns[row])
    recipients = world.recipients(row)
    tally = np.bincount(recipients.status, minlength=len(RecipientStatus)).tolist()
    lag_ns = recipients.lag_ns[recipients.status == RecipientStatus.RECEIVED]
    planned, pushed = world.fanout.job_log.plan_of(row), bool(posts.pushed[row])
    last_ns = world.reads.last_ns[recipients.users]
    openers = np.flatnonzero(last_ns >= max(0, accepted_ns))
    earliest = openers[np.argsort(last_ns[openers], kind="stable")][:OPENERS]
    users = recipients.users[earliest].tolist()
    return Life(
        row=row,
        id=int(posts.key[row]),
        author=author,
        name=world.population.name(author),
        kind=Kind(posts.kind[row]).name.lower(),
        root=None if posts.ref[row] == NO_ROW else int(posts.ref[row]),
        accepted_ns=accepted_ns,
        now_ns=world.now_ns,
        pushed=pushed,
        reason=_reason(planned, pushed, accepted_ns),
        planned=planned,
        chunks=_chunks(world, row),
        counts={status.name.lower(): tally[status] for status in RecipientStatus},
        lag_ns={name: _quantile(lag_ns, q) for name, q in QUANTILES.items()} if len(lag_ns) else None,
        openers=len(openers),
        opened=[(user, world.population.name(user), int(last_ns[i])) for user, i in zip(users, earliest, strict=True)],
    )


def _quantile(values: I64, q: float) -> int:
    """One of the values: the lowest that so large a share does not exceed."""
    return int(np.quantile(values, q, method="inverted_cdf"))


def _reason(planned: Planned | None, pushed: bool, accepted_ns: int) -> str:
    if planned is None:
        return "Older than the world." if accepted_ns < 0 else "How it was planned is no longer remembered."
    strategy, verb = planned.strategy, "Pushed" if pushed else "Pulled"
    if isinstance(strategy, Hybrid):
        count, most = words.count(planned.followers), words.count(strategy.threshold)
        return f"{verb} by {strategy.title}: {count} followers, and the threshold is {most}."
    if strategy.watches:
        said = f"{words.count(planned.followers)} followers"
        return f"{verb}: so {strategy.title} decided when it was accepted, with {said}."
    return f"{verb}, as every post under {strategy.title}."


def _plan_json(planned: Planned) -> dict[str, Any]:
    strategy = planned.strategy
    return {
        "strategy": strategy.slug, "title": strategy.title, "followers": planned.followers,
        "threshold": strategy.threshold if isinstance(strategy, Hybrid) else None,
        "copies": dict(zip(LANES, planned.copies, strict=True)),
        "chunks": dict(zip(LANES, planned.chunks, strict=True)),
    }  # fmt: skip


class _Delivered(NamedTuple):
    """The recorded deliveries of the post; columns of shape (n,)."""

    owner: I32
    at_ns: I64
    lane: I8


_Lined = tuple[Stage, JobBatch]
"""A job that is in line, to be enqueued again or given up: a batch of one."""


def _chunks(world: "World", row: int) -> list[Chunk]:
    """Every job of the post that is in line or remembered, by lane and number."""
    assert world.deliveries is not None
    assert world.fanout.job_log is not None
    log = world.fanout.job_log.of(row)
    lined: dict[int, _Lined] = {}
    for stage, jobs in world.fanout.jobs_of(row).items():
        lined |= {key: (stage, jobs.take(np.array([i]))) for i, key in enumerate(jobs.key.tolist())}
    delivered = _Delivered(*world.deliveries.of(row), world.deliveries.lane_of(row))
    keys = sorted({*log.key.tolist(), *lined})
    return [_chunk(world, key, log.take(log.key == key), lined.get(key), delivered) for key in keys]


def _chunk(world: "World", key: int, log: Attempts, lined: _Lined | None, delivered: _Delivered) -> Chunk:
    lane, number = chunk_of(key)
    attempts = _attempts(log, world.now_ns)
    if log.size:
        first, last, job = int(log.first_owner[-1]), int(log.last_owner[-1]), (log.partition, log.length)
        enqueued_ns = int(log.enqueued_ns[-1])
    if lined is not None:
        jobs = lined[1]
        owners = world.fanout.arena.gather(jobs.start, jobs.length.astype(np.int64))
        first, last, job = int(owners[0]), int(owners[-1]), (jobs.partition, jobs.length)
        enqueued_ns = int(jobs.enqueued_ns[0])
    mine = (delivered.lane == lane) & (delivered.owner >= first) & (delivered.owner <= last)
    at_ns = np.sort(delivered.at_ns[mine])
    return Chunk(
        lane=LANES[lane],
        number=number + 1,
        partition=int(job[0][-1]),
        copies=int(job[1][-1]),
        first_user=first,
        last_user=last,
        state=_state(attempts, lined),
        enqueued_ns=enqueued_ns,
        attempts=attempts,
        received=len(at_ns),
        first_ns=int(at_ns[0]) if len(at_ns) else None,
        median_ns=_quantile(at_ns, 0.5) if len(at_ns) else None,
        last_ns=int(at_ns[-1]) if len(at_ns) else None,
    )


def _attempts(log: Attempts, now_ns: int) -> list[Attempt]:
    attempts = []
    for i in range(log.size):
        running = bool(log.done_ns[i] > now_ns)  # its outcome is settled, but not yet true
        attempts.append(
            Attempt(
                attempt=int(log.attempt[i]),
                duplicate=bool(log.duplicate[i]),
                enqueued_ns=int(log.enqueued_ns[i]),
                polled_ns=int(log.polled_ns[i]),
                done_ns=int(log.done_ns[i]),
                worker=int(log.worker[i]),
                outcome="writing" if running else Fate(int(log.fate[i])).name.lower(),
                again_ns=int(log.again_ns[i]) if log.again_ns[i] >= 0 and not running else None,
            )
        )
    return attempts


def _state(attempts: list[Attempt], lined: _Lined | None) -> str:
    """Where a job stands; what is done with it a second time does not count."""
    outcomes = [attempt.outcome for attempt in attempts]
    if "written" in outcomes:
        return "written"
    if "writing" in outcomes:
        return "writing"
    if "dead" in outcomes or lined is None or lined[0] is Stage.DEAD:
        return "dead"
    return "waiting" if lined[0] is Stage.QUEUED else "again"
