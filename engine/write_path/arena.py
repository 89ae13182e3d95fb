"""The followers that jobs name, kept once: a job is a slice of this arena."""

import numpy as np

from engine.domain import I32, I64, ranges

_SMALLEST = 1024


class FollowerArena:
    """An array of user ids that grows at its end and is freed from its front; a position stays valid until then."""

    def __init__(self) -> None:
        self._ids: I32 = np.empty(_SMALLEST, np.int32)
        self._base = 0  # the position of _ids[0]
        self._first = 0  # positions before it were released
        self._end = 0

    def append(self, ids: I32) -> int:
        """Keep ids at the end; the position of the first, from 0, never used before or again."""
        if self._end - self._base + len(ids) > len(self._ids):
            self._make_room(len(ids))
        start = self._end
        self._end += len(ids)
        self._ids[start - self._base : self._end - self._base] = ids
        return start

    def gather(self, starts: I64, lengths: I64) -> I32:
        """The slices `starts[i] .. starts[i] + lengths[i] - 1`, one after the other, shape (lengths.sum(),).

        Raises:
            IndexError: if a slice was released, or never appended.
        """
        if len(starts) == 0:
            return np.zeros(0, np.int32)
        if starts.min() < self._first or (starts + lengths).max() > self._end:
            raise IndexError(f"The arena holds positions {self._first} to {self._end - 1}.")
        ids: I32 = self._ids[ranges(starts - self._base, lengths)]
        return ids

    def release(self, before_start: int) -> None:
        """Free all positions before this one; their memory is used again when the arena is full."""
        self._first = min(max(self._first, before_start), self._end)

    @property
    def end(self) -> int:
        """The position that the next id will have."""
        return self._end

    def __len__(self) -> int:
        """Ids held."""
        return self._end - self._first

    def _make_room(self, count: int) -> None:
        """Move what is held to the front of an array that it fills to at most half: amortised, O(1) for each id."""
        kept = self._ids[self._first - self._base : self._end - self._base]
        capacity = max(_SMALLEST, 2 * (len(kept) + count))
        if capacity <= len(self._ids) <= 4 * capacity:
            self._ids[: len(kept)] = kept
        else:
            grown = np.empty(capacity, np.int32)
            grown[: len(kept)] = kept
            self._ids = grown
        self._base = self._first
