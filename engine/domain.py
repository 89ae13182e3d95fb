"""The words of the engine as types: what a post is, what can happen, how batches look.

Inside, a post is a *row*: a dense int32 that grows with time of acceptance, so that merging timelines is
taking the largest numbers. Users are dense int32 ids 0..n-1. All instants are int64 nanoseconds of virtual
time (`_ns`); negative instants are history made before the world was opened.
"""

from enum import IntEnum, IntFlag
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

I8 = NDArray[np.int8]
U8 = NDArray[np.uint8]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

NO_ROW = -1
"""No post: the parent of a plain post, padding in a page."""
NO_LIST = np.iinfo(np.int32).max
"""A horizon of NO_LIST says that this user has no stored home list."""


class Kind(IntEnum):
    """What a post is."""

    POST = 0
    REPLY = 1
    REPOST = 2


class Flag(IntFlag):
    """Why a post is not shown; reversible, judged when a page is assembled."""

    DELETED = 1
    RESTRICTED = 2


class Op(IntEnum):
    """What can arrive: one recorded request of the load, or one action of a person."""

    POST = 0
    REPLY = 1
    REPOST = 2
    LIKE = 3
    FOLLOW = 4
    UNFOLLOW = 5
    READ_HOME = 6


class Ragged(NamedTuple):
    """Lists of different lengths as two arrays: list i is `values[offsets[i]:offsets[i + 1]]`."""

    values: I32
    offsets: I64

    def lengths(self) -> I64:
        """Length of each list, shape (n,)."""
        return self.offsets[1:] - self.offsets[:-1]

    def take(self, which: I32 | I64) -> "Ragged":
        """Some of the lists, in this order; one may come several times."""
        starts = self.offsets[which]
        lengths = self.offsets[which + 1] - starts
        offsets = np.zeros(len(lengths) + 1, np.int64)
        lengths.cumsum(out=offsets[1:])
        return Ragged(self.values[ranges(starts, lengths)], offsets)

    def owner(self) -> I64:
        """For every value, which list it belongs to, shape (len(values),)."""
        return np.repeat(np.arange(len(self.offsets) - 1, dtype=np.int64), self.lengths())


def runs(values: NDArray[Any]) -> tuple[I64, I64]:
    """Where each run of equal values begins, and its length; there must be at least one value."""
    change = np.empty(len(values), np.bool_)
    change[0] = True
    np.not_equal(values[1:], values[:-1], out=change[1:])
    (first,) = change.nonzero()
    lengths = np.empty_like(first)
    np.subtract(first[1:], first[:-1], out=lengths[:-1])
    lengths[-1] = len(values) - first[-1]
    return first, lengths


def ranges(starts: I64, lengths: I64) -> I64:
    """Positions `starts[i] .. starts[i] + lengths[i] - 1` for every i, one after the other.

    The way to gather many slices at once: `flat[ranges(starts, lengths)]`.
    """
    if len(lengths) == 0:
        return np.zeros(0, np.int64)
    ends = lengths.cumsum()
    positions: I64 = np.arange(ends[-1])
    positions += (starts - ends + lengths).repeat(lengths)
    return positions
