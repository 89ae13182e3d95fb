"""What is on its way and not due yet.

A calendar: rows wait in days of 25 ms, each day a few pieces that are put together when the day comes. A take looks at
the days that have come and at what was pushed since the last take, never at the rest, however long it is.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.clock import NS_PER_MS
from engine.domain import I64, Bool, runs
from engine.ordering import stable_order

Columns = dict[str, NDArray[Any]]
"""Arrays of one length by name."""

_DAY_NS = 25 * NS_PER_MS
"""Divides the quantum and the usual ticks, so that a take splits no day; shorter days would be emptier."""

_Rows = tuple[NDArray[Any], ...]
"""due_ns, key, then the caller's columns."""


class Pending:
    """Rows of `(due_ns, key, columns...)`, handed out in order of (due_ns, key) when they are due."""

    def __init__(self, **dtypes: Any) -> None:
        """The columns besides `due_ns` and `key`, and their types: `Pending(owner=np.int32)`."""
        self._names = ("due_ns", "key", *dtypes)
        self._dtypes = tuple(np.dtype(kind) for kind in (np.int64, np.int64, *dtypes.values()))
        self._nothing: _Rows = tuple(np.zeros(0, kind) for kind in self._dtypes)
        self._fresh: list[_Rows] = []  # pushed since the last take, not yet in a day
        self._days: dict[int, list[_Rows]] = {}
        self._coming: list[int] = []  # the days that exist; a heap
        self._count = 0

    def push(self, due_ns: I64, key: I64, **columns: NDArray[Any]) -> None:
        """Add rows, in any order; all columns of shape (n,). Their contents are copied."""
        if len(due_ns) == 0:
            return
        values = (due_ns, key, *(columns[name] for name in self._names[2:]))
        self._fresh.append(tuple([np.array(v, kind) for v, kind in zip(values, self._dtypes, strict=True)]))
        self._count += len(due_ns)

    def take_before(self, t_ns: int) -> Columns:
        """Remove and return what is due before an instant, sorted by (due_ns, key), ties in the order pushed."""
        due = self.take_unordered(t_ns)
        if len(due["due_ns"]) == 0:
            return due
        order = by_due_and_key(due["due_ns"], due["key"])
        return {name: column.take(order) for name, column in due.items()}

    def take_unordered(self, t_ns: int) -> Columns:
        """As `take_before`, in no order but that in which rows with equal `due_ns` and `key` were pushed."""
        ripe = self._ripe(t_ns)
        if not ripe:
            return self._named(self._nothing)
        rows = _together(ripe)
        late = np.flatnonzero(rows[0] >= t_ns)
        if len(late):
            self._put_off(tuple([column.take(late) for column in rows]))
            now = np.flatnonzero(rows[0] < t_ns)
            rows = tuple([column.take(now) for column in rows])
        self._count -= len(rows[0])
        return self._named(rows)

    def extract(self, which: Callable[[Columns], Bool]) -> Columns:
        """Remove and return the rows of which this is true, in no particular order; the others stay."""
        everything = self.peek()
        mask = which(everything)
        if mask.any():
            self._fresh, self._count = [tuple(column[~mask] for column in everything.values())], int((~mask).sum())
            self._days.clear()
            self._coming.clear()
        return {name: column[mask] for name, column in everything.items()}

    def peek(self) -> Columns:
        """Copies of all rows, in no particular order."""
        waiting = [rows for day in self._days.values() for rows in day] + self._fresh
        return self._named(tuple(column.copy() for column in _together(waiting)) if waiting else self._nothing)

    def __len__(self) -> int:
        return self._count

    def _ripe(self, t_ns: int) -> list[_Rows]:
        """Everything that may be due before an instant, in the order pushed among equals."""
        ripe: list[_Rows] = []
        while self._coming and self._coming[0] * _DAY_NS < t_ns:
            ripe += self._days.pop(heappop(self._coming))
        ripe += self._fresh
        self._fresh = []
        return ripe

    def _put_off(self, rows: _Rows) -> None:
        """Put rows into their days."""
        day = rows[0] // _DAY_NS
        first, last = int(day.min()), int(day.max())
        if first == last:
            self._add(first, rows)
            return
        order = stable_order(day, first, last)
        starts, lengths = runs(day := day.take(order))
        rows = tuple([column.take(order) for column in rows])
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            self._add(int(day[start]), tuple([column[start : start + length] for column in rows]))

    def _add(self, day: int, rows: _Rows) -> None:
        waiting = self._days.get(day)
        if waiting is None:
            self._days[day] = [rows]
            heappush(self._coming, day)
        else:
            waiting.append(rows)

    def _named(self, rows: _Rows) -> Columns:
        return dict(zip(self._names, rows, strict=True))


def _together(pieces: list[_Rows]) -> _Rows:
    return pieces[0] if len(pieces) == 1 else tuple(np.concatenate(column) for column in zip(*pieces, strict=True))


def by_due_and_key(due_ns: I64, key: I64) -> I64:
    """Indices that sort by due, then key, then as they are; keys are looked at only where instants are equal."""
    order = stable_order(due_ns, int(due_ns.min()), int(due_ns.max()))
    due_ns = due_ns[order]
    tied = due_ns[1:] == due_ns[:-1]
    if not tied.any():
        return order
    by_due = key[order]
    wrong = tied & (by_due[1:] < by_due[:-1])
    if wrong.any():
        instant = np.concatenate(([0], np.cumsum(~tied)))
        redo = np.zeros(instant[-1] + 1, np.bool_)
        redo[instant[1:][wrong]] = True
        doubtful = redo[instant]
        order[doubtful] = order[doubtful][np.lexsort((by_due[doubtful], instant[doubtful]))]
    return order
