"""Drills: what you got wrong, asked again after 1, 3, 7 and 14 days; and your progress, to take along or throw away."""

import streamlit as st

from engine.errors import MurmurationError
from pages.parts.drills_view import drills_page

try:
    drills_page()
except MurmurationError as refused:
    st.warning(str(refused))
    st.button("Try again")
