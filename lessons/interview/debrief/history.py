"""What a learner's file keeps of interviews: one event each, the results that follow from them, and trends.

A trend has first attempts of a seed only, strict and practice apart: an answer that is improved is practice, and no
best.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from lessons.interview.base import LEVELS, Level
from lessons.interview.debrief.flash import ADVISED
from lessons.interview.debrief.practices import practices
from lessons.interview.report import Report
from lessons.interview.rubric import BANDS, STEPS, TOTAL, Band
from lessons.interview.transcript import Transcript
from lessons.progress import Event, Progress

INTERVIEWED = "interviewed"
Mode = Literal["strict", "practice"]
_MOST_NAME = 200


@dataclass(frozen=True)
class Result:
    """One interview. `bias` and `spread` of its estimates: log10, None where no estimate has a reference."""

    interview: str
    at: float
    """When it was noted, in seconds since 1970."""
    seed: int
    level: Level
    mode: Mode
    score: float
    low: float
    high: float
    band: Band
    between: tuple[Band, ...]
    repeat: bool
    """The seed had been done before."""
    steps: tuple[float, ...]
    """Points of each of the seven steps."""
    bias: float | None
    spread: float | None


@dataclass(frozen=True)
class Trend:
    """First attempts of each seed, the oldest first."""

    strict: tuple[Result, ...]
    practice: tuple[Result, ...]

    def best(self, level: Level, mode: Mode = "strict") -> Result | None:
        """The highest score of first attempts at a level; of equals the first. None where there are none."""
        found = [one for one in (self.strict if mode == "strict" else self.practice) if one.level == level]
        return max(found, key=lambda one: one.score, default=None)


@dataclass(frozen=True)
class Lean:
    """How estimates of one interview lay: log10, above 0 too high."""

    at: float
    bias: float
    spread: float


def note(progress: Progress, transcript: Transcript, report: Report, seed: int, repeat: bool) -> Event:
    """Keep how an interview came out, once for each interview, and put the cards of its practices into the drills.

    Raises:
        InvalidInput: the transcript has no id. ProgressError: it could not be kept.
    """
    there = progress.last(INTERVIEWED, transcript.id) if transcript.id else None
    if there is not None:
        return there
    event = progress.append(
        INTERVIEWED, transcript.id, seed=seed, level=report.level, mode=transcript.mode or "practice",
        score=report.score, interval=list(report.interval), band=report.band, between=list(report.between),
        repeat=repeat, steps=[round(one.points, 4) for one in report.steps], bias=report.bias, spread=report.spread,
    )  # fmt: skip
    for card in dict.fromkeys(card.id for one in practices(transcript, report) for card in one.cards):
        progress.append(ADVISED, card, interview=transcript.id)
    return event


def results(progress: Progress) -> tuple[Result, ...]:
    """All interviews, the oldest first, each once. What was imported and is no result is passed over."""
    found: dict[str, Result] = {}
    for event in sorted(progress.events(INTERVIEWED), key=lambda event: event.at):
        one = _result(event)
        if one is not None:
            found.setdefault(one.interview, one)
    return tuple(found.values())


def trend(found: Iterable[Result]) -> Trend:
    """Of all results those that count: the first of each seed, whatever its mode was, unless that was a repeat."""
    first: dict[int, Result] = {}
    for one in sorted(found, key=lambda one: one.at):
        first.setdefault(one.seed, one)
    counting = [one for one in first.values() if not one.repeat]
    return Trend(
        tuple(one for one in counting if one.mode == "strict"), tuple(one for one in counting if one.mode != "strict")
    )


def lean_over_time(found: Iterable[Result]) -> tuple[Lean, ...]:
    """Bias and spread of the estimates of first attempts, the oldest first."""
    counted = trend(found)
    both = sorted((*counted.strict, *counted.practice), key=lambda one: one.at)
    return tuple(Lean(one.at, one.bias, one.spread) for one in both if one.bias is not None and one.spread is not None)


def _result(event: Event) -> Result | None:
    """An imported event may have anything in it."""
    data = event.data
    try:
        low, high = (_points(value) for value in data["interval"])
        steps = tuple(_points(value) for value in data["steps"])
        between = tuple(_one_of(value, BANDS) for value in data["between"])
        if len(steps) != STEPS or not between or len(event.subject) > _MOST_NAME:
            return None
        return Result(
            event.subject, event.at, _whole(data["seed"]), _one_of(data["level"], LEVELS),
            _one_of(data["mode"], get_args(Mode)), _points(data["score"]), low, high, _one_of(data["band"], BANDS),
            between, data["repeat"] is True, steps, _known(data["bias"]), _known(data["spread"]),
        )  # fmt: skip
    except (LookupError, TypeError, ValueError, OverflowError):
        return None


def _one_of(value: Any, allowed: Iterable[Any]) -> Any:
    return next(one for one in (*allowed,) if one == value) if value in (*allowed,) else _refused()


def _points(value: Any) -> float:
    if isinstance(value, bool) or not 0 <= float(value) <= TOTAL:
        _refused()
    return float(value)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else _refused()


def _known(value: Any) -> float | None:
    if value is None:
        return None
    return float(value) if not isinstance(value, bool) and math.isfinite(float(value)) else _refused()


def _refused() -> Any:
    raise ValueError("not as this module writes it")
