"""A claim: what somebody says of two concepts, with where it is said; and how claims are made from mentions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from lessons.interview.reading.clauses import Clause, Sentence
from lessons.interview.reading.mentions import Mention, hedged, kind, negations, numbers
from lessons.interview.reading.quantities import Quantity
from lessons.interview.reading.tables import table
from lessons.interview.reading.words import Token, stemmed

Relation = Literal["CAUSE", "GROWS", "SHRINKS", "COND", "CONTRAST", "COMPARE"]
NEAR = 8
"""Words between two concepts up to which a claim is held with high confidence."""

CLOSE = 5
"""Words between a concept and the number that counts it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """subject -relation-> object, both ids of concepts.

    CAUSE: the subject brings the object about. GROWS, SHRINKS: the subject does, with the object. COND: the subject
    holds if the object does. CONTRAST: the subject is preferred to the object, or has it as its drawback.
    COMPARE: the subject is measured against the object, or against the quantity. An implied subject or object is "".
    """

    subject: str
    relation: Relation
    object: str
    polarity: bool
    condition: str
    """The concept under which it is said to hold; "" without one."""
    quantity: Quantity | None
    span: tuple[int, int]
    """Of the clauses that it was read from, in characters of the original text."""
    confidence: Literal["low", "high"]
    grounded: bool = False
    """Whether a number, a state or a change is named with it: the difference between a reason and a bare term."""
    denied: bool = False
    """Whether the subject itself is negated: "no wait" in "no wait, so no queue"."""
    counted: bool = False
    """Whether a number stands next to its subject: "100 reads", "followers: 30M"."""
    rejected: bool = False
    """Whether the text dismisses its subject or its object."""
    hedged: bool = False
    beside: frozenset[str] = frozenset()
    """The concepts of the same clauses."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A sentence with its tokens and its mentions: what the readers of relations work on."""

    text: Sequence[Token]
    sentence: Sentence
    mentions: tuple[Mention, ...]
    before: tuple[Mention, ...] = ()
    """Mentions of the sentence before, for one that begins with "so" or "this"."""
    previous: Sentence | None = None

    def within(self, clause: Clause) -> tuple[Mention, ...]:
        """The mentions that begin in a clause, of this sentence or the one before."""
        return tuple(one for one in (*self.before, *self.mentions) if clause.holds(one.first))

    def clause_of(self, index: int) -> Clause:
        """The clause in which a token lies; the whole sentence for a cue between clauses."""
        whole = Clause(self.sentence.first, self.sentence.last)
        return next((clause for clause in self.sentence.clauses if clause.holds(index)), whole)

    def claim(
        self,
        subject: Mention | None,
        relation: Relation,
        object_: Mention | None,
        clauses: Iterable[Clause],
        *,
        flips: int = 0,
        negations: frozenset[int] = frozenset(),
        quantity: Quantity | None = None,
        ignore_rejections: bool = False,
    ) -> Claim:
        """A claim about two mentions in these clauses; it is negated by an odd number of triggers and flips."""
        sides = [one for one in (subject, object_) if one]
        triggers = negations.union(*(one.negations for one in sides))
        dismissals = frozenset[int]().union(*(one.rejections for one in sides))
        flips += sum(one.opposite for one in sides) + len(triggers)
        flips += 0 if ignore_rejections else len(dismissals)
        places = tuple(clauses)
        there = {one.concept for clause in places for one in self.within(clause)}
        return Claim(
            subject.concept if subject else "",
            relation,
            object_.concept if object_ else "",
            flips % 2 == 0,
            "",
            quantity or self._quantity(places),
            (
                min(self.text[clause.first].start for clause in places),
                max(self.text[clause.last - 1].end for clause in places),
            ),
            "high" if self._sure(sides, places) else "low",
            self._grounded(places),
            bool(subject and (subject.opposite + len(subject.negations)) % 2),
            bool(subject and self._counted(subject, places)),
            bool(dismissals) or "TOO_MUCH" in there,
            hedged(self.sentence),
            frozenset(there),
        )

    def _quantity(self, clauses: Iterable[Clause]) -> Quantity | None:
        places = (at for clause in clauses for at in numbers(clause, self.text) if not self.denies(at))
        return next((self.text[at].quantity for at in places), None)

    def _counted(self, subject: Mention, clauses: Sequence[Clause]) -> bool:
        places = (at for clause in clauses if clause.holds(subject.first) for at in numbers(clause, self.text))
        return any(subject.first - at <= CLOSE and at - subject.last <= CLOSE and not self.denies(at) for at in places)

    def denies(self, index: int) -> bool:
        """Whether a number is negated: "not 400 lists"."""
        sentence = self.sentence if index >= self.sentence.first else self.previous
        return sentence is not None and bool(negations(sentence, self.text, (index,)))

    def _sure(self, sides: Sequence[Mention], clauses: Sequence[Clause]) -> bool:
        slips = any(self.text[at].slip for one in sides for at in range(one.first, one.last + 1))
        far = len(sides) == 2 and _between(sides[0], sides[1]) > NEAR
        return len(sides) == 2 and not slips and not far and len(set(clauses)) <= 2

    def _grounded(self, clauses: Sequence[Clause]) -> bool:
        if any(kind(one.concept) == "state" for clause in clauses for one in self.within(clause)):
            return True
        tokens = [token for clause in clauses for token in self.text[clause.first : clause.last]]
        return self._quantity(clauses) is not None or any(token.stem in _states() for token in tokens)


def _between(one: Mention, other: Mention) -> int:
    return max(other.first - one.last, one.first - other.last) - 1


@cache
def _states() -> frozenset[str]:
    return frozenset(map(stemmed, table("relations")["states"]["words"]))
