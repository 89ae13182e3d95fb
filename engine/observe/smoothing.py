"""Signals made calm enough to be read: averages, slopes and how long something has held. Times are passed in."""

import math


class Ewma:
    """Exponentially weighted average over `tau_s` seconds, for samples at any spacing.

    A constant signal gives the same average however often it is sampled: the weight of the past after dt seconds is
    exp(-dt / tau).
    """

    def __init__(self, tau_s: float = 3.0) -> None:
        self._tau_s = tau_s
        self._at_s: float | None = None
        self.value: float | None = None
        """None before the first sample."""

    def update(self, at_s: float, sample: float) -> float:
        """Take the signal's value since the last update; returns the average. The first sample is the average."""
        if self.value is None or self._at_s is None:
            self.value = sample
        else:
            keep = math.exp(-max(at_s - self._at_s, 0.0) / self._tau_s)
            self.value = keep * self.value + (1 - keep) * sample
        self._at_s = at_s
        return self.value


class Slope:
    """How fast a signal changes, per second, averaged over `tau_s` seconds."""

    def __init__(self, tau_s: float = 3.0) -> None:
        self._average = Ewma(tau_s)
        self._last: tuple[float, float] | None = None

    def update(self, at_s: float, sample: float) -> float:
        """Take the signal's value at `at_s`; returns the slope, 0 before the second sample."""
        if self._last is None:
            self._last = (at_s, sample)
            self._average.update(at_s, 0.0)
        elif at_s > self._last[0]:
            slope = (sample - self._last[1]) / (at_s - self._last[0])
            self._last = (at_s, sample)
            self._average.update(at_s, slope)
        return self._average.value or 0.0


class HeldFor:
    """For how many seconds on end a condition has held; 0 when it does not."""

    def __init__(self) -> None:
        self._since_s: float | None = None

    def update(self, at_s: float, holds: bool) -> float:
        """Take the condition at `at_s`; returns the seconds since it began to hold."""
        if not holds:
            self._since_s = None
            return 0.0
        if self._since_s is None:
            self._since_s = at_s
        return at_s - self._since_s


class Latch:
    """A condition with inertia: on once it has held for `on_after_s`, off once it has not for `off_after_s`."""

    def __init__(self, on_after_s: float, off_after_s: float) -> None:
        self._on_after_s, self._off_after_s = on_after_s, off_after_s
        self._opposite = HeldFor()
        self.on = False

    def update(self, at_s: float, holds: bool) -> bool:
        """Take the condition at `at_s`; returns whether the latch is on."""
        held_s = self._opposite.update(at_s, holds != self.on)
        if holds != self.on and held_s >= (self._off_after_s if self.on else self._on_after_s):
            self.on = holds
            self._opposite = HeldFor()
        return self.on
