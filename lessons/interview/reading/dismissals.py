"""Sentences that dismiss what was said before: "Pull: 300 lists a page. Ruled out.", "... so no"."""

from collections.abc import Sequence
from dataclasses import replace

from lessons.interview.reading.claims import Claim
from lessons.interview.reading.clauses import Sentence
from lessons.interview.reading.mentions import Mention, kind
from lessons.interview.reading.words import Token

_SHORT = 3
"""Words up to which a sentence with "no" in front is an answer to what was before it."""
_AT_ONCE = 2
"""Words in front of a dismissal that begins a sentence: "that is out", "so ruled out"."""


def says_no(sentence: Sentence, text: Sequence[Token], mentions: Sequence[Mention]) -> bool:
    """Whether a sentence begins by dismissing, and names no mechanism of its own before."""
    words = [at for at in range(sentence.first, sentence.last) if not text[at].mark]
    if words and len(words) <= _SHORT and text[words[0]].stem in ("no", "nope"):
        return True
    begins = set(words[: _AT_ONCE + 1])
    own = min((one.first for one in mentions if kind(one.concept) == "mechanism"), default=sentence.last)
    return any(
        one.first in begins and one.first < own
        and (one.form.kind in ("rejecting", "backward") or one.form.name == "TOO_MUCH")
        for one in sentence.found
    )  # fmt: skip


def ends_with_no(sentence: Sentence, text: Sequence[Token]) -> bool:
    """ "... so no", "... so that's out": its last clause dismisses, and names nothing."""
    if len(sentence.clauses) < 2:
        return False
    last = sentence.clauses[-1]
    there = [one for one in sentence.found if last.holds(one.first)]
    words = [text[at].stem for at in range(last.first, last.last) if not text[at].mark]
    if any(one.form.kind == "concept" for one in there):
        return False
    short_no = 0 < len(words) <= _SHORT and words[0] in ("no", "nope")
    return short_no or any(one.form.kind in ("rejecting", "backward") for one in there)


def dismissed(claim: Claim) -> Claim:
    """The same claim about something that was dismissed; a reason for it becomes a reason against it."""
    against = claim.relation == "CAUSE" and kind(claim.object) == "mechanism" and not claim.rejected
    return replace(claim, rejected=True, polarity=claim.polarity != against)
