"""The candidate's estimates beside what follows from their own assumptions, or what their own run measured."""

import math
from dataclasses import dataclass
from statistics import median
from typing import Literal

from lessons.interview.figures import figure
from lessons.interview.transcript import Transcript

_DAY_S = 86_400
_COPIES = 3
"""Of stored posts: what a database keeps that must not lose any."""
_ENTRY_BYTES = 16
"""Of one reference: ids of the post and of its author."""
_IDLE_S = 1.0
"""A queue that is empty so soon had room: an estimate as short is right, whatever the ratio."""


@dataclass(frozen=True)
class Estimate:
    """One estimate. `reference`: None where the assumptions or the run for it are missing."""

    name: str
    value: float | None
    reference: float | None
    unit: str
    factor: float
    source: Literal["own assumptions", "own run"]

    @property
    def ratio(self) -> float | None:
        """How many times too high or too low, at least 1; None if it cannot be told."""
        if self.value is None or self.reference is None:
            return None
        if self.name == "drain_s" and max(self.value, self.reference) <= _IDLE_S:
            return 1.0
        if min(self.value, self.reference) <= 0:
            return 1.0 if self.value == self.reference else math.inf
        return max(self.value / self.reference, self.reference / self.value)

    @property
    def credit(self) -> float:
        """1 within the factor, 0.5 within its square, else 0."""
        ratio = self.ratio
        if ratio is None:
            return 0.0
        ratio /= 1 + 1e-9  # 2.0 is within a factor of 2
        return 1.0 if ratio <= self.factor else 0.5 if ratio <= self.factor**2 else 0.0

    @property
    def off(self) -> float | None:
        """log10(estimate / reference): above 0, too high."""
        if not self.value or not self.reference:
            return None
        return math.log10(self.value / self.reference)


def estimates_of(transcript: Transcript) -> dict[str, Estimate]:
    """All of them by name, also those that were not made."""
    s1, s3 = transcript.steps.s1.structured, transcript.steps.s3.structured
    s4, s5 = transcript.steps.s4.structured, transcript.steps.s5.structured
    given, base = s1.assume, transcript.run.base
    posts_s = _over(given.posts_per_day, _DAY_S)
    deliveries_s = _times(posts_s, given.fanout_mean)
    pushed = figure(base, "write_amplification")
    saved = None if pushed is None or not given.fanout_mean else min(max(1 - pushed / given.fanout_mean, 0.0), 1.0)
    ours: Literal["own assumptions"] = "own assumptions"
    run: Literal["own run"] = "own run"
    listed = (
        Estimate("posts_s", s1.estimate.posts_s, posts_s, "posts/s", 2.0, ours),
        Estimate("reads_s", s1.estimate.reads_s, _over(given.home_reads_per_day, _DAY_S), "reads/s", 2.0, ours),
        Estimate("deliveries_s", s1.estimate.deliveries_s, deliveries_s, "deliveries/s", 2.0, ours),
        Estimate("peak_deliveries_s", s1.estimate.peak_deliveries_s, _times(deliveries_s, given.peak),
                 "deliveries/s", 2.0, ours),
        Estimate("deliveries_saved_share", s3.estimate.deliveries_saved_share, saved, "share", 3.0, run),
        Estimate("rows_per_read", s3.estimate.rows_per_read, figure(base, "rows_per_read"), "rows/read", 3.0, run),
        Estimate("timeline_gb", s4.estimate.timeline_gb,
                 _times(given.dau, s4.cap, _ENTRY_BYTES / 1e9), "GB", 3.0, ours),
        Estimate("posts_gb_day", s4.estimate.posts_gb_day,
                 _times(given.posts_per_day, given.payload_kb, _COPIES / 1e6), "GB/day", 2.0, ours),
        Estimate("util", _util(transcript), figure(base, "stations.workers.util"), "share", 2.0, run),
        Estimate("drain_s", s5.estimate.drain_s, _drain_s(transcript), "s", 2.0, run),
    )  # fmt: skip
    return {one.name: one for one in listed}


def lean(estimates: dict[str, Estimate]) -> tuple[float | None, float | None]:
    """(bias, spread) of those that can be told, in orders of magnitude: the median of log10(estimate / reference), and
    the median distance from it."""
    off = sorted(one.off for one in estimates.values() if one.off is not None)
    if not off:
        return None, None
    bias = median(off)
    return bias, median([abs(one - bias) for one in off])


def _util(transcript: Transcript) -> float | None:
    """As it was put, or as it follows from the workers and the deliveries that were put."""
    s1, s5 = transcript.steps.s1.structured, transcript.steps.s5.structured
    if s5.estimate.util is not None:
        return s5.estimate.util
    capacity = _times(s5.workers, s5.per_worker_s)
    return _over(s1.estimate.deliveries_s, capacity)


def _drain_s(transcript: Transcript) -> float | None:
    """After the own peak; after the first unforeseen load that made a backlog, if that was not measured."""
    runs = transcript.run
    parts = [runs.base, *(runs.unforeseen[name] for name in sorted(runs.unforeseen))]
    return next((part.peak.drain_s for part in parts if part is not None and part.peak.drain_s is not None), None)


def _times(*factors: float | None) -> float | None:
    product = 1.0
    for factor in factors:
        if factor is None:
            return None
        product *= factor
    return product


def _over(value: float | None, divisor: float | None) -> float | None:
    return None if value is None or not divisor else value / divisor
