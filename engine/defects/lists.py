"""Defects of the timeline cache: what a list takes, keeps, and answers."""

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from engine.clock import NS_PER_S
from engine.defects.seam import Before, one, padded, stand_before_lists
from engine.domain import I32, I64, NO_LIST, NO_ROW, Ragged
from engine.timelines.port import ListPage, PushResult, TimelineStore
from engine.timelines.ring import RingStore

if TYPE_CHECKING:
    from engine.posts.store import PostStore
    from engine.world import World

_NEVER = 4_096
"""More entries above the cap than any run of a classroom delivers to one person."""
_LOOKED_AT = 8
"""Newest entries of a list among which two of one second are looked for."""


class _OtherCap(Before):
    """Says that it keeps `cap` entries; what stands behind it keeps more."""

    def __init__(self, inner: TimelineStore, cap: int) -> None:
        super().__init__(inner)
        self.cap, self.by_owners = cap, inner.by_owners


def _keep_more(world: "World", more: int) -> None:
    lists, everybody = world.tables.lists, np.arange(world.tables.graph.n, dtype=np.int32)
    larger = RingStore(lists.users, lists.cap + more)
    larger.load(lists.entries(everybody), lists.horizons(everybody))
    stand_before_lists(world, _OtherCap(larger, lists.cap))


def never_trims(world: "World") -> None:
    """A push adds, and nothing is ever cut off at the other end."""
    _keep_more(world, _NEVER)


def keeps_one_more(world: "World") -> None:
    """The cap is one too high: `LTRIM 0 N` keeps N + 1."""
    _keep_more(world, 1)


class _IntoCold(Before):
    def push(self, owners: I32, rows: I32) -> PushResult:
        cold = self.inner.horizons(owners) == NO_LIST
        if cold.any():
            self.inner.create(np.unique(owners[cold]))
        return self.inner.push(owners, rows)


def pushes_into_cold(world: "World") -> None:
    """A push to somebody without a list makes one, which then passes for complete."""
    stand_before_lists(world, _IntoCold(world.tables.lists))


class _KeepsTwice(Before):
    """A list in place of a sorted set: what is delivered again stands there again."""

    def __init__(self, inner: TimelineStore) -> None:
        super().__init__(inner)
        self._again: defaultdict[int, list[int]] = defaultdict(list)

    def push(self, owners: I32, rows: I32) -> PushResult:
        result = self.inner.push(owners, rows)
        twice = np.flatnonzero(~result.inserted & self.inner.contains(owners, rows))
        for owner, row in zip(owners[twice].tolist(), rows[twice].tolist(), strict=True):
            self._again[owner].append(row)
        return result

    def _doubles(self, owner: int) -> I32:
        rows = np.array(self._again.get(owner, []), np.int32)
        return rows[self.inner.contains(np.full(len(rows), owner, np.int32), rows)] if len(rows) else rows

    def read(self, owners: I32, limit: int, before: I32) -> ListPage:
        page = self.inner.read(owners, limit, before)
        lines, floors = page.rows.copy(), page.floors.copy()
        for i, owner in enumerate(owners.tolist()):
            doubles = self._doubles(owner)
            doubles = doubles[np.isin(doubles, lines[i])]
            if len(doubles):
                both = np.sort(np.concatenate([lines[i][lines[i] != NO_ROW], doubles]))[::-1]
                lines[i] = padded([both], limit)[0]
                if len(both) > limit:
                    floors[i] = max(int(floors[i]), int(lines[i, -1]))
        return ListPage(lines, floors)

    def entries(self, owners: I32) -> Ragged:
        lists = self.inner.entries(owners)
        parts = [
            np.sort(np.concatenate([lists.values[lists.offsets[i] : lists.offsets[i + 1]], self._doubles(owner)]))
            for i, owner in enumerate(owners.tolist())
        ]
        return _ragged(parts)


def keeps_twice(world: "World") -> None:
    """Delivering twice is two entries."""
    stand_before_lists(world, _KeepsTwice(world.tables.lists))


class _ByArrival(Before):
    """Entries stand in the order in which they came."""

    def __init__(self, inner: TimelineStore) -> None:
        super().__init__(inner)
        self._came: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self._late: set[int] = set()
        self._count = 0

    def push(self, owners: I32, rows: I32) -> PushResult:
        result = self.inner.push(owners, rows)
        for owner, row in zip(owners[result.inserted].tolist(), rows[result.inserted].tolist(), strict=True):
            came = self._came[owner]
            if came and row < next(reversed(came)):
                self._late.add(owner)
            self._count += 1
            came[row] = self._count
        return result

    def _in_order(self, owner: int, rows: I32) -> I32:
        """As they came, the last first."""
        came = self._came[owner]
        order = sorted(rows.tolist(), key=lambda row: (came.get(row, 0), row), reverse=True)
        return np.array(order, np.int32)

    def read(self, owners: I32, limit: int, before: I32) -> ListPage:
        page = self.inner.read(owners, limit, before)
        lines = page.rows.copy()
        for i, owner in enumerate(owners.tolist()):
            if owner in self._late:
                lines[i] = padded([self._in_order(owner, lines[i][lines[i] != NO_ROW])], limit)[0]
        return ListPage(lines, page.floors)

    def entries(self, owners: I32) -> Ragged:
        lists = self.inner.entries(owners)
        parts = [lists.values[lists.offsets[i] : lists.offsets[i + 1]] for i in range(len(owners))]
        return _ragged(
            [
                self._in_order(owner, rows)[::-1] if owner in self._late else rows
                for owner, rows in zip(owners.tolist(), parts, strict=True)
            ]
        )


