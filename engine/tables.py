"""What the databases and stores of one world hold; the write path and the read path share it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.caches.post_cache import PostCache
from engine.clock import NS_PER_S
from engine.domain import F64, I32, I64, NO_LIST, NO_ROW, Bool
from engine.edges import ALL, Edges
from engine.graph.graph import Graph
from engine.graph.relations import Relations
from engine.posts.store import PostStore
from engine.timelines.port import TimelineStore
from engine.write_path.strategies import Members

_NS_PER_DAY = 86_400 * NS_PER_S


_MARKED = 64
"""Ever-unpushed authors whose readers are marked by a bit each; beyond that readers' followees are searched."""
_DROPPED_AT_FIRST = 65_536
"""So many dropped copies are remembered before those out of reach are forgotten."""


class Unpushed:
    """Per author the newest post that did not reach the lists: what readers must pull (timeline law, rule 4)."""

    def __init__(self, graph: Graph) -> None:
        self.last: I32 = np.full(graph.n, NO_ROW, np.int32)
        self.edges: Edges | None = None
        """Who did not get which posts, once a strategy has decided that for each edge."""
        self._graph = graph
        self._before: dict[int, int] = {}
        """The same author's next older row that must be pulled."""
        self._ever: Bool = np.zeros(graph.n, np.bool_)
        self._authors: list[int] = []
        """Those with a post that was not pushed, in the order in which they became it."""
        self._follows: NDArray[np.uint64] = np.zeros(graph.n, np.uint64)
        """Bit k of a user: do they follow `_authors[k]`."""

    @property
    def any(self) -> bool:
        """Whether anybody must be pulled at all."""
        return bool(self._authors)

    def raise_to(self, authors: I32, rows: I32, missed: NDArray[np.uint32] | None = None) -> None:
        """Each author has a post, given by its row, that readers must pull; rows ascending.

        `missed`: only those of some classes of readers must, a bit each (`Edges.bits`); shape (n,).
        """
        for i, (author, row) in enumerate(zip(authors.tolist(), rows.tolist(), strict=True)):
            if not self._ever[author]:
                self._add(author)
            if row > self.last[author]:
                self._before[row] = int(self.last[author])
                self.last[author] = row
            elif row < self.last[author] and row not in self._before:
                self._insert(author, row)
            if self.edges is not None:
                self.edges.miss(author, row, int(ALL if missed is None else missed[i]))

    def begin(self, authors: I32, rows: I32) -> None:
        """As `raise_to`, for posts that were there before the first reader: nobody's mark lies among them."""
        np.maximum.at(self.last, authors, rows)
        for author in dict.fromkeys(authors.tolist()):
            self._add(author)

    def decide_by_edge(self, reading: F64, from_row: int) -> Edges:
        """From this row on a post may reach some followers and not others, by their shares of reading (users,)."""
        if self.edges is None:
            self.edges = Edges(reading, self.last, from_row)
        return self.edges

    def settle(self, author: int, row: int) -> None:
        """All copies of a post that had to be pulled are readable now: it need not be pulled any more."""
        older = self._before.pop(row)
        if self.last[author] == row:
            self.last[author] = older
        else:
            self._before[self._above(author, row)] = older
        if self.edges is not None:
            self.edges.settle(author, row, lambda reader_class: self._newest(author, reader_class, row))

    def _insert(self, author: int, row: int) -> None:
        above = self._above(author, row)
        self._before[row] = self._before.get(above, NO_ROW)
        self._before[above] = row

    def _above(self, author: int, row: int) -> int:
        """The author's lowest row above this one that must be pulled."""
        above = int(self.last[author])
        while (older := self._before.get(above, NO_ROW)) > row:
            above = older
        return above

    def _newest(self, author: int, reader_class: int, mark: int) -> int:
        """The newest row below a mark that a class of readers must pull."""
        assert self.edges is not None
        row = int(self.last[author])
        while row >= mark or (row != NO_ROW and not self.edges.missed(row, reader_class)):
            row = self._before.get(row, NO_ROW)
        return row

    def _add(self, author: int) -> None:
        self._ever[author] = True
        self._authors.append(author)
        if len(self._authors) <= _MARKED:
            self._follows[self._graph.followers([author]).values] |= np.uint64(1 << (len(self._authors) - 1))

    def graph_changed(self, follower: int | I32, followee: int) -> None:
        """A follow was made or ended; of several followers, shape (n,), no one twice."""
        if not self._ever[followee]:
            return
        marked = self._authors[:_MARKED]
        if followee in marked:
            self._follows[follower] ^= np.uint64(1 << marked.index(followee))

    def followed_by(self, users: I32) -> tuple[I64, I32]:
        """(place among users, author) for every ever-unpushed author whom one of them follows, by place."""
        if len(self._authors) > _MARKED:
            followees = self._graph.followees(users)
            some = np.flatnonzero(self._ever.take(followees.values))
            return followees.owner()[some], followees.values[some]
        marks = self._follows.take(users)
        some = np.flatnonzero(marks)
        bytes_ = marks.take(some).astype("<u8", copy=False).view(np.uint8)
        set_ = np.flatnonzero(np.unpackbits(bytes_, bitorder="little").view(np.bool_))
        return some.take(set_ // _MARKED), np.array(self._authors, np.int32).take(set_ % _MARKED)

    def as_of(self, authors: I32, marks: I32, readers: I32) -> I32:
        """The newest row of each author below a reader's mark that this reader must pull, shape (n,)."""
        last: I32 = self.of(authors, readers)
        newer = np.flatnonzero(last >= marks)
        if self.edges is not None:
            classes = self.edges.reader[readers[newer]].tolist()
            asked = zip(authors[newer].tolist(), classes, marks[newer].tolist(), strict=True)
            last[newer] = np.array([self._newest(*one) for one in asked], np.int32)
            return last
        while len(newer):  # of many readers, all see the same few posts too early
            rows, which = np.unique(last.take(newer), return_inverse=True)
            last[newer] = np.array([self._before[row] for row in rows.tolist()], np.int32)[which]
            newer = newer[last.take(newer) >= marks.take(newer)]
        return last

    def of(self, authors: I32, readers: I32) -> I32:
        """The newest row of each author that this reader must pull now, shape (n,)."""
        if self.edges is None:
            return self.last.take(authors)
        return self.edges.last[authors, self.edges.reader[readers]]

    def got(self, row: int, user: int) -> bool:
        """Whether a row that was pushed to somebody was pushed to this follower."""
        return self.edges is None or self.edges.got(row, user)


class Dropped:
    """The copies that a lossy strategy did not make, for the audit to tell a loss by design from a fault."""

    def __init__(self) -> None:
        self._pairs: list[I64] = []
        self._count, self._most = 0, _DROPPED_AT_FIRST

    def add(self, owners: I32, rows: I32, lists: TimelineStore) -> None:
        """These followers get no copy of these posts. What has left a list's reach is forgotten: it is pulled."""
        self._pairs.append((owners.astype(np.int64) << 32) | rows)
        self._count += len(rows)
        if self._count > self._most:
            pairs = np.concatenate(self._pairs)
            horizon = lists.horizons((pairs >> 32).astype(np.int32))
            self._pairs = [pairs[(pairs & 0xFFFFFFFF) >= horizon]]
            self._count = len(self._pairs[0])
            self._most = 2 * self._count + _DROPPED_AT_FIRST

    def has(self, owner: int, row: int) -> bool:
        """Whether this follower's copy of this post was dropped, as far as that is remembered."""
        return any((owner << 32 | row) in pairs for pairs in self._pairs)

    def of(self, row: int) -> I32:
        """Whose copies of this post were dropped, as far as that is remembered."""
        owners = [pairs[(pairs & 0xFFFFFFFF) == row] >> 32 for pairs in self._pairs]
        return np.concatenate([np.zeros(0, np.int64), *owners]).astype(np.int32)

    def pairs(self) -> I64:
        """owner << 32 | row of each, ascending."""
        return np.sort(np.concatenate([np.zeros(0, np.int64), *self._pairs]))


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
        self.served_until_ns: I64 = np.zeros(users, np.int64)
        """Later than `until_ns` where a list that has expired is served once more."""
        self._until_before: I64 = np.zeros(users, np.int64)

    def keep(self, users: I32, at_ns: I64, keep_ns: I64, once_more_ns: int = 0) -> None:
        """These users' lists were merged at these instants, to be kept so long, and so much longer for one read."""
        self._until_before[users] = self.until_ns[users]
        self.from_ns[users] = at_ns
        self.until_ns[users] = at_ns + keep_ns
        self.served_until_ns[users] = self.until_ns[users] + once_more_ns

    def never_once_more(self) -> None:
        """From now on no list is served when it has expired."""
        np.minimum(self.served_until_ns, self.until_ns, out=self.served_until_ns)

    def drop(self, users: I32, at_ns: int) -> None:
        """These users' lists are not served any more."""
        self.until_ns[users] = np.minimum(self.until_ns[users], at_ns)
        self.served_until_ns[users] = np.minimum(self.served_until_ns[users], at_ns)
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
    dropped: Dropped = field(default_factory=Dropped)
    out_of_reach: Bool | None = None
    """Whose list's shard is down, shape (users,); None: nobody's."""
    back_ns: I64 | None = None
    """When that shard is back, shape (users,); 0 for everybody else; None: nobody's is down."""

    def cannot_reach(self, users: I32) -> I64:
        """Places of those among these users whose list's shard is down."""
        none: I64 = np.zeros(0, np.int64)
        return none if self.out_of_reach is None else np.flatnonzero(self.out_of_reach.take(users))

    def holders(self, users: I32) -> Bool:
        """Who has a stored list, shape (n,)."""
        held: Bool = self.lists.horizons(users) != NO_LIST
        return held
