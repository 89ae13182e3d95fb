"""Which question the interviewer asks next: triggers in the order of their priority, at most 6, and 2 a step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lessons.interview.ablation import idle_parts
from lessons.interview.answers import ASKS, heard, merged
from lessons.interview.estimates import estimates_of
from lessons.interview.evidence.step5 import BUYS
from lessons.interview.mistakes import entered
from lessons.interview.reader import Reader, Reading, default_reader
from lessons.interview.rubric import standard
from lessons.interview.sitting.events import Phase
from lessons.interview.sitting.fold import SILENCE, Ask, Folded
from lessons.interview.sitting.instructor import Added
from lessons.interview.sitting.script import Probe, script
from lessons.interview.sitting.understood import collision, opposed
from lessons.interview.transcript import Probe as Asked
from lessons.interview.transcript import Transcript

MOST, MOST_A_STEP = 6, 2
SILENT_S = 90.0
_OFF = 4.0
"""An estimate that is off by more is asked about."""
_SILENT_IN: tuple[Phase, ...] = ("1", "2", "3", "4", "5", "6")
"""Where a narrower question may still come."""
_NO_KEY = (None, "none", "exactly_once")

About = Mapping[str, str]
"""What stands in the gaps of a question; empty for one without."""


@dataclass(frozen=True)
class Next:
    """The question to ask now."""

    probe: Probe
    about: About


@dataclass(frozen=True)
class _Case:
    """What a trigger looks at."""

    transcript: Transcript
    reading: Reading
    steps: frozenset[int]
    """Those that may be asked about."""


def bank(state: Folded) -> tuple[Probe, ...]:
    """All questions in the order of their priority: those of the bank that are about one criterion, the instructor's,
    then those about parts and contradictions."""
    own = tuple(
        Probe(id=one.id, after=(one.after,), open=one.open, directed=one.directed, fields=one.fields,
              criterion=one.criterion)
        for one in added(state)
    )  # fmt: skip
    listed = script().probes
    first = tuple(one for one in listed if one.id in ASKS)
    return (*first, *own, *(one for one in listed if one not in first))


def added(state: Folded) -> tuple[Added, ...]:
    """The instructor's questions."""
    return state.instructor.probes if state.instructor else ()


def find(state: Folded, name: str) -> Probe:
    """A question by its id."""
    return next(one for one in bank(state) if one.id == name)


def room(state: Folded) -> bool:
    """Whether one more may be asked in the step that is open."""
    asked = state.probes_asked()
    here = {ask.probe for ask in state.asks if ask.phase == state.phase}
    return len(asked) < MOST and len(here) < MOST_A_STEP


def draw(state: Folded, reader: Reader | None = None) -> Next | None:
    """The question that comes next after the step that is done; None where none is due."""
    steps, asked = state.steps_to_ask_about(), state.probes_asked()
    if not steps or not room(state):
        return None
    transcript = _transcript(state)
    case = _Case(transcript, Reading.of(transcript, reader or default_reader()), frozenset(steps))
    for probe in bank(state):
        if probe.id in asked or not steps & set(probe.after) or state.begun.level not in probe.levels:
            continue
        about = _due(state, probe, case)
        if about is not None:
            return Next(probe, about)
    return None


def satisfied(state: Folded, ask: Ask, reader: Reader | None = None) -> bool:
    """Whether an answer to the open form does without the directed one."""
    probe = Asked(id=ask.probe, structured=ask.structured, free_text=ask.free_text, outcome="open")
    if ask.probe.startswith("I"):
        return bool(ask.free_text.strip()) or ask.structured != type(ask.structured)()
    if ask.probe == "P10":
        return ask.structured.moves is not None
    if ask.probe == "P11":
        return ask.structured.choice is not None
    before = _transcript(state)
    after = merged(before, probe)
    reading = heard(Reading.of(before, reader or default_reader()), probe)
    trigger, steps = _TRIGGERS[ask.probe], frozenset(find(state, ask.probe).after)
    return trigger(_Case(after, reading, steps)) is None


