"""Numbers as people say them: 6,944 posts/s, 60 billion inserts/day, 300 GB/day."""

_LARGE = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_ONE = {"people": "person", "accounts": "account", "years": "year", "workers": "worker", "followers": "follower"}


def figure(value: float) -> str:
    """Three digits, thousands whole, from a million on in words."""
    size = abs(value)
    if size and (size >= 1e18 or size < 1e-6):
        return f"{value:.2e}"
    for least, word in _LARGE:
        if size >= least * 0.9999995:
            return f"{_three(value / least)} {word}"
    return f"{value:,.0f}" if size >= 999.5 else _three(value)


def room(gigabytes: float) -> str:
    """Bytes in the largest unit that leaves something before the point: 24 TB."""
    for least, unit in ((1e6, "PB"), (1e3, "TB")):
        if gigabytes >= least:
            return f"{figure(gigabytes / least)} {unit}"
    return f"{figure(gigabytes)} GB"


def with_unit(value: float, unit: str) -> str:
    """The same with its unit; long times in hours, too."""
    said = figure(value)
    if said == "1":
        unit = _ONE.get(unit, unit)
    hours = f" ({figure(value / 3_600)} h)" if unit in ("s", "s/post") and value >= 3_600 else ""
    return f"{said} {unit}".rstrip() + hours


def plain(value: float) -> str:
    """As a machine reads it again, to the last digit, and a person too: 200, 0.25, 1e+22."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _three(value: float) -> str:
    """Three digits; what has two decimals at most as it is: 99.99."""
    if value == round(value, 2):
        return f"{value:,g}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
