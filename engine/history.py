"""The posts that were there before the world opened, so that timelines are not empty."""

import numpy as np

from datasets.population import Population
from engine.clock import NS_PER_S
from engine.domain import NO_ROW, Kind
from engine.load.arrivals import Stream, content_keys
from engine.load.streams import Weighted, ordered_uniforms, stream
from engine.posts.store import NewPosts
from engine.tables import Tables
from engine.write_path.strategies import Strategy, Writers

HISTORY_S = 3_600
"""History is spread over the hour before instant 0."""


def write_history(tables: Tables, strategy: Strategy, population: Population, seed: int) -> None:
    """Fill the post store with `population.history_posts` plain posts, decided upon by the strategy as if live."""
    count = population.history_posts
    rng = stream(seed, "history", 0)
    author = Weighted.of(population.posting_weight).draw(rng, count)
    at_ns = ((ordered_uniforms(rng, count) - 1.0) * HISTORY_S * NS_PER_S).astype(np.int64)
    rows = tables.posts.append(
        NewPosts(
            author=author,
            accepted_ns=at_ns,
            kind=np.full(count, Kind.POST, np.int8),
            ref=np.full(count, NO_ROW, np.int32),
            key=content_keys(Stream.HISTORY, 0, count),
        )
    )
    followers = tables.graph.follower_counts[author]
    tables.posts.pushed[rows] = strategy.pushes(Writers(author, followers, at_ns))
    tables.cache.insert(rows[-tables.cache.capacity :])
