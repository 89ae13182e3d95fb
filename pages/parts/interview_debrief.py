"""The debrief: the score on its scale, four numbers, what broke first; ten sections in their order; files of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from lessons.interview.debrief import Debrief, Practice, debrief, history, html, markdown
from lessons.interview.debrief.broke import Broken, first_broken
from lessons.interview.debrief.shape import Block, Number, Scale
from lessons.interview.grade import grade
from lessons.interview.report import Report
from lessons.interview.sitting import Sitting, State
from lessons.interview.transcript import Transcript
from pages.parts import interview_figures as figures
from pages.parts import interview_scopes as scopes
from pages.parts.inner_link import inner_link
from pages.parts.interview_address import address_button
from pages.parts.interview_blocks import blocks
from pages.parts.interview_jobs import lacking
from pages.parts.interview_run_charts import Seen, charts_of, in_words, run_chart, window_s
from pages.parts.learner import learner
from pages.parts.palette import colours
from pages.parts.plain_text import plain
from pages.parts.refusal import refusal_kept, show_refusal
from pages.parts.stacked import CONFIG

_GRADED = "interview_graded"
_MET = {True: ": ✓ kept", False: ": ✗ broken", None: ""}
_LAG_CHARTS = ("Visible lag", "Queue depth")
_HOME_CHARTS = ("Home read", "Timeline hit rate")


@dataclass(frozen=True)
class Graded:
    """One transcript with its report and debrief."""

    transcript: Transcript
    report: Report
    debrief: Debrief


def draw(sitting: Sitting, state: State) -> None:
    """The whole debrief."""
    show_refusal()
    graded = graded_of(sitting)
    final = "last" in state.stages or lacking(graded.transcript) is not None
    if final:
        _note(state, graded)
    else:
        st.info(
            "The design is still being run without each of its parts. Until then nothing is said of parts that do "
            "nothing, of the threshold, and of your next step; this page is drawn again when it is known."
        )
    st.header(plain(graded.debrief.title), anchor=False)
    for number, section in enumerate(graded.debrief.sections, 1):
        st.subheader(f"{number}. {section.heading}", anchor=False)
        if section.key == "summary":
            _above_the_fold(sitting, graded, section.blocks)
        elif section.key == "practices" and graded.debrief.practices:
            _practices(graded.debrief.practices)
        else:
            blocks(section.blocks)
    _take_away(sitting, state, graded, final)


def graded_of(sitting: Sitting) -> Graded:
    """Graded once for each transcript in a session: nine passes over all criteria."""
    transcript = sitting.transcript()
    rubric = sitting.rubric()
    text = transcript.model_dump_json(by_alias=True)
    said = hashlib.sha256(f"{text}{rubric.hash}".encode()).hexdigest()
    kept = st.session_state.get(_GRADED)
    if kept is None or kept[0] != said:
        report = grade(transcript, rubric=rubric)
        kept = (said, Graded(transcript, report, debrief(transcript, report, rubric)))
        st.session_state[_GRADED] = kept
    found: Graded = kept[1]
    return found


def _note(state: State, graded: Graded) -> None:
    """Into the learner's history, which takes each interview once."""
    with refusal_kept():
        history.note(learner(), graded.transcript, graded.report, state.seed, state.repeat)


# Above the fold


def _above_the_fold(sitting: Sitting, graded: Graded, summary: tuple[Block, ...]) -> None:
    """The first picture, around the sentence: where the score stands, what was promised and kept, what broke first."""
    sentence, *rest = summary
    blocks([sentence])
    left, right = st.columns([6, 7], gap="medium")
    with left:
        blocks([one for one in rest if isinstance(one, Scale)])
        _numbers(graded.debrief.numbers)
    with right:
        _broke(sitting, graded)
    blocks([one for one in rest if not isinstance(one, Scale)])


def _numbers(numbers: tuple[Number, ...]) -> None:
    """Each beside its promise; a word says whether it was kept."""
    if not numbers:
        return
    rows = [
        {
            "In the base run": one.label,
            "Value": one.value,
            "Promised": f"{one.promise}{_MET[one.met]}",
        }
        for one in numbers
    ]
    st.table(rows, border="horizontal", hide_index=True)


