"""Asking a world why: one of a few people whose every act is a test's, and every copy of a nasty run."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from engine.domain import Op
from engine.observe.delivery_log import DeliveryLog
from engine.observe.inspect import RecipientStatus
from engine.observe.job_log import JobLog
from engine.observe.why import Cause, Why
from engine.read_path.assemble import PageRules, assemble
from engine.read_path.gather import Readers
from engine.world import World
from engine.write_path.fanout import NOTHING_ARRIVING
from tests.law.small import MS, Small, everybody_follows

SLOW = {"costs.delivery_us": 300_000, "costs.poll_us": 0, "workers.count": 1, "fanout.chunk": 2, "workers.batch": 2}
"""One worker, 300 ms a copy, two copies a job."""
STAR = everybody_follows(0)


def logged(*args: Any, **kwargs: Any) -> Small:
    """A world of a few people that keeps its logs."""
    small = Small(*args, **kwargs)
    small.world.deliveries, small.world.fanout.job_log = DeliveryLog(10_000), JobLog(1_000)
    return small


def opens(small: Small, user: int) -> None:
    """Somebody opens home at once, through gateway and stations; time passes until they have been answered."""
    small.script.add(small.world.now_ns, Op.READ_HOME, user)
    small.step(200 * MS)


def said(small: Small, user: int, row: int | None = None) -> Why:
    """The answer; it must be short."""
    why = small.world.why(user, row)
    assert len(why.line.split()) <= 36
    assert why.user == user
    return why


WAITS = {Cause.QUEUED, Cause.IN_BATCH, Cause.AT_SHARD, Cause.RETRY}
ALLOWED = {
    RecipientStatus.WAITING: WAITS | {Cause.DEAD_LETTER},
    RecipientStatus.RECEIVED: {Cause.RECEIVED, Cause.TRIMMED},
    RecipientStatus.DEAD: {Cause.DEAD_LETTER},
    RecipientStatus.DROPPED: {Cause.DROPPED, Cause.DEAD_LETTER},
    RecipientStatus.PULLED: {Cause.PULLED, Cause.NO_LIST, Cause.TRIMMED, Cause.KEPT_LIST, Cause.DEAD_LETTER},
    RecipientStatus.OPENED: {
        Cause.PULLED_AND_OPENED, Cause.TRIMMED, Cause.DEAD_LETTER, Cause.KEPT_LIST, Cause.PULLED,
    },
}  # fmt: skip
NASTY = {
    "load.posts_per_s": 60, "load.reads_per_s": 100, "load.follows_per_s": 5, "load.unfollows_per_s": 5,
    "load.reply_share": 0.3, "load.repost_share": 0.3, "fanout.fail_rate": 0.3, "fanout.redeliver_rate": 0.2,
    "fanout.max_attempts": 2, "fanout.chunk": 6, "workers.count": 2, "timeline.cap": 12, "costs.list_write_us": 9_000,
    "cache.ttl_s": 0.5, "strategy.threshold": 24,
}  # fmt: skip


def assert_agrees(world: World, row: int) -> Iterator[Why]:
    """The cause of every follower against where `recipients` finds the post, and against the queues themselves."""
    recipients = world.recipients(row)
    given_up = world.fanout._given_up.peek()
    for user, status in zip(recipients.users.tolist(), recipients.status.tolist(), strict=True):
        why = world.why(user, row)
        where = f"{user} {row}: {why} but {RecipientStatus(status).name}"
        held = bool(world.tables.lists.contains(np.array([user], np.int32), np.array([row], np.int32))[0])
        if why.cause == Cause.RECEIVED and status != RecipientStatus.RECEIVED:
            assert held, where
            assert why.facts["lag_s"] is None, where
            assert not world.strategy.keep_ns, where
            continue
        assert why.cause in ALLOWED[RecipientStatus(status)], where
        if status == RecipientStatus.WAITING and why.cause == Cause.DEAD_LETTER:
            assert ((given_up["owner"] == user) & (given_up["row"] == row)).any(), where
        if status in (RecipientStatus.PULLED, RecipientStatus.OPENED) and why.cause == Cause.DEAD_LETTER:
            assert why.facts["redriven"], where
        if status == RecipientStatus.OPENED and why.cause == Cause.PULLED:
            assert world.strategy.keep_ns, where
        yield why


def assert_shown_as_said(world: World, why: Why) -> None:
    """What has reached them is on their page, from there on, unless something hides it; then it is not."""
    readers = Readers(
        np.array([why.user], np.int32), np.array([world.now_ns]), np.array([world.tables.posts.size], np.int32),
        np.array([why.row + 1], np.int32),
    )  # fmt: skip
    rules = PageRules.of(world.config.read, 1)
    top = assemble(world.tables, world.strategy, readers, NOTHING_ARRIVING, rules).rows[0, 0]
    assert (top == why.row) == (why.facts["hidden"] is None), why


def causes_seen(
    world: World, rng: np.random.Generator, turns: int, meanwhile: Callable[[int], None] = lambda turn: None
) -> set[Cause]:
    """Run on for some turns of odd length, with an eviction in each; the causes that are told of random rows.

    Each agrees with where the copy is, and with what the follower's page shows. `meanwhile` gets the turn's number.
    """
    first, seen = world.tables.posts.size, set[Cause]()
    for turn in range(turns):
        world.step(int(rng.integers(30, 700)) * MS)
        world.evict(int(rng.integers(0, world.tables.graph.n)))
        meanwhile(turn)
        size = world.tables.posts.size
        for row in [*rng.integers(first, size, 2).tolist(), *rng.integers(max(first, size - 60), size, 3).tolist()]:
            for why in assert_agrees(world, row):
                seen.add(why.cause)
                if why.cause in (Cause.RECEIVED, Cause.PULLED, Cause.PULLED_AND_OPENED, Cause.TRIMMED):
                    assert_shown_as_said(world, why)
    assert Cause.LOST not in seen
    return seen
