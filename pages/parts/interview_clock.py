"""The interview's clock: time left in all and in the step, amber at the end of a step, drawn on by the browser."""

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from lessons.interview.sitting import Sitting, State

TICK_S = 5.0
"""So often the sitting is told that somebody is there, and asked what has changed by itself."""
_DRAWN = "interview_drawn"
_HERE = Path(__file__).parent / "interview"
_MINUTE_S = 60.0


def clock(sitting: Sitting, state: State) -> None:
    """Draw it, and from then on every few seconds; the whole page is drawn again when the interview has moved on."""
    st.session_state[_DRAWN] = moves(state)
    _ticking(sitting)


@st.fragment(run_every=TICK_S)
def _ticking(sitting: Sitting) -> None:
    sitting.tick()
    state = sitting.state()
    if moves(state) != st.session_state.get(_DRAWN):
        st.rerun()
    markup, style, script = _sources()
    element = st.components.v2.component(
        "murmuration_interview", html=markup, css=style, js=script, isolate_styles=False
    )
    element(data=_told(state), key="interview_clock")


def moves(state: State) -> tuple[Any, ...]:
    """What of an interview changes without this page's doing: by time, or in another tab."""
    asked = state.question and (state.question.id, state.question.form)
    return (
        state.phase, state.line, asked, state.locked, state.over, state.may_go, state.stages, state.clock.paused,
        state.hints_left, len(state.claims),
    )  # fmt: skip


def _told(state: State) -> dict[str, Any]:
    now = state.clock
    return {
        "title": f"Mock interview: {state.level}, {state.mode}",
        "elapsed_s": now.elapsed_s, "of_s": now.of_s, "box_s": now.box_s, "in_box_s": now.in_box_s,
        "amber": now.amber, "paused": now.paused, "stands": now.paused or state.locked, "said": said(state),
        "turns_s": [turn for turn in (now.next_opens_at_s, now.of_s) if turn is not None],
        "dark": st.context.theme.type == "dark",
    }  # fmt: skip


def said(state: State) -> str:
    """What a screen reader is told, once each: it would not hear digits that change every second."""
    now = state.clock
    if now.over:
        return "The time is over."
    if now.paused:
        return "The clock is paused."
    left = (now.of_s - now.elapsed_s) / _MINUTE_S
    if left <= 5:
        return "Less than five minutes are left."
    return "The time of this step is over; the clock goes on." if now.amber else ""


@cache
def _sources() -> tuple[str, str, str]:
    return tuple((_HERE / f"clock.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))  # type: ignore[return-value]
