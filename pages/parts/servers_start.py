"""Two ways to a world on real servers: start one here, or attach to one that runs."""

import os

import streamlit as st

from engine.cluster.room import (
    MOST_WORKERS,
    ROOM,
    STRATEGIES,
    SWITCH,
    Place,
    Rules,
    Wanted,
    asked_place,
    redis_installed,
)
from engine.errors import InvalidField, MurmurationError

PLACE, SAID = "servers_place", "servers_said"
ADDRESS, NAME, JOURNAL = "servers_address", "servers_name", "servers_journal"
WANTED = {name: f"servers_{name}" for name in ("strategy", "workers", "posts", "per_s")}
WRONG = "servers_wrong"
"""(field, sentence) of what was refused last."""
_DEFAULT_URL = "redis://localhost:6379"


def rules() -> Rules:
    """What is allowed on this server.

    Raises:
        InvalidKnob: its switch is set to something else.
    """
    address = st.get_option("server.address")
    return Rules.of_server(str(address) if address else None, os.environ)


def choose(allowed: Rules) -> None:
    """The page while nothing is watched."""
    st.markdown(
        "The worlds of the other pages live in one process, and their service times are modelled. Here a **server** "
        "accepts a world's posts into a journal, their fan-out is a queue of jobs in a **real Redis**, and "
        "**workers**, any number on any machine, write the home lists. Every figure is measured in wall time. Kill "
        "what you like: an accepted post is never lost, and the audit says whether that is so."
    )
    here, elsewhere = st.columns(2, gap="medium")
    with here, st.container(border=True):
        _start_here(allowed)
    with elsewhere, st.container(border=True):
        _attach(allowed)


# Start one here


def _start_here(allowed: Rules) -> None:
    st.header("Start one here", anchor=False)
    if not allowed.open:
        st.info(
            "Off here, because others can reach this server: in a shared room, no processes are started from a page "
            "unless whoever runs the server allows it with the first line. The second opens the server to this machine "
            "alone, where it is allowed anyway."
        )
        st.code(f"{SWITCH}=allow streamlit run app.py\nstreamlit run app.py --server.address localhost", language=None)
        return
    if ROOM.world is not None:
        st.markdown("One is running here already. Whoever comes to this page may watch it, and break it.")
        st.button("Watch it", type="primary", on_click=_watch_here)
        return
    if not redis_installed():
        st.warning(
            "There is no `redis-server` on this machine's PATH; install it (on Debian and Ubuntu: `apt install "
            "redis-server`), or attach to one that runs elsewhere."
        )
        return
    st.markdown(
        "A private Redis (append-only file, written out every second), one server and some workers, as processes of "
        "this machine in a temporary folder: a classroom of 2,000 people. They end with this server, when you stop "
        "them, or ten minutes after the last look."
    )
    first, second = st.columns(2)
    first.selectbox(
        "Strategy", STRATEGIES, key=WANTED["strategy"],
        help="Push: every post is copied to every follower. Hybrid: big accounts are pulled by their readers.",
    )  # fmt: skip
    second.number_input("Workers", 1, MOST_WORKERS, 3, key=WANTED["workers"], help="Processes that write the copies.")
    first.number_input("Posts", 1, 1_000_000, 10_000, 1_000, key=WANTED["posts"], help="Accepted in all.")
    second.number_input("Posts per second", 1, 2_000, 50, 10, key=WANTED["per_s"], help="Accepted at this rate.")
    _refusal("start")
    st.button("Start", type="primary", on_click=_start, args=(allowed,), width=140)


def _start(allowed: Rules) -> None:
    asked = {name: st.session_state[key] for name, key in WANTED.items()}
    empty = [name for name, value in asked.items() if value is None]
    if empty:
        st.session_state[WRONG] = ("start", "A field is empty; every field needs a value.")
        return
    try:
        watch(ROOM.start(allowed, Wanted(**asked)))
    except MurmurationError as refused:
        st.session_state[WRONG] = ("start", str(refused))


def _watch_here() -> None:
    place = ROOM.place_here()
    if place is not None:
        watch(place)


# Attach


def _attach(allowed: Rules) -> None:
    st.header("Attach to a running one", anchor=False)
    if not allowed.open and allowed.given is None:
        st.info(
            "In a shared room only the Redis that the server was started with may be asked: set `REDIS_URL` for it."
        )
        return
    st.markdown("Started on any machine, with the same address and name:")
    shown = "$REDIS_URL" if allowed.given else _DEFAULT_URL
    serving = f"python -m engine serve-world --redis {shown} --posts 20000 --rate 100"
    st.code(f"{serving}\npython -m engine worker --redis {shown}", language=None, wrap_lines=True)
    if allowed.open:
        st.text_input(
            "Address of its Redis", allowed.given or _DEFAULT_URL, key=ADDRESS, max_chars=300,
            help="redis://HOST:PORT/DATABASE. A password goes ahead of the host, as in redis://:PASSWORD@HOST:PORT.",
        )  # fmt: skip
        _refusal("address")
    else:
        st.markdown("In a shared room only the Redis of this server's `REDIS_URL` is asked.")
    name, journal = st.columns([2, 3])
    with name:
        st.text_input("Name of the world", "world", key=NAME, max_chars=60, help="The --name of its server.")
        _refusal("name")
    with journal:
        if allowed.open:
            st.text_input(
                "Journal, for the audit", key=JOURNAL, max_chars=300, placeholder="var/served/NAME.db",
                help="The --journal of its server, if it is on this machine. Without it lists cannot be audited here.",
            )  # fmt: skip
            _refusal("journal")
    _refusal("attach")
    st.button("Watch", on_click=_ask, args=(allowed,), width=140)


def _ask(allowed: Rules) -> None:
    state = st.session_state
    try:
        watch(asked_place(allowed, state.get(ADDRESS) or "", state.get(NAME) or "", state.get(JOURNAL) or ""))
    except InvalidField as wrong:
        state[WRONG] = (wrong.field, str(wrong))
    except MurmurationError as refused:
        state[WRONG] = ("attach", str(refused))


def watch(place: Place) -> None:
    """From now on this session watches it."""
    st.session_state[PLACE] = place
    st.session_state[WRONG] = st.session_state[SAID] = None


def _refusal(field: str) -> None:
    """Beside the field that it is about."""
    wrong = st.session_state.get(WRONG)
    if wrong and wrong[0] == field:
        st.error(wrong[1])
