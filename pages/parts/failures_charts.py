"""What a story's run did, chart under chart: the faults' spans, what broke first, what was predicted."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from engine.experiments.stories import Breach, Told, WellAfter
from engine.observe.metric import Metric
from pages.parts.failures_place import ROW_PX, free_place
from pages.parts.palette import Palette
from pages.parts.stacked import HEADING_PX, Frame, heading, highest, line, peak, stacked
from pages.parts.strategy_look import looks

_GAP_PX, _FOOT_PX = 32, 40
_MARK_PX, _LEGEND_PX = 17, 26
"""Above the first chart's heading: a line for each fault and event, the legend of two runs."""
_ROOM = 1.12
"""The charts reach so much higher than what is in them."""
_PROMISES = {Metric.HOME_LATENCY: "slo.home_ms", Metric.VISIBLE_LAG: "slo.lag_ms"}
_ENDED_EARLY_S = 5.0
"""From here on the end of the load is marked: something went on without it."""
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
    until_s = _end(told, other, charts)
    marks = _marks(told, until_s, palette)
    above = _MARK_PX * len(marks) + _LEGEND_PX * (other is not None)
    frame = Frame(row=ROW_PX, gap=_GAP_PX, foot=_FOOT_PX, above=above)
    figure, rows = stacked(charts, frame, until_s, {metric: _top(told, other, metric) for metric in charts}, palette)
    figure.update_layout(
        showlegend=other is not None,
        legend={
            "orientation": "h", "x": 1, "xanchor": "right", "yanchor": "top",
            "y": 1 + frame.top / frame.plot(len(rows)),
        },
    )  # fmt: skip
    strategy = str(told.report["config"]["strategy"])
    colour = looks([strategy], palette)[strategy].colour
    for number, row in enumerate(rows):
        figure.update_layout({row.axis.replace("y", "yaxis"): {"range": [0, _high(told, other, row.metric)]}})
        for run, look, label in _lines(told, other, colour, palette):
            figure.add_trace(line(row, run.series[row.metric], label, look, legend=number == 0))
        _promise(figure, told, other, row.metric, row.axis, palette)
        _breaches(figure, told, row.metric, row.axis, palette)
        first = told.debrief.breaches[:1]
        if first and first[0].chart is row.metric:
            _name_first(figure, first[0], told, other, row.axis, palette, until_s)
        if bet is not None and row.metric is bet.chart:
            _bet(figure, bet, row.domain, until_s, palette)
    for place, mark in enumerate(reversed(marks)):
        _drawn(figure, mark, place, [row.domain for row in rows])
    return figure


def in_words(told: Told, other: Told | None, charts: Sequence[Metric]) -> str:
    """The same for those who cannot see it."""
    parts = []
    for metric in charts:
        peaks = [peak(run.series[metric]) for run in (told, other) if run is not None]
        beside = f" (with nothing on: {peaks[1]})" if other is not None else ""
        parts.append(f"{heading(metric)}: {peaks[0]}{beside}")
    marks = [
        f"{label} from {at_s:g} s to {until_s:g} s" if until_s > at_s else f"{label} at {at_s:g} s"
        for at_s, until_s, label in (*told.marks, *((at_s, at_s, label) for at_s, label in told.story.events))
    ]
    return f"{'; '.join(marks)}. {'. '.join(parts)}."


def _lines(told: Told, other: Told | None, colour: str, palette: Palette) -> Iterator[tuple[Told, dict[str, Any], str]]:
    """The run before first, so that the new one lies over it."""
    if other is not None:
        yield other, {"color": palette.quiet, "width": 2, "dash": "4px,3px"}, "nothing on"
    yield told, {"color": colour, "width": 2.5}, "this run" if other is None else "switched on"


class _Mark(NamedTuple):
    """Something at an instant, or for a while."""

    at_s: float
    until_s: float
    label: str
    colour: str
    of_load: bool
    """Nothing is broken: it happens in the load."""


def _marks(told: Told, until_s: float, palette: Palette) -> list[_Mark]:
    """What was broken, what happened in the load, and where the load ended; in order of time."""
    marks = [_Mark(*mark, palette.failed, of_load=False) for mark in told.marks]
    marks += [_Mark(at_s, at_s, label, palette.accent, of_load=True) for at_s, label in told.story.events]
    end_s = told.debrief.seconds
    if until_s >= end_s + _ENDED_EARLY_S:
        marks.append(_Mark(end_s, end_s, "The load ends", palette.quiet, of_load=True))
    return sorted(marks, key=lambda mark: mark.at_s)


