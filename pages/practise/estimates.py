"""Estimates: say a number before you see the answer, and find out how far off you usually are."""

import streamlit as st

from engine.errors import MurmurationError
from pages.parts.estimates_view import estimates_page

try:
    estimates_page()
except MurmurationError as refused:
    st.warning(str(refused))
    st.button("Try again")
