"""A lesson's stage: what will be run, and then its charts, with the bet over them and the claims below."""

import streamlit as st

from engine.config import KNOBS
from lessons.figure import spoken
from lessons.lesson import Lesson
from lessons.play import Outcome, command, marks, requests, unit_of
from lessons.taken import Bet
from pages.parts.lesson_bet import bet_bar
from pages.parts.lesson_charts import in_words, lesson_chart
from pages.parts.palette import colours
from pages.parts.stacked import CONFIG


def before_run(lesson: Lesson) -> None:
    """What the bet is about: the world, its load, and what differs between the runs."""
    front = lesson.front
    asked = requests(front)
    with st.container(border=True):
        st.markdown("**The experiment**")
        first = next(iter(asked.values()))
        config = first.config
        st.markdown(
            f"World *{config.world}*, {first.seconds} virtual seconds, {config.load.posts_per_s:,.4g} posts and "
            f"{config.load.reads_per_s:,.4g} home reads a second."
        )
        rows = []
        for variant in front.experiment.runs:
            request = asked[variant.name]
            events = "; ".join(f"{what} at {at_s:g} s" for at_s, _, what in marks(request)) or "nothing special"
            rows.append({"Run": variant.label, "Strategy": request.config.strategy.name, "What happens": events})
        st.table(rows, border="horizontal", hide_index=True)
        st.markdown(f"You will see: {', '.join(metric.label.lower() for metric in front.experiment.watch)}.")
    st.caption("Posts, lists and queues are real. How long a step takes comes from a price list: modelled.")


def run_section(lesson: Lesson, bet: Bet, outcome: Outcome, changed: Outcome | None) -> None:
    """The charts, the bet over them, and what the lesson claims beside what this run measured."""
    bet_bar(lesson.front.prediction, bet, outcome)
    figure = lesson_chart(lesson, bet, outcome, changed, colours())
    with st.container(key="lesson_chart"):
        st.plotly_chart(figure, theme=None, config=CONFIG, key="lesson_plot", alt=in_words(lesson, outcome))
    _claims(lesson, outcome, changed)
    with st.expander("The charts in words"):
        st.markdown(in_words(lesson, outcome))
        for metric in lesson.front.experiment.watch:
            st.caption(f"{metric.label}: {metric.text}")
    with st.expander("The same runs elsewhere"):
        st.code("\n".join(command(request) for request in outcome.asked.values()), language="bash", wrap_lines=True)
        st.markdown(f"`python -m lessons check {lesson.name}` checks these claims over several seeds.")


def _claims(lesson: Lesson, outcome: Outcome, changed: Outcome | None) -> None:
    """Each claim with its interval and this run's figure; with the learner's change beside it."""
    rows = []
    for claim in lesson.front.claim:
        unit = unit_of(claim.figure)
        low = "" if claim.low is None else f"at least {spoken(claim.low, unit, 3)}"
        high = "" if claim.high is None else f"at most {spoken(claim.high, unit, 3)}"
        row = {
            "What this lesson claims": claim.says,
            "Expected": ", ".join(filter(None, (low, high))),
            "This run": outcome.said(claim.figure),
        }
        if changed is not None:
            row["With your change"] = changed.said(claim.figure)
        rows.append(row)
    st.table(rows, border="horizontal", hide_index=True)
    change = lesson.front.change
    if changed is not None and change is not None:
        load = "the same load" if outcome.same_load(changed, change.of) else "it changes the load, too"
        st.caption(f"Your change: {KNOBS[change.knob].doc}; {load} (dotted in the charts).")
