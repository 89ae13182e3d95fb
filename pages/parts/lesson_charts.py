"""A lesson's charts, one under the other on one time axis: its runs, what happened when, and the marks of the text."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.observe.metric import Metric
from lessons.lesson import Lesson, Note, Variant
from lessons.play import Outcome, marks
from pages.parts.palette import Palette, Style, base_axis, base_layout
from pages.parts.strategy_look import looks

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
_ROW_PX, _GAP_PX, _FOOT_PX, _TOP_PX = 150, 34, 76, 42
_PROMISES = {Metric.HOME_LATENCY: "slo.home_ms", Metric.VISIBLE_LAG: "slo.lag_ms", Metric.FANOUT_LAG: "slo.lag_ms"}
_DASHES = ("solid", "8px,4px", "2px,3px", "12px,3px,2px,3px")


def lesson_chart(lesson: Lesson, outcome: Outcome, changed: Outcome | None, palette: Palette) -> go.Figure:
    """One row for each metric; `changed`: the runs with the learner's change, of which that one is drawn."""
    watch = lesson.front.experiment.watch
    rows = len(watch)
    plot_px = rows * _ROW_PX + (rows - 1) * _GAP_PX
    figure = go.Figure()
    layout: Style = base_layout(palette, _TOP_PX + plot_px + _FOOT_PX) | {
        "margin": {"l": 8, "r": 12, "t": _TOP_PX, "b": _FOOT_PX},
        "template": None,
        "hovermode": "x unified",
        "showlegend": len(outcome.asked) > 1 or changed is not None,
        "legend": {"orientation": "h", "x": 0, "y": -46 / plot_px, "yanchor": "top", "xanchor": "left"},
    }
    for number, metric in enumerate(watch):
        top = 1 - number * (_ROW_PX + _GAP_PX) / plot_px
        name = "yaxis" if number == 0 else f"yaxis{number + 1}"
        axis = name.replace("axis", "")
        layout[name] = base_axis(palette) | {
            "domain": [max(top - _ROW_PX / plot_px, 0.0), top], "automargin": True, "rangemode": "tozero",
            "zeroline": False, "nticks": 5, "tickformat": "~s" if _top(outcome, metric) >= 10_000 else ",",
        }  # fmt: skip
        for trace in _traces(lesson, outcome, changed, metric, palette):
            figure.add_trace({**trace, "yaxis": axis, "showlegend": number == 0})
        _heading(figure, metric, top, palette)
        _promise(figure, outcome, metric, axis, palette)
        for place, note in enumerate(lesson.front.note, 1):
            if note.chart is metric:
                _note(figure, outcome, note, place, axis, palette)
    layout["xaxis"] = base_axis(palette, "Virtual seconds") | {
        "anchor": "y" if rows == 1 else f"y{rows}", "range": [0, _end(outcome, watch)], "zeroline": False,
        "hoverformat": ".1f",
    }  # fmt: skip
    _events(figure, outcome, palette)
    figure.update_layout(layout)
    return figure


def _traces(
    lesson: Lesson, outcome: Outcome, changed: Outcome | None, metric: Metric, palette: Palette
) -> Iterator[dict[str, Any]]:
    variants = lesson.front.experiment.runs
    for variant, line in zip(variants, _lines(outcome, variants, palette), strict=True):
        yield _trace(outcome, variant.name, variant.label, metric, line)
    change = lesson.front.change
    if changed is not None and change is not None:
        line = {"color": palette.ink, "width": 2, "dash": "2px,3px"}
        yield _trace(changed, change.of, "with your change", metric, line)


def _lines(outcome: Outcome, variants: tuple[Variant, ...], palette: Palette) -> list[dict[str, Any]]:
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


def _trace(outcome: Outcome, variant: str, label: str, metric: Metric, line: dict[str, Any]) -> dict[str, Any]:
    ends, values = outcome.series[variant][metric]
    return {
        "type": "scatter", "mode": "lines", "name": label, "legendgroup": label, "line": line,
        "x": ends.tolist(), "y": [None if np.isnan(value) else float(value) for value in values],
        "hovertemplate": f"%{{y:,.4~g}} {metric.unit}",
    }  # fmt: skip


def _heading(figure: go.Figure, metric: Metric, top: float, palette: Palette) -> None:
    p99 = " p99" if metric.kind == "latency" else ""
    figure.add_annotation(
        text=f"<b>{metric.label}{p99}, {metric.unit} (measured)</b>", x=0, xref="paper", xanchor="left", y=top,
        yref="paper", yanchor="bottom", showarrow=False, font={"color": palette.ink, "size": 13},
    )  # fmt: skip


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
    right = ends[at] < 0.6 * ends[-1]
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
        xanchor="left" if right else "right", xshift=14 if right else -14, yanchor="middle",
        font={"color": palette.accent, "size": 12},
    )  # fmt: skip


def _events(figure: go.Figure, outcome: Outcome, palette: Palette) -> None:
    """What happens in any of the runs, through all charts."""
    seen = sorted({event for request in outcome.asked.values() for event in marks(request)})
    for place, (at_s, until_s, what) in enumerate(seen):
        long = until_s > at_s
        figure.add_shape(
            type="rect", xref="x", yref="paper", x0=at_s, x1=until_s if long else at_s, y0=0, y1=1, layer="below",
            line={"width": 0 if long else 2, "color": palette.quiet, "dash": "dot"}, fillcolor=palette.quiet,
            opacity=0.16 if long else 0.9,
        )  # fmt: skip
        figure.add_annotation(
            text=f"▼ {what}", x=at_s, xref="x", xanchor="left", y=1, yref="paper", yshift=18 + 0 * place,
            yanchor="bottom", showarrow=False, font={"color": palette.ink, "size": 13},
        )  # fmt: skip


def in_words(lesson: Lesson, outcome: Outcome) -> str:
    """The charts for those who cannot see them."""
    parts = []
    for metric in lesson.front.experiment.watch:
        peaks = [f"{variant.label}: {_peak(outcome, variant.name, metric)}" for variant in lesson.front.experiment.runs]
        parts.append(f"{metric.label} ({metric.unit}): {'; '.join(peaks)}.")
    return " ".join(parts)


def _peak(outcome: Outcome, variant: str, metric: Metric) -> str:
    ends, values = outcome.series[variant][metric]
    if np.isnan(values).all():
        return "nothing measured"
    top = int(np.nanargmax(values))
    return f"at most {float(values[top]):,.4g} at {ends[top]:g} s"


def _top(outcome: Outcome, metric: Metric) -> float:
    values = [series[metric][1] for series in outcome.series.values()]
    return max((float(np.nanmax(each)) for each in values if not np.isnan(each).all()), default=0.0)


def _end(outcome: Outcome, watch: tuple[Metric, ...]) -> float:
    return max(float(series[metric][0][-1]) for series in outcome.series.values() for metric in watch)
