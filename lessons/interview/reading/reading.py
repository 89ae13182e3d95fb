"""A text read into claims, by tables and rules alone: no model, no network, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from lessons.interview.reading.claims import Claim, Scene
from lessons.interview.reading.clauses import Sentence, sentences
from lessons.interview.reading.dismissals import dismissed, ends_with_no, says_no
from lessons.interview.reading.forms import read_tokens
from lessons.interview.reading.growth import growth_claims
from lessons.interview.reading.guards import (
    Opposed,
    is_foreign,
    is_heap,
    with_condition,
    without_opposed,
    without_repeats,
)
from lessons.interview.reading.inner import inner_claims
from lessons.interview.reading.linked import linked_claims, with_rejections
from lessons.interview.reading.mentions import mentions
from lessons.interview.reading.sources import Shingles, copied, copied_lines
from lessons.interview.reading.words import Token


@dataclass(frozen=True)
class Unread:
    """A clause in which nothing was found: its span in the original text."""

    span: tuple[int, int]


@dataclass(frozen=True)
class Reading:
    """What a text says, as far as the tables reach. Unread is not wrong: it is asked instead."""

    text: str
    claims: tuple[Claim, ...]
    unread: tuple[Unread, ...]
    opposed: tuple[Opposed, ...] = ()
    """Claims that voided each other: "Which of the two?" """
    foreign: bool = False
    """Whether it is written in another language; nothing of it is read then."""
    copied: bool = False
    """Whether it repeats a question, a lesson or a card; nothing of it counts then."""

    def quote(self, claim: Claim, words: int = 20) -> str:
        """The claim's words as they were written, at most so many, with an ellipsis where there are more."""
        written = self.text[slice(*claim.span)].split()
        return " ".join(written[:words]) + (" ..." if len(written) > words else "")


def read(text: str, sources: Shingles = frozenset()) -> Reading:
    """Read a text.

    sources: what counts for nothing if repeated (questions, lessons, cards); `sources.school()` has all of it.
    """
    tokens = read_tokens(text)
    if copied(text, sources):
        return Reading(text, (), (), copied=True)
    if is_foreign(tokens, text):
        return Reading(text, (), (Unread((0, len(text))),), foreign=True)
    found: list[Claim] = []
    unread: list[Unread] = []
    before: Scene | None = None
    since = 0
    for sentence in sentences(tokens):
        scene = _scene(sentence, tokens, before)
        claims = with_condition(_grounded(scene))
        heaps = [clause for clause in sentence.clauses if is_heap(scene, clause, claims)]
        spans = [(tokens[clause.first].start, tokens[clause.last - 1].end) for clause in heaps]
        kept = [claim for claim in claims if not any(_overlap(claim.span, span) for span in spans)]
        if says_no(sentence, tokens, scene.mentions):
            found = [dismissed(claim) if since <= claim.span[0] else claim for claim in found]
        if ends_with_no(sentence, tokens):
            kept = [dismissed(claim) for claim in kept]
        since = tokens[sentence.first].start
        found += kept
        unread += _unread(sentence, tokens, kept)
        before = scene
    pasted = copied_lines(text, sources)
    found = [claim for claim in found if not any(_overlap(claim.span, span) for span in pasted)]
    claims, opposed = without_opposed(without_repeats(found))
    return Reading(text, claims, tuple(unread), opposed)


def _scene(sentence: Sentence, tokens: Sequence[Token], before: Scene | None) -> Scene:
    own = with_rejections(sentence, mentions(sentence, tokens))
    return Scene(tokens, sentence, own, before.mentions if before else (), before.sentence if before else None)


def _grounded(scene: Scene) -> list[Claim]:
    """Guard (g): a reason counts only with a number, a state or a change on one of its sides."""
    claims = [*linked_claims(scene), *growth_claims(scene), *inner_claims(scene)]
    return [claim for claim in claims if claim.relation != "CAUSE" or claim.grounded]


def _unread(sentence: Sentence, tokens: Sequence[Token], claims: Sequence[Claim]) -> list[Unread]:
    spans = [(tokens[clause.first].start, tokens[clause.last - 1].end) for clause in sentence.clauses]
    return [Unread(span) for span in spans if not any(_overlap(claim.span, span) for claim in claims)]


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
