"""Push or pull decided for each pair of an author and a follower, by how often the one posts and the other reads."""

from typing import ClassVar, Self

import numpy as np

from engine.clock import NS_PER_S
from engine.config import WorldConfig
from engine.domain import F64, I32, Bool
from engine.write_path.strategies.base import Rates, Seen, Writers
from engine.write_path.strategies.push import Push


class PerEdge(Push):
    """Pushes along an edge iff reads per post there exceed the ratio of a push's cost to a pull's.

    A consumer c who reads at rate q_c and follows a producer p who posts at rate w_p costs w_p * H a second if pushed
    to, and q_c * L if they pull; so each edge for itself is cheapest pushed iff q_c / w_p > H / L, and that makes the
    whole cheapest as well.

    A producer's rate is estimated from their posts, seen at the quantum, with a memory of `rate_memory_s`: the sum of
    exp(-age / memory) / memory over them, which begins at what the load makes them do on average. A consumer's rate is
    what the load makes them do.

    Source: A. Silberstein, J. Terrace, B. F. Cooper, R. Ramakrishnan, Feeding Frenzy: Selectively Materializing Users'
    Event Feeds (SIGMOD 2010), sections 3.2 and 3.3.
    """

    slug = "per_edge"
    title = "Push or pull per edge"
    idea = "Each follow for itself: push to those who look more often than the author posts, let the others fetch."
    params: ClassVar = {"ratio": "strategy.push_pull_ratio", "memory": "strategy.rate_memory_s"}
    by_edge = True
    watches = True

    def __init__(self, push_pull_ratio: float, rate_memory_s: float) -> None:
        self.push_pull_ratio = push_pull_ratio
        self._memory_ns = rate_memory_s * NS_PER_S
        self._posts_per_s: F64 | None = None
        self._most_reads_per_s = np.inf
        self._at_ns: int | None = None

    @classmethod
    def of(cls, config: WorldConfig) -> Self:
        return cls(config.strategy.push_pull_ratio, config.strategy.rate_memory_s)

    def meet(self, rates: Rates) -> None:
        self._most_reads_per_s = float(rates.reads.max(initial=0.0))
        if self._posts_per_s is None:
            self._posts_per_s = rates.posts.copy()

    def observe(self, seen: Seen) -> None:
        assert self._posts_per_s is not None
        since_ns = 0 if self._at_ns is None else seen.now_ns - self._at_ns
        self._posts_per_s *= np.exp(-since_ns / self._memory_ns)
        np.add.at(self._posts_per_s, seen.authors, NS_PER_S / self._memory_ns)
        self._at_ns = seen.now_ns

    def posts_per_s(self, authors: I32) -> F64:
        """How often these accounts post, as estimated now, shape (n,)."""
        assert self._posts_per_s is not None
        return self._posts_per_s[authors]

    def reaches(self, posts: Writers, reads_per_s: F64) -> Bool:
        enough = self.push_pull_ratio * self.posts_per_s(posts.author)
        reached: Bool = reads_per_s > enough[:, None]
        return reached

    def pushes(self, posts: Writers) -> Bool:
        """Which posts are pushed to anybody; those from before the first look at the rates are, to everybody."""
        if self._posts_per_s is None:
            return super().pushes(posts)
        return self.push_pull_ratio * self.posts_per_s(posts.author) < self._most_reads_per_s
