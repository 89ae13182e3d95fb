"""What a page shows when the engine or the school refuses: the sentence, and a way on."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from engine.errors import MurmurationError

_KEPT = "refusal_kept"


def refused(error: MurmurationError) -> None:
    """Say it instead of the page; the button runs the page again."""
    st.warning(str(error))
    st.button("Try again")


@contextmanager
def refusal_kept() -> Iterator[None]:
    """In a click's callback, where nothing can be drawn: what is refused is said when the page is drawn next."""
    try:
        yield
    except MurmurationError as error:
        st.session_state[_KEPT] = str(error)


def show_refusal() -> None:
    """Say what a callback was refused, once."""
    said = st.session_state.pop(_KEPT, None)
    if said:
        st.warning(said)
