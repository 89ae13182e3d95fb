"""All lessons in their order, with what this learner has done, and the one to take next."""

from collections.abc import Mapping

import streamlit as st

from lessons.lesson import Lesson
from lessons.progress import Progress
from lessons.taken import Standing, standings

_STANDING: Mapping[Standing, tuple[str, str]] = {
    "new": ("", ""),
    "begun": ("◐", "begun"),
    "right": ("●", "done, predicted right"),
    "wrong": ("○", "done, surprised"),
}


def lesson_list(known: Mapping[str, Lesson], own: Mapping[str, Lesson], progress: Progress) -> None:
    """The page without a lesson."""
    stood = standings(progress, [*known.values(), *own.values()])
    done = sum(stood[name] in ("right", "wrong") for name in known)
    st.title("Lessons", anchor=False)
    st.markdown(
        "Each asks a question about a running Twitter. You bet, it runs, and the run answers. "
        f"Every number comes from your run. Done: **{done} of {len(known)}**."
    )
    following = next((lesson for name, lesson in known.items() if stood[name] not in ("right", "wrong")), None)
    if following is not None:
        with st.container(border=True):
            word = "Begin with" if not done else "Next"
            st.markdown(
                f"**{word}: {following.front.title}**. {following.front.question} {following.front.minutes} minutes."
            )
            _button(following, "Begin" if stood[following.name] == "new" else "Go on", primary=True)
    left, right = st.columns(2, gap="medium")
    half = -(-len(known) // 2)
    for column, part in ((left, list(known.values())[:half]), (right, list(known.values())[half:])):
        with column:
            for lesson in part:
                _row(lesson, stood[lesson.name])
    if own:
        st.header("Your own", anchor=False)
        for lesson in own.values():
            _row(lesson, stood[lesson.name])
    st.caption(
        "To write one: `python -m lessons new NAME` makes a folder to start from, `python -m lessons check FOLDER` "
        "judges it: its claims have to hold for several seeds, and to fail without its mechanism."
    )


def _row(lesson: Lesson, standing: Standing) -> None:
    front = lesson.front
    mark, word = _STANDING[standing]
    name, about = st.columns([2, 3], vertical_alignment="center")
    with name:
        _button(lesson, f"{lesson.number}. {front.title}" if lesson.number else front.title)
    said = f"{mark} {word}. " if word else ""
    about.markdown(f"{said}{front.question} *{front.level}, {front.minutes} min*")


def _button(lesson: Lesson, label: str, *, primary: bool = False) -> None:
    st.button(
        label,
        key=f"lesson_{lesson.name}{'_next' if primary else ''}",
        type="primary" if primary else "secondary",
        on_click=open_lesson,
        args=(lesson.name,),
        width=150 if primary else "stretch",
    )


def open_lesson(name: str) -> None:
    """Go to a lesson; without a name, to the list."""
    for key in ("lesson", "change"):
        st.query_params.pop(key, None)
    if name:
        st.query_params["lesson"] = name
