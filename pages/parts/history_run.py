"""One kept run, opened: figures, settings, series, a second run laid over it, and what can be done with it."""

import os
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from engine.errors import InvalidInput, MurmurationError
from engine.experiments.history import (
    KeptRun,
    RunHistory,
    RunState,
    command_of,
    difference,
    request_of,
    run_and_keep,
)
from engine.observe.metric import Metric
from pages.parts import history_charts as charts
from pages.parts import history_words as lines
from pages.parts.history_job import OPEN, SAID, begin, guarded, underway
from pages.parts.palette import colours

BESIDE, MORE = "history_beside", "history_more"
_NOBODY = 0
"""No run has this number: nothing lies over the open one."""
_KINDS = {
    ".html": ("HTML report", "text/html", "Everything on one page that needs nothing else: charts, settings, command."),
    ".csv": ("CSV of series", "text/csv", "A row for each half second; the names carry the units."),
    ".parquet": ("Parquet of series", "application/vnd.apache.parquet", "The same, for DuckDB, pandas or Spark."),
    ".png": ("PNG of charts", "image/png", "For a slide."),
}


def opened_run(history: RunHistory, found: Sequence[KeptRun]) -> None:
    """The run that is chosen, the newest at first."""
    run, other = _chosen(history, {run.run_id: run for run in found})
    st.header(f"Run {run.run_id}: {lines.title(run)}", anchor=False)
    st.caption(lines.status(run))
    _acts(history, run)
    if run.summary is None:
        _without_figures(run)
    else:
        _figures(run, other)
        _series(history, run, other)
    _settings(history, run)


def _chosen(history: RunHistory, there: dict[int, KeptRun]) -> tuple[KeptRun, KeptRun | None]:
    """Which run is open, and which lies over it."""
    state = st.session_state
    asked = state.get(OPEN)
    if asked is not None and asked not in there:
        try:
            there = {asked: history.run(asked), **there}
        except InvalidInput:  # deleted meanwhile, here or elsewhere
            st.info(f"There is no run {asked} any more; this is the newest one.")
            state[OPEN] = None
    if state.get(OPEN) is None:
        state[OPEN] = next(iter(there))
    one, two = st.columns(2, gap="medium")
    with one:
        st.selectbox("Open", list(there), format_func=lambda number: lines.name(there[number]), key=OPEN)
    run = there[state[OPEN]]
    if st.query_params.get("run") != str(run.run_id):
        st.query_params["run"] = str(run.run_id)
        state["history_link"] = str(run.run_id)
    others = [number for number, each in there.items() if number != run.run_id and each.summary is not None]
    if run.summary is None or state.get(BESIDE) not in others:
        state[BESIDE] = _NOBODY
    if run.summary is not None:
        two.selectbox(
            "Lay over it",
            [_NOBODY, *others],
            format_func=lambda number: lines.name(there[number]) if number else "No other run",
            key=BESIDE,
            help="The change is that of the open run against this one.",
        )
    return run, there.get(state[BESIDE])


# What can be done


def _acts(history: RunHistory, run: KeptRun) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Run it again", on_click=guarded(_again), args=(history, run), disabled=underway() is not None)
        if run.state is RunState.FINISHED:
            label = "Unpin" if run.pinned else "Pin as baseline"
            st.button(
                label,
                on_click=guarded(_pin),
                args=(history, run),
                help="A baseline is what others are compared with; it cannot be deleted while it is pinned.",
            )
        with st.popover("Delete"):
            st.markdown(f"Run {run.run_id} goes with its figures and series; nothing brings it back.")
            st.button(f"Delete run {run.run_id} for good", on_click=guarded(_delete), args=(history, run))
        if run.summary is not None:
            _downloads(history, run)


def _again(history: RunHistory, run: KeptRun) -> None:
    request = request_of(run, os.environ.get("REDIS_URL"))  # what cannot be made again is refused before it waits
    make = partial(run_and_keep, request, history)
    begin(f"Run {run.run_id} once more ({lines.title(run)})", make, request.seconds, again=run.run_id)


def _pin(history: RunHistory, run: KeptRun) -> None:
    history.pin(run.run_id, not run.pinned)
    st.session_state[SAID] = f"Run {run.run_id} is {'no longer a' if run.pinned else 'a'} baseline."


