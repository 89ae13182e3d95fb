"""Where in a chart a label stands so that it covers no line."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ROW_PX = 104
"""The height of a chart."""
_LETTER_PX, _LINE_PX, _NARROW_PX = 6.2, 18, 430
"""The size of letters, and of a chart on a screen of 1280 pixels: the narrowest there is."""
_OFF_PX, _HEIGHTS = (22, -22, 110, -110, 200, -200), (0.86, 0.62, 0.38, 0.14)


def free_place(
    lines: Sequence[tuple[Array, Array]], mark: tuple[float, float], letters: int
) -> tuple[float, float, str]:
    """Where a label of so many letters covers the least of some lines: (x, height, which of its ends is at x).

    `lines`: (x, y) of each, and `mark`, in shares of the chart's width and height; nan where there is no value.
    """
    wide, tall = letters * _LETTER_PX / _NARROW_PX, _LINE_PX / ROW_PX

    def covered(off_px: int, height: float) -> float:
        begin = mark[0] + off_px / _NARROW_PX
        low, high = sorted((begin, begin + (wide if off_px > 0 else -wide)))
        cut = max(0.0, -low) + max(0.0, high - 1)
        return 1_000 * cut + sum(_inside(x, y, (low, high), (height - tall / 2, height + tall / 2)) for x, y in lines)

    places = [(off_px, height) for off_px in _OFF_PX for height in _HEIGHTS]
    best = min(places, key=lambda place: (covered(*place), abs(place[0]), abs(place[1] - mark[1])))
    return mark[0] + best[0] / _NARROW_PX, best[1], "left" if best[0] > 0 else "right"


def _inside(x: Array, y: Array, across: tuple[float, float], up: tuple[float, float]) -> int:
    """How many of 200 points of a line across a box lie in it."""
    known = ~np.isnan(y)
    if not known.any():
        return 0
    fine = np.linspace(across[0], across[1], 200)
    heights = np.interp(fine, x[known], y[known])
    return int(np.count_nonzero((heights > up[0]) & (heights < up[1])))
