"""Fan-out with feedback, worked off one event after the other with a heap; plain, and without a line of the engine.

A job that fails comes back, one that was finished may come a second time, and one that failed once too often is given
up. What comes back is enqueued at a multiple of the quantum, and that is when readers are told of what was given up.
"""

import heapq
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.conformance.reference import single_servers

QUANTUM = 100_000_000
_MASK = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15


class Job(NamedTuple):
    enqueued: int
    key: int
    lane: int
    partition: int
    owners: tuple[int, ...]
    attempt: int = 1
    second: bool = False
    """Handed out again although it had been finished."""


class Rules(NamedTuple):
    """Of workers, faults and shards; times in ns."""

    workers: int
    batch: int
    partitions: int
    poll: int
    delivery: int
    seed: int
    fail_rate: float
    redeliver_rate: float
    attempts: int
    backoff: int
    shards: int
    write: int
    read: int


class Copy(NamedTuple):
    """What one person is to get of one job, and when: readable, or told to pull it."""

    at: int
    key: int
    owner: int
    lane: int
    first: bool = True


@dataclass
class Story:
    """All that happens to some jobs and list reads."""

    readable: list[Copy] = field(default_factory=list)
    told: list[Copy] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    """When each list read was answered."""
    dead: list[int] = field(default_factory=list)
    """Keys of jobs given up, in that order."""
    retries: int = 0
    redeliveries: int = 0


def fan_out(jobs, reads, rules, quantum=QUANTUM):
    """The story of jobs, and of list reads (instant, user) in order of time."""
    story, written = Story(), []
    coming, lines = sorted(jobs), {}
    free = [(float("-inf"), number) for number in range(rules.workers)]
    while coming or any(lines.values()):
        since, worker = heapq.heappop(free)
        heads = [line[0] for line in lines.values() if line] + coming[:1]
        now = max(since, min(job.enqueued for job in heads))
        while coming and coming[0].enqueued <= now:
            job = heapq.heappop(coming)
            heapq.heappush(lines.setdefault((job.lane, job.partition % rules.partitions), []), job)
        bundle = _take(lines, rules.batch)
        done = now + rules.poll + rules.delivery * sum(len(job.owners) for job in bundle)
        heapq.heappush(free, (done, worker))
        for job in bundle:
            _judge(job, done, rules, quantum, story, written, coming)
    _at_the_shards(written, reads, rules, story)
    story.told.sort(key=lambda copy: (copy.at, copy.key))
    return story


def _take(lines, batch):
    """Whole jobs from the line with the oldest head, of the close lane if anything waits there."""
    first_lane = min(lane for (lane, _), line in lines.items() if line)
    line = min(line for (lane, _), line in lines.items() if line and lane == first_lane)
    bundle = [heapq.heappop(line)]
    while line and sum(len(job.owners) for job in [*bundle, line[0]]) <= batch:
        bundle.append(heapq.heappop(line))
    return bundle


def _judge(job, done, rules, quantum, story, written, coming):
    """One attempt has ended: it wrote its copies, or it is made again, or it was the last."""
    failed = _chance(rules.seed, "fails", job) < rules.fail_rate
    last = job.attempt >= rules.attempts
    returns = not failed and not last and _chance(rules.seed, "redeliv", job) < rules.redeliver_rate
    if not failed:
        written.append((done, job))
    elif last:
        story.dead.append(job.key)
        if not job.second:
            tell = (done // quantum + 1) * quantum
            story.told += [Copy(tell, job.key, owner, job.lane) for owner in job.owners]
    if returns or (failed and not last):
        half = rules.backoff * 2 ** (job.attempt - 1) // 2
        ready = done + max(quantum, half + int(half * _chance(rules.seed, "jitter", job)))
        at = -(-ready // quantum) * quantum
        again = job._replace(enqueued=at, attempt=job.attempt + 1, second=job.second or returns)
        heapq.heappush(coming, again)
        story.redeliveries += returns
        story.retries += failed


def _at_the_shards(written, reads, rules, story):
    """Copies and list reads in one line for each shard; of those that come at one instant, copies go first."""
    copies = [
        (done, 0, job.key, place, owner, (job.lane, not job.second))
        for done, job in written
        for place, owner in enumerate(job.owners)
    ]
    line = sorted([*copies, *((at, 1, number, 0, user, ()) for number, (at, user) in enumerate(reads))])
    server = [_shard(user, rules.shards) for _, _, _, _, user, _ in line]
    service = [rules.read if is_read else rules.write for _, is_read, *_ in line]
    ends = single_servers(server, [at for at, *_ in line], service)
    for (_, is_read, key, _, user, rest), end in zip(line, ends, strict=True):
        if is_read:
            story.answered.append(end)
        else:
            story.readable.append(Copy(end, key, user, *rest))
    story.readable.sort(key=lambda copy: (copy.at, copy.key))


def outstanding(jobs, story, until):
    """(owner, key) of every copy accepted before an instant and neither readable nor told of before it."""
    on_the_way = {(owner, job.key) for job in jobs for owner in job.owners if job.enqueued < until}
    ended = {(copy.owner, copy.key) for copy in [*story.readable, *story.told] if copy.first and copy.at < until}
    return on_the_way - ended


# Chance is SplitMix64 (Steele, Lea, Flood 2014) of seed, purpose, job and attempt; shards are cut from it (Lemire 2019)


def _mix(value):
    value = value + _GOLDEN & _MASK
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        value = (value ^ value >> shift) * factor & _MASK
    return value ^ value >> 31


def _chance(seed, purpose, job):
    hashed = (seed * _GOLDEN ^ int.from_bytes(purpose.encode(), "little")) & _MASK
    for content in (job.key, 2 * job.attempt + job.second):
        hashed = _mix(hashed) ^ content
    return (_mix(hashed) >> 11) / 2**53


def _shard(user, shards):
    return (_mix(user) >> 32) * shards >> 32
