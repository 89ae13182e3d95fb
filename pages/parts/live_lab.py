"""The Load lab's live element and what it is given: the first numbers, the knobs, the charts."""

from typing import Any

import streamlit as st

from engine import STRATEGIES
from engine.live import LiveWorld
from pages.parts.chart_list import MAIN, MORE, chart_list
from pages.parts.element import live_element
from pages.parts.knob_form import knob_form

FIRST = "live_first"
KEYS = 6
"""Charts of the projector view: one for each key, 1 to 6."""


def live_lab(live: LiveWorld) -> None:
    """Draw the lab of a live world."""
    data = {"world": live.id, "first": first_picture(live), "form": knob_form(), "charts": chart_list()}
    live_element("lab", data)


def live_projector(live: LiveWorld) -> None:
    """Draw the lab for a room: `?view=projector`."""
    charts = [*MAIN, *MORE][:KEYS]
    strategies = [{"slug": strategy.slug, "label": strategy.title} for strategy in STRATEGIES.values()]
    data = {"world": live.id, "first": first_picture(live), "charts": charts, "strategies": strategies}
    live_element("projector", data)


def first_picture(live: LiveWorld) -> dict[str, Any]:
    """The numbers of the first paint, taken once a world: a rerun must not bring old numbers back."""
    kept = st.session_state.get(FIRST)
    if kept is None or kept["id"] != live.id:
        tick = live.full()["tick"]
        shown = {name: tick[name] for name in ("verdict", "clock", "text", "banner")}
        tiles = [{part: tile[part] for part in ("label", "value", "window", "text")} for tile in tick["tiles"]]
        kept = st.session_state[FIRST] = {"id": live.id, "tiles": tiles, **shown}
    return kept
