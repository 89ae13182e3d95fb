"""The Graph explorer's two pictures. Everything they say is also in words and in a table beside them."""

from collections.abc import Mapping, Sequence
from itertools import chain
from math import atan2, cos, log10, sin, tau
from typing import Any

import networkx as nx
import numpy as np
import plotly.graph_objects as go

from engine.live.explorer import Around, Celebrities, Overview
from engine.observe import words
from pages.parts.graph_words import relation
from pages.parts.palette import Palette, base_axis, base_layout

Trace = dict[str, Any]
Places = Mapping[int, tuple[float, float]]
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
HEIGHT = 400
_MOST_POINTS = 400
_NAMED = 6
"""The person's largest neighbours, whose names stand in the picture."""


def distribution_chart(seen: Overview, at: Celebrities, around: Around, colours: Palette) -> go.Figure:
    """How many accounts have at least so many followers, on log axes: the top 1 %, the thresholds, and one person."""
    shared = seen.distribution
    kept = _thinned(len(shared.followers))
    followers, accounts = shared.followers[kept], shared.accounts[kept]
    top = followers >= shared.top_from
    (hybrid,) = seen.celebrities([seen.rule.threshold])
    traces = [
        {
            "x": followers.tolist(),
            "y": accounts.tolist(),
            "mode": "lines",
            "name": "All accounts",
            "showlegend": False,
            "line": {"color": colours.some, "width": 2},
            "hovertemplate": "%{y:,} accounts have at least %{x:,} followers<extra></extra>",
        },
        {
            "x": followers[top].tolist(),
            "y": accounts[top].tolist(),
            "mode": "lines+markers",
            "name": f"Most followed 1 %: {words.share(shared.top_share)} of follows",
            "line": {"color": colours.late, "width": 4},
            "marker": {"size": 8, "symbol": "diamond"},
            "hovertemplate": "%{y:,} of the most followed 1 % have at least %{x:,} followers<extra></extra>",
        },
        _upright(hybrid, "Hybrid threshold", shared.users, colours.hybrid, "dash"),
    ]
    if at.threshold != seen.rule.threshold:
        traces.append(_upright(at, "Chosen threshold", shared.users, colours.ink, "dot"))
    traces.append(_place_of(around, seen, colours))
    axis = {"type": "log", "dtick": 1, "automargin": True}
    across, up = (
        base_axis(colours, text) | axis
        for text in ("Followers of an account (log)", "Accounts with as many or more (log)")
    )
    return _figure(traces, colours, xaxis=across, yaxis=up)


def neighbourhood_chart(seen: Around, colours: Palette) -> go.Figure:
    """A person among their neighbours: size is followers on a log scale, symbol the relation, dash the direction."""
    user, drawn = seen.standing.user, seen.drawn
    name = f"@{seen.names[user]}"
    places = _around_a_circle(drawn, user)
    pairs = {(min(a, b), max(a, b)): mutual for a, b, mutual in drawn.edges(data="mutual")}
    one_way, mutual = ([pair for pair, both in pairs.items() if both == kind] for kind in (False, True))
    kinds = (
        (f"{name} and they follow each other", (True, True), "circle", colours.accent),
        (f"{name} follows them", (True, False), "square", colours.some),
        (f"They follow {name}", (False, True), "triangle-up", colours.late),
    )
    largest = sorted(set(drawn) - {user}, key=lambda other: -drawn.nodes[other]["followers"])[:_NAMED]
    traces = [
        _edges(one_way, places, "One follows the other", {"color": colours.quiet, "width": 1, "dash": "dot"}),
        _edges(mutual, places, "Follow each other", {"color": colours.accent, "width": 1.6, "dash": "solid"}),
    ]
    for label, kind, symbol, colour in kinds:
        members = [
            o for o, node in drawn.nodes(data=True) if o != user and (node["follows"], node["followed_by"]) == kind
        ]
        if members:
            traces.append(_nodes(seen, members, places, largest, label, {"symbol": symbol, "color": colour}))
    traces.append(_nodes(seen, [user], places, [user], name, {"symbol": "star", "color": colours.ink}))
    return _figure(traces, colours, xaxis={"visible": False}, yaxis={"visible": False})


