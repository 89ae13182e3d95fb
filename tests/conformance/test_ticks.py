"""Whole runs do not depend on how time is cut: not on the tick, not on the steps. And what happens without the rules.

What is compared is everything that anybody can see: all counts, levels and latencies in every slot of the series and
over the run, the deepest queue, every stored list with its horizon, and the content of every page that was read.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import numpy as np
import pytest

import engine.read_path.home as home_module
from datasets.population import Names, Population
from engine.clock import NS_PER_MS, NS_PER_S, QUANTUM_NS
from engine.config import WorldConfig
from engine.graph.generate import communities
from engine.journal.journal import Journal
from engine.load.scenarios import scenario
from engine.load.streams import stream
from engine.observe.audit import audit
from engine.observe.metric import Metric
from engine.people import People
from engine.posts.store import PostStore
from engine.queueing.broker import _Lane
from engine.read_path import gather as gather_module
from engine.world import World
from engine.write_path import accept, fanout, upkeep
from engine.write_path.strategies import with_strategy
from tests import oracle

USERS = 160
LOAD_S = 3
STRATEGIES = ("pull", "cached_pull:ttl=0.5", "push", "hybrid:threshold=30", "push_active:days=20")
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
KINDS = {"roomy": ROOMY, "nasty": NASTY}
ODD_STEPS = (7, 33, 250, 1)
"""Milliseconds."""


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


@pytest.fixture(scope="module")
def population() -> Population:
    """160 people in five communities; the largest account is followed by three quarters."""
    rng = stream(1, "tests.ticks", 0)
    links = communities(USERS, 16, rng, communities=5, largest_share=0.75, stars=(45, 35), tail_cap=40)
    graph = links.graph()
    last_seen = np.where(rng.random(USERS) < 0.3, 60.0, rng.random(USERS) * 25).astype(np.float32)
    largest = np.argsort(-graph.follower_counts, kind="stable")[:6].astype(np.int32)
    ones = np.ones(USERS)
    return Population(
        graph=graph,
        names=Names(USERS, largest),
        community=links.community,
        last_seen_days=last_seen,
        author_weight=ones,
        posting_weight=ones,
        reader_weight=np.where(last_seen > 30, 0.0, 1.0),
        away=np.flatnonzero(last_seen > 30).astype(np.int32),
        largest=largest,
        history_posts=600,
    )


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
) -> Run:
    """A celebrity, a herd, a viral post and a few people in three seconds, and then until the world is at rest."""
    config = with_strategy(WorldConfig().with_knobs({**BUSY, **knobs, "tick_ms": tick_ms}), strategy)
    world = make(config, population, scenario("celebrity+herd+viral").fitted(LOAD_S))
    world.load_ends_ns = LOAD_S * NS_PER_S
    people, steps, found = People(world, Journal.in_memory()), cycle(steps_ms), Run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home_module, "assemble", _noting(found, home_module.assemble))
        for at_ms in (*ACTS_MS, LOAD_S * 1_000):
            while world.now_ns < at_ms * NS_PER_MS:
                world.step(min(next(steps) * NS_PER_MS, at_ms * NS_PER_MS - world.now_ns))
            act(world, people, at_ms)
        while not world.at_rest:
            world.step(QUANTUM_NS)
            assert world.now_ns < 600 * NS_PER_S, "never at rest"
    found.seen, found.world = _all_that_is_seen(world), world
    return found


def _noting(found: Run, assemble: Callable[..., Any]) -> Callable[..., Any]:
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


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_run_is_the_same_at_any_tick(population, strategy, kind):
    whole = run(population, strategy, KINDS[kind], 100)
    check_that_much_happened(whole, strategy, kind)
    check_the_law(whole.world)
    assert run(population, strategy, KINDS[kind], 50).differences(whole) == set()
    assert run(population, strategy, KINDS[kind], 10).differences(whole) == set()
    assert run(population, strategy, KINDS[kind], 100, ODD_STEPS).differences(whole) == set()


def check_that_much_happened(found: Run, strategy: str, kind: str) -> None:
    """Equal runs of an idle world would say nothing."""
    counts = {metric for metric in Metric if metric.kind == "count" and found.seen[metric]}
    happened = {Metric.POSTS, Metric.REPLIES, Metric.REPOSTS, Metric.LIKES, Metric.FOLLOWS, Metric.UNFOLLOWS}
    happened |= {Metric.READS, Metric.BODY_HITS, Metric.BODY_MISSES, Metric.ROWS_READ}
    if "pull" not in strategy:
        happened |= {Metric.DELIVERIES, Metric.PLANNED, Metric.TIMELINE_HITS, Metric.REBUILDS, Metric.TRIMS}
    if "pull" not in strategy and kind == "nasty":
        happened |= {Metric.TIMELINE_MISSES, Metric.RETRIES, Metric.REDELIVERIES, Metric.DEAD_LETTERED}
    assert happened - counts == set()
    assert set(found.seen["audit"].values()) == {0, USERS}
    assert len(found.pages) > 400


def check_the_law(world: World) -> None:
    """A sample of people see the oracle's pages in the end."""
    world.step(NS_PER_S)  # kept lists expire
    facts, people = oracle.facts_of(world), People(world, Journal.in_memory())
    for user in range(0, USERS, 16):
        found, cursor = [], None
        while True:
            page = people.home(user, cursor, 30)
            found.append([view.row for view in page.posts])
            cursor = page.next
            if cursor is None:
                break
        expected = oracle.pages(facts, user, 30, world.config.read.context)
        assert [rows for rows in found if rows] == [rows for rows in expected if rows], f"user {user}"


