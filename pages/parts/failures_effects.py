"""Which switch helps most: each switch of the story alone, on the same load."""

from collections.abc import Callable, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from engine.errors import MurmurationError, TooManyStudies
from engine.experiments.stories import FIGURES, MITIGATIONS, Effect, moved
from engine.observe import words
from pages.parts.failures_link import Asked
from pages.parts.failures_words import effect_rows, figure_amount, names_in_words
from pages.parts.palette import Palette, base_axis, base_layout, colours
from pages.parts.shelf import SHELF, Telling

REFRESH_S = 0.7
REFUSED = "failures_effects_refused"
_ROW_PX, _FRAME_PX = 46, 60
_MOST_SHARE = 2.0
"""Longer bars are cut: what is twice as bad is bad enough."""
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
Effects = tuple[Effect, ...]


def effects_section(asked: Asked) -> None:
    """The section; the runs are made when they are asked for."""
    st.header("Which switch helps most", anchor=False)
    work: Telling[Effects] | None = SHELF.there(_key(asked))
    if work is None or work.failed:
        _offer(asked, work)
    elif not work.over:
        _follow(work)
    else:
        _drawn(asked, work.found())


def _key(asked: Asked) -> tuple[object, ...]:
    return ("moved", asked.story, asked.on, asked.seed)


def _offer(asked: Asked, failed: Telling[Effects] | None) -> None:
    count = len(asked.told.mitigations)
    st.markdown(
        f"Guess which of the {count} switches matters most, then run each of them alone on the same load: "
        f"{count + 1} runs, side by side; it takes some seconds."
    )
    st.button("Try each switch alone", on_click=_begin, args=(asked,))
    if failed is not None:
        try:
            failed.found()
        except MurmurationError as error:
            st.warning(str(error))
    if st.session_state.get(REFUSED):
        st.warning(st.session_state[REFUSED])


def _begin(asked: Asked) -> None:
    st.session_state[REFUSED] = None

    def make(_: Callable[[float], None]) -> Effects:
        return moved(asked.told, asked.on, asked.seed)

    try:
        SHELF.ask(_key(asked), f"Each switch of {asked.told.title} alone", make)
    except TooManyStudies as refused:
        st.session_state[REFUSED] = str(refused)


@st.fragment(run_every=REFRESH_S)
def _follow(work: Telling[Effects]) -> None:
    if work.over:
        st.rerun()
    waits = f" It waits for its turn; {work.ahead} come before it." if work.state == "waiting" and work.ahead else ""
    st.markdown(f"Running each switch alone; this takes some seconds.{waits}")


def _drawn(asked: Asked, effects: Effects) -> None:
    if asked.on:
        st.caption(f"Switched on in all of these runs but its own: {names_in_words(asked.on)}.")
    st.markdown(f"#### {effects[0].sentence if effects[0].weight > 0 else 'None of these switches helps here.'}")
    left, right = st.columns([8, 6], gap="medium")
    with left:
        st.plotly_chart(
            effect_chart(effects, colours()), theme=None, config=CONFIG, key="failures_effects",
            alt=" ".join(each.sentence for each in effects),
        )  # fmt: skip
        st.caption("For each switch, the figure it moves most, of those that this story is about.")
    with right:
        st.table(effect_rows(effects), border="horizontal", hide_index=True)


def effect_chart(effects: Sequence[Effect], palette: Palette) -> go.Figure:
    """A bar for each switch: the figure with it, as a share of the figure without it. Shorter is better."""
    shares = [_share(each) for each in effects]
    names = [MITIGATIONS[each.mitigation].title for each in effects]
    better = [each.with_ <= each.without for each in effects]
    bars: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "x": [None if share is None else min(share, _MOST_SHARE) for share in shares],
        "y": names,
        "width": 0.55,
        "marker": {"color": [palette.accent if good else palette.failed for good in better]},
        "text": ["" if share is None else _percent(share) for share in shares],
        "customdata": [
            f"{FIGURES[each.figure].label}: {figure_amount(each.without, each.unit)} → "
            f"{figure_amount(each.with_, each.unit)}"
            for each in effects
        ],
        "textposition": "outside",
        "hovertemplate": "%{customdata}<extra></extra>",
        "cliponaxis": False,
    }
    layout = base_layout(palette, _FRAME_PX + _ROW_PX * len(effects)) | {
        "template": None,
        "showlegend": False,
        "xaxis": base_axis(palette, "With the switch, of what it is without (measured; shorter is better)")
        | {"range": [0, 1.15 * max([1.0, *(x or 0.0 for x in bars["x"])])], "tickformat": ".0%", "automargin": True,
           "zeroline": False},
        "yaxis": base_axis(palette)
        | {"autorange": "reversed", "automargin": True, "ticksuffix": "  ", "type": "category"},
    }  # fmt: skip
    figure = go.Figure([bars], layout)
    for name, share in zip(names, shares, strict=True):
        if share is None:
            figure.add_annotation(
                text="changes nothing here", x=0, y=name, xanchor="left", xshift=4, showarrow=False,
                font={"color": palette.ink, "size": 13},
            )  # fmt: skip
    figure.add_shape(
        type="line", x0=1, x1=1, yref="paper", y0=0, y1=1, line={"color": palette.ink, "width": 1, "dash": "dot"}
    )
    return figure


def _share(effect: Effect) -> float | None:
    """None: it changes nothing."""
    if effect.with_ == effect.without:
        return None
    return effect.with_ / effect.without if effect.without else _MOST_SHARE


def _percent(share: float) -> str:
    """What is not quite nothing is not called 0 %."""
    if share >= _MOST_SHARE:
        return f"over {_MOST_SHARE:.0%}".replace("%", " %")
    return words.share(share) if share < 1 else f"{100 * share:.0f} %"
