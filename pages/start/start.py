"""Start: the first minute. A bet, a burst, and what another strategy makes of it, on a world that runs already."""

import streamlit as st

from engine import STRATEGIES
from engine.errors import MurmurationError
from engine.live import LiveWorld
from pages.parts.chart_list import MAIN
from pages.parts.element import live_element
from pages.parts.live_lab import first_picture
from pages.parts.session import session_world

TILES = ("Fan-out lag p99", "Home read p99")
CHARTS = ("lag", "home")
DOORS = (
    ("Compare side by side", "/twin", "Two worlds under the same load, one for each strategy."),
    ("Be a user", "/playground", "Post, follow and read in this very world, and see what the system does for it."),
    ("Load lab", "/load", "This world, with all its knobs and charts."),
    ("Mock interview", "/interview", "Defend a design of your own: it is run, and graded on what it did."),
)


def start(live: LiveWorld) -> None:
    """Draw the page for this session's world."""
    first = first_picture(live)
    tiles = [tile for label in TILES for tile in first["tiles"] if tile["label"] == label]
    data = {
        "world": live.id,
        "first": {**first, "tiles": tiles},
        "charts": [chart for name in CHARTS for chart in MAIN if chart["id"] == name],
        "strategies": [{"slug": strategy.slug, "label": strategy.title} for strategy in STRATEGIES.values()],
        "doors": [dict(zip(("label", "path", "text"), door, strict=True)) for door in DOORS],
    }
    live_element("start", data)


try:
    with st.spinner("Opening a world: its people, whom they follow, and a little history."):
        live = session_world()
    start(live)
except MurmurationError as refused:
    st.title("Start")
    st.warning(str(refused))
    st.button("Try again")
