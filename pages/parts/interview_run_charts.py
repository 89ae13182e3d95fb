"""Small charts of one run of the own design, one under the other, in real units: lines, marks, promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from engine.observe.metric import Metric
from lessons.interview.runs import Mark, Ran
from lessons.interview.units import SCALED
from pages.parts.palette import Palette
from pages.parts.stacked import Frame, Points, Row, highest, line, stacked
from pages.parts.strategy_look import looks

ROW_PX, _GAP_PX, _FOOT_PX, _MARK_PX = 64, 28, 44, 17
_LETTER_SHARE = 0.0125
"""Of the charts' width, a letter of a mark's name."""
_SEEN_FROM = 0.4
"""Of a promise: lines that stay below are not pressed to the ground for it."""
_ROOM = 1.15
PAIR = ("change_before", "change_after")


@dataclass(frozen=True)
class Chart:
    """What is drawn in one row: a metric of the engine, a sum of some, or a share of them. As `stacked` takes it."""

    label: str
    unit: str
    kind: str
    text: str
    top: tuple[str, ...]
    bottom: tuple[str, ...] = ()
    knob: str = ""
    """The promise that belongs in it."""

    def of(self, ran: Ran | None, scale: float) -> Points | None:
        """Its series in real units; None where the run has none."""
        if ran is None or not {*self.top, *self.bottom} & set(ran.series):
            return None
        above = _sum(ran.series, self.top)
        if above is None:
            return None
        ends, values = above
        if self.bottom:
            below = _sum(ran.series, self.bottom)
            if below is None:
                return None
            with np.errstate(invalid="ignore", divide="ignore"):
                return ends, np.where(below[1] > 0, 100.0 * values / below[1], np.nan)
        return ends, values * (scale if self.unit in SCALED else 1.0)


def _of(metric: Metric, knob: str = "") -> Chart:
    return Chart(metric.label, metric.unit, metric.kind, metric.text, (metric.value,), knob=knob)


CHARTS = (
    _of(Metric.FANOUT_LAG, "slo.lag_ms"),
    _of(Metric.VISIBLE_LAG, "slo.lag_ms"),
    _of(Metric.HOME_LATENCY, "slo.home_ms"),
    Chart(
        "Queue depth", "copies", "level",
        "Copies accepted, not yet written. Divide by the workers' rate: seconds of wait. Measured.",
        (Metric.QUEUE_CLOSE.value, Metric.QUEUE_REST.value),
    ),
    Chart(
        "Timeline hit rate", "%", "share",
        "Home pages answered from the ready-made list alone. Misses fetch from authors. Measured.",
        (Metric.TIMELINE_HITS.value,), (Metric.TIMELINE_HITS.value, Metric.TIMELINE_MISSES.value),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """A run as it is drawn. `beside`: the same load before the change, as a ghost; `promises`: ms by knob."""

    ran: Ran
    scale: float
    strategy: str
    promises: Mapping[str, float]
    beside: Ran | None = None
    broke: tuple[float, str] | None = None
    """An instant to be marked, and what happened then: of the debrief alone."""
    until_s: float = float("inf")
    """What is later is not drawn."""

    def points(self, chart: Chart, of: Ran | None = None) -> Points | None:
        """A chart's series of the run, or of another one."""
        found = chart.of(of or self.ran, self.scale)
        if found is None:
            return None
        near = found[0] <= self.until_s
        return found[0][near], found[1][near]

    def ghost(self, chart: Chart) -> Points | None:
        """Of the run before the change."""
        return None if self.beside is None else self.points(chart, self.beside)


def charts_of(seen: Seen) -> list[Chart]:
    """Those that the run has something for."""
    return [chart for chart in CHARTS if (found := seen.points(chart)) and not np.isnan(found[1]).all()]


