"""The page of a kind of study: its form on the left; on the right what came out, or what will.

The study is found by the address, followed while it runs, and can be taken away at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import streamlit as st

from engine.errors import UnknownStudy
from engine.experiments.studies import (
    STUDIES,
    CompareRequest,
    Comparison,
    Look,
    OwnComparison,
    Study,
    Sweep,
    SweepRequest,
    command_of,
    json_of,
    report_of,
)
from engine.own_strategy import FILE
from pages.parts.study_form import keep, run_button, setting_fields

REFRESH_S = 1.5
Request = TypeVar("Request", CompareRequest, SweepRequest)
Found = TypeVar("Found", Comparison, Sweep)


@dataclass(frozen=True, kw_only=True)
class StudyPage(Generic[Request, Found]):
    """A page of studies.

    name: in keys of its state, and of its files. kind: of its requests; another belongs to the page `other`.
    begin: fills in the form, as the study was asked for or, without one, as somebody may begin.
    fields: the form above what all such pages ask for. ask: the request that the form describes.
    teach: what stands there before there is a study. draw: what is known by now.
    above: what stands over the result in any case.
    """

    name: str
    title: str
    kind: type[Request]
    other: str
    begin: Callable[[Request | None], None]
    fields: Callable[[], None]
    ask: Callable[[], Request]
    teach: Callable[[], None]
    draw: Callable[[Study, Found], None]
    above: Callable[[], None] = lambda: None


def show(page: StudyPage[Request, Found]) -> None:
    """The whole page."""
    st.title(page.title, anchor=False)
    study = _study_of(page)
    page.begin(study.request if study else None)  # type: ignore[arg-type]
    st.session_state.setdefault(f"{page.name}_keep", bool(study and study.is_to_be_kept))
    form, result = st.columns([1, 3], gap="medium")
    with form:
        page.fields()
        setting_fields(page.name)
        run_button(page.name, study is not None and not study.over, page.ask)
    with result:
        page.above()
        if study is None:
            page.teach()
        else:
            _follow(study, partial(_drawn, page, study))


def _study_of(page: StudyPage[Request, Found]) -> Study | None:
    """The study that the address names, or that this session last saw here; why there is none is said on the page."""
    named = st.query_params.get("study") or st.session_state.get(f"{page.name}_study")
    if not named:
        return None
    try:
        study = STUDIES.find(named)
    except UnknownStudy as gone:
        st.info(f"{gone} The form below begins a new one.")
        return None
    if not isinstance(study.request, page.kind):
        st.info(f"The study of this address belongs to the page {page.other}; open it there, or press Run.")
        return None
    keep(page.name, study)
    return study


def _follow(study: Study, draw: Callable[[Look], None]) -> None:
    """How the study stands, and what is known by now; drawn again while it runs."""
    if study.over:
        draw(study.look())
    else:
        _running(study.id, draw)


@st.fragment(run_every=REFRESH_S)
def _running(study_id: str, draw: Callable[[Look], None]) -> None:
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
    draw(look)


def _cancel(study_id: str) -> None:
    try:
        STUDIES.cancel(study_id)
    except UnknownStudy:
        return  # the page says so


def _drawn(page: StudyPage[Request, Found], study: Study, look: Look) -> None:
    if look.error:
        kept = " What the runs say that had ended by then is below." if look.found else ""
        st.error(f"{look.error}{kept}")
    elif look.state == "cancelled":
        kept = "what these say is below." if look.done else "there is nothing to show."
        st.info(f"Cancelled after {look.done:,} of {look.total:,} runs; {kept}")
    if look.not_kept:
        st.warning(look.not_kept)
    if look.found is None:
        return
    page.draw(study, look.found)  # type: ignore[arg-type]
    if look.over:
        _take_away(page.name, study, look)


def _progress_line(look: Look) -> str:
    if look.state == "waiting":
        before = {0: "it is next", 1: "one study comes before it"}
        return f"Waiting for its turn: {before.get(look.ahead, f'{look.ahead} studies come before it')}."
    if not look.done:
        return f"0 of {look.total:,} runs. The first ones are under way."
    return f"{look.done:,} of {look.total:,} runs. Last: {look.what}."


def _take_away(name: str, study: Study, look: Look) -> None:
    """The command line that does the same, and files."""
    found = look.found
    assert found is not None
    st.header("The same elsewhere", anchor=False)
    st.code(command_of(study.request, keep=study.is_to_be_kept), language="bash", wrap_lines=True)
    file = "comparison" if isinstance(found, Comparison) else name
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download JSON",
            lambda: json_of(found),
            f"{file}.json",
            "application/json",
            on_click="ignore",
            help="All figures of all runs, as the command prints them with --json.",
        )
        st.download_button(
            "Download report",
            lambda: report_of(found),
            f"{file}.html",
            "text/html",
            on_click="ignore",
            help="One HTML file that needs nothing else.",
        )
        if isinstance(study.request, OwnComparison):
            st.download_button(
                f"Download {FILE}",
                study.request.code.source,
                FILE,
                "text/x-python",
                on_click="ignore",
                help="The code that was compared. The command wants it beside itself, and runs it without a fence.",
            )
        if look.kept is not None:
            there = f"/history?history=Studies&study={look.kept}"
            st.markdown(f"Kept as study {look.kept}, with its {look.done:,} runs, on the page [History]({there}).")
