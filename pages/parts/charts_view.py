"""The page of charts to read: the run, four explanations, and afterwards what the records say to each."""

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from engine.errors import InvalidInput
from lessons.charts.cause import Cause
from lessons.charts.puzzle import MOST_NUMBER, Puzzle, Shown, show
from lessons.progress import Event, Progress
from pages.parts.learner import learner
from pages.parts.palette import Palette, colours
from pages.parts.refusal import refusal_kept, show_refusal
from pages.parts.shelf import SHELF, Telling
from pages.parts.stacked import CONFIG, Frame, highest, line, stacked

CHART = "chart"
_FRAME = Frame(row=118, gap=32, foot=44)
_AT_ONCE_S = 0.15


def charts_page() -> None:
    """The whole page."""
    progress = learner()
    puzzle, wrong = _puzzle(progress)
    said = progress.last("answered", puzzle.id)
    st.title("Read the chart", anchor=False)
    show_refusal()
    for sentence in wrong:
        st.warning(sentence)
    question, stage = st.columns([5, 8], gap="large")
    work = _work(puzzle)
    work.wait(_AT_ONCE_S)
    with stage:
        if not work.over:
            _follow(work)
        else:
            _charts(work.found())
    with question:
        _score(progress)
        st.markdown(f"##### {puzzle.family.question}")
        if said is None:
            _ask(puzzle, progress)
        elif work.over:
            _decide(work.found(), said, progress)


def _puzzle(progress: Progress) -> tuple[Puzzle, list[str]]:
    """That of the address; without one, the next that this learner has not read."""
    text = st.query_params.get(CHART, "")
    try:
        if text:
            if not (text.isascii() and text.isdigit() and len(text) < 8):
                raise InvalidInput(f"{text[:20]!r} is no chart; allowed: a whole number from 0 to {MOST_NUMBER:,}.")
            return Puzzle(int(text)), []
    except InvalidInput as refused:
        return _next(progress), [str(refused)]
    return _next(progress), []


def _next(progress: Progress) -> Puzzle:
    read = {event.subject for event in progress.events("answered")}
    return next(puzzle for puzzle in map(Puzzle, range(MOST_NUMBER)) if puzzle.id not in read)


def _score(progress: Progress) -> None:
    read = [event for event in progress.events("answered") if event.subject.startswith("chart-")]
    if not read:
        st.markdown("A run of a classroom of 2,000 people. Look first, then choose: the engine's records decide.")
        return
    right = sum(bool(event.data.get("right")) for event in read)
    st.caption(f"Read so far: {len(read)}, right: {right}. Misread charts come back in Drills.")


def _ask(puzzle: Puzzle, progress: Progress) -> None:
    for cause in puzzle.options:
        st.button(
            cause.label,
            key=f"chart_{puzzle.number}_{cause.key}",
            on_click=_answer,
            args=(puzzle, cause, progress),
            width="stretch",
        )
    st.caption("Which of the four charts moved, and which did not? That tells the causes apart.")


def _answer(puzzle: Puzzle, cause: Cause, progress: Progress) -> None:
    right = cause is puzzle.cause
    with refusal_kept():
        progress.append(
            "answered", puzzle.id, number=puzzle.number, said=cause.key, cause=puzzle.cause.key, right=right
        )
    st.query_params[CHART] = str(puzzle.number)


def _decide(shown: Shown, said: Event, progress: Progress) -> None:
    puzzle = shown.puzzle
    right = bool(said.data.get("right"))
    st.markdown(f"#### {'Right' if right else 'Not that'}: {puzzle.cause.label.lower()}")
    st.markdown(shown.against(puzzle.cause))
    st.markdown("**And the others?**")
    for cause in puzzle.options:
        if cause is not puzzle.cause:
            mine = " (your answer)" if cause.key == said.data.get("said") else ""
            st.markdown(f"- *{cause.label}*{mine}: {shown.against(cause)}")
    st.button("Next chart", type="primary", on_click=_onward, args=(progress,), key="chart_next")


def _onward(progress: Progress) -> None:
    st.query_params[CHART] = str(_next(progress).number)


def _work(puzzle: Puzzle) -> Telling[Shown]:
    def make(told: Callable[[float], None]) -> Shown:
        return show(puzzle, told)

    return SHELF.ask(("chart", puzzle.number), f"Chart {puzzle.number}", make)


@st.fragment(run_every=0.3)
def _follow(work: Telling[Shown]) -> None:
    """How far it is; the page is drawn when it has ended."""
    if work.over:
        st.rerun()
    st.progress(work.share, "The run is being made.")


def _charts(shown: Shown) -> None:
    words = _in_words(shown)
    st.plotly_chart(_figure(shown, colours()), theme=None, config=CONFIG, key="chart_plot", alt=words)
    with st.expander("The charts in words"):
        st.markdown(words)
        for metric in shown.puzzle.family.watch:
            st.caption(f"{metric.label}: {metric.text}")
    st.caption("Counted and waited for in a real run; how long each step takes is modelled.")


def _figure(shown: Shown, palette: Palette) -> go.Figure:
    """One row for each metric, in one colour: a strategy's colour would give it away."""
    watch = shown.puzzle.family.watch
    tops = {metric: highest(shown.series[metric]) for metric in watch}
    figure, rows = stacked(watch, _FRAME, shown.puzzle.request().seconds, tops, palette)
    for row in rows:
        figure.add_trace(line(row, shown.series[row.metric], row.metric.label, {"color": palette.accent, "width": 2.5}))
    return figure


def _in_words(shown: Shown) -> str:
    """Without what happened when: that is the question."""
    parts = []
    for metric in shown.puzzle.family.watch:
        ends, values = shown.series[metric]
        known = values[values == values]
        if not len(known):
            parts.append(f"{metric.label}: nothing was counted.")
            continue
        top = ends[values == known.max()][0]
        parts.append(
            f"{metric.label}: between {known.min():,.4g} and {known.max():,.4g} {metric.unit}, highest at {top:g} s."
        )
    return " ".join(parts)
