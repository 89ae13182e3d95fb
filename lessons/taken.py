"""How far a learner is with each lesson: all of it follows from the events in their file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from engine.errors import InvalidInput
from lessons.drills.cards import Card
from lessons.front import CONTENT, find_lesson, read_lessons
from lessons.lesson import Lesson
from lessons.play import SEED, Outcome
from lessons.progress import Event, Progress

Standing = Literal["new", "begun", "right", "wrong"]


@dataclass(frozen=True)
class Bet:
    """What was predicted, before the run of this seed; it stays."""

    key: str
    seed: int = SEED


def bet_on(progress: Progress, lesson: Lesson) -> Bet | None:
    """The prediction that stands; None before one, or after the learner has chosen to begin anew."""
    made = _last(progress, lesson, "predicted", "reopened")
    if made is None or made.kind == "reopened":
        return None
    bet = Bet(str(made.data.get("answer")), int(made.data.get("seed", SEED)))
    return bet if bet.key in {option.key for option in lesson.front.prediction.options} else None


def lock(progress: Progress, lesson: Lesson, key: str, seed: int) -> Bet:
    """Keep a prediction, before anything is run.

    Raises:
        InvalidInput: no such answer; nothing was kept.
    """
    allowed = [option.key for option in lesson.front.prediction.options]
    if key not in allowed:
        raise InvalidInput(f"{key!r} is no answer of {lesson.name}; allowed: {', '.join(allowed)}.")
    progress.append("predicted", lesson.name, answer=key, seed=seed)
    return Bet(key, seed)


def begin_anew(progress: Progress, lesson: Lesson) -> None:
    """Let the learner predict once more; what was predicted before stays in the file."""
    progress.append("reopened", lesson.name)


def note_run(progress: Progress, lesson: Lesson, bet: Bet, outcome: Outcome) -> None:
    """Keep what the run answered, once for each prediction."""
    last = _last(progress, lesson, "predicted", "ran")
    if last is not None and last.kind == "ran":
        return
    asked = lesson.front.prediction
    value = outcome.value(asked.figure)
    if value is None:
        return
    answer = asked.answer(value).key
    said = outcome.said(asked.figure)
    progress.append(
        "ran", lesson.name, answer=answer, predicted=bet.key, right=answer == bet.key, said=said, seed=bet.seed
    )


def standings(progress: Progress, lessons: Iterable[Lesson]) -> dict[str, Standing]:
    """By lesson: not begun, predicted only, or how the prediction turned out when it was last run."""
    found: dict[str, Standing] = {lesson.name: "new" for lesson in lessons}
    for event in progress.events():
        if event.subject not in found:
            continue
        if event.kind == "predicted" and found[event.subject] == "new":
            found[event.subject] = "begun"
        elif event.kind == "ran":
            found[event.subject] = "right" if event.data.get("right") else "wrong"
    return found


def next_after(lesson: Lesson, lessons: Mapping[str, Lesson]) -> Lesson | None:
    """The lesson that follows; None after the last."""
    names = list(lessons)
    place = names.index(lesson.name) if lesson.name in names else len(names)
    return lessons[names[place + 1]] if place + 1 < len(names) else None


def card_of_lesson(event: Event) -> Card | None:
    """A lesson whose run answered differently from what was predicted, as a question for later; None if right."""
    if event.data["right"]:
        return None
    lesson = find_lesson(event.subject, _shipped())
    asked = lesson.front.prediction
    right = next(option for option in asked.options if option.key == event.data["answer"])
    return Card(
        id=f"lesson:{lesson.name}",
        source="Lesson",
        question=f"{lesson.front.title}. {asked.ask}",
        options=tuple((option.key, option.label) for option in asked.options),
        answer=right.key,
        because=f"{right.label}: the run measured {event.data['said']}.",
        link=lesson.link,
    )


@cache
def _shipped() -> Mapping[str, Lesson]:
    """Read once: a page of cards asks for one lesson after the other."""
    return read_lessons(CONTENT)


def _last(progress: Progress, lesson: Lesson, *kinds: str) -> Event | None:
    events = [event for event in progress.events(subject=lesson.name) if event.kind in kinds]
    return events[-1] if events else None
