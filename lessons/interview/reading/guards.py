"""What keeps words without meaning from counting; guards that need more than the text take it as an argument."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from lessons.interview.reading.claims import Claim, Scene
from lessons.interview.reading.clauses import Clause
from lessons.interview.reading.mentions import kind
from lessons.interview.reading.tables import table
from lessons.interview.reading.words import Token

MOST_UNRELATED = 5
"""Concepts in a clause without a relation; more void it."""
HEAPED = 0.75
"""Share of the words of a clause that name concepts, above which more than five of them are a mere list."""
FEWEST_FOREIGN = 3
"""Function words of another language, below which a text is terse English."""
CASES = ("CELEBRITY", "ACTIVE", "INACTIVE", "THRESHOLD", "OVERLOAD", "BACKLOG")
"""What may be a condition, beside events."""
_SPECIFIC = ("mechanism", "measure", "event")
"""Kinds of subjects that can be contradicted: "the cost" of two things may do opposite things."""


@dataclass(frozen=True, slots=True)
class Opposed:
    """Two claims of one step that cannot both hold: which of the two?"""

    one: Claim
    other: Claim


def is_heap(scene: Scene, clause: Clause, claims: Iterable[Claim]) -> bool:
    """Guard (b): more than five concepts, and nothing said about any two of them, or hardly a word between them."""
    there = scene.within(clause)
    concepts = {one.concept for one in there}
    if len(concepts) <= MOST_UNRELATED:
        return False
    words = [at for at in range(clause.first, clause.last) if not scene.text[at].mark]
    named = {at for one in there for at in range(one.first, one.last + 1)}
    if len(named.intersection(words)) > HEAPED * len(words):
        return True
    return not any(claim.relation != "COND" and {claim.subject, claim.object} & concepts for claim in claims)


def without_repeats(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Guard (d): a claim counts once; of its repeats the surest, then the one with a number, then the first is kept."""
    kept: dict[tuple[str, str, str, bool], Claim] = {}
    for claim in claims:
        key = (claim.subject, claim.relation, claim.object, claim.polarity)
        if key not in kept or _weight(claim) > _weight(kept[key]):
            kept[key] = claim
    return tuple(sorted(kept.values(), key=lambda claim: (claim.span, claim.relation, claim.subject, claim.object)))


def _weight(claim: Claim) -> tuple[bool, bool, bool]:
    return claim.grounded, claim.quantity is not None, claim.confidence == "high"


def without_opposed(claims: Iterable[Claim]) -> tuple[tuple[Claim, ...], tuple[Opposed, ...]]:
    """Guard (c): opposite claims without a condition void each other; hedged ones contradict nothing."""
    those = tuple(claims)
    plain = {
        (claim.subject, claim.relation, claim.object, claim.polarity): claim
        for claim in those
        if not claim.condition and not claim.hedged and claim.relation != "COND" and kind(claim.subject) in _SPECIFIC
    }
    opposed = []
    for (subject, relation, object_, polarity), claim in plain.items():
        other = plain.get((subject, relation, object_, False))
        if polarity and other is not None:
            opposed.append(Opposed(claim, other))
    void = {id(claim) for pair in opposed for claim in (pair.one, pair.other)}
    return tuple(claim for claim in those if id(claim) not in void), tuple(opposed)


def built_only(claims: Iterable[Claim], mechanisms: Collection[str]) -> tuple[Claim, ...]:
    """Guard (a): claims about mechanisms that the design has, or that the text dismisses.

    mechanisms: ids of concepts of kind "mechanism" that the config holds.
    """
    return tuple(
        claim
        for claim in claims
        if claim.rejected
        or not claim.polarity
        or all(kind(one) != "mechanism" or one in mechanisms for one in (claim.subject, claim.object))
    )


def is_foreign(text: Iterable[Token], letters: str) -> bool:
    """Whether another language's function words outnumber the English, or over 30 % of the letters are not Latin."""
    known = [char for char in letters if char.isalpha()]
    if known and sum(not _latin(char) for char in known) > 0.3 * len(known):
        return True
    foreign = table("english")["foreign"]
    words = [letters[token.start : token.end].lower() for token in text if not token.mark]
    english = set(foreign["english"])
    own = max(sum(word in english for word in words), FEWEST_FOREIGN - 1)
    return any(
        sum(word in listed and word not in english for word in words) > own
        for name, listed in foreign.items()
        if name != "english"
    )


def _latin(char: str) -> bool:
    return ord(char) < 0x250 or char in "µμ"


def is_case(concept: str) -> bool:
    """Whether it is something that may be so or not, such as a group of people or an event."""
    return concept in CASES or kind(concept) == "event"


def with_condition(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """The claims of a sentence, each under the condition that the sentence names."""
    those = tuple(claims)
    under = [claim.object for claim in those if claim.relation == "COND" and kind(claim.object) != "mechanism"]
    case = next((one for one in under if is_case(one)), under[0] if under else "")
    return tuple(claim if claim.relation == "COND" else replace(claim, condition=case) for claim in those)
