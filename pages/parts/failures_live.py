"""The same faults in the world that the Load lab shows: one click each, if there is such a world."""

from contextlib import suppress

import streamlit as st

from engine import WORLDS
from engine.errors import MurmurationError
from engine.faults import KINDS, Kind
from engine.live import LIVE, LiveWorld
from engine.observe import words
from pages.parts.session import WORLD

SAID = "failures_live_said"
FIRST = ("cache_flushed", "shard_down", "database_slow", "workers_gone", "retry_storm", "cold_start")
"""As buttons; all kinds are in the list beside them."""
KIND = "failures_live_kind"


def running_world() -> LiveWorld | None:
    """This session's world if it runs; none is opened for it."""
    for world_id in (st.session_state.get(WORLD), st.query_params.get("world")):
        if world_id:
            with suppress(MurmurationError):
                return LIVE.get(world_id)
    return None


def break_it_live() -> None:
    """The section."""
    st.header("Break it live", anchor=False)
    live = running_world()
    if live is None:
        st.markdown(
            "The same faults can be caused in a running world, with one click. None of yours is running: open the Load "
            "lab, come back by the menu, and the buttons are here."
        )
        _to_the_load_lab()
        return
    said = st.session_state.get(SAID)
    if said:
        (st.info if said[0] else st.warning)(said[1])
    else:
        st.markdown(
            f"One click breaks the world that the Load lab shows you ({_where(live)}). Hover to read what happens."
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name in FIRST:
            st.button(
                KINDS[name].title,
                help=in_words(KINDS[name]),
                on_click=_break,
                args=(live.id, name),
                key=f"failures_live_{name}",
            )
        _to_the_load_lab()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Any fault", list(KINDS), key=KIND, format_func=lambda name: KINDS[name].title, width=280)
        st.button("Break it", on_click=_break_chosen, args=(live.id,))
        st.markdown(in_words(KINDS[st.session_state.get(KIND) or next(iter(KINDS))]))


def _to_the_load_lab() -> None:
    """In this session: a link would open another one, with a world of its own."""
    if st.button("Open the Load lab"):
        st.switch_page("pages/lab/load.py")


def in_words(kind: Kind) -> str:
    """What happens, how long and how strong, in sentences."""
    told = [kind.text]
    if kind.lasts_s:
        told.append(f"Lasts {words.seconds(kind.lasts_s)} of virtual time.")
    if kind.size:
        told.append(f"Size: {words.exactly(kind.size.default)} {kind.size.unit}.")
    return " ".join(told)


def _where(live: LiveWorld) -> str:
    return f"{WORLDS[live.config.world].title}, {live.config.strategy.name}, at {live.clock()} of virtual time"


def _break_chosen(world_id: str) -> None:
    _break(world_id, st.session_state[KIND])


def _break(world_id: str, name: str) -> None:
    """Cause it with the kind's own span, size and server."""
    try:
        live = LIVE.get(world_id)
        fault = live.break_(name)
    except MurmurationError as refused:
        st.session_state[SAID] = (False, str(refused))
        return
    said = f"{KINDS[name].title}, at {live.clock()} of virtual time (`{fault}`). Watch it in the Load lab."
    st.session_state[SAID] = (True, said)
