"""What came of a click on the History page; of a run that was begun by one: how far it is, and a way to stop it."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from engine.errors import MurmurationError, RunCancelled
from engine.experiments.history import Make, RunHistory, RunJob, difference
from engine.experiments.studies import STUDIES

OPEN, SAID, REFUSED, JOB, WAITED = (f"history_{name}" for name in ("open", "said", "refused", "job", "waited"))
REFRESH_S = 1.0
_PATIENCE_S = 3.0
"""Real seconds that a click waits for its run before the page goes on without it."""


def guarded(action: Callable[..., None]) -> Callable[..., None]:
    """For callbacks: what is refused is said on the page."""

    def done(*args: Any) -> None:
        st.session_state[REFUSED] = st.session_state[SAID] = None
        try:
            action(*args)
        except MurmurationError as refused:
            st.session_state[REFUSED] = str(refused)

    return done


def messages() -> None:
    """The run that is under way, what was refused last, and what came of the last click."""
    if underway() is not None:
        followed()
    if st.session_state.get(REFUSED):
        st.warning(st.session_state[REFUSED])
    if st.session_state.get(SAID):
        st.info(st.session_state[SAID])


def pick(chosen: str, table: str, ids: list[int]) -> None:
    """A click on a row of a table opens it: its number is kept under `chosen`."""
    rows = st.session_state[table]["selection"]["rows"]
    if rows and rows[0] < len(ids):
        st.session_state[chosen], st.session_state[SAID] = ids[rows[0]], None


def underway() -> RunJob | None:
    """The run that this visitor has had begun, if it has not been taken yet."""
    job = st.session_state.get(JOB)
    return job if isinstance(job, RunJob) else None


def begin(title: str, make: Make, seconds: float, again: int | None = None) -> None:
    """Have a run made when it is its turn.

    Raises:
        TooManyStudies: as many wait as may.
    """
    job = RunJob(title, make, seconds, again=again)
    STUDIES.enter(job)
    st.session_state[JOB] = job


def settle(history: RunHistory) -> None:
    """Take the run that was begun by a click, once it has ended, and say what came of it."""
    job = underway()
    if job is None:
        return
    if not job.over and st.session_state.get(WAITED) != job.id:
        st.session_state[WAITED] = job.id
        with st.spinner(f"Running {job.title}."):
            job.wait(_PATIENCE_S)
    if job.over:
        st.session_state[JOB] = None
        guarded(_take)(history, job)


def _take(history: RunHistory, job: RunJob) -> None:
    try:
        run_id = job.run_id()
    except RunCancelled as stopped:
        st.session_state[SAID] = str(stopped)
        return
    if job.again is None:
        st.session_state[SAID] = f"Kept as run {run_id}."
    else:
        st.session_state[SAID] = difference(history.run(job.again), history.run(run_id)).repeat_in_words
    st.session_state[OPEN] = run_id


@st.fragment(run_every=REFRESH_S)
def followed() -> None:
    """How far it is, and Cancel; drawn again while it runs."""
    job = underway()
    if job is None:
        return
    if job.over:
        st.rerun()
    STUDIES.seen(job.id)  # so that it is not forgotten
    bar, button = st.columns([5, 1], vertical_alignment="center")
    bar.progress(job.share, progress_line(job))
    button.button("Cancel", on_click=job.cancel, width="stretch", key=f"history_cancel_{job.id}")
    st.caption("It opens here when it has ended. You may leave this page meanwhile.")


def progress_line(job: RunJob) -> str:
    """How far it is, in a sentence."""
    if job.state == "waiting":
        before = {0: "it is next", 1: "one study or run comes before it"}
        return f"{job.title} waits for its turn: {before.get(job.ahead, f'{job.ahead} come before it')}."
    if job.virtual_s > job.seconds:
        return f"{job.title}: its queues are being emptied, at {job.virtual_s:,.0f} s of virtual time."
    return f"{job.title}: {job.virtual_s:,.0f} of {job.seconds:,.0f} s of virtual time."
