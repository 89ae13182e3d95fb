"""Hybrid whose threshold falls as the fan-out queue deepens: the largest accounts are pulled first when it is busy."""

from typing import ClassVar, Self

from engine.config import WorldConfig
from engine.domain import Bool
from engine.write_path.strategies.base import Seen, Writers
from engine.write_path.strategies.push import Push


class Adaptive(Push):
    """Sheds the dearest posts to the readers for as long as there is a backlog.

    With `d` copies queued the line is drawn at threshold * h / (h + d) followers, where `h` is the depth that halves
    it. The depth is that of the last quantum, as for a post service that looks at a gauge now and then.

    Source: load shedding by the queue's depth, as in M. Welsh, D. Culler, Adaptive Overload Control for Busy Internet
    Servers (USITS 2003), applied to hybrid's threshold; no published system is known to draw the line by this formula.
    """

    slug = "adaptive"
    title = "Adaptive threshold"
    idea = "Hybrid, but the deeper the queue of copies, the fewer followers it takes to be fetched by readers instead."
    params: ClassVar = {"threshold": "strategy.threshold", "half": "strategy.half_at_copies"}
    watches = True

    def __init__(self, threshold: int, half_at_copies: int) -> None:
        self.threshold = threshold
        self.half_at_copies = half_at_copies
        self.queued = 0

    @classmethod
    def of(cls, config: WorldConfig) -> Self:
        return cls(config.strategy.threshold, config.strategy.half_at_copies)

    @property
    def line(self) -> float:
        """From how many followers on an account is pulled, at the depth last seen."""
        return self.threshold * self.half_at_copies / (self.half_at_copies + self.queued)

    def observe(self, seen: Seen) -> None:
        self.queued = seen.queued

    def pushes(self, posts: Writers) -> Bool:
        return posts.followers < self.line
