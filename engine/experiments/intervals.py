"""How sure a mean or a difference of replications is: Student's t, paired where the load is the same.

Replications are independent: each has a seed of its own. Two designs that were given the same replications (common
random numbers) are compared by their differences within each replication, so that what the load does to both of them
cancels out, and only the rest counts as noise.
Source: A. M. Law, Simulation Modeling and Analysis, 5th ed. (McGraw-Hill, 2015), 10.2.1 "A paired-t confidence
interval" and 11.2 "Common random numbers"; Student, "The probable error of a mean", Biometrika 6 (1908).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean, stdev
from typing import Any, Literal

CONFIDENCE = 0.95
METHOD = (
    "Student's t on the replications' means; differences by Student's t on the paired differences "
    "(Law, Simulation Modeling and Analysis, 5th ed., 10.2.1), each interval 95 % by itself."
)
_FEWEST = 2

Verdict = Literal["lower", "higher", "none", "unknown"]
"""What a difference says: the interval lies below 0, above 0, or holds 0; unknown without an interval."""


@dataclass(frozen=True)
class Estimate:
    """A mean over `n` replications and its interval; all None where nothing was measured."""

    mean: float | None
    low: float | None
    """Ends of the interval; None with fewer than two replications."""
    high: float | None
    n: int

    @property
    def half_width(self) -> float | None:
        """How far the interval reaches to either side."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    @property
    def verdict(self) -> Verdict:
        """Of a difference: is it one?"""
        if self.low is None or self.high is None:
            return "unknown"
        return "lower" if self.high < 0 else "higher" if self.low > 0 else "none"

    def to_json(self) -> dict[str, Any]:
        """{"mean", "low", "high", "n"}."""
        return {"mean": self.mean, "low": self.low, "high": self.high, "n": self.n}


NOTHING = Estimate(None, None, None, 0)


def estimate(values: Sequence[float | None], confidence: float = CONFIDENCE) -> Estimate:
    """The mean of independent replications, with the interval that holds the true mean with this confidence.

    mean +- t(n - 1) * s / sqrt(n). It assumes that the mean of a replication is about normal: with few replications
    and a skewed measure (a maximum, a p99 of a heavy tail) it holds the truth less often than it says.

    Args:
        values: one for each replication; if one of them is None the measure does not exist here, and there is no mean.
        confidence: between 0 and 1.
    """
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return NOTHING
    mean = fmean(known)
    if len(known) < _FEWEST:
        return Estimate(mean, None, None, len(known))
    half = _t_quantile(len(known) - 1, 0.5 + confidence / 2) * stdev(known) / len(known) ** 0.5
    return Estimate(mean, mean - half, mean + half, len(known))


def difference(a: Sequence[float | None], b: Sequence[float | None], confidence: float = CONFIDENCE) -> Estimate:
    """The mean of b - a over paired replications, with its interval.

    Raises:
        ValueError: not as many of one as of the other: they are no pairs.
    """
    pairs = zip(a, b, strict=True)
    return estimate([None if x is None or y is None else y - x for x, y in pairs], confidence)


def get_ready() -> None:
    """Load now what intervals need, for whoever has to wait anyhow: later it would be 0.3 s of the reader's time."""
    _t_quantile(1, 0.5 + CONFIDENCE / 2)


@cache
def _t_quantile(freedom: int, p: float) -> float:
    from scipy.special import stdtrit  # only whoever compares needs it

    return float(stdtrit(freedom, p))