def run_chart(seen: Seen, charts: Sequence[Chart], palette: Palette, row_px: int = ROW_PX) -> go.Figure:
    """All charts of a run on one axis of virtual time."""
    until_s = _end(seen, charts)
    marks = _named(seen, until_s)
    rows_of_marks = max((row + 1 for _, row in marks), default=0)
    legend_px = 22 if seen.beside is not None else 0
    frame = Frame(row=row_px, gap=_GAP_PX, foot=_FOOT_PX, above=_MARK_PX * rows_of_marks + legend_px)
    tops = {chart: _top(seen, chart) for chart in charts}
    figure, rows = stacked(charts, frame, until_s, tops, palette)
    figure.update_layout(
        showlegend=seen.beside is not None,
        legend={
            "orientation": "h", "x": 1, "xanchor": "right", "yanchor": "top",
            "y": 1 + frame.top / frame.plot(len(rows)),
        },
    )  # fmt: skip
    look = looks([seen.strategy], palette)[seen.strategy]
    for number, row in enumerate(rows):
        chart = charts[number]
        limit = _limit(seen, chart)
        high = _ROOM * max(tops[chart], limit or 0.0) or 1.0
        axis = {"range": [0, 105 if chart.bottom else high], "nticks": 3}
        figure.update_layout({row.axis.replace("y", "yaxis"): axis})
        if ghost := seen.ghost(chart):
            faint = {"color": palette.quiet, "width": 2, "dash": "4px,3px"}
            figure.add_trace(line(row, ghost, "before the change", faint, legend=number == 0))
        points = seen.points(chart)
        assert points is not None
        bold = {"color": look.colour, "width": 2.5}
        named = "after the change" if seen.beside is not None else "this run"
        figure.add_trace(line(row, points, named, bold, legend=number == 0))
        if limit is not None:
            _promise(figure, row, limit, high, palette)
    _marks(figure, marks, rows, palette)
    if seen.broke is not None:
        _broke(figure, seen.broke, until_s, rows, palette)
    return figure


def in_words(seen: Seen, charts: Sequence[Chart]) -> str:
    """The same for those who cannot see it."""
    parts = [
        f"{what} from {since_s:g} s to {until_s:g} s" if until_s > since_s else f"{what} at {since_s:g} s"
        for since_s, until_s, what in _marked(seen)
    ]
    said = f"{'; '.join(one[:1].upper() + one[1:] for one in parts)}. " if parts else ""
    told = []
    for chart in charts:
        points, ghost = seen.points(chart), seen.ghost(chart)
        before = f" (before the change {_extreme(chart, ghost)})" if ghost else ""
        name = f"{chart.label}{' p99' if chart.kind == 'latency' else ''}"
        told.append(f"{name}: {'' if points is None else _extreme(chart, points)}{before}")
    return f"{said}{'. '.join(told)}."


def window_s(seen: Seen, charts: Sequence[Chart]) -> float:
    """Over which stretch of virtual time each point of a chart is."""
    points = [seen.points(chart) for chart in charts]
    return max((float(np.median(np.diff(ends))) for ends, _ in filter(None, points) if len(ends) > 1), default=1.0)


def _extreme(chart: Chart, points: Points) -> str:
    """The largest value and its instant; of a share the smallest."""
    ends, values = points
    if np.isnan(values).all():
        return "nothing measured"
    at = int(np.nanargmin(values) if chart.bottom else np.nanargmax(values))
    value = float(values[at])
    said = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"at {'least' if chart.bottom else 'most'} {said} {chart.unit}, at {ends[at]:g} s"


def _sum(series: Mapping[str, tuple[list[float], list[float]]], names: Sequence[str]) -> Points | None:
    there = [series[name] for name in names if name in series]
    if not there:
        return None
    ends = np.asarray(there[0][0], float)
    columns = [np.asarray(values, float) for _, values in there]
    if any(len(column) != len(ends) for column in columns) or not len(ends):
        return None
    return ends, np.sum(columns, axis=0)


def _end(seen: Seen, charts: Sequence[Chart]) -> float:
    points = [found for chart in charts for found in (seen.points(chart), seen.ghost(chart)) if found is not None]
    return max((float(ends[-1]) for ends, _ in points if len(ends)), default=1.0)


