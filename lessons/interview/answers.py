"""What the interviewer asked, merged into the sheet: an answer counts as if it had stood there, times a factor."""

from typing import Any

from lessons.interview.base import Level
from lessons.interview.reader import Reading
from lessons.interview.rubric import Rubric
from lessons.interview.transcript import Answer, Probe, Transcript

ASKS = {
    "P1": "3c", "P2": "1d", "P3": "5a", "P4": "6a", "P5": "6c", "P6": "5e", "P7": "5d", "P8": "4b", "P9": "6f",
}  # fmt: skip
"""The criterion that each question is about; P10 to P12 are about none, those of an instructor about what they say."""
_PLACES: dict[str, tuple[str, ...]] = {
    "celebrity": ("s3", "celebrity"), "deliveries_s": ("s1", "estimate", "deliveries_s"),
    "queue_why": ("s5", "queue_why"), "natural_key": ("s6", "natural_key"), "deletes": ("s6", "deletes"),
    "drain_s": ("s5", "estimate", "drain_s"), "hot_key": ("s5", "hot_key"), "stampede": ("s5", "stampede"),
    "consequence": ("s4", "consequence"), "rollout": ("s6", "rollout"),
}  # fmt: skip
"""Where each field of an answer stands on the sheet."""
STEP_OF = {field: int(place[0][1:]) for field, place in _PLACES.items()}
"""The step that each of them belongs to."""
_FIELDS = {
    "P1": ("celebrity",), "P2": ("deliveries_s",), "P3": ("queue_why",), "P4": ("natural_key",), "P5": ("deletes",),
    "P6": ("drain_s",), "P7": ("hot_key", "stampede"), "P8": ("consequence",), "P9": ("rollout",),
}  # fmt: skip


_LEADS = {"P3": "The queue is there, otherwise "}
"""What an answer to an open question goes on from: "what would break without that queue?" asks for the other half of a
sentence."""


def about(probe: Probe) -> str | None:
    """The criterion that a question is about."""
    return probe.criterion if probe.id.startswith("I") else ASKS.get(probe.id)


def probes_for(transcript: Transcript, criterion: str) -> list[Probe]:
    """Questions about a criterion that were answered, in their order."""
    return [
        probe for probe in transcript.probes
        if about(probe) == criterion and probe.outcome not in ("do_not_know", "unanswered") and _has(probe)
    ]  # fmt: skip


def merged(transcript: Transcript, probe: Probe) -> Transcript:
    """The transcript as if the answer had stood on the sheet."""
    steps = transcript.steps
    for field in _counted(probe):
        step, *path = _PLACES[field]
        given = getattr(probe.structured, field)
        if given in (None, ()):
            continue
        entry = getattr(steps, step)
        sheet = _with(entry.structured, path, given)
        steps = steps.model_copy(update={step: entry.model_copy(update={"structured": sheet})})
    return transcript.model_copy(update={"steps": steps})


def heard(reading: Reading, probe: Probe) -> Reading:
    """The texts, with that of the answer in the place of the step's."""
    criterion = about(probe)
    if criterion is None or not probe.free_text.strip():
        return reading
    step = int(criterion[0])
    alone = reading.answered(step, probe.free_text)
    lead = _LEADS.get(probe.id, "") if probe.outcome == "open" else ""
    if not lead or alone.unread(step):
        return alone
    return reading.answered(step, probe.free_text, lead)


def factor(rubric: Rubric, probe: Probe, level: Level) -> float:
    """What an answer counts: open the more; one whose form is not told counts as directed."""
    kinds = rubric.factors.open if probe.outcome == "open" else rubric.factors.directed
    return kinds[level]


def hint_factor(rubric: Rubric, transcript: Transcript, criterion: str) -> float:
    """Of the hints taken for a criterion the one that told most counts."""
    return min((rubric.factors.hint[one.grade] for one in transcript.hints if one.criterion == criterion), default=1.0)


def _counted(probe: Probe) -> tuple[str, ...]:
    """The fields of its answer that count: its own; of an instructor's question those of the criterion's step."""
    criterion = about(probe)
    if probe.id in _FIELDS or criterion is None:
        return _FIELDS.get(probe.id, ())
    return tuple(field for field, step in STEP_OF.items() if str(step) == criterion[0])


def _has(probe: Probe) -> bool:
    return bool(probe.free_text.strip()) or probe.structured != Answer()


def _with(model: Any, path: list[str], value: Any) -> Any:
    head, *rest = path
    return model.model_copy(update={head: _with(getattr(model, head), rest, value) if rest else value})
