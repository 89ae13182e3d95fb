"""The people and the settings of the worlds that are measured."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from datasets.population import Names, Population
from engine.config import WorldConfig
from engine.domain import I32
from engine.graph.generate import communities
from engine.graph.graph import Graph
from engine.load.streams import stream
from engine.world import World

CAP = 200
"""Entries of a list: lists then stand about as far apart as in a country."""
QUIET: Mapping[str, Any] = {
    "load.posts_per_s": 0, "load.reads_per_s": 0, "load.likes_per_s": 0, "load.follows_per_s": 0,
    "load.unfollows_per_s": 0, "timeline.cap": CAP, "timeline.shards": 256, "fanout.chunk": 1_000,
    "workers.count": 400, "workers.batch": 1_000, "costs.poll_us": 500, "costs.delivery_us": 110,
    "costs.list_write_us": 5,
}  # fmt: skip
"""Nothing comes by itself; prices of a data centre, and workers enough for a million copies within half a second."""


def quiet_world(graph: Graph) -> World:
    """A world under push in which nothing happens unless it is told to, with empty lists for everybody."""
    return World(WorldConfig().with_knobs(QUIET), people(graph, np.zeros(graph.n, np.int32)))


def star(followers: int) -> Graph:
    """One account, number 0, that all others follow; it follows nobody back, and nobody follows anybody else."""
    return Graph.from_edges(followers + 1, np.arange(1, followers + 1), np.zeros(followers, np.int32))


def small_audiences(authors: int, users: int) -> Graph:
    """Accounts 0 .. authors - 1 with 75 to 200 followers each, anybody among all users."""
    rng = stream(1, "bench.small_audiences", 0)
    followers = rng.integers(75, 201, authors)
    return Graph.from_edges(users, rng.integers(0, users, followers.sum()), np.repeat(np.arange(authors), followers))


def village(users: int, followees: float, seed: int = 1, **shape: Any) -> tuple[Graph, I32]:
    """A generated graph, as the worlds' own are, and everybody's community."""
    links = communities(users, followees, stream(seed, "bench.village", 0), **shape)
    return links.graph(), links.community


def people(graph: Graph, community: I32, history_posts: int = 0) -> Population:
    """People who are all here, and write and read alike."""
    largest = np.argsort(-graph.follower_counts, kind="stable")[:6].astype(np.int32)
    ones = np.ones(graph.n)
    return Population(
        graph=graph,
        names=Names(graph.n, largest),
        community=community,
        last_seen_days=np.zeros(graph.n, np.float32),
        author_weight=ones,
        posting_weight=ones,
        reader_weight=ones,
        away=np.zeros(0, np.int32),
        largest=largest,
        history_posts=history_posts,
    )
