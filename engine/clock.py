"""Time: virtual nanoseconds for the world, and the one wall clock that the live pacing and the timers read."""

import time
from typing import Protocol

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000

QUANTUM_NS = 100 * NS_PER_MS
"""What flows back against the data flow (retries, rebuilds, dead letters) waits for the next multiple of this. That is
what makes results identical at any tick length."""

GROUP_NS = 5 * QUANTUM_NS
"""Follows and unfollows of the load are committed in groups, at multiples of this; no tick is longer."""


class WallClock(Protocol):
    """Seconds of real time; passed in, so that pacing can be tested without sleeping."""

    def now_s(self) -> float: ...
    def sleep_s(self, seconds: float) -> None: ...


class SystemWallClock:
    """The machine's monotonic clock."""

    def now_s(self) -> float:
        return time.monotonic()

    def sleep_s(self, seconds: float) -> None:
        time.sleep(seconds)


def wall_epoch_s() -> float:
    """Seconds since 1970, for the dates of runs; never used inside a simulation."""
    return time.time()


def ceil_quantum(at_ns: int) -> int:
    """The first multiple of the quantum that is not before `at_ns`."""
    return -(-at_ns // QUANTUM_NS) * QUANTUM_NS


def ceil_group(at_ns: int) -> int:
    """The first multiple of the group interval that is not before `at_ns`."""
    return -(-at_ns // GROUP_NS) * GROUP_NS
