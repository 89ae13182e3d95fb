"""One person and one post: what is looked up before anything is said about them (why.py)."""

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.clock import NS_PER_MS, NS_PER_S
from engine.domain import Flag
from engine.errors import InvalidInput
from engine.observe import words
from engine.observe.job_log import LANES, JobLog, chunk_of
from engine.observe.sight import Reader, Unseen, unseen

if TYPE_CHECKING:
    from engine.world import World

Facts = dict[str, Any]
"""Durations end in _s; instants in _at_s, virtual seconds since the world was opened; copies are deliveries. Chunks
count from 1, within their lane; workers, partitions and shards from 0."""


def check_logged(world: "World") -> None:
    """Refuse a world without records.

    Raises:
        InvalidInput: it keeps no log of deliveries.
    """
    if world.deliveries is None or world.fanout.job_log is None:
        raise InvalidInput("This world keeps no log of deliveries; open it with logged_deliveries above 0.")


class Case:
    """What the world and its logs say about one person and one post.

    The world must keep its logs (`check_logged`).
    """

    def __init__(self, world: "World", user: int, row: int) -> None:
        assert world.deliveries is not None
        assert world.fanout.job_log is not None
        tables, one = world.tables, np.array([user], np.int32)
        self.world, self.user, self.row, self.now_ns = world, user, row, world.now_ns
        self.log: JobLog = world.fanout.job_log
        self.author = int(tables.posts.author[row])
        self.accepted_ns = int(tables.posts.accepted_ns[row])
        self.pushed = bool(tables.posts.pushed[row]) and tables.unpushed.got(row, user)
        """To this person, when it was accepted."""
        self.later_ns = world.later.due_ns(row)
        """When a fan-out that was put off begins."""
        self.dropped = tables.dropped.has(user, row)
        self.plan = self.log.plan_of(row)
        self.horizon = int(tables.lists.horizons(one)[0])
        self.held = bool(tables.lists.contains(one, np.array([row], np.int32))[0])
        self.delivered = world.deliveries.find(user, row)
        self.ready_ns = world.rebuilds.ready_ns(user)
        self.last_ns = int(world.reads.last_ns[user])
        self.kept = bool(world.strategy.keep_ns)
        self.kept_from_ns = int(tables.kept.from_ns[user])
        self.kept_until_ns = int(tables.kept.until_ns[user]) if self.kept else 0
        self.places = world.fanout.whereabouts(user, row)
        reader = Reader(user, self.now_ns, world.strategy, world.config.read)
        self.unseen: Unseen | None = unseen(tables, reader, row) if self.follows or user == self.author else None

    @property
    def follows(self) -> bool:
        return bool(self.world.tables.graph.follows([self.user], [self.author])[0])

    @property
    def opened(self) -> bool:
        """Has a page been made for them since, not one served that was kept."""
        looked = 0 <= self.last_ns >= self.accepted_ns
        return looked and (not self.kept or self.kept_from_ns >= self.accepted_ns)

    @property
    def name(self) -> str:
        return self.world.population.name(self.user)

    @property
    def author_name(self) -> str:
        return self.world.population.name(self.author)

    def facts(self) -> Facts:
        """What is told whatever the cause."""
        posts = self.world.tables.posts
        return {
            "author": self.author,
            "accepted_at_s": seconds(self.accepted_ns),
            "pushed": self.pushed,
            "in_list": self.held,
            "opened": self.opened,
            "last_opened_at_s": seconds(self.last_ns) if self.last_ns >= 0 else None,
            "hidden": self.unseen.reason if self.unseen else None,
            "deleted": bool(posts.flags[self.row] & Flag.DELETED),
        }

    def unseen_line(self, there: bool) -> str:
        """' They do not see it: ...', where something hides the post; `there`: it has reached them."""
        if self.unseen is None:
            return ""
        reason, other = self.unseen
        they, them = self.name, self.world.population.name(other) if other >= 0 and reason != "repeat" else ""
        because = {
            "deleted": "it was deleted.",
            "restricted": "it is restricted.",
            "blocks": f"{they} blocks {them}.",
            "blocked": f"{them} blocks {they}.",
            "mutes": f"{they} mutes {them}.",
            "reply": f"it answers {them}, whom {they} does not follow.",
            "repeat": "an older entry of their page shows the same post.",
        }[reason]
        return f" {'They do not see it' if there else 'They would not see it'}: {because}"

    def chunk(self, key: int) -> str:
        """'chunk 14 of 30'."""
        lane, number = chunk_of(key)
        return f"chunk {number + 1}" + (f" of {self.plan.chunks[lane]}" if self.plan else "")

    def chunk_facts(self, key: int) -> Facts:
        lane, number = chunk_of(key)
        return {"chunk": number + 1, "chunks": self.plan and self.plan.chunks[lane], "lane": LANES[lane]}


def seconds(ns: float) -> float:
    """As facts carry it, to the microsecond."""
    return round(ns / NS_PER_S, 6)


def clock(ns: int) -> str:
    """An instant of virtual time as it is said."""
    return words.clock(ns / NS_PER_S)


def span(ns: float) -> str:
    """A duration as it is said: '0.12 s', '4.2 ms'."""
    return words.seconds(ns / NS_PER_S) if ns >= NS_PER_S // 100 else words.millis(ns / NS_PER_MS)
