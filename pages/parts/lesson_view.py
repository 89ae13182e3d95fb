"""The Lessons page: all of them, or one, with its text on the left and its run on the right."""

from collections.abc import Callable, Mapping

import streamlit as st

from engine.errors import InvalidInput, MurmurationError, TooManyStudies
from lessons.front import OWN, find_lesson, read_lessons
from lessons.lesson import Lesson, Scalar
from lessons.play import SEED, Outcome, play_lesson
from lessons.progress import Progress
from lessons.taken import Bet, begin_anew, bet_on, lock, note_run
from pages.parts.learner import learner
from pages.parts.lesson_list import lesson_list
from pages.parts.lesson_run import before_run, run_section
from pages.parts.lesson_text import before_text, lesson_text
from pages.parts.refusal import refusal_kept, show_refusal
from pages.parts.shelf import SHELF, Telling

LESSON, CHANGE = "lesson", "change"
"""Of the address: which lesson, and what the learner has changed in it."""
REFRESH_S = 0.3
_AT_ONCE_S = 0.15


def lessons_page() -> None:
    """The whole page."""
    known = read_lessons()
    own, wrong = _own(known)
    said = st.query_params.get(LESSON, "")
    progress = learner()
    if said:
        try:
            lesson = find_lesson(said, {**known, **own})
        except InvalidInput as refused:
            wrong = [*wrong, str(refused)]
        else:
            _lesson(lesson, known, progress)
            return
    for sentence in wrong:
        st.warning(sentence)
    lesson_list(known, own, progress)


def _own(known: Mapping[str, Lesson]) -> tuple[dict[str, Lesson], list[str]]:
    """The lessons of the people who run this installation; one that cannot be read is said."""
    try:
        found = read_lessons(OWN)
    except InvalidInput as unreadable:
        return {}, [str(unreadable)]
    return {name: lesson for name, lesson in found.items() if name not in known}, []


def _lesson(lesson: Lesson, known: Mapping[str, Lesson], progress: Progress) -> None:
    show_refusal()
    bet = bet_on(progress, lesson)
    text, stage = st.columns([5, 8], gap="large")
    if bet is None:
        with text:
            before_text(lesson, lambda key: _lock(progress, lesson, key))
        with stage:
            before_run(lesson)
        return
    outcome, changed = _runs(stage, lesson, bet)
    if outcome is not None:
        note_run(progress, lesson, bet, outcome)
    with text:
        lesson_text(lesson, bet, outcome, known, anew=lambda: _anew(progress, lesson), on_change=_change)
    with stage:
        if outcome is not None:
            run_section(lesson, bet, outcome, changed)


def _lock(progress: Progress, lesson: Lesson, key: str) -> None:
    with refusal_kept():
        lock(progress, lesson, key, SEED)


def _anew(progress: Progress, lesson: Lesson) -> None:
    with refusal_kept():
        begin_anew(progress, lesson)
        st.query_params.pop(CHANGE, None)


def _change(value: Scalar) -> None:
    st.query_params[CHANGE] = str(value)


# The runs


def _runs(stage: st.delta_generator.DeltaGenerator, lesson: Lesson, bet: Bet) -> tuple[Outcome | None, Outcome | None]:
    """The lesson's run, and the one with the learner's change; None while it is under way."""
    try:
        works = [_work(lesson, bet.seed, None)]
        value = _changed(lesson)
        if value is not None:
            works.append(_work(lesson, bet.seed, value))
        works[-1].wait(_AT_ONCE_S)
        with stage:
            if not all(work.over for work in works):
                _follow(works)
        found = [work.found() if work.over else None for work in works]
    except TooManyStudies as refused:
        stage.warning(f"{refused} Your prediction is kept.")
        stage.button("Try again")
        return None, None
    except MurmurationError as failed:
        stage.error(str(failed))
        stage.button("Try again")
        return None, None
    return found[0], found[1] if len(found) > 1 else None


def _changed(lesson: Lesson) -> Scalar | None:
    """What the address says was changed; what the lesson does not offer is ignored."""
    said, change = st.query_params.get(CHANGE), lesson.front.change
    return next((value for value in change.values if str(value) == said), None) if change and said else None


def _work(lesson: Lesson, seed: int, change: Scalar | None) -> Telling[Outcome]:
    """The runs of this lesson; made once for all who ask."""
    front = lesson.front

    def make(told: Callable[[float], None]) -> Outcome:
        return play_lesson(front, seed, change=change, told=told)

    return SHELF.ask(("lesson", lesson.name, front.model_dump_json(), seed, change), front.title, make)


@st.fragment(run_every=REFRESH_S)
def _follow(works: list[Telling[Outcome]]) -> None:
    """How far they are; drawn again while one is under way."""
    under_way = [work for work in works if not work.over]
    if not under_way:
        st.rerun()
    work = under_way[0]
    waits = f"{work.ahead} before it" if work.state == "waiting" and work.ahead else "running"
    st.progress(sum(work.share for work in works) / len(works), f"{work.title}: {waits}.")
