"""The same elsewhere: the command line that tells the story again, and all its figures as a file."""

import json

import streamlit as st

from engine.experiments.stories import Told


def take_away(run: Told) -> None:
    """The section."""
    st.header("The same elsewhere", anchor=False)
    st.code(run.story.command(run.on, run.seed), language="bash", wrap_lines=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download JSON",
            lambda: json.dumps(run.to_json()),
            f"story-{run.story.name}.json",
            "application/json",
            on_click="ignore",
            help="Series, debrief, audit and every figure, as the command prints them with --json.",
        )
        st.markdown("The address of this page opens the same story with the same switches, seed and prediction.")
