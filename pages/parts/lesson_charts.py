"""A lesson's charts, one under the other on one time axis: its runs, what happened when, and the marks of the text."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.observe.metric import Metric
from lessons.figure import Figure
from lessons.figure import figure as figure_of
from lessons.lesson import Lesson, Note, Variant
from lessons.play import Outcome, marks
from lessons.taken import Bet
from pages.parts.palette import Palette
from pages.parts.stacked import Frame, Points, Row, highest, line, peak, stacked
from pages.parts.strategy_look import looks

_MARK_PX = 17
"""Of a row with names of what happens, above the first chart."""
_LETTER_SHARE = 0.011
"""Of the charts' width, a letter of such a name."""
_PROMISES = {Metric.HOME_LATENCY: "slo.home_ms", Metric.VISIBLE_LAG: "slo.lag_ms", Metric.FANOUT_LAG: "slo.lag_ms"}
_DASHES = ("solid", "8px,4px", "2px,3px", "12px,3px,2px,3px")


def lesson_chart(lesson: Lesson, bet: Bet, outcome: Outcome, changed: Outcome | None, palette: Palette) -> go.Figure:
    """One row for each metric; `changed`: the runs with the learner's change, of which that one is drawn."""
    watch = lesson.front.experiment.watch
    end_s = _end(outcome, watch)
    events = _named_events(outcome, end_s)
    frame = Frame(row=150, gap=34, foot=76, above=_MARK_PX * max((row + 1 for _, row in events), default=0))
    tops = {metric: _top(outcome, metric) for metric in watch}
    figure, rows = stacked(watch, frame, end_s, tops, palette)
    figure.update_layout(
        showlegend=len(outcome.asked) > 1 or changed is not None,
        legend={"orientation": "h", "x": 0, "y": -46 / frame.plot(len(rows)), "yanchor": "top", "xanchor": "left"},
    )
    for number, row in enumerate(rows):
        for series, label, look in _drawn(lesson, outcome, changed, row.metric, palette):
            figure.add_trace(line(row, series, label, look, legend=number == 0))
        _promise(figure, outcome, row.metric, row.axis, palette)
        _bet(figure, lesson, bet, row, tops[row.metric], palette)
        for place, note in enumerate(lesson.front.note, 1):
            if note.chart is row.metric:
                _note(figure, outcome, note, place, row.axis, palette)
    _events(figure, events, palette)
    return figure


def _drawn(
    lesson: Lesson, outcome: Outcome, changed: Outcome | None, metric: Metric, palette: Palette
) -> Iterator[tuple[Points, str, dict[str, Any]]]:
    """Each run's series, its name and its look."""
    variants = lesson.front.experiment.runs
    for variant, look in zip(variants, _looks(outcome, variants, palette), strict=True):
        yield outcome.series[variant.name][metric], variant.label, look
    change = lesson.front.change
    if changed is not None and change is not None:
        look = {"color": palette.some, "width": 3, "dash": "1px,3px"}
        yield changed.series[change.of][metric], "with your change", look


def _looks(outcome: Outcome, variants: tuple[Variant, ...], palette: Palette) -> list[dict[str, Any]]:
    """A strategy in its own colour; runs of one strategy in several colours and dashes."""
    strategies = [outcome.asked[variant.name].config.strategy.name for variant in variants]
    drawn = looks(strategies, palette)
    if len(set(strategies)) == len(strategies):
        return [{"color": drawn[name].colour, "dash": drawn[name].dash, "width": 2.5} for name in strategies]
    inks = (drawn[strategies[0]].colour, palette.accent, palette.ink, palette.quiet)
    return [
        {"color": inks[place % len(inks)], "dash": _DASHES[place % len(_DASHES)], "width": 2.5}
        for place in range(len(strategies))
    ]


def _promise(figure: go.Figure, outcome: Outcome, metric: Metric, axis: str, palette: Palette) -> None:
    """The line that was promised, where the runs come near it; else it would press them to the ground."""
    knob = _PROMISES.get(metric)
    if knob is None:
        return
    limit = float(next(iter(outcome.asked.values())).config.knob(knob))
    if _top(outcome, metric) < 0.4 * limit:
        return
    figure.add_shape(
        type="line", xref="paper", x0=0, x1=1, yref=axis, y0=limit, y1=limit,
        line={"color": palette.ink, "width": 1, "dash": "dot"},
    )  # fmt: skip
    figure.add_annotation(
        text="promise", x=1, xref="paper", xanchor="right", y=limit, yref=axis, yanchor="bottom", showarrow=False,
        font={"color": palette.ink, "size": 12},
    )  # fmt: skip


