"""History: what was run, what came out, two runs laid over each other, and questions to all of them in SQL."""

import streamlit as st

from engine.errors import MurmurationError
from pages.parts.history_view import history_page

try:
    history_page()
except MurmurationError as refused:
    st.warning(str(refused))
    st.button("Try again")
