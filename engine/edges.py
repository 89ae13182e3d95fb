"""Which followers of an author did not get which posts, where that is decided for each edge (strategies `by_edge`).

Readers fall into classes of equal read rates, and a post reaches whole classes; so what an edge lacks is known from its
author and its reader's class. A reader's class never changes: otherwise what they got earlier would be forgotten.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.domain import F64, I8, I32, I64, Bool

CLASSES = 32
"""At most; more different read rates than this share classes, evenly on a logarithmic scale."""
ALL = np.uint32(0xFFFFFFFF)

U32 = NDArray[np.uint32]


class Edges:
    """The newest row of each author that each class of readers did not get, and which classes each row missed."""

    def __init__(self, reading: F64, last: I32, from_row: int) -> None:
        """`reading`: how much of all reading each user does, shape (users,). `last`: each author's newest row that
        nobody got, from before `from_row`; shape (users,).
        """
        self.reader: I8 = _classes(reading)
        """Each user's class, shape (users,)."""
        self.count = int(self.reader.max(initial=0)) + 1
        self.last: I32 = np.repeat(last[:, None], self.count, axis=1)
        """Shape (users, classes)."""
        self.from_row = from_row
        self._missed: U32 = np.zeros(1_024, np.uint32)
        self.meet(reading)

    def meet(self, reads_per_s: F64) -> None:
        """These are the users' rates now, shape (users,); who is in which class stays."""
        members = np.bincount(self.reader, minlength=self.count)
        total = np.bincount(self.reader, reads_per_s, minlength=self.count)
        self.reads_per_s: F64 = total / np.maximum(members, 1)
        """Mean of each class, shape (classes,)."""

    def bits(self, reached: Bool) -> U32:
        """The classes that each post did not reach, a bit each, of the matrix (posts, classes) of those it did."""
        weights = np.uint32(1) << np.arange(self.count, dtype=np.uint32)
        bits: U32 = (~reached * weights).sum(axis=1, dtype=np.uint32)
        return bits

    def miss(self, author: int, row: int, bits: int) -> None:
        """A row of an author does not reach these classes."""
        at = row - self.from_row
        if at >= 0:
            if at >= len(self._missed):
                grown = np.zeros(max(at + 1, 2 * len(self._missed)), np.uint32)
                grown[: len(self._missed)] = self._missed
                self._missed = grown
            self._missed[at] |= np.uint32(bits)
        missed = self.classes(bits)
        self.last[author, missed] = np.maximum(self.last[author, missed], row)

    def settle(self, author: int, row: int, newest: Callable[[int], int]) -> None:
        """Everybody has got a row after all; `newest` finds the one below it that a class did not get."""
        if row >= self.from_row:
            self._missed[row - self.from_row] = 0
        for k in np.flatnonzero(self.last[author] == row).tolist():
            self.last[author, k] = newest(k)

    def classes(self, bits: int) -> I64:
        """The classes that these bits name."""
        return np.flatnonzero([bits >> k & 1 for k in range(self.count)])

    def missed(self, row: int, reader_class: int) -> bool:
        """Whether a class did not get a row that somebody did not get."""
        at = row - self.from_row
        return at < 0 or bool(int(self._missed[at]) >> reader_class & 1)

    def got(self, row: int, user: int) -> bool:
        """Whether a row was pushed to a user's class; true of rows from before."""
        at = row - self.from_row
        return not 0 <= at < len(self._missed) or not self.missed(row, int(self.reader[user]))


def _classes(reading: F64) -> I8:
    """Each user's class, rarest readers first: one for each rate if there are few, else even steps of a logarithm."""
    rates, place = np.unique(reading, return_inverse=True)
    if len(rates) <= CLASSES:
        return place.astype(np.int8)
    lowest = rates[rates > 0][0]
    steps = np.log(np.maximum(rates, lowest) / lowest) / np.log(rates[-1] / lowest)  # 0 to 1
    number = 1 + np.minimum((steps * (CLASSES - 1)).astype(np.int64), CLASSES - 2)
    number[rates == 0] = 0
    _, dense = np.unique(number, return_inverse=True)
    return dense[place].astype(np.int8)
