"""Which live world a browser session drives.

The id stays in the session and in the address (`?world=`), so that a reload comes back to the same world while it
is still running. A world that was closed after standing idle is replaced by a new one of the same configuration.
"""

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from engine import preset_config, with_strategy
from engine.config import WorldConfig
from engine.errors import MurmurationError, UnknownName
from engine.live import LIVE, LiveWorld

WORLD = "live_world"
CONFIG = "live_config"
TWIN = "live_twin"
TWIN_CONFIGS = "live_twin_configs"


FIRST = preset_config("classroom")
"""What a visitor gets who has not chosen anything."""


def open_once() -> None:
    """Open the first world and leave it: the engine keeps its history as a model, and opens the next ones at once."""
    LIVE.close(LIVE.open(FIRST).id)


def session_world() -> LiveWorld:
    """The world of this session; opened when there is none yet.

    Raises:
        MurmurationError: no world could be opened, for instance because too many are running.
    """
    for world_id in (st.session_state.get(WORLD), st.query_params.get("world")):
        if world_id:
            try:
                return _keep(LIVE.get(world_id))
            except MurmurationError:
                continue
    return _keep(LIVE.open(st.session_state.get(CONFIG, FIRST)))


def twin_world() -> LiveWorld:
    """The twin of this session, beside its world: opened when there is none, with push against hybrid.

    Raises:
        MurmurationError: no twin could be opened, for instance because too many worlds are running.
    """
    for world_id in (st.session_state.get(TWIN), st.query_params.get("twin")):
        if world_id:
            with suppress(UnknownName):
                live = LIVE.get(world_id)
                if live.sides == 2:
                    return _keep_twin(live)
    return reopen_twin(None)


def reopen_twin(designs: Sequence[WorldConfig] | None) -> LiveWorld:
    """The twin of this session if it is still there, else one of two configurations: by default as last seen.

    Raises:
        MurmurationError: it could not be opened.
    """
    with suppress(UnknownName):
        return _keep_twin(LIVE.get(st.session_state.get(TWIN, "")))
    base = st.session_state.get(CONFIG, FIRST)
    a, b = designs or st.session_state.get(TWIN_CONFIGS) or [with_strategy(base, name) for name in ("push", "hybrid")]
    return _keep_twin(LIVE.open_twin(a, b))


def _keep_twin(live: LiveWorld) -> LiveWorld:
    st.session_state[TWIN] = live.id
    st.session_state[TWIN_CONFIGS] = live.configs
    if st.query_params.get("twin") != live.id:
        st.query_params["twin"] = live.id
    return live


def replace_world(config: WorldConfig) -> LiveWorld:
    """Leave the world of this session and open another.

    Raises:
        MurmurationError: the new world could not be opened; the old one runs on.
    """
    old = st.session_state.get(WORLD)
    fresh = LIVE.open(config)
    if old:
        LIVE.close(old)
    return _keep(fresh)


def reopen_world(config: WorldConfig) -> LiveWorld:
    """The world of this session if it is still there, else one of `config` in its place.

    Raises:
        MurmurationError: the new world could not be opened.
    """
    try:
        return LIVE.get(st.session_state.get(WORLD, ""))
    except UnknownName:
        return replace_world(config)


def _keep(live: LiveWorld) -> LiveWorld:
    st.session_state[WORLD] = live.id
    st.session_state[CONFIG] = live.config
    if st.query_params.get("world") != live.id:
        st.query_params["world"] = live.id
    return live
