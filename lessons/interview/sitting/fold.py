"""An interview as the sum of its events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lessons.interview.base import Model
from lessons.interview.rubric import Rubric, standard
from lessons.interview.sheet import Steps
from lessons.interview.sitting import events as said
from lessons.interview.sitting.changed import Changes, changes, with_changes
from lessons.interview.sitting.events import Form, Outcome, Phase, payload
from lessons.interview.sitting.flow import GRACE_S, READING_S, WHOLE_S, may_open
from lessons.interview.sitting.instructor import Instructor
from lessons.interview.sitting.log import Event
from lessons.interview.sitting.running import elapsed
from lessons.interview.transcript import Answer, Change, Claim

CLAIM = "claim"
"""The question about a reading whose sentence and fields differ; it is none of the twelve, and counts as none."""
SILENCE = "P12"
PROBES = tuple(f"P{number}" for number in range(1, 13))
_INPUT = ("begun", "wrote", "went", "done", "answered", "narrowed", "hinted", "resumed", "changed", "claimed",
          "retracted", "settled", "dropped", "restated")  # fmt: skip
_AT_WORK = ("wrote", "done", "hinted", "changed", "claimed", "retracted", "dropped", "restated")
"""What ends a silence; an offer to ask more narrowly is void then."""

_ALSO_LOCKED = ("wrote", "changed", "kept", "finished", "retracted")
"""What still may come when the sheets are closed: what was on its way, runs, the end, and a reading taken back."""
_ALSO_OVER = ("wrote", "kept")
"""And when all is over: what is kept beside the sheets, and runs."""


@dataclass
class Ask:
    """A question in one form, and what became of it. None: it is still open."""

    probe: str
    phase: Phase
    form: Form
    about: dict[str, str]
    structured: Answer = field(default_factory=Answer)
    free_text: str = ""
    outcome: Outcome | str | None = None


@dataclass
class Folded:
    """All that the events say. `clock`: seconds on it now."""

    begun: said.Begun
    began_at: float
    instructor: Instructor | None
    rubric: Rubric
    clock: float = 0.0
    phase: Phase = "1"
    opened: list[Phase] = field(default_factory=lambda: ["1"])
    entered: list[bool] = field(default_factory=lambda: [False])
    """For each opening, whether anything was entered then."""
    steps: Steps = field(default_factory=Steps)
    late: Steps = field(default_factory=Steps)
    in_box: dict[Phase, float] = field(default_factory=dict)
    done: Phase | None = None
    """The step that was called done, until something else is opened."""
    ever_done: set[Phase] = field(default_factory=set)
    asks: list[Ask] = field(default_factory=list)
    narrower: bool = False
    """The offer to ask more narrowly was taken, so the next question is directed at once."""
    hints: list[said.Hinted] = field(default_factory=list)
    paused: bool = False
    finished: bool = False
    change: Change = field(default_factory=Change)
    changed: Changes | None = None
    """What the changed sheet changed in the first one, as that was then."""
    claims: list[Claim] = field(default_factory=list)
    instead: dict[int, float] = field(default_factory=dict)
    asking: int | None = None
    """The reading whose sentence and fields differ, while that is asked."""
    asking_about: dict[str, str] = field(default_factory=dict)
    dropped: dict[int, list[said.Dropped]] = field(default_factory=dict)
    restated: dict[int, str] = field(default_factory=dict)
    first: said.FirstKept | None = None
    stages: set[said.Stage] = field(default_factory=set)
    last_input: float = 0.0
    """On the clock."""

    @property
    def changed_steps(self) -> Steps | None:
        """The changed sheet: what was not changed is as it stands on the first one, also if that is written later."""
        return None if self.changed is None else with_changes(self.steps, self.changed)

    @property
    def of_s(self) -> float:
        """Seconds that the clock has."""
        return WHOLE_S * self.begun.extra

    @property
    def reading_at_s(self) -> float:
        return READING_S * self.begun.extra

    @property
    def time_for_reading(self) -> bool:
        return self.clock >= self.reading_at_s

    @property
    def locked(self) -> bool:
        """Whether the sheets are closed. Practice has no end but its own."""
        return self.finished or (self.begun.mode == "strict" and self.clock >= self.of_s)

    @property
    def too_late(self) -> bool:
        """Whether what is written now counts no more."""
        return self.finished or (self.begun.mode == "strict" and self.clock > self.of_s + GRACE_S)

    @property
    def pending(self) -> Ask | None:
        """The question that stands; the offer of a narrower one before that which it is about."""
        open_ones = [ask for ask in self.asks if ask.outcome is None]
        return open_ones[-1] if open_ones else None

    @property
    def may_go(self) -> tuple[Phase, ...]:
        if self.finished:
            return ()
        if self.locked:
            return ("debrief",)
        allowed = may_open(self.opened)
        return tuple(phase for phase in allowed if phase != self.phase)

    def steps_to_ask_about(self) -> set[int]:
        """The step that is open, and those in which something was entered and that were left without being called
        done: who goes on by another way is asked later. In step 7 nobody is asked any more."""
        if not self.phase.isdigit() or self.phase == "7":
            return set()
        left = {phase for phase, entered in zip(self.opened, self.entered, strict=True) if entered} - self.ever_done
        return {int(phase) for phase in {self.phase, *left} if phase.isdigit()}

    def probes_asked(self) -> list[str]:
        """Each once, in their order."""
        return list(dict.fromkeys(ask.probe for ask in self.asks))


def fold(events: Sequence[Event], now_s: float, process: str) -> Folded | None:
    """The interview as of now; None where no event begins one."""
    pairs = [(event, told) for event in events if (told := payload(event)) is not None]
    start = next((place for place, (event, _) in enumerate(pairs) if event.kind == "begun"), None)
    if start is None:
        return None
    begun = pairs[start][1]
    assert isinstance(begun, said.Begun)
    barred = ("paused", "resumed", "hinted") if begun.mode == "strict" else ()
    pairs = [(event, told) for event, told in pairs[start:] if event.kind not in barred]
    kept = [event for event, _ in pairs]
    clock = elapsed(kept, _held(pairs), now_s, process)
    instructor = Instructor.kept(begun.instructor)
    state = Folded(begun, kept[0].at, instructor, instructor.rubric if instructor else standard())
    before = 0.0
    for at, (event, told) in zip(clock, pairs, strict=False):
        _pass(state, before, at)
        before = at
        _on(state, event.kind, told)
    _pass(state, before, clock[-1])
    return state


def _held(pairs: Sequence[tuple[Event, Any]]) -> list[bool]:
    held, marks = False, []
    for event, told in pairs:
        if event.kind == "claimed":
            held = held or told.asks is not None
        elif event.kind in ("settled", "retracted"):
            held = False
        marks.append(held)
    return marks


def _pass(state: Folded, before: float, at: float) -> None:
    """Time goes by: to the box of the step that is open, and step 7 opens by itself when it is time."""
    turn = state.reading_at_s
    if before < turn <= at and "7" not in state.opened and not state.finished:
        _spend(state, turn - before)
        _open(state, "7")
        before = turn
    _spend(state, at - before)
    state.clock = at


def _spend(state: Folded, seconds: float) -> None:
    if state.begun.mode == "strict":
        seconds = min(seconds, max(state.of_s - sum(state.in_box.values()), 0.0))
    state.in_box[state.phase] = state.in_box.get(state.phase, 0.0) + seconds


def _open(state: Folded, phase: Phase) -> None:
    state.phase, state.done = phase, None
    state.opened.append(phase)
    state.entered.append(False)


def _on(state: Folded, kind: str, told: Any) -> None:
    """One event. What cannot be where the interview stands, a file edited by hand perhaps, changes nothing."""
    if (state.finished and kind not in _ALSO_OVER) or (state.locked and kind not in _ALSO_LOCKED):
        return
    handler = _HANDLERS.get(kind)
    if handler is not None:
        handler(state, told)
    if kind in _INPUT:
        state.last_input = state.clock
    if kind in _AT_WORK:
        _close(state, SILENCE)


def _wrote(state: Folded, told: said.Written) -> None:
    name, entry = f"s{told.step}", told.entry
    if state.too_late:
        state.late = state.late.model_copy(update={name: entry})
        return
    state.steps = state.steps.model_copy(update={name: entry})
    for place in reversed(range(len(state.opened))):
        if state.opened[place] == str(told.step):
            state.entered[place] = True
            break


def _went(state: Folded, told: said.Went) -> None:
    if told.phase == "debrief" or told.phase not in state.may_go:
        return
    for ask in state.asks:
        ask.outcome = ask.outcome or "unanswered"
    _open(state, told.phase)


def _done(state: Folded, told: said.Done) -> None:
    if told.phase == state.phase:
        state.done = told.phase
        state.ever_done.add(told.phase)


def _asked(state: Folded, told: said.Asked) -> None:
    if told.probe not in {*PROBES, *(one.id for one in (state.instructor.probes if state.instructor else ()))}:
        return
    state.asks.append(Ask(told.probe, told.phase, told.form, dict(told.about)))
    if told.probe != SILENCE:
        state.narrower = False


def _narrowed(state: Folded, told: said.Narrowed) -> None:
    ask = state.pending
    if ask is not None and ask.probe == told.probe:
        ask.form = "directed"


def _answered(state: Folded, told: said.Answered) -> None:
    ask = state.pending
    if ask is None or ask.probe != told.probe:
        return
    ask.structured, ask.free_text, ask.outcome = told.structured, told.free_text, told.outcome
    if told.probe == SILENCE and told.outcome == "directed":
        waiting = state.pending
        if waiting is None:
            state.narrower = True
        else:
            waiting.form = "directed"


def _close(state: Folded, probe: str) -> None:
    for ask in state.asks:
        if ask.probe == probe:
            ask.outcome = ask.outcome or "unanswered"


def _changed(state: Folded, told: said.Changed) -> None:
    if not state.too_late:
        predicts = state.change.structured.model_copy(update={"predicts": told.predicts})
        state.change = state.change.model_copy(update={"structured": predicts, "free_text": told.free_text})
        state.changed = changes(state.steps, told.steps)


def _claimed(state: Folded, told: said.Claimed) -> None:
    state.claims.append(told.claim)
    if told.asks is not None:
        state.asking, state.asking_about = len(state.claims) - 1, dict(told.asks)
        if told.instead is not None:
            state.instead[state.asking] = told.instead


def _retracted(state: Folded, told: said.Retracted) -> None:
    if told.index < len(state.claims):
        state.claims[told.index] = state.claims[told.index].model_copy(update={"retracted": True})
    if state.asking == told.index:
        state.asking = None


def _settled(state: Folded, told: said.Settled) -> None:
    if told.index != state.asking:
        return
    if told.keep == "claimed" and told.index in state.instead:
        value = state.instead[told.index]
        state.claims[told.index] = state.claims[told.index].model_copy(update={"value": value})
    state.asking = None


def _kept(state: Folded, told: said.Kept) -> None:
    state.stages.add(told.stage)
    state.first = told.first or state.first


def _hinted(state: Folded, told: said.Hinted) -> None:
    state.hints.append(told)


def _paused(state: Folded, told: Model) -> None:
    state.paused = True


def _resumed(state: Folded, told: Model) -> None:
    state.paused = False


def _finished(state: Folded, told: Model) -> None:
    state.finished, state.phase = True, "debrief"
    for ask in state.asks:
        ask.outcome = ask.outcome or "unanswered"


def _dropped(state: Folded, told: said.Dropped) -> None:
    state.dropped.setdefault(told.step, []).append(told)


def _restated(state: Folded, told: said.Restated) -> None:
    state.restated.setdefault(told.step, told.text)


_HANDLERS: dict[str, Callable[[Folded, Any], None]] = {
    "wrote": _wrote, "went": _went, "done": _done, "asked": _asked, "narrowed": _narrowed, "answered": _answered,
    "changed": _changed, "claimed": _claimed, "retracted": _retracted, "settled": _settled, "kept": _kept,
    "hinted": _hinted, "paused": _paused, "resumed": _resumed, "finished": _finished,
    "dropped": _dropped, "restated": _restated,
}  # fmt: skip
