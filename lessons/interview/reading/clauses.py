"""Sentences cut into clauses, and the links between clauses: which cue joins which two."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from lessons.interview.reading.forms import Found, found_in
from lessons.interview.reading.tables import table
from lessons.interview.reading.words import NUMBER, Token

_ENDS = frozenset([".", "!", "?", "\n", ";"])
_CUTS = frozenset([":", "-", "(", ")"])


@dataclass(frozen=True, slots=True)
class Clause:
    """Tokens `first` up to `last` (without it) of the text."""

    first: int
    last: int

    def holds(self, index: int) -> bool:
        """Whether a token lies in it."""
        return self.first <= index < self.last


@dataclass(frozen=True, slots=True)
class Link:
    """Two sides joined by a cue, each of one clause or two adjacent ones, the nearer first.

    `left` is what is said, `right` what the cue leads to, wherever the cue stands: "if B, A" is "A if B".
    """

    cue: str
    left: tuple[Clause, ...]
    right: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the text: its tokens, what was found in them, its clauses and links. Indices count in the text."""

    first: int
    last: int
    found: tuple[Found, ...]
    clauses: tuple[Clause, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where a clause ends (`at`), where the next begins (`then`), and the cue between; "" for a mere mark."""

    at: int
    then: int
    cue: str


@cache
def cues(kind: str) -> dict[str, dict[str, Any]]:
    """The cues of a kind ("cut" or "inner") by name, as the table has them; "colon" is a cut too."""
    made = {cue["name"]: cue for cue in table("relations")[kind]}
    if kind == "cut":
        made["colon"] = {"name": "colon", "relation": "CAUSE", "cause": "right", "also": "COND"}
    return made


def sentences(text: Sequence[Token]) -> tuple[Sentence, ...]:
    """The sentences of a text in order. One that begins with a cue such as "so" is linked with the one before."""
    made: list[Sentence] = []
    for first, last in _bounds(text):
        found = tuple(
            replace(one, indices=tuple(first + index for index in one.indices)) for one in found_in(text[first:last])
        )
        before = made[-1].clauses[-2:] if made and made[-1].last >= first - 1 else ()
        made.append(_sentence(text, first, last, found, before))
    return tuple(made)


def _bounds(text: Sequence[Token]) -> Iterator[tuple[int, int]]:
    first = 0
    for at, token in enumerate(text):
        if token.mark and token.stem in _ENDS:
            if at > first:
                yield first, at
            first = at + 1
    if first < len(text):
        yield first, len(text)


def _sentence(
    text: Sequence[Token], first: int, last: int, found: tuple[Found, ...], before: tuple[Clause, ...]
) -> Sentence:
    clauses: list[Clause] = []
    links: list[Link] = []
    fronted: Link | None = None  # "if B, A": A is still to come
    for cue, piece in _pieces(first, last, list(_cut_points(text, first, last, found))):
        if not clauses and _opens(cue):
            head, rest = _split(text, piece, found)
            fronted = Link(cue, (), (head,))
        elif fronted and _ended_by_comma(text, clauses):
            head, rest = _at_comma(text, piece)  # "rather than pulling, which costs 300 rows, we push"
            links += _linked(cue, clauses, (), head)
        else:
            head, rest = piece, None
            links += _linked(cue, clauses, before, head)
        said = rest or (head if clauses else None)  # the first clause behind the fronted one
        if fronted and said:
            links.append(Link(fronted.cue, (said,), fronted.right))
            fronted = None
        clauses += [head, *([rest] if rest else [])]
    return Sentence(first, last, found, tuple(clauses), tuple(links))


def _linked(cue: str, clauses: Sequence[Clause], before: Sequence[Clause], piece: Clause) -> list[Link]:
    """The link of a piece with up to two clauses before it; where it begins the sentence, with the one before."""
    left = tuple(reversed(clauses[-2:] or before))
    return [Link(cue, left, (piece,))] if cue and left else []


def _ended_by_comma(text: Sequence[Token], clauses: Sequence[Clause]) -> bool:
    return text[clauses[-1].last - 1].stem == ","


def _opens(cue: str) -> bool:
    """Whether a cue at the start of a sentence is followed by its own side first; "so" speaks of what was before."""
    entry = cues("cut").get(cue, {})
    speaks_ahead = entry.get("relation") in ("COND", "CONTRAST") and entry.get("rejects") != "left"
    return cue != "colon" and (entry.get("cause") == "right" or speaks_ahead)


def _cut_points(text: Sequence[Token], first: int, last: int, found: Sequence[Found]) -> Iterator[_Cut]:
    inside = {index for one in found for index in one.indices}
    points = [
        _Cut(one.first, one.first if cues("cut")[one.form.name].get("keeps") else one.last + 1, one.form.name)
        for one in found
        if one.form.kind == "cut" and _valid(text, one, first, found)
    ]
    for at in range(first, last):
        token = text[at]
        if token.mark and token.stem in _CUTS and at not in inside:
            points.append(_Cut(at, at + 1, "colon" if token.stem in (":", "-") else ""))
    yield from sorted(points, key=lambda cut: cut.at)


def _valid(text: Sequence[Token], one: Found, first: int, found: Sequence[Found]) -> bool:
    """Whether the cue means a relation here."""
    cue = cues("cut")[one.form.name]
    starts = one.first == first or (text[one.first - 1].mark and text[one.first - 1].stem in ",:;")
    if cue.get("opens") and not starts:
        return False
    if cue.get("number") and not any(
        text[at].stem == NUMBER for at in range(one.last + 1, min(one.last + 8, len(text)))
    ):
        return False
    if cue.get("starts"):
        return one.first == first or text[one.first - 1].stem == ":"
    needs = cue.get("needs")
    return not needs or any(other.form.name in needs for other in found if _near(other, one))


def _near(other: Found, cue: Found) -> bool:
    return other.form.kind == "concept" and cue.last < other.first <= cue.last + 8


def _pieces(first: int, last: int, cuts: Sequence[_Cut]) -> list[tuple[str, Clause]]:
    """(cue before it, clause) in order; of two cues with nothing between them the later counts."""
    pieces: list[tuple[str, Clause]] = []
    cue, start = "", first
    for cut in [*cuts, _Cut(last, last, "")]:
        if cut.at < start:
            continue
        if cut.at > start:
            pieces.append((cue, Clause(start, cut.at)))
            cue = ""
        cue, start = cut.cue or cue, cut.then
    return pieces


def _at_comma(text: Sequence[Token], piece: Clause) -> tuple[Clause, Clause | None]:
    for at in range(piece.first + 1, piece.last - 1):
        if text[at].mark and text[at].stem == ",":
            return Clause(piece.first, at), Clause(at + 1, piece.last)
    return piece, None


def _split(text: Sequence[Token], piece: Clause, found: Sequence[Found]) -> tuple[Clause, Clause | None]:
    """The side of a cue in front, and the rest: at the first comma, at "then", or before the first mechanism."""
    head, rest = _at_comma(text, piece)
    if rest or text[piece.last - 1].stem == ",":
        return head, rest
    for at in range(piece.first + 1, piece.last - 1):
        if text[at].stem == "then":
            return Clause(piece.first, at), Clause(at + 1, piece.last)
    concepts = table("concepts")
    ends = piece.first
    for one in found:
        if one.form.kind != "concept" or not piece.holds(one.first):
            continue
        numbers = [at for at in range(piece.first, one.first) if text[at].stem == NUMBER]
        ends = max([ends, *(at + 1 for at in numbers)])
        if piece.first < ends < piece.last and concepts[one.form.name]["kind"] == "mechanism":
            return Clause(piece.first, ends), Clause(ends, piece.last)
        ends = max(ends, one.last + 1)
    return piece, None
