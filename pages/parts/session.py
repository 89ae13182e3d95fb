"""Which live world a browser session drives.

The id stays in the session and in the address (`?world=`), so that a reload, or another tab, comes to the same world. A
world that was closed after standing idle is opened again from its journal. An address may name an experiment instead
(`?world=classroom&seed=7&strategy=hybrid`): then a world of that kind is opened.
"""

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from engine import preset_config, with_strategy
from engine.config import WorldConfig
from engine.errors import InvalidInput, JournalError, UnknownName
from engine.live import LIVE, Experiment, LiveWorld, experiment_in

WORLD = "live_world"
CONFIG = "live_config"
TWIN = "live_twin"
TWIN_CONFIGS = "live_twin_configs"
NOTICE = "live_notice"
LINKED = ("world", "load", "seed", "strategy", "scenario")
"""Of an address that names an experiment; settings beside them have a dot in their name."""


FIRST = preset_config("classroom")
"""What a visitor gets who has not chosen anything."""


def prepare() -> None:
    """Have the worlds at hand that a visitor sees first: the first one, and the two of the first twin."""
    for config in (FIRST, *_twin_of(FIRST)):
        LIVE.prepare(config)


def _twin_of(base: WorldConfig) -> list[WorldConfig]:
    return [with_strategy(base, name) for name in ("push", "hybrid")]


def session_world() -> LiveWorld:
    """The world of this session; opened when there is none yet.

    Raises:
        MurmurationError: no world could be opened, for instance because too many are running.
    """
    asked = _experiment()
    if asked is not None:
        fresh = LIVE.open(asked.config, asked.scenario)
        _forget_link()
        return _keep(fresh)
    named = [world_id for world_id in (st.session_state.get(WORLD), st.query_params.get("world")) if world_id]
    told = st.session_state.get(NOTICE)
    for world_id in named:
        live = _found(world_id)
        if live is not None and live.sides == 1:
            return _keep(live)
    fresh = LIVE.open(st.session_state.get(CONFIG, FIRST))
    if named and st.session_state.get(NOTICE) is told:
        tell("The world of this address is not here, nor a journal of it. So this is a new one.")
    return _keep(fresh)


def find_world(world_id: str) -> LiveWorld:
    """A world by its id: running, or opened again from its journal, which the session is then told.

    Raises:
        UnknownName: there is none, and no journal of one. MurmurationError: it could not be opened.
    """
    with suppress(UnknownName):
        return LIVE.get(world_id)
    live = LIVE.reopen(world_id)
    tell(f"This world had been closed after its last visitor left. It is back from its journal, at {live.clock()}.")
    return live


def _found(world_id: str | None) -> LiveWorld | None:
    """As `find_world`; None where there is none. A journal that cannot be read is said, and another world stands in."""
    if not world_id:
        return None
    try:
        return find_world(world_id)
    except UnknownName:
        return None
    except JournalError as unreadable:
        tell(f"{unreadable} So this is another world.")
        return None


def tell(sentence: str | None) -> None:
    """Show a sentence on whichever live element is drawn next."""
    count = st.session_state.get(NOTICE, {"count": 0})["count"] + 1
    st.session_state[NOTICE] = {"count": count, "text": sentence}


def _experiment() -> Experiment | None:
    """What the address asks to be opened; a link that cannot be opened is said, and the usual world stands in."""
    try:
        return experiment_in(st.query_params.to_dict())
    except InvalidInput as refused:
        tell(f"{refused} So this is the usual world.")
        _forget_link()
        return None


def _forget_link() -> None:
    """Take the experiment out of the address, which names the live world from now on."""
    for name in [name for name in st.query_params if name in LINKED or "." in name]:
        del st.query_params[name]


def twin_world() -> LiveWorld:
    """The twin of this session, beside its world: opened when there is none, with push against hybrid.

    Raises:
        MurmurationError: no twin could be opened, for instance because too many worlds are running.
    """
    for world_id in (st.session_state.get(TWIN), st.query_params.get("twin")):
        live = _found(world_id)
        if live is not None and live.sides == 2:
            return _keep_twin(live)
    return reopen_twin(None)


def reopen_twin(designs: Sequence[WorldConfig] | None) -> LiveWorld:
    """The twin of this session if it is still there, else one of two configurations: by default as last seen.

    Raises:
        MurmurationError: it could not be opened.
    """
    there = _found(st.session_state.get(TWIN))
    if there is not None:
        return _keep_twin(there)
    base = _seen_config()
    a, b = designs or st.session_state.get(TWIN_CONFIGS) or _twin_of(base)
    return _keep_twin(LIVE.open_twin(a, b))


def _seen_config() -> WorldConfig:
    """The configuration of this session's world, or of the one in the address; without either, the usual one."""
    for world_id in (st.session_state.get(WORLD), st.query_params.get("world")):
        with suppress(UnknownName):
            return LIVE.get(world_id or "").config
    return st.session_state.get(CONFIG, FIRST)


def _keep_twin(live: LiveWorld) -> LiveWorld:
    st.session_state[TWIN] = live.id
    st.session_state[TWIN_CONFIGS] = live.configs
    if st.query_params.get("twin") != live.id:
        st.query_params["twin"] = live.id
    return live


def replace_world(config: WorldConfig) -> LiveWorld:
    """Leave the world of this session and open another; the old one is closed unless somebody else watches it.

    Raises:
        MurmurationError: the new world could not be opened; the old one runs on.
    """
    old = st.session_state.get(WORLD)
    fresh = LIVE.open(config)
    with suppress(UnknownName):
        if LIVE.get(old or "").watchers <= 1:  # another tab may be looking at it
            LIVE.close(old)
    return _keep(fresh)


def reopen_world(config: WorldConfig | None) -> LiveWorld:
    """The world of this session: running, or from its journal, or, where there is none, one of `config`.

    Raises:
        MurmurationError: it could not be opened.
    """
    there = _found(st.session_state.get(WORLD))
    if there is not None:
        return _keep(there)
    return replace_world(config) if config is not None else session_world()


def _keep(live: LiveWorld) -> LiveWorld:
    st.session_state[WORLD] = live.id
    st.session_state[CONFIG] = live.config
    if st.query_params.get("world") != live.id:
        st.query_params["world"] = live.id
    return live
