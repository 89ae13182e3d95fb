"""The course of a day and of a week: how the volume of posts rises and falls, calibrated to measured volumes.

python -m datasets.day [DAYS] > day.csv     # timestamp,value: a trace for `python -m engine run --trace day.csv`

traced(day_trace())                         # the same as a scenario (engine/load/scenarios.py)

Source: four files of tweet volumes, 26 February to 23 April 2015, 5-minute bins (numenta/NAB, realTweets, MIT). The
curve is the mean of their four median days, by two harmonics; figures and tolerances are in datasets/README.md.
"""

import sys
from dataclasses import dataclass

import numpy as np

from engine.domain import F64
from engine.errors import InvalidTrace
from engine.load.trace import Trace

DAY_HOURS = 24
_DAY_S = 86_400
_HARMONICS = ((1, 0.497, 19.23), (2, 0.081, 3.53))
"""(Turns a day, amplitude, hour of its maximum), fitted by least squares to the mean of the four median days."""
WEEKEND_LEVEL = 0.6
"""A Saturday or Sunday over a weekday; the four files say 0.41, 0.58, 0.82 and 0.83."""
_SATURDAY = 5
_FIRST_MONDAY_S = 4 * _DAY_S
"""5 January 1970, in seconds since 1970."""
_QUARTERS = 96


def day_level(hour: F64) -> F64:
    """Volume at these hours of the day (any real numbers, UTC) over the day's mean; same shape.

    1 + sum of amplitude * cos(2 pi turns (hour - maximum) / 24): quietest (0.46) at 8:05, busiest (1.49) at 18:00.
    """
    level = np.ones(np.shape(hour))
    for turns, amplitude, maximum in _HARMONICS:
        level += amplitude * np.cos(2 * np.pi * turns * (hour - maximum) / DAY_HOURS)
    return level


def volume_until(hour: F64) -> F64:
    """The integral of `day_level` from hour 0 to these hours, in mean hours; strictly increasing, 24 a day."""
    volume = np.array(hour, dtype=np.float64)
    for turns, amplitude, maximum in _HARMONICS:
        angle = 2 * np.pi * turns / DAY_HOURS
        volume += amplitude / angle * (np.sin(angle * (hour - maximum)) + np.sin(angle * maximum))
    return volume


def day_trace(days: int = 1) -> Trace:
    """The curve as a course of load, in quarters of an hour; several days begin with a Monday and have weekends.

    Raises:
        ValueError: fewer days than one.
    """
    if days < 1:
        raise ValueError(f"a course of {days} days; allowed: 1 or more.")
    start_s: F64 = _FIRST_MONDAY_S + np.arange(days * _QUARTERS, dtype=np.float64) * (_DAY_S / _QUARTERS)
    quarter = np.diff(volume_until(np.linspace(0, DAY_HOURS, _QUARTERS + 1))) * (_QUARTERS / DAY_HOURS)
    weekend = np.arange(days) % 7 >= _SATURDAY
    value: F64 = (np.where(weekend, WEEKEND_LEVEL, 1.0)[:, None] * quarter).ravel()
    return Trace("a measured day" if days == 1 else f"{days} measured days", start_s, value)


@dataclass(frozen=True, eq=False, kw_only=True)
class DayFigures:
    """What a trace of whole days shows; days with an hour that has no row are left out."""

    days: int
    median_day: F64
    """For each hour the median over the days of its mean volume, over the mean of these 24; shape (24,). A burst in
    one day does not move it."""
    mean_day: F64
    """The same with the mean over the days, bursts and all; shape (24,)."""
    weekend: float
    """The mean Saturday or Sunday over the mean weekday; nan without either."""
    busiest_row: float
    """The largest row over the mean row."""


def measure_days(trace: Trace) -> DayFigures:
    """The day's curve of a trace whose timestamps are seconds since 1970, with rows of equal length.

    Raises:
        InvalidTrace: it holds no whole day.
    """
    day = (trace.start_s // _DAY_S).astype(np.int64)
    hour = (trace.start_s % _DAY_S // 3600).astype(np.int64)
    cell = (day - day[0]) * DAY_HOURS + hour
    cells = (int(day[-1] - day[0]) + 1) * DAY_HOURS
    rows = np.bincount(cell, minlength=cells).reshape(-1, DAY_HOURS)
    volume = np.bincount(cell, weights=trace.value, minlength=cells).reshape(-1, DAY_HOURS)
    whole = np.flatnonzero(rows.min(axis=1) > 0)
    if not len(whole):
        raise InvalidTrace(f"{trace.name}: no whole day; allowed: a trace with a row in each hour of a day.")
    level = volume[whole] / rows[whole]
    median, mean = np.median(level, axis=0), level.mean(axis=0)
    free = (whole + day[0] + 3) % 7 >= _SATURDAY  # 1 January 1970 was a Thursday
    per_day = level.mean(axis=1)
    weekend = per_day[free].mean() / per_day[~free].mean() if free.any() and not free.all() else np.nan
    return DayFigures(
        days=len(whole),
        median_day=median / median.mean(),
        mean_day=mean / mean.mean(),
        weekend=float(weekend),
        busiest_row=float(trace.value.max() / trace.value.mean()),
    )


def main(arguments: list[str]) -> None:
    """Print the curve as a trace file."""
    trace = day_trace(int(arguments[0]) if arguments else 1)
    print("timestamp,value")
    for at_s, level in zip(trace.start_s, trace.value, strict=True):
        print(f"{at_s:.0f},{level:.4f}")


if __name__ == "__main__":
    main(sys.argv[1:])
