"""Bug hunts: something is wrong with a feed; find out what, and what would mend it."""

import streamlit as st

from engine.errors import MurmurationError
from pages.parts.hunts_view import hunts_page

try:
    hunts_page()
except MurmurationError as refused:
    st.warning(str(refused))
    st.button("Try again")
