"""Concepts where they are mentioned, and what negates them there (after NegEx: triggers, scopes, pseudo-triggers)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from lessons.interview.reading.clauses import Clause, Sentence
from lessons.interview.reading.forms import Found
from lessons.interview.reading.tables import table
from lessons.interview.reading.words import NUMBER, Token


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept at its tokens. negations, rejections: the triggers that reach it, the latter those that dismiss."""

    concept: str
    first: int
    last: int
    opposite: bool = False
    negations: frozenset[int] = frozenset()
    rejections: frozenset[int] = frozenset()


@cache
def kind(concept: str) -> str:
    """mechanism, people, thing, measure, state or event; "" for what is no concept."""
    return str(table("concepts").get(concept, {"kind": ""})["kind"])


def mentions(sentence: Sentence, text: Sequence[Token]) -> tuple[Mention, ...]:
    """The concepts of a sentence in order."""
    triggers = tuple(_triggers(sentence, text))
    triggers += tuple(_too_much(sentence, text, triggers))
    return tuple(
        Mention(
            one.form.name,
            one.first,
            one.last,
            one.form.opposite,
            _reaching(triggers, one.indices, False),
            _reaching(triggers, one.indices, True) if kind(one.form.name) == "mechanism" else frozenset(),
        )
        for one in sentence.found
        if one.form.kind == "concept"
    )


def negations(sentence: Sentence, text: Sequence[Token], indices: Iterable[int]) -> frozenset[int]:
    """The triggers that negate some tokens of a sentence, such as those of "grow with"; not those that dismiss."""
    return _reaching(tuple(_triggers(sentence, text)), indices, False)


def hedged(sentence: Sentence) -> bool:
    """Whether a word such as "might" stands in it."""
    return any(one.form.kind == "hedges" for one in sentence.found)


def numbers(clause: Clause, text: Sequence[Token]) -> list[int]:
    """Indices of the numbers in a clause."""
    return [at for at in range(clause.first, clause.last) if text[at].stem == NUMBER]


_PRONOUNS = frozenset(["it", "them", "that", "this"])
"""In "we ruled it out", which speaks of the clause before too."""
_Trigger = tuple[int, bool, range]
"""(its first token, whether it dismisses, the tokens in its scope)."""


def _triggers(sentence: Sentence, text: Sequence[Token]) -> Iterator[_Trigger]:
    for one in sentence.found:
        if one.form.kind not in ("forward", "rejecting", "backward"):
            continue
        clause = next((clause for clause in sentence.clauses if clause.holds(one.first)), None)
        if clause is None or _compares(one, text):
            continue
        ends = one.last + 1 >= clause.last or text[one.last + 1].mark
        bare = one.form.kind == "rejecting" or text[one.first].stem == "no"
        if one.form.kind == "backward" or (bare and ends):  # "pull rejected: too slow", "pull, no: too slow"
            of_it = _PRONOUNS & {text[at].stem for at in one.indices}
            yield one.first, True, range(sentence.first, one.first) if of_it else _behind(one, clause, text)
        else:
            yield one.first, one.form.kind != "forward", _ahead(one, clause, text)


def _compares(one: Found, text: Sequence[Token]) -> bool:
    """ "4,600 posts against 230,000 reads" dismisses nothing."""
    return text[one.last].stem == "against" and one.last + 1 < len(text) and text[one.last + 1].stem == NUMBER


def _too_much(sentence: Sentence, text: Sequence[Token], triggers: Sequence[_Trigger]) -> Iterator[_Trigger]:
    """ "Push is too expensive" dismisses push; "is not too expensive" does not."""
    for one in sentence.found:
        dismisses = one.form.name == "TOO_MUCH" or (kind(one.form.name) == "state" and text[one.first].stem == "too")
        if dismisses and not _reaching(triggers, one.indices, False):
            clause = next((clause for clause in sentence.clauses if clause.holds(one.first)), None)
            if clause:
                yield one.first, True, range(clause.first, one.first)


def _ahead(one: Found, clause: Clause, text: Sequence[Token]) -> range:
    last = min(one.last + int(table("relations")["negation"]["scope"]), clause.last - 1)
    comma = next((at for at in range(one.last + 1, last + 1) if text[at].mark), last + 1)
    return range(one.last + 1, comma)


def _behind(one: Found, clause: Clause, text: Sequence[Token]) -> range:
    first = max(one.first - int(table("relations")["negation"]["scope"]), clause.first)
    return range(first, one.first)


def _reaching(triggers: Iterable[_Trigger], indices: Iterable[int], dismissing: bool) -> frozenset[int]:
    those = set(indices)
    return frozenset(at for at, dismisses, scope in triggers if dismisses == dismissing and not those.isdisjoint(scope))
