"""What a story's run did, and what is to be said of it: verdict, charts, what broke first, what was lost."""

import streamlit as st

from engine.experiments.stories import Told, grade
from pages.parts import failures_charts as charts
from pages.parts import failures_words as lines
from pages.parts.failures_link import Asked
from pages.parts.palette import colours
from pages.parts.stacked import CONFIG


def aftermath(asked: Asked, run: Told, other: Told | None) -> None:
    """`other`: the run with nothing switched on, where something is."""
    if other is None:
        _verdict(asked, run)
    else:
        st.markdown(f"#### {lines.in_sentence(run, other)}")
        st.markdown(lines.also_in_words(run, other))
    left, right = st.columns([8, 6], gap="medium")
    with left:
        _charts(asked, run, other)
    with right:
        _debrief(asked, run, other)


def _verdict(asked: Asked, run: Told) -> None:
    assert asked.said is not None
    verdict = grade(run.story, asked.said, run.debrief)
    st.markdown(f"#### {lines.verdict_line(verdict, asked.said, run)}")
    cause = lines.cause_line(run)
    if cause:
        st.markdown(cause)


def _charts(asked: Asked, run: Told, other: Told | None) -> None:
    shown = charts.charted(run)
    told = charts.in_words(run, other, shown)
    st.plotly_chart(
        charts.story_chart(run, other, shown, charts.bet_of(asked.said or "", run), colours()),
        theme=None, config=CONFIG, key="failures_chart", alt=told,
    )  # fmt: skip
    with st.expander("The charts in words"):
        st.markdown(told)
        for metric in shown:
            st.caption(f"{metric.label}: {metric.text}")


def _debrief(asked: Asked, run: Told, other: Told | None) -> None:
    if other is not None:
        st.subheader("What the switch changed", anchor=False)
        st.markdown("\n".join(f"- {line}" for line in lines.difference(run, other)))
    st.subheader("What broke, in order", anchor=False)
    breaches = run.debrief.breaches
    if breaches:
        st.markdown("\n".join(f"{place}. {lines.seen(breach)}" for place, breach in enumerate(breaches, 1)))
    else:
        st.markdown("Nothing: every promise was kept all the time.")
    st.subheader("What was lost", anchor=False)
    st.table(lines.lost_rows(run, other), border="horizontal", hide_index=True)
    st.caption(
        "A pair is one post and one follower of its author. Load: digest "
        f"{run.digest[:12]}, {run.story.seconds} virtual seconds, seed {run.seed}. Waiting is measured, service times "
        "are modelled; lists and posts are real."
    )
    if other is not None:
        verdict = grade(run.story, asked.said or "", other.debrief)
        st.caption(
            f"Your prediction was about the run with nothing on. {lines.verdict_line(verdict, asked.said or '', other)}"
        )
