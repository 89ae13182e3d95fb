"""The posts that were there before the world opened, and everybody's list of them, so that timelines are not empty.

A large world's are made once and mapped from files after that (engine/frozen.py).
"""

import hashlib

import numpy as np

from datasets.population import Population
from engine.clock import NS_PER_S
from engine.domain import NO_LIST, NO_ROW, Bool, Kind
from engine.errors import InvalidKnob
from engine.frozen import Arrays, Frozen
from engine.load.arrivals import Stream, content_keys
from engine.load.streams import Weighted, ordered_uniforms, stream
from engine.posts.store import NewPosts, PostStore
from engine.tables import Tables
from engine.timelines.ring import RingStore
from engine.write_path.strategies import Strategy, Writers
from engine.write_path.upkeep import entries

HISTORY_S = 3_600
"""History is spread over the hour before instant 0."""
_SPARE = 1 << 21
"""Posts for which a large world has room at first: some minutes of Twitter in 2012."""


def old_posts(population: Population, seed: int) -> PostStore:
    """`population.history_posts` plain posts; nothing is decided about them yet."""
    if population.frozen is None:
        return _written(population, seed)
    arrays = population.frozen.group(f"posts-{seed}", lambda: _written(population, seed).arrays())
    return PostStore.of_plain(arrays, _SPARE)


def _written(population: Population, seed: int) -> PostStore:
    count = population.history_posts
    rng = stream(seed, "history", 0)
    author = Weighted.of(population.posting_weight).draw(rng, count)
    at_ns = ((ordered_uniforms(rng, count) - 1.0) * HISTORY_S * NS_PER_S).astype(np.int64)
    posts = PostStore(population.users)
    posts.append(
        NewPosts(
            author=author,
            accepted_ns=at_ns,
            kind=np.full(count, Kind.POST, np.int8),
            ref=np.full(count, NO_ROW, np.int32),
            key=content_keys(Stream.HISTORY, 0, count),
        )
    )
    return posts


def hand_out(tables: Tables, strategy: Strategy, population: Population) -> None:
    """Decide upon the old posts as if the strategy had always been in force.

    What was pushed is in the lists of those who should hold one, what was not is to be pulled; the newest bodies are
    in the cache.
    """
    posts = tables.posts
    rows = np.arange(posts.size, dtype=np.int32)
    author, at_ns = posts.author[: posts.size], posts.accepted_ns[: posts.size]
    pushed = strategy.pushes(Writers(author, tables.graph.follower_counts[author], at_ns))
    posts.pushed[rows] = pushed | (strategy.later_ns > 0)  # what was put off has been pushed since
    tables.cache.fill(rows)
    unpushed = np.flatnonzero(~posts.pushed[: posts.size]).astype(np.int32)
    tables.unpushed.begin(author[unpushed], unpushed)
    users = np.arange(tables.graph.n, dtype=np.int32)
    holds = strategy.holds_list(tables.activity.members(users, 0))
    if not holds.any():
        return
    if population.frozen is None:
        lists, floors = entries(tables, only_pushed=True)
        tables.lists.load(lists, np.where(holds, floors, NO_LIST).astype(np.int32))
        return
    if not isinstance(tables.lists, RingStore):
        raise InvalidKnob(f"timeline.backend: {population.users:,} lists are kept in this process only; allowed: ring.")
    _adopt(tables.lists, population.frozen, tables, holds)


def _adopt(ring: RingStore, frozen: Frozen, tables: Tables, holds: Bool) -> None:
    """Lists as they are kept for all strategies that have pushed the same posts."""
    pushed = tables.posts.pushed[: tables.posts.size]
    name = f"lists-{ring.cap}-{hashlib.sha256(np.packbits(pushed).tobytes()).hexdigest()[:16]}"

    def make() -> Arrays:
        return ring.arrays(*entries(tables, only_pushed=True))

    ring.adopt(frozen.group(name, make), holds)
