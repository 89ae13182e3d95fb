"""The post store: one column per attribute, addressed by row; and the author index, the primitive of pull."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain import I8, I32, I64, NO_ROW, U8, Bool, Flag, Kind, Ragged, ranges, runs

_RECENT = 64
"""Rows of each author kept side by side, a power of two; older ones are reached through the chain of previous posts."""
_STEPS = (32, 16, 8, 4, 2, 1, 1)
"""Of a binary search in _RECENT rows."""


class NewPosts(NamedTuple):
    """Posts about to be accepted, in order of acceptance; all columns have shape (n,)."""

    author: I32
    accepted_ns: I64
    kind: I8
    ref: I32
    """What a reply answers or a repost repeats, as a row; NO_ROW for plain posts."""
    key: I64


class Skew(NamedTuple):
    """For a while half of the API servers stamp posts with a clock that is ahead."""

    from_ns: int
    until_ns: int
    ahead_ns: int
    servers: int


class PostStore:
    """Posts by row. Rows grow with acceptance; nothing is ever moved or removed, deletion is a flag."""

    def __init__(self, users: int, capacity: int = 4096) -> None:
        self.size = 0
        self.author: I32 = np.zeros(capacity, np.int32)
        self.accepted_ns: I64 = np.zeros(capacity, np.int64)
        self.kind: I8 = np.zeros(capacity, np.int8)
        self.ref: I32 = np.full(capacity, NO_ROW, np.int32)
        self.parent_author: I32 = np.full(capacity, NO_ROW, np.int32)
        self.identity: I32 = np.zeros(capacity, np.int32)
        """The root of a repost, else the row itself: two entries of one identity show the same post."""
        self.flags: U8 = np.zeros(capacity, np.uint8)
        self.pushed: Bool = np.zeros(capacity, np.bool_)
        self.key: I64 = np.zeros(capacity, np.int64)
        self.likes: I32 = np.zeros(capacity, np.int32)
        self.reposts: I32 = np.zeros(capacity, np.int32)
        self.replies: I32 = np.zeros(capacity, np.int32)
        self.previous: I32 = np.full(capacity, NO_ROW, np.int32)
        """The same author's post before this one."""
        self.text: dict[int, str] = {}
        """Texts that people wrote; texts of the load are generated when shown."""
        self.media: dict[int, int] = {}
        """Pictures that people added, by id; of the load's posts likewise generated."""
        self.skews: list[Skew] = []
        """Wrong clocks there have been."""
        self.any_hidden = False
        """Some post is deleted or restricted, or was."""
        self._recent: I32 = np.full((users, _RECENT), NO_ROW, np.int32)
        self._count: I64 = np.zeros(users, np.int64)

    _COLUMNS = (
        "author", "accepted_ns", "kind", "ref", "parent_author", "identity", "flags", "pushed", "key",
        "likes", "reposts", "replies", "previous",
    )  # fmt: skip

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `of_plain` makes the same store of, if there are only plain posts in it that nothing happened to."""
        columns = {name: getattr(self, name)[: self.size] for name in ("author", "accepted_ns", "key", "previous")}
        return {**columns, "recent": self._recent, "count": self._count}

    @classmethod
    def of_plain(cls, arrays: Mapping[str, NDArray[Any]], spare: int) -> "PostStore":
        """The store whose `arrays` these were, with room for `spare` more posts; the arrays are copied."""
        size = len(arrays["author"])
        posts = cls(0, size + spare)
        for name in ("author", "accepted_ns", "key", "previous"):
            getattr(posts, name)[:size] = arrays[name]
        posts.identity[:size] = np.arange(size)
        posts.size = size
        posts._recent, posts._count = arrays["recent"].copy(), arrays["count"].copy()
        return posts

    def append(self, new: NewPosts) -> I32:
        """Store posts and enter them in the author index; their rows, ascending, shape (n,).

        A repost of a repost points at the root; a reply remembers its parent's author. A reference may name a
        row of this very batch, if it stands earlier.
        """
        count = len(new.author)
        rows = np.arange(self.size, self.size + count, dtype=np.int32)
        self._reserve(self.size + count)
        span = slice(self.size, self.size + count)
        self.author[span] = new.author
        self.accepted_ns[span] = new.accepted_ns
        self.kind[span] = new.kind
        self.ref[span] = new.ref
        self.key[span] = new.key
        self.identity[span] = rows
        self.size += count
        self._link(rows[new.kind != Kind.POST])
        self._index(rows, new.author)
        return rows

    def _link(self, rows: I32) -> None:
        is_repost = (self.kind[rows] == Kind.REPOST).tolist()
        # In order: a repost of a repost in the same batch finds its root.
        for row, ref, repost in zip(rows.tolist(), self.ref[rows].tolist(), is_repost, strict=True):
            if repost:
                root = self.identity[ref]
                self.ref[row] = self.identity[row] = root
                self.reposts[root] += 1
            else:
                self.parent_author[row] = self.author[ref]
                self.replies[ref] += 1

    def _index(self, rows: I32, authors: I32) -> None:
        if len(rows) == 0:
            return
        order = authors.argsort(kind="stable")
        rows, authors = rows[order], authors[order]
        first, lengths = runs(authors)
        author, before = authors[first], np.empty_like(rows)
        before[1:] = rows[:-1]
        before[first] = self.newest(author)
        self.previous[rows] = before
        place = ranges(self._count[author], lengths) % _RECENT  # of one author's rows the last stand in the end
        self._recent[authors, place] = rows
        self._count[author] += lengths

    def _reserve(self, size: int) -> None:
        capacity = len(self.author)
        if size <= capacity:
            return
        grown = max(size, 2 * capacity)
        for name in self._COLUMNS:
            old = getattr(self, name)
            fill = NO_ROW if name in ("ref", "parent_author", "previous") else 0
            column = np.full(grown, fill, old.dtype)
            column[:capacity] = old
            setattr(self, name, column)

    def newest(self, authors: I32) -> I32:
        """The newest row of each author, NO_ROW where there is none, shape (n,)."""
        place = (self._count.take(authors) - 1) & (_RECENT - 1)
        place += authors.astype(np.int64) * _RECENT
        return self._recent.reshape(-1).take(place)

    def latest(self, authors: I32, floor: I32, before: I32, k: int) -> tuple[Ragged, I32]:
        """The pull primitive: of each author the newest `k` rows in [floor, before), newest first.

        Returns the lists and, for each, the row down to which it is complete: `floor`, or the lowest row
        returned where more than `k` qualified.
        """
        newest = self.newest(authors)
        low, high = self._below(authors, floor), np.full(len(authors), _RECENT, np.int64)
        late = np.flatnonzero(newest >= before)
        if len(late):
            high[late] = self._below(authors[late], before[late])
        lengths = np.minimum(high - low, k).clip(0)
        deep = np.flatnonzero((low == 0) & (lengths < k)).tolist()
        walked = [self._walk(int(newest[i]), int(floor[i]), int(before[i]), k) for i in deep]
        lengths[deep] = [len(rows) for rows in walked]
        offsets = np.zeros(len(authors) + 1, np.int64)
        lengths.cumsum(out=offsets[1:])
        values = self._downwards(authors, high, lengths)
        for i, rows in zip(deep, walked, strict=True):
            values[offsets[i] : offsets[i + 1]] = rows

        complete = floor.copy()
        full = np.flatnonzero(lengths == k)
        if len(full):
            last = values[offsets[full + 1] - 1]
            complete[full] = np.where(self.previous[last] >= floor[full], last, floor[full])
        return Ragged(values, offsets), complete

    def _below(self, authors: I32, bound: I32) -> I64:
        """How many of each author's _RECENT newest rows, oldest first, lie below a bound; those that there are not do.

        Binary searches that take their steps together.
        """
        recent, start = self._recent.reshape(-1), authors.astype(np.int64) * _RECENT
        oldest = self._count.take(authors)
        below = np.zeros(len(authors), np.int64)
        for step in _STEPS:
            place = oldest + below
            place += step - 1
            place &= _RECENT - 1
            place += start
            below += step * (recent.take(place) < bound)
        return below

    def _downwards(self, authors: I32, high: I64, lengths: I64) -> I32:
        """Of each author's _RECENT newest rows, oldest first, those before place `high`, newest first."""
        place = -ranges(1 - self._count.take(authors) - high, lengths)
        place &= _RECENT - 1
        place += (authors.astype(np.int64) * _RECENT).repeat(lengths)
        return self._recent.reshape(-1).take(place)

    def _walk(self, row: int, floor: int, before: int, k: int) -> list[int]:
        """Follow the chain of previous posts from `row`: the exact path for the few that need it."""
        rows: list[int] = []
        while row >= before:
            row = int(self.previous[row])
        while row >= floor and len(rows) < k:
            rows.append(row)
            row = int(self.previous[row])
        return rows

    def rows_of(self, author: int) -> I32:
        """All rows of one author, newest first: the profile."""
        rows = []
        row = int(self.newest(np.array([author], np.int32))[0])
        while row != NO_ROW:
            rows.append(row)
            row = int(self.previous[row])
        return np.array(rows, np.int32)

    def mark(self, at_ns: I64) -> I32:
        """How many posts were accepted by each instant: rows below the mark are visible then, shape (n,)."""
        if len(at_ns) == 0:
            return np.zeros(0, np.int32)
        accepted_ns = self.accepted_ns[: self.size]
        # Many instants lie close together: only the posts between them are searched for each.
        low, high = accepted_ns.searchsorted([at_ns.min(), at_ns.max()], side="right")
        mark: I32 = accepted_ns[low:high].searchsorted(at_ns, side="right").astype(np.int32)
        mark += np.int32(low)
        return mark

    def hidden(self, rows: I32) -> Bool:
        """Whether each post, or the post it repeats, is deleted or restricted, any shape."""
        if not self.any_hidden:
            return np.zeros(rows.shape, np.bool_)
        gone: Bool = (self.flags[rows] | self.flags[self.identity[rows]]) != 0
        return gone

    def set_flag(self, row: int, flag: Flag, on: bool) -> None:
        """Delete or restrict a post, or take it back."""
        if bool(self.flags[row] & flag) == on:
            return
        self.flags[row] ^= flag
        self.any_hidden |= on
        if flag == Flag.DELETED and self.kind[row] != Kind.POST:
            counter = self.reposts if self.kind[row] == Kind.REPOST else self.replies
            counter[self.ref[row]] += -1 if on else 1
