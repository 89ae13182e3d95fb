"""An interview as a page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass

from lessons.interview.base import Level
from lessons.interview.runs import NEW_REQUIREMENTS, Drawn, drawn
from lessons.interview.sheet import Steps
from lessons.interview.sitting.events import Form, Mode, Phase, Stage
from lessons.interview.sitting.flow import TITLES, box_s, follows
from lessons.interview.sitting.fold import CLAIM, Ask, Folded
from lessons.interview.sitting.hints import MOST_HINTS, Hint, told
from lessons.interview.sitting.options import Option
from lessons.interview.sitting.probes import find
from lessons.interview.sitting.script import choices, script
from lessons.interview.sitting.understood import Chip, chips
from lessons.interview.transcript import Answer, Change, Claim, Predicted


@dataclass(frozen=True)
class Clock:
    """Seconds. `of_s`: of the whole, with the extra time; `box_s`: advice for the step that is open, `in_box_s`: spent
    in it, of all visits. `amber`: the step has had its time. `next_opens_at_s`: when step 7 opens by itself; None: it
    has been opened."""

    elapsed_s: float
    of_s: float
    box_s: float
    in_box_s: float
    amber: bool
    paused: bool
    over: bool
    next_opens_at_s: float | None

    @property
    def left_s(self) -> float:
        """Until the end, never below 0."""
        return max(self.of_s - self.elapsed_s, 0.0)


@dataclass(frozen=True)
class Question:
    """What the interviewer wants to know now. `id`: P1 to P12, I1 to I99, or "claim": which of the sentence and the
    fields of a reading holds. `fields`: of an `Answer`, to be filled in beside the free text; with `options` where one
    is a closed list (several may be chosen, in order, where the field is a list), else a number. `yes_no`: to be
    answered with "directed" (yes) or "do_not_know" (no) alone."""

    id: str
    form: Form
    text: str
    fields: tuple[str, ...]
    options: Mapping[str, tuple[Option, ...]]
    yes_no: bool = False


@dataclass(frozen=True)
class AskedBefore:
    """A question in one form that was asked. `outcome`: None while it stands."""

    id: str
    phase: Phase
    form: Form
    text: str
    free_text: str
    structured: Answer
    outcome: str | None


@dataclass(frozen=True)
class State:
    """All of it, as of now."""

    id: str
    level: Level
    mode: Mode
    seed: int
    extra: float
    """Times the usual time; private: no export tells it."""
    language: str | None
    phase: Phase
    opened_order: tuple[Phase, ...]
    steps: Steps
    late: Steps
    """What was written after the sheets were closed: kept, shown, not graded."""
    line: str
    question: Question | None
    asked: tuple[AskedBefore, ...]
    clock: Clock
    chips: Mapping[int, tuple[Chip, ...]]
    """By step, 1 to 7; empty where nothing was understood."""
    restated: Mapping[int, str]
    hints_left: int
    hints: tuple[Hint, ...]
    change: Change | None
    changed_steps: Steps | None
    predicts: tuple[Predicted, ...]
    claims: tuple[Claim, ...]
    variant: str | None
    """The new requirement that is asked; None before the first runs are kept."""
    notes: tuple[str, ...]
    """What the runs had to assume."""
    why: str
    """How the new requirement was found; for the debrief."""
    drawn: Drawn
    stages: frozenset[Stage]
    next: Phase | None
    """What the interviewer offers to go on to, once the step was called done; else None."""
    may_go: tuple[Phase, ...]
    locked: bool
    over: bool
    began_at: float
    repeat: bool


def state_of(name: str, folded: Folded) -> State:
    """The state of the interview `name`."""
    begun, finished = folded.begun, folded.finished
    box = box_s(folded.rubric, begun.level, folded.phase) * begun.extra
    in_box = folded.in_box.get(folded.phase, 0.0)
    over = folded.clock >= folded.of_s
    clock = Clock(
        min(folded.clock, folded.of_s) if begun.mode == "strict" else folded.clock, folded.of_s, box, in_box,
        over or (box > 0 and in_box >= box), folded.paused, over,
        None if "7" in folded.opened else folded.reading_at_s,
    )  # fmt: skip
    question = None if finished or folded.locked or folded.paused else _question(folded)
    offered = _offered(folded) if question is None else None
    draw = drawn(begun.seed)
    variant = variant_of(folded, draw)
    changing = "change" in folded.opened
    return State(
        id=name, level=begun.level, mode=begun.mode, seed=begun.seed, extra=begun.extra, language=begun.language,
        phase=folded.phase, opened_order=tuple(folded.opened), steps=folded.steps, late=folded.late,
        line=question.text if question else _line(folded, clock, offered, variant), question=question,
        asked=tuple(_asked(folded, ask) for ask in folded.asks), clock=clock,
        chips={step: shown_chips(folded, step) for step in range(1, 8)}, restated=dict(folded.restated),
        hints_left=max(MOST_HINTS - len(folded.hints), 0) if begun.mode == "practice" else 0,
        hints=tuple(told(one.criterion, one.grade) for one in folded.hints),
        change=folded.change.model_copy(update={"variant": variant}) if changing else None,
        changed_steps=folded.changed_steps, predicts=folded.change.structured.predicts, claims=tuple(folded.claims),
        variant=variant, notes=folded.first.notes if folded.first else (), why=folded.first.why if folded.first else "",
        drawn=draw, stages=frozenset(folded.stages), next=offered, may_go=folded.may_go, locked=folded.locked,
        over=finished, began_at=folded.began_at, repeat=begun.repeat,
    )  # fmt: skip


def variant_of(folded: Folded, draw: Drawn) -> str | None:
    """The new requirement: that which bites; of a design that could not be run, the first that was drawn."""
    if folded.first is not None:
        return folded.first.variant
    return draw.variants[0] if "first" in folded.stages else None


def question_text(folded: Folded, ask: Ask) -> str:
    """A question with its gaps filled; those of an instructor have none."""
    probe = find(folded, ask.probe)
    text = probe.open if ask.form == "open" else probe.directed
    return text if ask.probe.startswith("I") else text.format_map(_Gaps(ask.about))


class _Gaps(dict[str, str]):
    """A gap that nothing fills, of a file that was edited by hand, is told as such."""

    def __missing__(self, key: str) -> str:
        return "this"


def _question(folded: Folded) -> Question | None:
    seed = folded.begun.seed
    if folded.asking is not None:
        about = folded.asking_about
        text = script().lines["claim"].format_map(_Gaps(about))
        named = {"claimed": f"The sentence: {about.get('sentence', 'as it is')}",
                 "configured": f"The fields: {about.get('fields', 'as they are')}"}  # fmt: skip
        return Question(CLAIM, "directed", text, ("choice",), {"choice": choices("choice", seed, named)})
    ask = folded.pending
    if ask is None:
        return None
    probe = find(folded, ask.probe)
    fields = probe.asks_for(ask.form)
    options = {name: choices(name, seed, ask.about) for name in fields}
    text = question_text(folded, ask)
    return Question(
        ask.probe, ask.form, text, fields, {name: those for name, those in options.items() if those}, ask.probe == "P12"
    )


def _asked(folded: Folded, ask: Ask) -> AskedBefore:
    return AskedBefore(
        ask.probe, ask.phase, ask.form, question_text(folded, ask), ask.free_text, ask.structured, ask.outcome
    )


def shown_chips(folded: Folded, step: int) -> tuple[Chip, ...]:
    """What was understood of a step's text, without what was taken back."""
    gone = {(one.text, one.quote) for one in folded.dropped.get(step, ())}
    strategy = folded.steps.s3.structured.strategy or "other"
    those = chips(step, folded.steps.text(step), strategy)
    return tuple(chip for chip in those if (chip.text, chip.quote) not in gone)


