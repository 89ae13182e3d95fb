"""Whose progress this browser session shows: no account, only a file.

Somebody who opens the app on the machine it runs on has one file, whatever the tab. In a shared room each browser has
a file of its own: its id stays in the session and in the address (`?learner=`), so that a reload comes back to it.
"""

import os
import string
import time
from collections.abc import Mapping
from uuid import uuid4

import streamlit as st

from lessons.progress import ME, Progress, default_path

LEARNER = "learner"
"""In the address and in the session."""
_HERE = ("localhost", "127.0.0.1", "::1")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def wall_s() -> float:
    """Seconds since 1970, UTC: what happens on a page is dated by it."""
    return time.time()


def learner() -> Progress:
    """The progress of whoever looks at this page."""
    return Progress.open(default_path(os.environ, learner_id()), wall_s)


def learner_id() -> str:
    """`me` on one's own machine, else 32 hex digits; a new visitor of a shared room gets new ones."""
    if alone():
        return ME
    said = st.session_state.get(LEARNER) or checked(st.query_params.get(LEARNER)) or uuid4().hex
    st.session_state[LEARNER] = said
    if st.query_params.get(LEARNER) != said:
        st.query_params[LEARNER] = said  # also after another page, whose address has no learner
    return said


def checked(said: str | None) -> str | None:
    """An id as an address may have it; None for anything that is none, and so could name another file."""
    return said if said and len(said) == 32 and set(said) <= set(string.hexdigits.lower()) else None


def alone() -> bool:
    """Whether this visitor sits at the machine itself."""
    address = st.context.ip_address
    return from_here(address if isinstance(address, str) else None, st.context.headers.to_dict())


def from_here(address: str | None, headers: Mapping[str, str]) -> bool:
    """Whether a connection from this address (None: this machine), with these headers, is somebody's at the machine.

    A proxy on the same machine connects from it too, for a whole room: then the name asked for is another one, or the
    proxy says for whom it asks.
    """
    said = {name.lower(): value for name, value in headers.items()}
    host = said.get("host", "localhost")
    name = host[1 : host.index("]")] if host.startswith("[") and "]" in host else host.partition(":")[0]
    return address in (None, *_HERE) and name in _HERE and not any(each in said for each in _FORWARDED)
