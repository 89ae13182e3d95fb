"""Small worlds whose every action is somebody's in a test: nothing arrives by itself."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from datasets.population import Names, Population
from engine.clock import GROUP_NS, NS_PER_MS, NS_PER_S
from engine.config import LoadConfig, WorldConfig
from engine.domain import Op
from engine.graph.graph import Graph
from engine.journal.journal import Journal
from engine.load.arrivals import NO_TARGET, Arrivals, Stream
from engine.observe.audit import Audit, audit
from engine.people import People
from engine.views import PageView
from engine.world import World
from engine.write_path.strategies import with_strategy

MS, S = NS_PER_MS, NS_PER_S
NO_LOAD = {f"load.{name}_per_s": 0.0 for name in ("posts", "reads", "likes", "follows", "unfollows")}
SAID = {"load.reads_per_s": 8.0}
"""What strategies are told that people do; nobody does it."""
STRATEGIES = (
    "pull", "cached_pull:ttl=2", "push", "hybrid:threshold=3", "push_active:days=30",
    "adaptive:threshold=6,half=4", "delayed:threshold=3,delay=0.5", "per_edge:ratio=2,memory=2",
)  # fmt: skip
"""All that keep the law, with parameters that a world of eight people crosses."""
LOSSY = "lossy:limit=2"
"""And the one that says it does not."""


class Script:
    """A recording written by hand, in place of a world's load: so requests go through gateway and commit."""

    def __init__(self) -> None:
        self._arrivals = Arrivals.empty()
        self._count = 0
        self.last_ns = -1
        """When the last of them arrives."""

    def add(self, at_ns: int, op: Op, actor: int, target: int = NO_TARGET) -> int:
        """Let something arrive; its content key."""
        self._count += 1
        self.last_ns = max(self.last_ns, at_ns)
        key = Stream.INJECTED << 48 | self._count
        columns = (np.array([at_ns], np.int64), np.array([actor], np.int32), np.array([key], np.int64))
        self._arrivals = Arrivals.concat([self._arrivals, Arrivals.of(op, *columns, target)])
        return key

    def between(self, start_ns: int, end_ns: int) -> Arrivals:
        """As `Load.between`."""
        return self._arrivals.between(start_ns, end_ns)

    def with_config(self, config: LoadConfig, from_block: int) -> "Script":
        """As `Load.with_config`: a script has no knobs."""
        return self


def population(n: int, follows: Iterable[tuple[int, int]], away_days: Mapping[int, float] | None = None) -> Population:
    """`n` people, (follower, followee) pairs, and for how long some have been away. Nothing was posted before."""
    pairs = np.array(sorted(follows), np.int32).reshape(-1, 2)
    ones = np.ones(n)
    reading = 1.0 + np.arange(n) % 3  # three classes of readers, for strategies that look at rates
    last_seen = np.zeros(n, np.float32)
    for user, days in (away_days or {}).items():
        last_seen[user] = days
    largest = np.arange(min(n, 6), dtype=np.int32)
    return Population(
        graph=Graph.from_edges(n, pairs[:, 0], pairs[:, 1]),
        names=Names(n, largest),
        community=np.zeros(n, np.int32),
        last_seen_days=last_seen,
        author_weight=ones,
        posting_weight=ones,
        reader_weight=reading,
        away=np.flatnonzero(last_seen > 30).astype(np.int32),
        largest=largest,
        history_posts=0,
    )


class Small:
    """A world of a few people, and short words for what tests do with it."""

    def __init__(
        self,
        strategy: str = "push",
        follows: Iterable[tuple[int, int]] = (),
        knobs: Mapping[str, Any] | None = None,
        *,
        n: int = 8,
        away_days: Mapping[int, float] | None = None,
        redis_url: str | None = None,
    ) -> None:
        config = with_strategy(WorldConfig().with_knobs({**NO_LOAD, **SAID, "tick_ms": 100, **(knobs or {})}), strategy)
        self.world = World(config, population(n, follows, away_days), redis_url=redis_url)
        self.script = Script()
        self.world.load = self.script  # type: ignore[assignment]
        self.people = People(self.world, Journal.in_memory())
        self.n = n

    def post(self, user: int) -> int:
        """A person posts; the row."""
        return self.people.post(user, "hello").row

    def reply(self, user: int, row: int) -> int:
        """A person answers a post; the answer's row."""
        return self.people.reply(user, self.key(row), "well").row

    def repost(self, user: int, row: int) -> int:
        """A person reposts a post; the repost's row."""
        return self.people.repost(user, self.key(row)).row

    def delete(self, row: int) -> bool:
        """The author deletes a post."""
        return self.people.delete(self.author(row), self.key(row))

    def restore(self, row: int) -> bool:
        """The author restores a post."""
        return self.people.restore(self.author(row), self.key(row))

    def key(self, row: int) -> int:
        """A post's id."""
        return int(self.world.tables.posts.key[row])

    def author(self, row: int) -> int:
        """A post's author."""
        return int(self.world.tables.posts.author[row])

    def step(self, dt_ns: int) -> None:
        """Let time pass."""
        self.world.step(dt_ns)

    def settle(self) -> None:
        """Let time pass until the world is at rest: all has arrived, queues are drained, kept lists have expired."""
        world = self.world
        for _ in range(100_000):
            kept_until_ns = int(world.tables.kept.until_ns.max()) if world.strategy.keep_ns else 0
            if world.at_rest and world.now_ns >= kept_until_ns and world.now_ns > self.script.last_ns:
                return
            world.step(GROUP_NS)
        raise AssertionError("this world never comes to rest")

    def home(self, user: int, limit: int = 100) -> list[int]:
        """The rows of a person's first page."""
        return rows_of(self.people.home(user, None, limit))

    def pages(self, user: int, limit: int) -> list[list[int]]:
        """The rows of all pages, by cursors; an empty page at the very end, which the law allows, is left out."""
        found, cursor = [], None
        while True:
            page = self.people.home(user, cursor, limit)
            found.append(rows_of(page))
            cursor = page.next
            if cursor is None:
                break
            assert len(found[-1]) == limit, "a short page that is not the last"
        return found[:-1] if len(found) > 1 and not found[-1] else found

    def list_of(self, user: int) -> list[int]:
        """The stored list, oldest first."""
        return self.world.tables.lists.entries(np.array([user], np.int32)).values.tolist()

    def horizon(self, user: int) -> int:
        """The stored list's horizon."""
        return int(self.world.tables.lists.horizons(np.array([user], np.int32))[0])

    def on_its_way(self) -> set[tuple[int, int]]:
        """(owner, row) of every copy accepted and not yet readable."""
        owner, row = self.world.fanout.outstanding()
        return set(zip(owner.tolist(), row.tolist(), strict=True))

    def audit(self) -> Audit:
        """The live audit, now."""
        world = self.world
        return audit(world.tables, world.strategy, world.now_ns, world.fanout.outstanding())


def rows_of(page: PageView) -> list[int]:
    """The rows of a page, newest first."""
    return [view.row for view in page.posts]


def everybody_follows(star: int, n: int = 8) -> set[tuple[int, int]]:
    """Follows of all others to one account."""
    return {(user, star) for user in range(n) if user != star}
