"""When fan-out fell behind, how far, and since when it has recovered."""

from dataclasses import dataclass

from engine.clock import NS_PER_S
from engine.observe.metrics import Metric, Metrics
from engine.observe.rules import FINE_LAG_S

WELL_S = 5
"""Recovered: p99 of each second's completions under 1 s for so long on end (docs/architecture.md)."""


@dataclass(frozen=True)
class Episode:
    """One time in which the lag broke its SLO. `over_ns`: when it was seen to be over; None while it goes on."""

    start_ns: int
    peak_s: float
    over_ns: int | None = None
    recovery_s: float = 0.0
    late_share: float = 0.0


class Episodes:
    """Follows the lag, point by point, and keeps the episode that goes on, or the last one."""

    def __init__(self, slo_s: float) -> None:
        self.slo_s = slo_s
        self.latest: Episode | None = None
        """Only of those that broke the SLO."""
        self._start_ns: int | None = None
        self._peak_s = 0.0

    def see(self, metrics: Metrics, at_ns: int, lag_s: float) -> None:
        """Take the lag at the end of a slot; slots come in order."""
        if self._start_ns is None:
            if lag_s <= FINE_LAG_S:
                return
            self._start_ns, self._peak_s = at_ns, 0.0
        self._peak_s = max(self._peak_s, lag_s)
        if self._peak_s > self.slo_s:
            self.latest = Episode(self._start_ns, self._peak_s)
        if lag_s <= FINE_LAG_S:
            self._end(metrics, at_ns)

    def _end(self, metrics: Metrics, at_ns: int) -> None:
        """Close the episode if every second has been well for long enough."""
        assert self._start_ns is not None
        well_ns = metrics.recovered_at(Metric.FANOUT_LAG, self._start_ns, for_s=WELL_S, until_ns=at_ns)
        if well_ns is None:
            return
        if self._peak_s > self.slo_s:
            lags = metrics.latency_in(Metric.FANOUT_LAG, at_ns, (at_ns - self._start_ns) / NS_PER_S)
            within = lags.share_within(round(self.slo_s * NS_PER_S))
            late = 0.0 if within is None else 1 - within
            recovery_s = (well_ns - self._start_ns) / NS_PER_S
            self.latest = Episode(self._start_ns, self._peak_s, at_ns, recovery_s, late)
        self._start_ns = None
