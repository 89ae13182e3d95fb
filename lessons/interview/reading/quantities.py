"""Numbers inside running text, in SI units: "5 s", "5k/s", "0.5M", "a million", "fifty to one", "80 %", "640 GB"."""

import re
from dataclasses import dataclass
from typing import Literal

from engine.errors import InvalidInput
from lessons.estimates.numbers import Unit, read_number

Measure = Literal["count", "times", "share", "seconds", "per_s", "bytes"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and what it measures; `share` is a part of one, `times` a factor, the others are SI."""

    value: float
    unit: Measure


_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL = {word: float(value) for value, word in enumerate(_ONES)}
_SMALL |= {word: 10.0 * place for place, word in enumerate(_TENS, start=2)}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_DIGITS = r"(?:\d{1,3}(?:[, ]\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_NUMBER = re.compile(
    rf"({_DIGITS})(?:\s*(k|mio|mn|m|bn|b|(?:hundred|thousand|million|billion|trillion)s?)(?![a-z0-9]))?"
)
_WORD = re.compile(r"([a-z]+)[\s-]*")
_TO_ONE = re.compile(r"\s*(?::|to)\s*(?:1|one)\b")
_SHARE = re.compile(r"\s*(?:%|percent\b|per cent\b)")
_TIMES = re.compile(r"\s*(?:x|\*|times|fold)(?![a-z0-9])|-?fold\b")
_TIME = re.compile(
    r"\s*-?(ns|us|µs|μs|ms|msec|secs?|seconds?|s|mins?|minutes?|hours?|hrs?|h|days?|d|weeks?)(?![a-z0-9])"
)
_BYTES = re.compile(r"\s*((?:[kmgtp]i?)?b|bytes?)(?![a-z0-9])")
_RATE = re.compile(r"\s*(?:/\s*|per\s+|an?\s+)(s|sec|second|min|minute|h|hour|day|d)(?![a-z0-9])|\s*(qps|rps|tps)\b")


def quantity_at(text: str, start: int) -> tuple[Quantity, int] | None:
    """The quantity that begins at `start` of a text in lower case, and where it ends; None where there is none.

    "one" alone is a word, not a number: "one list" counts nothing.
    """
    found = _in_digits(text, start) or _in_words(text, start)
    if found is None:
        return None
    value, scaled, end = found
    return _with_unit(text, value, scaled, end)


def _in_digits(text: str, start: int) -> tuple[float, str, int] | None:
    """(value, the same as `read_number` takes it, end)."""
    found = _NUMBER.match(text, start)
    if found is None:
        return None
    digits, scale = found[1].replace(",", "").replace(" ", ""), (found[2] or "").removesuffix("s")
    if scale == "b" or (scale == "m" and not digits):
        size = _BYTES.match(text, found.end(1))
        if size:  # "64 b" are bytes
            return float(digits), digits, found.end(1)
    if scale == "hundred":
        return float(digits) * 100.0, f"{float(digits) * 100.0:.12g}", found.end()
    try:
        return read_number(f"{digits}{scale}", "count"), f"{digits} {scale}".strip(), found.end()
    except InvalidInput:
        return 0.0, "0", found.end()


def _in_words(text: str, start: int) -> tuple[float, str, int] | None:
    total, group, end, words, at = 0.0, 0.0, start, 0, start
    while word := _WORD.match(text, at):
        name = word[1]
        plural = name.removesuffix("s")
        if name in _SMALL:
            group += _SMALL[name]
        elif name in _SCALES or (plural in _SCALES and words == 0):
            scale = _SCALES.get(name) or _SCALES[plural]
            group = (group or 1.0) * scale
            if scale > 100.0:
                total, group = total + group, 0.0
        elif not (name in ("a", "an", "several") and words == 0 and _scale_next(text, word.end())):
            break
        words += 1
        end = word.end(1)
        at = word.end()
    value = total + group
    if words == 0 or value == 1.0:
        return None
    return value, f"{value:.12g}", end


def _scale_next(text: str, at: int) -> bool:
    word = _WORD.match(text, at)
    return bool(word and word[1] in _SCALES)


def _with_unit(text: str, value: float, scaled: str, end: int) -> tuple[Quantity, int]:
    if found := _TO_ONE.match(text, end):
        return Quantity(value, "times"), found.end()
    if found := _SHARE.match(text, end):
        return Quantity(value / 100.0, "share"), found.end()
    if found := _TIMES.match(text, end):
        return Quantity(value, "times"), found.end()
    readers: tuple[tuple[re.Pattern[str], Unit, Measure, str], ...] = (
        (_RATE, "per_s", "per_s", "/"),
        (_TIME, "seconds", "seconds", " "),
        (_BYTES, "bytes", "bytes", ""),
    )
    for pattern, unit, measure, joint in readers:
        if found := pattern.match(text, end):
            name = next((part for part in found.groups() if part), "")
            name = "s" if name in ("qps", "rps", "tps") else name
            try:
                return Quantity(read_number(f"{scaled}{joint}{name}", unit), measure), found.end()
            except InvalidInput:
                break
    return Quantity(value, "count"), end
