"""An interview's runs, made beside the page: begun when they are due, kept in the sitting by the work itself.

Whoever leaves the page loses nothing; after a restart of the server what is missing is begun again.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from math import isclose

import streamlit as st

from engine.errors import InvalidInput, MurmurationError, TooManyStudies
from lessons.interview import runs
from lessons.interview.sheet import Step6
from lessons.interview.sitting import Phase, Sitting, Stage, State
from lessons.interview.transcript import Transcript
from pages.parts.plain_text import plain
from pages.parts.refusal import refusal_kept
from pages.parts.shelf import SHELF, Telling

REFRESH_S = 0.5
_LATER_S = 3.0
"""Until it is asked again whether there is room in the line."""
_AT_ONCE_S = 0.05
_ORDER: tuple[Phase, ...] = ("1", "2", "3", "4", "5", "change", "6", "7", "debrief")
_DUE: dict[Phase, Stage] = {"change": "first", "7": "second", "debrief": "last"}
"""From which part on a stage is due."""
_STEPS: dict[Stage, tuple[int, ...]] = {"first": (1, 2, 3, 4, 5), "second": (1, 2, 3, 4, 5, 6),
                                        "last": (1, 2, 3, 4, 5, 6, 7)}  # fmt: skip
"""Whose sheets decide what is run."""
_WORDS: dict[Stage, str] = {
    "first": "Your design is being run: at your mean load, at your peak, and under two new requirements",
    "second": "Being run: your design as changed, and loads that nobody announced",
    "last": "Being run for the debrief: your design without each of its parts, and with your next step",
}
_DESIGN = "design"
"""In what a run says of its configuration: of which sheets it is."""
AGAIN, _LATER = "interview_jobs_again", "interview_jobs_later"


def draw(sitting: Sitting, state: State) -> None:
    """Begin what is due, and say how far it is; nothing where nothing is."""
    transcript = sitting.transcript()
    stage = due(state, transcript)
    if stage is None:
        return
    refusal = lacking(transcript)
    if refusal:
        _refused(sitting, state, refusal)
        return
    try:
        work = _begun(sitting, stage, transcript)
    except TooManyStudies:
        _ask_later(stage)
        return
    if work.wait(_AT_ONCE_S):
        _ended(sitting, stage, work)
    else:
        _follow(work, stage)


def due(state: State, transcript: Transcript) -> Stage | None:
    """The first stage that is asked for by now and not kept; a step that was opened again takes nothing back."""
    seen = (*state.opened_order, state.phase, *(("debrief",) if state.over else ()))
    reached = max(_ORDER.index(one) for one in seen)
    wanted = [stage for phase, stage in _DUE.items() if _ORDER.index(phase) <= reached]
    there = set(state.stages) if transcript.config else set(state.stages) - {"first"}  # kept, and nothing was run
    if state.phase == "change" and stale(state, transcript):
        there -= {"first"}
    if state.phase in ("7", "debrief") and superseded(state, transcript):
        there -= {"second"}
    return next((stage for stage in wanted if stage not in there), None)


def stale(state: State, transcript: Transcript) -> bool:
    """Whether the sheet is another than was run, and nothing has been answered yet that rests on that run."""
    if not transcript.config or state.changed_steps is not None or state.predicts:
        return False
    return differs(state, transcript)


def superseded(state: State, transcript: Transcript) -> bool:
    """Whether the second stage was run of another design than the sheets make now."""
    kept = transcript.run.faults.get("shard_down")
    said = (kept.config or {}).get(_DESIGN) if kept is not None else None
    return said is not None and said != _after(state, transcript)


def _after(state: State, transcript: Transcript) -> str | None:
    """The design after the change, and the alarms that are watched in its runs, as a short digest."""
    steps = state.changed_steps or transcript.steps
    try:
        knobs = runs.design_of(transcript, steps, state.seed).knobs
    except InvalidInput:
        return None
    alarms = [alarm.model_dump_json() for alarm in steps.s6.structured.alarms]
    return _digest([*(f"{name} {value}" for name, value in sorted(knobs.items())), *alarms])


def differs(state: State, transcript: Transcript) -> bool:
    """Whether steps 1 to 5 now make another design than the one that was run."""
    try:
        now = runs.design_of(transcript, transcript.steps.model_copy(update={"s6": Step6()}), state.seed)
    except InvalidInput:
        return False
    names = {*now.knobs, *transcript.config}
    return bool(transcript.config) and not all(
        _same(now.knobs.get(name), transcript.config.get(name)) for name in names
    )


def _same(one: object, other: object) -> bool:
    """Whether two settings are one, but for the last digits of a quotient."""
    if isinstance(one, float) and isinstance(other, int | float):
        return isclose(one, other, rel_tol=1e-6)
    return one == other


def lacking(transcript: Transcript) -> str | None:
    """What the sheet lacks for a run, in a sentence."""
    try:
        runs.design_of(transcript)
    except InvalidInput as refused:
        return str(refused)
    return None


def _begun(sitting: Sitting, stage: Stage, transcript: Transcript) -> Telling[bool]:
    """The work of this stage as it stands; begun if it is not there. What has failed stays so until it is asked for
    again."""
    attempt = st.session_state.get(f"{AGAIN}_{sitting.id}_{stage}", 0)
    key = ("interview", str(sitting.folder), sitting.id, stage, _sheets(transcript, stage), attempt)
    there: Telling[bool] | None = SHELF.there(key)
    if there is not None and there.failed:
        return there
    return SHELF.ask(key, _WORDS[stage], _making(sitting, stage))


def _sheets(transcript: Transcript, stage: Stage) -> str:
    """What the runs of a stage follow from, as a short digest: words in free text move no engine."""
    steps = transcript.steps.model_dump(mode="json", by_alias=True)
    said = [str(steps[str(step)]["structured"]) for step in _STEPS[stage]]
    said += [] if stage == "first" else [str(sorted(transcript.change.structured.config_diff.items()))]
    return _digest(said)


def _digest(said: list[str]) -> str:
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def _making(sitting: Sitting, stage: Stage) -> Callable[[Callable[[float], None]], bool]:
    """What makes a stage and keeps it. The work says whether it was kept: sheets that were changed meanwhile have asked
    for other runs."""

    def make(told: Callable[[float], None]) -> bool:
        transcript, state = sitting.transcript(), sitting.state()
        keep = _made(sitting, stage, transcript, state, told)
        if _sheets(sitting.transcript(), stage) != _sheets(transcript, stage):
            return False
        keep()
        return True

    return make


def _made(
    sitting: Sitting, stage: Stage, transcript: Transcript, state: State, told: Callable[[float], None]
) -> Callable[[], None]:
    """Run it; what keeps its results."""
    if stage == "first":
        first = runs.first(transcript, state.drawn, told)
        return lambda: sitting.keep_runs("first", first.ran, first)
    if stage == "second":
        design = _after(state, transcript)
        second = [_of(one, design) for one in runs.second(transcript, state.drawn, told, changed=state.changed_steps)]
        return lambda: sitting.keep_runs("second", second)
    last = runs.last(transcript, state.drawn, told, changed=state.changed_steps)
    return lambda: sitting.keep_last(last)


def _of(one: runs.Ran, design: str | None) -> runs.Ran:
    """A run that says of which design it is."""
    config = {**(one.part.config or {}), _DESIGN: design}
    return replace(one, part=one.part.model_copy(update={"config": config}))


def _ended(sitting: Sitting, stage: Stage, work: Telling[bool]) -> None:
    """It is over: the page is drawn again with what it found, or says why there is nothing."""
    said = "The runs ended, and their results are not there any more."
    try:
        work.found()
    except MurmurationError as failed:
        said = str(failed)
    else:
        if due(sitting.state(), sitting.transcript()) != stage:
            st.rerun()
    st.warning(f"{plain(said)} What you wrote is kept.")
    st.button("Run it again", key=AGAIN, on_click=_again, args=(sitting.id, stage))


def _again(sitting: str, stage: Stage) -> None:
    name = f"{AGAIN}_{sitting}_{stage}"
    st.session_state[name] = st.session_state.get(name, 0) + 1


def _refused(sitting: Sitting, state: State, sentence: str) -> None:
    """A design that cannot be run: what it lacks. The interview can go on without; there is nothing to read in it."""
    if state.over:
        st.info(f"There are no runs of this design. {plain(sentence)}")
        return
    st.warning(f"Your design cannot be run yet. {plain(sentence)} Fill it in, and it is run when you come back here.")
    if "first" not in state.stages:
        st.button("Go on without a run", key="interview_jobs_without", on_click=_without, args=(sitting,))


def _without(sitting: Sitting) -> None:
    with refusal_kept():
        sitting.keep_runs("first", ())


@st.fragment(run_every=REFRESH_S)
def _follow(work: Telling[bool], stage: Stage) -> None:
    """How far it is; the page is drawn again once it is over."""
    if work.over:
        st.rerun()
    waits = f"{work.ahead} come before it" if work.ahead > 1 else "one comes before it" if work.ahead else "it is next"
    said = waits if work.state == "waiting" else "some ten seconds; you can go on meanwhile"
    st.progress(work.share, f"{_WORDS[stage]}: {said}.")


@st.fragment(run_every=_LATER_S)
def _ask_later(stage: Stage) -> None:
    """A whole room runs its designs: nobody has to press anything for their turn."""
    if st.session_state.pop(_LATER, False):
        st.rerun()
    st.session_state[_LATER] = True
    st.progress(0.0, f"{_WORDS[stage]}: the line is full; it is asked for again by itself.")
