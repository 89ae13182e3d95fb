"""Push for most authors; readers pull the few whose audience is over the line."""

from typing import ClassVar, Self

from engine.config import WorldConfig
from engine.domain import Bool
from engine.write_path.strategies.base import Writers
from engine.write_path.strategies.push import Push


class Hybrid(Push):
    """Caps the cost of one post at `threshold` writes, and hands the rest of the bill to the readers."""

    slug = "hybrid"
    title = "Hybrid"
    idea = "Push, except for accounts with many followers: readers fetch those."
    params: ClassVar = {"threshold": "strategy.threshold"}

    def __init__(self, threshold: int) -> None:
        self.threshold = threshold

    @classmethod
    def of(cls, config: WorldConfig) -> Self:
        return cls(config.strategy.threshold)

    def pushes(self, posts: Writers) -> Bool:
        return posts.followers < self.threshold
