"""Whether this Twitter keeps what it promises: each promise as target, measured value and met or not."""

from dataclasses import asdict, dataclass
from typing import Any

from engine.clock import NS_PER_MS
from engine.config import SloConfig
from engine.observe.histogram import Histogram
from engine.observe.metrics import Metric, Metrics

QUANTILE = 0.99
FRESH_TARGET = 0.99
"""Both say the same of posts: 99 in 100 in time. Only the share also counts those that were given up."""


@dataclass(frozen=True)
class SloState:
    """One promise. `met` and `measured` are None where nothing was counted."""

    name: str
    label: str
    target: float
    measured: float | None
    unit: str
    met: bool | None

    def to_json(self) -> dict[str, Any]:
        """All fields, JSON types."""
        return asdict(self)


def slo_states(metrics: Metrics, slo: SloConfig, now_ns: int = 0, window_s: float | None = None) -> list[SloState]:
    """The promises over the last `window_s` seconds before `now_ns`; over the whole run without a window."""

    def latencies(metric: Metric) -> Histogram:
        return metrics.histogram(metric) if window_s is None else metrics.latency_in(metric, now_ns, window_s)

    def count(metric: Metric) -> int:
        return metrics.total(metric) if window_s is None else metrics.count_in(metric, now_ns, window_s)

    return [
        _at_most("visible_lag", "99 in 100 readable within", slo.lag_ms, latencies(Metric.VISIBLE_LAG)),
        _fresh(count(Metric.FRESH_PAIRS), count(Metric.PAIRS)),
        _at_most("home_latency", "99 in 100 home pages within", slo.home_ms, latencies(Metric.HOME_LATENCY)),
    ]


def slo_report(
    metrics: Metrics, slo: SloConfig, now_ns: int = 0, window_s: float | None = None
) -> dict[str, dict[str, Any]]:
    """`slo_states` as JSON types, by name: {"label", "target", "measured", "unit", "met"}."""
    states = (state.to_json() for state in slo_states(metrics, slo, now_ns, window_s))
    return {state.pop("name"): state for state in states}


def _at_most(name: str, label: str, target_ms: float, seen: Histogram) -> SloState:
    worst_ns = seen.quantile(QUANTILE)
    measured = None if worst_ns is None else worst_ns / NS_PER_MS
    return SloState(name, label, target_ms, measured, "ms", None if measured is None else measured <= target_ms)


def _fresh(fresh: int, pairs: int) -> SloState:
    measured = fresh / pairs if pairs else None
    met = None if measured is None else measured >= FRESH_TARGET
    return SloState("fresh_share", "readable in time, given-up ones counted", FRESH_TARGET, measured, "share", met)
