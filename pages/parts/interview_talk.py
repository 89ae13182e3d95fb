"""What the interviewer says: a line, a question in two forms, hints; and what was understood of a text."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from lessons.interview.base import Model
from lessons.interview.drafts import keep_draft, read_draft
from lessons.interview.form import FORMS
from lessons.interview.labels import topic, topics
from lessons.interview.sitting import RELATIONS, Phase, Question, Sitting, State
from lessons.interview.sitting.voice import say
from lessons.interview.transcript import Answer
from pages.parts.interview_sheet_fields import TEXT, Place, field, free_text, one, refusal
from pages.parts.plain_text import plain
from pages.parts.refusal import refusal_kept

HINT_ABOUT = "interview_hint_about"
_CLOSED_ALONE = ("claim",)
"""Questions that have an answer in fields only."""
_HEIGHT = 80
_ANSWER = 0
"""In the place of a step's number: the answer's own sheet."""


@dataclass(frozen=True)
class Draft:
    """The answer that is being written, as a paper that fields are kept on."""

    sitting: Sitting
    question: Question
    turn: int
    """How many questions had been asked before: one that is asked again begins empty."""
    seed: int
    locked: bool = False

    @property
    def key(self) -> str:
        """See Paper."""
        return f"{self.sitting.id}_{self._name}"

    def kept(self, step: int) -> tuple[Answer, str]:
        """See Paper."""
        return read_draft(self._folder, self._name)

    def keep(self, step: int, sheet: Model, text: str) -> None:
        """See Paper."""
        keep_draft(self._folder, self._name, sheet, text)

    @property
    def _folder(self) -> Path:
        return self.sitting.folder / self.sitting.id

    @property
    def _name(self) -> str:
        return f"{self.question.id}_{self.question.form}_{self.turn}"


def draw(sitting: Sitting, state: State) -> None:
    """The line, the question or the way on, and in practice pause and hints."""
    with st.container(border=True, key="interview_talk"):
        said, ways = st.columns([10, 7], vertical_alignment="center", gap="small")
        said.markdown(f"**Interviewer:** {plain(say(state.line))}")
        with ways, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            _ways(sitting, state)
        with st.container():
            if state.question is not None:
                _question(sitting, state, state.question)
        _hints_given(state)


def name_of(phase: Phase) -> str:
    """Of a step, as its button says it."""
    if phase in ("change", "debrief"):
        return {"change": "New requirement", "debrief": "Debrief"}[phase]
    return f"{phase} {FORMS[int(phase)].short}"


def _ways(sitting: Sitting, state: State) -> None:
    """On, out, pause, hint; what is possible now."""
    if state.mode == "practice" and not state.locked:
        _practice(sitting, state)
    if state.question is not None and not state.question.yes_no:
        return
    if state.next is None:
        _done(sitting)
    elif state.next == "debrief":
        _finish(sitting, state)
    else:
        st.button(f"Go on: {name_of(state.next)}", type="primary", on_click=_do, args=(sitting.go, state.next))


def _done(sitting: Sitting) -> None:
    st.button(
        "Done with this step", type="primary", on_click=_do, args=(sitting.finish_step,),
        help="The interviewer may ask up to two questions; the step can be opened again.",
    )  # fmt: skip


def _finish(sitting: Sitting, state: State) -> None:
    if state.locked:
        st.button("To the debrief", type="primary", on_click=_do, args=(sitting.finish,))
        return
    with st.popover("Finish", type="primary"):
        st.markdown("The sheets are closed for good, and the debrief is made.")
        st.button("Finish the interview", type="primary", on_click=_do, args=(sitting.finish,))


def _practice(sitting: Sitting, state: State) -> None:
    if state.clock.paused:
        st.button("Go on", icon=":material/play_arrow:", on_click=_do, args=(sitting.resume,))
    else:
        st.button("Pause", icon=":material/pause:", on_click=_do, args=(sitting.pause,))
    if state.phase.isdecimal():
        with st.popover(f"Hint ({state.hints_left} left)", icon=":material/lightbulb:", disabled=not state.hints_left):
            costs = [f"{100 * (1 - factor):.0f} %" for factor in sitting.rubric().factors.hint.values()]
            st.markdown("Hints on one subject cost {}, {} and {} of its points.".format(*costs))
            st.selectbox(
                "About", topics(int(state.phase)), index=None, key=HINT_ABOUT, format_func=topic, placeholder="Choose",
            )  # fmt: skip
            st.button("Give me a hint", on_click=_hint, args=(sitting,))


def _hint(sitting: Sitting) -> None:
    about = st.session_state.get(HINT_ABOUT)
    if about is not None:
        _do(sitting.hint, about)


def _hints_given(state: State) -> None:
    """Those of the step that is open."""
    for hint in state.hints:
        if hint.criterion.startswith(state.phase):
            st.info(f"{topic(hint.criterion)}: {plain(hint.text)}", icon=":material/lightbulb:")


# The question


def _question(sitting: Sitting, state: State, question: Question) -> None:
    if question.yes_no:
        with st.container(horizontal=True):
            for said, outcome in (("Yes, a narrower one", "directed"), ("No, I am thinking", "do_not_know")):
                st.button(said, on_click=_do, args=(sitting.answer, question.id, Answer(), "", outcome))
        return
    draft = Draft(sitting, question, len(state.asked), state.seed)
    _form(draft)
    with st.container(horizontal=True):
        st.button("Answer", type="primary", on_click=_give, args=(draft, question.form))
        if question.id in _CLOSED_ALONE:
            return
        if question.form == "open":
            st.button("Ask more narrowly", on_click=_do, args=(sitting.answer, question.id, Answer(), "", "directed"))
        st.button("I do not know", on_click=_give, args=(draft, "do_not_know"))


@st.fragment
def _form(draft: Draft) -> None:
    """The answer: words on the left, fields on the right. Kept at once, and counted when it is given."""
    question = draft.question
    sheet, text = draft.kept(_ANSWER)
    with st.container(key="interview_sheet_answer"):
        words, closed = st.columns(2, gap="large") if question.fields else (st.container(), st.container())
        if question.id not in _CLOSED_ALONE:
            with words:
                free_text(Place(draft, _ANSWER, TEXT, sheet), text, "Your answer", _HEIGHT)
        with closed:
            for name in question.fields:
                _field(Place(draft, _ANSWER, name, sheet), question)


def _field(place: Place, question: Question) -> None:
    """Of most, as on the sheet; where the options are the candidate's own words, those."""
    if place.path != "choice":
        field(place)
        return
    labels = {option.key: option.label for option in question.options[place.path]}
    one(place, list(labels), labels.__getitem__)
    refusal(place)


