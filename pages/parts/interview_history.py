"""How interviews came out over time: first attempts of a seed, strict and practice apart; repeats beside them."""

from collections.abc import Sequence
from datetime import UTC, datetime

import plotly.graph_objects as go
import streamlit as st

from engine.errors import MurmurationError
from lessons.interview.debrief import history
from lessons.interview.debrief.history import Result, Trend
from lessons.interview.rubric import standard
from pages.parts.learner import learner
from pages.parts.palette import Palette, base_axis, base_layout, colours
from pages.parts.plain_text import plain
from pages.parts.stacked import CONFIG

_HEIGHT = 260
_SHOWN = 12
_ON = 0.005
"""Orders of magnitude: nearer than that is on the reference."""


def draw() -> None:
    """The section. Before the first interview it says what will be here."""
    st.header("Your results", anchor=False)
    try:
        found = history.results(learner())
    except MurmurationError as refused:
        st.warning(plain(str(refused)))
        return
    if not found:
        st.markdown(
            "Nothing yet. Each interview that is over adds its score here, with the interval that it is sure of: "
            "strict and practice as lines of their own, a repeat of a seed as a cross beside them."
        )
        return
    trend = history.trend(found)
    told = in_words(found, trend)
    st.plotly_chart(results_chart(found, trend, colours()), theme=None, config=CONFIG, key="interview_history_chart",
                    alt=told)  # fmt: skip
    st.caption(told)
    _lean(found)
    _table(found)


def results_chart(found: Sequence[Result], trend: Trend, palette: Palette) -> go.Figure:
    """Scores in their order, with intervals; where the bands begin. Each kind has its own mark, dash and word."""
    places = {one.interview: number for number, one in enumerate(found, 1)}
    repeats = [one for one in found if one not in (*trend.strict, *trend.practice)]
    figure = go.Figure()
    for name, begin in standard().bands.items():
        if begin:
            figure.add_hline(y=begin, line={"color": palette.quiet, "width": 1, "dash": "dot"})
        figure.add_annotation(
            text=name, x=1, xref="paper", xanchor="left", xshift=6, y=begin, yref="y", yanchor="bottom",
            showarrow=False, font={"color": palette.ink, "size": 12},
        )  # fmt: skip
    kinds = (
        ("strict", trend.strict, palette.accent, "circle", "solid", "lines+markers"),
        ("practice", trend.practice, palette.late, "diamond-open", "5px,4px", "lines+markers"),
        ("repeat of a seed", repeats, palette.ink, "x-thin-open", "solid", "markers"),
    )
    for label, kept, colour, mark, dash, mode in kinds:
        if kept:
            _add(figure, [places[one.interview] for one in kept], kept, (label, colour, mark, dash, mode))
    axis = {"range": [0.5, len(found) + 0.5], "dtick": max(1, len(found) // 10), "zeroline": False}
    figure.update_layout(
        base_layout(palette, _HEIGHT)
        | {
            "template": None,
            "margin": {"l": 8, "r": 84, "t": 26, "b": 40},
            "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
            "showlegend": True,
            "xaxis": base_axis(palette, "Interview, in order") | axis,
            "yaxis": base_axis(palette, "Points of 100")
            | {"range": [0, 105], "zeroline": False, "dtick": 20, "automargin": True},
        }
    )
    return figure


def _add(
    figure: go.Figure, places: list[int], kept: Sequence[Result], look: tuple[str, str, str, str, str]
) -> None:  # fmt: skip
    label, colour, mark, dash, mode = look
    figure.add_scatter(
        x=places,
        y=[one.score for one in kept],
        error_y={
            "type": "data", "symmetric": False, "array": [max(one.high - one.score, 0.0) for one in kept],
            "arrayminus": [max(one.score - one.low, 0.0) for one in kept], "color": colour, "thickness": 1.5,
            "width": 4,
        },
        mode=mode,
        name=label,
        line={"color": colour, "width": 2, "dash": dash},
        marker={"symbol": mark, "size": 11, "color": colour, "line": {"width": 2, "color": colour}},
        text=[f"{one.level}, {one.score:g} points ({one.low:g} to {one.high:g}), seed {one.seed}" for one in kept],
        hovertemplate="%{text}<extra>" + label + "</extra>",
    )  # fmt: skip


def in_words(found: Sequence[Result], trend: Trend) -> str:
    """The chart for those who cannot see it."""
    repeats = len(found) - len(trend.strict) - len(trend.practice)
    parts = []
    for label, kept in (("strict", trend.strict), ("practice", trend.practice)):
        if kept:
            first, last = kept[0], kept[-1]
            way = f"{first.score:g} points" if len(kept) == 1 else f"from {first.score:g} to {last.score:g} points"
            parts.append(f"{label}: {len(kept)} first attempt{'s' if len(kept) > 1 else ''}, {way} of 100")
    if repeats:
        parts.append(f"{repeats} repeat{'s' if repeats > 1 else ''}, never counted as a best")
    return f"{'; '.join(parts)}. Bars: the interval that the score is sure of."


def _lean(found: Sequence[Result]) -> None:
    """How estimates lay, in the last interview that had some."""
    lean = history.lean_over_time(found)
    if not lean:
        return
    last = lean[-1]
    way = "too high" if last.bias > 0 else "too low"
    off = "on its reference" if abs(last.bias) < _ON else f"{10 ** abs(last.bias):.2g} times {way}"
    st.caption(
        f"Estimates of the last interview: the middle one is {off}, half of them lie within a factor of "
        f"{10**last.spread:.2g} of that."
    )


def _table(found: Sequence[Result]) -> None:
    rows = [
        {
            "Date": f"{datetime.fromtimestamp(one.at, UTC):%Y-%m-%d}",
            "Level": one.level,
            "Mode": f"{one.mode}{', repeat' if one.repeat else ''}",
            "Points": f"{one.score:g} ({one.low:g} to {one.high:g})",
            "Band": one.band if len(one.between) == 1 else f"between {one.between[0]} and {one.between[-1]}",
            "Seed": str(one.seed),
        }
        for one in reversed(found)
    ]
    st.table(rows[:_SHOWN], border="horizontal", hide_index=True)
    if len(rows) > _SHOWN:
        st.caption(f"The last {_SHOWN} of {len(rows)}.")
