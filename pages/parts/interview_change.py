"""The requirement that changes midway: what is asked, the design as the engine has it, the changed sheet, the bets."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import streamlit as st
from pydantic import BaseModel

from engine.config import KNOBS
from engine.errors import InvalidInput, MurmurationError
from lessons.interview import labels, runs, written
from lessons.interview.base import Model
from lessons.interview.form import sheet_of
from lessons.interview.runs import NEW_REQUIREMENTS
from lessons.interview.sheet import Steps
from lessons.interview.sitting import Sitting, State
from lessons.interview.transcript import Predicted, Transcript
from pages.parts import interview_figures as figures
from pages.parts import interview_scopes as scopes
from pages.parts.interview_reading import scale_note, show_runs
from pages.parts.interview_sheet_fields import Pad, Place, field
from pages.parts.plain_text import plain
from pages.parts.refusal import refusal_kept, show_refusal

PREDICTED = (
    "visible_lag_ms.p99", "fanout_lag_ms.p99", "home_ms.p99", "home_ms.p95", "queue_depth_peak", "timeline_hit_rate",
    "write_amplification", "rows_per_read", "fresh_goodput", "deleted.longest_s", "stations.workers.util",
    "stations.timeline_shards.util", "stations.indexes.util",
)  # fmt: skip
"""Figures of which a change may be predicted."""
MOST_PREDICTED = 6


def draw(sitting: Sitting, state: State) -> None:
    """What is asked, and the answer to it; nothing before the first runs have found out which requirement bites."""
    show_refusal()
    if state.variant is None:
        st.markdown("The new requirement follows from how your design runs. It comes as soon as the run is over.")
        return
    asked = NEW_REQUIREMENTS[state.variant]
    st.subheader(asked.title, anchor=False)
    if asked.lines[state.level] != state.line:
        st.markdown(plain(asked.lines[state.level]))
    transcript = sitting.transcript()
    if transcript.config:
        _engine_side(transcript, state.notes)
    _sheet(sitting)
    bets, words = st.columns(2, gap="large")
    with bets:
        _predictions(sitting, state)
    with words:
        _text(sitting, state)
    if state.mode == "practice" and transcript.config:
        with st.expander("Practice: the charts of your base run"):
            base = sitting.ran(scopes.BASE)
            show_runs({scopes.BASE: base} if base else {}, state, transcript, f"interview_base_{sitting.id}")


# The design as the engine has it


def _engine_side(transcript: Transcript, notes: Sequence[str]) -> None:
    with st.expander("Your design as the engine runs it"):
        st.markdown(scale_note(transcript.scale))
        st.markdown("\n".join(f"- {plain(note)}" for note in notes))
        rows = [
            {"Setting of the small world": name, "Value": _setting(name, value)}
            for name, value in transcript.config.items()
        ]
        st.table(rows, border="horizontal", hide_index=True)


def _setting(name: str, value: Any) -> str:
    """A value as the engine has it, with its unit."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        unit = KNOBS[name].unit if name in KNOBS else ""
        return f"{value:,.6g} {unit or ''}".strip()
    return str(value).replace("_", " ")


# The changed sheet

FIELDS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (3, ("strategy", "threshold", "celebrity", "pulls")),
    (4, ("cap",)),
    (5, ("queue", "workers", "per_worker_s", "batch", "pipeline", "body_cache", "hot_key", "stampede", "lanes",
         "bound")),
    (6, ("natural_key", "dlq", "degrade", "deletes", "limits", "region.mode")),
)  # fmt: skip
"""What may be changed, by step."""


@st.fragment
def _sheet(sitting: Sitting) -> None:
    """The changed sheet and what it changes: drawn again together, without the rest of the page."""
    state = sitting.state()
    pad = Pad(
        key=f"changed_{sitting.id}", steps=lambda: _steps(sitting.state()), write=_writing(sitting), seed=state.seed,
        locked=state.locked,
    )  # fmt: skip
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Your sheet, to be changed.** The first one stays as it is beside it.")
        for step, paths in FIELDS[:2]:
            _fields(pad, step, paths)
        _fields(pad, *FIELDS[3])
    with right:
        _fields(pad, *FIELDS[2])
        _differences(sitting, sitting.state())


def _fields(pad: Pad, step: int, paths: tuple[str, ...]) -> None:
    sheet = sheet_of(pad.steps(), step)
    for path in paths:
        field(Place(pad, step, path, sheet))


def _steps(state: State) -> Steps:
    return state.changed_steps or state.steps


def _writing(sitting: Sitting) -> Callable[[int, Model, str], None]:
    """What keeps one changed sheet beside the others."""

    def write(step: int, structured: Model, free_text: str) -> None:
        state = sitting.state()
        steps, name = _steps(state), f"s{step}"
        sheet = getattr(steps, name).model_copy(update={"structured": structured, "free_text": free_text})
        sitting.change(steps.model_copy(update={name: sheet}), state.predicts, _said(state))

    return write


def _said(state: State) -> str:
    return state.change.free_text if state.change is not None else ""


