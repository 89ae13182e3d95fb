"""What a story's run did, chart under chart: the faults' spans, what broke first, what was predicted."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from engine.experiments.stories import Breach, Told, WellAfter
from engine.observe.metric import Metric
from pages.parts.palette import Palette, Style, base_axis, base_layout
from pages.parts.strategy_look import looks

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
_ROW_PX, _GAP_PX, _FOOT_PX = 104, 32, 40
_HEADING_PX, _MARK_PX = 20, 17
"""Above the first chart: its heading, then a line for each fault."""
_PROMISES = {Metric.HOME_LATENCY: "slo.home_ms", Metric.VISIBLE_LAG: "slo.lag_ms"}
_SEEN_FROM = 0.4
"""A promise is drawn where the line comes near it; else it would press the line to the ground."""


class Bet(NamedTuple):
    """Where a prediction is drawn: the frame around a chart, or around the part of it where it would be well again."""

    chart: Metric
    from_s: float | None
    until_s: float | None
    label: str


def bet_of(key: str, told: Told) -> Bet | None:
    """What an answer says about the charts; None where it says that nothing would be seen."""
    answer = told.story.answer
    if isinstance(answer, WellAfter):
        end_s = told.debrief.faults_end_s
        spans: dict[str, tuple[float, float | None]] = {
            "soon": (end_s, end_s + answer.soon_s),
            "later": (end_s + answer.soon_s, told.debrief.seconds),
            "never": (told.debrief.seconds, None),
        }
        return Bet(answer.chart, *spans[key], "predicted: well in here") if key in spans else None
    return Bet(Metric(key), None, None, "predicted: this first") if key in set(map(str, Metric)) else None


def heading(metric: Metric) -> str:
    """Title with unit, and what kind of number it is."""
    return f"{metric.label}{' p99' if metric.kind == 'latency' else ''}, {metric.unit} (measured)"


def charted(told: Told) -> list[Metric]:
    """The story's charts; the one in which something broke first is among them."""
    watched = list(told.story.watch)
    first = told.debrief.breaches[:1]
    return [breach.chart for breach in first if breach.chart not in watched] + watched


def story_chart(
    told: Told, other: Told | None, charts: Sequence[Metric], bet: Bet | None, palette: Palette
) -> go.Figure:
    """One row for each metric; `other`, the run with nothing switched on, lies below as a dashed line.

    `bet`: what was predicted, framed with dashes.
    """
    figure = go.Figure()
    rows = len(charts)
    plot_px = rows * _ROW_PX + (rows - 1) * _GAP_PX
    top_px = _HEADING_PX + _MARK_PX * (len(told.marks) + (other is not None))
    height = top_px + plot_px + _FOOT_PX
    strategy = str(told.report["config"]["strategy"])
    colour = looks([strategy], palette)[strategy].colour
    layout: Style = base_layout(palette, height) | {
        "margin": {"l": 8, "r": 12, "t": top_px, "b": _FOOT_PX},
        "template": None,
        "showlegend": other is not None,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1 + top_px / plot_px, "yanchor": "top"},
        "hovermode": "x unified",
    }
    until_s = _end(told, charts)
    for number, metric in enumerate(charts):
        top = 1 - number * (_ROW_PX + _GAP_PX) / plot_px
        domain = [top - _ROW_PX / plot_px, top]
        name = "yaxis" if number == 0 else f"yaxis{number + 1}"
        layout[name] = base_axis(palette) | {
            "domain": [max(domain[0], 0.0), domain[1]],
            "automargin": True,
            "rangemode": "tozero",
            "zeroline": False,
            "nticks": 4,
            "tickformat": "~s" if _top(told, other, metric) >= 10_000 else ",",
        }
        axis = name.replace("axis", "")
        for run, line, label in _lines(told, other, colour, palette):
            figure.add_trace(_trace(run, metric, axis, line, label, show=number == 0))
        figure.add_annotation(
            text=f"<b>{heading(metric)}</b>", x=0, xref="paper", xanchor="left", y=top, yref="paper", yanchor="bottom",
            showarrow=False, font={"color": palette.ink, "size": 13},
        )  # fmt: skip
        _promise(figure, told, other, metric, axis, palette)
        _breaches(figure, told, metric, axis, palette, until_s)
        if bet is not None and metric is bet.chart:
            _bet(figure, bet, domain, until_s, palette)
    layout["xaxis"] = base_axis(palette, "Virtual seconds") | {
        "anchor": "y" if rows == 1 else f"y{rows}",
        "range": [0, until_s],
        "zeroline": False,
        "automargin": True,
        "hoverformat": ".1f",
    }
    _spans(figure, told, palette)
    figure.update_layout(layout)
    return figure


def in_words(told: Told, other: Told | None, charts: Sequence[Metric]) -> str:
    """The same for those who cannot see it."""
    parts = []
    for metric in charts:
        peaks = [_peak(run, metric) for run in (told, other) if run is not None]
        beside = f" (with nothing on: {peaks[1]})" if other is not None else ""
        parts.append(f"{heading(metric)}: {peaks[0]}{beside}")
    marks = "; ".join(f"{label} from {at_s:g} s to {until_s:g} s" for at_s, until_s, label in told.marks)
    return f"{marks}. {'. '.join(parts)}."


