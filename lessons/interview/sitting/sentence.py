"""A reading of the own run, as a sentence and as fields: do they say the same?"""

from dataclasses import dataclass

from lessons.interview.figures import told
from lessons.interview.reading.forms import read_tokens
from lessons.interview.reading.quantities import Quantity
from lessons.interview.transcript import Claim
from lessons.interview.units import FIGURES

_NEAR = 0.25
_NAMES = {
    "gateways": ("gateway",), "primaries": ("primary", "primaries"), "workers": ("worker",),
    "timeline_shards": ("timeline shard", "shard"), "indexes": ("index",), "post_caches": ("post cache",),
    "replicas": ("replica",),
}  # fmt: skip
_AGAINST = {
    "above": ("below", "under", "less than", "at most"), "at_least": ("below", "under", "less than", "at most"),
    "below": ("above", "over", "more than", "at least"), "at_most": ("above", "over", "more than", "at least"),
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """What the sentence says where the fields say otherwise. `instead`: its number, in the unit of the field."""

    sentence: str
    fields: str
    instead: float | None = None


def difference(claim: Claim) -> Difference | None:
    """Where a sentence and its fields differ: in the number, in the direction, or in the station that is the cause. A
    sentence that says nothing of one of them differs in none."""
    if not claim.text.strip():
        return None
    return _number(claim) or _direction(claim) or _cause(claim)


def _number(claim: Claim) -> Difference | None:
    """The numbers of the sentence that may be meant for this figure, by their unit, beside the field."""
    if claim.value is None or claim.other is not None:
        return None
    unit = FIGURES[claim.metric]
    found = [token.quantity for token in read_tokens(claim.text) if token.quantity is not None]
    numbers = [value for one in found if (value := _meant(one, unit)) is not None]
    if not numbers or any(_close(value, claim.value) for value in numbers):
        return None
    return Difference(told(numbers[0], unit), told(claim.value, unit), numbers[0])


def _meant(one: Quantity, unit: str) -> float | None:
    """A number of the sentence in the unit of a figure; None where it measures something else."""
    if unit in ("ms", "s", "s of work"):
        return one.value * (1000 if unit == "ms" else 1) if one.unit == "seconds" else None
    if unit == "share":
        return one.value if one.unit == "share" or (one.unit == "count" and 0 < one.value < 1) else None
    if unit.endswith("/s"):
        return one.value if one.unit in ("per_s", "count") else None
    return one.value if one.unit in ("count", "times") else None


def _direction(claim: Claim) -> Difference | None:
    words = f" {claim.text.lower()} "
    said = next((one for one in _AGAINST.get(claim.op, ()) if f" {one} " in words), None)
    right = claim.op.replace("_", " ")
    if said is None or any(f" {one} " in words for one in _AGAINST.get(_opposite(claim.op), ())):
        return None
    return Difference(said, right)


def _cause(claim: Claim) -> Difference | None:
    if claim.cause is None:
        return None
    words = claim.text.lower()
    named = [name for name, forms in _NAMES.items() if any(form in words for form in forms)]
    if not named or claim.cause in named:
        return None
    return Difference(named[0].replace("_", " "), claim.cause.replace("_", " "))


def _opposite(op: str) -> str:
    return {"above": "below", "at_least": "below", "below": "above", "at_most": "above"}.get(op, op)


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= _NEAR * max(abs(one), abs(other))
