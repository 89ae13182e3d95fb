"""Figures of a run on a page: which people may speak of, and how a value of one is written and read."""

from collections.abc import Iterable
from typing import get_args

from lessons.estimates.shown import digits
from lessons.interview import written
from lessons.interview.figures import figure
from lessons.interview.labels import figure_label, label
from lessons.interview.measured import Part
from lessons.interview.sheet import Station
from lessons.interview.units import FIGURES
from lessons.interview.written import Measure

PLAIN = (
    "visible_lag_ms.p99", "visible_lag_ms.p50", "visible_lag_ms.max", "fanout_lag_ms.p99", "home_ms.p99", "home_ms.p95",
    "home_ms.p50", "post_ms.p99", "queue_depth_peak", "peak.queue_depth_peak", "peak.drain_s", "timeline_hit_rate",
    "post_hit_rate", "deliveries", "write_amplification", "rows_per_read", "fresh_goodput", "failed_reads",
    "stale_reads", "incomplete_reads", "shed", "dead_lettered", "deleted.longest_s", "expiry.database_reads",
)  # fmt: skip
"""What may be spoken of on a page; utilisations of stations come behind them."""
STATIONS: tuple[Station, ...] = get_args(Station)
UTILISATIONS = tuple(f"stations.{name}.util" for name in STATIONS)


def offered(parts: Iterable[Part], scale: float) -> list[str]:
    """Figures that were measured in any of these runs."""
    there = list(parts)
    return [path for path in (*PLAIN, *UTILISATIONS) if any(figure(one, path, scale) is not None for one in there)]


def measure(path: str) -> Measure:
    """In which a value of this figure is written; a utilisation may be above one."""
    return "load" if path.endswith(".util") else written.measure_of(path)


def shown(path: str, value: float) -> str:
    """A value with its unit: "900 ms", "5M copies", "1.3M pairs/s", "70 %"."""
    unit, kind = FIGURES[path], measure(path)
    if unit == "share":
        return f"{digits(100 * value)} %"
    noun = unit.removesuffix("/s") if kind == "per_s" else unit if kind == "count" else ""
    return written.shown(value, kind, noun)


def read(path: str, text: str) -> float:
    """What somebody wrote as a value of this figure.

    Raises:
        InvalidInput: no number, or of another unit; says what is allowed.
    """
    return written.read(text, measure(path))


def station(name: str) -> str:
    """What a station is called."""
    return label("bottleneck", name)


__all__ = [
    "PLAIN", "STATIONS", "UTILISATIONS", "figure", "figure_label", "measure", "offered", "read", "shown", "station",
]  # fmt: skip
