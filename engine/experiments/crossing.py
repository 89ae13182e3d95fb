"""Where two curves cross, with an interval: one crossing for each replication, and Student's t over those."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.experiments.intervals import NOTHING, Estimate, estimate
from engine.experiments.run import Json


@dataclass(frozen=True)
class Crossing:
    """Where the first of two curves stops being below, or above, the other one.

    at: over the replications in which they cross; without a mean if there is none.
    crossed, of: in how many replications, of how many. An interval needs all of them.
    """

    at: Estimate
    crossed: int
    of: int

    @property
    def text(self) -> str:
        """In words."""
        if not self.crossed or self.at.mean is None:
            return "none in this range"
        if self.crossed < self.of:
            return f"about {self.at.mean:.4g}, but in {self.crossed} of {self.of} replications only"
        if self.at.low is None or self.at.high is None:
            return f"about {self.at.mean:.4g}, in one replication"
        return f"{self.at.mean:.4g} ({self.at.low:.4g} to {self.at.high:.4g})"

    def to_json(self) -> Json:
        """{"mean", "low", "high", "n", "crossed", "of", "text"}."""
        return {**self.at.to_json(), "crossed": self.crossed, "of": self.of, "text": self.text}


def crossing(x: Sequence[float], a: Sequence[Sequence[float]], b: Sequence[Sequence[float]]) -> Crossing:
    """Where curves a and b cross, each given for every replication as its values at x.

    Between two points curves are taken for straight, over log x where all x are positive and the largest is at least
    ten times the smallest. Of several crossings the first counts. x ascending, shape (n,); a and b (replications, n).
    """
    found = [_first(x, one, other) for one, other in zip(a, b, strict=True)]
    known = [at for at in found if at is not None]
    if not known:
        return Crossing(NOTHING, 0, len(found))
    at = estimate(known)
    if len(known) < len(found):
        at = Estimate(at.mean, None, None, at.n)
    return Crossing(at, len(known), len(found))


def _first(x: Sequence[float], a: Sequence[float], b: Sequence[float]) -> float | None:
    """The first place where a - b changes its sign, or is 0; None if it never does."""
    if len(x) < 2:
        return None
    is_log = x[0] > 0 and x[-1] >= 10 * x[0]
    place = [math.log(value) if is_log else float(value) for value in x]
    gap = [one - other for one, other in zip(a, b, strict=True)]
    if all(value == 0 for value in gap):
        return None  # one curve, not two that cross
    for i, (left, right) in enumerate(pairwise(gap)):
        if left == 0:
            return float(x[i])
        if left * right < 0:
            at = place[i] + (place[i + 1] - place[i]) * left / (left - right)
            return math.exp(at) if is_log else at
    return float(x[-1]) if gap[-1] == 0 else None
