"""Charts one under the other on one axis of virtual time: cause and effect stand side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.observe.metric import Metric
from pages.parts.palette import Palette, Style, base_axis, base_layout

Points = tuple[np.ndarray, np.ndarray]
"""(virtual seconds, values in the metric's unit), NaN where nothing was counted."""
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
HEADING_PX = 22
"""Of the first chart's heading; the others stand in the gaps."""


@dataclass(frozen=True)
class Row:
    """Where one metric's chart is."""

    metric: Metric
    axis: str
    """As traces and shapes name it: "y", "y2"."""
    domain: tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """How large everything is, in px. `above`: over the first chart, besides its heading."""

    row: int
    gap: int
    foot: int
    above: int = 0

    def plot(self, rows: int) -> int:
        """From the top of the first chart to the foot of the last."""
        return rows * self.row + (rows - 1) * self.gap

    @property
    def top(self) -> int:
        """Over the first chart."""
        return HEADING_PX + self.above


def stacked(
    charts: Sequence[Metric], frame: Frame, end_s: float, tops: Mapping[Metric, float], palette: Palette
) -> tuple[go.Figure, list[Row]]:
    """A figure without lines: a row with its heading and axis for each metric, from 0 to `end_s`.

    tops: the largest value of each; large ones are written short.
    """
    figure = go.Figure()
    plot_px = frame.plot(len(charts))
    layout: Style = base_layout(palette, frame.top + plot_px + frame.foot) | {
        "margin": {"l": 8, "r": 12, "t": frame.top, "b": frame.foot},
        "template": None,
        "showlegend": False,
        "hovermode": "x unified",
    }
    rows = []
    for number, metric in enumerate(charts):
        top = 1 - number * (frame.row + frame.gap) / plot_px
        domain = (max(top - frame.row / plot_px, 0.0), top)
        name = "yaxis" if number == 0 else f"yaxis{number + 1}"
        layout[name] = base_axis(palette) | {
            "domain": list(domain),
            "automargin": True,
            "rangemode": "tozero",
            "zeroline": False,
            "nticks": 4,
            "tickformat": "~s" if tops.get(metric, 0.0) >= 10_000 else ",",
        }
        figure.add_annotation(
            text=f"<b>{heading(metric)}</b>", x=0, xref="paper", xanchor="left", y=top, yref="paper", yanchor="bottom",
            showarrow=False, font={"color": palette.ink, "size": 13},
        )  # fmt: skip
        rows.append(Row(metric, name.replace("axis", ""), domain))
    layout["xaxis"] = base_axis(palette, "Virtual seconds") | {
        "anchor": rows[-1].axis,
        "range": [0, end_s],
        "zeroline": False,
        "automargin": True,
        "hoverformat": ".1f",
    }
    figure.update_layout(layout)
    return figure, rows


def heading(metric: Metric) -> str:
    """Title with unit, and what kind of number it is."""
    return f"{metric.label}{' p99' if metric.kind == 'latency' else ''}, {metric.unit} (measured)"


def line(row: Row, series: Points, label: str, look: Mapping[str, Any], *, legend: bool = False) -> dict[str, Any]:
    """A run's line in a row, with gaps where nothing was counted. legend: whether its name stands in the legend."""
    ends, values = series
    return {
        "type": "scatter",
        "x": ends.tolist(),
        "y": [None if np.isnan(value) else float(value) for value in values],
        "yaxis": row.axis,
        "mode": "lines",
        "name": label,
        "showlegend": legend,
        "legendgroup": label,
        "line": dict(look),
        "hovertemplate": f"%{{y:,.4~g}} {row.metric.unit}",
    }


def peak(series: Points) -> str:
    """The largest value and its instant, in words."""
    ends, values = series
    if np.isnan(values).all():
        return "nothing measured"
    top = int(np.nanargmax(values))
    return f"at most {float(values[top]):,.4g} at {ends[top]:g} s"


def highest(*lines: Points) -> float:
    """The largest value of several; 0 where there is none."""
    return max((float(np.nanmax(values)) for _, values in lines if not np.isnan(values).all()), default=0.0)
