"""The points of the live charts, one for each half second: the very numbers that tiles and verdict show.

Everything is computed from `Metrics` when somebody looks, but for the age of the oldest waiting copy, which has to be
taken at its instant.
"""

import math
from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np

from engine.clock import NS_PER_MS, NS_PER_S
from engine.domain import F64
from engine.observe.metrics import SLOT_NS, Metric, Metrics

LAG_WINDOW_S = 2.0
"""Copies of which the lag is told. Short, so that tile, verdict and crowd agree while a line drains: over ten seconds
the tile would still say the peak when everybody has caught up."""
WINDOW_S = 10.0
"""Window of home reads and of shares, of which there are fewer, and which drain at once."""
RATE_S = 1.0
KEPT = 1_200
"""Points: ten virtual minutes."""

KEYS = (
    "t", "lag_p99", "lag_oldest", "queue_close", "queue_rest", "home_p99", "home_p50", "visible_p99", "fresh_per_s",
    "visible_per_s", "timeline_hit", "post_hit", "deliveries_per_s", "amplification", "rows_per_read",
    "failed_hydrations",
)  # fmt: skip
"""As on the wire: t in seconds, latencies in ms, shares 0 to 1."""

Columns = dict[str, list[float]]
"""By key, NaN where nothing was measured."""


