"""Who follows whom: both directions as sorted rows, with live follows and unfollows.

The four questions of a timeline system are gathers on these rows: the followers of many authors, the followees of
many readers, whether a follows b, and (for the close lane) which followers an author follows back.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.cores import on_all_cores
from engine.domain import I32, I64, Bool, Ragged
from engine.graph.rows import Rows
from engine.ordering import among

_MASK = 0xFFFFFFFF


class Graph:
    """Directed follows between users 0..n-1; no self-loops, no link twice.

    Every array returned is a copy or read-only. Users out of range are the caller's error (IndexError or nonsense).
    """

    def __init__(self, followers: Rows, followees: Rows) -> None:
        """Use `from_edges`; this takes both directions of the same links, `followers` marked where mutual."""
        self._followers = followers
        self._followees = followees
        self._follower_counts = _read_only(followers.counts)
        self._followee_counts = _read_only(followees.counts)

    @classmethod
    def from_edges(cls, n: int, follower: ArrayLike, followee: ArrayLike) -> "Graph":
        """The graph of n users with these links, shapes (m,); duplicates and self-loops are dropped.

        Raises:
            ValueError: an id outside 0..n-1.
        """
        a, b = _ids(follower), _ids(followee)
        if len(a) and (min(a.min(), b.min()) < 0 or max(a.max(), b.max()) >= n):
            raise ValueError(f"user ids must be from 0 to {n - 1}.")
        return cls.from_blocks(n, np.array([0, n]), [distinct(a << 32 | b)])

    @classmethod
    def from_blocks(cls, n: int, bounds: I64, blocks: Sequence[I64]) -> "Graph":
        """The graph of n users, made by all cores from the links of the users in each block.

        blocks[i]: links of followers bounds[i] .. bounds[i + 1] - 1 as `follower << 32 | followee`, as `distinct` gives
        them.
        """
        followees = _rows(n, bounds, blocks)
        turned = _turned(n, bounds, blocks)
        marks = on_all_cores(partial(among, mine, theirs) for mine, theirs in zip(turned, blocks, strict=True))
        return cls(_rows(n, bounds, turned, np.concatenate(marks)), followees)

    @property
    def n(self) -> int:
        """How many users there are."""
        return len(self._follower_counts)

    @property
    def follower_counts(self) -> I32:
        """Followers of each user, shape (n,); read-only, and it follows every change."""
        return self._follower_counts

    @property
    def followee_counts(self) -> I32:
        """Users that each user follows, shape (n,); read-only, and it follows every change."""
        return self._followee_counts

    def followers(self, users: ArrayLike) -> Ragged:
        """Followers of each of these users, ids ascending in each list."""
        return self._followers.ragged(_ids(users))

    def followees(self, users: ArrayLike) -> Ragged:
        """Whom each of these users follows, ids ascending in each list."""
        return self._followees.ragged(_ids(users))

    def all_followers(self) -> Ragged:
        """Everybody's followers, as they are now, whatever changes later; read-only."""
        return self._followers.everything()

    def all_followees(self) -> Ragged:
        """Whom everybody follows, likewise."""
        return self._followees.everything()

    def follows(self, a: ArrayLike, b: ArrayLike) -> Bool:
        """Whether a[i] follows b[i], shape (k,); False for a user and themselves."""
        return self._followees.has(_ids(a), _ids(b))

    def close(self, users: ArrayLike, followers: Ragged) -> Bool:
        """For each value of `followers`: does the user whose list it stands in follow it back.

        `followers` is usually `followers(users)`, whole: then the answer lies ready beside the links. For any other
        lists (a part of the followers) each pair is searched, ten times slower.
        """
        owners = _ids(users)
        whole = np.array_equal(followers.lengths(), self._follower_counts[owners])
        if whole and np.array_equal(self._followers.of(owners), followers.values):
            return self._followers.marks(owners)
        return self.follows(owners[followers.owner()], followers.values)

    def follow(self, a: ArrayLike, b: ArrayLike) -> Bool:
        """a[i] follows b[i] from now on. True where the link is new; a link twice in one batch is new once."""
        follower, followee = _ids(a), _ids(b)
        made: Bool = (follower != followee) & ~self.follows(follower, followee) & _first_of_each(follower, followee)
        follower, followee = follower[made], followee[made]
        self._followees.insert(follower, followee)
        self._followers.insert(followee, follower)
        mutual = self.follows(followee, follower)
        self._mark_mutual(follower[mutual], followee[mutual], True)
        return made

    def unfollow(self, a: ArrayLike, b: ArrayLike) -> Bool:
        """a[i] follows b[i] no longer. True where a link was removed; twice in one batch is once."""
        follower, followee = _ids(a), _ids(b)
        gone = _first_of_each(follower, followee) & self.follows(follower, followee)
        follower, followee = follower[gone], followee[gone]
        self._mark_mutual(follower, followee, False)
        self._followees.remove(follower, followee)
        self._followers.remove(followee, follower)
        return gone

    def edges(self) -> tuple[I32, I32]:
        """All links as (follower, followee), ordered by followee, then follower."""
        everybody = np.arange(self.n)
        return self._followers.of(everybody), np.repeat(everybody.astype(np.int32), self._follower_counts)

    def fold(self) -> None:
        """Lay changed rows back among the others. Happens by itself as changes add up; changes no answer."""
        self._followers.pack()
        self._followees.pack()

    def copy(self) -> "Graph":
        """An independent graph with the same links; memory is shared until one of the two changes."""
        return Graph(self._followers.copy(), self._followees.copy())

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` makes the same graph of."""
        sides = {"followers": self._followers.arrays(), "followees": self._followees.arrays()}
        return {f"{side}_{name}": array for side, arrays in sides.items() for name, array in arrays.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Graph":
        """The graph whose `arrays` these were; they may be mapped from files, and are not changed."""
        followers, followees = (
            Rows(arrays[f"{side}_counts"].copy(), arrays[f"{side}_ids"], arrays.get(f"{side}_marks"), shared=True)
            for side in ("followers", "followees")
        )
        return cls(followers, followees)

    def _mark_mutual(self, a: I64, b: I64, value: bool) -> None:
        """Mark the links a -> b and b -> a, as far as they exist, as mutual or not."""
        self._followers.set_marks(a, b, value)
        self._followers.set_marks(b, a, value)


def _ids(users: ArrayLike) -> I64:
    return np.asarray(users, dtype=np.int64)


def _read_only(array: I32) -> I32:
    view = array.view()
    view.flags.writeable = False
    return view


def _first_of_each(a: I64, b: I64) -> Bool:
    """True at the first place of each different pair, shape (k,)."""
    first = np.zeros(len(a), dtype=np.bool_)
    first[np.unique(a << 32 | b, return_index=True)[1]] = True
    return first


def distinct(keys: I64) -> I64:
    """Links `follower << 32 | followee` in order, without duplicates and self-loops, shape (at most n,)."""
    return _without_repeats(np.sort(keys))


def merged(parts: Sequence[I64]) -> I64:
    """As `distinct` of several parts, each in order: what is in order is merged by a stable sort, not sorted again."""
    return _without_repeats(np.sort(np.concatenate(parts), kind="stable"))


def _without_repeats(keys: I64) -> I64:
    fresh: Bool = keys >> 32 != keys & _MASK
    fresh[1:] &= keys[1:] != keys[:-1]
    return keys[fresh]


def _rows(n: int, bounds: I64, blocks: Sequence[I64], marks: Bool | None = None) -> Rows:
    """Rows from keys `owner << 32 | id`, in order, those of owners bounds[i] .. bounds[i + 1] - 1 in blocks[i]."""
    counts, ids = np.empty(n, np.int32), np.empty(sum(map(len, blocks)), np.int32)
    ends = np.cumsum([0, *map(len, blocks)])

    def fill(i: int) -> None:
        counts[bounds[i] : bounds[i + 1]] = np.diff(_starts(blocks[i], int(bounds[i]), int(bounds[i + 1])))
        ids[ends[i] : ends[i + 1]] = blocks[i] & _MASK

    on_all_cores(partial(fill, i) for i in range(len(blocks)))
    return Rows(counts, ids, marks)


def _starts(keys: I64, low: int, high: int) -> I64:
    """Where the keys of each owner low .. high - 1 begin, and where those of the last end, shape (high - low + 1,)."""
    return np.searchsorted(keys, np.arange(low, high + 1, dtype=np.int64) << 32)


def _turned(n: int, bounds: I64, blocks: Sequence[I64]) -> list[I64]:
    """The same links as `followee << 32 | follower`, in order, by the block that the followee is in."""

    def turn(block: I64) -> list[I64]:
        keys = np.sort((block & _MASK) << 32 | block >> 32)
        return np.split(keys, np.searchsorted(keys, bounds[1:-1] << 32))

    parts = on_all_cores(partial(turn, block) for block in blocks)
    if len(blocks) == 1:
        return parts[0]
    return on_all_cores(partial(merged, part) for part in zip(*parts, strict=True))
