"""Push to people who come; the rest get their list rebuilt when they return."""

from typing import ClassVar, Self

from engine.config import WorldConfig
from engine.domain import Bool
from engine.write_path.strategies.base import Members
from engine.write_path.strategies.push import Push


class PushActive(Push):
    """Twitter's rule of 2012: no deliveries to people who have not been seen for a month."""

    slug = "push_active"
    title = "Push to active"
    idea = "Push, but only to people seen lately; whoever returns gets a rebuilt list."
    params: ClassVar = {"days": "strategy.active_days"}

    def __init__(self, days: float) -> None:
        self.days = days

    @classmethod
    def of(cls, config: WorldConfig) -> Self:
        return cls(config.strategy.active_days)

    def holds_list(self, members: Members) -> Bool:
        return members.away_days <= self.days
