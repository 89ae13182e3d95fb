"""The Inspect page's frame: which world is looked at, when, and through which of its views."""

from collections.abc import Callable

import streamlit as st

from engine import WORLDS
from engine.live import LiveWorld
from engine.live.inspection import Instant, instant
from engine.observe import words
from pages.parts.inspect_log import log_view
from pages.parts.inspect_post import post_view
from pages.parts.inspect_store import store_view
from pages.parts.inspect_traces import traces_view

VIEW = "inspect"
"""Also its name in the address, where the views go by their labels: `?inspect=Log`."""
View = Callable[[LiveWorld, Instant], None]
VIEWS: dict[str, tuple[str, View]] = {
    "store": ("Store", store_view),
    "post": ("Post", post_view),
    "traces": ("Traces", traces_view),
    "log": ("Log", log_view),
}


def inspector(live: LiveWorld) -> None:
    """The whole page of a live world.

    Raises:
        MurmurationError: the world does not answer.
    """
    seen = instant(live)
    st.title("Inspect", anchor=False)
    st.caption(_where(seen))
    chosen = st.segmented_control(
        "What to look at",
        list(VIEWS),
        default="store",
        required=True,
        format_func=lambda slug: VIEWS[slug][0],
        key=VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    _, view = VIEWS[chosen or "store"]
    view(live, seen)


def _where(seen: Instant) -> str:
    pace = ", paused" if seen.paused else ""
    return (
        f"{WORLDS[seen.world].title}, {words.count(seen.users)} people, {seen.strategy}. Seen at "
        f"{words.clock(seen.now_ns / 1e9)} of virtual time{pace}. Lists are kept in {seen.place}."
    )
