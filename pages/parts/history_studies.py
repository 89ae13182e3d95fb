"""Kept comparisons and sweeps: the list, what one of them says, and where it goes from there."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from engine.errors import UnknownRun
from engine.experiments.history import KeptStudy, RunHistory
from pages.parts import history_words as lines
from pages.parts.history_job import OPEN, SAID, guarded, messages, pick
from pages.parts.history_run import report_or_why_not

VIEW = "history"
"""The view, also its name in the address, where views go by their labels: `?history=SQL+console`."""
STUDY, TABLE, LINK = (f"history_{name}" for name in ("study", "studies_table", "study_link"))
BELONGS = "history_belongs"
"""The filter of runs by the study that they belong to."""
ALONE = "alone"
_PAGES = {"comparison": ("Compare", "pages/lab/compare.py"), "sweep": ("Sweep", "pages/lab/sweep.py")}
_KINDS = {
    ".html": (
        "HTML report",
        "text/html",
        "What it says, its tables and its first runs, on one page that needs no other.",
    ),
    ".csv": ("CSV of figures", "text/csv", "A row for each run: settings and figures; the names carry the units."),
    ".parquet": ("Parquet of figures", "application/vnd.apache.parquet", "The same, for DuckDB, pandas or Spark."),
}
_ROW_PX, _HEAD_PX, _MOST_PX = 35, 38, 283


def belongs_options(studies: Sequence[KeptStudy]) -> dict[str, str]:
    """What the filter of runs offers, by value."""
    if not studies:
        return {}
    return {ALONE: "None", **{str(study.study_id): lines.study_name(study) for study in studies}}


def studies_view(history: RunHistory, studies: Sequence[KeptStudy]) -> None:
    """List and opened study."""
    messages()
    if not studies:
        st.info(
            "No comparison or sweep is kept yet. On Compare and Sweep tick 'Keep in History' before you press Run, or "
            "add --keep on the command line."
        )
        return
    there = {study.study_id: study for study in studies}
    _from_link(there)
    if st.session_state.get(STUDY) not in there:
        st.session_state[STUDY] = studies[0].study_id
    _table(studies)
    st.selectbox("Open", list(there), format_func=lambda number: lines.study_name(there[number]), key=STUDY)
    study = there[st.session_state[STUDY]]
    st.query_params["study"] = st.session_state[LINK] = str(study.study_id)
    _opened(history, study)


def _from_link(there: dict[int, KeptStudy]) -> None:
    """`?study=3` opens study 3, once; from then on the address follows the page."""
    asked = st.query_params.get("study", "")
    if not asked or st.session_state.get(LINK) == asked:
        return
    st.session_state[LINK] = asked
    if asked in map(str, there):
        st.session_state[STUDY] = int(asked)
    else:
        st.info(f"There is no study {asked[:40]!r} here; this is the newest one.")


def _table(studies: Sequence[KeptStudy]) -> None:
    ids = [study.study_id for study in studies]
    there = st.session_state[STUDY]
    key = f"{TABLE}_{there}_{ids[0]}_{len(ids)}"
    st.dataframe(
        lines.study_rows(studies),
        key=key,
        hide_index=True,
        height=min(_HEAD_PX + _ROW_PX * len(ids), _MOST_PX),
        on_select=partial(pick, STUDY, key, ids),
        selection_mode="single-row",
        selection_default={"selection": {"rows": [ids.index(there)]}},
        alt="Kept comparisons and sweeps, newest first; the list Open below has the same ones.",
        column_config=lines.study_columns(),
    )


def _opened(history: RunHistory, study: KeptStudy) -> None:
    try:
        result, _ = history.study(study.study_id)
    except UnknownRun as gone:  # deleted meanwhile, elsewhere
        st.info(str(gone))
        return
    st.header(f"Study {study.study_id}: {study.title}", anchor=False)
    st.caption(lines.study_status(study))
    _acts(history, study)
    _says(result)


def _acts(history: RunHistory, study: KeptStudy) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        page, place = _PAGES.get(study.kind, ("", ""))
        if page and study.opens_on_its_page and st.button(f"Open on {page}"):
            st.switch_page(place, query_params={"study": study.address})
        st.button("Show its runs", on_click=_show_runs, args=(study,), disabled=not study.run_ids)
        with st.popover("Delete"):
            runs = f"{len(study.run_ids)} run{'' if len(study.run_ids) == 1 else 's'}"
            st.markdown("Nothing brings it back. Its runs can go with it, or stay on their own.")
            for label, with_runs in ((f"Delete it with its {runs}", True), ("Delete it, keep its runs", False)):
                st.button(label, on_click=guarded(_delete), args=(history, study, with_runs), width="stretch")
        with st.popover("Download"):
            for suffix, (label, mime, text) in _KINDS.items():
                st.download_button(
                    label,
                    partial(_content, history, study.study_id, suffix),
                    file_name=f"study-{study.study_id}{suffix}",
                    mime=mime,
                    help=text,
                    on_click="ignore",
                    key=f"history_study_get{suffix}",
                    width="stretch",
                )


def _show_runs(study: KeptStudy) -> None:
    """Runs, and of them those of this study."""
    st.session_state[VIEW] = "runs"
    st.session_state[BELONGS] = str(study.study_id)
    st.session_state[OPEN] = study.run_ids[-1]


def _delete(history: RunHistory, study: KeptStudy, with_runs: bool) -> None:
    history.delete_study(study.study_id, with_runs=with_runs)
    what = "with its runs" if with_runs else "its runs are kept on their own"
    st.session_state[SAID] = f"Study {study.study_id} is deleted, {what}."


def _content(history: RunHistory, study_id: int, suffix: str) -> bytes:
    """Made when it is asked for."""
    from engine.experiments.report import report_bytes, subject_of_study

    return report_or_why_not(lambda: report_bytes(subject_of_study(history, study_id), suffix, figures=True))


def _says(result: dict[str, object]) -> None:
    """Its sentences, the differences that can be told, its table."""
    from engine.experiments.report import told_by

    told = told_by(result)
    if told is None:
        return
    for text in told.text:
        st.markdown(text)
    if told.rows:
        rows = [dict(zip(told.header, row, strict=True)) for row in told.rows]
        st.dataframe(rows, hide_index=True, alt="What was measured, with 95 % intervals in brackets.")
    if told.method:
        st.caption(told.method)
    for pair, sentences in told.statements:
        with st.expander(f"{pair}: {len(sentences)} difference{'' if len(sentences) == 1 else 's'} that can be told"):
            st.markdown("\n".join(f"- {sentence}" for sentence in sentences) or "None can be told from noise.")
