"""What can have happened in a run, how it is brought about, and the sign by which the engine's records tell it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.domain import F64
from engine.observe.metric import Metric
from lessons.figure import Series, spoken

Way = Literal["jumps", "falls", "stays", "none", "some"]
_WORDS: Mapping[Way, str] = {
    "jumps": "jumped", "falls": "fallen", "stays": "stayed about as before", "none": "been none", "some": "been there",
}  # fmt: skip
_BEFORE_S, _AFTER_S = 8.0, 8.0
"""What is compared: so many seconds before the event, and so many after it began."""


@dataclass(frozen=True)
class Seen:
    """One thing that a chart shows, or does not show."""

    metric: Metric
    way: Way
    factor: float = 1.0
    """jumps: the highest second after is at least so many times the mean before; falls: the mean of the three lowest
    seconds is at most that share of it; stays: no second after is above so many times the mean before."""
    floor: float = 0.0
    """falls: it does not go below this share of the mean before."""

    def holds(self, series: Series, at_s: float) -> bool:
        """Whether a run shows it around an instant."""
        before, after = _around(series, self.metric, at_s)
        mean = float(before.mean()) if len(before) else 0.0
        if not len(after):
            return self.way in ("none", "stays")
        lowest = float(np.sort(after)[:3].mean())
        match self.way:
            case "jumps":
                return float(after.max()) >= self.factor * mean and float(after.max()) > 0
            case "falls":
                return self.floor * mean <= lowest <= self.factor * mean
            case "stays":
                return float(after.max()) <= self.factor * mean
            case "none":
                return float(after.sum()) == 0
            case "some":
                return float(after.sum()) > 0

    def told(self, series: Series, at_s: float) -> str:
        """What the record says of it, with its figures; true whether or not it holds."""
        before, after = _around(series, self.metric, at_s)
        mean = float(before.mean()) if len(before) else 0.0
        if not len(after):
            return f"{self.metric.label}: nothing was counted."
        edge, word = (
            (after.max(), "highest") if self.way in ("jumps", "stays", "none", "some") else (after.min(), "lowest")
        )
        unit = self.metric.unit
        return (
            f"{self.metric.label}: {spoken(mean, unit, 3)} before, {spoken(float(edge), unit, 3)} at the {word} after."
        )


def _around(series: Series, metric: Metric, at_s: float) -> tuple[F64, F64]:
    ends, values = series[metric]
    known = ~np.isnan(values)
    before = known & (ends > at_s - _BEFORE_S) & (ends <= at_s)
    after = known & (ends > at_s) & (ends <= at_s + _AFTER_S)
    return values[before], values[after]


@dataclass(frozen=True)
class Cause:
    """One explanation."""

    key: str
    label: str
    """As the learner reads it among the others."""
    why: str
    """What it does, in a sentence, when it is the right one."""
    sign: tuple[Seen, ...]
    """All of it is there iff this was the cause, among those of its family."""
    scenario: str = "steady"
    strategy: str = "push"
    fault: Callable[[float], str] | None = None
    """As `--fault` takes it, for an instant."""
    at_s: float | None = None
    """When it happens; None: whenever the puzzle has it."""

    def shows(self, series: Series, at_s: float) -> bool:
        """Whether a run has this cause's sign."""
        return all(seen.holds(series, at_s) for seen in self.sign)

    def missing(self, series: Series, at_s: float) -> Seen | None:
        """What would be seen if this were the cause, and is not."""
        return next((seen for seen in self.sign if not seen.holds(series, at_s)), None)


@dataclass(frozen=True)
class Family:
    """Causes that look alike at first."""

    key: str
    question: str
    watch: tuple[Metric, ...]
    causes: tuple[Cause, ...]
    knobs: Mapping[str, float | int | bool]


def wanted(seen: Seen) -> str:
    """What an explanation would have to show, as a clause: 'home reads jumped'."""
    times = f" {seen.factor:g} times" if seen.way == "jumps" and seen.factor > 1 else ""
    return f"{seen.metric.label.lower()} would have {_WORDS[seen.way]}{times}"


