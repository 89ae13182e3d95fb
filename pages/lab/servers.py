"""Real servers: one world on a real Redis with real workers, watched in wall time, and broken at will."""

import streamlit as st

from engine.errors import MurmurationError
from pages.parts.servers_view import servers_page

try:
    servers_page()
except MurmurationError as refused:
    st.title("Real servers")
    st.warning(str(refused))
    st.button("Try again")
