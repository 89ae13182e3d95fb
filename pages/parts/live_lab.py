"""The Load lab's live element and what it is given: the first numbers, the knobs, the charts."""

from typing import Any

import streamlit as st

from engine.live import LiveWorld
from pages.parts.chart_list import chart_list
from pages.parts.element import live_element
from pages.parts.knob_form import knob_form

FIRST = "live_first"


def live_lab(live: LiveWorld) -> None:
    """Draw the lab of a live world."""
    data = {"world": live.id, "first": first_picture(live), "form": knob_form(), "charts": chart_list()}
    live_element("lab", data)


def first_picture(live: LiveWorld) -> dict[str, Any]:
    """The numbers of the first paint, taken once a world: a rerun must not bring old numbers back."""
    kept = st.session_state.get(FIRST)
    if kept is None or kept["id"] != live.id:
        tick = live.full()["tick"]
        shown = {name: tick[name] for name in ("verdict", "clock", "text")}
        tiles = [{part: tile[part] for part in ("label", "value", "window", "text")} for tile in tick["tiles"]]
        kept = st.session_state[FIRST] = {"id": live.id, "tiles": tiles, **shown}
    return kept
