"""Charts of a report, drawn by matplotlib: as SVG for the page, as one PNG for slides. No browser, nothing fetched.

SVG rather than Plotly.js: six charts of a run are some 80 kB and stay sharp in print, where the script alone would be
4.7 MB in every file, and a page that has no script at all cannot be made to run one.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from engine.domain import F64
from engine.experiments.history.overlay import overlay
from engine.experiments.history.values import shown
from engine.experiments.report.subject import Subject
from engine.observe.metric import Metric

# Names of files and strategies are data: a dollar in them is no formula. Text stays text, so that it can be searched.
matplotlib.rcParams.update({"text.parse_math": False, "svg.fonttype": "none", "svg.hashsalt": "murmuration"})

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#8590A0")
_DASHES = ("-", "--", ":", "-.")
_INK, _QUIET = "#14202B", "#5B6875"
_INCHES = (6.4, 2.9)
_PNG_DPI = 150
_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}


@dataclass(frozen=True)
class Chart:
    """One picture of some runs. `lines`: (name, t_s, values), shape (points,) each, NaN where nothing was measured."""

    metric: Metric
    lines: tuple[tuple[str, F64, F64], ...]

    @property
    def heading(self) -> str:
        """Title with unit."""
        quantile = " p99" if self.metric.kind == "latency" else ""
        return f"{self.metric.label}{quantile} ({self.metric.unit})"

    @property
    def in_words(self) -> str:
        """The same for those who cannot see it."""
        told = []
        for name, t_s, values in self.lines:
            if np.isnan(values).all():
                told.append(f"{name}: nothing measured")
                continue
            top = int(np.nanargmax(values))
            most, last = (shown(float(value)) for value in (values[top], values[~np.isnan(values)][-1]))
            told.append(f"{name}: at most {most} at {t_s[top]:g} s, {last} at the end")
        return f"{self.heading}. {'; '.join(told)}."


CHARTED = (
    Metric.VISIBLE_LAG,
    Metric.FANOUT_LAG,
    Metric.HOME_LATENCY,
    Metric.QUEUE_REST,
    Metric.DELIVERIES,
    Metric.POSTS,
    Metric.READS,
    Metric.ROWS_READ,
)
"""What a report draws: first what readers feel, then why, then what came in."""


def charts_of(subject: Subject) -> list[Chart]:
    """The charts of what was measured; [] without series."""
    drawn = subject.charted
    laid = {found.metric: found for found in overlay(*drawn.series)} if drawn.series else {}
    return [
        Chart(metric, tuple(zip(drawn.names, [laid[metric].t_s] * len(drawn.runs), laid[metric].values, strict=True)))
        for metric in CHARTED
        if metric in laid
    ]


def svg(chart: Chart) -> str:
    """The chart as an `<svg>` element for a page: no script, no style sheet, no reference to anything outside."""
    drawing = Drawing(figsize=_INCHES, layout="constrained")
    _draw(drawing.add_subplot(), chart, titled=False)
    out = io.StringIO()
    drawing.savefig(out, format="svg", transparent=True, metadata=_NO_METADATA)
    text = out.getvalue()
    text = text[text.index("<svg") :]  # without XML declaration and DOCTYPE, which names an address
    head, rest = text.split(">", 1)
    head = re.sub(r' (?:width|height)="[^"]*"', "", head)  # as wide as there is room
    return f"{head}>{rest}".strip()


def png(title: str, charts: Sequence[Chart]) -> bytes:
    """All charts on one picture, two in a row."""
    rows = -(-len(charts) // 2)
    drawing = Drawing(figsize=(2 * _INCHES[0], rows * _INCHES[1] + 0.5), layout="constrained")
    drawing.suptitle(title, color=_INK, fontsize=13)
    for place, chart in enumerate(charts, 1):
        _draw(drawing.add_subplot(rows, 2, place), chart, titled=True)
    out = io.BytesIO()
    drawing.savefig(out, format="png", dpi=_PNG_DPI)
    return out.getvalue()


def _draw(axes: Axes, chart: Chart, *, titled: bool) -> None:
    for number, (name, t_s, values) in enumerate(chart.lines):
        colour, dash = _COLOURS[number % len(_COLOURS)], _DASHES[number % len(_DASHES)]  # the one below shows through
        axes.plot(t_s, values, dash, color=colour, linewidth=1.6, label=f" {name}")  # a leading _ would hide it
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter("{x:,.6g}")
    axes.set_xlim(0, max((t_s[-1] for _, t_s, _ in chart.lines if len(t_s)), default=1))
    axes.grid(axis="y", color=_QUIET, alpha=0.25, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=_QUIET, labelsize=8)
    axes.set_xlabel("virtual seconds", color=_QUIET, fontsize=8)
    if titled:
        axes.set_title(chart.heading, color=_INK, fontsize=10, loc="left")
    if len(chart.lines) > 1:
        axes.legend(fontsize=7, frameon=False)
