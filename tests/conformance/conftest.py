"""The people of whole runs."""

import numpy as np
import pytest

from datasets.population import Names, Population
from engine.graph.generate import communities
from engine.load.streams import stream
from tests.conformance.runs import USERS


@pytest.fixture(scope="session")
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