def _differences(sitting: Sitting, state: State) -> None:
    """What differs from the first sheet, and which settings of the engine that moves."""
    changed = list(different(state.steps, _steps(state)))
    st.markdown("**What you change**")
    if not changed:
        st.markdown("Nothing yet. That, too, is an answer: then predict what holds.")
        return
    st.markdown("\n".join(f"- {plain(line)}" for line in changed))
    try:
        diff = runs.config_of_change(sitting.transcript(), _steps(state))
    except MurmurationError as refused:
        st.warning(plain(str(refused)))
        return
    names = ", ".join(f"`{name}`" for name in diff) or "none: the engine has nothing that this would move"
    st.caption(f"Settings of the engine that this moves: {names}.")


def different(before: Steps, after: Steps) -> Iterator[str]:
    """Each field that two sheets differ in, in words: "Workers: 600 -> 900"."""
    for step in range(1, 8):
        old, new = (_flat(getattr(steps, f"s{step}").structured) for steps in (before, after))
        for path in new:
            if old.get(path) != new[path]:
                yield f"{_title(path)}: {_value(path, old.get(path))} → {_value(path, new[path])}"


def _flat(sheet: BaseModel, start: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in sheet:
        path = f"{start}{name.rstrip('_')}"
        if isinstance(value, BaseModel):
            found |= _flat(value, f"{path}.")
        else:
            found[path] = value
    return found


def _title(path: str) -> str:
    try:
        return labels.title(path)
    except MurmurationError:
        return path.rpartition(".")[2].replace("_", " ")


def _value(path: str, value: Any) -> str:
    if value is None or value == ():
        return "empty"
    if isinstance(value, tuple):
        return ", ".join(_value(path, one) for one in value)
    if isinstance(value, bool | str):
        try:
            return labels.label(path, value)
        except MurmurationError:
            return str(value).replace("_", " ")
    if isinstance(value, int | float):
        return written.shown(float(value), "count")
    if isinstance(value, BaseModel):
        return ", ".join(_value(f"{path}.{name}", one) for name, one in value if one is not None)
    return str(value)


# Predictions


def _predictions(sitting: Sitting, state: State) -> None:
    """What the change is said to do, before it is run."""
    st.markdown("**What you predict of the changed design**, under the new requirement, before it is run")
    for place, one in enumerate(state.predicts):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{figures.figure_label(one.metric)}: **{_predicted(one)}** (your estimate)", width="stretch")
            st.button(
                "Take back",
                key=f"interview_unpredict_{sitting.id}_{place}",
                on_click=_take_back,
                args=(sitting, place),
                disabled=state.locked,
            )
    if len(state.predicts) < MOST_PREDICTED and not state.locked:
        _one_more(sitting, state)


def _predicted(one: Predicted) -> str:
    return plain(figures.shown(one.metric, one.to))


def _one_more(sitting: Sitting, state: State) -> None:
    start = f"interview_predict_{sitting.id}_{len(state.predicts)}_"
    metric, value, refused = f"{start}metric", f"{start}value", f"{start}refused"
    left, right = st.columns([3, 2], gap="small")
    left.selectbox("Figure", PREDICTED, index=None, key=metric, format_func=figures.figure_label,
                   placeholder="Choose a figure")  # fmt: skip
    right.text_input("Goes to", key=value, max_chars=60)
    st.caption(plain(_read_back(st.session_state.get(metric), st.session_state.get(value) or "")))
    st.button("Predict this", key=f"{start}keep", on_click=_predict, args=(sitting, metric, value, refused))
    if st.session_state.get(refused):
        st.warning(plain(st.session_state[refused]))


def _read_back(metric: str | None, text: str) -> str:
    if metric is None or not text.strip():
        return "A number with its unit, in real size."
    try:
        return f"Read as {figures.shown(metric, figures.read(metric, text))}."
    except InvalidInput as refused:
        return str(refused)


def _predict(sitting: Sitting, metric: str, value: str, refused: str) -> None:
    path, text = st.session_state.get(metric), st.session_state.get(value) or ""
    state = sitting.state()
    try:
        if path is None:
            raise InvalidInput("Choose a figure first.")
        if any(one.metric == path for one in state.predicts):
            raise InvalidInput(f"{figures.figure_label(path)} is predicted already; take that back first.")
        if not text.strip():
            raise InvalidInput("Write the value first: a number with its unit.")
        made = Predicted(metric=path, to=figures.read(path, text))
    except InvalidInput as wrong:
        st.session_state[refused] = str(wrong)
        return
    st.session_state[refused] = None
    with refusal_kept():
        sitting.change(_steps(state), (*state.predicts, made), _said(state))


def _take_back(sitting: Sitting, place: int) -> None:
    state = sitting.state()
    kept = tuple(one for at, one in enumerate(state.predicts) if at != place)
    with refusal_kept():
        sitting.change(_steps(state), kept, _said(state))


def _text(sitting: Sitting, state: State) -> None:
    key = f"interview_change_text_{sitting.id}"
    if key not in st.session_state:
        st.session_state[key] = _said(state)
    st.text_area("Why this, and what it costs (optional)", key=key, height=90, max_chars=20_000, on_change=_write_text,
                 args=(sitting, key), disabled=state.locked)  # fmt: skip


def _write_text(sitting: Sitting, key: str) -> None:
    state = sitting.state()
    with refusal_kept():
        sitting.change(_steps(state), state.predicts, st.session_state.get(key) or "")