# What happens without the rules of exactness (design, section 4): each is broken once, and seen to matter


class Hasty(World):
    """Lets what flows back take effect at once, at any tick, instead of at the next multiple of the quantum."""

    def _draw(self, end_ns: int):
        if self.now_ns % QUANTUM_NS:
            self._feed_back()
        return super()._draw(end_ns)


def differs(
    population: Population, strategy: str, knobs: dict[str, Any], make: Callable[..., World] = World
) -> set[str]:
    """What is not the same at ticks of 100 and 10 ms."""
    whole = run(population, strategy, knobs, 100, make=make)
    return run(population, strategy, knobs, 10, make=make).differences(whole)


def test_without_the_quantum_the_graph_depends_on_the_tick(population, monkeypatch):
    for module in (accept, fanout, upkeep):
        monkeypatch.setattr(module, "ceil_quantum", lambda at_ns: at_ns)
    assert "lists" in differs(population, "push", ROOMY, Hasty)


def test_reads_that_see_all_posts_of_their_segment_depend_on_the_tick(population, monkeypatch):
    monkeypatch.setattr(PostStore, "mark", lambda posts, at_ns: np.full(len(at_ns), posts.size, np.int32))
    assert "pages" in differs(population, "pull", ROOMY)


def test_reads_that_see_all_entries_of_their_segment_depend_on_the_tick(population, monkeypatch):
    arrived = gather_module._arrived

    def too_early(tables, readers, horizon, arriving):
        return arrived(tables, readers, horizon, arriving._replace(at_ns=np.zeros_like(arriving.at_ns)))

    monkeypatch.setattr(gather_module, "_arrived", too_early)
    assert "pages" in differs(population, "push", ROOMY)


def test_reads_that_see_no_entry_of_their_segment_depend_on_the_tick(population, monkeypatch):
    nothing = (np.zeros(0, np.int64), np.zeros(0, np.int32))
    monkeypatch.setattr(gather_module, "_arrived", lambda *_: nothing)
    assert "pages" in differs(population, "push", ROOMY)


def test_trims_that_wait_for_the_end_of_the_segment_depend_on_the_tick(population, monkeypatch):
    monkeypatch.setattr(gather_module, "_raise_by_trim", lambda *_: None)
    assert Metric.TIMELINE_MISSES in differs(population, "push", {**NASTY, "timeline.cap": 8})


def test_lines_in_order_of_arrival_depend_on_the_tick(population, monkeypatch):
    """Jobs tried again are due at a multiple of the quantum: they may come to the broker after later ones."""
    add = _Lane.add

    def at_the_end(lane: _Lane, partition: int, job: tuple[int, int, int, int]) -> None:
        line = lane.lines.get(partition)
        if line:
            line.append(job)
        else:
            add(lane, partition, job)

    monkeypatch.setattr(_Lane, "add", at_the_end)
    assert Metric.FANOUT_LAG in differs(population, "push", NASTY)
