"""A lesson's column of text: the question and the bet before the run; what was seen, and why, after it."""

from collections.abc import Callable, Mapping

import streamlit as st

from lessons.lesson import SECTIONS, Lesson, Scalar
from lessons.play import Outcome
from lessons.taken import Bet, next_after
from lessons.words import filled
from pages.parts.lesson_list import open_lesson

_BEFORE, _SAW, _WHY, _CHANGE, _SAY = SECTIONS


def before_text(lesson: Lesson, lock: Callable[[str], None]) -> None:
    """The question, what one has to know, and the prediction, which the run locks."""
    _head(lesson)
    st.markdown(lesson.text[_BEFORE])
    asked = lesson.front.prediction
    labels = {option.key: option.label for option in asked.options}
    st.markdown(f"**Your bet.** {asked.ask}")
    for key, label in labels.items():
        st.button(label, key=f"bet_{lesson.name}_{key}", on_click=lock, args=(key,), width="stretch")
    st.caption("A click locks your bet and runs the engine. A wrong bet teaches more than none.")


def lesson_text(
    lesson: Lesson,
    bet: Bet,
    outcome: Outcome | None,
    known: Mapping[str, Lesson],
    *,
    anew: Callable[[], None],
    on_change: Callable[[Scalar], None],
) -> None:
    """All of it; while the run is under way only what needs no figure."""
    _head(lesson)
    asked = lesson.front.prediction
    labels = {option.key: option.label for option in asked.options}
    if outcome is None:
        st.markdown(f"{asked.ask} You bet: **{labels[bet.key]}** (locked).")
        return
    _verdict(lesson, bet, outcome)
    for section in (_SAW, _WHY):
        st.subheader(section, anchor=False)
        st.markdown(filled(lesson.text[section], outcome))
    st.subheader(_CHANGE, anchor=False)
    st.markdown(filled(lesson.text[_CHANGE], outcome))
    _offer_change(lesson, on_change)
    with st.container(border=True):
        st.markdown(f"**{_SAY}.** {filled(lesson.text[_SAY], outcome)}")
    _onward(lesson, known, anew)


def _head(lesson: Lesson) -> None:
    front = lesson.front
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("All lessons", key="lesson_all", on_click=open_lesson, args=("",), icon=":material/arrow_back:")
        st.caption(f"{front.level}, {front.minutes} minutes", width="content")
    st.title(front.title, anchor=False)
    st.markdown(f"##### {front.question}")


def _verdict(lesson: Lesson, bet: Bet, outcome: Outcome) -> None:
    asked = lesson.front.prediction
    value = outcome.value(asked.figure)
    if value is None:
        st.warning("This run counted nothing that would answer the question. Try another seed.")
        return
    right = asked.answer(value)
    said = next(option.label for option in asked.options if option.key == bet.key)
    told = f"You bet *{said}*: right." if right.key == bet.key else f"You bet *{said}*."
    st.markdown(f"#### The run says {outcome.said(asked.figure)}. {told}")
    st.caption(f"{asked.ask} Your bet was locked before the run.")


def _offer_change(lesson: Lesson, on_change: Callable[[Scalar], None]) -> None:
    change = lesson.front.change
    if change is None:
        return
    st.markdown(f"**{change.ask}**")
    with st.container(horizontal=True):
        for value in change.values:
            chosen = st.query_params.get("change") == str(value)
            st.button(
                f"{_short(change.knob)} {_spoken(value)}",
                key=f"change_{lesson.name}_{value}",
                type="primary" if chosen else "secondary",
                on_click=on_change,
                args=(value,),
            )


def _short(knob: str) -> str:
    return knob.partition(".")[2].replace("_", " ")


def _spoken(value: Scalar) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:,}" if isinstance(value, int) else f"{value}"


def _onward(lesson: Lesson, known: Mapping[str, Lesson], anew: Callable[[], None]) -> None:
    following = next_after(lesson, known)
    with st.container(horizontal=True):
        if following is not None:
            title = f"Next: {following.front.title}"
            st.button(title, type="primary", on_click=open_lesson, args=(following.name,), key="lesson_next")
        st.button("Bet anew", on_click=anew, key="lesson_anew", help="The same lesson from its beginning.")
