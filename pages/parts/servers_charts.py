"""The charts of a world on real servers: the Load lab's own, of what is measured in wall time."""

from typing import Any

from engine.cluster.room import LAG_TEXT, MEASURED, QUEUE_TEXT
from pages.parts.chart_list import MAIN, MORE

_LAG, _QUEUE, _ = MAIN
_DELIVERIES = next(chart for chart in MORE if chart["id"] == "deliveries")
_HOW = f"{MEASURED[0].upper()}{MEASURED[1:]}."

CHARTS: list[dict[str, Any]] = [
    {
        "id": _LAG["id"],
        "title": _LAG["title"],
        "unit": _LAG["unit"],
        "slo": _LAG["slo"],
        "text": f"{LAG_TEXT} Where an older job still waits, the solid line is its age. {_HOW}",
        "series": [
            {"keys": ["lag_p99", "lag_oldest"], "label": "p99", "role": "main", "scale": 0.001},
            {"keys": ["lag_p50"], "label": "p50", "role": "second", "scale": 0.001},
        ],
    },
    {
        "id": _QUEUE["id"],
        "title": _QUEUE["title"],
        "unit": "jobs",
        "text": f"{QUEUE_TEXT} {_HOW}",
        "series": [
            {"keys": ["queue_waiting"], "label": "waiting", "role": "area", "scale": 1.0},
            {"keys": ["queue_taken"], "label": "in hand", "role": "area2", "scale": 1.0},
        ],
    },
    {**_DELIVERIES, "text": f"{_DELIVERIES['text'].removesuffix('Measured.')}{_HOW}"},
]
"""Stacked on one time axis; the series are those of `engine.cluster.watch`."""
