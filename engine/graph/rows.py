"""Sorted lists of ids, one per owner, in one flat array: one direction of the follow graph.

A frozen CSR packs its rows one after the other, so one new follow would move everything behind it. Here each row has
its own start, length and room: a row that outgrows its room moves to the end of the array with some to spare, and
what it leaves behind is dead until the rows are packed again. Every question stays a plain gather, however many rows
have changed; there is no second, slower path for users whose follows are new.
"""

from copy import copy
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.cores import on_all_cores, shares
from engine.domain import I32, I64, Bool, Ragged, ranges

_T = TypeVar("_T", bound=np.generic)

_FEW = 8
"""So many pairs are searched sooner one by one than all in step."""
_MANY = 1 << 20
"""From here several cores copy faster than one."""
_DEAD_SHARE = 0.25
_DEAD_FLOOR = 65_536
"""Rows are packed again when dead entries exceed a quarter of the living and this many."""


class Rows:
    """Ids of each owner, ascending; a mark (one bit, as bool) beside each id.

    Nothing handed out is a view: what a caller holds never changes.
    """

    def __init__(self, counts: I32, ids: I32, marks: Bool | None = None, shared: bool = False) -> None:
        """Rows of owners 0..n-1 with `counts[u]` ids each, one after the other in `ids`; takes the arrays over, but
        for those `shared` with others: of `ids` and `marks` it makes a copy before it changes them."""
        self.counts = counts
        self._ids = ids
        self._marks = marks
        self._room = counts.copy()
        self._starts: I64 = np.cumsum(counts, dtype=np.int64) - counts
        self._end = len(ids)
        self._dead = 0
        self._shared = shared

    def copy(self) -> "Rows":
        """The same rows; neither sees the other's changes. The ids are shared until one of them changes."""
        twin = copy(self)
        twin.counts, twin._starts, twin._room = self.counts.copy(), self._starts.copy(), self._room.copy()
        self._shared = twin._shared = True
        return twin

    def everything(self) -> Ragged:
        """All rows, as they are now, whatever changes later; the ids are shared until then."""
        offsets = np.zeros(len(self.counts) + 1, dtype=np.int64)
        np.cumsum(self.counts, out=offsets[1:])
        if len(self.counts) and not np.array_equal(self._starts, offsets[:-1]):
            self.pack()
        self._shared = True
        return Ragged(self._ids[: offsets[-1]], offsets)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `Rows` is made of again."""
        arrays: dict[str, NDArray[Any]] = {"counts": self.counts, "ids": self.everything().values}
        if self._marks is not None:
            arrays["marks"] = self._marks[: len(arrays["ids"])]
        return arrays

    def _own(self) -> None:
        """Before a change: have arrays of one's own, with room for rows to move to."""
        if self._shared:
            self._grow(_spare(self._end))
            self._shared = False

    def of(self, owners: I64) -> I32:
        """The ids of these owners, row after row, shape (sum of counts,)."""
        if len(owners) == 1:
            owner = owners[0]
            return self._ids[self._starts[owner] : self._starts[owner] + self.counts[owner]].copy()
        return self._ids[ranges(self._starts[owners], self.counts[owners].astype(np.int64))]

    def ragged(self, owners: I64) -> Ragged:
        """The rows of these owners."""
        offsets = np.zeros(len(owners) + 1, dtype=np.int64)
        np.cumsum(self.counts[owners], out=offsets[1:])
        return Ragged(self.of(owners), offsets)

    def marks(self, owners: I64) -> Bool:
        """The marks beside `of(owners)`."""
        assert self._marks is not None
        return self._marks[ranges(self._starts[owners], self.counts[owners].astype(np.int64))]

    def locate(self, owners: I64, ids: I64) -> I64:
        """Where each id stands in its owner's row, for `set_marks`; -1 where it does not, shape (k,).

        All binary searches take their steps together: `at` is the last position known to hold at most the id. Rows
        are short, so all but the first steps stay within a few cache lines.
        """
        if len(owners) <= _FEW:
            return self._locate_one_by_one(owners, ids)
        at = self._starts[owners]
        left = self.counts[owners].astype(np.int64)
        if not self._end:
            return np.full(len(at), -1, dtype=np.int64)
        empty = left == 0
        half = np.empty_like(left)
        wanted = ids.astype(np.int32)  # compared without a cast at every step
        for _ in range(int(left.max()).bit_length()):
            np.right_shift(left, 1, out=half)
            left -= half
            # clip: positions are in range but for empty rows; and it spares numpy a buffered bounds check
            below = self._ids.take(at + half, mode="clip") <= wanted
            half *= below
            at += half
        found = self._ids.take(at, mode="clip") == wanted
        found &= ~empty
        at[~found] = -1
        return at

    def _locate_one_by_one(self, owners: I64, ids: I64) -> I64:
        """The same for a few pairs: a search each is over sooner than the steps of many together."""
        at = []
        for owner, wanted in zip(owners.tolist(), ids.astype(np.int32), strict=True):  # else the row would be cast
            start = int(self._starts[owner])
            row = self._ids[start : start + int(self.counts[owner])]
            place = int(row.searchsorted(wanted))
            at.append(start + place if place < len(row) and row[place] == wanted else -1)
        return np.array(at, np.int64)

    def has(self, owners: I64, ids: I64) -> Bool:
        """Whether each id stands in its owner's row, shape (k,)."""
        return self.locate(owners, ids) >= 0

    def set_marks(self, owners: I64, ids: I64, value: bool) -> None:
        """Set the mark beside each (owner, id) pair that exists."""
        self._own()
        assert self._marks is not None
        at = self.locate(owners, ids)
        self._marks[at[at >= 0]] = value

    def insert(self, owners: I64, ids: I64) -> None:
        """Add pairs that are not there, no pair twice; their marks are False."""
        for owner, fresh in _by_owner(owners, ids):
            start, count = int(self._starts[owner]), int(self.counts[owner])
            row = self._ids[start : start + count]
            at = np.searchsorted(row, fresh)
            grown = np.insert(row, at, fresh)
            marks = None if self._marks is None else np.insert(self._marks[start : start + count], at, False)
            self._write(owner, grown, marks)
        self._pack_if_worn()

    def remove(self, owners: I64, ids: I64) -> None:
        """Take out pairs that are there, no pair twice."""
        for owner, gone in _by_owner(owners, ids):
            start, count = int(self._starts[owner]), int(self.counts[owner])
            row = self._ids[start : start + count]
            at = np.searchsorted(row, gone)
            marks = None if self._marks is None else np.delete(self._marks[start : start + count], at)
            self._write(owner, np.delete(row, at), marks)

    def pack(self) -> None:
        """Lay the rows out one after the other again, without room to spare. `counts` stays the same array."""
        owners = np.arange(len(self.counts))
        self._ids, self._marks = self.of(owners), self._packed_marks()
        self._shared = False
        np.cumsum(self.counts, out=self._starts)
        self._starts -= self.counts
        self._room[:] = self.counts
        self._end = len(self._ids)
        self._dead = 0

    def _packed_marks(self) -> Bool | None:
        return None if self._marks is None else self.marks(np.arange(len(self.counts)))

    def _write(self, owner: int, row: I32, marks: Bool | None) -> None:
        """Put `row` in the owner's place, or at the end of the array if it has outgrown it."""
        self._own()
        if len(row) > self._room[owner]:
            self._move_to_end(owner, len(row) + len(row) // 8 + 4)
        start = self._starts[owner]
        self.counts[owner] = len(row)
        self._ids[start : start + len(row)] = row
        if self._marks is not None:
            self._marks[start : start + len(row)] = marks

    def _move_to_end(self, owner: int, room: int) -> None:
        if self._end + room > len(self._ids):
            self._grow(_spare(self._end + room))
        self._dead += int(self._room[owner])
        self._starts[owner] = self._end
        self._room[owner] = room
        self._end += room

    def _grow(self, size: int) -> None:
        self._ids = _grown(self._ids, self._end, size)
        self._marks = None if self._marks is None else _grown(self._marks, self._end, size)

    def _pack_if_worn(self) -> None:
        if self._dead > max(_DEAD_FLOOR, _DEAD_SHARE * (self._end - self._dead)):
            self.pack()


def _by_owner(owners: I64, ids: I64) -> list[tuple[int, I32]]:
    """Pairs grouped by owner, ids ascending within each."""
    order = np.lexsort((ids, owners))
    owners, values = owners[order], ids[order].astype(np.int32)
    cuts = np.flatnonzero(np.diff(owners)) + 1
    heads = owners[np.concatenate([[0], cuts])] if len(owners) else owners
    return list(zip(heads.tolist(), np.split(values, cuts), strict=False))


def _spare(size: int) -> int:
    """How long arrays are to be that hold so many ids, for more to come."""
    return size + max(4_096, size // 8)


def _grown(array: NDArray[_T], end: int, size: int) -> NDArray[_T]:
    """A copy of what lies before `end`, in a longer array, by all cores."""
    longer: NDArray[_T] = np.empty(size, dtype=array.dtype)

    def copy_part(part: slice) -> None:
        longer[part] = array[part]

    on_all_cores(partial(copy_part, part) for part in shares(end, _MANY))
    return longer
