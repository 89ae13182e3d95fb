"""Inspect, Log: what happened of late, newest first; it follows the running world, at most every two seconds."""

import streamlit as st

from engine.errors import MurmurationError
from engine.live import LiveWorld
from engine.live.inspection import LEVELS, SOURCES, Instant, search_log
from engine.observe import words
from pages.parts import inspect_words as lines

TEXT, LEVEL, SOURCE, FOLLOW = (f"inspect_log_{name}" for name in ("text", "level", "source", "follow"))
REFRESH_S = 2.0
SHOWN = 200
ANY = "any"
AT_LEAST = {"info": "Everything", "warn": "Warnings and errors", "error": "Errors"}


def log_view(live: LiveWorld, seen: Instant) -> None:
    """The view."""
    following = st.toggle(
        "Follow",
        value=True,
        key=FOLLOW,
        persist_state="session",
        help=f"Looks again every {REFRESH_S:.0f} s while the world runs. Off: the log stands still, to be read.",
    )
    every = REFRESH_S if following and not seen.paused else None
    if seen.paused:
        st.caption("The world is paused, so nothing new is written. Resume it in the Load lab.")
    st.fragment(_log, run_every=every)(live, seen.paused)


def _log(live: LiveWorld, was_paused: bool) -> None:
    text, level, source = _controls()
    try:
        if live.paused != was_paused:
            st.rerun()
        found = search_log(live, text, level, source, SHOWN)
    except MurmurationError as refused:
        st.warning(str(refused))
        return
    if not found.written:
        st.info(
            "Nothing is written yet. An entry appears when somebody acts, a job crashes, a list is dropped or rebuilt, "
            "or the fan-out lag crosses its SLO: pour in Celebrity in the Load lab, and look again."
        )
        return
    st.caption(_count_line(len(found.entries), found.kept, found.written, found.now_ns))
    if not found.entries:
        st.info("No entry fits. All words must occur in it; fewer words, or another level or source, find more.")
        return
    st.dataframe(
        lines.log_rows(found.entries),
        height=lines.table_height(len(found.entries)),
        hide_index=True,
        alt="Log entries, newest first",
        column_config={
            "Time": st.column_config.TextColumn(width="small", help="Virtual time since the world was opened."),
            "Level": st.column_config.TextColumn(width="small"),
            "Source": st.column_config.TextColumn(width="small"),
            "What": st.column_config.TextColumn(width=620),
            "Figures": st.column_config.TextColumn(
                help="What was counted (measured); `user` and `post` are the numbers that Store and Post find them by."
            ),
        },
    )


def _controls() -> tuple[str, str, str | None]:
    search, at_least, where = st.columns([2, 1, 1])
    text = search.text_input(
        "Search", key=TEXT, placeholder="Words that all must occur, as in: rebuild mira412", persist_state="session"
    )
    level = at_least.selectbox("Level", LEVELS, format_func=AT_LEAST.__getitem__, key=LEVEL, persist_state="session")
    source = where.selectbox(
        "Source",
        [ANY, *SOURCES],
        format_func=lambda name: "All sources" if name == ANY else name.capitalize() if name != "slo" else "SLO",
        key=SOURCE,
        persist_state="session",
    )
    return text or "", level or LEVELS[0], None if source == ANY else source


def _count_line(found: int, kept: int, written: int, now_ns: int) -> str:
    shown = f"The newest {SHOWN} entries that fit" if found == SHOWN else lines.many(found, "entry fits", "entries fit")
    gone = "" if kept == written else f"; {words.count(written - kept)} older ones made room"
    return f"{shown}, of {words.count(kept)} kept{gone}. Up to {lines.stamp(now_ns)} of virtual time."
