"""How estimates went: each one's error with the bias that they have together, and estimates against answers."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from lessons.estimates.score import LAST, Band, Done, bias_sentence, coverage, running_bias
from lessons.estimates.shown import short
from pages.parts.palette import Palette, base_axis, base_layout

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
_MOST_DRAWN = 60
_EDGE = 3.0
"""Orders of magnitude; what is further off is drawn at the edge."""
_TICKS = {
    -3: "1,000x too low", -2: "100x too low", -1: "10x too low", 0: "exact", 1: "10x too high", 2: "100x too high",
    3: "1,000x too high",
}  # fmt: skip
_SHAPES: dict[Band, str] = {"exact": "circle", "within x2": "circle-open", "within x10": "diamond", "off": "x"}
_WORDS: dict[Band, str] = {
    "exact": "within 10 %",
    "within x2": "within twice",
    "within x10": "within ten times",
    "off": "further off",
}


def errors_chart(done: Sequence[Done], palette: Palette) -> go.Figure:
    """Each estimate by how far off it was, in order, and the bias of the last ten after each."""
    drawn = done[-_MOST_DRAWN:]
    first = len(done) - len(drawn) + 1
    numbers = list(range(first, len(done) + 1))
    figure = go.Figure()
    for low, high, opacity in ((-1.0, 1.0, 0.10), (-math.log10(2), math.log10(2), 0.16)):
        figure.add_hrect(low, high, fillcolor=palette.some, opacity=opacity, line_width=0, layer="below")
    _marks(figure, drawn, numbers, [_clipped(one.grade.off) for one in drawn], palette)
    figure.add_scatter(
        x=numbers,
        y=[_clipped(value) for value in running_bias(done)[-len(drawn) :]],
        mode="lines",
        line={"color": palette.accent, "width": 2, "dash": "6px,3px"},
        name=f"bias, last {LAST}",
        hoverinfo="skip",
    )
    reach = max([1.0, *(abs(_clipped(one.grade.off)) for one in drawn)])
    edge = math.ceil(reach) + 0.25
    ticks = [value for value in _TICKS if abs(value) <= edge]
    figure.update_layout(**base_layout(palette, 232), showlegend=True, legend=_legend())
    figure.update_yaxes(
        **base_axis(palette), range=[-edge, edge], tickvals=ticks, ticktext=[_TICKS[value] for value in ticks],
        zerolinecolor=palette.quiet, automargin=True,
    )  # fmt: skip
    figure.update_xaxes(**base_axis(palette, "your estimates, oldest first"), range=[first - 0.6, len(done) + 0.6])
    figure.update_xaxes(tickformat=",d", dtick=max(1, round(len(drawn) / 10)), showgrid=False)
    return figure


def calibration_chart(done: Sequence[Done], palette: Palette) -> go.Figure:
    """Estimates against answers, both on log axes, each in its own unit; bars are the 90 % ranges."""
    drawn = done[-_MOST_DRAWN:]
    values = [value for one in drawn for value in (one.truth, one.estimate)]
    low, high = (math.floor(math.log10(min(values))) - 0.5, math.ceil(math.log10(max(values))) + 0.5)
    figure = go.Figure()
    ends = [10**low, 10**high]
    for factor, opacity in ((10.0, 0.10), (2.0, 0.16)):
        figure.add_scatter(
            x=[*ends, *reversed(ends)],
            y=[ends[0] / factor, ends[1] / factor, ends[1] * factor, ends[0] * factor],
            fill="toself", mode="lines", line={"width": 0}, fillcolor=_tinted(palette.some, opacity),
            hoverinfo="skip", showlegend=False,
        )  # fmt: skip
    figure.add_scatter(
        x=ends, y=ends, mode="lines", line={"color": palette.quiet, "width": 1.5}, hoverinfo="skip", showlegend=False
    )
    ranged = [one for one in drawn if one.range is not None]
    for one in ranged:
        assert one.range is not None
        figure.add_scatter(
            x=[one.truth, one.truth], y=[one.range.low, one.range.high], mode="lines", hoverinfo="skip",
            line={"color": palette.accent, "width": 1.5}, name="your 90 % range", legendgroup="range",
            showlegend=one is ranged[0],
        )  # fmt: skip
    _marks(figure, drawn, [one.truth for one in drawn], [one.estimate for one in drawn], palette)
    step = max(1, math.ceil((high - low) / 7))
    powers = range(math.ceil(low), math.floor(high) + 1, step)
    axis = {"type": "log", "range": [low, high], "tickvals": [10.0**power for power in powers],
            "ticktext": [_power(power) for power in powers]}  # fmt: skip
    figure.update_layout(**base_layout(palette, 330), showlegend=True, legend=_legend())
    figure.update_xaxes(**base_axis(palette, "the answer, in its own unit"), **axis)
    figure.update_yaxes(**base_axis(palette, "your estimate"), **axis)
    return figure


def in_words(done: Sequence[Done]) -> str:
    """What both charts show, for whoever does not see them."""
    bands = [one.grade.band for one in done]
    counts = ", ".join(f"{bands.count(band)} {_WORDS[band]}" for band in _SHAPES if band in bands)
    value = running_bias(done)[-1]
    return f"Of {len(done)} estimates: {counts}. {bias_sentence(value)} {coverage(done).sentence}"


def _marks(figure: go.Figure, drawn: Sequence[Done], x: Sequence[float], y: Sequence[float], palette: Palette) -> None:
    """One mark for each estimate: its shape and its colour say the band."""
    colours = {"exact": palette.some, "within x2": palette.some, "within x10": palette.late, "off": palette.failed}
    for band, shape in _SHAPES.items():
        chosen = [number for number, one in enumerate(drawn) if one.grade.band == band]
        if not chosen:
            continue
        figure.add_scatter(
            x=[x[number] for number in chosen],
            y=[y[number] for number in chosen],
            mode="markers",
            marker={"color": colours[band], "symbol": shape, "size": 10, "line": {"width": 2, "color": colours[band]}},
            name=_WORDS[band],
            text=[f"{drawn[n].title}<br>you: {drawn[n].said}<br>answer: {drawn[n].shown}" for n in chosen],
            hovertemplate="%{text}<extra></extra>",
        )


def _clipped(off: float) -> float:
    return max(-_EDGE, min(_EDGE, off))


def _legend() -> dict[str, object]:
    return {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": {"size": 13}}


def _power(power: int) -> str:
    return short(10.0**power) if power < 15 else f"10^{power}"


def _tinted(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
