"""The page's two long pieces of work, on the shelf that all visitors share, and how far they are."""

from collections.abc import Callable

import streamlit as st

from engine.errors import MurmurationError, TooManyStudies
from lessons.capacity import Assumptions, Line, Measured, basis, check_apart, measure_apart
from pages.parts.shelf import SHELF, Telling, Told

REFRESH_S = 0.5
REFUSED = "capacity_job_refused"
CLAIMS = ("capacity claims",)


def measuring(assumptions: Assumptions) -> Telling[Measured] | None:
    """The run at these ratios, if somebody has asked for it."""
    return SHELF.there(_key(assumptions))


def checking() -> Telling[dict[str, Line]] | None:
    """The check of all claims, if somebody has asked for it."""
    return SHELF.there(CLAIMS)


def measure_button(assumptions: Assumptions, *, again: bool = False) -> None:
    """Begins the run."""
    label = "Measure again" if again else "Measure at the same ratios"
    st.button(label, type="primary", on_click=_measure, args=(assumptions,), key="capacity_measure")


def check_button() -> None:
    """Begins the check."""
    st.button("Measure all claims here", on_click=_check, key="capacity_check")


def refusal(work: Telling[Measured] | Telling[dict[str, Line]] | None) -> None:
    """Why a piece of work has nothing to show, or was not begun."""
    if work is not None and work.failed:
        try:
            work.found()
        except MurmurationError as error:
            st.warning(str(error))
    if st.session_state.get(REFUSED):
        st.warning(st.session_state[REFUSED])


@st.fragment(run_every=REFRESH_S)
def follow(work: Telling[Measured] | Telling[dict[str, Line]], key: str) -> None:
    """How far it is; the page is drawn again when it is over."""
    if work.over:
        st.rerun()
    if work.state == "waiting":
        before = {0: "it is next", 1: "one piece of work comes before it"}
        said = f"Waits for its turn: {before.get(work.ahead, f'{work.ahead} come before it')}."
    else:
        said = f"{work.title}: at work, some ten to thirty seconds. The page can be used meanwhile."
    with st.container(key=key):
        st.progress(min(work.share, 1.0), said)


def _key(assumptions: Assumptions) -> tuple[object, ...]:
    return ("capacity", basis(assumptions))


def _measure(assumptions: Assumptions) -> None:
    def make(told: Told) -> Measured:
        return measure_apart(basis(assumptions), told)

    _ask(lambda: SHELF.ask(_key(assumptions), "The engine at the same ratios", make))


def _check() -> None:
    _ask(lambda: SHELF.ask(CLAIMS, "The claims of five texts", check_apart))


def _ask(begin: Callable[[], object]) -> None:
    st.session_state[REFUSED] = None
    try:
        begin()
    except TooManyStudies as refused:
        st.session_state[REFUSED] = str(refused)
