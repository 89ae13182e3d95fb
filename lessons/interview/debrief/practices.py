"""Three practices: what to do next, by what was lost. The table from criteria to lessons is practices.toml."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lessons.drills.cards import Card
from lessons.front import CONTENT, read_lessons
from lessons.interview.base import LEVELS
from lessons.interview.debrief.experiment import Tried, turned
from lessons.interview.debrief.flash import cards_for
from lessons.interview.report import Line, Report
from lessons.interview.rubric import standard
from lessons.interview.transcript import Transcript
from lessons.lesson import Lesson

COUNT = 3
_FILE = Path(__file__).with_name("practices.toml")
_BY_STRATEGY = "by_strategy"
_READING = 7
"""The step of which at most one criterion is practised."""
_MOST_CARDS = 3


@dataclass(frozen=True)
class Practice:
    """One thing to practise: a lesson, an experiment, cards. `lost`: points of 100; `gate`: it holds the band down."""

    criterion: str
    title: str
    lost: float
    gate: bool
    lesson: str
    lesson_title: str
    minutes: int
    link: str
    experiment: Tried
    cards: tuple[Card, ...]
    also: str | None
    """Another page of this app that fits, as an address."""


def practices(transcript: Transcript, report: Report) -> tuple[Practice, ...]:
    """At most three: those that hold the band down first, then by lost points; each of another lesson, and at most one
    of step 7. Fewer where less was lost; then what the next level expects comes after."""
    found: list[Practice] = []
    taken: set[str] = set()
    for line, gate in _ranked(report):
        if line.step == _READING and any(one.criterion.startswith(str(_READING)) for one in found):
            continue
        free = [name for name in _lessons_of(transcript, line.criterion) if name not in taken]
        if free:
            found.append(_practice(transcript, line, gate, _lessons()[free[0]]))
            taken.add(free[0])
        if len(found) == COUNT:
            break
    return tuple(found)


def lesson_for(transcript: Transcript, criterion: str) -> Lesson:
    """The first lesson for a criterion."""
    return _lessons()[_lessons_of(transcript, criterion)[0]]


def _ranked(report: Report) -> Iterator[tuple[Line, bool]]:
    """(line, whether its gate failed) of all that was lost. Lost points are those of 100 at this level: the weight of
    the criterion in its step times what the level gives the step."""
    gates = {one for gate in report.failed_gates for one in gate}
    lost = [line for line in report.lines if line.expected and line.credit < 1]
    yield from (
        (line, line.criterion in gates)
        for line in sorted(lost, key=lambda one: (one.criterion not in gates, one.points - one.worth))
    )
    beyond = [line for line in report.lines if not line.expected and line.credit < 1]
    yield from ((line, False) for line in sorted(beyond, key=lambda one: (_far(one, report), one.points - one.worth)))


def _far(line: Line, report: Report) -> int:
    """How many levels above: the next one comes first."""
    own = LEVELS.index(report.level)
    return min(place for place in range(own + 1, len(LEVELS)) if standard().criteria[line.criterion].expected(
        LEVELS[place]))  # fmt: skip


def _practice(transcript: Transcript, line: Line, gate: bool, lesson: Lesson) -> Practice:
    entry = _table()["criteria"][line.criterion]
    turn = entry["turn"]
    return Practice(
        line.criterion, line.title, line.worth - line.points, gate, lesson.name, lesson.front.title,
        lesson.front.minutes, lesson.link,
        turned(transcript, entry["knob"], tuple(turn) if isinstance(turn, list) else turn,
               celebrity=entry.get("celebrity", False)),
        cards_for(line.criterion)[:_MOST_CARDS], entry.get("also"),
    )  # fmt: skip


def _lessons_of(transcript: Transcript, criterion: str) -> tuple[str, ...]:
    strategy = transcript.steps.s3.structured.strategy or "other"
    return tuple(
        _table()[_BY_STRATEGY][strategy] if name == _BY_STRATEGY else name
        for name in _table()["criteria"][criterion]["lessons"]
    )


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    return MappingProxyType(tomllib.loads(_FILE.read_text(encoding="utf-8")))


@cache
def _lessons() -> Mapping[str, Lesson]:
    """Read once: a debrief names a lesson for each loss."""
    return read_lessons(CONTENT)
