"""Step 7: the runs of the own design to be read. Figures as they were measured; nothing says whether they are good."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from lessons.interview import written
from lessons.interview.figures import figure
from lessons.interview.runs import Ran
from lessons.interview.runs.course import MEAN_S, PAUSE_S
from lessons.interview.sitting import Sitting, State
from lessons.interview.transcript import Transcript
from pages.parts import interview_claims as claims
from pages.parts import interview_figures as figures
from pages.parts import interview_scopes as scopes
from pages.parts.interview_run_charts import Chart, Seen, charts_of, in_words, run_chart, window_s
from pages.parts.interview_sheet import fields_form, pad_of, text_form
from pages.parts.palette import colours
from pages.parts.refusal import show_refusal
from pages.parts.stacked import CONFIG

SCOPE = "interview_scope"
_STEP = 7
_NEAR_HELP = "Draws the stretch at your mean alone, to its own scale: a peak can press it to the ground."


def draw(sitting: Sitting, state: State) -> None:
    """Runs on the left, what the candidate says of them on the right."""
    show_refusal()
    found, transcript = scopes.ran(sitting), sitting.transcript()
    left, right = st.columns([7, 6], gap="medium")
    with left:
        scope = show_runs(found, state, transcript, f"{SCOPE}_{sitting.id}")
    with right:
        if found:
            claims.draw(sitting, state, found, scope, transcript.scale)
        pad = pad_of(sitting, state)
        st.subheader("What limits it, and one next step", anchor=False)
        fields_form(pad, _STEP, ("bottleneck", "next.change", "next.metric", "next.from", "next.to"))
        st.subheader("What it costs", anchor=False)
        _work(found.get(scopes.BASE), transcript.scale)
        fields_form(pad, _STEP, ("cost_largest",))
        st.subheader("What the run leaves out", anchor=False)
        fields_form(pad, _STEP, ("not_modelled",))
        text_form(pad, _STEP)


def show_runs(found: Mapping[str, Ran], state: State, transcript: Transcript, key: str) -> str:
    """One of the runs, chosen by name; which one that is."""
    st.subheader("Your design, run", anchor=False)
    if not found:
        st.markdown("There is no run to read yet. What is run appears here by itself.")
        return scopes.BASE
    if st.session_state.get(key) not in found:
        st.session_state[key] = next(iter(found))
    st.pills(
        "Run", list(found), key=key, format_func=scopes.label, required=True, wrap=True, label_visibility="collapsed"
    )
    scope: str = st.session_state[key] or next(iter(found))
    st.markdown(scopes.about(scope, state))
    seen = scopes.seen(found, scope, transcript)
    if scope == scopes.BASE and st.toggle("Only up to the peak", key=f"{key}_near", help=_NEAR_HELP):
        seen = replace(seen, until_s=float(MEAN_S + PAUSE_S))
    charts = charts_of(seen)
    if charts:
        _charts(seen, charts, f"{key}_chart")
    _figures(found[scope], transcript.scale)
    return scope


def scale_note(scale: float) -> str:
    """What a count means, in plain words."""
    if scale == 1:
        return "The world of the run has the size that you assumed."
    return (
        f"Run in a small world: one simulated person stands for {written.shown(scale, 'count')} people. Counts are "
        "shown in real size; times, shares and figures for each post or page are the same in both."
    )


def _charts(seen: Seen, charts: list[Chart], key: str) -> None:
    told = in_words(seen, charts)
    st.plotly_chart(run_chart(seen, charts, colours()), theme=None, config=CONFIG, key=key, alt=told)
    st.caption(
        f"Each point: {window_s(seen, charts):g} virtual seconds. Waiting is measured, service times are modelled. "
        f"{scale_note(seen.scale)}"
    )
    with st.expander("The charts in words"):
        st.markdown(told)
        for chart in charts:
            st.caption(f"{chart.label}: {chart.text}")


def _figures(one: Ran, scale: float) -> None:
    """The run in numbers, and what each station did: without a colour, in an order that says nothing."""
    left, right = st.columns([3, 2], gap="small")
    values = {path: figure(one.part, path, scale) for path in figures.PLAIN}
    rows = [
        {"Figure (measured)": figures.figure_label(path), "Value": figures.shown(path, value)}
        for path, value in values.items()
        if value is not None
    ]
    if rows:
        left.table(rows, border="horizontal", hide_index=True)
        left.caption(_window(one))
    stations = [
        {"Station": figures.station(name), "Utilisation (measured)": figures.shown(f"stations.{name}.util", value)}
        for name in figures.STATIONS
        if (value := figure(one.part, f"stations.{name}.util")) is not None
    ]
    if stations:
        right.table(stations, border="horizontal", hide_index=True)
        right.caption("Utilisation: work asked of a station, against what it can do in the same time.")


def _window(one: Ran) -> str:
    """Of which stretch of the run its figures are."""
    if one.scope == scopes.BASE:
        judged_s = MEAN_S + PAUSE_S
        return f"Of the first {judged_s} virtual seconds, at the mean; what is called after the peak, of the peak."
    seconds = one.part.virtual_seconds
    return "Of the whole run." if seconds is None else f"Of the whole run, {seconds:,.4g} virtual seconds."


def _work(base: Ran | None, scale: float) -> None:
    """The bill of the base run, by station."""
    if base is None:
        return
    seconds = {name: figure(base.part, f"cost.{name}_s", scale) for name in figures.STATIONS}
    rows = [
        {"Station": figures.station(name), "Machine time in the base run (modelled)": written.shown(value, "seconds")}
        for name, value in seconds.items()
        if value is not None
    ]
    if rows:
        st.table(rows, border="horizontal", hide_index=True)
        st.caption("Machine time of all servers of a station over the whole base run, by the price list, in real size.")
