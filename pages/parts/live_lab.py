"""The live part of the Load lab: one element with its own websocket, so that nothing reruns while it runs.

The markup, style and scripts are in `lab/`. The first verdict and the first tiles travel with the element and are
written before any other script is loaded; from then on the websocket feeds it.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from engine.live import LiveWorld
from pages.parts.chart_list import chart_list
from pages.parts.commands import run_command
from pages.parts.knob_form import knob_form

HERE = Path(__file__).parent / "lab"
MARKUP, STYLE, BOOT = ((HERE / name).read_text() for name in ("lab.html", "lab.css", "boot.js"))
KEY = "live_lab"
FIRST = "live_first"
NOTICE = "live_notice"


def live_lab(live: LiveWorld) -> None:
    """Draw the lab of a live world. A rerun with the same world changes nothing on the screen."""
    element = st.components.v2.component("murmuration_lab", html=MARKUP, css=STYLE, js=BOOT, isolate_styles=False)
    data = {
        "world": live.id,
        "first": _first_picture(live),
        "form": knob_form(),
        "charts": chart_list(),
        "notice": st.session_state.get(NOTICE),
    }
    element(data=data, key=KEY, on_command_change=_on_command)


def _first_picture(live: LiveWorld) -> dict[str, Any]:
    """The numbers of the first paint, taken once a world: a rerun must not bring old numbers back."""
    kept = st.session_state.get(FIRST)
    if kept is None or kept["id"] != live.id:
        tick = live.full()["tick"]
        shown = {name: tick[name] for name in ("verdict", "clock", "text")}
        tiles = [{part: tile[part] for part in ("label", "value", "window", "text")} for tile in tick["tiles"]]
        kept = st.session_state[FIRST] = {"id": live.id, "tiles": tiles, **shown}
    return kept


def _on_command() -> None:
    command = st.session_state[KEY].command
    if command:
        count = st.session_state.get(NOTICE, {"count": 0})["count"] + 1
        st.session_state[NOTICE] = {"count": count, "text": run_command(command)}
