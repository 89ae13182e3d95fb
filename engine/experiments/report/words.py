"""Values as a report prints them."""

import math


def shown(value: object) -> str:
    """A number as people read it; what is none as it is."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 1_000 or value == int(value) else f"{value:.4g}"


def with_unit(value: float, unit: str) -> str:
    """A number with its unit; shares in per cent."""
    return f"{100 * value:.4g} %" if unit == "share" else f"{shown(value)} {unit}"
