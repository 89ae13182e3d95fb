"""Claims about one push: how long it takes by the price of a write, the size of a batch and the number of workers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from datasets.worlds import preset_config
from engine.clock import NS_PER_MS, NS_PER_S
from engine.config import WorldConfig
from engine.domain import Op
from engine.experiments.claims.claim import Figure, Finding
from engine.experiments.claims.scenes import FREE_ACCEPT, STAR, UNDRAWN, Runs, finish, quiet, script, star
from engine.journal.journal import Journal
from engine.observe.metric import Metric
from engine.people import People

REDIS_ALONE_US, REDIS_PIPED_US = 118.5, 25.1
"""A command sent alone, and one of a pipeline: 10,000 of them in 1.185 s and 0.251 s.

Source: Redis documentation, "Redis pipelining"; one client, same machine.
"""
ROUND_TRIP_US, PIPED_US = 975.0, 25.0
"""Seed 001's write of 1 ms, taken apart: a round trip, and what a command costs in a pipeline."""
ELON = 150_000_000
"""Followers, seed 001."""


@dataclass(frozen=True)
class Pool:
    """Workers that write copies in batches of `batch`: poll and round trip once a batch, then `copy_us` each."""

    workers: int
    batch: int
    trip_us: float
    copy_us: float

    def drain_per_s(self) -> float:
        """Copies per second of all workers together, all batches being full."""
        return 1e6 * self.workers * self.batch / (self.trip_us + self.batch * self.copy_us)

    def knobs(self) -> dict[str, Any]:
        """These workers and no other cost, as settings of a world."""
        return {
            **FREE_ACCEPT,
            "workers.count": self.workers,
            "workers.batch": self.batch,
            "fanout.chunk": self.batch,
            "fanout.partitions": 1,
            "fanout.lanes": False,
            "costs.poll_us": self.trip_us,
            "costs.delivery_us": self.copy_us,
            "costs.list_write_us": 0.0,
            "timeline.cap": 10,
        }


def push_s(followers: int, knobs: dict[str, Any], posts: int = 1, config: WorldConfig | None = None) -> float:
    """Lag of the last copy of `posts` posts that one account writes at one instant, in seconds."""
    written = script(Op.POST, [STAR] * posts, [0.1] * posts)
    world = finish(star(followers, written, knobs=knobs, config=config), 0.5)
    return world.metrics.histogram(Metric.FANOUT_LAG).max / NS_PER_S


def c04(_: Runs) -> Finding:
    """Followers x time of a write in a pipeline; 5 ms / 500 would be 10 us a copy (seed 001).

    Redis' own documentation has 25.1 us a command in a pipeline, 118.5 us without: 12.6 and 59 ms.
    """
    alone = Pool(1, 1, REDIS_ALONE_US, 0.0)
    piped = Pool(1, 500, 0.0, REDIS_PIPED_US)
    city = preset_config("city")
    return Finding(
        formula=(
            Figure(500 * REDIS_ALONE_US / 1e3, "ms", "one by one"),
            Figure(500 * REDIS_PIPED_US / 1e3, "ms", "in one pipeline"),
        ),
        measured=(
            Figure(1e3 * push_s(500, FREE_ACCEPT), "ms", "at class prices"),
            Figure(1e3 * push_s(500, {}, config=city), "ms", "at the city's"),
            Figure(1e3 * push_s(500, alone.knobs()), "ms", "one by one"),
            Figure(1e3 * push_s(500, piped.knobs()), "ms", "in one pipeline"),
        ),
        run="one post to 500 followers, push, empty queue, until drained; class: 4 workers, city: 8, the others: 1; "
        f"{UNDRAWN}",
        why="5 ms would need 10 us a copy. Class prices are slow on purpose, so that one can watch.",
    )


def c05(_: Runs) -> Finding:
    """150M x 1 ms / workers (seed 001); measured at 20,000 followers, and times 150M / 20,000: a push is linear."""
    small, large = 5_000, 20_000
    one = Pool(1, 100, 0.0, 1_000.0)
    batched, hundred = (Pool(workers, 100, ROUND_TRIP_US, PIPED_US) for workers in (1, 100))
    one_s, batched_s, hundred_s = (push_s(large, pool.knobs()) * ELON / large for pool in (one, batched, hundred))
    growth = push_s(large, one.knobs()) / push_s(small, one.knobs())
    return Finding(
        formula=(
            Figure(ELON / one.drain_per_s() / 3_600, "h", "1 worker at 1 ms"),
            Figure(ELON / batched.drain_per_s() / 3_600, "h", "1 worker in batches of 100"),
            Figure(ELON / hundred.drain_per_s(), "s", "100 workers in batches of 100"),
        ),
        measured=(
            Figure(one_s / 3_600, "h", "1 worker at 1 ms"),
            Figure(batched_s / 3_600, "h", "1 worker in batches of 100"),
            Figure(hundred_s, "s", "100 workers in batches of 100"),
        ),
        run=f"extrapolated: one post to {large:,} followers, push, until drained, times {ELON // large:,}; "
        f"{large // small} x the followers took {growth:.3g} x the time; {UNDRAWN}",
        why="Hours for one worker. Many workers end it sooner, but all of them do nothing else meanwhile.",
    )


