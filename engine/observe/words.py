"""Numbers as people read them, with their unit: one place, so that verdict, tile, chart and text line agree.

Two significant digits while a world runs, three where it stands still (`digits=3`).
"""

import math

_MOST_DECIMALS = 2


def seconds(value_s: float, digits: int = 2) -> str:
    """7.13 -> '7.1 s'; 123 -> '120 s'."""
    return f"{number(value_s, digits)} s"


def millis(value_ms: float, digits: int = 2) -> str:
    """14.2 -> '14 ms'; from ten seconds on in seconds: 13,100 -> '13 s'."""
    return seconds(value_ms / 1000, digits) if value_ms >= 10_000 else f"{number(value_ms, digits)} ms"


def count(value: float) -> str:
    """12000 -> '12,000': whole things, all digits."""
    return f"{round(value):,}"


def rate(value_per_s: float, digits: int = 3) -> str:
    """1653.2 -> '1,650/s'."""
    return f"{number(value_per_s, digits)}/s"


def share(value: float) -> str:
    """0.998 -> '99.8 %', 0.73 -> '73 %'. Never rounded to all or nothing: at most '99.9 %', at least 'under 0.1 %'."""
    percent = value * 100
    if percent in (0.0, 100.0):
        return f"{percent:.0f} %"
    if 1 <= percent <= 99:
        return f"{percent:.0f} %"
    # floored near 100; 1e-6 is for 0.998 * 100 = 99.8 minus a rounding error
    tenths = math.floor(percent * 10 + 1e-6) if percent > 99 else round(percent * 10)
    if not tenths:
        return "under 0.1 %"
    return f"{tenths / 10:.1f} %"


def times(factor: float) -> str:
    """2.13 -> '2.1x'."""
    return f"{number(factor, 2)}x"


def clock(t_s: float) -> str:
    """98.4 -> '00:01:38': virtual time since the world was opened."""
    whole = int(max(t_s, 0))
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def exactly(value: float) -> str:
    """A setting as it was set: 5.0 -> '5', 0.3 -> '0.3', 12000 -> '12,000'."""
    return f"{value:,.10g}"


def number(value: float, digits: int = 2) -> str:
    """`value` to so many significant digits and at most two decimals, with thousands separated."""
    if value == 0 or not math.isfinite(value):
        return f"{value:.0f}"
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = digits - 1 - math.floor(math.log10(abs(rounded)))
    text = f"{rounded:,.{min(max(decimals, 0), _MOST_DECIMALS)}f}"
    return text if float(text.replace(",", "")) else "0"
