"""Text as tokens: one way of writing (NFKC, lower case, American, light stems), with spans into the original."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import snowballstemmer

from lessons.interview.reading.quantities import Quantity, quantity_at
from lessons.interview.reading.spelling import corrected
from lessons.interview.reading.tables import table

NUMBER = "#"
"""The stem of every number."""
_MARKS = {
    "→": " -> ",
    "⇒": " => ",
    "≤": "<=",
    "≥": ">=",
    "×": " x ",
    "•": "\n",
    "–": " - ",
    "—": " - ",
    "’": "'",
    "‘": "'",
}
_TOKEN = re.compile(
    r"(?P<short>\b(?:e\.g|i\.e|etc|approx|vs)\.)|(?P<word>[^\W\d_]\w*(?:'[^\W\d_]+)?)"
    r"|(?P<mark>-+>|=>|<=|>=|\n|(?<=\s)-+(?=\s)|[.,;:!?()<>=~/*+])"
)
_WITH_IS = frozenset(["it", "that", "there", "this", "here", "what", "who", "where", "everything", "rest"])
"""Behind which an "'s" is a verb."""
_SHORT = {"vs.": "vs", "approx.": "about"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a mark. `start` and `end` are offsets into the original text; `slip`: it was put right."""

    stem: str
    start: int
    end: int
    mark: bool = False
    quantity: Quantity | None = None
    slip: bool = False


def tokens(text: str, known: frozenset[str] = frozenset()) -> tuple[Token, ...]:
    """The tokens of a text. known: the words of the tables, to which slips of one letter are put right."""
    plain, spans = _plain(text)
    return tuple(_tokens(plain, spans, known))


def _plain(text: str) -> tuple[str, list[tuple[int, int]]]:
    """NFKC and lower case, and of each character the span in the original that it comes from."""
    written: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for cluster in _clusters(text):
        plain = cluster
        if not cluster.isascii():
            plain = _MARKS.get(cluster) or unicodedata.normalize("NFKC", cluster)
        plain = _MARKS.get(plain, plain).lower()
        written.append(plain)
        spans.extend([(at, at + len(cluster))] * len(plain))
        at += len(cluster)
    return "".join(written), spans


def _clusters(text: str) -> Iterator[str]:
    """Each character with the accents that follow it."""
    cluster = ""
    for char in text:
        if cluster and not unicodedata.combining(char):
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _tokens(plain: str, spans: list[tuple[int, int]], known: frozenset[str]) -> Iterator[Token]:
    at = 0
    while at < len(plain):
        begins = plain[at].isalnum() and (at == 0 or not plain[at - 1].isalnum())
        counted = quantity_at(plain, at) if begins else None
        if counted:
            yield Token(NUMBER, spans[at][0], spans[counted[1] - 1][1], quantity=counted[0])
            at = counted[1]
            continue
        found = _TOKEN.match(plain, at)
        if found is None:
            at += 1
            continue
        start, end = spans[at][0], spans[found.end() - 1][1]
        if found["mark"]:
            yield Token(_mark(plain, found, found["mark"]), start, end, mark=True)
        elif found["short"]:
            if found["short"] in _SHORT:
                yield Token(stemmed(_SHORT[found["short"]]), start, end)
        else:
            yield from (Token(stem, start, end, slip=slip) for stem, slip in _word(found["word"], known))
        at = found.end()


def _mark(plain: str, found: re.Match[str], stem: str) -> str:
    """A colon inside "read:write" is not the colon between two clauses; dashes and arrows may be longer."""
    if stem.endswith(("-", "->")):
        return "->" if stem.endswith(">") else "-"
    after = plain[found.end() : found.end() + 1]
    return "/" if stem == ":" and after.isalnum() else stem


def _word(word: str, known: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """(stem, was it a slip) of a word; two for "don't" and "cannot"."""
    if word in ("cannot", "can't", "won't", "dont", "doesnt", "isnt", "cant"):
        yield from ((stem, False) for stem in ("can" if word[0] == "c" else "do", "not"))
        return
    if word.endswith("n't"):
        yield stemmed(word.removesuffix("n't")), False
        yield "not", False
        return
    word, _, ending = word.partition("'")
    if ending == "s" and word in _WITH_IS:
        yield stemmed(word), False
        yield "is", False
        return
    if known and word not in known and stemmed(word) not in _stems(known):
        right = corrected(word, known, _real())
        if right:
            yield stemmed(right), True
            return
    yield stemmed(word), False


@cache
def stemmed(word: str) -> str:
    """The stem of a word in lower case: American, irregular forms from the table, the rest by Snowball's English."""
    english = table("english")
    word = english["british"].get(word, word)
    fixed = english["stems"].get(word)
    return str(fixed) if fixed else str(_stemmer().stemWord(word))


@cache
def _stemmer() -> "snowballstemmer.EnglishStemmer":
    return snowballstemmer.stemmer("english")


@cache
def _stems(known: frozenset[str]) -> frozenset[str]:
    return frozenset(map(stemmed, known))


@cache
def _real() -> frozenset[str]:
    """Words that exist and are never taken for slips of others."""
    english = table("english")
    return frozenset([*english["correct"]["words"], *(word for words in english["foreign"].values() for word in words)])
