"""What a page shows instead of itself when the engine refuses: the sentence, and a way on."""

import streamlit as st

from engine.errors import MurmurationError


def refused(error: MurmurationError) -> None:
    """Say it; the button runs the page again."""
    st.warning(str(error))
    st.button("Try again")