def _delete(history: RunHistory, run: KeptRun) -> None:
    history.delete([run.run_id])
    st.session_state[SAID] = f"Run {run.run_id} is deleted."
    if st.session_state.get(OPEN) == run.run_id:
        st.session_state[OPEN] = None


def _downloads(history: RunHistory, run: KeptRun) -> None:
    beside = st.session_state.get(BESIDE)
    run_ids = [run.run_id, beside] if beside else [run.run_id]
    both = "runs-" + "-".join(map(str, run_ids))
    with st.popover("Download"):
        if beside:
            st.markdown(f"Runs {run.run_id} and {beside}, side by side.")
        for suffix, (label, mime, text) in _KINDS.items():
            st.download_button(
                label,
                partial(_content, history, run_ids, suffix),
                file_name=both + suffix,
                mime=mime,
                help=text,
                on_click="ignore",
                key=f"history_get{suffix}",
                width="stretch",
            )


def _content(history: RunHistory, run_ids: list[int], suffix: str) -> bytes:
    """Made when it is asked for: matplotlib is loaded for nobody else."""
    from engine.experiments.report import report_bytes, subject_of_runs

    return report_or_why_not(lambda: report_bytes(subject_of_runs(history, run_ids), suffix))


def report_or_why_not(make: Callable[[], bytes]) -> bytes:
    """A file's content; where it cannot be made (the run was deleted meanwhile), the sentence that says so."""
    try:
        return make()
    except MurmurationError as refused:
        return str(refused).encode()


# What came out


def _without_figures(run: KeptRun) -> None:
    if run.state is RunState.RUNNING:
        st.info("It is running: its figures come when it has ended.")
        st.button("Look again")
    else:
        st.warning(f"This run was interrupted and has no figures. {run.note or ''} Its settings are below.")


def _figures(run: KeptRun, other: KeptRun | None) -> None:
    if other is not None:
        st.markdown(difference(other, run).in_words)
    told = lines.tiles(run, other)
    for place, (label, value, beside, text) in zip(st.columns(len(told)), told, strict=True):
        place.metric(label, value, help=text)
        if other is not None:
            place.caption(f"Run {other.run_id}: {beside}")
    promised = lines.promise_lines(run)
    if promised:
        st.markdown("  \n".join(promised))
    with st.expander("All figures"):
        st.table(lines.figure_rows(run, other))


def _series(history: RunHistory, run: KeptRun, other: KeptRun | None) -> None:
    runs = [run] if other is None else [run, other]
    series = [history.series(each.run_id) for each in runs]
    if not any(series):
        st.caption("No series were kept of it: of the runs of a sweep only figures are.")
        return
    names = [f"Run {each.run_id}" for each in runs]
    palette = colours()

    def draw(metric: Metric) -> None:
        st.markdown(f"**{charts.heading(metric)}**", help=metric.text)
        figure = charts.series_chart(metric, names, series, palette)
        st.plotly_chart(figure, theme=None, config=charts.CONFIG, key=f"history_chart_{metric}")
        st.caption(charts.in_words(metric, names, series))

    for pair in (charts.FIRST[:2], charts.FIRST[2:]):
        for place, metric in zip(st.columns(2, gap="medium"), pair, strict=True):
            with place:
                draw(metric)
    with st.expander("Another series"):
        chosen = st.selectbox("What to draw", charts.others(series), format_func=charts.heading, key=MORE)
        if chosen is not None:
            draw(Metric(chosen))


def _settings(history: RunHistory, run: KeptRun) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Settings that are not the usual ones", anchor=False)
        st.markdown("\n".join(f"- {line}" for line in lines.settings_lines(run)))
        beside = st.session_state.get(BESIDE)
        if beside:
            st.subheader(f"Settings that differ from run {beside}", anchor=False)
            found = difference(history.run(beside), run)
            if found.settings:
                st.table(lines.differing_rows(dict(found.settings), beside, run.run_id))
            else:
                st.markdown("None: both were given the same settings.")
    with right:
        st.subheader("Make it again from the command line", anchor=False)
        try:
            st.code(command_of(run, places=False), language=None, wrap_lines=True)
            if run.inputs.keys() - {"prices"}:
                st.caption(
                    f"Files by their names; `python -m engine history command {run.run_id}` says where they are."
                )
        except InvalidInput as unknown:
            st.caption(str(unknown))
