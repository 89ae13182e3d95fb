"""How a kept figure is written: one rule for the list, the tiles, the sentences, the tables and the report.

Runs that have ended are compared figure by figure, so what is rounded is rounded alike everywhere: four significant
digits, whole thousands with all of theirs, shares in per cent, a unit that does not change with the value.
"""

import math


def shown(value: object, unit: str = "") -> str:
    """A value without its unit: 9994.92 -> '9,995', 38.7125 -> '38.71', 0.5 -> '0.5'; '–' for none.

    A share is given in per cent, and is never rounded to all: 0.99999 -> 'over 99.99'. What is no number is as it is.
    """
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return str(value)
    if unit == "share":
        text = _digits(100 * value)
        return "over 99.99" if text == "100" and value < 1 else text
    return _digits(value)


def unit_shown(unit: str) -> str:
    """The unit that `shown` gives a value in."""
    return "%" if unit == "share" else unit


def with_unit(value: float | None, unit: str) -> str:
    """A value with its unit: '9,995 ms', '99.2 %'; '–' for none."""
    return shown(value) if value is None else f"{shown(value, unit)} {unit_shown(unit)}".rstrip()


def _digits(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 999.95 or value == int(value) else f"{value:.4g}"
