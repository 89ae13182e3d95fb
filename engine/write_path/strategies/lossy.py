"""Push, but people who follow more accounts than anybody can read get only some of the copies."""

from typing import ClassVar, Self

import numpy as np

from engine.config import WorldConfig
from engine.domain import F64, I32, Bool
from engine.write_path.strategies.push import Push


class Lossy(Push):
    """Bounds what one list costs: whoever follows f accounts gets each copy with probability min(limit / f, 1).

    What is not made is lost to them for as long as their list reaches so far back; the audit counts it apart from
    faults. Chance is a hash of seed, post and follower, so that a run loses the same copies at any tick.

    Source: Jaz, When Imperfect Systems are Good, Actually: Bluesky's Lossy Timelines (jazco.dev, 2025-02-19), with a
    limit of 2,000 follows.
    """

    slug = "lossy"
    title = "Lossy timelines"
    idea = "Push, but whoever follows very many accounts gets only a share of their posts, and misses the rest."
    params: ClassVar = {"limit": "strategy.reasonable_follows"}
    lossy = True

    def __init__(self, reasonable_follows: int) -> None:
        self.reasonable_follows = reasonable_follows

    @classmethod
    def of(cls, config: WorldConfig) -> Self:
        return cls(config.strategy.reasonable_follows)

    def keeps(self, follows: I32, chance: F64) -> Bool:
        kept: Bool = chance * np.maximum(follows, 1) < self.reasonable_follows
        return kept
