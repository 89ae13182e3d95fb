"""A server that fails from its n-th call on, forgets lists, or is told everything twice: a ring in its place."""

from typing import Any

import numpy as np

from engine.errors import StoreError, StoreUnreachable
from engine.timelines.port import TimelineStore
from engine.timelines.ring import RingStore

READING = ("read", "horizons", "sizes", "contains", "entries", "keys", "count", "stored")
CHANGING = ("push", "create", "drop", "remove", "merge", "begin_rebuild", "commit_rebuild", "load", "clear")


class Flaky:
    """As a `TimelineStore`, but for `fails_from`: the number of the first call, from 0, that fails; None: none does.

    `said`: the names of all calls. `twice`: each call whose number it divides is made twice if it changes something,
    and the second answer given, as after a break in which the first one was lost; 0: none is.
    """

    def __init__(self, inner: TimelineStore, fails_from: int | None = None, twice: int = 0) -> None:
        self.inner, self.fails_from, self.twice = inner, fails_from, twice
        self.error: StoreError = StoreUnreachable("The timeline store in Redis failed: the server does not answer.")
        self.said: list[str] = []
        self.place = "sorted sets in a test"

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if name not in READING + CHANGING:
            return found

        def call(*args: Any) -> Any:
            self.said.append(name)
            if self.fails_from is not None and len(self.said) > self.fails_from:
                raise self.error
            answer = found(*args)
            again = self.twice and len(self.said) % self.twice == 0 and name in CHANGING
            return found(*args) if again else answer

        return call

    def forget(self, user: int) -> None:
        """Somebody else takes a list away, as an eviction does."""
        self.inner.drop(np.array([user], np.int32))


def flaky_ring(users: int, cap: int, fails_from: int | None = None, twice: int = 0) -> Any:
    """One on a ring, for people who type it as a store."""
    return Flaky(RingStore(users, cap), fails_from, twice)
