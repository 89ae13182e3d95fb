"""Start: the first minute."""

import streamlit as st

from engine.errors import MurmurationError
from pages.parts.live_lab import live_lab
from pages.parts.session import session_world

try:
    live_lab(session_world())
except MurmurationError as refused:
    st.warning(str(refused))
    st.button("Try again")