def _give(draft: Draft, outcome: str) -> None:
    sheet, text = draft.kept(_ANSWER)
    _do(draft.sitting.answer, draft.question.id, sheet, text, outcome)


# What was understood


def play_back(sitting: Sitting, step: int) -> None:
    """Chips of what was understood of the step's text: each can be taken back, and one thing said again."""
    state = sitting.state()
    chips = state.chips.get(step, ())
    if not chips and not state.steps.text(step).strip():
        return
    st.caption("Understood so far; take back what is wrong:" if chips else "No statement with a reason was read yet.")
    with st.container(horizontal=True, key=f"interview_chips_{step}"):
        for place, chip in enumerate(chips):
            st.button(
                plain(chip.text), key=f"interview_chip_{step}_{place}", icon=":material/close:", disabled=state.locked,
                on_click=_do, args=(sitting.drop_chip, step, place),
                help=plain(f"Read from: {chip.quote}. Press to take it back."),
            )  # fmt: skip
    if step in state.restated:
        st.caption(plain(f"Said again: {state.restated[step]}"))
    elif not state.locked:
        _restate(sitting, step)


def _restate(sitting: Sitting, step: int) -> None:
    """Once a step, in a pattern that is always read."""
    keys = [f"interview_again_{step}_{part}" for part in ("one", "relation", "other")]
    with st.popover("Say one thing again", help="Once in each step, and free."):
        st.text_input("What", key=keys[0], max_chars=120)
        st.selectbox("How it goes with", RELATIONS, index=None, key=keys[1], placeholder="Choose")
        st.text_input("What else", key=keys[2], max_chars=120)
        st.button("Say it so", key=f"interview_again_{step}", on_click=_said_again, args=(sitting, step, keys))


def _said_again(sitting: Sitting, step: int, keys: list[str]) -> None:
    parts = [(st.session_state.get(key) or "").strip() for key in keys]
    if all(parts):
        _do(sitting.restate, step, " ".join(parts))


def _do(deed: object, *arguments: object) -> None:
    """In a click's callback. What is refused is said when the page is drawn next."""
    with refusal_kept():
        deed(*arguments)  # type: ignore[operator]
