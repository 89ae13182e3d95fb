"""Live twin: two designs under the same load, side by side, and the one sentence that tells them apart."""

import streamlit as st

from engine.errors import MurmurationError
from pages.parts.live_twin import live_twin
from pages.parts.session import twin_world

try:
    with st.spinner("Opening two worlds: the same people and the same load, two designs."):
        live = twin_world()
    live_twin(live)
except MurmurationError as refused:
    st.title("Live twin")
    st.warning(str(refused))
    st.button("Try again")
