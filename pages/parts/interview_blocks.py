"""The debrief's blocks as a page draws them: text, lists, tables, and four small pictures in plain HTML."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import streamlit as st

from lessons.interview.debrief.shape import Bars, Block, Flow, Listed, Paragraph, Ratios, Scale, Table
from pages.parts.plain_text import plain

_REACH = 2.0
"""Orders of magnitude to either side; what is further off is drawn at the edge."""
_LOOK = """<style>
.iv-scale { position: relative; height: 92px; margin: 4px 10px 0; font-size: 13px; }
.iv-scale .bar { position: absolute; left: 0; right: 0; top: 44px; height: 14px; border: 1px solid currentColor;
  border-radius: 4px; }
.iv-scale .tick { position: absolute; top: 38px; height: 26px; border-left: 1px solid currentColor; }
.iv-scale .name { position: absolute; top: 66px; transform: translateX(-50%); white-space: nowrap; text-align: center; }
.iv-scale .name.on { font-weight: 700; text-decoration: underline; text-underline-offset: 3px; }
.iv-scale .span { position: absolute; top: 44px; height: 14px; border-radius: 4px;
  background: repeating-linear-gradient(45deg, #1F77B4AA 0 5px, #1F77B455 5px 10px); }
.iv-scale .mark { position: absolute; top: 12px; transform: translateX(-50%); font-weight: 700; font-size: 18px;
  white-space: nowrap; }
.iv-scale .needle { position: absolute; top: 36px; height: 28px; border-left: 4px solid currentColor;
  margin-left: -2px; }
.iv-rows { display: grid; grid-template-columns: max-content 1fr max-content; gap: 4px 12px; align-items: center;
  margin: 0; font-size: 14px; max-width: 900px; }
.iv-rows .track { position: relative; height: 14px; border: 1px solid color-mix(in srgb, currentColor 45%, transparent);
  border-radius: 4px; }
.iv-rows .fill { position: absolute; left: 0; top: 0; bottom: 0; background: #1F77B4; border-radius: 3px; }
.iv-rows .zero { position: absolute; left: 50%; top: -3px; bottom: -3px; border-left: 1px solid currentColor; }
.iv-rows .dot { position: absolute; top: 50%; width: 11px; height: 11px; margin: -6px 0 0 -6px; background: #1F77B4;
  border: 1px solid currentColor; transform: rotate(45deg); }
.iv-flow { display: flex; flex-wrap: wrap; gap: 6px 4px; align-items: center; margin: 2px 0 8px; font-size: 14px; }
.iv-flow b.way { min-width: 100px; }
.iv-flow .box { border: 1px solid currentColor; border-radius: 6px; padding: 3px 8px; }
.iv-flow .box small { display: block; font-size: 13px; }
</style>"""


def blocks(found: Sequence[Block]) -> None:
    """All blocks of a section, in their order."""
    for block in found:
        _draw(block)


def _draw(block: Block) -> None:
    if isinstance(block, Paragraph):
        st.markdown(plain(block.text))
    elif isinstance(block, Listed):
        st.markdown("\n".join(f"- {plain(item)}" for item in block.items))
    elif isinstance(block, Table):
        _table(block)
    elif isinstance(block, Scale):
        st.html(scale_html(block))
        st.caption(f"{plain(block.text)} Needle: the score; hatched: the interval that it is sure of.")
    elif isinstance(block, Bars):
        st.caption(f"**{plain(block.caption)}**")
        st.html(bars_html(block))
    elif isinstance(block, Ratios):
        st.caption(f"**{plain(block.caption)}**; the line in the middle is the reference")
        st.html(ratios_html(block))
    else:
        st.caption(f"**{plain(block.caption)}**")
        st.html(flow_html(block))


def _table(block: Table) -> None:
    if not block.rows:
        return
    if block.caption:
        st.caption(f"**{plain(block.caption)}**")
    rows = [dict(zip(block.columns, map(plain, row), strict=True)) for row in block.rows]
    st.table(rows, border="horizontal", hide_index=True)


def scale_html(scale: Scale) -> str:
    """From 0 to 100 points: where the bands begin, the interval as a hatched stretch, the score as a needle."""
    low, high = _share(scale.low), _share(scale.high)
    borders = [*scale.borders, ("", 100.0)]
    parts = []
    for (name, begin), (_, end) in pairwise(borders):
        on = " on" if name == scale.band else ""
        parts.append(f'<span class="tick" style="left:{_share(begin):.2f}%"></span>')
        parts.append(f'<span class="name{on}" style="left:{_share((begin + end) / 2):.2f}%">{escape(name)}</span>')
    at = _share(scale.score)
    return (
        f'{_LOOK}<div class="iv-scale" role="img" aria-label="{escape(scale.text, quote=True)}"><div class="bar"></div>'
        f'<div class="span" style="left:{low:.2f}%;width:{max(high - low, 0.4):.2f}%"></div>{"".join(parts)}'
        f'<span class="needle" style="left:{at:.2f}%"></span>'
        f'<span class="mark" style="left:{min(max(at, 8.0), 92.0):.2f}%">{scale.score:g} of 100</span></div>'
    )


def bars_html(block: Bars) -> str:
    """A bar for each part, with its words."""
    rows = [
        f'<span>{escape(row.label)}</span><span class="track" aria-hidden="true"><span class="fill" '
        f'style="width:{100 * row.value / row.of if row.of else 0:.1f}%"></span></span><span>{escape(row.text)}</span>'
        for row in block.rows
    ]
    return f'{_LOOK}<div class="iv-rows">{"".join(rows)}</div>'


def ratios_html(block: Ratios) -> str:
    """Each estimate on a line of powers of ten; the middle is exact."""
    rows = []
    for row in block.rows:
        at = 50 + 50 * max(-_REACH, min(_REACH, row.off)) / _REACH
        rows.append(
            f'<span>{escape(row.label)}</span><span class="track" aria-hidden="true"><span class="zero"></span>'
            f'<span class="dot" style="left:{at:.1f}%"></span></span><span>{escape(row.text)}</span>'
        )
    return f'{_LOOK}<div class="iv-rows">{"".join(rows)}</div>'


def flow_html(block: Flow) -> str:
    """Each way as boxes from left to right."""
    ways = []
    for way in block.ways:
        boxes = '<span aria-hidden="true">→</span>'.join(
            f'<span class="box">{escape(name)}<small>{escape(known)}</small></span>' for name, known in way.boxes
        )
        ways.append(f'<div class="iv-flow"><b class="way">{escape(way.label)}</b>{boxes}</div>')
    return f"{_LOOK}{''.join(ways)}"


def _share(points: float) -> float:
    return max(0.0, min(100.0, points))