def _offered(folded: Folded) -> Phase | None:
    """The step to go on to, once this one was called done."""
    if folded.finished or (folded.done is None and not folded.locked):
        return None
    return "debrief" if folded.locked else _following(folded)


def _following(folded: Folded) -> Phase:
    return follows(folded.phase, folded.opened, folded.time_for_reading)


def _line(folded: Folded, clock: Clock, offered: Phase | None, variant: str | None) -> str:
    """What is said where no question stands."""
    lines, phase = script().lines, folded.phase
    if folded.finished:
        return lines["over"]
    if folded.locked:
        return lines["locked"]
    if folded.paused:
        return lines["paused"]
    if clock.over and offered is None:
        return lines["beyond"]
    if offered is not None or clock.amber:
        following = offered or _following(folded)
        last = following == "debrief"
        name = ("last" if last else "offer") if offered else ("amber_last" if last else "amber")
        return lines[name].format(title=TITLES[following])
    if phase == "change":
        if variant is None:
            return lines["runs_first"]
        return NEW_REQUIREMENTS[variant].lines[folded.begun.level]  # type: ignore[index]
    if phase == "7" and folded.opened[-1] == "7" and "6" not in folded.opened[-2:-1]:
        return lines["reading"] if folded.time_for_reading else script().opens["7"]
    if folded.opened.count(phase) > 1:
        return lines["again"].format(title=TITLES[phase])
    return script().opens[phase]
