"""The audit of a served world: asked for by a button, made beside the page, and what it found."""

import streamlit as st

from engine.cluster.room import ROOM, Place, ServedAudit
from engine.errors import MurmurationError
from engine.observe import words
from pages.parts.shelf import SHELF, Telling

TURN = "servers_audit_turn"
"""How often this session has asked."""
_WRONG = {
    "missing": "missing",
    "duplicate": "twice",
    "foreign": "foreign",
    "out_of_order": "out of order",
    "links_differ": "differing follows",
    "without_list": "people without their list",
}


def audit_section(place: Place) -> None:
    """The button, and the last result."""
    work = _asked(place)
    busy = work is not None and not work.over
    how = "New posts stand still for a moment. " if place.here else "Best while no posts come. "
    st.button(
        "Audit every list", on_click=_ask, args=(place,), disabled=busy,
        help=f"Every list and follow in Redis against the journal's posts and the follow graph. {how}Changes nothing.",
    )  # fmt: skip
    if work is None:
        return
    if not work.over:
        waits = f"; {work.ahead} come before it" if work.state == "waiting" and work.ahead else ""
        st.markdown(f"Auditing: every list is read and compared{waits}.")
        return
    try:
        found = work.found()
    except MurmurationError as failed:
        st.warning(str(failed))
        return
    (st.success if found.clean else st.error)(in_words(found))


def in_words(found: ServedAudit) -> str:
    """What it found."""
    told = found.to_json()
    wrong = [f"{label} {words.count(told[name])}" for name, label in _WRONG.items() if told[name]]
    users = words.count(found.lists.users)
    if wrong:
        return f"Not clean, in {users} people's lists: {', '.join(wrong)}."
    extra = []
    if found.dead_letters:
        extra.append(f"{words.count(found.dead_letters)} dead letters, whose posts are pulled")
    if found.waiting:
        extra.append(f"{words.count(found.waiting)} jobs on their way")
    beside = f" Beside them: {'; '.join(extra)}." if extra else ""
    return f"Clean: {users} people's lists hold exactly what they should; none missing, none twice.{beside}"


def _key(place: Place) -> tuple[str, str, str, int]:
    return ("served audit", place.url, place.name, st.session_state.get(TURN, 0))


def _asked(place: Place) -> Telling[ServedAudit] | None:
    return SHELF.there(_key(place))


def _ask(place: Place) -> None:
    st.session_state[TURN] = ROOM.next_audit()
    try:
        SHELF.ask(_key(place), "The audit", lambda _: ROOM.audit(place))
    except MurmurationError as refused:
        st.session_state["servers_said"] = str(refused)
