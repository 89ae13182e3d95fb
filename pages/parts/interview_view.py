"""The mock interview's frame: by its address the beginning, an interview under way, its debrief, or its panel."""

import os
from pathlib import Path

import streamlit as st

from engine.errors import UnknownName
from lessons.interview.sitting import PHASES, Phase, Sitting, State, keep_alive
from lessons.progress import default_path
from pages.parts import (
    interview_change,
    interview_debrief,
    interview_jobs,
    interview_panel,
    interview_reading,
    interview_sheet,
    interview_talk,
)
from pages.parts.interview_clock import clock
from pages.parts.interview_intro import INTERVIEW, intro
from pages.parts.learner import learner_id, wall_s
from pages.parts.plain_text import plain
from pages.parts.refusal import refusal_kept, show_refusal

PANEL = "panel"
_STYLE = Path(__file__).parent / "interview" / "page.css"


def interview_page() -> None:
    """The whole page."""
    st.html(_STYLE)
    said = st.query_params.get(PANEL) or st.query_params.get(INTERVIEW)
    if said is None:
        intro(folder())
        return
    try:
        sitting = Sitting.open(folder(), said, wall_s)
    except UnknownName:
        for name in (PANEL, INTERVIEW):
            st.query_params.pop(name, None)
        st.warning(plain(f"There is no interview {said[:40]!r} here; begin one, or go on with one of yours."))
        intro(folder())
        return
    with st.container():
        show_refusal()
    sitting.tick()
    state = sitting.state()
    if PANEL in st.query_params:
        interview_panel.draw(sitting, state)
    elif state.over:
        interview_jobs.draw(sitting, state)
        interview_debrief.draw(sitting, state)
    else:
        _under_way(sitting, state)


def folder() -> Path:
    """Where this learner's interviews are kept."""
    return default_path(os.environ).parent / "interviews" / learner_id()


def _under_way(sitting: Sitting, state: State) -> None:
    """On top the clock, the steps and the interviewer; below them the part that is open."""
    keep_alive(sitting)
    time, steps = st.columns([2, 9], vertical_alignment="center", gap="medium")
    with time:
        clock(sitting, state)
    with steps:
        _stepper(sitting, state)
    interview_talk.draw(sitting, state)
    with st.container():  # whatever is said here, the sheet below stays in its place
        interview_jobs.draw(sitting, state)
    if state.clock.paused:
        return
    if state.phase == "change":
        interview_change.draw(sitting, state)
    elif state.phase == "7":
        interview_reading.draw(sitting, state)
    else:
        interview_sheet.draw(sitting, state)


def _stepper(sitting: Sitting, state: State) -> None:
    """All parts in their order; those that may be opened now can be."""
    with st.container(horizontal=True, key="interview_steps", gap="small"):
        for phase in PHASES:
            if phase == "debrief":
                continue
            here = phase == state.phase
            st.button(
                interview_talk.name_of(phase), key=f"interview_step_{phase}", type="primary" if here else "secondary",
                disabled=not here and phase not in state.may_go, on_click=_go, args=(sitting, phase),
            )  # fmt: skip


def _go(sitting: Sitting, phase: Phase) -> None:
    with refusal_kept():
        if phase != sitting.state().phase:
            sitting.go(phase)
