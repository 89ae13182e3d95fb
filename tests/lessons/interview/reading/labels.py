"""The 200 labelled sentences: what each is asked, what it earns, and the figures over a set of them.

A label holds the set (train: read while the rules were made; held: written before the rules by the same hand, its
totals known while they were made, its misses never read), the voice (native, terse), the relation, what is asked (a
criterion, a part of its pattern, or a claim `SUBJECT|... RELATION OBJECT|...`, with # for a number), the configured
strategy, and the credit that is due.
"""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lessons.interview.reading import Reading, credit, patterns, read

_FILE = Path(__file__).with_name("labelled.csv")


@dataclass(frozen=True)
class Label:
    """One sentence and what it is worth."""

    set: str
    voice: str
    relation: str
    asks: str
    strategy: str
    credit: float
    text: str


@dataclass(frozen=True)
class Figures:
    """Of some sentences: credit given rightly, wrongly, missed, and rightly withheld."""

    right: int
    wrong: int
    missed: int
    withheld: int

    @property
    def precision(self) -> float:
        """Of the credit given, the share that was due."""
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Of the credit due, the share that was given."""
        return self.right / (self.right + self.missed)

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.2f} recall {self.recall:.2f} "
            f"({self.right} right, {self.wrong} wrong, {self.missed} missed, {self.withheld} withheld)"
        )


@cache
def labels() -> tuple[Label, ...]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(Label(**{**row, "credit": float(row["credit"])}) for row in csv.DictReader(file))


def given(label: Label) -> float:
    """The credit that the rules give."""
    reading = read(label.text)
    if label.asks[0].isdigit():
        criterion, _, part = label.asks.partition(".")
        pattern = patterns()[criterion]
        return credit(pattern.part(part) if part else pattern, reading, label.strategy).value
    return float(_claimed(reading, *label.asks.split()))


def _claimed(reading: Reading, subject: str, relation: str, object_: str) -> bool:
    return any(
        claim.subject in subject.split("|")
        and claim.relation == relation
        and claim.polarity
        and (claim.object in object_.split("|") or ("#" in object_ and claim.quantity is not None))
        for claim in reading.claims
    )


def figures(those: Iterable[Label]) -> Figures:
    """Credit counts as given wherever there is some, half or full."""
    counted = Counter((given(label) > 0, label.credit > 0) for label in those)
    return Figures(counted[True, True], counted[True, False], counted[False, True], counted[False, False])
