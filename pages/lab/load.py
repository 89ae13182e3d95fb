"""Load lab: watch a Twitter run, pour load on it, and see what the fan-out strategy changes."""

import streamlit as st

from engine.errors import MurmurationError
from pages.parts.live_lab import live_lab, live_projector
from pages.parts.session import session_world

try:
    with st.spinner("Opening a world: its people, whom they follow, and a little history."):
        live = session_world()
    if st.query_params.get("view") == "projector":
        live_projector(live)
    else:
        live_lab(live)
except MurmurationError as refused:
    st.title("Load lab")
    st.warning(str(refused))
    st.button("Try again")
