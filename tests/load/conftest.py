"""A small population with a heavy follower tail, some muted accounts and some who never read."""

import numpy as np
import pytest

from engine.config import LoadConfig
from engine.graph.graph import Graph
from engine.load.audience import Audience
from engine.load.recording import Load

USERS = 600
MUTED = 3
"""The largest accounts of the audience post only when told to."""
SILENT_READERS = 50
"""Users 0..49 never open home by themselves."""

CONFIG = LoadConfig(
    posts_per_s=40,
    reads_per_s=120,
    likes_per_s=25,
    follows_per_s=8,
    unfollows_per_s=5,
    reply_share=0.2,
    repost_share=0.15,
    return_share=0.1,
)


def make_audience(users: int = USERS) -> Audience:
    rng = np.random.default_rng(11)
    popularity = np.minimum(rng.pareto(1.2, users) + 1, 60)
    popularity[: users // 10] = 0  # somebody has no followers, as in every real graph
    links = 20 * users
    followee = rng.choice(users, links, p=popularity / popularity.sum())
    graph = Graph.from_edges(users, rng.integers(0, users - 20, links), followee)
    largest = np.argsort(-graph.follower_counts.astype(np.int64), kind="stable")[:6].astype(np.int32)
    author_weight = rng.choice([0.5, 1.0, 4.0], users)
    author_weight[largest[:MUTED]] = 0
    reader_weight = rng.choice([1.0, 2.0, 5.0], users)
    reader_weight[:SILENT_READERS] = 0
    return Audience(
        graph=graph,
        author_weight=author_weight,
        reader_weight=reader_weight,
        away=np.arange(10, 30, dtype=np.int32),
        largest=largest,
        users=users,
    )


@pytest.fixture(scope="session")
def audience() -> Audience:
    return make_audience()


@pytest.fixture(scope="session")
def load(audience: Audience) -> Load:
    return Load(audience, CONFIG, seed=7)
