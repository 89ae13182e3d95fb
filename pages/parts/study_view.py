"""A study on its page: found by the address, followed while it runs, and what can be taken away at the end."""

import json
from collections.abc import Callable

import streamlit as st

from engine.errors import UnknownStudy
from engine.experiments.studies import STUDIES, Comparison, Look, Study, Sweep, command_of, report_of
from pages.parts.study_form import keep

Draw = Callable[[Comparison | Sweep], None]
REFRESH_S = 1.5


def study_of(page: str, kind: type, other: str) -> Study | None:
    """The study that the address names, or that this session last saw here; why there is none is said on the page.

    `kind`: of its request; one of another kind belongs to the page `other`.
    """
    named = st.query_params.get("study") or st.session_state.get(f"{page}_study")
    if not named:
        return None
    try:
        study = STUDIES.find(named)
    except UnknownStudy as gone:
        st.info(f"{gone} Press Run to make it anew.")
        return None
    if not isinstance(study.request, kind):
        st.info(f"The study of this address belongs to the page {other}; open it there, or press Run.")
        return None
    keep(page, study)
    return study


def follow(study: Study, draw: Draw) -> None:
    """How the study stands, and what is known by now; drawn again while it runs."""
    if study.over:
        _stands(study.look(), draw)
    else:
        _running(study.id, draw)


@st.fragment(run_every=REFRESH_S)
def _running(study_id: str, draw: Draw) -> None:
    try:
        study = STUDIES.find(study_id)
    except UnknownStudy:
        st.rerun()
    look = study.look()
    if look.over:
        st.rerun()
    bar, button = st.columns([5, 1], vertical_alignment="center")
    bar.progress(look.done / look.total, _progress_line(look))
    button.button("Cancel", on_click=_cancel, args=(study_id,), width="stretch", key=f"cancel_{study_id}")
    if look.found is not None:
        draw(look.found)


def _cancel(study_id: str) -> None:
    try:
        STUDIES.cancel(study_id)
    except UnknownStudy:
        return  # the page says so


def _stands(look: Look, draw: Draw) -> None:
    if look.error:
        st.error(look.error)
    elif look.state == "cancelled":
        kept = "what they say is kept." if look.done else "there is nothing to show."
        st.info(f"Cancelled after {look.done:,} of {look.total:,} runs; {kept}")
    if look.found is not None:
        draw(look.found)


def _progress_line(look: Look) -> str:
    if look.state == "waiting":
        before = {0: "it is next", 1: "one study comes before it"}
        return f"Waiting for its turn: {before.get(look.ahead, f'{look.ahead} studies come before it')}."
    if not look.done:
        return f"0 of {look.total:,} runs. The first ones are under way."
    return f"{look.done:,} of {look.total:,} runs. Last: {look.what}."


def take_away(study: Study, found: Comparison | Sweep, name: str) -> None:
    """The command line that does the same, and files."""
    st.header("The same elsewhere", anchor=False)
    st.code(command_of(study.request), language="bash", wrap_lines=True)
    with st.container(horizontal=True):
        st.download_button(
            "Download JSON",
            lambda: json.dumps(found.to_json()),
            f"{name}.json",
            "application/json",
            on_click="ignore",
            help="All figures of all runs, as the command prints them with --json.",
        )
        st.download_button(
            "Download report",
            lambda: report_of(found),
            f"{name}.html",
            "text/html",
            on_click="ignore",
            help="One HTML file that needs nothing else.",
        )
