"""Graph: who follows whom, who is a celebrity at which threshold, and what a follow does to the bill of a post."""

import streamlit as st

from engine.errors import MurmurationError
from pages.parts.graph_view import explorer
from pages.parts.session import session_world

try:
    with st.spinner("Opening a world: its people, whom they follow, and a little history."):
        live = session_world()
    explorer(live)
except MurmurationError as refused:
    st.title("Graph")
    st.warning(str(refused))
    st.button("Try again")
