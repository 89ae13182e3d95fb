"""Buttons that lead to another part of the interview page: the same page at another address."""

from collections.abc import Mapping

import streamlit as st

_PARTS = ("interview", "panel", "seed", "level")


def address_button(label: str, query: Mapping[str, str], icon: str = ":material/arrow_forward:") -> None:
    """A button that opens this page with that query. A link of Streamlit's own would be drawn as where one is already,
    and would not show its focus."""
    st.button(label, icon=icon, key=f"interview_to_{label}", on_click=_go, args=(dict(query),))


def _go(query: dict[str, str]) -> None:
    for name in _PARTS:
        st.query_params.pop(name, None)
    for name, value in query.items():
        st.query_params[name] = value
