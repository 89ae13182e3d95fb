"""Compare's pictures: what writing costs against what readers wait, and how long posts and pages take."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from engine.experiments.studies import MEASURES, Comparison, Estimate, Measure
from pages.parts.palette import Palette, Style, base_axis, base_layout
from pages.parts.strategy_look import looks

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
COST, LATENCY = "write_cost_s", "home_p99_ms"
_PARETO_PX, _ROW_PX, _LOW_ROW_PX, _FRAME_PX = 400, 32, 22, 72
_MOST_NAMED = 4
"""Strategies whose names stand beside their marks; of more the legend tells."""


def pareto_chart(found: Comparison, palette: Palette) -> go.Figure:
    """Writing cost against home p99; who is on the front has a ring, and a line joins them."""
    drawn = looks([column.strategy for column in found.columns], palette)
    x_of, y_of = MEASURES[COST], MEASURES[LATENCY]
    figure = go.Figure()
    known = [c for c in found.columns if c.estimates[COST].mean is not None and c.estimates[LATENCY].mean is not None]
    crowded = len(known) > _MOST_NAMED
    front = sorted((c for c in known if c.on_front), key=lambda c: c.estimates[COST].mean or 0.0)
    if front:
        figure.add_scatter(
            x=[c.estimates[COST].mean for c in front],
            y=[c.estimates[LATENCY].mean for c in front],
            mode="lines+markers",
            name="the front" if crowded else "the front: nobody beats these",
            line={"color": palette.quiet, "width": 1.5, "dash": "dot"},
            marker={"symbol": "circle-open", "size": 24, "color": palette.quiet, "line": {"width": 2}},
            hoverinfo="skip",
        )
    for place, column in enumerate(known):
        x, y = column.estimates[COST], column.estimates[LATENCY]
        look = drawn[column.strategy]
        figure.add_scatter(
            x=[x.mean],
            y=[y.mean],
            error_x=_bars(x, look.colour),
            error_y=_bars(y, look.colour),
            mode="markers",
            name=column.strategy,
            marker=look.marker,
            cliponaxis=False,
            showlegend=crowded,
            hovertemplate=f"{column.strategy}<br>{_told(x, x_of)}<br>{_told(y, y_of)}<extra></extra>",
        )
        if not crowded:
            figure.add_annotation(
                x=x.mean, y=y.mean, text=column.strategy, xanchor="left", xshift=10,
                yshift=18 if place % 2 == 0 else -18, showarrow=False, font={"color": palette.ink, "size": 13},
            )  # fmt: skip
    x_axis, y_axis = (_axis(palette, f"{m.label} ({m.unit}, {m.kind})") for m in (x_of, y_of))
    x_axis["range"] = _room([c.estimates[COST] for c in known])
    y_axis["range"] = _room([c.estimates[LATENCY] for c in known])
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    figure.update_layout(**base_layout(palette, _PARETO_PX + 80 * crowded), xaxis=x_axis, yaxis=y_axis, legend=legend)
    return figure


def latency_chart(found: Comparison, names: Sequence[tuple[str, str]], palette: Palette) -> go.Figure:
    """A line for each strategy, a mark for each measure with its interval: the first hollow, the last filled."""
    specs = [column.strategy for column in found.columns]
    drawn = looks(specs, palette)
    figure = go.Figure()
    for label, name in names:
        is_last = name == names[-1][1]
        marks = [drawn[spec].mark + ("" if is_last else "-open") for spec in specs]
        estimates = [column.estimates[name] for column in found.columns]
        figure.add_scatter(
            x=[each.mean for each in estimates],
            y=specs,
            error_x={
                "type": "data",
                "array": [each.half_width or 0.0 for each in estimates],
                "color": palette.quiet,
                "thickness": 2,
            },
            mode="markers",
            name=label,
            cliponaxis=False,
            showlegend=False,
            marker={"color": [drawn[spec].colour for spec in specs], "symbol": marks, "size": 11},
            hovertext=[f"{spec}<br>{_told(each, MEASURES[name])}" for spec, each in zip(specs, estimates, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    unit = MEASURES[names[0][1]]
    title = f"{unit.label.partition(',')[0]}, {' and '.join(label for label, _ in names)} ({unit.unit}, {unit.kind})"
    x_axis = _axis(palette, title) | {"rangemode": "tozero"}
    y_axis = _axis(palette) | {"autorange": "reversed", "type": "category", "ticksuffix": "  "}
    height = _FRAME_PX + (_ROW_PX if len(specs) <= _MOST_NAMED else _LOW_ROW_PX) * len(specs)
    figure.update_layout(**base_layout(palette, height), xaxis=x_axis, yaxis=y_axis)
    return figure


def _axis(palette: Palette, title: str = "") -> Style:
    return base_axis(palette, title) | {"automargin": True, "zeroline": False}


def _bars(found: Estimate, colour: str) -> dict[str, Any]:
    return {"type": "data", "array": [found.half_width or 0.0], "color": colour, "thickness": 1.5}


def _told(found: Estimate, measure: Measure) -> str:
    band = "" if found.low is None or found.high is None else f" ({found.low:,.4g} to {found.high:,.4g})"
    value = "nothing measured" if found.mean is None else f"{found.mean:,.4g} {measure.unit}"
    return f"{measure.label}: {value}{band}"


def _room(estimates: Sequence[Estimate]) -> list[float]:
    """A range with room for names and error bars at its edges, from below 0."""
    most = max((each.high if each.high is not None else each.mean or 0.0 for each in estimates), default=1.0) or 1.0
    return [-0.14 * most, 1.18 * most]
