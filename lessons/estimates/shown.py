"""Numbers as people read them: three digits, and the unit."""

import math

from lessons.estimates.numbers import Unit


def digits(value: float, significant: int = 3) -> str:
    """At most so many significant digits, without an exponent: "3,470", "0.0124"."""
    if value == 0:
        return "0"
    places = significant - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    return f"{rounded:,.{max(places, 0)}f}".rstrip("0").rstrip(".") if places > 0 else f"{rounded:,.0f}"


def short(value: float) -> str:
    """With a letter from ten thousand on: "3,472", "347k", "60B"."""
    for name, size in (("T", 1e12), ("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= (1e4 if name == "k" else size) * (1 - 5e-4):
            return f"{digits(value / size)}{name}"
    return digits(value, 4 if value >= 1e3 else 3)


def shown(value: float, unit: Unit, noun: str = "") -> str:
    """A value as people read it, with its unit: "694k/s", "2 min", "900 GB", "12 Gbit/s", "$1,840 a month"."""
    if unit == "seconds":
        return _time_shown(value)
    if unit == "bytes":
        return _prefixed(value, "B")
    if unit == "bits_per_s":
        return _prefixed(value, "bit/s")
    if unit == "usd_per_month":
        return f"${short(value)} a month"
    if unit == "per_s":
        return f"{short(value)}{f' {noun}' if noun else ''}/s"
    return f"{short(value)} {noun}".strip()


def _prefixed(value: float, unit: str) -> str:
    for name, size in (("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size * (1 - 5e-4):
            return f"{digits(value / size)} {name}{unit}"
    return f"{digits(value)} {unit}"


def _time_shown(seconds: float) -> str:
    for name, size, least in (
        ("days", 86_400.0, 1.5),
        ("h", 3_600.0, 1.5),
        ("min", 60.0, 2.0),
        ("s", 1.0, 1.0),
        ("ms", 1e-3, 1.0),
    ):
        if seconds >= size * least * (1 - 5e-4):
            return f"{digits(seconds / size)} {name}"
    return f"{digits(seconds * 1e6)} µs"


def words(value: float) -> str:
    """A round number as a text says it: "300 million", "1.5 billion", "200,000"."""
    for name, size in (("trillion", 1e12), ("billion", 1e9), ("million", 1e6)):
        if value >= size:
            return f"{digits(value / size)} {name}"
    return digits(value, 6)


def times(factor: float) -> str:
    """How many times as much: "1.4 times", "20 times"."""
    return f"{digits(factor, 2)} times"
