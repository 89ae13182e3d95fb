"""Sweep's pictures: a measure over one knob, both bills over the threshold, and who wins over two knobs."""

from collections.abc import Sequence

import plotly.graph_objects as go

from engine.experiments.studies import (
    MEASURES,
    Axis,
    Curves,
    Estimate,
    Point,
    Sweep,
    banded,
    value_in_words,
    winner_in_words,
)
from pages.parts.palette import Palette, Style, base_axis, base_layout
from pages.parts.strategy_look import Drawn, looks

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
_CHART_PX, _ROW_PX, _FRAME_PX = 400, 44, 90
_BAND, _CELL, _PALE, _MARK = 0.22, 0.5, 0.2, 9
_LOG_FROM = 10
"""An axis is logarithmic when its largest value is so many times its smallest."""
_LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}


def measure_chart(found: Sweep, name: str, palette: Palette) -> go.Figure:
    """A measure over one knob: a line with its band for each strategy."""
    (axis,) = found.request.vary
    measure = MEASURES[name]
    figure = go.Figure()
    for spec, look in looks(found.request.strategies, palette).items():
        _banded_line(figure, found, axis, spec, measure.name, spec, look)
    up = f"{measure.label} ({measure.unit}, {measure.kind})"
    return _laid_out(figure, axis, up, palette)


def bills_chart(found: Sweep, curves: Curves, palette: Palette) -> go.Figure:
    """What writing and what reading cost under one strategy, both together, and where the two cross."""
    (axis,) = found.request.vary
    spec = curves.strategy
    look = looks(found.request.strategies, palette)[spec]
    figure = go.Figure()
    lines = (
        ("write_cost_s", "writing: fan-out", Drawn(look.colour, "solid", "circle")),
        ("read_cost_s", "reading: home", Drawn(palette.accent, "6px,4px", "square")),
        ("machine_s", "all machines", Drawn(palette.quiet, "2px,3px", "diamond")),
    )
    for name, label, drawn in lines:
        _banded_line(figure, found, axis, spec, name, label, drawn)
    at = curves.crossing.at
    if at.mean is not None:
        figure.add_vline(at.mean, line={"color": palette.quiet, "width": 2, "dash": "dot"})
        if at.low is not None and at.high is not None and at.low > 0:
            figure.add_vrect(at.low, at.high, fillcolor=palette.quiet, opacity=0.25, line_width=0)
        figure.add_scatter(
            x=[at.mean], y=[_top(found, spec)], mode="text", text=[f" both equal at {at.mean:.3g}"],
            textposition="middle right",
            textfont={"color": palette.ink, "size": 13}, showlegend=False, hoverinfo="skip", cliponaxis=False,
        )  # fmt: skip
    return _laid_out(figure, axis, "Machine time (machine s, modelled)", palette)


