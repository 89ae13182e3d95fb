"""Two runs laid over each other: their series on one time axis, and what differs between them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engine.domain import F64
from engine.experiments.history.figures import FIGURES, Figure
from engine.experiments.history.rows import Json, KeptRun
from engine.experiments.history.values import with_unit

_TOLD = {
    "visible_lag_p99_ms": ("visible lag p99", "ms"),
    "home_p99_ms": ("home read p99", "ms"),
    "write_amplification": ("copies a post", ""),
    "rows_per_read": ("rows a page", ""),
}
"""The figures that a sentence names: what readers feel, and who pays."""


@dataclass(frozen=True, eq=False)
class Overlay:
    """One metric of several runs. `t_s`: shape (points,); `values`: shape (runs, points), NaN where a run has none."""

    metric: str
    t_s: F64
    values: F64


def overlay(*runs: Mapping[str, tuple[F64, F64]]) -> list[Overlay]:
    """The series of some runs, aligned by their virtual time, for each metric that any of them has."""
    laid = []
    for metric in dict.fromkeys(name for series in runs for name in series):
        parts = [series.get(metric, (np.empty(0), np.empty(0))) for series in runs]
        t_s = np.unique(np.concatenate([times for times, _ in parts]))
        values = np.full((len(runs), len(t_s)), np.nan)
        for row, (times, value) in zip(values, parts, strict=True):
            row[np.searchsorted(t_s, times)] = value
        laid.append(Overlay(metric, t_s, values))
    return laid


@dataclass(frozen=True)
class FigureDifference:
    """A figure of both runs. `change`: second - first; None where one of them has none."""

    figure: Figure
    first: float | None
    second: float | None

    @property
    def change(self) -> float | None:
        """In the figure's unit."""
        return None if self.first is None or self.second is None else self.second - self.first


@dataclass(frozen=True)
class Difference:
    """What differs between two runs. `settings`: by name, as (first, second), only those that are not the same."""

    first: KeptRun
    second: KeptRun
    same_load: bool
    same_code: bool
    settings: Mapping[str, tuple[Any, Any]]
    figures: tuple[FigureDifference, ...]

    @property
    def sentence(self) -> str:
        """Whether the two can be compared, in words."""
        load = "the same recorded load" if self.same_load else "different loads: their figures cannot be compared"
        code = "" if self.same_code else ", by different versions of the code"
        return f"Runs {self.first.run_id} and {self.second.run_id} were given {load}{code}."

    @property
    def in_words(self) -> str:
        """The sentence, and what the second run has instead of the first: only where the load was the same."""
        if self.first.summary is None or self.second.summary is None:
            unfinished = self.first if self.first.summary is None else self.second
            return f"Run {unfinished.run_id} is {unfinished.state} and has no figures to compare."
        if not self.same_load:
            return self.sentence
        parts = {part.figure.name: part for part in self.figures}
        told = []
        for name, (label, unit) in _TOLD.items():
            before, after = (with_unit(value, unit) for value in (parts[name].first, parts[name].second))
            if before != after and parts[name].change is not None:
                told.append(f"{label} {after} instead of {before}")
        if not self.differing:
            return f"{self.sentence} Every figure is the same."
        names = [f"run {run.run_id} ({run.config.get('strategy')})" for run in (self.second, self.first)]
        main = "; ".join(told) or "what readers feel and who pays is the same, to four digits"
        return (
            f"{self.sentence} {names[0].capitalize()} against {names[1]}: {main}. "
            "This is one run of each: Compare says how sure a difference is."
        )

    @property
    def differing(self) -> list[str]:
        """Names of the figures that are not the same."""
        return [part.figure.name for part in self.figures if part.first != part.second]

    @property
    def repeats(self) -> bool:
        """Whether the second run gave what the first gave: the same recorded load and the same summary."""
        return self.same_load and self.first.summary == self.second.summary

    @property
    def repeat_in_words(self) -> str:
        """The same as a sentence, for a run that was made again."""
        second, first = f"Run {self.second.run_id}", f"run {self.first.run_id}"
        if self.repeats:
            digest = (self.first.digest or "")[:8]
            return (
                f"{second} repeats {first}: the same load (digest {digest}) and the same {len(self.figures)} figures."
            )
        if self.first.summary is None:
            return f"{second} was made from the settings of {first}, which has no figures to compare with."
        load = "the same load" if self.same_load else "another load"
        figures = ", ".join(self.differing[:5]) + (" and more" if len(self.differing) > 5 else "")
        code = "" if self.same_code else " The code has changed since."
        return f"{second} does not repeat {first}: {load}; figures that differ: {figures or 'none'}.{code}"

    def to_json(self) -> Json:
        """JSON types."""
        return {
            "runs": [self.first.run_id, self.second.run_id],
            "same_load": self.same_load,
            "same_code": self.same_code,
            "settings": {name: list(pair) for name, pair in self.settings.items()},
            "figures": [
                {**asdict(part.figure), "first": part.first, "second": part.second, "change": part.change}
                for part in self.figures
            ],
        }


def difference(first: KeptRun, second: KeptRun) -> Difference:
    """Two finished runs side by side."""
    names = dict.fromkeys([*first.config, *second.config])
    pairs = {name: (first.config.get(name), second.config.get(name)) for name in names}
    return Difference(
        first,
        second,
        same_load=first.digest is not None and first.digest == second.digest,
        same_code=first.code_version == second.code_version,
        settings={name: pair for name, pair in pairs.items() if pair[0] != pair[1]},
        figures=tuple(FigureDifference(f, f.of(first.summary), f.of(second.summary)) for f in FIGURES),
    )
