"""Playground: be a person inside the system, and see what each act costs it."""

import streamlit as st

from engine.errors import MurmurationError
from pages.parts.element import live_element
from pages.parts.knob_form import knob_form
from pages.parts.session import session_world

try:
    with st.spinner("Opening a world: its people, whom they follow, and a little history."):
        live = session_world()
    live_element("playground", {"world": live.id, "form": knob_form()})
except MurmurationError as refused:
    st.title("Playground")
    st.warning(str(refused))
    st.button("Try again")
