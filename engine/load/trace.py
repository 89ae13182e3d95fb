"""Real traces of volume as a rate profile: CSV `timestamp,value`, mapped as a whole onto a run.

A value is taken as the level from its timestamp to the next one, so evenly spaced counts (five-minute bins of
tweets) and unevenly sampled rates are both read rightly. The last value holds as long as a typical row.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from engine.domain import F64
from engine.errors import InvalidTrace

_LATEST_S = 1e20
"""Beyond this a number is no timestamp, be it in nanoseconds; gaps stay finite."""


@dataclass(frozen=True, eq=False)
class Trace:
    """A volume over time. `start_s` F64[n] strictly increasing, `value` F64[n] >= 0 and not all zero; n >= 2."""

    name: str
    start_s: F64
    value: F64

    @property
    def peak_ratio(self) -> float:
        """The busiest row over the mean in time."""
        width = self._widths()
        return float(width.sum() / (self.value / self.value.max() * width).sum())

    def profile(self, seconds: int) -> F64:
        """The whole trace as a multiplier for each virtual second, shape (seconds,), mean 1.

        A second holds the mean over its share of the trace: rows are never skipped, whatever the compression.
        """
        width = self._widths()
        level = self.value / self.value.max()  # values near the largest float must not overflow in the sum
        edges = np.concatenate(([0.0], np.cumsum(width)))
        volume = np.concatenate(([0.0], np.cumsum(level * width)))
        per_bin = np.diff(np.interp(np.linspace(0.0, edges[-1], seconds + 1), edges, volume))
        profile: F64 = np.maximum(per_bin, 0.0) / per_bin.mean()
        return profile

    def _widths(self) -> F64:
        gaps = np.diff(self.start_s)
        return np.append(gaps, np.median(gaps))


def load_trace(path: str | Path) -> Trace:
    """Read a trace file.

    Timestamps are ISO (`2015-02-26 21:42:53`) or numbers (seconds), strictly increasing; values are finite and
    >= 0, not all zero; at least two rows; one header line is allowed.

    Raises:
        InvalidTrace: naming the file, the line, what is wrong with it and what is allowed.
    """
    file = Path(path)
    try:
        lines = file.read_text(encoding="utf-8-sig").rstrip().split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InvalidTrace(f"{file}: cannot be read: {reason}; allowed: a CSV file of timestamp,value.") from error
    start_s: list[float] = []
    value: list[float] = []
    for number, at_s, level in _rows(file, lines):
        if start_s and at_s <= start_s[-1]:
            raise _invalid(file, number, "timestamp is not later than the one before", "strictly increasing timestamps")
        start_s.append(at_s)
        value.append(level)
    if len(start_s) < 2:
        found = f"the file ends after {len(start_s)} row{'s' if not start_s else ''}"
        raise _invalid(file, len(lines), found, "at least 2 rows of timestamp,value")
    if not any(value):
        raise _invalid(file, len(lines), "all values are zero", "at least one value above zero")
    return Trace(file.name, np.array(start_s), np.array(value))


def _rows(file: Path, lines: list[str]) -> Iterator[tuple[int, float, float]]:
    """(line number, seconds, value) of each row; a first line of two words is a header; blank lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        fields = [field.strip().strip('"') for field in line.split(",")]
        if len(fields) != 2:
            raise _invalid(file, number, f"{len(fields)} fields", "two fields, timestamp,value")
        at_s, level = _seconds(fields[0]), _number(fields[1])
        if number == 1 and at_s is None and level is None:
            continue
        if at_s is None:
            raise _invalid(file, number, f"timestamp {fields[0]!r}", "YYYY-MM-DD HH:MM:SS, or seconds as a number")
        if level is None or level < 0:
            raise _invalid(file, number, f"value {fields[1]!r}", "a finite number >= 0")
        yield number, at_s, level


def _number(word: str) -> float | None:
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _seconds(word: str) -> float | None:
    number = _number(word)
    if number is not None:
        return number if abs(number) <= _LATEST_S else None
    try:
        instant = datetime.fromisoformat(word)
    except ValueError:
        return None
    # Published traces are mostly without a zone; only differences matter.
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def _invalid(file: Path, line: int, reason: str, allowed: str) -> InvalidTrace:
    return InvalidTrace(f"{file}, line {line}: {reason}; allowed: {allowed}.")


def _daily_curve() -> Trace:
    """One day in 96 quarters: 0.50 of the mean at its quietest hour, 1.62 at its busiest (ratio 3.2).

    Only these three numbers are published; the smooth curve through them is ours: a raised cosine whose power is
    chosen so that its mean is 1. It starts at midnight; quietest at 04:00, busiest at 16:00.

    Source: Pingdom, three weeks of 2009 (mean hour 1.139 M tweets, busiest 1.841 M, quietest 0.567 M).
    """
    quietest, busiest, power = 0.567 / 1.139, 1.841 / 1.139, 1.31
    start_s = np.arange(0, 86_400, 900, dtype=np.float64)
    day = (1 - np.cos(2 * np.pi * (start_s / 86_400 - 4 / 24))) / 2
    value: F64 = quietest + (busiest - quietest) * day**power
    return Trace("a day of 2009", start_s, value)


DAILY = _daily_curve()
"""What the scenario `trace` plays when no file is given."""