def order_by_arrival(world: "World") -> None:
    """A late copy goes to the top."""
    stand_before_lists(world, _ByArrival(world.tables.lists))


class _NoBackfill(Before):
    def merge(self, owner: int, rows: I32, floor: int) -> None:
        pass


def follow_without_backfill(world: "World") -> None:
    """A follow changes the graph, and the list waits for the next post."""
    stand_before_lists(world, _NoBackfill(world.tables.lists))


class _KeyedByTime(Before):
    """The key of an entry is the second in which its post was written."""

    def __init__(self, inner: TimelineStore, posts: "PostStore") -> None:
        super().__init__(inner)
        self._posts = posts

    def push(self, owners: I32, rows: I32) -> PushResult:
        result = self.inner.push(owners, rows)
        users = np.unique(owners)
        newest = self.inner.read(users, _LOOKED_AT, np.full(len(users), NO_LIST, np.int32)).rows
        second = self._posts.accepted_ns[newest] // NS_PER_S
        same = (second[:, 1:] == second[:, :-1]) & (newest[:, 1:] != NO_ROW)
        line, place = np.nonzero(same)
        self.inner.remove(users[line], newest[line, place + 1])
        return result


def keyed_by_time(world: "World") -> None:
    """Of two posts of one second the later one takes the place of the other."""
    stand_before_lists(world, _KeyedByTime(world.tables.lists, world.tables.posts))


class _ByOffset(Before):
    """The next page is the next twenty entries from the top of the list as it is by then."""

    def __init__(self, inner: TimelineStore) -> None:
        super().__init__(inner)
        self._top: I32 = np.full(inner.users, NO_ROW, np.int32)
        """Newest entry when each user opened their first page."""

    def read(self, owners: I32, limit: int, before: I32) -> ListPage:
        page = self.inner.read(owners, limit, before)
        newest = self.inner.read(owners, 1, np.full(len(owners), NO_LIST, np.int32)).rows[:, 0]
        deep = newest >= before
        self._top[owners[~deep]] = newest[~deep]
        rows, floors = page.rows.copy(), page.floors.copy()
        for i in np.flatnonzero(deep).tolist():
            rows[i], floors[i] = self._from_offset(owners[i : i + 1], limit, int(before[i]))
        return ListPage(rows, floors)

    def _from_offset(self, owner: I32, limit: int, before: int) -> tuple[I32, int]:
        held = self.inner.entries(owner).values[::-1]
        offset = int(((held >= before) & (held <= self._top[owner[0]])).sum())
        found = held[offset : offset + limit]
        more = len(held) > offset + limit
        return padded([found], limit)[0], int(found[-1]) if more else int(self.inner.horizons(owner)[0])


def offset_paging(world: "World") -> None:
    """Pages are counted from the top, which moves."""
    stand_before_lists(world, _ByOffset(world.tables.lists))


class _LimitFirst(Before):
    """Gives out one page of raw entries and calls it all there is."""

    def __init__(self, inner: TimelineStore, limit: int) -> None:
        super().__init__(inner)
        self._limit = limit

    def read(self, owners: I32, limit: int, before: I32) -> ListPage:
        rows, floors = self.inner.read(owners, limit, before)
        cut = rows.copy()
        cut[:, self._limit :] = NO_ROW
        return ListPage(cut, np.where(floors == NO_LIST, floors, np.int32(0)))


def limit_before_filter(world: "World") -> None:
    """Twenty entries are fetched and then filtered."""
    stand_before_lists(world, _LimitFirst(world.tables.lists, world.config.read.limit))


class _RebuildForgetsPushes(Before):
    def commit_rebuild(self, owner: int, rows: I32, floor: int, at_row: int) -> bool:
        if self.inner.horizons(one(owner))[0] == at_row:
            self.inner.begin_rebuild(one(owner), at_row)
        return self.inner.commit_rebuild(owner, rows, floor, at_row)


def rebuild_loses_pushes(world: "World") -> None:
    """The finished rebuild replaces whatever was pushed while it was made."""
    stand_before_lists(world, _RebuildForgetsPushes(world.tables.lists))


class _ComparesReceiver(Before):
    """Goes through the followees by id; once a quarter of the cap is full, one is skipped if he cannot matter."""

    def __init__(self, inner: TimelineStore, posts: "PostStore") -> None:
        super().__init__(inner)
        self._posts = posts

    def commit_rebuild(self, owner: int, rows: I32, floor: int, at_row: int) -> bool:
        author = self._posts.author[rows]
        kept: list[I32] = []
        held, oldest = 0, NO_LIST
        for followee in np.unique(author).tolist():
            theirs = rows[author == followee]
            wrong_one = int(self._posts.newest(one(owner))[0])  # the receiver's last post, not the followee's
            if held >= max(1, self.inner.cap // 4) and wrong_one < oldest:
                continue
            kept.append(theirs)
            held, oldest = held + len(theirs), min(oldest, int(theirs.min()))
        return self.inner.commit_rebuild(owner, np.concatenate([rows[:0], *kept]), floor, at_row)


def rebuild_compares_receiver(world: "World") -> None:
    """A followee is skipped by how long ago the returning reader has posted."""
    stand_before_lists(world, _ComparesReceiver(world.tables.lists, world.tables.posts))


def _ragged(parts: list[I32]) -> Ragged:
    offsets: I64 = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    return Ragged(np.concatenate([np.zeros(0, np.int32), *parts]), offsets)