def c07(_: Runs) -> Finding:
    """Lag of the last copy = (backlog + followers) / drain, drain = workers x batch / (round trip + batch x copy).

    5,000 x 1 ms is seed 001's; its 1 ms is taken apart into a round trip of 975 us and 25 us for the command itself.
    """
    pools = {
        "one by one": Pool(1, 1, ROUND_TRIP_US, PIPED_US),
        "batches of 100": Pool(1, 100, ROUND_TRIP_US, PIPED_US),
        "8 workers one by one": Pool(8, 1, ROUND_TRIP_US, PIPED_US),
        "8 workers in batches": Pool(8, 100, ROUND_TRIP_US, PIPED_US),
    }
    formula = [Figure(5_000 / pool.drain_per_s(), "s", what) for what, pool in pools.items()]
    measured = [Figure(push_s(5_000, pool.knobs()), "s", what) for what, pool in pools.items()]
    behind = pools["one by one"]
    formula.append(Figure((5_000 + 5_000) / behind.drain_per_s(), "s", "behind 5,000 copies"))
    measured.append(Figure(push_s(5_000, behind.knobs(), posts=2), "s", "behind 5,000 copies"))
    return Finding(
        formula=tuple(formula),
        measured=tuple(measured),
        run="one post to 5,000 followers, push, empty queue (the last: two posts at once), until drained, "
        f"a write = {ROUND_TRIP_US:g} us round trip + {PIPED_US:g} us; {UNDRAWN}",
        why="50 batches over 8 workers are 7 rounds, not 6.25: the last round is not full.",
    )


def c18(_: Runs) -> Finding:
    """Followers / drain of the city's workers, the copies of one batch becoming readable together (seed 003)."""
    city = preset_config("city")
    costs, chunk, followers = city.costs, city.fanout.chunk, 50_000
    pool = Pool(city.workers.count, chunk, costs.poll_us, costs.delivery_us)
    world = star(followers, script(Op.POST, [STAR], [0.1]), config=city, knobs={"timeline.cap": 10})
    world.step(NS_PER_S // 5)
    accepted_ms = world.metrics.histogram(Metric.POST_LATENCY).max / NS_PER_MS
    finish(world, 0.1)
    lag = world.metrics.histogram(Metric.FANOUT_LAG)
    return Finding(
        formula=(Figure(1e3 * followers / pool.drain_per_s(), "ms", "to the last list"),),
        measured=(
            Figure(accepted_ms, "ms", "to accept"),
            Figure((lag.quantile(0.01) or 0) / NS_PER_MS, "ms", "to the first lists"),
            Figure(lag.max / NS_PER_MS, "ms", "to the last list"),
            Figure(world.metrics.total(Metric.DELIVERIES), "copies"),
        ),
        run=f"one post to {followers:,} followers, push, empty queue, until drained, prices and {pool.workers} workers "
        f"of the city; {UNDRAWN}",
        why="The author waits for the store only; the followers wait for the fan-out.",
    )


def c19(_: Runs) -> Finding:
    """A list keeps 800 (seed 003; 004 says 600-2,000): of 1,000 pushed, 200 are trimmed; 800 x 4 bytes a row."""
    followers, posts = 50, 1_000
    cap = WorldConfig().timeline.cap
    written = script(Op.POST, [STAR] * posts, np.linspace(0.1, 5.0, posts).tolist())
    knobs = {**FREE_ACCEPT, "costs.delivery_us": 1.0, "costs.poll_us": 1.0}
    world = finish(star(followers, written, knobs=knobs), 6.0)
    kept = world.tables.lists.stored(1)
    return Finding(
        formula=(Figure(posts - cap, "trimmed of each list"), Figure(4 * cap, "bytes", "of row numbers")),
        measured=(
            Figure(world.metrics.total(Metric.TRIMS) / (followers + 1), "trimmed of each list"),
            Figure(kept.size, "entries kept"),
            Figure(kept.bytes, "bytes", f"a list, {kept.bytes_are}"),
        ),
        run=f"{posts:,} posts to {followers} followers, push, 6 s, embedded lists; {UNDRAWN}",
        why="The author's own list counts too. Room is 4 bytes an entry, and some to grow.",
    )


def c24(_: Runs) -> Finding:
    """None: what is looked for is deleted posts on pages (0 wanted) and their copies in lists (seed 000)."""
    followers, posts, deleted = 100, 10, 5
    crowd = np.arange(1, followers + 1)
    knobs = {"costs.delivery_us": 1.0, "costs.poll_us": 1.0}
    world = quiet(followers + 1, crowd, np.full(followers, STAR), knobs=knobs)
    people = People(world, Journal.in_memory())
    written = [people.post(STAR, "hello") for _ in range(posts)]
    finish(world, 1.0)
    for post in written[:deleted]:
        people.delete(STAR, post.id)
    gone = np.array([post.row for post in written[:deleted]], np.int32)
    held = world.tables.lists.contains(np.repeat(crowd, deleted).astype(np.int32), np.tile(gone, followers))
    pages = [people.home(reader).posts for reader in crowd.tolist()]
    shown = sum(view.row in gone for page in pages for view in page)
    return Finding(
        formula=(Figure(0, "deleted posts shown"),),
        measured=(
            Figure(shown, "deleted posts shown"),
            Figure(int(held.sum()), "copies of them still in lists"),
            Figure(sum(len(page) for page in pages), "posts shown"),
        ),
        run=f"{posts} posts to {followers} followers, {deleted} deleted after delivery, all followers' pages read; "
        f"push, 1 s; {UNDRAWN}",
        why="Deleting is one flag, true for the next page; the copies cost room and a look until they are trimmed.",
    )