FAMILIES: Mapping[str, Family] = {
    family.key: family
    for family in (
        Family(
            "fanout",
            "Posts come late. What happened?",
            (Metric.FANOUT_LAG, Metric.QUEUE_REST, Metric.PLANNED, Metric.DELIVERIES),
            (
                Cause(
                    "celebrity", "A famous account posted a few times",
                    "A few posts with many followers put more copies in line at once than workers write in seconds.",
                    (Seen(Metric.PLANNED, "jumps", 4.0), Seen(Metric.REPOSTS, "stays", 6.0)),
                    scenario="celebrity", at_s=20.0,
                ),
                Cause(
                    "workers_gone", "Half of the workers were gone for a while",
                    "As many copies were planned as ever, but fewer were written; what was left over stood in line.",
                    (Seen(Metric.PLANNED, "stays", 4.0), Seen(Metric.DELIVERIES, "falls", 0.85, floor=0.2)),
                    fault=lambda at_s: f"workers_gone@{at_s:g}+12x0.6",
                ),
                Cause(
                    "broker_paused", "The queue handed out no work for a while",
                    "Nothing was written at all, and then everything at once: the workers had been kept from it.",
                    (Seen(Metric.PLANNED, "stays", 4.0), Seen(Metric.DELIVERIES, "falls", 0.1)),
                    fault=lambda at_s: f"broker_paused@{at_s:g}+6",
                ),
                Cause(
                    "viral", "One post was passed on by very many",
                    "Each repost is a post of its own with followers of its own, so the load itself grew for a while.",
                    (Seen(Metric.REPOSTS, "jumps", 6.0),), scenario="viral", at_s=10.0,
                ),
            ),
            {},
        ),
        Family(
            "reads",
            "Home pages take longer. What happened?",
            (Metric.HOME_LATENCY, Metric.READS, Metric.TIMELINE_MISSES, Metric.BODY_MISSES),
            (
                Cause(
                    "herd", "Everybody opened the app at once",
                    "More pages were asked for than ever, within a second: they waited for each other.",
                    (Seen(Metric.READS, "jumps", 2.5),), scenario="herd", at_s=20.0,
                ),
                Cause(
                    "cache_flushed", "The home lists were wiped",
                    "As many pages were asked for as before, but they had to be put together from their authors.",
                    (Seen(Metric.READS, "stays", 2.0), Seen(Metric.TIMELINE_MISSES, "jumps", 4.0)),
                    fault=lambda at_s: f"cache_flushed@{at_s:g}",
                ),
                Cause(
                    "post_cache_down", "The cache of post bodies was away",
                    "The lists were there, but every body had to come from the database.",
                    (
                        Seen(Metric.READS, "stays", 2.0), Seen(Metric.TIMELINE_MISSES, "stays", 4.0),
                        Seen(Metric.BODY_MISSES, "jumps", 4.0),
                    ),
                    fault=lambda at_s: f"post_cache_down@{at_s:g}+8",
                ),
                Cause(
                    "database_slow", "The database was many times slower",
                    "Nothing was asked more often than before; each answer of the database took longer.",
                    (
                        Seen(Metric.READS, "stays", 2.0), Seen(Metric.TIMELINE_MISSES, "stays", 4.0),
                        Seen(Metric.BODY_MISSES, "stays", 4.0), Seen(Metric.HOME_LATENCY, "jumps", 2.0),
                    ),
                    fault=lambda at_s: f"database_slow@{at_s:g}+8x40",
                ),
            ),
            {},
        ),
        Family(
            "strategy",
            "A famous account posts at 20 s. Which strategy is running?",
            (Metric.DELIVERIES, Metric.VISIBLE_LAG, Metric.ROWS_READ, Metric.HOME_LATENCY),
            (
                Cause(
                    "push", "Push: every post is copied to all followers",
                    "The burst is in the deliveries, and posts come late until it is written.",
                    (Seen(Metric.PLANNED, "jumps", 4.0),), scenario="celebrity", strategy="push", at_s=20.0,
                ),
                Cause(
                    "hybrid", "Hybrid: large accounts are fetched by their readers",
                    "Copies are written all the time, but the famous account's posts made none.",
                    (Seen(Metric.DELIVERIES, "some"), Seen(Metric.PLANNED, "stays", 4.0)),
                    scenario="celebrity", strategy="hybrid", at_s=20.0,
                ),
                Cause(
                    "pull", "Pull: pages are put together when they are opened",
                    "Nothing is ever copied; every page asks all its authors, and no page comes from a kept list.",
                    (Seen(Metric.DELIVERIES, "none"), Seen(Metric.TIMELINE_HITS, "none")), scenario="celebrity",
                    strategy="pull", at_s=20.0,
                ),
                Cause(
                    "cached_pull", "Cached pull: pages are put together, and kept for a while",
                    "Nothing is copied, and yet some pages come from a kept list: cheap, and some seconds old.",
                    (Seen(Metric.DELIVERIES, "none"), Seen(Metric.TIMELINE_HITS, "some")), scenario="celebrity",
                    strategy="cached_pull", at_s=20.0,
                ),
            ),
            {},
        ),
    )
}  # fmt: skip
"""By key."""
