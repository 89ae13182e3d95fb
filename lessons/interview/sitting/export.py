"""An interview as a transcript: what the grader reads, and what is exported."""

from lessons.interview.runs import drawn
from lessons.interview.sheet import Steps
from lessons.interview.sitting.events import Phase
from lessons.interview.sitting.fold import Ask, Folded
from lessons.interview.sitting.script import script
from lessons.interview.sitting.state import variant_of
from lessons.interview.sitting.understood import without
from lessons.interview.transcript import Answer, Change, Changed, Hint, Knobs, Probe, Transcript

_MOST_TEXT = 20_000


def transcript_of(name: str, folded: Folded) -> Transcript:
    """The transcript without its runs and without what the change does to the configuration. Extra time is not told."""
    variant = variant_of(folded, drawn(folded.begun.seed)) if "change" in folded.opened else None
    predicts = Changed(predicts=folded.change.structured.predicts)
    first = folded.first
    return Transcript.model_validate(
        {
            "id": name,
            "level_target": folded.begun.level,
            "mode": folded.begun.mode,
            "language": folded.begun.language,
            "minutes": _minutes(folded),
            "opened_order": _opened(folded),
            "steps": _steps(folded),
            "probes": tuple(_probe(folded, ask) for ask in folded.asks)[:100],
            "hints": tuple(Hint(criterion=one.criterion, grade=one.grade) for one in folded.hints)[:100],
            "change": Change(variant=variant, structured=predicts, free_text=folded.change.free_text),  # type: ignore[arg-type]
            "config": dict(first.knobs) if first else {},
            "scale": first.scale if first else 1.0,
            "claims": tuple(folded.claims)[:200],
        }
    )


def with_diff(transcript: Transcript, diff: Knobs) -> Transcript:
    """With what the changed sheet changes in the world."""
    structured = transcript.change.structured.model_copy(update={"config_diff": diff})
    return transcript.model_copy(update={"change": transcript.change.model_copy(update={"structured": structured})})


def _minutes(folded: Folded) -> dict[str, float]:
    """On the clock, by step, as if there were no extra time."""
    return {
        phase: round(seconds / 60 / folded.begun.extra, 3)
        for phase, seconds in folded.in_box.items()
        if phase != "debrief" and phase in folded.opened
    }


def _opened(folded: Folded) -> tuple[Phase, ...]:
    """The order in which the steps were opened. An opening in which nothing was entered counts only where the step was
    not opened again: what matters is what was thought of first."""
    last = {phase: place for place, phase in enumerate(folded.opened)}
    visits = zip(folded.opened, folded.entered, strict=True)
    kept = [phase for place, (phase, entered) in enumerate(visits) if entered or last[phase] == place]
    return tuple(phase for phase in kept if phase != "debrief")


def _steps(folded: Folded) -> Steps:
    """The sheets, with what was restated, and without the words that were taken back."""
    changes = {}
    for step in range(1, 8):
        entry = getattr(folded.steps, f"s{step}")
        text = without(entry.free_text, [one.quote for one in folded.dropped.get(step, ())])
        more = folded.restated.get(step)
        if more:
            end = f"\n{more.rstrip('.')}."
            text = f"{text[: _MOST_TEXT - len(end)].rstrip()}{end}".lstrip()
        if text != entry.free_text:
            changes[f"s{step}"] = entry.model_copy(update={"free_text": text})
    return folded.steps.model_copy(update=changes)


def _probe(folded: Folded, ask: Ask) -> Probe:
    own = {one.id: one for one in folded.instructor.probes} if folded.instructor else {}
    answer: Answer = ask.structured
    part = ask.about.get("component")
    if ask.probe == "P10" and answer.moves is not None and answer.component is None and part in script().parts:
        answer = answer.model_copy(update={"component": part})
    return Probe(
        id=ask.probe, structured=answer, free_text=ask.free_text, outcome=ask.outcome or "unanswered",  # type: ignore[arg-type]
        criterion=own[ask.probe].criterion if ask.probe in own else None,
    )  # fmt: skip
