"""The newest deliveries, one record each: what the canvas draws and a test compares it with."""

import numpy as np

from engine.domain import I8, I32, I64


class DeliveryLog:
    """A ring of (owner, row, readable at, lane); the oldest records make room for new ones."""

    def __init__(self, capacity: int) -> None:
        self._owner: I32 = np.zeros(capacity, np.int32)
        self._row: I32 = np.full(capacity, -1, np.int32)
        self._at_ns: I64 = np.zeros(capacity, np.int64)
        self._lane: I8 = np.zeros(capacity, np.int8)
        self._count = 0

    def add(self, owner: I32, row: I32, at_ns: I64, lane: I8) -> None:
        """Record deliveries in order of time, shape (n,) each; `lane`: 0 close, 1 rest."""
        capacity = len(self._row)
        owner, row, at_ns, lane = owner[-capacity:], row[-capacity:], at_ns[-capacity:], lane[-capacity:]
        place = (self._count + np.arange(len(row))) % capacity
        self._owner[place], self._row[place], self._at_ns[place], self._lane[place] = owner, row, at_ns, lane
        self._count += len(row)

    def of(self, row: int) -> tuple[I32, I64]:
        """(owner, readable at) of every recorded delivery of one post."""
        found = np.flatnonzero(self._row == row)
        return self._owner[found], self._at_ns[found]

    def lane_of(self, row: int) -> I8:
        """The lane that every recorded delivery of one post came by, shape and order as in `of`."""
        lane: I8 = self._lane[self._row == row]
        return lane

    def find(self, owner: int, row: int) -> tuple[int, int] | None:
        """(readable at, lane) of the first recorded delivery of a post to one person; None if none is."""
        found = np.flatnonzero((self._row == row) & (self._owner == owner))
        if len(found) == 0:
            return None
        first = found[self._at_ns[found].argmin()]
        return int(self._at_ns[first]), int(self._lane[first])

    def remembers(self, at_ns: int) -> bool:
        """Whether all deliveries from this instant on are still recorded."""
        full = self._count > len(self._row)
        return not full or at_ns > int(self._at_ns[self._count % len(self._row)])
