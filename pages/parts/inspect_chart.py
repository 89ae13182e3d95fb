"""Inspect's pictures: a post's chunks in time. Everything they say is also in words and in a table beside them."""

from typing import Any

import plotly.graph_objects as go

from pages.parts.palette import Palette, base_axis, base_layout

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset"}
ROW_PX, LEAST_PX, MOST_PX = 24, 220, 640
_APART = {"ticks": "outside", "ticklen": 8, "tickcolor": "rgba(0,0,0,0)"}
"""Of the names at an axis: so far from it that a mark on it covers none."""
NAMED_CHUNKS = 40
"""Chunks whose names stand at the axis; beyond that every few."""


def life_chart(life: dict[str, Any], palette: Palette) -> go.Figure:
    """One line a chunk: dotted while it waits, thick while a worker has it, thin with diamonds while copies arrive.

    Lanes differ by the mark at the poll: a circle is close, a square is rest. Times in seconds since acceptance.
    """
    chunks = life["chunks"]
    names = [f"{chunk['lane']} {chunk['number']}" for chunk in chunks]
    now_s = life["age_ms"] / 1000
    bars: dict[str, _Line] = {
        "waits in its lane": _Line(palette.late, 2, "dot"),
        "in a worker's batch": _Line(palette.accent, 8, "solid"),
        "attempt crashed": _Line(palette.failed, 8, "solid"),
        "copies become readable": _Line(palette.some, 3, "solid"),
    }
    polls: dict[str, list[tuple[float, str, str]]] = {"close": [], "rest": []}
    for name, chunk in zip(names, chunks, strict=True):
        for attempt in chunk["attempts"]:
            _add_attempt(bars, polls, name, chunk, attempt, now_s)
        if chunk["state"] in ("waiting", "again") and chunk["enqueued_ms"] / 1000 < now_s:
            bars["waits in its lane"].add(name, chunk["enqueued_ms"] / 1000, now_s, f"{name}: waits since then")
        if chunk["first_ms"] is not None:
            told = f"{name}: {chunk['received']:,} of {chunk['copies']:,} copies readable"
            bars["copies become readable"].add(name, chunk["first_ms"] / 1000, chunk["last_ms"] / 1000, told)
    figure = go.Figure()
    for label, bar in bars.items():
        if bar.x:
            figure.add_scatter(**bar.trace(label))
    for lane, symbol in (("close", "circle"), ("rest", "square")):
        if polls[lane]:
            x, y, text = zip(*polls[lane], strict=True)
            figure.add_scatter(
                x=x, y=y, hovertext=text, mode="markers", cliponaxis=False, name=f"polled, lane {lane}",
                marker={"symbol": symbol, "size": 10, "color": palette.ink},
                hovertemplate="%{hovertext}<extra></extra>",
            )  # fmt: skip
    readable = [
        (chunk["median_ms"] / 1000, name) for name, chunk in zip(names, chunks, strict=True) if chunk["received"]
    ]
    if readable:
        figure.add_scatter(
            x=[at_s for at_s, _ in readable], y=[name for _, name in readable], name="half readable",
            mode="markers", cliponaxis=False,
            marker={"symbol": "diamond", "size": 9, "color": palette.some},
            hovertemplate="%{y}: half of its copies readable at %{x:.3f} s<extra></extra>",
        )  # fmt: skip
    _arrange(figure, palette, names, "Virtual seconds since acceptance", "Lane and chunk")
    figure.update_yaxes(tickvals=names[:: -(-len(names) // NAMED_CHUNKS)])
    return figure


def trace_chart(trace: dict[str, Any], age_ms: float, palette: Palette) -> go.Figure:
    """One line a hop: dotted while the request waits there, thick while it is worked on; a mark for what took no time.

    `age_ms`: how long ago the request was, to which a hop that is under way is drawn. Real wall time is not drawn.
    """
    names = [f"{number}. {hop['label']}" for number, hop in enumerate(trace["hops"], 1)]
    waits, works = _Line(palette.late, 3, "dot"), _Line(palette.accent, 10, "solid")
    instants: list[tuple[str, str]] = []
    for name, hop in zip(names, trace["hops"], strict=True):
        facts = f"{name}: {hop['facts'] or hop['state']}"
        start, end = hop["start_ms"], hop["end_ms"]
        if start is None or hop["kind"] == "real":
            instants.append((name, facts))
            continue
        until = max(age_ms, start) if end is None else end
        begins = min(start + (hop["wait_ms"] or 0.0), until) if hop["state"] != "waiting" else until
        if begins > start:
            waits.add(name, start / 1000, begins / 1000, facts)
        if until > begins or end is not None:
            works.add(name, begins / 1000, until / 1000, facts)
    figure = go.Figure()
    for label, bar in (("waits in line", waits), ("is worked on", works)):
        if bar.x:
            figure.add_scatter(**bar.trace(label))
    if instants:
        figure.add_scatter(
            x=[0.0] * len(instants), y=[name for name, _ in instants], hovertext=[facts for _, facts in instants],
            mode="markers", cliponaxis=False, name="no virtual time",
            marker={"symbol": "diamond", "size": 9, "color": palette.ink},
            hovertemplate="%{hovertext}<extra></extra>",
        )  # fmt: skip
    _arrange(figure, palette, names, "Virtual seconds since the request")
    figure.update_layout(margin={"l": 12 + 8 * max(map(len, names), default=0)})
    return figure


class _Line:
    """Stretches of time that are drawn alike."""

    def __init__(self, colour: str, width: int, dash: str) -> None:
        self.x: list[float | None] = []
        self.y: list[str | None] = []
        self.text: list[str | None] = []
        self._line = {"color": colour, "width": width, "dash": dash}

    def add(self, name: str, from_s: float, to_s: float, text: str) -> None:
        """One stretch of a chunk."""
        self.x += [from_s, to_s, None]
        self.y += [name, name, None]
        self.text += [f"{text} ({from_s:.3f} to {to_s:.3f} s)"] * 2 + [None]

    def trace(self, label: str) -> dict[str, Any]:
        """For plotly."""
        return {
            "x": self.x, "y": self.y, "hovertext": self.text, "mode": "lines", "name": label, "line": self._line,
            "hovertemplate": "%{hovertext}<extra></extra>",
        }  # fmt: skip


def _add_attempt(
    bars: dict[str, _Line],
    polls: dict[str, list[tuple[float, str, str]]],
    name: str,
    chunk: dict[str, Any],
    attempt: dict[str, Any],
    now_s: float,
) -> None:
    enqueued_s, polled_s, done_s = (attempt[key] / 1000 for key in ("enqueued_ms", "polled_ms", "done_ms"))
    number = f"{name}, attempt {attempt['attempt']}"
    bars["waits in its lane"].add(name, enqueued_s, polled_s, f"{number}: waits in partition {chunk['partition']}")
    kind = "attempt crashed" if attempt["outcome"] in ("failed", "dead") else "in a worker's batch"
    bars[kind].add(name, polled_s, min(done_s, now_s), f"{number}: worker {attempt['worker']}, {attempt['outcome']}")
    polls[chunk["lane"]].append((polled_s, name, f"{number}: polled by worker {attempt['worker']} at {polled_s:.3f} s"))


def _arrange(figure: go.Figure, palette: Palette, names: list[str], across: str, up: str = "") -> None:
    """Time goes across, and the names stand one below the other. `across`, `up`: the titles of the axes."""
    figure.update_layout(
        base_layout(palette, min(max(LEAST_PX, 120 + ROW_PX * len(names)), MOST_PX)),
        margin={"l": 90, "b": 48},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        uirevision="kept",
    )
    figure.update_xaxes(base_axis(palette, across), zeroline=False, rangemode="tozero")
    order = {"categoryorder": "array", "categoryarray": names[::-1]}
    figure.update_yaxes(base_axis(palette, up), **order, zeroline=False, showgrid=False, **_APART)
