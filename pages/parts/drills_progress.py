"""A learner's progress to take along: export, import, and throwing it away."""

import streamlit as st

from engine.errors import InvalidInput, MurmurationError
from lessons.progress import MOST_BYTES, Progress
from pages.parts.learner import alone, learner

SAID, SURE, ROUND = "drills_progress_said", "drills_progress_sure", "drills_progress_round"


def progress_section(progress: Progress) -> None:
    """The section."""
    count = len(progress.events())
    st.header("Your progress", anchor=False)
    st.markdown(
        f"**{count:,}** thing{'' if count == 1 else 's'} done here, kept {_where(progress)}. There is no account."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Export", progress.export_text, "murmuration-progress.jsonl", "application/x-ndjson", on_click="ignore",
            disabled=not count, help="A text file, one line for each thing you did.",
        )  # fmt: skip
        with st.popover("Import"):
            turn = st.session_state.setdefault(ROUND, 0)
            given = st.file_uploader(
                "A file that Export wrote", type=["jsonl", "txt", "json"], key=f"drills_import_{turn}",
                max_upload_size=MOST_BYTES // 1_000_000,
            )  # fmt: skip
            st.caption("What is in it is added to what is here; nothing comes in twice.")
            if given is not None:
                st.button("Add it", type="primary", on_click=_take_in, args=(given.getvalue(),))
        with st.popover("Forget", disabled=not count):
            st.markdown("Throws away all that is kept of you here: estimates, lessons, hunts, drills. Export it first.")
            st.checkbox("Yes, forget all of it", key=SURE)
            st.button("Forget it for good", on_click=_forget)
    said = st.session_state.get(SAID)
    if said:
        (st.success if said[0] else st.warning)(said[1])


def _where(progress: Progress) -> str:
    if alone():
        return f"on this machine in `{progress.path}`"
    return "on this server for this browser; the address of this page leads back to it, so keep it to yourself"


def _take_in(content: bytes) -> None:
    try:
        try:
            text = content.decode()
        except UnicodeDecodeError as wrong:
            raise InvalidInput("The file is not text; allowed: a file that Export wrote, unchanged.") from wrong
        new = learner().import_text(text)
        said = f"{new:,} new thing{'' if new == 1 else 's'} added." if new else "All of it was here already."
        st.session_state[SAID], st.session_state[ROUND] = (True, said), st.session_state.get(ROUND, 0) + 1
    except MurmurationError as refused:
        st.session_state[SAID] = False, str(refused)


def _forget() -> None:
    if not st.session_state.get(SURE):
        st.session_state[SAID] = False, "Nothing was forgotten; tick the box first."
        return
    try:
        learner().forget()
        st.session_state[SAID], st.session_state[SURE] = (True, "All of it is forgotten."), False
    except MurmurationError as refused:
        st.session_state[SAID] = False, str(refused)
