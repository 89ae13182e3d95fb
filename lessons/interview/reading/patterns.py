"""Patterns: what a criterion asks of a text, as sets of claims, and the credit for it with the words that earned it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from lessons.interview.reading.claims import Claim
from lessons.interview.reading.reading import Reading
from lessons.interview.reading.tables import table


@dataclass(frozen=True, slots=True)
class Shape:
    """Claims that satisfy a part: any of the subjects, relations and objects, with this polarity."""

    subjects: frozenset[str]
    relations: frozenset[str]
    objects: frozenset[str]
    polarity: bool
    credit: float = 1.0
    strategies: frozenset[str] = frozenset()
    """Configured strategies under which it counts; empty for all."""
    near: frozenset[str] = frozenset()
    far: frozenset[str] = frozenset()
    number: bool = False
    counted: bool = False
    grounds: bool = False
    against: bool = False
    """Whether its subject or object must be dismissed."""
    stated: bool = False
    """Whether its subject must be asserted."""
    supposed: bool = False
    """Whether it must be said of what would be: "pull would be 300 scans"."""
    denied: bool = False
    """Whether its subject must be denied: "a queue, since nobody should wait"."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the claims that a pattern asks for; any of its shapes will do."""

    name: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """All that a criterion asks of a text."""

    criterion: str
    parts: tuple[Part, ...]

    def part(self, name: str) -> "Pattern":
        """The pattern of one of its parts alone."""
        return replace(self, parts=tuple(part for part in self.parts if part.name == name))


@dataclass(frozen=True, slots=True)
class Credit:
    """0, 0.5 or 1; the claims that earned it and their words, one quote each; low if any of the claims is."""

    value: float
    quotes: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    confidence: Literal["low", "high"] = "high"


def credit(pattern: Pattern, reading: Reading, configured_strategy: str) -> Credit:
    """What a text earns of a criterion.

    The mean over the parts, rounded down to 0, 0.5 or 1: half of what is asked is worth half. A part is worth the best
    of its shapes: 1, or 0.5 where the subject is only implied by `configured_strategy` (of the table of patterns).
    """
    best = [_best(part, reading, configured_strategy) for part in pattern.parts]
    value = int(2 * sum(worth for worth, _ in best) / len(best)) / 2
    claims = tuple(claim for worth, claim in best if claim is not None and worth and value)
    unsure = any(claim.confidence == "low" for claim in claims)
    return Credit(value, tuple(map(reading.quote, claims)), claims, "low" if unsure else "high")


def _best(part: Part, reading: Reading, strategy: str) -> tuple[float, Claim | None]:
    fitting = [
        (shape.credit, claim.confidence == "high", -place, claim)
        for shape in part.shapes
        for place, claim in enumerate(reading.claims)
        if _fits(shape, claim, strategy)
    ]
    if not fitting:
        return 0.0, None
    worth, _, _, claim = max(fitting, key=lambda one: one[:3])
    return worth, claim


def _fits(shape: Shape, claim: Claim, strategy: str) -> bool:
    return (
        claim.relation in shape.relations
        and claim.polarity == shape.polarity
        and claim.subject in _meant(shape.subjects, strategy)
        and claim.object in _meant(shape.objects, strategy)
        and (not shape.strategies or strategy in shape.strategies)
        and (not shape.near or not shape.near.isdisjoint(claim.beside))
        and shape.far.isdisjoint(claim.beside)
        and (not shape.number or claim.quantity is not None)
        and (not shape.counted or claim.counted)
        and (not shape.grounds or claim.grounded)
        and (not shape.against or claim.rejected)
        and (not shape.stated or not claim.denied)
        and (not shape.denied or claim.denied)
        and (not shape.supposed or claim.hedged)
    )


def _meant(concepts: Collection[str], strategy: str) -> frozenset[str]:
    """The concepts, with the mechanisms of the configured strategy, and of the others, in place of their names."""
    names = table("patterns")
    meant = set(concepts)
    if "@used" in meant:
        meant |= set(names["strategies"].get(strategy, ()))
    if "@alternative" in meant:
        meant |= set(names["alternatives"].get(strategy, names["alternatives"]["other"]))
    return frozenset(meant)


def _shape(entry: dict[str, Any]) -> Shape:
    return Shape(
        frozenset(entry["subject"]),
        frozenset(entry["relation"]),
        frozenset(entry["object"]),
        entry["polarity"] == "+",
        float(entry.get("credit", 1.0)),
        frozenset(entry.get("strategies", ())),
        frozenset(entry.get("near", ())),
        frozenset(entry.get("far", ())),
        bool(entry.get("number")),
        bool(entry.get("counted")),
        bool(entry.get("grounds")),
        bool(entry.get("against")),
        bool(entry.get("stated")),
        bool(entry.get("supposed")),
        bool(entry.get("denied")),
    )


@cache
def patterns() -> dict[str, Pattern]:
    """The patterns by criterion: 1f, 3b, 3f, 5a and 6c."""
    made: dict[str, Pattern] = {}
    for entry in table("patterns")["part"]:
        part = Part(entry["name"], tuple(map(_shape, entry["shape"])))
        before = made.get(entry["of"], Pattern(entry["of"], ()))
        made[entry["of"]] = replace(before, parts=(*before.parts, part))
    return made
