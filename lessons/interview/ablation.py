"""Over-engineering, measured: what could be taken out of the design without anything changing."""

from dataclasses import dataclass

from lessons.interview.evidence.own import audited, home_path, keeps_all
from lessons.interview.figures import figure, told
from lessons.interview.measured import Part
from lessons.interview.rubric import Tolerances
from lessons.interview.transcript import Transcript

_SERVES = {
    "search_cluster": "search", "ad_server": "ads", "message_store": "dm", "ranking_models": "ranking",
    "moderation_pipeline": "trust_safety", "data_warehouse": "analytics", "object_store": "media",
    "graph_database": None, "service_mesh": None, "second_cloud": None,
}  # fmt: skip
"""Declared parts that the engine has not, and the requirement that asks for them; None: none of a Twitter's does."""
_HIGH_AVAILABILITY = 0.9999
_ALSO = ("failed_reads", "refused_reads", "stale_reads", "incomplete_reads", "expiry.database_reads")
"""Pages that were not served, or not whole, and what an expiry costs: what some mechanisms are for."""
_SIZES = ("workers.count", "timeline.shards", "stations.")
"""Knobs that say how much of something there is."""


@dataclass(frozen=True)
class Idle:
    """One part that does nothing. `reason`: how that was found."""

    part: str
    reason: str


def idle_parts(transcript: Transcript, tolerances: Tolerances) -> list[Idle]:
    """All of them, in order of their names: mechanisms by leaving each out, declared parts by what they serve, and too
    much of everything as one."""
    found = [
        Idle(name, "Without it no promise moves by more than 5 %, and the audit finds the same (measured).")
        for name in sorted(transcript.run.ablation)
        if not _moves(transcript, name, tolerances)
    ]
    needs = {*transcript.steps.s1.structured.must} - {*transcript.steps.s1.structured.non_goals}
    justified = {probe.structured.component for probe in transcript.probes if _serves(transcript, probe.structured)}
    high = (transcript.steps.s1.structured.slo.availability or 0.0) >= _HIGH_AVAILABILITY
    for part in sorted(set(transcript.steps.s4.structured.extra_stores)):
        wanted = _SERVES[part] in needs or part in justified or (part == "second_cloud" and high)
        if not wanted:
            found.append(Idle(part, "No requirement that stayed in asks for it."))
    return [*found, *_too_much(transcript, tolerances)]


def _moves(transcript: Transcript, name: str, tolerances: Tolerances) -> bool:
    """Whether a mechanism, taken out, changes anything in any of the runs that were made without it. Without such a
    run nothing is known, so it is not idle."""
    scopes, without = transcript.run.scopes(), transcript.run.ablation[name]
    compared = [(scopes[scope], without[scope]) for scope in sorted(without) if scope in scopes]
    return not compared or any(_differ(transcript, one, other, tolerances) for one, other in compared)


def _differ(transcript: Transcript, whole: Part, without: Part, tolerances: Tolerances) -> bool:
    """Whether a promise or the audit is another; two runs without a figure in common show nothing, so also then."""
    found = audited(whole), audited(without)
    paths = ("visible_lag_ms.p99", home_path(transcript), "fresh_goodput")
    pairs = [(figure(whole, path), figure(without, path)) for path in paths]
    also = [(figure(whole, path), figure(without, path)) for path in _ALSO]
    both = [(one, other) for one, other in (*pairs, *also) if one is not None and other is not None]
    if found[0] != found[1] or not both or any((one is None) != (other is None) for one, other in pairs):
        return True
    return any(abs(one - other) > tolerances.idle_change * abs(one) for one, other in both)


def _serves(transcript: Transcript, answer: object) -> bool:
    """Whether an answer to "what breaks if I remove it?" names a figure that it moves in the ablation."""
    component, path = getattr(answer, "component", None), getattr(answer, "moves", None)
    if component is None or path is None:
        return False
    scopes = transcript.run.scopes()
    for scope, without in sorted(transcript.run.ablation.get(component, {}).items()):
        one, other = figure(scopes.get(scope), path), figure(without, path)
        if one is not None and other is not None and abs(one - other) > 0.05 * abs(one):
            return True
    return False


def _too_much(transcript: Transcript, tolerances: Tolerances) -> list[Idle]:
    """More than three times the least that kept the own promises in the own sweep counts as one."""
    for knob in sorted({point.knob for point in transcript.run.sweep if point.knob.startswith(_SIZES)}):
        own = transcript.config.get(knob)
        enough = [
            point.value for point in transcript.run.sweep
            if point.knob == knob and point.value > 0 and keeps_all(transcript, point)
        ]  # fmt: skip
        if isinstance(own, bool) or not isinstance(own, int | float) or not enough:
            continue
        if own > tolerances.over_provisioned * min(enough):
            return [Idle(knob, f"{told(own)} are {told(own / min(enough))} times what kept the promises (measured).")]
    return []
