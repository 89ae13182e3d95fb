"""The runs that an interview shows, by their names: what each is called, and what is special about it."""

from collections.abc import Mapping

from lessons.interview.measured import UNFORESEEN
from lessons.interview.runs import NEW_REQUIREMENTS, UNFORESEEN_LOADS, Ran
from lessons.interview.sitting import Sitting, State
from lessons.interview.transcript import Transcript
from pages.parts.interview_run_charts import Seen

BASE, BEFORE, AFTER, SHARD = "base", "change_before", "change_after", "shard_down"
ORDER = (BASE, BEFORE, AFTER, *UNFORESEEN, SHARD)
_FIXED = {
    BASE: "Your load",
    BEFORE: "Before your change",
    AFTER: "After your change",
    SHARD: "A store is down",
}
_SHORT = {
    "U1": "The largest account posts",
    "U2": "Caches emptied",
    "U3": "Workers die",
    "U4": "Spam",
    "U5": "Across the threshold",
    "U6": "Back after a month",
}


def label(scope: str) -> str:
    """As a choice is called."""
    return _FIXED.get(scope) or _SHORT.get(scope) or scope


def under(scope: str) -> str:
    """As a sentence ends that says in which run something was."""
    if scope in (BEFORE, AFTER):
        return f"under the new requirement, {label(scope).lower()}"
    return {BASE: "under your load", SHARD: "with a store down"}.get(scope, f"in “{label(scope).lower()}”")


def about(scope: str, state: State) -> str:
    """What was run, in a sentence."""
    if scope == BASE:
        return "Two minutes at your mean, a pause without posts, a minute at your peak, then your mean."
    if scope in (BEFORE, AFTER):
        asked = NEW_REQUIREMENTS[state.variant].title.lower() if state.variant else "the new requirement"
        return f"The new requirement ({asked}), with your design {'as it was' if scope == BEFORE else 'as changed'}."
    if scope == SHARD:
        return "One shard of the timeline store is out of reach for a while."
    return f"Not announced: {UNFORESEEN_LOADS[scope][:1].lower()}{UNFORESEEN_LOADS[scope][1:]}"


def ran(sitting: Sitting) -> dict[str, Ran]:
    """All runs that are there by now, in the order in which they are shown."""
    found = {scope: sitting.ran(scope) for scope in ORDER}
    return {scope: one for scope, one in found.items() if one is not None}


def seen(found: Mapping[str, Ran], scope: str, transcript: Transcript) -> Seen:
    """A run as its charts need it. A change is drawn over the same load before it."""
    return Seen(
        found[scope],
        transcript.scale,
        strategy=str(transcript.config.get("strategy", "")),
        promises=promises(found[scope], transcript),
        beside=found.get(BEFORE) if scope == AFTER else None,
    )


def promises(one: Ran, transcript: Transcript) -> dict[str, float]:
    """What was promised of this run, in ms by the engine's setting: as it was run, else as the sheet has it."""
    slo = transcript.steps.s1.structured.slo
    asked = {
        "slo.lag_ms": ("visible_lag", None if slo.fresh_s is None else 1e3 * slo.fresh_s),
        "slo.home_ms": ("home_latency", slo.home_ms),
    }
    told = {}
    for knob, (name, said) in asked.items():
        target = one.part.slo[name].target if name in one.part.slo else None
        if (promised := target if target is not None else said) is not None:
            told[knob] = float(promised)
    return told
