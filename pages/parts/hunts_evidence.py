"""A hunt's evidence: charts beside the healthy run's, figures, audit and lists, requests, pages."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from engine.observe import words
from lessons.hunts import Chart, Evidence, Hunt, Line, ListLook
from pages.parts import inspect_words as lines
from pages.parts.inspect_chart import CONFIG, trace_chart
from pages.parts.palette import Palette, base_axis, base_layout, colours
from pages.parts.plain_text import plain
from pages.parts.strategy_look import looks

_CHART_PX = 190
_AUDITED = {
    "missing": ("Missing", "Due in a list, not pulled, and not on its way."),
    "duplicate": ("Duplicate", "In a list twice."),
    "foreign": ("Foreign", "By somebody whom the list's owner does not follow."),
    "out_of_order": ("Out of order", "Stands above a newer one."),
}


def evidence_tabs(hunt: Hunt, evidence: Evidence) -> None:
    """All of it, in tabs."""
    charts, figures, audit, person, requests = st.tabs(["Charts", "Figures", "Audit", "One person", "Requests"])
    with charts:
        _charts(hunt, evidence)
    with figures:
        _figures(evidence)
    with audit:
        _audit(evidence)
    with person:
        _person(evidence.lists[0])
    with requests:
        _requests(evidence)
    faults = f" Scheduled: {', '.join(hunt.faults)}." if hunt.faults else ""
    st.caption(
        f"A classroom of 2,000 people under {hunt.strategy}, {hunt.seconds} virtual seconds, then a drain.{faults} "
        f"Both runs have load {evidence.digest[:12]}, seed {evidence.seed}. Lists, posts and queues are real; service "
        "times are modelled."
    )


# Charts


def _charts(hunt: Hunt, evidence: Evidence) -> None:
    palette = colours()
    for chart in evidence.charts:
        st.markdown(f"**{heading(chart)}**", help=plain(chart.text))
        st.plotly_chart(
            hunt_chart(chart, hunt.strategy, palette), theme=None, config=CONFIG, key=f"hunt_{chart.metric}"
        )
        st.caption(in_words(chart))


def heading(chart: Chart) -> str:
    """Title with unit, and what kind of number it is."""
    return f"{chart.label}{' p99' if chart.unit == 'ms' else ''}, {chart.unit}, each half second (measured)"


def hunt_chart(chart: Chart, strategy: str, palette: Palette) -> go.Figure:
    """One metric: this feed over the healthy one, which is dashed."""
    figure = go.Figure()
    colour = looks([strategy], palette)[strategy].colour
    for name, values, line in (
        ("healthy", chart.healthy, {"color": palette.quiet, "width": 2, "dash": "4px,3px"}),
        ("this feed", chart.here, {"color": colour, "width": 2.5}),
    ):
        figure.add_scatter(
            x=list(chart.seconds), y=list(values), name=name, mode="lines", line=line, connectgaps=False,
            hovertemplate=f"{name}: %{{y:,.4g}} {chart.unit}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        base_layout(palette, _CHART_PX)
        | {
            "hovermode": "x unified",
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
            "margin": {"l": 8, "r": 8, "t": 28, "b": 36},
        }
    )
    figure.update_xaxes(base_axis(palette, "Virtual seconds"), zeroline=False, rangemode="tozero", hoverformat=".1f")
    figure.update_yaxes(base_axis(palette), zeroline=False, rangemode="tozero", nticks=4, automargin=True)
    return figure


def in_words(chart: Chart) -> str:
    """The same for those who cannot see it."""
    return f"This feed: {_peak(chart, chart.here)}. Healthy: {_peak(chart, chart.healthy)}."


def _peak(chart: Chart, values: tuple[float | None, ...]) -> str:
    measured = [(value, at_s) for value, at_s in zip(values, chart.seconds, strict=True) if value is not None]
    if not measured:
        return "nothing measured"
    top, at_s = max(measured, key=lambda pair: pair[0])
    if top == 0:
        return "0 all the time"
    return f"at most {words.number(top, 3)} {chart.unit} at {at_s:g} s, at the end {words.number(measured[-1][0], 3)}"


# Figures


def _figures(evidence: Evidence) -> None:
    st.table([figure_row(line) for line in evidence.figures], border="horizontal", hide_index=True)


def figure_row(line: Line) -> dict[str, str]:
    """One figure of both runs, with unit and definition."""
    return {
        "Measured": f"{line.label}{f', {line.unit}' if line.unit else ''}",
        "This feed": number(line.here),
        "Healthy": number(line.healthy),
        "Is": plain(line.text),
    }


def number(value: float | None) -> str:
    """A figure as it is shown: whole numbers in full, others to three digits."""
    if value is None:
        return "–"
    return words.count(value) if float(value).is_integer() or value >= 1_000 else words.number(value, 3)


# Audit


def _audit(evidence: Evidence) -> None:
    st.table(audit_rows(evidence), border="horizontal", hide_index=True)
    st.caption("Every stored list against the follow graph and the posts, at rest after the last queue was empty.")
    names = {look.user: f"{look.name} (user {look.user})" for look in evidence.lists}
    chosen = st.segmented_control(
        "One list beside what it should be", list(names), default=evidence.lists[0].user,
        format_func=names.__getitem__, key=f"hunts_list_{evidence.hunt}",
    )  # fmt: skip
    look = next((look for look in evidence.lists if look.user == chosen), evidence.lists[0])
    st.markdown(f"{plain(look.name)}: {plain(look.sentence)}")
    if look.entries:
        st.table(list_rows(look), border="horizontal", hide_index=True)
        st.caption("Newest first, around the first place that differs (≠). Times: virtual seconds since the start.")
    for why in look.whys:
        st.markdown(f"- {plain(why)}")


def audit_rows(evidence: Evidence) -> list[dict[str, str]]:
    """Each sort of wrong entry, in both runs."""
    return [
        {"Entries": label, "This feed": words.count(evidence.audit[name][0]),
         "Healthy": words.count(evidence.audit[name][1]), "Is": text}
        for name, (label, text) in _AUDITED.items()
    ]  # fmt: skip


def list_rows(look: ListLook) -> list[dict[str, str]]:
    """A stored list beside what it should be."""
    return [
        {
            "Place": str(entry.place),
            "": "≠" if entry.differs else "",
            "Stored": plain(entry.stored),
            "Should be": plain(entry.should_be),
            "Kind": entry.kind,
            "Written": f"{entry.written_s:,.1f} s",
            "Followed": entry.follows,
        }
        for entry in look.entries
    ]


# One person


def _person(look: ListLook) -> None:
    st.markdown(f"**{plain(look.name)}** (user {look.user})")
    st.table(
        [{"Of this person": name, "Measured": value} for name, value in look.facts.items()],
        border="horizontal", hide_index=True,
    )  # fmt: skip
    if look.entries:
        st.markdown("In the stored list, from around the first place that differs, newest first:")
        rows = [
            {"Post": plain(entry.stored), "Kind": entry.kind, "Written": f"{entry.written_s:,.1f} s"}
            for entry in look.entries
            if entry.stored != "–"
        ]
        st.table(rows, border="horizontal", hide_index=True)


# Requests


def _requests(evidence: Evidence) -> None:
    if evidence.pages:
        st.markdown("**Home as it was shown**, newest first")
        st.table(page_rows(evidence), border="horizontal", hide_index=True)
    labels = {place: trace_label(trace) for place, trace in enumerate(evidence.traces)}
    chosen = st.selectbox(
        "Request", list(labels), format_func=labels.__getitem__, key=f"hunts_trace_{evidence.hunt}"
    )  # fmt: skip
    trace = dict(evidence.traces[chosen or 0])
    st.markdown(plain(trace["summary"]))
    if not trace["hops"]:
        return
    st.plotly_chart(trace_chart(trace, 0.0, colours()), theme=None, config=CONFIG, key="hunts_trace_chart")
    st.dataframe(
        lines.hop_rows(trace), hide_index=True, placeholder="–", alt="Hops of this request, in order",
        column_config={"What it did": st.column_config.TextColumn(width="large")},
    )  # fmt: skip


def trace_label(trace: Mapping[str, Any]) -> str:
    """When, who, what."""
    name = trace.get("name") or f"user {trace['user']}"
    return f"{trace['at_s']:.1f} s, {name}: {str(trace['what']).replace('_', ' ')}"


def page_rows(evidence: Evidence) -> list[dict[str, str]]:
    """Pages side by side; a post that stood on an earlier page of the same scroll is marked."""
    columns: dict[str, list[str]] = {}
    before: set[str] = set()
    for page in evidence.pages:
        if page.number == 1:
            before = set()
        label = f"Page {page.number} at {page.at_s:.1f} s"
        while label in columns:
            label += " again"
        columns[label] = [f"{plain(post)}{' (seen before)' if post in before else ''}" for post in page.posts]
        before |= set(page.posts)
    long = max(map(len, columns.values()))
    return [
        {
            "Place": str(place + 1),
            **{name: posts[place] if place < len(posts) else "" for name, posts in columns.items()},
        }
        for place in range(long)
    ]
