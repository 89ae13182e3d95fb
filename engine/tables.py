"""What the databases and stores of one world hold; the write path and the read path share it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.caches.post_cache import PostCache
from engine.clock import NS_PER_S
from engine.domain import I32, I64, NO_LIST, NO_ROW, Bool
from engine.graph.graph import Graph
from engine.graph.relations import Relations
from engine.posts.store import PostStore
from engine.timelines.port import TimelineStore
from engine.write_path.strategies import Members

_NS_PER_DAY = 86_400 * NS_PER_S


_MARKED = 64
"""Ever-unpushed authors whose readers are marked by a bit each; beyond that readers' followees are searched."""


class Unpushed:
    """Per author the newest post that did not reach the lists: what readers must pull (timeline law, rule 4)."""

    def __init__(self, graph: Graph) -> None:
        self.last: I32 = np.full(graph.n, NO_ROW, np.int32)
        self._graph = graph
        self._before: dict[int, int] = {}
        self._authors: list[int] = []
        """Those with a post that was not pushed, in the order in which they became it."""
        self._follows: NDArray[np.uint64] = np.zeros(graph.n, np.uint64)
        """Bit k of a user: do they follow `_authors[k]`."""

    @property
    def any(self) -> bool:
        """Whether anybody must be pulled at all."""
        return bool(self._authors)

    def raise_to(self, authors: I32, rows: I32) -> None:
        """Each author has a post, given by its row, that readers must pull; rows ascending."""
        for author, row in zip(authors.tolist(), rows.tolist(), strict=True):
            if self.last[author] == NO_ROW:
                self._add(author)
            if row > self.last[author]:
                self._before[row] = int(self.last[author])
                self.last[author] = row

    def begin(self, authors: I32, rows: I32) -> None:
        """As `raise_to`, for posts that were there before the first reader: nobody's mark lies among them."""
        np.maximum.at(self.last, authors, rows)
        for author in dict.fromkeys(authors.tolist()):
            self._add(author)

    def _add(self, author: int) -> None:
        self._authors.append(author)
        if len(self._authors) <= _MARKED:
            self._follows[self._graph.followers([author]).values] |= np.uint64(1 << (len(self._authors) - 1))

    def graph_changed(self, follower: int | I32, followee: int) -> None:
        """A follow was made or ended; of several followers, shape (n,), no one twice."""
        if self.last[followee] == NO_ROW:
            return
        bit = self._authors.index(followee)
        if bit < _MARKED:
            self._follows[follower] ^= np.uint64(1 << bit)

    def followed_by(self, users: I32) -> tuple[I64, I32]:
        """(place among users, author) for every ever-unpushed author whom one of them follows, by place."""
        if len(self._authors) > _MARKED:
            followees = self._graph.followees(users)
            some = np.flatnonzero(self.last.take(followees.values) != NO_ROW)
            return followees.owner()[some], followees.values[some]
        marks = self._follows.take(users)
        some = np.flatnonzero(marks)
        bytes_ = marks.take(some).astype("<u8", copy=False).view(np.uint8)
        set_ = np.flatnonzero(np.unpackbits(bytes_, bitorder="little").view(np.bool_))
        return some.take(set_ // _MARKED), np.array(self._authors, np.int32).take(set_ % _MARKED)

    def as_of(self, authors: I32, marks: I32) -> I32:
        """The newest unpushed row of each author below a reader's mark, shape (n,)."""
        last: I32 = self.last.take(authors)
        newer = np.flatnonzero(last >= marks)
        while len(newer):  # of many readers, all see the same few posts too early
            rows, which = np.unique(last.take(newer), return_inverse=True)
            last[newer] = np.array([self._before[row] for row in rows.tolist()], np.int32)[which]
            newer = newer[last.take(newer) >= marks.take(newer)]
        return last


class Activity:
    """When each user was last seen."""

    def __init__(self, last_seen_days: NDArray[np.floating[Any]]) -> None:
        self.seen_ns: I64 = -(last_seen_days.astype(np.float64) * _NS_PER_DAY).astype(np.int64)  # float32: 0.2 s off

    def members(self, users: I32, now_ns: int) -> Members:
        """These users as a strategy may know them."""
        return Members(users, np.maximum(0, now_ns - self.seen_ns[users]) / _NS_PER_DAY)


class KeptLists:
    """Until when each user's merged list is served as it is (cached_pull)."""

    def __init__(self, users: int) -> None:
        self.from_ns: I64 = np.zeros(users, np.int64)
        self.until_ns: I64 = np.zeros(users, np.int64)
        self._until_before: I64 = np.zeros(users, np.int64)

    def keep(self, users: I32, at_ns: I64, keep_ns: int) -> None:
        """These users' lists were merged at these instants."""
        self._until_before[users] = self.until_ns[users]
        self.from_ns[users] = at_ns
        self.until_ns[users] = at_ns + keep_ns

    def drop(self, users: I32, at_ns: int) -> None:
        """These users' lists are not served any more."""
        self.until_ns[users] = np.minimum(self.until_ns[users], at_ns)
        self._until_before[users] = np.minimum(self._until_before[users], at_ns)

    def stale_ns(self, users: I32, at_ns: I64) -> I64:
        """How long each user will go on being shown a list that was merged before this instant; 0 if none."""
        until = np.where(self.from_ns[users] <= at_ns, self.until_ns[users], self._until_before[users])
        stale: I64 = np.maximum(0, until - at_ns)
        return stale


@dataclass
class Tables:
    """The state that requests read and write."""

    graph: Graph
    relations: Relations
    posts: PostStore
    lists: TimelineStore
    unpushed: Unpushed
    activity: Activity
    kept: KeptLists
    cache: PostCache

    def holders(self, users: I32) -> Bool:
        """Who has a stored list, shape (n,)."""
        held: Bool = self.lists.horizons(users) != NO_LIST
        return held
