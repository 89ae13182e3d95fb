"""Colours and layout of the charts that Streamlit's own pages draw, so that all look alike in either theme."""

from dataclasses import dataclass
from typing import Any

import pandas  # noqa: F401  whole before any chart: Plotly takes what another visitor's table is only beginning to import
import streamlit as st

Style = dict[str, Any]


@dataclass(frozen=True)
class Palette:
    """Colours of one theme: those of `live/theme.js`, by its names, and one for what failed.

    Each has 3:1 at least on its ground, and `ink`, that of words, 4.5:1; `grid` alone may be fainter.
    """

    ink: str
    grid: str
    quiet: str
    some: str
    late: str
    accent: str
    hybrid: str
    failed: str


LIGHT = Palette("#14202B", "#E3E9F0", "#8590A0", "#1F6F8B", "#B45309", "#0B5CB5", "#009E73", "#A11D3B")
DARK = Palette("#E8EEF6", "#233042", "#5F6F86", "#9CC3D5", "#F59E0B", "#7AB8FF", "#14B388", "#FF8FA3")


def colours() -> Palette:
    """Those of the theme that the browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def base_layout(palette: Palette, height: int) -> Style:
    """What every chart has, whatever it draws: no ground of its own, and nothing that a drag would move."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": palette.ink, "size": 13, "family": "'Source Sans', sans-serif"},
        "hovermode": "closest",
        "dragmode": False,
    }


def base_axis(palette: Palette, title: str = "") -> Style:
    """An axis's lines, and its title if it has one."""
    titled = {"title": {"text": title, "font": {"size": 13}}} if title else {}
    return {"gridcolor": palette.grid, "linecolor": palette.quiet, **titled}
