"""How far two people agree who score the same criteria with 0, 0.5 or 1."""

from collections.abc import Sequence
from dataclasses import dataclass

CATEGORIES = (0.0, 0.5, 1.0)


@dataclass(frozen=True)
class Agreement:
    """Of two raters over the criteria that both judged."""

    count: int
    exact: float
    """Share of criteria with the same credit."""
    adjacent: float
    """Share with the same credit or one half apart."""
    mean_difference: float
    """Of the first less the second, in credits: above 0, the first is more generous."""
    kappa: float | None
    """Quadratic weighted; None where chance alone would agree wholly, because both gave one credit to all."""


def agreement(first: Sequence[float], second: Sequence[float]) -> Agreement | None:
    """Of credits in pairs; None where there are none.

    Raises:
        ValueError: not in pairs, or a credit that is none of 0, 0.5 and 1.
    """
    pairs = list(zip(first, second, strict=True))
    if not pairs:
        return None
    places = [(CATEGORIES.index(one), CATEGORIES.index(other)) for one, other in pairs]
    count = len(pairs)
    return Agreement(
        count,
        sum(one == other for one, other in places) / count,
        sum(abs(one - other) <= 1 for one, other in places) / count,
        sum(one - other for one, other in pairs) / count,
        quadratic_kappa(places),
    )


def quadratic_kappa(places: Sequence[tuple[int, int]]) -> float | None:
    """Weighted kappa with weights (i - j)^2: 1 - observed / expected disagreement, the raters' own margins expected.

    Example: quadratic_kappa([(0, 0), (1, 1), (2, 2)]) == 1.0.
    Source: J. Cohen, Weighted kappa, Psychological Bulletin 70 (1968), 213-220.
    """
    observed = sum((one - other) ** 2 for one, other in places) / len(places)
    expected = sum((one - other) ** 2 for one, _ in places for _, other in places) / len(places) ** 2
    return 1 - observed / expected if expected else None
