"""The charts of the Load lab: which series each draws, under which name, and its definition from the engine."""

from typing import Any

from engine.observe.derived import POST_HIT_RATE, QUEUE_DEPTH, ROWS_PER_READ, TIMELINE_HIT_RATE, WRITE_AMPLIFICATION
from engine.observe.metric import Metric


def _line(keys: str, label: str, role: str = "main", scale: float = 1.0) -> dict[str, Any]:
    """One line: the series of the wire that it shows (of several, the largest), in the unit of its chart."""
    return {"keys": keys.split(), "label": label, "role": role, "scale": scale}


MAIN = [
    {
        "id": "lag",
        "title": "Fan-out lag",
        "unit": "s",
        "slo": "lag",
        "ghost": "lag_p99",
        "text": f"{Metric.FANOUT_LAG.text} Where an older copy still waits, the solid line is its age.",
        "series": [
            _line("lag_p99 lag_oldest", "lag", scale=0.001),
            _line("lag_p99", "p99 of delivered", "second", 0.001),
        ],
    },
    {
        "id": "queue",
        "title": "Queue depth",
        "unit": "copies",
        "ghost": "queue",
        "text": QUEUE_DEPTH.text,
        "series": [
            _line("queue_rest", "everybody else", "area"),
            _line("queue_close", "close friends", "area2"),
        ],
    },
    {
        "id": "home",
        "title": "Home read",
        "unit": "ms",
        "slo": "home",
        "ghost": "home_p99",
        "text": Metric.HOME_LATENCY.text,
        "series": [_line("home_p99", "p99"), _line("home_p50", "p50", "second")],
    },
]
"""Stacked on one time axis, beside the canvas."""

MORE = [
    {
        "id": "visible",
        "title": "Visible lag p99",
        "unit": "s",
        "slo": "lag",
        "text": Metric.VISIBLE_LAG.text,
        "series": [_line("visible_p99", "p99", scale=0.001)],
    },
    {
        "id": "fresh",
        "title": "Fresh goodput",
        "unit": "pairs/s",
        "text": f"{Metric.FRESH_PAIRS.text} Dotted, the throughput: all pairs, however late.",
        "series": [_line("fresh_per_s", "in time"), _line("visible_per_s", "all", "second")],
    },
    {
        "id": "hits",
        "title": "Hit rate",
        "unit": "%",
        "top": 100,
        "text": f"Timeline: {TIMELINE_HIT_RATE.text} Post cache: {POST_HIT_RATE.text}",
        "series": [
            _line("timeline_hit", "timeline", scale=100),
            _line("post_hit", "post cache", "second", 100),
        ],
    },
    {
        "id": "deliveries",
        "title": "Deliveries",
        "unit": "copies/s",
        "text": Metric.DELIVERIES.text,
        "series": [_line("deliveries_per_s", "copies")],
    },
    {
        "id": "amplification",
        "title": "Write amplification",
        "unit": "copies/post",
        "text": WRITE_AMPLIFICATION.text,
        "series": [_line("amplification", "copies a post")],
    },
    {
        "id": "rows",
        "title": "Rows per read",
        "unit": "rows/page",
        "text": ROWS_PER_READ.text,
        "series": [_line("rows_per_read", "rows a page")],
    },
    {
        "id": "failed",
        "title": "Failed hydrations",
        "unit": "posts/s",
        "text": Metric.FAILED_HYDRATIONS.text,
        "series": [_line("failed_hydrations", "posts")],
    },
]
"""Opened with *More charts*."""


def chart_list() -> dict[str, Any]:
    """Both groups, as plain data for the browser."""
    return {"main": MAIN, "more": MORE}