def silent(state: Folded) -> bool:
    """Whether it is time to offer a narrower question."""
    waited = state.clock - state.last_input
    return (
        waited >= SILENT_S * state.begun.extra
        and state.phase in _SILENT_IN
        and not (state.paused or state.locked or state.narrower)
        and state.asking is None
        and SILENCE not in state.probes_asked()
        and room(state)
        and not (state.pending is not None and state.pending.form == "directed")
    )


def _transcript(state: Folded) -> Transcript:
    return Transcript(level_target=state.begun.level, mode=state.begun.mode, steps=state.steps)


def _due(state: Folded, probe: Probe, case: _Case) -> About | None:
    if probe.id.startswith("I"):
        return _if(any(one.id == probe.id and _wanted(one, case.transcript) for one in added(state)))
    return _TRIGGERS[probe.id](case) if probe.id in _TRIGGERS else None


def _wanted(one: Added, transcript: Transcript) -> bool:
    """Always, or where a field of the sheet is empty."""
    if one.missing is None:
        return True
    sheet = getattr(transcript.steps, f"s{one.after}").structured
    empty = type(sheet).model_fields[one.missing].get_default(call_default_factory=True)
    return bool(getattr(sheet, one.missing) == empty)


def _if(due: bool) -> About | None:
    return {} if due else None


def _no_rule_for_the_largest(case: _Case) -> About | None:
    return _if(case.transcript.steps.s3.structured.celebrity in (None, "none"))


def _deliveries_off(case: _Case) -> About | None:
    one = estimates_of(case.transcript)["deliveries_s"]
    return _if(one.value is None or (one.ratio is not None and one.ratio > _OFF))


def _queue_without_reason(case: _Case) -> About | None:
    sheet = case.transcript.steps.s5.structured
    named = set(sheet.queue_why) & set(BUYS)
    return _if(sheet.queue not in (None, "none") and not named and not case.reading.reason("5a").credit)


def _no_key(case: _Case) -> About | None:
    steps = case.transcript.steps
    pushes = steps.s3.structured.strategy == "push"
    return _if((6 in case.steps or pushes) and steps.s6.structured.natural_key in _NO_KEY)


def _no_deletes(case: _Case) -> About | None:
    return _if(case.transcript.steps.s6.structured.deletes is None)


def _no_peak(case: _Case) -> About | None:
    return _if(case.transcript.steps.s5.structured.estimate.drain_s is None)


def _hot_key_open(case: _Case) -> About | None:
    sheet = case.transcript.steps.s5.structured
    return _if(not sheet.hot_key and not sheet.stampede)


def _no_drawback(case: _Case) -> About | None:
    sheet = case.transcript.steps.s4.structured
    return _if(sheet.post_partition is not None and sheet.consequence in (None, "no_drawback"))


def _no_rollout(case: _Case) -> About | None:
    return _if(not case.transcript.steps.s6.structured.rollout)


def _serves_nothing(case: _Case) -> About | None:
    idle = idle_parts(case.transcript, standard().tolerances)
    named = [one.part for one in idle if one.part in script().parts]
    return {"part": script().parts[named[0]], "component": named[0]} if named else None


def _collides(case: _Case) -> About | None:
    if not any(entered(case.transcript, step) for step in (3, 4, 5)):
        return None
    texts = (opposed(case.transcript.steps.text(step)) for step in sorted(case.steps))
    return collision(case.transcript.steps) or next((about for about in texts if about), None)


_TRIGGERS: Mapping[str, Callable[[_Case], About | None]] = {
    "P1": _no_rule_for_the_largest, "P2": _deliveries_off, "P3": _queue_without_reason, "P4": _no_key,
    "P5": _no_deletes, "P6": _no_peak, "P7": _hot_key_open, "P8": _no_drawback, "P9": _no_rollout,
    "P10": _serves_nothing, "P11": _collides,
}  # fmt: skip
