"""The sheet of one step: two columns of fields under headings, and the free text with the question it answers."""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lessons.interview.form import FORMS, Form, Group, sheet_of
from lessons.interview.sheet import Steps
from lessons.interview.sitting import Sitting, State
from pages.parts.interview_sheet_fields import TEXT, Pad, Place, field, free_text
from pages.parts.interview_sheet_rows import access, alarms, entities, move, rejected, who_pays
from pages.parts.interview_talk import play_back
from pages.parts.plain_text import plain

_OWN: dict[str, Callable[[Place], None]] = {
    "entities": entities, "who_pays": who_pays, "access": access, "rejected": rejected, "alarms": alarms,
    "next.change": move,
}  # fmt: skip
"""Fields that are no single row."""
_TEXT_HEIGHT = 96


def pad_of(sitting: Sitting, state: State) -> Pad:
    """The interview's own sheet."""
    return Pad(sitting.id, lambda: sitting.state().steps, sitting.write, state.seed, state.locked)


def draw(sitting: Sitting, state: State) -> None:
    """The sheet of the step that is open, 1 to 6."""
    step = int(state.phase)
    sheet_form(pad_of(sitting, state), step, after=lambda: play_back(sitting, step))


@st.fragment
def sheet_form(pad: Pad, step: int, after: Callable[[], None] | None = None) -> None:
    """The whole form of one step. Each change is kept at once; only this part is drawn again.

    after: draws what stands below the free text.
    """
    form, steps = FORMS[step], pad.steps()
    with st.container(key=f"interview_sheet_{step}"):
        left, right = st.columns(2, gap="large")
        with left:
            _groups(pad, form.left, step, steps)
        with right:
            _groups(pad, form.right, step, steps)
        with left if form.text_left else right:
            _text(pad, form, steps)
            if after is not None:
                after()


@st.fragment
def group_form(pad: Pad, step: int, group: str) -> None:
    """The fields under one heading of a step, with the heading."""
    (found,) = [one for one in FORMS[step].groups if one.title == group]
    with _part(pad, step, found.fields[0]):
        _groups(pad, (found,), step, pad.steps())


@st.fragment
def fields_form(pad: Pad, step: int, paths: Sequence[str]) -> None:
    """Some fields of a step under each other."""
    sheet = sheet_of(pad.steps(), step)
    with _part(pad, step, paths[0]):
        for path in paths:
            _field(Place(pad, step, path, sheet))


@st.fragment
def text_form(pad: Pad, step: int) -> None:
    """The free text of a step."""
    with _part(pad, step, TEXT):
        _text(pad, FORMS[step], pad.steps())


def _part(pad: Pad, step: int, path: str) -> DeltaGenerator:
    """Some fields, with the rows of a whole sheet."""
    return st.container(key=f"interview_sheet_{pad.key}_{step}_{path}")


def _groups(pad: Pad, groups: Sequence[Group], step: int, steps: Steps) -> None:
    """Each in a box of its own: a further row must not move what stands below, as in `field`."""
    sheet = sheet_of(steps, step)
    for group in groups:
        with st.container():
            st.subheader(group.title, anchor=False)
            for path in group.fields:
                _field(Place(pad, step, path, sheet))


def _field(place: Place) -> None:
    draw_own = _OWN.get(place.path)
    if draw_own is None:
        field(place)
        return
    with st.container():
        draw_own(place)


def _text(pad: Pad, form: Form, steps: Steps) -> None:
    """Also what was not sent by leaving the field is kept, after a short rest: see interview/clock.js."""
    st.subheader("In your own words", anchor=False)
    st.markdown(plain(form.question))
    place = Place(pad, form.step, TEXT, sheet_of(steps, form.step))
    free_text(place, steps.text(form.step), form.question, _TEXT_HEIGHT)