def _top(seen: Seen, chart: Chart) -> float:
    return highest(*filter(None, (seen.points(chart), seen.ghost(chart))))


def _limit(seen: Seen, chart: Chart) -> float | None:
    """The promise that is drawn in a chart, where its lines come near it."""
    limit = seen.promises.get(chart.knob)
    return limit if limit is not None and _top(seen, chart) >= _SEEN_FROM * limit else None


def _promise(figure: go.Figure, row: Row, limit: float, high: float, palette: Palette) -> None:
    figure.add_shape(
        type="line", xref="paper", x0=0, x1=1, yref=row.axis, y0=limit, y1=limit,
        line={"color": palette.ink, "width": 1, "dash": "dot"},
    )  # fmt: skip
    figure.add_annotation(
        text=f"promised: {limit:,.6g} ms", x=0, xref="paper", xanchor="left", xshift=4, y=limit, yref=row.axis,
        yanchor="top" if limit > 0.75 * high else "bottom",
        showarrow=False, font={"color": palette.ink, "size": 12},
    )  # fmt: skip


def _marked(seen: Seen) -> list[Mark]:
    """What happens in the stretch that is drawn."""
    return [(since_s, min(until_s, seen.until_s), what) for since_s, until_s, what in seen.ran.marks
            if since_s < seen.until_s]  # fmt: skip


def _named(seen: Seen, until_s: float) -> list[tuple[tuple[float, float, str], int]]:
    """What happens when, each with the row of its name: names of one row do not touch."""
    free_s: list[float] = []
    placed = []
    for mark in sorted(_marked(seen)):
        since_s, _, what = mark
        row = next((row for row, free in enumerate(free_s) if free <= since_s), len(free_s))
        free_s[row:] = [since_s + (len(what) + 4) * _LETTER_SHARE * until_s, *free_s[row + 1 :]]
        placed.append((mark, row))
    return placed


def _marks(
    figure: go.Figure, placed: list[tuple[tuple[float, float, str], int]], rows: Sequence[Row], palette: Palette
) -> None:
    """Through all charts, not through the headings between them."""
    for (since_s, until_s, what), place in placed:
        long = until_s > since_s
        for row in rows:
            figure.add_shape(
                type="rect", xref="x", yref="paper", x0=since_s, x1=until_s if long else since_s, y0=row.domain[0],
                y1=row.domain[1], layer="below", fillcolor=palette.quiet, opacity=0.16 if long else 0.9,
                line={"width": 1 if long else 2, "color": palette.quiet, "dash": "dot"},
            )  # fmt: skip
        _name(figure, since_s, f"▼ {what}", place, palette.ink)


def _broke(
    figure: go.Figure, broke: tuple[float, str], until_s: float, rows: Sequence[Row], palette: Palette
) -> None:  # fmt: skip
    """The instant at which a promise was first broken: a thick line with its words, for those who see no colour too."""
    at_s, said = broke
    for row in rows:
        figure.add_shape(
            type="line", xref="x", yref="paper", x0=at_s, x1=at_s, y0=row.domain[0], y1=row.domain[1],
            line={"width": 3, "color": palette.late},
        )  # fmt: skip
    right = at_s < 0.5 * until_s
    figure.add_annotation(
        text=f"<b>{said}</b>", x=at_s, xref="x", xanchor="left" if right else "right", xshift=6 if right else -6,
        y=rows[0].domain[1], yref="paper", yanchor="top", showarrow=False, font={"color": palette.late, "size": 13},
    )  # fmt: skip


def _name(figure: go.Figure, at_s: float, said: str, place: int, colour: str) -> None:
    figure.add_annotation(
        text=said, x=at_s, xref="x", xanchor="left", xshift=-7, y=1, yref="paper", yshift=18 + _MARK_PX * place,
        yanchor="bottom", showarrow=False, font={"color": colour, "size": 13},
    )  # fmt: skip