def _bet(figure: go.Figure, lesson: Lesson, bet: Bet, row: Row, top: float, palette: Palette) -> None:
    """Where the line had to peak, or to lie, for the bet to be right; only where a chart shows that very figure."""
    asked = lesson.front.prediction
    if asked.figure.over or asked.figure.minus or asked.figure.unit is not None:
        return
    read = figure_of(asked.figure.read)
    if not isinstance(read, Figure) or read.metric is not row.metric or read.unit != row.metric.unit:
        return
    low, high = asked.span(bet.key)
    if (low or 0.0) > 1.2 * top:
        return  # it would press the lines to the ground
    across = {"xref": "paper", "x0": 0, "x1": 1}
    if read.span:
        across = {"xref": "x", "x0": read.span[0], "x1": read.span[1]}
    figure.add_shape(
        type="rect", **across, yref=row.axis, y0=low or 0.0, y1=1.2 * top if high is None else high,
        line={"color": palette.accent, "width": 1.5, "dash": "dash"}, fillcolor=palette.accent, opacity=0.12,
        layer="below",
    )  # fmt: skip
    figure.add_annotation(
        text="<b>your bet</b>", x=across["x0"], xref=across["xref"], xanchor="left", xshift=6, y=low or 0.0,
        yref=row.axis, yanchor="bottom", showarrow=False, font={"color": palette.accent, "size": 12},
    )  # fmt: skip


def _note(figure: go.Figure, outcome: Outcome, note: Note, place: int, axis: str, palette: Palette) -> None:
    ends, values = outcome.series[note.of][note.chart]
    if np.isnan(values).all():
        return
    at = (
        int(np.nanargmax(values) if note.at == "max" else np.nanargmin(values))
        if isinstance(note.at, str)
        else int(np.argmin(np.abs(ends - note.at)))
    )
    height = 0.0 if np.isnan(values[at]) else float(values[at])
    right = ends[at] < 0.6 * _end(outcome, (note.chart,))
    beside = height > 0.75 * _top(outcome, note.chart)  # above it there is no room
    figure.add_trace(
        {
            "type": "scatter", "x": [float(ends[at])], "y": [height], "yaxis": axis, "mode": "markers+text",
            "text": [f"<b>{place}</b>"], "textfont": {"size": 11, "color": palette.accent}, "showlegend": False,
            "marker": {"symbol": "circle-open", "size": 18, "color": palette.accent, "line": {"width": 2}},
            "cliponaxis": False, "hovertemplate": f"{place}: {note.says}<extra></extra>",
        }
    )  # fmt: skip
    figure.add_annotation(
        text=f"{place}: {note.says}", x=float(ends[at]), y=height, xref="x", yref=axis, showarrow=False,
        xanchor="left" if right else "right", xshift=(14 if right else -14) if beside else (-9 if right else 9),
        yanchor="middle" if beside else "bottom", yshift=0 if beside else 11,
        font={"color": palette.accent, "size": 12},
    )  # fmt: skip


def _named_events(outcome: Outcome, end_s: float) -> list[tuple[tuple[float, float, str], int]]:
    """What happens in any of the runs, each with the row of its name: names of one row do not touch."""
    seen = sorted({event for request in outcome.asked.values() for event in marks(request)})
    free_s: list[float] = []
    placed = []
    for event in seen:
        at_s, _, what = event
        row = next((row for row, until_s in enumerate(free_s) if until_s <= at_s), len(free_s))
        free_s[row:] = [at_s + (len(what) + 4) * _LETTER_SHARE * end_s, *free_s[row + 1 :]]
        placed.append((event, row))
    return placed


def _events(figure: go.Figure, placed: list[tuple[tuple[float, float, str], int]], palette: Palette) -> None:
    """Through all charts."""
    for (at_s, until_s, what), row in placed:
        long = until_s > at_s
        figure.add_shape(
            type="rect", xref="x", yref="paper", x0=at_s, x1=until_s if long else at_s, y0=0, y1=1, layer="below",
            line={"width": 0 if long else 2, "color": palette.quiet, "dash": "dot"}, fillcolor=palette.quiet,
            opacity=0.16 if long else 0.9,
        )  # fmt: skip
        figure.add_annotation(
            text=f"▼ {what}", x=at_s, xref="x", xanchor="left", y=1, yref="paper", yshift=18 + _MARK_PX * row,
            yanchor="bottom", showarrow=False, font={"color": palette.ink, "size": 13},
        )  # fmt: skip


def in_words(lesson: Lesson, outcome: Outcome) -> str:
    """The charts for those who cannot see them."""
    parts = []
    for metric in lesson.front.experiment.watch:
        peaks = [
            f"{variant.label}: {peak(outcome.series[variant.name][metric])}" for variant in lesson.front.experiment.runs
        ]
        parts.append(f"{metric.label} ({metric.unit}): {'; '.join(peaks)}.")
    return " ".join(parts)


def _top(outcome: Outcome, metric: Metric) -> float:
    return highest(*(series[metric] for series in outcome.series.values()))


def _end(outcome: Outcome, watch: tuple[Metric, ...]) -> float:
    """When the load ends, or when the last thing was seen in these charts."""
    load_s = max(float(request.seconds) for request in outcome.asked.values())
    drawn = [series[metric] for series in outcome.series.values() for metric in watch]
    return max([load_s, *(float(ends[(values == values) & (values > 0)].max(initial=0)) for ends, values in drawn)])
