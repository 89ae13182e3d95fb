"""Readings of the own run: what was kept, taken back, and the form for the next one."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from engine.errors import InvalidInput
from lessons.interview.runs import Ran
from lessons.interview.sitting import Sitting, State
from lessons.interview.transcript import Claim
from pages.parts import interview_figures as figures
from pages.parts import interview_scopes as scopes
from pages.parts.plain_text import plain
from pages.parts.refusal import refusal_kept

OPS: Mapping[str, str] = {
    "about": "is about",
    "at_least": "is at least",
    "at_most": "is at most",
    "above": "is above",
    "below": "is below",
}
_VALUE, _OTHER = "a value", "another figure"


def draw(sitting: Sitting, state: State, found: Mapping[str, Ran], scope: str, scale: float) -> None:
    """All readings so far, and a form for one more. `scope`: the run whose charts are looked at."""
    st.subheader("What you read in these runs", anchor=False)
    st.caption(
        "A reading names a figure of a run and its value; better still with the station it is down to. It may be taken "
        "back until the end."
    )
    for index, claim in enumerate(state.claims):
        _kept(sitting, index, claim)
    if state.locked:
        st.caption("The sheets are closed; a reading can still be taken back.")
    else:
        _form(sitting, state, found, scope, scale)


def in_words(claim: Claim) -> str:
    """A reading as its fields have it: "Your load: visible lag, 99 in 100, is about 900 ms"."""
    where = "Any run" if claim.scope is None else scopes.label(claim.scope)
    if claim.other is not None:
        against = figures.figure_label(claim.other)
    else:
        against = "?" if claim.value is None else figures.shown(claim.metric, claim.value)
    cause = f", down to: {figures.station(claim.cause)}" if claim.cause else ""
    return f"{where}: {figures.figure_label(claim.metric)} {OPS[claim.op]} {against}{cause}"


# What is kept


def _kept(sitting: Sitting, index: int, claim: Claim) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        said = f"“{plain(claim.text.strip())}” " if claim.text.strip() else ""
        fields = plain(in_words(claim))
        if claim.retracted:
            st.markdown(f"Taken back: ~~{fields}~~", width="stretch")
            return
        st.markdown(f"**{index + 1}.** {said}{fields} (your reading)", width="stretch")
        st.button(
            "I misread", key=f"interview_retract_{sitting.id}_{index}", on_click=_retract, args=(sitting, index),
            help="Takes this reading back; it stays in the transcript as taken back.",
        )  # fmt: skip


def _retract(sitting: Sitting, index: int) -> None:
    with refusal_kept():
        sitting.retract(index)


# One more


class _Fields:
    """Names of the form's fields in the session; new ones after each reading that was kept."""

    def __init__(self, sitting: Sitting, number: int) -> None:
        start = f"interview_claim_{sitting.id}_{number}_"
        self.scope, self.metric, self.op, self.against = (f"{start}{n}" for n in ("scope", "metric", "op", "against"))
        self.value, self.other, self.cause, self.text = (f"{start}{n}" for n in ("value", "other", "cause", "text"))
        self.keep, self.refused, self.looked_at = f"{start}keep", f"{start}refused", f"{start}looked_at"


def _form(sitting: Sitting, state: State, found: Mapping[str, Ran], scope: str, scale: float) -> None:
    fields = _Fields(sitting, len(state.claims))
    metrics = figures.offered((one.part for one in found.values()), scale)
    with st.container(border=True):
        left, right = st.columns([2, 3], gap="small")
        if st.session_state.get(fields.looked_at) != scope or fields.scope not in st.session_state:
            st.session_state[fields.scope] = st.session_state[fields.looked_at] = scope
        left.selectbox("Run", [*found, None], key=fields.scope, format_func=_scope_label)
        right.selectbox(
            "Figure of the run", metrics, index=None, key=fields.metric, format_func=figures.figure_label,
            placeholder="Choose a figure",
        )  # fmt: skip
        left, right = st.columns([2, 3], gap="small")
        left.selectbox("Comparison", list(OPS), key=fields.op, format_func=OPS.__getitem__)
        right.segmented_control("Against", [_VALUE, _OTHER], key=fields.against, default=_VALUE)
        if st.session_state.get(fields.against) == _OTHER:
            st.selectbox("The other figure", metrics, index=None, key=fields.other, format_func=figures.figure_label)
        else:
            st.text_input("Value", key=fields.value, max_chars=60)
            st.caption(plain(_read_back(fields)))
        st.selectbox(
            "Down to which station", figures.STATIONS, index=None, key=fields.cause,
            placeholder="No cause named", format_func=figures.station,
        )  # fmt: skip
        st.text_area("The same in a sentence (optional)", key=fields.text, height=68, max_chars=2_000)
        if st.session_state.get(fields.refused):
            st.warning(plain(st.session_state[fields.refused]))
        st.button("Keep this reading", type="primary", key=fields.keep, on_click=_keep, args=(sitting, fields))


def _scope_label(scope: str | None) -> str:
    return "Any run" if scope is None else scopes.label(scope)


def _read_back(fields: _Fields) -> str:
    """What the value is taken for. There is always a line: one that came and went would move the next field."""
    metric, text = st.session_state.get(fields.metric), st.session_state.get(fields.value) or ""
    if metric is None or not text.strip():
        return "A number with its unit, in real size."
    try:
        return f"Read as {figures.shown(metric, figures.read(metric, text))}."
    except InvalidInput as refused:
        return str(refused)


def _keep(sitting: Sitting, fields: _Fields) -> None:
    """Keep it, or say what it lacks. Where sentence and fields differ, the interviewer asks which holds."""
    st.session_state[fields.refused] = None
    try:
        claim = _claimed(fields)
    except InvalidInput as refused:
        st.session_state[fields.refused] = str(refused)
        return
    with refusal_kept():
        sitting.claim(claim)


def _claimed(fields: _Fields) -> Claim:
    """What the form says.

    Raises:
        InvalidInput: a field is empty or cannot be read.
    """

    def said(name: str) -> Any:
        return st.session_state.get(name)

    metric = said(fields.metric)
    if metric is None:
        raise InvalidInput("Choose a figure first.")
    value = other = None
    if said(fields.against) == _OTHER:
        other = said(fields.other)
        if other is None:
            raise InvalidInput("Choose the other figure first.")
        if other == metric:
            raise InvalidInput("A figure cannot be compared with itself; choose another one.")
    else:
        text = said(fields.value) or ""
        if not text.strip():
            raise InvalidInput("Write the value first: a number with its unit.")
        value = figures.read(metric, text)
    return Claim(
        text=(said(fields.text) or "").strip(), scope=said(fields.scope), metric=metric, op=said(fields.op) or "about",
        value=value, other=other, cause=said(fields.cause),
    )  # fmt: skip
