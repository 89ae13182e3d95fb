"""Failures: predict what breaks, see it break, switch on what helps, and see what was lost."""

import streamlit as st

from engine.errors import MurmurationError
from pages.parts.failures_view import failures_page

try:
    failures_page()
except MurmurationError as refused:
    st.warning(str(refused))
    st.button("Try again")