def _lines(told: Told, other: Told | None, colour: str, palette: Palette) -> Iterator[tuple[Told, dict[str, Any], str]]:
    """The run before first, so that the new one lies over it."""
    if other is not None:
        yield other, {"color": palette.quiet, "width": 2, "dash": "4px,3px"}, "nothing on"
    yield told, {"color": colour, "width": 2.5}, "this run" if other is None else "switched on"


def _trace(run: Told, metric: Metric, axis: str, line: dict[str, Any], label: str, *, show: bool) -> dict[str, Any]:
    ends, values = run.series[metric]
    return {
        "type": "scatter",
        "x": ends.tolist(),
        "y": [None if np.isnan(value) else float(value) for value in values],
        "yaxis": axis,
        "mode": "lines",
        "name": label,
        "showlegend": show,
        "legendgroup": label,
        "line": line,
        "hovertemplate": f"{metric.label}: %{{y:,.4~g}} {metric.unit}",
    }


def _spans(figure: go.Figure, told: Told, palette: Palette) -> None:
    """Through all charts: from when to when something was broken, named at the top."""
    for place, (at_s, until_s, label) in enumerate(told.marks):
        long = until_s > at_s
        figure.add_shape(
            type="rect", xref="x", yref="paper", x0=at_s, x1=until_s if long else at_s, y0=0, y1=1, layer="below",
            line={"width": 0 if long else 2, "color": palette.failed},
            fillcolor=palette.failed, opacity=0.16 if long else 0.9,
        )  # fmt: skip
        figure.add_annotation(
            text=f"▼ {label}", x=at_s, xref="x", xanchor="left", y=1, yref="paper",
            yshift=_HEADING_PX + _MARK_PX * place, yanchor="bottom",
            showarrow=False, font={"color": palette.failed, "size": 13},
        )  # fmt: skip


def _promise(figure: go.Figure, told: Told, other: Told | None, metric: Metric, axis: str, palette: Palette) -> None:
    knob = _PROMISES.get(metric)
    if knob is None:
        return
    limit = float(told.report["config"][knob])
    if _top(told, other, metric) < _SEEN_FROM * limit:
        return
    figure.add_shape(
        type="line", xref="paper", x0=0, x1=1, yref=axis, y0=limit, y1=limit,
        line={"color": palette.ink, "width": 1, "dash": "dot"},
    )  # fmt: skip
    figure.add_annotation(
        text="promise", x=0, xref="paper", xanchor="left", xshift=4, y=limit, yref=axis, yanchor="bottom",
        showarrow=False, font={"color": palette.ink, "size": 12},
    )  # fmt: skip


def _breaches(figure: go.Figure, told: Told, metric: Metric, axis: str, palette: Palette, until_s: float) -> None:
    """When it could first be seen in this chart that something is wrong; the very first is named."""
    for place, breach in enumerate(told.debrief.breaches):
        if breach.chart is not metric:
            continue
        height = _at(told, breach)
        figure.add_trace(
            {
                "type": "scatter",
                "x": [breach.at_s],
                "y": [height],
                "yaxis": axis,
                "mode": "markers",
                "name": breach.what,
                "showlegend": False,
                "cliponaxis": False,
                "marker": {
                    "symbol": "diamond" if place == 0 else "diamond-open",
                    "size": 13 if place == 0 else 10,
                    "color": palette.late,
                    "line": {"width": 2, "color": palette.late},
                },
                "hovertemplate": f"{place + 1}. {breach.what}<extra></extra>",
            }
        )
        if place == 0:
            right = breach.at_s < 0.55 * until_s
            figure.add_annotation(
                text=f"<b>First: {breach.what.lower()}, {breach.at_s:g} s</b>", x=breach.at_s, xref="x", y=height,
                yref=axis, xanchor="left" if right else "right", xshift=12 if right else -12, yanchor="bottom",
                showarrow=False, font={"color": palette.late, "size": 13},
            )  # fmt: skip


def _bet(figure: go.Figure, bet: Bet, domain: Sequence[float], until_s: float, palette: Palette) -> None:
    low = {"x0": 0.0 if bet.from_s is None else bet.from_s, "y0": max(domain[0], 0.0)}
    high = {"x1": until_s if bet.until_s is None else bet.until_s, "y1": domain[1]}
    figure.add_shape(
        type="rect", xref="x", yref="paper", **low, **high, line={"color": palette.accent, "width": 2, "dash": "dash"}
    )
    figure.add_annotation(
        text=f"<b>{bet.label}</b>", x=1, xref="paper", xanchor="right", y=domain[1], yref="paper",
        yanchor="bottom", showarrow=False, font={"color": palette.accent, "size": 13},
    )  # fmt: skip


def _at(told: Told, breach: Breach) -> float:
    """Where the line is at the instant of a breach."""
    ends, values = told.series[breach.chart]
    near = int(np.argmin(np.abs(ends - breach.at_s)))
    return 0.0 if np.isnan(values[near]) else float(values[near])


def _end(told: Told, charts: Sequence[Metric]) -> float:
    return max(float(told.series[metric][0][-1]) for metric in charts)


def _top(told: Told, other: Told | None, metric: Metric) -> float:
    values = [run.series[metric][1] for run in (told, other) if run is not None]
    return max((float(np.nanmax(each)) for each in values if not np.isnan(each).all()), default=0.0)


def _peak(run: Told, metric: Metric) -> str:
    ends, values = run.series[metric]
    if np.isnan(values).all():
        return "nothing measured"
    top = int(np.nanargmax(values))
    return f"at most {float(values[top]):,.4g} at {ends[top]:g} s"
