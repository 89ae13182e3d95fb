"""What the interviewer asked, merged into the sheet: an answer counts as if it had stood there, times a factor."""

from typing import Any

from lessons.interview.base import Level
from lessons.interview.reader import Reading
from lessons.interview.rubric import Rubric
from lessons.interview.transcript import Answer, Probe, Transcript

ASKS = {
    "P1": "3c", "P2": "1d", "P3": "5a", "P4": "6a", "P5": "6c", "P6": "5e", "P7": "5d", "P8": "4b", "P9": "6f",
}  # fmt: skip
"""The criterion that each question is about; P10 to P12 are about none."""
_INTO: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "P1": (("celebrity", ("s3", "celebrity")),),
    "P2": (("deliveries_s", ("s1", "estimate", "deliveries_s")),),
    "P3": (("queue_why", ("s5", "queue_why")),),
    "P4": (("natural_key", ("s6", "natural_key")),),
    "P5": (("deletes", ("s6", "deletes")),),
    "P6": (("drain_s", ("s5", "estimate", "drain_s")),),
    "P7": (("hot_key", ("s5", "hot_key")), ("stampede", ("s5", "stampede"))),
    "P8": (("consequence", ("s4", "consequence")),),
    "P9": (("rollout", ("s6", "rollout")),),
}


def probes_for(transcript: Transcript, criterion: str) -> list[Probe]:
    """Questions about a criterion that were answered, in their order."""
    return [
        probe for probe in transcript.probes
        if ASKS.get(probe.id) == criterion and probe.outcome not in ("do_not_know", "unanswered") and _has(probe)
    ]  # fmt: skip


def merged(transcript: Transcript, probe: Probe) -> Transcript:
    """The transcript as if the answer had stood on the sheet."""
    steps = transcript.steps
    for field, (step, *path) in _INTO.get(probe.id, ()):
        given = getattr(probe.structured, field)
        if given in (None, ()):
            continue
        entry = getattr(steps, step)
        sheet = _with(entry.structured, path, given)
        steps = steps.model_copy(update={step: entry.model_copy(update={"structured": sheet})})
    return transcript.model_copy(update={"steps": steps})


def heard(reading: Reading, probe: Probe) -> Reading:
    """The texts, with that of the answer in the place of the step's."""
    if not probe.free_text.strip():
        return reading
    return reading.answered(int(ASKS[probe.id][0]), probe.free_text)


def factor(rubric: Rubric, probe: Probe, level: Level) -> float:
    """What an answer counts: open the more; one whose form is not told counts as directed."""
    kinds = rubric.factors.open if probe.outcome == "open" else rubric.factors.directed
    return kinds[level]


def hint_factor(rubric: Rubric, transcript: Transcript, criterion: str) -> float:
    """Of the hints taken for a criterion the one that told most counts."""
    return min((rubric.factors.hint[one.grade] for one in transcript.hints if one.criterion == criterion), default=1.0)


def _has(probe: Probe) -> bool:
    return bool(probe.free_text.strip()) or probe.structured != Answer()


def _with(model: Any, path: list[str], value: Any) -> Any:
    head, *rest = path
    return model.model_copy(update={head: _with(getattr(model, head), rest, value) if rest else value})
