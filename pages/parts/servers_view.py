"""The page of real servers: what one served world does, and what an operator, or a vandal, may do to it."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from engine.cluster.room import MEASURED, ROOM, LocalWorld, Place, Seen
from engine.errors import MurmurationError
from pages.parts.element import live_element
from pages.parts.servers_audit import audit_section
from pages.parts.servers_charts import CHARTS
from pages.parts.servers_start import PLACE, SAID, choose, rules

LOOK_S = 1.0


def servers_page() -> None:
    """The whole page."""
    allowed = rules()
    place = st.session_state.get(PLACE)
    if place is not None and place.here and (not allowed.open or ROOM.place_here() != place):
        place = st.session_state[PLACE] = None  # it was stopped by somebody, or after nobody had looked
        st.session_state[SAID] = "What was started here has been stopped, and its folder is gone."
    if place is None:
        st.title("Real servers", anchor=False)
        if st.session_state.get(SAID):
            st.info(st.session_state[SAID])
        choose(allowed)
        return
    _watched(place)


@st.fragment(run_every=LOOK_S)
def _watched(place: Place) -> None:
    """Drawn again every second."""
    try:
        seen = ROOM.look(place)
    except MurmurationError as gone:
        if place.here:
            st.rerun()
        st.warning(str(gone))
        st.button("Leave", on_click=_leave)
        return
    left, right = st.columns([13, 8], gap="medium")
    with left:
        live_element("servers", {"picture": seen.picture, "charts": CHARTS})
    with right:
        _where(place)
        world = ROOM.world
        if place.here and world is not None:
            _harm(world, seen)
        if st.session_state.get(SAID):
            st.info(st.session_state[SAID])
        _workers(seen)
        audit_section(place)
        _facts(seen)


def _where(place: Place) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = "started here" if place.here else f"at {place.place}"
        st.markdown(f"World `{place.name}`, {kind}")
        if place.here:
            st.button("Stop everything", on_click=_stop, help="Kills all of its processes and removes their folder.")
        st.button("Leave", on_click=_leave, help="It runs on; this page only stops watching.")


def _harm(world: LocalWorld, seen: Seen) -> None:
    """What may be done to what was started here."""
    deeds = [
        ("Kill a worker (kill -9)", world.kill_worker),
        ("Add a worker", world.add_worker),
        ("Kill Redis and start it again", world.kill_redis),
    ]
    if world.local().ended:
        deeds.append(("Post on", world.post_on))
    with st.container(horizontal=True):
        for label, do in deeds:
            st.button(label, on_click=_done, args=(do,))


def _done(do: Callable[[], str]) -> None:
    try:
        st.session_state[SAID] = do()
    except MurmurationError as refused:
        st.session_state[SAID] = str(refused)


def _workers(seen: Seen) -> None:
    st.subheader("Workers", anchor=False, help=f"As Redis knows them (XINFO CONSUMERS); {MEASURED}.")
    if seen.workers:
        st.table(seen.workers, border="horizontal", hide_index=True)
    else:
        st.markdown("No worker has asked for jobs yet.")
    if seen.dead_letters:
        place = st.session_state[PLACE]
        st.button(
            f"Redrive dead letters: {seen.dead_letters:,}", on_click=_done, args=(partial(_redrive, place),),
            help="Queue the jobs that were given up once more, once their cause is mended.",
        )  # fmt: skip


def _redrive(place: Place) -> str:
    count = ROOM.redrive(place)
    return f"{count:,} {'job was' if count == 1 else 'jobs were'} queued again."


def _facts(seen: Seen) -> None:
    told = " · ".join(f"{what}: {much}" for what, much in seen.picture["facts"])
    st.caption(f"{told}. All {MEASURED}.")


def _leave() -> None:
    st.session_state[PLACE] = st.session_state[SAID] = None


def _stop() -> None:
    ROOM.stop()
    _leave()
    st.session_state[SAID] = "Everything was stopped, and its folder is gone."
