"""The learner's estimates among their events: taken first, then revealed; neither can be taken back.

An "estimated" event is on the disk before anybody reckons or runs the answer. The "revealed" one that follows has all
that a history and a drill need, so that both stay the same when questions change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lessons.estimates.draw import FAMILIES
from lessons.estimates.measured import measure
from lessons.estimates.numbers import LEAST, MOST, Range, read_number, read_range
from lessons.estimates.question import Question, Worked
from lessons.estimates.score import Done
from lessons.progress import Event, Progress

ESTIMATED, REVEALED = "estimated", "revealed"


@dataclass(frozen=True)
class Taken:
    """An estimate that is kept."""

    estimate: float
    range: Range | None = None


def taken(progress: Progress, asked: Question) -> Taken | None:
    """What this learner said to this question, the first time; None where they have said nothing."""
    return next((said for event in progress.events(ESTIMATED, asked.id) if (said := _taken(event.data))), None)


def take(progress: Progress, asked: Question, estimate: str, low: str = "", high: str = "") -> Taken:
    """Keep an estimate, as somebody wrote it. Where one is kept already, that one stands.

    Raises:
        InvalidInput: not a number, or a range that is none; nothing was kept.
        ProgressError: it could not be kept.
    """
    there = taken(progress, asked)
    if there is not None:
        return there
    unit = asked.family.unit
    value = read_number(estimate, unit)
    ends = read_range(low, high, unit, value)
    range_ = {"low": ends.low, "high": ends.high} if ends else {}
    progress.append(ESTIMATED, asked.id, estimate=value, **range_)
    return Taken(value, ends)


def truth_of(asked: Question, told: Callable[[float], None] | None = None) -> float:
    """The answer: reckoned, or measured in a run of a second or two. `told`: how much of the run is done, from 0 to 1.

    Raises:
        MurmurationError: the run failed.
    """
    return asked.worked.value if asked.run is None else measure(asked.run, told)


def reveal(progress: Progress, asked: Question, said: Taken, truth: float) -> Done:
    """Keep the answer beside the estimate; once for each question.

    Raises:
        ProgressError: it could not be kept.
    """
    there = revealed(progress, asked)
    if there is not None:
        return there
    range_ = {"low": said.range.low, "high": said.range.high} if said.range else {}
    event = progress.append(
        REVEALED,
        asked.id,
        title=asked.family.title,
        question=asked.text,
        estimate=said.estimate,
        **range_,
        truth=truth,
        said=asked.shown(said.estimate),
        shown=asked.shown(truth),
        others=[asked.shown(value) for value in others(asked.worked, truth)],
        because=because(asked, truth),
        link=asked.family.link,
    )
    done = _done(event)
    assert done is not None, "what was just written can be read"
    return done


def revealed(progress: Progress, asked: Question) -> Done | None:
    """The estimate to this question with its answer; None before it has been shown."""
    return next((done for event in progress.events(REVEALED, asked.id) if (done := _done(event))), None)


def history(progress: Progress) -> tuple[Done, ...]:
    """All estimates whose answers have been shown, oldest first, each question once."""
    found: dict[str, Done] = {}
    for event in sorted(progress.events(REVEALED), key=lambda event: event.at):
        done = _done(event)
        if done is not None:
            found.setdefault(done.question, done)
    return tuple(found.values())


def next_seed(progress: Progress, level: int) -> int:
    """The first question of a level to which this learner has said nothing yet."""
    said = {event.subject for event in progress.events(ESTIMATED)}
    there = {name for name, family in FAMILIES.items() if family.level == level}
    used = {int(seed) for name, _, seed in (id_.partition(".") for id_ in said) if name in there and seed.isdecimal()}
    return next(seed for seed in range(1, len(used) + 2) if seed not in used)


def others(worked: Worked, truth: float) -> list[float]:
    """Three wrong answers for a drill: what slips lead to, then powers of ten; none near the truth or another one."""
    found: list[float] = []
    for value in (*worked.slips, truth * 10, truth / 10, truth * 100, truth / 100):
        if LEAST < value < MOST and all(not 0.5 < value / there < 2 for there in (truth, *found)):
            found.append(value)
    return found[:3]


def because(asked: Question, truth: float) -> str:
    """The way to the answer, and what to remember."""
    ran = [f"this engine measured {asked.shown(truth)}"] if asked.measured else []
    return f"{'; '.join([*asked.worked.steps, *ran])}. {asked.family.rule}"


def _taken(data: Mapping[str, Any]) -> Taken | None:
    """An imported event may have anything in it."""
    try:
        estimate = float(data["estimate"])
        range_ = Range(float(data["low"]), float(data["high"])) if "low" in data else None
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return Taken(estimate, range_) if LEAST <= estimate <= MOST else None


def _done(event: Event) -> Done | None:
    data = event.data
    said = _taken(data)
    try:
        truth = float(data["truth"])
        words = [str(data[name])[:500] for name in ("title", "said", "shown")]
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    if said is None or not LEAST <= truth <= MOST:
        return None
    return Done(event.subject, words[0], event.at, said.estimate, truth, words[1], words[2], said.range)