def heat_chart(found: Sweep, palette: Palette) -> go.Figure:
    """Who wins at every point of two knobs: the winner's colour and name; a tie is marked by '=' and has no colour."""
    down, across = found.request.vary
    drawn = looks(found.request.strategies, palette)
    specs = list(drawn)
    width = len(across.values)
    rows = [found.points[start : start + width] for start in range(0, len(found.points), width)]
    bands = ["rgba(0,0,0,0)", *(drawn[spec].tint(share) for share in (_CELL, _PALE) for spec in specs)]
    steps = [[min(1.0, edge / len(bands)), colour] for i, colour in enumerate(bands) for edge in (i, i + 1)]
    figure = go.Figure(
        go.Heatmap(
            z=[[_winner_number(point, specs) for point in row] for row in rows],
            x=[value_in_words(value) for value in across.values],
            y=[value_in_words(value) for value in down.values],
            zmin=0,
            zmax=len(bands),
            colorscale=steps,
            showscale=False,
            xgap=2,
            ygap=2,
            text=[[winner_in_words(point) for point in row] for row in rows],
            texttemplate="%{text}",
            textfont={"color": palette.ink, "size": 13},
            hovertext=[[_cell_told(found, point) for point in row] for row in rows],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    category: Style = {"type": "category", "automargin": True, "showgrid": False}
    figure.update_layout(
        **base_layout(palette, max(_CHART_PX // 2, _FRAME_PX + _ROW_PX * len(rows))),
        xaxis=base_axis(palette, _titled(across)) | category,
        yaxis=base_axis(palette, _titled(down)) | category,
    )
    return figure


def _top(found: Sweep, spec: str) -> float:
    """The highest place of the bills' chart."""
    place = found.request.strategies.index(spec)
    totals = [point.columns[place].estimates["machine_s"] for point in found.points]
    return max((_end(each, each.high) or 0.0 for each in totals), default=0.0)


def _winner_number(point: Point, specs: Sequence[str]) -> float:
    """The middle of the winner's band of colour, pale where that is not sure; of none where nobody wins alone."""
    winner = point.winner
    if not winner.best or winner.tie or not point.replications:
        return 0.5
    return specs.index(winner.best[0]) + 1.5 + (0 if winner.sure else len(specs))


def _cell_told(found: Sweep, point: Point) -> str:
    measure = MEASURES[found.request.measure]
    figures = [f"{c.strategy}: {banded(c.estimates[measure.name], measure)} {measure.unit}" for c in point.columns]
    return "<br>".join([f"{winner_in_words(point)}, of {point.replications} replications", *figures])


def _banded_line(figure: go.Figure, found: Sweep, axis: Axis, spec: str, name: str, label: str, look: Drawn) -> None:
    """Means as a line, their intervals as a band; over values that are no numbers as marks with bars."""
    place = found.request.strategies.index(spec)
    known = [
        (point.at[axis.name], estimate)
        for point in found.points
        if (estimate := point.columns[place].estimates[name]).mean is not None
    ]
    if axis.numeric:
        known.sort(key=lambda pair: float(pair[0]))
    x = [value if axis.numeric else value_in_words(value) for value, _ in known]
    estimates = [estimate for _, estimate in known]
    if axis.numeric:
        figure.add_scatter(
            x=[*x, *reversed(x)],
            y=[_end(each, each.high) for each in estimates] + [_end(each, each.low) for each in reversed(estimates)],
            fill="toself",
            fillcolor=look.tint(_BAND),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
        )
    bars = {"type": "data", "array": [each.half_width or 0.0 for each in estimates], "color": look.colour}
    measure = MEASURES[name]
    figure.add_scatter(
        x=x,
        y=[each.mean for each in estimates],
        error_y=None if axis.numeric else bars,
        mode="lines+markers" if axis.numeric else "markers",
        name=label,
        line={"color": look.colour, "width": 2, "dash": look.dash},
        marker={"color": look.colour, "symbol": look.mark, "size": _MARK},
        cliponaxis=False,
        hovertext=[
            f"{label} at {value_in_words(value)}<br>{banded(each, measure)} {measure.unit}" for value, each in known
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _end(found: Estimate, end: float | None) -> float | None:
    return found.mean if end is None else end


def _laid_out(figure: go.Figure, axis: Axis, up: str, palette: Palette) -> go.Figure:
    across: Style = base_axis(palette, _titled(axis) + (", log" if _is_log(axis) else "")) | {"automargin": True}
    if _is_log(axis):
        across |= {"type": "log", "tickvals": list(axis.values), "ticktext": [value_in_words(v) for v in axis.values]}
    elif not axis.numeric:
        across |= {"type": "category"}
    figure.update_layout(
        **base_layout(palette, _CHART_PX),
        xaxis=across,
        yaxis=base_axis(palette, up) | {"rangemode": "tozero", "automargin": True, "zeroline": False},
        legend=_LEGEND,
    )
    return figure


def _is_log(axis: Axis) -> bool:
    if not axis.numeric:
        return False
    values = [float(value) for value in axis.values]
    return min(values) > 0 and max(values) >= _LOG_FROM * min(values)


def _titled(axis: Axis) -> str:
    return axis.name + (f" ({axis.unit})" if axis.unit else "")