def _drawn(figure: go.Figure, mark: _Mark, place: int, domains: Sequence[Sequence[float]]) -> None:
    """In all charts, named at the top."""
    long = mark.until_s > mark.at_s
    for low, high in domains:  # not through the headings between
        figure.add_shape(
            type="rect", xref="x", yref="paper", x0=mark.at_s, x1=mark.until_s, y0=low, y1=high, layer="below",
            line={"width": 0 if long else 2, "color": mark.colour, "dash": "dot" if mark.of_load else "solid"},
            fillcolor=mark.colour, opacity=0.16 if long else 0.9,
        )  # fmt: skip
    figure.add_annotation(
        text=f"▼ {mark.label}", x=mark.at_s, xref="x", xanchor="left", xshift=-7, y=1, yref="paper",
        yshift=HEADING_PX + _MARK_PX * place, yanchor="bottom",
        showarrow=False, font={"color": mark.colour, "size": 13},
    )  # fmt: skip


def _promise(figure: go.Figure, told: Told, other: Told | None, metric: Metric, axis: str, palette: Palette) -> None:
    limit = _limit(told, other, metric)
    if limit is None:
        return
    figure.add_shape(
        type="line", xref="paper", x0=0, x1=1, yref=axis, y0=limit, y1=limit,
        line={"color": palette.ink, "width": 1, "dash": "dot"},
    )  # fmt: skip
    figure.add_annotation(
        text="promise", x=0, xref="paper", xanchor="left", xshift=4, y=limit, yref=axis,
        yanchor="top" if limit > 0.8 * _high(told, other, metric) else "bottom",
        showarrow=False, font={"color": palette.ink, "size": 12},
    )  # fmt: skip


def _breaches(figure: go.Figure, told: Told, metric: Metric, axis: str, palette: Palette) -> None:
    """When it could first be seen in this chart that something is wrong."""
    for place, breach in enumerate(told.debrief.breaches):
        if breach.chart is not metric:
            continue
        figure.add_trace(
            {
                "type": "scatter",
                "x": [breach.at_s],
                "y": [_at(told, breach)],
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


def _name_first(
    figure: go.Figure, breach: Breach, told: Told, other: Told | None, axis: str, palette: Palette, until_s: float
) -> None:
    """What broke first, in words beside its mark, where they cover no line."""
    text = f"First: {breach.what[:1].lower()}{breach.what[1:]}, {breach.at_s:g} s"
    high = _high(told, other, breach.chart)
    runs = [run.series[breach.chart] for run in (told, other) if run is not None]
    mark = (breach.at_s / until_s, _at(told, breach) / high)
    x, y, anchor = free_place([(ends / until_s, values / high) for ends, values in runs], mark, len(text))
    figure.add_annotation(
        text=f"<b>{text}</b>", x=breach.at_s, xref="x", y=mark[1] * high, yref=axis,
        ax=x * until_s, axref="x", ay=y * high, ayref=axis, xanchor=anchor, yanchor="middle",
        showarrow=True, arrowhead=0, arrowwidth=1, arrowcolor=palette.late, standoff=8,
        font={"color": palette.late, "size": 13},
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


def _end(told: Told, other: Told | None, charts: Sequence[Metric]) -> float:
    return max(float(run.series[metric][0][-1]) for run in (told, other) if run is not None for metric in charts)


def _limit(told: Told, other: Told | None, metric: Metric) -> float | None:
    """The promise that is drawn in a chart."""
    knob = _PROMISES.get(metric)
    limit = None if knob is None else float(told.report["config"][knob])
    return limit if limit is not None and _top(told, other, metric) >= _SEEN_FROM * limit else None


def _high(told: Told, other: Told | None, metric: Metric) -> float:
    """How far a chart reaches."""
    return _ROOM * (max(_top(told, other, metric), _limit(told, other, metric) or 0.0) or 1.0)


def _top(told: Told, other: Told | None, metric: Metric) -> float:
    return highest(*(run.series[metric] for run in (told, other) if run is not None))
