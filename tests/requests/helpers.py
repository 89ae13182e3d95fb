"""Worlds in which nothing arrives by itself but what is asked for, with a log, and short words for asking."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from engine.clock import NS_PER_MS
from engine.config import WorldConfig
from engine.journal.journal import Journal
from engine.observe.trace import Hop, Trace
from engine.people import People
from engine.requests import Acted, Ask, Paged, Requests
from engine.world import World
from engine.write_path.strategies import with_strategy
from tests.law.small import NO_LOAD, population

MS = NS_PER_MS
USERS = 120
STAR = 0
AWAY = range(90, USERS)
"""They have not been here for 60 days."""
CROWD = {(user, STAR) for user in range(1, USERS)} | {(STAR, user) for user in range(1, 12)}
"""Everybody follows the star, who follows eleven back."""
STRATEGIES = ("push", "hybrid:threshold=500", "hybrid:threshold=100", "push_active:days=30", "pull", "cached_pull")
PULLED = ("hybrid:threshold=100", "pull", "cached_pull")
"""Under these the star's posts are copied to nobody."""


class Scene:
    """A world, its people and their requests."""

    def __init__(
        self,
        strategy: str = "push",
        follows: Iterable[tuple[int, int]] = frozenset(CROWD),
        world: World | None = None,
        **knobs: Any,
    ) -> None:
        quiet: Mapping[str, Any] = {**NO_LOAD, "tick_ms": 100, "fanout.chunk": 10, "workers.count": 2}
        config = with_strategy(WorldConfig().with_knobs({**quiet, **knobs}), strategy)
        away = dict.fromkeys(AWAY, 60.0)
        self.world = world or World(config, population(USERS, follows, away), logged_deliveries=20_000)
        self.people = People(self.world, Journal.in_memory())
        self.requests = Requests(self.world, self.people)

    def act(self, what: str, user: int, **fields: Any) -> Acted:
        """Do something."""
        return self.requests.act(Ask(what, user, **fields))

    def post(self, user: int = STAR, text: str = "hello") -> Acted:
        """Publish."""
        return self.act("post", user, text=text)

    def page(self, what: str, user: int, cursor: str | None = None, limit: int = 20, **fields: Any) -> Paged:
        """Read."""
        return self.requests.page(Ask(what, user, **fields), cursor, limit)

    def step(self, ms: int) -> None:
        """Let virtual time pass."""
        self.world.step(ms * MS)

    def finished(self, trace: Trace) -> Trace:
        """A trace once all of its hops have ended."""
        for _ in range(1_200):
            now = self.requests.trace(trace.id)
            if now.done:
                return now
            self.step(50)
        raise AssertionError("this trace never ends")

    def list_of(self, user: int) -> list[int]:
        """A stored home list, oldest first."""
        return self.world.tables.lists.entries(np.array([user], np.int32)).values.tolist()


def hop(trace: Trace, name: str) -> Hop:
    """The one hop of this name."""
    (found,) = [one for one in trace.hops if one.hop == name]
    return found
