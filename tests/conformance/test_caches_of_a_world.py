"""The caches of a running world against the plainest caches there are, played the same reads and posts: hit by hit.

That each cache by itself is the plain one, on any sequence of keys, is shown in tests/caches.
"""

from bisect import bisect_right
from collections import OrderedDict
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import pytest

import engine.read_path.home as home_module
from datasets.population import Population
from engine.clock import NS_PER_MS, NS_PER_S
from engine.config import WorldConfig
from engine.load.scenarios import scenario
from engine.world import World
from engine.write_path.strategies import with_strategy
from tests.conformance.runs import BUSY, EVERYTHING, LOAD_S, USERS, Cold, Run, noting

TTL_MS = 500
ONLY_POSTS = {"load.reply_share": 0, "load.repost_share": 0, "read.context": 0, "read.per_author": 50}
"""Nothing is hidden, so that a page is its newest rows; and one look at each author suffices."""

Page = tuple[int, ...]


class Read(NamedTuple):
    at_ns: int
    user: int
    hit: bool
    missing: int


class Change(NamedTuple):
    """A follow that was made, or ended."""

    follower: int
    followee: int


class Watched(World):
    """Notes what home reads met, and every change of the graph, in the order in which they came."""

    def __init__(self, *rest: Any) -> None:
        super().__init__(*rest)
        self.events: list[Read | Change] = []
        assemble = self.reads.assemble

        def noted(*segment: Any) -> Any:
            answers = assemble(*segment)
            columns = (answers.arrived_ns, answers.user, answers.hit, answers.missing)
            self.events += map(Read, *(column.tolist() for column in columns))
            return answers

        self.reads.assemble = noted  # type: ignore[method-assign]

    def follow(self, follower: int, followee: int) -> bool:
        return self._note(super().follow(follower, followee), follower, followee)

    def unfollow(self, follower: int, followee: int) -> bool:
        return self._note(super().unfollow(follower, followee), follower, followee)

    def _note(self, changed: bool, follower: int, followee: int) -> bool:
        if changed:
            self.events.append(Change(follower, followee))
        return changed

    @property
    def home_reads(self) -> list[Read]:
        return [event for event in self.events if isinstance(event, Read)]


class WatchedCold(Watched, Cold):
    """The same, with nothing in memory when it opens."""


def watched(
    population: Population, strategy: str, name: str, knobs: dict[str, Any], make: type[Watched] = Watched
) -> tuple[Watched, dict[tuple[int, int], Page]]:
    """A world after three seconds, and the rows of every page that was read: (instant, reader) -> rows."""
    config = with_strategy(WorldConfig().with_knobs({**BUSY, **knobs}), strategy)
    world, found = make(config, population, scenario(name).fitted(LOAD_S)), Run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home_module, "assemble", noting(found, home_module.assemble))
        world.step(LOAD_S * NS_PER_S)
    return world, {read: tuple(row for row in rows if row >= 0) for read, rows in found.pages.items()}


# Bodies


class PlainCache:
    """First in, first out, one body at a time."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.held: OrderedDict[int, None] = OrderedDict()

    def ask(self, body: int) -> bool:
        hit = body in self.held
        if not hit:
            self.held[body] = None
            if len(self.held) > self.capacity:
                self.held.popitem(last=False)
        return hit


def bodies_missed(world: Watched, pages: dict[tuple[int, int], Page], cache: PlainCache, new: int) -> list[int]:
    """How many bodies each read had to fetch. Posts from row `new` on enter the cache when they are accepted."""
    posts, missed = world.tables.posts, []
    accepted_ns, identity = posts.accepted_ns[: posts.size].tolist(), posts.identity[: posts.size].tolist()
    for read in world.home_reads:
        while new < posts.size and accepted_ns[new] <= read.at_ns:
            if identity[new] == new:  # a repost has the body of its root
                cache.ask(new)
            new += 1
        missed.append(sum(not cache.ask(identity[row]) for row in pages[read.at_ns, read.user]))
    return missed


@pytest.mark.parametrize(("capacity", "make"), [(4, Watched), (60, WatchedCold), (100_000, WatchedCold)])
@pytest.mark.parametrize("strategy", ["push", "hybrid:threshold=30"])
def test_bodies_hit_and_miss_as_in_a_plain_cache_asked_read_by_read(population, strategy, capacity, make):
    world, pages = watched(population, strategy, EVERYTHING, {"cache.posts": capacity}, make)
    cache, history = PlainCache(capacity), population.history_posts
    if make is Watched:
        for row in range(history):
            cache.ask(row)
    found = [read.missing for read in world.home_reads]
    assert 0 < sum(found) < sum(map(len, pages.values()))
    assert found == bodies_missed(world, pages, cache, history)
    # And this ruler can say no: here new posts do not enter the cache by themselves.
    assert found != bodies_missed(world, pages, PlainCache(capacity), world.tables.posts.size)


# Lists that cached_pull keeps


class PlainMemory:
    """Whom everybody follows, and of each reader until when a list is kept and below which row it has all posts."""

    def __init__(self, population: Population, ttl_ms: int) -> None:
        everybody = population.graph.followees(np.arange(USERS, dtype=np.int32))
        lists = np.split(everybody.values, everybody.offsets[1:-1])
        self.followees = [set(followees.tolist()) for followees in lists]
        self.kept: dict[int, tuple[int, int]] = {}
        self.ttl_ns = ttl_ms * NS_PER_MS

    def change(self, change: Change) -> None:
        self.followees[change.follower] ^= {change.followee}
        self.kept.pop(change.follower, None)

    def read(self, user: int, at_ns: int, mark: int) -> tuple[bool, int]:
        """Whether a kept list is served, and the row below which it has the posts of others."""
        hit = user in self.kept and at_ns < self.kept[user][0]
        if not hit:
            self.kept[user] = at_ns + self.ttl_ns, mark
        return hit, self.kept[user][1]


def hits_and_pages(world: Watched, memory: PlainMemory) -> list[tuple[bool, Page]]:
    """Of each read whether a kept list was served, and its page: what others wrote before the merge, and own posts."""
    posts, reads = world.tables.posts, []
    accepted_ns, author = posts.accepted_ns[: posts.size].tolist(), posts.author[: posts.size].tolist()
    for event in world.events:
        if isinstance(event, Change):
            memory.change(event)
            continue
        mark = bisect_right(accepted_ns, event.at_ns)
        hit, below = memory.read(event.user, event.at_ns, mark)
        theirs = memory.followees[event.user]
        rows = (r for r in range(mark - 1, -1, -1) if author[r] == event.user or (r < below and author[r] in theirs))
        reads.append((hit, tuple(islice(rows, world.config.read.limit))))
    return reads


def test_kept_lists_are_served_as_from_a_plain_memory_read_by_read(population):
    world, pages = watched(population, f"cached_pull:ttl={TTL_MS / 1000}", "celebrity+herd", ONLY_POSTS)
    found = [(read.hit, pages[read.at_ns, read.user]) for read in world.home_reads]
    assert 100 < sum(hit for hit, _ in found) < len(found) - 100
    assert found == hits_and_pages(world, PlainMemory(population, TTL_MS))
    # And this ruler can say no: a list kept a little less long, and graph changes that drop no list.
    assert found != hits_and_pages(world, PlainMemory(population, TTL_MS - 10))
    memory = PlainMemory(population, TTL_MS)
    memory.change = lambda change: None  # type: ignore[method-assign]
    assert found != hits_and_pages(world, memory)