def _figure(traces: list[Trace], colours: Palette, **axes: Trace) -> go.Figure:
    """Made in one go and without a template, which is three times faster than piece by piece."""
    layout = {
        **base_layout(colours, HEIGHT),
        "legend": {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"},
        "template": None,
        **axes,
    }
    return go.Figure([{"type": "scatter", **trace} for trace in traces], layout)


def _upright(at: Celebrities, label: str, users: int, colour: str, dash: str) -> Trace:
    """A threshold as an upright line; its name says how many lie at or beyond it."""
    count = f"{words.count(at.accounts)} account{'' if at.accounts == 1 else 's'}"
    return {
        "x": [at.threshold, at.threshold],
        "y": [1, users],
        "mode": "lines",
        "name": f"{label} {words.count(at.threshold)}: {count} above",
        "line": {"color": colour, "width": 2, "dash": dash},
        "hovertemplate": f"{label} {words.count(at.threshold)}: {count} have as many or more<extra></extra>",
    }


def _place_of(around: Around, seen: Overview, colours: Palette) -> Trace:
    """The person on the curve; nowhere if they have no followers, which a log axis cannot show."""
    person, name = around.standing, f"@{around.names[around.standing.user]}"
    here = [person] if person.followers else []
    return {
        "x": [person.followers for person in here],
        "y": [int(np.count_nonzero(seen.counts >= person.followers)) for person in here],
        "mode": "markers",
        "name": name,
        "marker": {"symbol": "star", "size": 15, "color": colours.ink},
        "hovertemplate": f"{name}: %{{x:,}} followers<extra></extra>",
    }


def _around_a_circle(drawn: "nx.DiGraph[int]", user: int) -> Places:
    """The person in the middle, the others around, so that nobody hides anybody; who is linked stands close, as far as
    the angles of a force-directed layout tell."""
    free = nx.spring_layout(drawn.to_undirected(), seed=user, pos={user: (0, 0)}, fixed=[user])
    others = sorted((other for other in drawn if other != user), key=lambda other: atan2(*free[other]))
    angles = [tau * place / len(others) for place in range(len(others))]
    radii = [1.0 if place % 2 else 0.68 for place in range(len(others))]
    circle = {o: (r * sin(angle), r * cos(angle)) for o, angle, r in zip(others, angles, radii, strict=True)}
    return {user: (0.0, 0.0), **circle}


def _edges(pairs: Sequence[tuple[int, int]], places: Places, name: str, line: Trace) -> Trace:
    ends = [(places[a], places[b]) for a, b in pairs]
    return {
        "x": list(chain.from_iterable((a[0], b[0], None) for a, b in ends)),
        "y": list(chain.from_iterable((a[1], b[1], None) for a, b in ends)),
        "mode": "lines",
        "name": name,
        "line": line,
        "hoverinfo": "skip",
    }


def _nodes(
    seen: Around, members: Sequence[int], places: Places, named: Sequence[int], label: str, marker: Trace
) -> Trace:
    nodes = [seen.drawn.nodes[other] for other in members]
    return {
        "x": [places[other][0] for other in members],
        "y": [places[other][1] for other in members],
        "mode": "markers+text",
        "name": label,
        "text": [f"@{seen.names[other]}" if other in named else "" for other in members],
        "textposition": "top center",
        "hovertext": [
            f"@{seen.names[other]}: {words.count(node['followers'])} followers, "
            f"follows {words.count(node['followees'])}<br>{relation(seen, other)}"
            for other, node in zip(members, nodes, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {**marker, "opacity": 1, "size": [8 + 7 * log10(1 + node["followers"]) for node in nodes]},
    }


def _thinned(points: int) -> Any:
    """Which points of a long curve are drawn: all of the few large accounts at its end, ever fewer before."""
    if points <= _MOST_POINTS:
        return np.arange(points)
    back = np.unique(np.geomspace(1, points, _MOST_POINTS).astype(np.int64))
    return points - back[::-1]
