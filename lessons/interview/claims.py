"""Readings of the own run, held against it: true, near, contradicted, or about something that was not measured."""

from dataclasses import dataclass
from typing import Literal

from lessons.interview.figures import figure, told
from lessons.interview.measured import Part
from lessons.interview.rubric import Tolerances, standard
from lessons.interview.transcript import Claim, Transcript
from lessons.interview.units import FIGURES, derived

Verdict = Literal["true", "near", "contradicted", "not measured"]
_HEDGES = frozenset({"might", "could", "may", "perhaps", "maybe", "probably", "possibly"})
"""Who hedges does not contradict; it halves nothing."""


@dataclass(frozen=True)
class Checked:
    """One claim beside the run. `scope`: the run that decided."""

    claim: Claim
    verdict: Verdict
    scope: str
    figure: str

    @property
    def counts_against(self) -> bool:
        """Whether it costs points: a contradiction that was neither taken back nor hedged."""
        words = self.claim.text.lower().replace(",", " ").replace(".", " ").split()
        return self.verdict == "contradicted" and not self.claim.retracted and not _HEDGES & set(words)


def check(transcript: Transcript) -> list[Checked]:
    """All claims, in their order; a claim that is made twice counts once.

    With a scope, a claim is held against that run. Without one it is true if any run bears it out, and contradicted
    only if every run that has its figures does.
    """
    seen: set[tuple[object, ...]] = set()
    checked = []
    for claim in transcript.claims:
        key = (claim.scope, claim.metric, claim.op, claim.value, claim.other)
        if key not in seen:
            seen.add(key)
            checked.append(_check(transcript, claim))
    return checked


def _check(transcript: Transcript, claim: Claim) -> Checked:
    scopes = transcript.run.scopes()
    if claim.scope is not None:
        scopes = {name: part for name, part in scopes.items() if name == claim.scope}
    results = [
        Checked(claim, _holds(claim, part, transcript.scale), name, _shown(claim, part, transcript.scale))
        for name, part in scopes.items()
    ]
    for verdict in ("true", "near", "contradicted"):
        for one in results:
            if one.verdict == verdict:
                return one
    return Checked(claim, "not measured", claim.scope or "any run", f"{claim.metric} was not measured")


def _holds(claim: Claim, part: Part, scale: float) -> Verdict:
    """Value or comparison first; then the cause, which can only take away."""
    measured = figure(part, claim.metric, scale)
    against = figure(part, claim.other, scale) if claim.other else claim.value
    if measured is None or against is None:
        return "not measured"
    tolerances = standard().tolerances
    stated = (
        _about(claim, measured, against, tolerances)
        if claim.op == "about"
        else _compared(claim, part, (measured, against), scale, tolerances)
    )
    return _with_cause(claim, part, stated)


def _about(claim: Claim, measured: float, stated: float, tolerances: Tolerances) -> Verdict:
    if measured == stated:
        return "true"
    if derived(claim.metric):
        low, high = sorted((measured, stated))
        ratio = high / low if low > 0 else float("inf")
        return "true" if ratio <= tolerances.derived else "near" if ratio <= tolerances.derived**2 else "contradicted"
    off = abs(stated - measured) / measured if measured else float("inf")
    off /= 1 + 1e-9
    return "true" if off <= tolerances.read_off else "near" if off <= 2 * tolerances.read_off else "contradicted"


def _compared(
    claim: Claim, part: Part, two: tuple[float, float], scale: float, tolerances: Tolerances
) -> Verdict:  # fmt: skip
    """Larger or smaller: two figures need a gap between them, and what differs by no more than noise is neither."""
    measured, against = two if claim.op in ("above", "at_least") else two[::-1]
    noise = tolerances.noise_sd * max(
        (part.noise.get(path or "", 0.0) for path in (claim.metric, claim.other)), default=0.0
    )
    gap = max(tolerances.gap * max(measured, against), noise)
    if claim.other is None and claim.op in ("at_least", "at_most") and measured >= against:
        return "true"
    if measured - against > gap or (claim.other is None and measured > against):
        return "true"
    return "contradicted" if against - measured > gap else "near"


def _with_cause(claim: Claim, part: Part, stated: Verdict) -> Verdict:
    """The named station has to be the busiest or the first that broke a promise; one that was mostly idle
    contradicts."""
    if claim.cause is None or stated == "contradicted":
        return stated
    right = guilty(part)
    if not right:
        return "near"
    if claim.cause in right:
        return stated
    busiest = max((one.util or 0.0 for one in part.stations.values()), default=0.0)
    entry = part.stations.get(claim.cause)
    idle = entry is not None and entry.breached_at_s is None and (entry.util or 0.0) < busiest / 2
    return "contradicted" if idle else "near"


def guilty(part: Part) -> tuple[str, ...]:
    """The stations that a trouble may be put down to: the first that broke a promise, and the busiest; by name."""
    breached = {name: one.breached_at_s for name, one in part.stations.items() if one.breached_at_s is not None}
    busy = {name: one.util for name, one in part.stations.items() if one.util}
    first = {name for name, at_s in breached.items() if at_s == min(breached.values())}
    gap = standard().tolerances.gap
    most = {name for name, util in busy.items() if util >= (1 - gap) * max(busy.values())}
    return tuple(sorted(first | most))


def _shown(claim: Claim, part: Part, scale: float) -> str:
    unit = FIGURES[claim.metric]
    stated = claim.other or told(claim.value, unit)
    found = told(figure(part, claim.metric, scale), unit)
    beside = f", {claim.other} = {told(figure(part, claim.other, scale), FIGURES[claim.other])}" if claim.other else ""
    cause = f"; busiest or first broken: {', '.join(guilty(part)) or 'not measured'}" if claim.cause else ""
    return f"{claim.metric} {claim.op.replace('_', ' ')} {stated} (your reading); {found}{beside} (measured){cause}"
