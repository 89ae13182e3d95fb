"""The design as a flow: posts become inserts and lists, reads become pages and rows."""

from math import log10
from typing import NamedTuple

import plotly.graph_objects as go

from lessons.capacity import Sheet, figure, room
from pages.parts.palette import Palette, base_layout
from pages.parts.strategy_look import Drawn, looks

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
_HEIGHT_PX = 372
_LEAST, _STEP = 0.25, 0.25
"""Width of the smallest band, so that it can be seen and pointed at; and what a factor of ten adds."""
_PALE = 0.45
_LEFT, _RIGHT = 0.001, 0.999
_GAP_PX, _TOP_PX, _FOOT_PX = 34, 12, 16


class _Node(NamedTuple):
    label: str
    x: float
    y: float
    look: Drawn


def flow_chart(sheet: Sheet, palette: Palette) -> go.Figure:
    """Left to right; a band is one step wider for each factor of ten, so that all of them can be seen."""
    push, pull = (looks([name], palette)[name] for name in ("push", "pull"))
    posts, reads = Drawn(palette.some, "solid", "circle"), Drawn(palette.quiet, "solid", "circle")
    v = sheet.value
    bands = _widths([v("inserts_s"), v("posts_s"), v("push_s"), v("pull_s")])
    lists_y, stored_y, ready_y, pulled_y = _stacked(bands)
    nodes = (
        _Node(f"Posts<br><b>{figure(v('posts_s'))}/s</b>", _LEFT, (lists_y + stored_y) / 2, posts),
        _Node(f"Inserts (push)<br><b>{figure(v('inserts_s'))}/s</b>", 0.45, lists_y, push),
        _Node(f"Lists in memory<br><b>{room(v('lists_gb'))}</b>", _RIGHT, lists_y, push),
        _Node(f"Posts stored<br><b>{room(v('kept_gb_day'))}/day</b>", _RIGHT, stored_y, posts),
        _Node(f"Home reads<br><b>{figure(v('reads_s'))}/s</b>", _LEFT, (ready_y + pulled_y) / 2, reads),
        _Node(f"Rows, lists ready<br><b>{figure(v('push_s'))}/s</b>", _RIGHT, ready_y, push),
        _Node(f"Rows, all pulled<br><b>{figure(v('pull_s'))}/s</b>", _RIGHT, pulled_y, pull),
    )
    links = (
        (0, 1, bands[1], f"{sheet.shown('posts_s')}, each to {sheet.shown('copies_post')}"),
        (1, 2, bands[0], sheet.shown("inserts_s")),
        (0, 3, bands[1], f"{sheet.shown('posts_s')}: {sheet.shown('kept_gb_day')}"),
        (4, 5, bands[2], f"{sheet.shown('reads_s')}: {sheet.shown('push_s')} under push"),
        (4, 6, bands[3], f"{sheet.shown('reads_s')}: {sheet.shown('pull_s')} under pull"),
    )
    chart = go.Figure(
        go.Sankey(
            arrangement="fixed",
            node={
                "label": [node.label for node in nodes], "x": [node.x for node in nodes],
                "y": [node.y for node in nodes], "color": [node.look.colour for node in nodes], "pad": _GAP_PX,
                "thickness": 12, "line": {"width": 0}, "hovertemplate": "%{label}<extra></extra>",
            },
            link={
                "source": [link[0] for link in links], "target": [link[1] for link in links],
                "value": [link[2] for link in links],
                "color": [nodes[link[1]].look.tint(_PALE) for link in links], "customdata": [link[3] for link in links],
                "hovertemplate": "%{customdata}<extra></extra>",
            },
            textfont={"size": 14, "color": palette.ink, "shadow": "none"},
        )
    )  # fmt: skip
    chart.update_layout(base_layout(palette, _HEIGHT_PX) | {"margin": {"l": 4, "r": 4, "t": _TOP_PX, "b": _FOOT_PX}})
    return chart


def in_words(sheet: Sheet) -> str:
    """The same for those who cannot see it."""
    return (
        f"{sheet.shown('posts_s')} become {sheet.shown('inserts_s')} under push, into "
        f"{room(sheet.value('lists_gb'))} of lists, and {room(sheet.value('kept_gb_day'))} of posts a day. "
        f"{sheet.shown('reads_s')} touch "
        f"{sheet.shown('push_s')} if lists are ready, and {sheet.shown('pull_s')} if all is pulled."
    )


def _stacked(bands: list[float]) -> list[float]:
    """Middles of bands that stand one below the other and fill the height, 0 at the top."""
    gap = _GAP_PX / (_HEIGHT_PX - _TOP_PX - _FOOT_PX)
    heights = [band / sum(bands) * (1 - gap * (len(bands) - 1)) for band in bands]
    tops = [sum(heights[:place]) + gap * place for place in range(len(bands))]
    return [top + height / 2 for top, height in zip(tops, heights, strict=True)]


def _widths(amounts: list[float]) -> list[float]:
    """Of bands: their powers of ten above the smallest."""
    least = log10(max(min(amounts), 1e-12))
    return [_LEAST + _STEP * (log10(max(amount, 1e-12)) - least) for amount in amounts]