class Series:
    """The newest points of one world."""

    def __init__(self) -> None:
        self.columns: dict[str, deque[float]] = {key: deque(maxlen=KEPT) for key in KEYS}
        self._oldest_ms: dict[int, float] = {}
        self._ends_at = 0
        """The slot after the last point."""

    def note_oldest(self, at_ns: int, age_ns: int) -> None:
        """The age of the oldest waiting copy at the end of a slot."""
        self._oldest_ms[at_ns // SLOT_NS] = age_ns / NS_PER_MS
        if len(self._oldest_ms) > 2 * KEPT:
            for slot in sorted(self._oldest_ms)[:-KEPT]:
                del self._oldest_ms[slot]

    def extend(self, metrics: Metrics, now_ns: int) -> Columns:
        """Compute the points of all slots that ended since the last call, `KEPT` at most; returns the new ones."""
        end = now_ns // SLOT_NS
        first = max(self._ends_at, end - KEPT)
        if end <= first:
            return {key: [] for key in KEYS}
        fresh = self._points(metrics, first, end)
        self._ends_at = end
        for key, values in fresh.items():
            self.columns[key].extend(values)
        return fresh

    def last(self, key: str) -> float:
        """The newest point; NaN where there is none."""
        column = self.columns[key]
        return column[-1] if column else math.nan

    def between(self, from_s: float, to_s: float) -> Columns:
        """The points with from_s < t <= to_s."""
        times = list(self.columns["t"])
        first, last = np.searchsorted(times, [from_s, to_s], side="right").tolist()
        return {key: list(column)[first:last] for key, column in self.columns.items()}

    def _points(self, metrics: Metrics, first: int, end: int) -> Columns:
        """Columns of the slots first .. end - 1, each over a window that ends with its slot."""
        window = _Window(metrics, first, end)
        lag = window.quantiles(Metric.FANOUT_LAG, LAG_WINDOW_S, (0.99,))
        home = window.quantiles(Metric.HOME_LATENCY, WINDOW_S, (0.99, 0.5))
        visible = window.quantiles(Metric.VISIBLE_LAG, LAG_WINDOW_S, (0.99,))
        posts, reads = window.sums(Metric.POSTS, WINDOW_S), window.sums(Metric.READS, WINDOW_S)
        columns = {
            "t": np.arange(first + 1, end + 1) * (SLOT_NS / NS_PER_S),
            "lag_p99": lag[0],
            "lag_oldest": np.array([self._oldest_ms.get(slot + 1, 0.0) for slot in range(first, end)]),
            "queue_close": window.levels(Metric.QUEUE_CLOSE),
            "queue_rest": window.levels(Metric.QUEUE_REST),
            "home_p99": home[0],
            "home_p50": home[1],
            "visible_p99": visible[0],
            "fresh_per_s": window.sums(Metric.FRESH_PAIRS, RATE_S) / RATE_S,
            "visible_per_s": window.recorded(Metric.VISIBLE_LAG, RATE_S) / RATE_S,
            "timeline_hit": window.share(Metric.TIMELINE_HITS, Metric.TIMELINE_MISSES),
            "post_hit": window.share(Metric.BODY_HITS, Metric.BODY_MISSES),
            "deliveries_per_s": window.sums(Metric.DELIVERIES, RATE_S) / RATE_S,
            "amplification": _quotient(window.sums(Metric.DELIVERIES, WINDOW_S), posts),
            "rows_per_read": _quotient(window.sums(Metric.ROWS_READ, WINDOW_S), reads),
            "failed_hydrations": window.sums(Metric.FAILED_HYDRATIONS, RATE_S) / RATE_S,
        }
        return {key: columns[key].tolist() for key in KEYS}


class _Window:
    """Metrics over windows that end with each of the slots first .. end - 1; arrays of shape (end - first,)."""

    def __init__(self, metrics: Metrics, first: int, end: int) -> None:
        self._metrics, self._first, self._end = metrics, first, end

    def quantiles(self, metric: Metric, seconds: float, qs: tuple[float, ...]) -> F64:
        """In ms, shape (len(qs), slots); NaN where nothing was recorded."""
        values = np.full((len(qs), self._end - self._first), np.nan)
        for place, slot in enumerate(range(self._first + 1, self._end + 1)):
            histogram = self._metrics.latency_in(metric, slot * SLOT_NS, seconds)
            if histogram.count:
                values[:, place] = [(histogram.quantile(q) or 0.0) / NS_PER_MS for q in qs]
        return values

    def recorded(self, metric: Metric, seconds: float) -> F64:
        """How many latencies."""
        ends = range(self._first + 1, self._end + 1)
        counts = [self._metrics.latency_in(metric, slot * SLOT_NS, seconds).count for slot in ends]
        return np.array(counts, np.float64)

    def sums(self, metric: Metric, seconds: float) -> F64:
        """Sums of a count."""
        width = round(seconds * NS_PER_S / SLOT_NS)
        amounts = self._slots(metric, self._first - width + 1) * (SLOT_NS / NS_PER_S)
        return np.convolve(amounts, np.ones(width), mode="valid")

    def share(self, hits: Metric, misses: Metric) -> F64:
        """hits / (hits + misses); NaN where neither happened."""
        hit = self.sums(hits, WINDOW_S)
        return _quotient(hit, hit + self.sums(misses, WINDOW_S))

    def levels(self, metric: Metric) -> F64:
        """A level at each slot's end; 0 before it was first taken."""
        return np.nan_to_num(self._slots(metric, self._first))

    def _slots(self, metric: Metric, first: int) -> F64:
        """The series of a count or level for slots first .. end - 1; zeros for those that are not kept."""
        _, values = self._metrics.series(metric, first * SLOT_NS, until_ns=self._end * SLOT_NS)
        missing = self._end - first - len(values)
        return np.concatenate([np.zeros(max(missing, 0)), values[-(self._end - first) :]])


def _quotient(above: F64, below: F64) -> F64:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def to_wire(columns: Columns) -> dict[str, list[float | None]]:
    """For JSON: four significant digits, null where nothing was measured; times as they are."""
    return {key: values if key == "t" else rounded(values) for key, values in columns.items()}  # type: ignore[misc]


def rounded(values: Iterable[float]) -> list[float | None]:
    """Four significant digits; None for NaN."""
    return [None if math.isnan(value) else float(f"{value:.4g}") for value in values]


def thinned(values: list[Any], most: int) -> list[Any]:
    """Every k-th value, counted from the last, `most` of them at the most."""
    step = max(-(-len(values) // most), 1)
    return values[::-1][::step][::-1]
