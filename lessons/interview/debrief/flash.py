"""Flash questions: cards that a debrief puts into the learner's drills, by the criteria that were lost."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lessons.drills.cards import Card
from lessons.progress import Event

_FILE = Path(__file__).with_name("flash.toml")
_KEYS = "abcd"
ADVISED = "advised"
"""The event that puts a card into the drills; its subject is the card's id."""


@cache
def flash_cards() -> Mapping[str, Card]:
    """All of them, by id, in their order."""
    return MappingProxyType({f"flash:{number}": _card(number, told) for number, told in _table().items()})


def cards_for(criterion: str) -> tuple[Card, ...]:
    """The cards that practise a criterion, those that name it first foremost; none for what is no matter of numbers."""
    fitting = [
        (told["criteria"].index(criterion), int(number)) for number, told in _table().items()
        if criterion in told["criteria"]
    ]  # fmt: skip
    return tuple(flash_cards()[f"flash:{number}"] for _, number in sorted(fitting))


def card_of_advice(event: Event) -> Card | None:
    """The card of an "advised" event.

    Raises:
        LookupError: there is no such card any more.
    """
    return flash_cards()[event.subject]


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _card(number: str, told: Mapping[str, Any]) -> Card:
    """The right answer stands elsewhere in each card, and always there."""
    labels = [told["answer"], *told["others"]]
    turn = int(number) % len(labels)
    turned = labels[turn:] + labels[:turn]
    return Card(
        id=f"flash:{number}",
        source="Interview",
        question=told["question"],
        options=tuple(zip(_KEYS, turned, strict=True)),
        answer=_KEYS[turned.index(told["answer"])],
        because=told["because"],
        link=told["link"],
    )
