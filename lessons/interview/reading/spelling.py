"""Slips of one letter in long words, put right where only one word of the tables can be meant."""

from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

LEAST_LETTERS = 6
"""Shorter words are too near to each other."""


@cache
def corrected(word: str, known: frozenset[str], real: frozenset[str]) -> str | None:
    """The one of the `known` words that is one slip away (a letter more, less, other, or two swapped); else None.

    word: lower case, not one of `known`. real: words that exist although the tables lack them; they stay as they are.
    """
    if len(word) < LEAST_LETTERS or word in real:
        return None
    near = process.extract(word, _long(known), scorer=OSA.distance, score_cutoff=1, limit=4)
    return str(near[0][0]) if near and len({_root(found[0]) for found in near}) == 1 else None


@cache
def _long(known: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(word for word in known if len(word) >= LEAST_LETTERS))


def _root(word: str) -> str:
    """Words that differ in a plural only are one word here."""
    return word.removesuffix("s")
