"""Whole runs of a small world, and everything that there is to see in them: what ticks and steps must not change.

All counts, levels and latencies in every slot of the series and over the run, the deepest queue, every stored list
with its horizon, and the content of every page that was read.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import numpy as np
import pytest

import engine.read_path.home as home_module
from datasets.population import Population
from engine.clock import NS_PER_MS, NS_PER_S, QUANTUM_NS
from engine.config import WorldConfig
from engine.journal.journal import Journal
from engine.load.scenarios import SCENARIOS, scenario
from engine.observe.audit import audit
from engine.observe.metric import Metric
from engine.people import People
from engine.world import World
from engine.write_path.strategies import with_strategy

USERS = 160
LOAD_S = 3
EVERYTHING = "+".join(SCENARIOS)
"""All scenarios at once."""
SPECS = (
    "pull", "cached_pull:ttl=0.5", "push", "hybrid:threshold=30", "push_active:days=20",
    "adaptive:threshold=60,half=300", "delayed:threshold=30,delay=0.7", "per_edge:ratio=2,memory=5", "lossy:limit=12",
)  # fmt: skip
"""Every strategy, with parameters that matter among 160 people in three seconds."""
BUSY = {
    "load.posts_per_s": 40, "load.reads_per_s": 150, "load.follows_per_s": 20, "load.unfollows_per_s": 20,
    "load.reply_share": 0.2, "load.repost_share": 0.3, "load.return_share": 0.1, "fanout.chunk": 10,
    "fanout.partitions": 3, "read.limit": 8, "read.per_author": 5,
}  # fmt: skip
ROOMY = {"timeline.cap": 60, "cache.posts": 60}
"""Small enough that lists are trimmed and the cache misses; pages lie within the lists."""
NASTY = {
    "timeline.cap": 4, "cache.posts": 4, "fanout.fail_rate": 0.2, "fanout.redeliver_rate": 0.2,
    "fanout.max_attempts": 2, "fanout.retry_base_ms": 100,
}  # fmt: skip
"""Pages reach below their lists; workers fail, and jobs are handed out twice or given up."""
ODD_STEPS = (7, 33, 250, 1)
"""Milliseconds."""
FINE_MS = 20
"""The tick against which the coarsest is held in the gate; with `--long` it is the finest, 10 ms, which takes twice as
long."""


@dataclass
class Run:
    """What there was to see in one run."""

    seen: dict[str, Any] = field(default_factory=dict)
    pages: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)
    """(instant, reader) -> rows shown"""
    world: World | None = None
    """In the state in which the run left it: at rest."""

    def differences(self, other: "Run") -> set[str]:
        """Names of what is not the same in both."""
        names = {name for name in self.seen if self.seen[name] != other.seen[name]}
        return names | ({"pages"} if self.pages != other.pages else set())


def act(world: World, people: People, at_ms: int) -> None:
    """What people and an operator do at one instant of every run, amid deliveries."""
    star, other = (int(user) for user in world.population.largest[:2])
    match at_ms:
        case 1_055:
            post = people.post(star, "hello")
            people.repost(other, post.id)
        case 1_400:
            world.evict(other)
            people.unfollow(int(world.tables.graph.followers([star]).values[0]), star)
        case 2_001:
            people.follow(int(world.tables.graph.followees([other]).values[0]), other)
            people.block(star, other)
            world.set_knobs({"workers.count": 2})
        case 2_500:
            world.redrive()


ACTS_MS = (1_055, 1_400, 2_001, 2_500)


def run(
    population: Population,
    strategy: str,
    knobs: Mapping[str, Any],
    tick_ms: int,
    steps_ms: Iterable[int] = (1_000,),
    make: Callable[..., World] = World,
    name: str = EVERYTHING,
) -> Run:
    """Three seconds of a scenario and of what a few people do, and then until the world is at rest."""
    config = with_strategy(WorldConfig().with_knobs({**BUSY, **knobs, "tick_ms": tick_ms}), strategy)
    world = make(config, population, scenario(name).fitted(LOAD_S))
    world.load_ends_ns = LOAD_S * NS_PER_S
    people, steps, found = People(world, Journal.in_memory()), cycle(steps_ms), Run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home_module, "assemble", noting(found, home_module.assemble))
        for at_ms in (*ACTS_MS, LOAD_S * 1_000):
            while world.now_ns < at_ms * NS_PER_MS:
                world.step(min(next(steps) * NS_PER_MS, at_ms * NS_PER_MS - world.now_ns))
            act(world, people, at_ms)
        while not world.at_rest:
            world.step(QUANTUM_NS)
            assert world.now_ns < 600 * NS_PER_S, "never at rest"
    found.seen, found.world = _all_that_is_seen(world), world
    return found


def noting(found: Run, assemble: Callable[..., Any]) -> Callable[..., Any]:
    def noted(tables: Any, strategy: Any, readers: Any, *rest: Any) -> Any:
        pages = assemble(tables, strategy, readers, *rest)
        for user, at_ns, rows in zip(readers.user.tolist(), readers.at_ns.tolist(), pages.rows.tolist(), strict=True):
            found.pages[at_ns, user] = tuple(rows)
        return pages

    return noted


def _all_that_is_seen(world: World) -> dict[str, Any]:
    metrics, everybody = world.metrics, np.arange(USERS, dtype=np.int32)
    seen: dict[str, Any] = {"now": world.now_ns, "peak": world.recorder.depth_peak}
    for metric in Metric:
        ends, values = metrics.series(metric, 0)
        seen[f"series of {metric}"] = (ends.tolist(), np.nan_to_num(values, nan=-1).tolist())
        if metric.kind == "latency":
            whole = metrics.histogram(metric)
            seen[metric] = (whole.count, whole.max, whole.mean, *(part.tolist() for part in whole.buckets()))
        elif metric.kind == "count":
            seen[metric] = metrics.total(metric)
    lists = world.tables.lists.entries(everybody)
    seen["lists"] = (lists.values.tolist(), lists.offsets.tolist())
    seen["horizons"] = world.tables.lists.horizons(everybody).tolist()
    seen["graph"] = [column.tolist() for column in world.tables.graph.edges()]
    seen["posts"] = [
        getattr(world.tables.posts, name)[: world.tables.posts.size].tolist()
        for name in ("author", "accepted_ns", "kind", "ref", "pushed", "key", "likes", "reposts", "replies")
    ]
    seen["audit"] = audit(world.tables, world.strategy, world.now_ns, world.fanout.outstanding()).to_json()
    return seen


class Cold(World):
    """Has nothing in memory when it opens: no list, no body."""

    def __init__(self, *rest: Any) -> None:
        super().__init__(*rest)
        self.tables.cache.clear()
        self.tables.lists.drop(np.arange(self.tables.graph.n, dtype=np.int32))


def differs(
    population: Population,
    strategy: str,
    knobs: dict[str, Any],
    make: Callable[..., World] = World,
    tick_ms: int = 50,
) -> set[str]:
    """What is not the same at ticks of 500 and `tick_ms`: of 50, for what is broken, and 10 for what is to be right."""
    whole = run(population, strategy, knobs, 500, make=make)
    return run(population, strategy, knobs, tick_ms, make=make).differences(whole)
