"""Reads between their arrival and their answer."""

import numpy as np

from engine.domain import I8, I32, I64, Bool


class Flight:
    """A growing ring of slots: one read each, numbered in order of arrival."""

    _COLUMNS = (
        "user",
        "arrived_ns",
        "pull_ns",
        "hydrate_ns",
        "miss_ns",
        "open_",
        "attempt",
        "waits",
        "counts",
        "refused",
    )

    def __init__(self, capacity: int = 1024) -> None:
        self.user: I32 = np.zeros(capacity, np.int32)
        self.arrived_ns: I64 = np.zeros(capacity, np.int64)
        self.pull_ns: I64 = np.zeros(capacity, np.int64)
        self.hydrate_ns: I64 = np.zeros(capacity, np.int64)
        self.miss_ns: I64 = np.zeros(capacity, np.int64)
        self.open_: Bool = np.zeros(capacity, np.bool_)
        self.attempt: I8 = np.zeros(capacity, np.int8)
        """0 for the first; how often the app has tried before."""
        self.waits: Bool = np.zeros(capacity, np.bool_)
        """Whether an app still waits for the answer, and may give it up."""
        self.counts: Bool = np.zeros(capacity, np.bool_)
        """Whether it is an answer to a home read: not a failure, nor work behind the reader's back."""
        self.refused: Bool = np.zeros(capacity, np.bool_)
        self.live = 0
        self._oldest = 0
        self._next = 0

    def at(self, slots: I64) -> I64:
        """Where slots stand in the columns."""
        return slots & (len(self.user) - 1)

    def open(self, user: I32, arrived_ns: I64) -> I64:
        """Slots for reads that arrive, shape (n,): first attempts, whose answers are waited for and count."""
        slots = np.arange(self._next, self._next + len(user), dtype=np.int64)
        while self._next + len(user) - self._oldest > len(self.user):
            self._grow()
        place = self.at(slots)
        self.user[place], self.arrived_ns[place], self.open_[place] = user, arrived_ns, True
        self.attempt[place], self.waits[place], self.counts[place], self.refused[place] = 0, True, True, False
        self._next += len(user)
        self.live += len(user)
        return slots

    def overdue(self, since_ns: int) -> I64:
        """Slots of reads that arrived at or before an instant and are still waited for, in order of arrival."""
        slots = np.arange(self._oldest, self._next)
        place = self.at(slots)
        late = self.open_[place] & self.waits[place] & (self.arrived_ns[place] <= since_ns)
        return slots[late]

    def close(self, slots: I64) -> None:
        """These reads were answered."""
        self.open_[self.at(slots)] = False
        self.live -= len(slots)
        if self.live == 0:
            self._oldest = self._next
        else:
            self._oldest += int(np.argmax(self.open_[self.at(np.arange(self._oldest, self._next))]))

    def _grow(self) -> None:
        old = np.arange(self._oldest, self._next)
        place = self.at(old)
        columns = {name: getattr(self, name)[place] for name in self._COLUMNS}
        for name in self._COLUMNS:
            setattr(self, name, np.zeros(2 * len(getattr(self, name)), getattr(self, name).dtype))
        for name, values in columns.items():
            getattr(self, name)[self.at(old)] = values
