"""Surface forms of the tables, and where they stand in a text: the longest form wins, forms may have gaps."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from lessons.interview.reading.tables import table
from lessons.interview.reading.words import Token, stemmed, tokens

GAP = frozenset([".."])
"""In a form: up to `english.gap` words in between."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way to say something. kind: concept, cut, inner, or a part of the table of negation. opposite: an antonym."""

    kind: str
    name: str
    parts: tuple[frozenset[str], ...]
    opposite: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A form at its place: the indices of its tokens, without those in its gaps."""

    form: Form
    indices: tuple[int, ...]

    @property
    def first(self) -> int:
        """Index of its first token."""
        return self.indices[0]

    @property
    def last(self) -> int:
        """Index of its last token."""
        return self.indices[-1]


def parse(kind: str, name: str, written: str, opposite: bool = False) -> Form:
    """A form as a table writes it: words, `a|b`, `..`, `#` and marks."""
    words = [part for part in written.split() if kind != "concept" or part not in ("a", "an", "the")]
    parts = tuple(GAP if part == ".." else frozenset(map(_stem, part.split("|"))) for part in words)
    return Form(kind, name, parts, opposite)


def _stem(part: str) -> str:
    return stemmed(part) if part[0].isalpha() else part


@cache
def forms() -> tuple[Form, ...]:
    """All forms of the tables of concepts and relations."""
    concepts, relations = table("concepts"), table("relations")
    made = [
        parse("concept", name, form, opposite)
        for name, entry in concepts.items()
        if name != "version"
        for key, opposite in (("forms", False), ("not", True))
        for form in entry.get(key, ())
    ]
    for kind in ("cut", "inner"):
        made += [
            parse(kind, cue["name"], form)
            for cue in relations[kind]
            for form in cue["forms"]
            if form not in cue.get("skip", ())
        ]
    for kind in ("forward", "rejecting", "backward", "pseudo", "hedges"):
        made += [parse(kind, kind, form) for form in relations["negation"][kind]]
    return tuple(made)


@cache
def vocabulary() -> frozenset[str]:
    """All words that the tables are written with: what a slip may be put right to."""
    concepts, relations = table("concepts"), table("relations")
    texts = [form for entry in concepts.values() if isinstance(entry, dict) for form in entry["forms"]]
    texts += [form for entry in concepts.values() if isinstance(entry, dict) for form in entry.get("not", ())]
    texts += [form for kind in ("cut", "inner") for cue in relations[kind] for form in cue["forms"]]
    words = {word for form in texts for part in form.split() for word in part.split("|") if word.isalpha()}
    return frozenset(words | set(table("english")["stems"]))


@cache
def _by_first() -> dict[str, tuple[Form, ...]]:
    found: dict[str, list[Form]] = defaultdict(list)
    for form in forms():
        for stem in form.parts[0]:
            found[stem].append(form)
    return {stem: tuple(those) for stem, those in found.items()}


@cache
def _skipped() -> frozenset[str]:
    return frozenset(map(stemmed, table("english")["skipped"]))


def found_in(text: Sequence[Token]) -> tuple[Found, ...]:
    """The forms in a sentence, in order; where two need the same word, that of more words is there, else a concept."""
    all_found = [
        Found(form, indices)
        for at, token in enumerate(text)
        for form in _by_first().get(token.stem, ())
        if (indices := _match(text, form.parts, at))
    ]
    all_found.sort(key=lambda one: (-len(one.indices), one.last - one.first, one.form.kind != "concept", one.first))
    taken: set[int] = set()
    chosen = []
    for one in all_found:
        if taken.isdisjoint(one.indices):
            chosen.append(one)
            taken.update(one.indices)
    return tuple(sorted([*chosen, *_inside(all_found, chosen)], key=lambda one: (one.first, one.last)))


def _inside(all_found: Iterable[Found], chosen: Iterable[Found]) -> list[Found]:
    """People and states inside a longer form: "copy it to each follower" speaks of followers, "too slow" of waiting."""
    entries = {name: entry["kind"] for name, entry in table("concepts").items() if name != "version"}
    inner_kinds = {"people": ("mechanism", "measure", "state"), "state": ("state",)}
    longer = [(set(one.indices), one.form) for one in chosen if one.form.kind == "concept"]
    seen: set[tuple[str, int]] = set()
    inner = []
    for one in all_found:
        within = inner_kinds.get(entries.get(one.form.name, ""), ())
        if any(set(one.indices) < those and entries[form.name] in within for those, form in longer):
            if (one.form.name, one.first) not in seen:
                inner.append(one)
            seen.add((one.form.name, one.first))
    return inner


def _match(text: Sequence[Token], parts: tuple[frozenset[str], ...], at: int) -> tuple[int, ...]:
    """The indices of the tokens that the parts match, the first at `at`; () if they do not."""
    if text[at].stem not in parts[0]:
        return ()
    indices = [at]
    gap = False
    for part in parts[1:]:
        if part == GAP:
            gap = True
            continue
        place = _next(text, part, indices[-1] + 1, gap)
        if place < 0:
            return ()
        indices.append(place)
        gap = False
    return tuple(indices)


def _next(text: Sequence[Token], part: frozenset[str], at: int, gap: bool) -> int:
    """Where the next part stands: at once, behind articles, or behind a gap; -1 if nowhere."""
    left = int(table("english")["gap"]) if gap else 0
    while at < len(text):
        token = text[at]
        if token.stem in part:
            return at
        if token.mark:
            return -1
        if token.stem not in _skipped():
            left -= 1
            if left < 0:
                return -1
        at += 1
    return -1


def read_tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text, slips put right to the words of the tables."""
    return tokens(text, vocabulary())
