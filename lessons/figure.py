"""Figures of a run by name, with their unit, and how people read them.

`home_p99_ms`            a measure that strategies are compared by (engine/experiments/measures.py)
`summary.failed_reads`   any number of the run's report, by its path; also `audit.missing`, `load.posts`
`queue_rest.max`         of a metric's series, a value each half second: max, min, mean, last, or the total of a count;
`queue_rest.max@20-40`   the same between these virtual seconds
`fanout_lag.over_5000`   for how many seconds a metric's series is over this value (in its unit)
`A - B`, `A / B`         of two of these in the same run; what is divided has no unit, or is a factor
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.domain import F64
from engine.errors import InvalidInput
from engine.experiments.measures import MEASURES
from engine.observe import words
from engine.observe.metric import Metric

Series = Mapping[Metric, tuple[F64, F64]]
"""(seconds, values in the metric's unit), NaN where nothing was counted."""
_TOTAL, _OVER = "total", "over_"
_MS_PER_S = 1_000
_STATS: Mapping[str, Callable[[F64], float]] = {
    "max": lambda values: float(values.max()),
    "min": lambda values: float(values.min()),
    "mean": lambda values: float(values.mean()),
    "last": lambda values: float(values[-1]),
}
_SPANNED = re.compile(r"(?P<metric>[a-z_]+)\.(?P<stat>[a-z]+|over_\d+)(?:@(?P<from>\d+)-(?P<until>\d+))?")
_TWO = re.compile(r"(?P<left>.+?) (?P<sign>[-/]) (?P<right>[^ ]+)")
_PATHS = ("summary", "audit", "load", "cost", "slo", "config", "acts")


@dataclass(frozen=True)
class Figure:
    """What `read` names."""

    name: str
    unit: str
    metric: Metric | None = None
    stat: str = ""
    span: tuple[float, float] | None = None

    @property
    def metrics(self) -> frozenset[Metric]:
        """Those whose series it reads."""
        return frozenset() if self.metric is None else frozenset({self.metric})

    def of(self, report: Mapping[str, Any], measures: Mapping[str, float | None], series: Series) -> float | None:
        """Its value in a run; None where nothing was counted."""
        if self.metric is not None:
            return self._of_series(*series[self.metric])
        if self.name in MEASURES:
            return measures[self.name]
        found: Any = report
        for part in self.name.split("."):
            if not isinstance(found, Mapping) or part not in found:
                raise InvalidInput(f"The report of a run has no {self.name!r}: it has no {part!r}.")
            found = found[part]
        if found is None or isinstance(found, int | float):
            return None if found is None else float(found)
        raise InvalidInput(f"{self.name!r} of a run's report is no number.")

    def _of_series(self, ends: F64, values: F64) -> float | None:
        inside = ~np.isnan(values)
        if self.span:
            inside &= (ends > self.span[0]) & (ends <= self.span[1])
        if not inside.any():
            return None
        lasting = np.diff(ends, prepend=0.0)
        if self.stat == _TOTAL:  # values are rates
            return float((values * lasting)[inside].sum())
        if self.stat.startswith(_OVER):
            inside[inside] = values[inside] > float(self.stat.removeprefix(_OVER))
            return float(lasting[inside].sum())
        return _STATS[self.stat](values[inside])


@dataclass(frozen=True)
class Two:
    """One figure less another of the same run, or divided by it."""

    name: str
    left: "Figure | Two"
    right: Figure
    sign: str

    @property
    def unit(self) -> str:
        """Of a difference as of what it is taken from; of a quotient a factor between like and like, or seconds, if
        things are divided by things a second; else none."""
        left, right = self.left.unit, self.right.unit
        if self.sign == "-":
            return left
        if right == f"{left}/s":
            return "s"
        return "x" if left == right or {left, right} == {"s", "ms"} else ""

    @property
    def metrics(self) -> frozenset[Metric]:
        """Those whose series it reads."""
        return self.left.metrics | self.right.metrics

    def of(self, report: Mapping[str, Any], measures: Mapping[str, float | None], series: Series) -> float | None:
        """Its value in a run; None where nothing was counted, or where it would be divided by nothing."""
        left, right = self.left.of(report, measures, series), self.right.of(report, measures, series)
        if left is None or right is None:
            return None
        if self.sign == "-":
            return left - right
        scale = _MS_PER_S ** ((self.left.unit == "s") - (self.right.unit == "s")) if self.unit == "x" else 1
        return left / right * scale if right else None


def figure(read: str) -> Figure | Two:
    """The figure of this name.

    Raises:
        InvalidInput: there is none.
    """
    if two := _TWO.fullmatch(read):
        return Two(read, figure(two["left"]), _one(two["right"]), two["sign"])
    return _one(read)


def _one(read: str) -> Figure:
    if read in MEASURES:
        return Figure(read, MEASURES[read].unit)
    if spanned := _SPANNED.fullmatch(read):
        metric = next((metric for metric in Metric if metric == spanned["metric"]), None)
        if metric is not None and _is_stat(spanned["stat"]):
            return _of_metric(read, metric, spanned)
    if read.partition(".")[0] in _PATHS and "." in read:
        return Figure(read, _unit_of_path(read))
    raise InvalidInput(
        f"There is no figure {read!r}; allowed: a measure of comparisons ({', '.join(MEASURES)}), a path into a run's "
        f"report ({', '.join(f'{path}.…' for path in _PATHS)}), METRIC.{'|'.join((*_STATS, _TOTAL, _OVER + 'VALUE'))}"
        "[@FROM-UNTIL], or two or more of these with ' - ' or ' / ' between them."
    )


def _is_stat(stat: str) -> bool:
    return stat in _STATS or stat == _TOTAL or stat.startswith(_OVER)


def _of_metric(read: str, metric: Metric, spanned: re.Match[str]) -> Figure:
    if spanned["stat"] == _TOTAL and metric.kind != "count":
        raise InvalidInput(f"{read!r}: only what is counted has a total, and {metric} is a {metric.kind}.")
    span = (float(spanned["from"]), float(spanned["until"])) if spanned["from"] else None
    unit = metric.unit.removesuffix("/s") if spanned["stat"] == _TOTAL else metric.unit
    unit = "s" if spanned["stat"].startswith(_OVER) else unit
    return Figure(read, unit, metric, spanned["stat"], span)


def _unit_of_path(path: str) -> str:
    if path.split(".")[-1].endswith("_rate") or path.split(".")[-1].endswith("_share"):
        return "share"
    for ending, unit in (("_ms", "ms"), ("_s", "s")):
        if any(part.endswith(ending) for part in path.split(".")):
            return unit
    return ""


def spoken(value: float | None, unit: str, digits: int = 2) -> str:
    """As people read it: '7.1 s', '38x', '97 %', '12,000 copies'."""
    if value is None or value != value:
        return "nothing"
    match unit:
        case "ms":
            return words.millis(value, digits) if abs(value) < 1_000 else words.seconds(value / 1_000, digits)
        case "s":
            return words.seconds(value, digits)
        case "share":
            return words.share(value)
        case "x":
            return words.times(value)
        case "" if value != round(value):
            return words.number(value, max(digits, 3))
        case "":
            return words.count(value)
        case _ if unit.endswith("/s"):
            return f"{words.number(value, 3)} {unit}"
    whole = value == round(value) and abs(value) < 1e7
    return f"{words.count(value) if whole else words.number(value, 3)} {unit}"
