"""Credit for one criterion, and how a choice, an estimate, a measurement and a reason make one together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from lessons.interview.base import Level
from lessons.interview.estimates import Estimate
from lessons.interview.figures import told
from lessons.interview.reader import Judged, Reading
from lessons.interview.transcript import Transcript

NOT_FOUND = "not found"


@dataclass(frozen=True)
class Credit:
    """What one criterion got. Either `quote` (the candidate's words) or `figure` (a choice, a number with its unit)."""

    credit: float
    kind: str
    """The evidence that decided: S, E, R, T, or several of them."""
    reason: str
    figure: str | None = None
    quote: str | None = None
    confidence: Literal["high", "low"] = "high"


Judge = Callable[[Transcript, Level, Reading], Credit]
"""One criterion. At levels below that of the criterion it is judged as at its own."""


class Seen(NamedTuple):
    """What a measurement says of a choice. `verdict`: 1 it holds, 0.5 in part, 0 it does not, None: not measured."""

    verdict: float | None
    figure: str


def halves(value: float) -> float:
    """Down to 0, 0.5 or 1."""
    return int(2 * value + 1e-9) / 2


def choice(credit: float, figure: str, reason: str) -> Credit:
    """S alone."""
    return Credit(halves(credit), "S", reason, figure or NOT_FOUND)


def estimate(one: Estimate) -> Credit:
    """E alone."""
    return Credit(one.credit, "E", why_estimate(one), tell_estimate(one))


def tell_estimate(one: Estimate) -> str:
    """An estimate and its reference, with units."""
    if one.value is None:
        return NOT_FOUND
    mine = f"{one.name} = {told(one.value, one.unit)} (your estimate)"
    if one.reference is None:
        return mine
    return f"{mine}; {told(one.reference, one.unit)} from your {one.source.removeprefix('own ')}"


def why_estimate(one: Estimate) -> str:
    """One sentence on how near it is."""
    if one.value is None:
        return f"No estimate of {one.name} was found."
    ratio = one.ratio
    if ratio is None:
        return f"There is nothing to hold {one.name} against: {one.source} are missing."
    if ratio == float("inf"):
        return f"One of the two is 0: {one.name} cannot be compared."
    return f"{one.name} is off by a factor of {ratio:.2g}; within {one.factor:g} counts full, within " + (
        f"{one.factor**2:g} half."
    )


def with_estimate(chosen: Credit, one: Estimate) -> Credit:
    """S+E: the choice is needed, and the estimate makes it whole; a wrong estimate costs no more than none."""
    credit = halves((chosen.credit + one.credit) / 2) if chosen.credit else 0.0
    figure = f"{chosen.figure}; {tell_estimate(one)}"
    return Credit(credit, "S+E", f"{chosen.reason} {why_estimate(one)}", figure)


def with_run(chosen: Credit, seen: Seen) -> Credit:
    """S+R: the choice as far as the run bears it out; without a measurement half of it at most."""
    if not chosen.credit:
        return chosen
    if seen.verdict is None:
        reason = f"{chosen.reason} The run has no measurement of it, so half of the evidence is missing."
        return Credit(min(chosen.credit, 0.5), "S", reason, chosen.figure)
    said = {1.0: "The run bears it out.", 0.5: "The run bears it out in part.", 0.0: "The run does not bear it out."}
    reason = f"{chosen.reason} {said[halves(seen.verdict)]}"
    return Credit(min(chosen.credit, halves(seen.verdict)), "S+R", reason, f"{chosen.figure}; {seen.figure}")


def unless_run(chosen: Credit, seen: Seen) -> Credit:
    """S,R: a measurement can only revoke."""
    if not chosen.credit or seen.verdict is None:
        return chosen
    revoked = min(chosen.credit, halves(seen.verdict))
    said = "The run agrees." if revoked == chosen.credit else "The run takes it back."
    return Credit(revoked, "S,R", f"{chosen.reason} {said}", f"{chosen.figure}; {seen.figure}", chosen.quote)


def reasoned(judged: Judged) -> Credit:
    """T alone."""
    if judged.unread and not judged.credit:
        return Credit(0.0, "T", "The text could not be read.", NOT_FOUND, confidence="low")
    if judged.copied:
        return Credit(0.0, "T", "The text repeats a lesson, a card or a question, so it counts for nothing.", NOT_FOUND)
    sure: Literal["high", "low"] = "high" if judged.confident else "low"
    if not judged.credit:
        return Credit(0.0, "T", "No reason with both its sides was found in the text.", NOT_FOUND, confidence=sure)
    whole = "A whole reason was found." if judged.credit >= 1 else "A reason was found, its subject only implied."
    return Credit(halves(judged.credit), "T", whole, None, judged.quote, sure)


def better(*candidates: Credit) -> Credit:
    """Either: the largest credit, of equals the first. What is not sure anywhere is not sure: confidence is that of the
    best, unless a loss is not sure."""
    best = max(candidates, key=lambda one: one.credit)
    unsure = any(one.confidence == "low" for one in candidates) and best.credit < 1
    return Credit(
        best.credit, best.kind, best.reason, best.figure, best.quote, "low" if unsure else best.confidence
    )  # fmt: skip


def named(values: Iterable[object]) -> str:
    """Some choices as a report shows them."""
    return ", ".join(str(value) for value in values) or NOT_FOUND


def lacking(what: str, evidence: str = "S") -> Credit:
    """Nothing of it was found."""
    return Credit(0.0, evidence, f"No {what} was found.", NOT_FOUND)
