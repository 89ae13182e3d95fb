"""Capacity: change an assumption, see every consequence with its formula, beside what the engine measures."""

import streamlit as st

from engine.errors import MurmurationError
from pages.parts.capacity_view import capacity_page

try:
    capacity_page()
except MurmurationError as refused:
    st.warning(str(refused))
    st.button("Try again")
