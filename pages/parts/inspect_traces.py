"""Inspect, Traces: what people asked of the system of late, and what it did for each request, hop by hop."""

from typing import Any

import streamlit as st

from engine.errors import MurmurationError
from engine.live import LiveWorld
from engine.live.inspection import Instant, instant
from engine.observe import words
from pages.parts import inspect_words as lines
from pages.parts.inspect_chart import CONFIG, trace_chart
from pages.parts.palette import colours

TEXT, FOLLOW, CHOICE = (f"inspect_traces_{name}" for name in ("text", "follow", "choice"))
REFRESH_S = 2.0


def traces_view(live: LiveWorld, seen: Instant) -> None:
    """The view."""
    following = st.toggle(
        "Follow",
        value=True,
        key=FOLLOW,
        persist_state="session",
        help=f"Looks again every {REFRESH_S:.0f} s while the world runs: what is under way fills in.",
    )
    if seen.paused:
        st.caption("The world is paused: requests that are under way wait. Resume it in the Load lab.")
    every = REFRESH_S if following and not seen.paused else None
    st.fragment(_traces, run_every=every)(live, seen.paused)


def _traces(live: LiveWorld, was_paused: bool) -> None:
    search, choose = st.columns([2, 3])
    text = search.text_input(
        "Search", key=TEXT, placeholder="Words that all must occur, as in: follow nova", persist_state="session"
    )
    try:
        seen = instant(live)
        if seen.paused != was_paused:
            st.rerun()
        found = {trace.id: trace.to_json() for trace in live.traces(text or "")}
    except MurmurationError as refused:
        st.warning(str(refused))
        return
    if not found:
        st.info(_nothing(text or ""))
        return
    chosen = choose.selectbox(
        f"Request ({lines.many(len(found), 'fits', 'fit')}, newest first)",
        list(found),
        format_func=lambda number: _label(found[number]) if number in found else f"Request {number}",
        key=CHOICE,
    )
    _show(found.get(chosen) or next(iter(found.values())), seen.now_ns)


def _nothing(text: str) -> str:
    if text.strip():
        return "No request fits. All words must occur in what was asked, by whom, or in what was done for it."
    return (
        "Nobody has asked for anything by hand yet. Post, follow or open home as somebody in the Playground: each "
        "request leaves its trace here. The load's own requests are in the charts of the Load lab."
    )


def _label(trace: dict[str, Any]) -> str:
    name = trace.get("name") or f"user {trace['user']}"
    return f"{lines.stamp(round(trace['at_s'] * 1e9))} {name}: {trace['what']}"


def _show(trace: dict[str, Any], now_ns: int) -> None:
    st.subheader(_label(trace), anchor=False)
    st.markdown(trace["summary"])
    took = lines.lag(trace["total_ms"]) if trace["total_ms"] is not None else "under way"
    shown = {"Took": took, "Hops": words.count(len(trace["hops"]))}
    for place, (label, value) in zip(st.columns(4), shown.items(), strict=False):
        place.metric(label, value, help=lines.HELP[label])
    if not trace["hops"]:
        st.info("Nothing had to be done for this request.")
        return
    age_ms = now_ns / 1e6 - trace["at_s"] * 1000
    st.plotly_chart(trace_chart(trace, age_ms, colours()), theme=None, config=CONFIG, key="inspect_trace")
    st.dataframe(
        lines.hop_rows(trace),
        hide_index=True,
        placeholder="–",
        alt="Hops of this request, in order",
        column_config={
            "What it did": st.column_config.TextColumn(width="large"),
            "Times are": st.column_config.TextColumn(
                help="modelled: from the price list, with measured waiting; measured: from queues; real: wall time."
            ),
        },
    )
    for key in trace["keys"]:
        with st.expander(f"Key {key['key']}: {key['type']}, {lines.many(key['size'], 'entry', 'entries')}"):
            if key["note"]:
                st.caption(key["note"])
            st.table(key["rows"])
