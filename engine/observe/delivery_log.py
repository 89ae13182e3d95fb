"""The newest deliveries, one record each: what the canvas draws and a test compares it with."""

import numpy as np

from engine.domain import I32, I64


class DeliveryLog:
    """A ring of (owner, row, readable at); the oldest records make room for new ones."""

    def __init__(self, capacity: int) -> None:
        self._owner: I32 = np.zeros(capacity, np.int32)
        self._row: I32 = np.full(capacity, -1, np.int32)
        self._at_ns: I64 = np.zeros(capacity, np.int64)
        self._count = 0

    def add(self, owner: I32, row: I32, at_ns: I64) -> None:
        """Record deliveries, shape (n,) each."""
        capacity = len(self._row)
        owner, row, at_ns = owner[-capacity:], row[-capacity:], at_ns[-capacity:]
        place = (self._count + np.arange(len(row))) % capacity
        self._owner[place], self._row[place], self._at_ns[place] = owner, row, at_ns
        self._count += len(row)

    def of(self, row: int) -> tuple[I32, I64]:
        """(owner, readable at) of every recorded delivery of one post."""
        found = np.flatnonzero(self._row == row)
        return self._owner[found], self._at_ns[found]
