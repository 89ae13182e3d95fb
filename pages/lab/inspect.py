"""Inspect: what the store really holds, one post's whole life, people's requests hop by hop, and the log."""

import streamlit as st

from engine.errors import MurmurationError
from pages.parts.inspect_view import inspector
from pages.parts.session import session_world

try:
    with st.spinner("Opening a world: its people, whom they follow, and a little history."):
        live = session_world()
    inspector(live)
except MurmurationError as refused:
    st.title("Inspect")
    st.warning(str(refused))
    st.button("Try again")