def _broke(sitting: Sitting, graded: Graded) -> None:
    """The chart of the run in which a promise broke first, marked at that instant."""
    found = scopes.ran(sitting)
    first = first_broken(graded.transcript)
    broken = first if first is None or first.promise.scope in found else None  # no series of what only the debrief runs
    scope = broken.promise.scope if broken is not None else scopes.BASE
    if scope not in found:
        st.markdown("There is no run to draw.")
        return
    seen = scopes.seen(found, scope, graded.transcript)
    seen = Seen(seen.ran, seen.scale, seen.strategy, seen.promises, broke=_mark(broken))
    home = broken is not None and broken.promise.path.startswith("home_ms")
    wanted = _HOME_CHARTS if home else _LAG_CHARTS
    charts = [chart for chart in charts_of(seen) if chart.label in wanted]
    headline = _headline(first)
    st.markdown(f"**{headline if first == broken else f'{headline}; drawn: {scopes.label(scope).lower()}'}**")
    if charts:
        told = in_words(seen, charts)
        st.plotly_chart(run_chart(seen, charts, colours(), row_px=110), theme=None, config=CONFIG,
                        key="interview_broke_chart", alt=told)  # fmt: skip
        st.caption(f"{scopes.label(scope)}. Each point: {window_s(seen, charts):g} virtual seconds. {told}")


def _mark(broken: Broken | None) -> tuple[float, str] | None:
    if broken is None or broken.at_s is None:
        return None
    where = f", {figures.station(broken.station).lower()}" if broken.station in figures.STATIONS else ""
    return broken.at_s, f"broke first: {broken.at_s:,.4g} s{where}"


def _headline(broken: Broken | None) -> str:
    if broken is None:
        return "No promise broke in your runs"
    return f"What broke first: {plain(broken.promise.what)} {scopes.under(broken.promise.scope)}"


# Practices and files


def _practices(found: Sequence[Practice]) -> None:
    """Things to do next: a lesson, an experiment with the own design, cards; links stay in this session."""
    for place, one in enumerate(found, 1):
        with st.container(border=True):
            gate = ", and it holds the band down" if one.gate else ""
            st.markdown(f"**{place}. {one.criterion} {plain(one.title)}.** {one.lost:.1f} points are left in it{gate}.")
            with st.container(horizontal=True):
                inner_link(one.link, f"Lesson: {one.lesson_title}, {one.minutes} minutes")
                inner_link(one.experiment.link, "Open the experiment")
                if one.also:
                    inner_link(one.also, "More of the kind")
            st.markdown(f"Experiment: {plain(one.experiment.text)}")
            st.markdown("\n".join(f"- Card: {plain(card.question)}" for card in one.cards))
            with st.expander("On the command line"):
                st.code(one.experiment.command, language="bash", wrap_lines=True)


def _take_away(sitting: Sitting, state: State, graded: Graded, final: bool) -> None:
    """Files of all of it, and the same interview once more."""
    st.subheader("Take it away", anchor=False)
    name = f"interview-{graded.transcript.level_target or 'mid'}-{state.seed}"
    if not final:
        st.caption("What is taken away now has no ablation in it yet.")
    with st.container(horizontal=True):
        st.download_button("Markdown", markdown(graded.debrief), f"{name}.md", "text/markdown", on_click="ignore",
                           key="interview_take_md")  # fmt: skip
        st.download_button("HTML, one file", html(graded.debrief), f"{name}.html", "text/html", on_click="ignore",
                           key="interview_take_html")  # fmt: skip
        st.download_button(
            "Transcript (JSON)", graded.transcript.model_dump_json(by_alias=True, exclude_none=True, indent=1),
            f"{name}.json", "application/json", on_click="ignore", key="interview_take_json",
            help="What you wrote and what was measured: `python -m lessons interview FILE` grades it again.",
        )  # fmt: skip
    st.subheader("Once more", anchor=False)
    st.markdown(
        "**The same seed** is the same graph, requirement and loads: improve this answer; its score is shown as a "
        "repeat and never as your best. **A new seed** is another graph of the same shape, and other surprises."
    )
    with st.container(horizontal=True):
        address_button("The same interview again", {"seed": str(state.seed), "level": state.level})
        address_button("A new seed", {"level": state.level})
        address_button("Let others score it", {"panel": sitting.id})
