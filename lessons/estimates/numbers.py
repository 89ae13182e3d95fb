"""Numbers as people write them, read into a unit: "3.5k", "60 billion", "1,000", "2 min", "12 Gbit/s"."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from engine.errors import InvalidInput

Unit = Literal["count", "per_s", "seconds", "bytes", "bits_per_s", "usd_per_month"]
"""Of an answer. A number is always kept in the unit of this name, `count` without any."""
LEAST, MOST = 1e-9, 1e24
"""What an estimate may be."""
LONGEST = 60
"""Characters."""

_LARGE = {
    "k": 3, "thousand": 3, "mio": 6, "mn": 6, "million": 6, "millions": 6, "mrd": 9, "bn": 9, "billion": 9,
    "billions": 9, "g": 9, "t": 12, "tn": 12, "trillion": 12, "trillions": 12, "p": 15,
}  # fmt: skip
"""Word in lower case -> power of ten. "m" and "b" depend on the unit."""
_TIMES = {
    **dict.fromkeys(("ns", "nanosecond", "nanoseconds"), 1e-9),
    **dict.fromkeys(("us", "µs", "μs", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3_600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
    **dict.fromkeys(("week", "weeks"), 604_800.0),
}
_BINARY = {"ki": 1024.0, "mi": 1024.0**2, "gi": 1024.0**3, "ti": 1024.0**4, "pi": 1024.0**5}
_MONTHS = {"month": 1.0, "mo": 1.0, "year": 12.0, "yr": 12.0}
_ABOUT = re.compile(r"^(?:~|≈|about|around|roughly|circa|ca\.?|some)\s*", re.IGNORECASE)
_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_NUMBER = re.compile(
    r"""(?P<digits>\d{1,3}(?:[,_'’ ]\d{3})+(?:\.\d+)?(?!\d) | \d+(?:[.,]\d+)? | \.\d+)
        (?: [eE](?P<e>[+-]?\d{1,3})(?![a-zA-Z\d]) | \s*[x×*·]\s*10\s*\^\s*(?P<power>-?\d{1,3})
          | \^(?P<of>\d{1,3}) )?""",
    re.VERBOSE,
)
_GROUPED = re.compile(r"^[1-9]\d{0,2}(?:[,_'’ ]\d{3})+(?:\.\d+)?$")
_DECIMAL = re.compile(r"^(?:\d*\.\d+|\d+(?:,\d{1,2})?|0,\d+)$")
"""With a comma, not three digits behind it, which are thousands; more than that may be a slip."""
_ALLOWED = {
    "count": "a number such as 3.5k, 1,000 or 60 billion",
    "per_s": "a rate such as 3.5k/s, 1,000/s or 2 million a minute",
    "seconds": "a time such as 90 s, 2 min or 1 h 30 min",
    "bytes": "a size such as 300 GB or 1.5 TB",
    "bits_per_s": "a rate such as 12 Gbit/s or 800 MB/s",
    "usd_per_month": "an amount such as $2,000 or 3.5k",
}


def read_number(text: str, unit: Unit) -> float:
    """What somebody wrote, in `unit`; a number that names no unit of its own is in it already.

    A comma before exactly three digits separates thousands, any other one is a decimal comma. In a time, "m" is a
    minute; in a size, "B" is a byte; elsewhere they are a million and a billion.

    Raises:
        InvalidInput: not a number above zero, or of another unit; says what is allowed.
    """
    shown = " ".join(text.split())
    if not shown:
        raise InvalidInput(f"There is no number; allowed: {_ALLOWED[unit]}.")
    try:
        value = _read(_plain(shown), unit) if len(shown) <= LONGEST else None
    except (InvalidOperation, OverflowError):
        value = None
    if value is None:
        short = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}..."
        raise InvalidInput(f"{short!r} is not understood; allowed: {_ALLOWED[unit]}.")
    if not LEAST <= value <= MOST:
        raise InvalidInput(f"{shown!r} is out of bounds; allowed: above zero and up to 10^24.")
    return value


def _plain(text: str) -> str:
    """Without "about", and with raised digits written as powers."""
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda raised: "^" + raised[0].translate(_SUPER), text)
    return _ABOUT.sub("", text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2009", " "))


def _read(text: str, unit: Unit) -> float | None:
    if unit == "seconds":
        return _time(text)
    if unit == "usd_per_month":
        text = re.sub(r"^(?:\$|usd|us\$)\s*", "", text, flags=re.IGNORECASE)
    found = _leading(text)
    if found is None:
        return None
    value, rest = found
    factor = _FACTORS[unit](rest)
    return None if factor is None else float(value * Decimal(factor))


def _leading(text: str) -> tuple[Decimal, str] | None:
    """The number a text begins with, and the words behind it."""
    found = _NUMBER.match(text)
    if found is None:
        return None
    digits = found["digits"]
    rest = text[found.end() :].strip()
    if _GROUPED.match(digits):
        digits = re.sub(r"[,_'’ ]", "", digits)
    elif not _DECIMAL.match(digits):
        return None
    digits = digits.replace(",", ".")
    value = Decimal(digits)
    if found["of"]:
        return value ** int(found["of"]), rest
    return value.scaleb(int(found["e"] or found["power"] or 0)), rest


def _scale(word: str) -> float | None:
    """Of a word such as "k", "million" or nothing: how many that is, where it is no size and no time."""
    if word == "":
        return 1.0
    low = word.lower()
    power = {"m": 6, "b": 9}.get(low, _LARGE.get(low))
    return None if power is None else 10.0**power


def _count(rest: str) -> float | None:
    """A scale, and perhaps a word for what is counted."""
    words = rest.split()
    if not words:
        return 1.0
    scale = _scale(words[0])
    if scale is None:
        return 1.0 if len(words) == 1 and _is_thing(words[0]) else None
    return scale if len(words) == 1 or (len(words) == 2 and _is_thing(words[1])) else None


def _is_thing(word: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z]{4,20}", word)) and word.lower() not in _TIMES


def _rate(rest: str) -> float | None:
    """A scale and "a second", "/min" and the like; without it, by the second."""
    parts = re.fullmatch(r"(.*?)\s*(?:/|\bper\b|\ban?\b|\beach\b)\s*([A-Za-z]+)", rest)
    if parts is None:
        short = re.fullmatch(r"(.*?)\s*(?:qps|rps|tps)", rest, re.IGNORECASE)
        return _count(short[1] if short else rest)
    scale, seconds = _count(parts[1]), _TIMES.get(parts[2].lower())
    return None if scale is None or seconds is None else scale / seconds


def _bytes(rest: str) -> float | None:
    parts = re.fullmatch(r"(thousand|millions?|billions?|trillions?|[kKmMgGtTpP]i?)?\s*(?:[bB]|[bB]ytes?)?", rest)
    return None if parts is None else _prefix(parts[1] or "")


def _prefix(word: str) -> float | None:
    low = word.lower()
    return _BINARY[low] if low in _BINARY else _scale(low)


def _bits(rest: str) -> float | None:
    """Bits in a second; "B" and "bytes" have eight of them."""
    parts = re.fullmatch(r"([kKmMgGtTpP]?)\s*(bits?|[bB]ytes?|b|B)?(?:/s|ps|\s*(?:/|per|a)\s*s(?:ec(?:ond)?)?)?", rest)
    if parts is None:
        return None
    scale = _scale(parts[1])
    return None if scale is None else scale * (8.0 if parts[2] in ("B", "byte", "bytes", "Byte", "Bytes") else 1.0)


def _money(rest: str) -> float | None:
    parts = re.fullmatch(r"(.*?)\s*(?:\$|usd|dollars?)?\s*(?:(?:/|per|an?)\s*(month|mo|year|yr))?", rest, re.IGNORECASE)
    scale = _scale(parts[1]) if parts else None
    return None if parts is None or scale is None else scale / _MONTHS[(parts[2] or "month").lower()]


def _time(text: str) -> float | None:
    """One time, or several that are added up: "1 h 30 min"."""
    total, rest, before_s = Decimal(0), text, math.inf
    while rest:
        found = _leading(rest)
        if found is None:
            return None
        value, rest = found
        word = re.match(
            r"(?:(k|K|M|B|bn|thousand|million|billion)(?![A-Za-zµμ])\s*)?([A-Za-zµμ]*)\s*(?:and\b)?\s*", rest
        )
        if word is None:
            return None
        scale = _scale(word[1] or "")
        seconds = _TIMES.get(word[2].lower() if word[2] else "s")
        if scale is None or seconds is None or seconds >= before_s or (not word[2] and before_s < math.inf):
            return None
        total += value * Decimal(scale) * Decimal(str(seconds))
        rest, before_s = rest[word.end() :], seconds
    return float(total)


_FACTORS = {"count": _count, "per_s": _rate, "bytes": _bytes, "bits_per_s": _bits, "usd_per_month": _money}


@dataclass(frozen=True)
class Range:
    """Between which two numbers somebody is 90 % sure that the answer lies."""

    low: float
    high: float

    def holds(self, truth: float) -> bool:
        """Whether the answer lies in it; its ends count."""
        return self.low <= truth <= self.high


def read_range(low: str, high: str, unit: Unit, estimate: float) -> Range | None:
    """A range around an estimate; None where both fields are empty.

    Raises:
        InvalidInput: one field alone, no numbers, the wrong way round, or the estimate is not in it.
    """
    if not low.strip() and not high.strip():
        return None
    if not low.strip() or not high.strip():
        raise InvalidInput("A range has two ends; fill in both, or leave both empty.")
    found = Range(read_number(low, unit), read_number(high, unit))
    if found.low >= found.high:
        raise InvalidInput("The range goes down; put the lower number first.")
    if not found.holds(estimate):
        raise InvalidInput("Your estimate lies outside your own range; widen the range, or change the estimate.")
    return found
