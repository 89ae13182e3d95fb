"""How good estimates are: by order of magnitude, and whether they lean to one side."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Literal

from lessons.estimates.numbers import Range
from lessons.estimates.shown import digits, times

Band = Literal["exact", "within x2", "within x10", "off"]
BANDS: tuple[Band, ...] = ("exact", "within x2", "within x10", "off")
LAST = 10
"""Bias is that of so many estimates, the newest."""
FEWEST_RANGES = 5
"""Below that, a share of ranges says nothing."""
EXACT = 0.1
_CLOSE, _MAGNITUDE = 2.0, 10.0
_ROUNDING = 1 + 1e-9


@dataclass(frozen=True)
class Grade:
    """One estimate beside its answer."""

    off: float
    """log10(estimate / truth): 0 is exact, 1 ten times too high, -1 ten times too low."""
    band: Band

    @property
    def wrong(self) -> bool:
        """More than twice, or less than half: the question comes back as a drill."""
        return self.band in ("within x10", "off")

    @property
    def sentence(self) -> str:
        """In words."""
        factor = 10 ** abs(self.off)
        side = "too high" if self.off > 0 else "too low"
        if self.band == "exact":
            return "Within 10 %: as good as exact."
        if self.band == "within x2":
            return f"{times(factor)} {side}: close enough to decide on."
        if self.band == "within x10":
            return f"{times(factor)} {side}: the right region, but not the right decision."
        return f"{times(factor)} {side}: {digits(abs(self.off), 2)} orders of magnitude away."


def grade(estimate: float, truth: float) -> Grade:
    """`estimate` and `truth` in the same unit, both above zero."""
    off = math.log10(estimate / truth)
    factor = 10 ** abs(off) / _ROUNDING
    if abs(estimate / truth - 1) <= EXACT * _ROUNDING:
        return Grade(off, "exact")
    return Grade(off, "within x2" if factor <= _CLOSE else "within x10" if factor <= _MAGNITUDE else "off")


@dataclass(frozen=True)
class Done:
    """One estimate whose answer has been shown."""

    question: str
    """Its id."""
    title: str
    at: float
    """Seconds since 1970."""
    estimate: float
    truth: float
    said: str
    """The estimate with its unit."""
    shown: str
    """The truth with its unit."""
    range: Range | None = None

    @property
    def grade(self) -> Grade:
        """How good it was."""
        return grade(self.estimate, self.truth)


def bias(done: Sequence[Done], last: int = LAST) -> float | None:
    """Mean log10(estimate / truth) of the newest: above 0, too high on the whole. None without estimates."""
    return fmean(one.grade.off for one in done[-last:]) if done else None


def running_bias(done: Sequence[Done], last: int = LAST) -> list[float]:
    """The bias as it was after each of them, oldest first."""
    return [bias(done[: count + 1], last) or 0.0 for count in range(len(done))]


def typical(done: Sequence[Done], last: int = LAST) -> float | None:
    """The median factor by which the newest were off, whatever the side; 1 is exact. None without estimates."""
    return 10 ** median(abs(one.grade.off) for one in done[-last:]) if done else None


def bias_sentence(value: float) -> str:
    """A bias in words."""
    factor = 10 ** abs(value)
    if factor < 1 + EXACT:
        return "You lean to neither side."
    return f"On the whole you guess {times(factor)} too {'high' if value > 0 else 'low'}."


@dataclass(frozen=True)
class Coverage:
    """How many ranges held the truth, of those that were given."""

    held: int
    given: int

    @property
    def sentence(self) -> str:
        """In words; a share only from five ranges on."""
        if self.given < FEWEST_RANGES:
            missing = FEWEST_RANGES - self.given
            often = f"{missing} more time{'s' if missing > 1 else ''}"
            return f"Give a range {often}, and this page tells how often the answer lies in it."
        share = self.held / self.given
        percent = f"{100 * share:.0f}\N{NO-BREAK SPACE}%"
        said = f"{self.held} of your {self.given} ranges hold the answer ({percent}); "
        said += "you were 90 % sure of each. "
        if share < 0.8:
            return said + "Make them wider: you are less sure than you think."
        return said + ("They could be narrower." if share == 1 and self.given >= 20 else "That fits.")


def coverage(done: Sequence[Done]) -> Coverage:
    """Of all estimates with a range."""
    ranged = [one for one in done if one.range is not None]
    return Coverage(sum(one.range.holds(one.truth) for one in ranged if one.range is not None), len(ranged))
