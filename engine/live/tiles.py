"""The four tiles: a number, its window, its definition, and its last minute."""

from typing import Any

from engine.config import SloConfig
from engine.live.pulse import Pulse
from engine.live.series import LAG_WINDOW_S, WINDOW_S, Series, rounded, thinned
from engine.observe import words
from engine.observe.derived import QUEUE_DEPTH, TIMELINE_HIT_RATE
from engine.observe.metrics import Metric

TREND_S = 60.0
TREND_POINTS = 60
NOTHING = "–"
"""Shown where nothing was measured."""
_STILL_WAITING = "Here: the age of the oldest copy that still waits, which is more than the p99 of those delivered."

Tile = dict[str, Any]
"""As on the wire; `raw`, `slo` and `trend` in `unit`."""


def tiles(pulse: Pulse, series: Series, queue: int, slo: SloConfig, now_s: float, digits: int) -> list[Tile]:
    """Fan-out lag, home read, timeline hit rate, queue depth; numbers with `digits` significant digits."""
    points = series.between(now_s - TREND_S, now_s)
    lags = [max(pair, key=_or_less) / 1000 for pair in zip(points["lag_p99"], points["lag_oldest"], strict=True)]
    queued = [close + rest for close, rest in zip(points["queue_close"], points["queue_rest"], strict=True)]
    home_ms, hits = series.last("home_p99"), series.last("timeline_hit")
    return [
        _lag_tile(pulse, slo, lags, digits),
        {
            "metric": str(Metric.HOME_LATENCY),
            "label": "Home read p99",
            "value": NOTHING if home_ms != home_ms else words.millis(home_ms, digits),
            "raw": _number(home_ms),
            "unit": "ms",
            "window": f"last {WINDOW_S:.0f} s",
            "text": Metric.HOME_LATENCY.text,
            "kind": "queueing measured, prices modelled",
            "slo": slo.home_ms,
            "trend": _trend(points["home_p99"]),
        },
        {
            "metric": TIMELINE_HIT_RATE.name,
            "label": TIMELINE_HIT_RATE.label,
            "value": NOTHING if hits != hits else words.share(hits),
            "raw": _number(100 * hits),
            "unit": "%",
            "window": f"last {WINDOW_S:.0f} s",
            "text": TIMELINE_HIT_RATE.text,
            "kind": "measured",
            "slo": None,
            "trend": _trend([100 * share for share in points["timeline_hit"]]),
        },
        {
            "metric": QUEUE_DEPTH.name,
            "label": QUEUE_DEPTH.label,
            "value": f"{words.count(queue)} copies",
            "raw": queue,
            "unit": "copies",
            "window": "now",
            "text": QUEUE_DEPTH.text,
            "kind": "measured",
            "slo": None,
            "trend": _trend(queued),
        },
    ]


def _lag_tile(pulse: Pulse, slo: SloConfig, lags: list[float], digits: int) -> Tile:
    """The lag that verdict and chart end show too; where older copies still wait, it says so."""
    completed_s, oldest_s, lag_s = pulse.completed_s, pulse.oldest_s, pulse.lag_s
    still_waiting = oldest_s > (completed_s or 0.0)
    nothing = completed_s is None and not still_waiting
    return {
        "metric": str(Metric.FANOUT_LAG),
        "label": "Fan-out lag p99",
        "value": NOTHING if nothing else words.seconds(lag_s, digits),
        "raw": None if nothing else _number(lag_s),
        "unit": "s",
        "window": "still waiting" if still_waiting else f"last {LAG_WINDOW_S:.0f} s",
        "text": f"{Metric.FANOUT_LAG.text} {_STILL_WAITING}" if still_waiting else Metric.FANOUT_LAG.text,
        "kind": "waiting measured, service times modelled",
        "slo": slo.lag_ms / 1000,
        "trend": _trend(lags),
    }


def _trend(values: list[float]) -> list[float | None]:
    return rounded(thinned(values, TREND_POINTS))


def _number(value: float) -> float | None:
    return rounded([value])[0]


def _or_less(value: float) -> float:
    """For comparing with NaN, which is less than anything."""
    return float("-inf") if value != value else value
