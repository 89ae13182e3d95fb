"""Series of kept runs as charts; what they say is in words below them, and in the table of figures."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.experiments.history import overlay, with_unit
from engine.observe.metric import Metric
from pages.parts.palette import Palette, base_axis, base_layout

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
HEIGHT = 210
FIRST = (Metric.VISIBLE_LAG, Metric.HOME_LATENCY, Metric.QUEUE_REST, Metric.DELIVERIES)
"""What readers feel, then why."""
Series = Mapping[str, tuple[Any, Any]]
_DASHES = ("solid", "dash")


def heading(metric: Metric) -> str:
    """Title with unit."""
    return f"{metric.label}{' p99' if metric.kind == 'latency' else ''}, {metric.unit}"


def others(series: Sequence[Series]) -> list[Metric]:
    """What else was measured."""
    return [metric for metric in Metric if metric not in FIRST and any(metric in one for one in series)]


def series_chart(metric: Metric, names: Sequence[str], series: Sequence[Series], palette: Palette) -> go.Figure:
    """One metric over virtual time, a line for each run: the first solid, the second dashed."""
    traces = []
    colours = (palette.accent, palette.late)
    for number, (name, t_s, values) in enumerate(_lines(metric, names, series)):
        traces.append(
            {
                "type": "scatter",
                "x": t_s.tolist(),
                "y": [None if np.isnan(value) else float(value) for value in values],
                "mode": "lines",
                "name": name,
                "line": {"color": colours[number], "width": 2, "dash": _DASHES[number]},
                "hovertemplate": f"{name}: %{{y:,.4~g}} {metric.unit} at %{{x}} s<extra></extra>",
            }
        )
    layout = {
        **base_layout(palette, HEIGHT),
        "template": None,
        "showlegend": len(traces) > 1,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": base_axis(palette, "Virtual seconds") | {"automargin": True, "rangemode": "tozero", "zeroline": False},
        "yaxis": base_axis(palette) | {"automargin": True, "rangemode": "tozero", "zeroline": False, "tickformat": ","},
    }
    return go.Figure(traces, layout)


def in_words(metric: Metric, names: Sequence[str], series: Sequence[Series]) -> str:
    """The same for those who cannot see it."""
    told = []
    for name, t_s, values in _lines(metric, names, series):
        if not len(values) or np.isnan(values).all():
            told.append(f"{name}: nothing measured")
            continue
        top = int(np.nanargmax(values))
        told.append(f"{name}: at most {with_unit(float(values[top]), metric.unit)} at {t_s[top]:g} s")
    return "; ".join(told) + "."


def _lines(metric: Metric, names: Sequence[str], series: Sequence[Series]) -> list[tuple[str, Any, Any]]:
    laid = {found.metric: found for found in overlay(*series)}
    if metric not in laid:
        return [(name, np.empty(0), np.empty(0)) for name in names]
    return [(name, laid[metric].t_s, values) for name, values in zip(names, laid[metric].values, strict=True)]
