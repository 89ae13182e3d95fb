"""Cards: one question each, made again from the event in which a learner got it wrong.

Each part of the school gives a maker for its own kind of event, in a line of MAKERS. Makers are imported when they are
first needed, since those parts import `Card` from here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from lessons.progress import Event

MOST_OPTIONS = 8


@dataclass(frozen=True)
class Card:
    """A question with its answers."""

    id: str
    """The same for every event about the same thing."""
    source: str
    """What kind of thing it was: "Estimate", "Lesson", "Chart", "Hunt", "Interview"."""
    question: str
    options: tuple[tuple[str, str], ...]
    """(key, label), as they stand on the page."""
    answer: str
    """The right key."""
    because: str
    """Why that is right."""
    link: str
    """The page of this app to learn it on, as "/load"."""

    def __post_init__(self) -> None:
        """Raises ValueError where the parts do not fit together."""
        words = (self.id, self.source, self.question, self.answer, self.because, self.link)
        texts = [*words, *(text for option in self.options for text in option)]
        if not all(isinstance(text, str) and text for text in texts):
            raise ValueError("a card is made of texts")
        keys, labels = zip(*self.options, strict=True) if self.options else ((), ())
        if not 2 <= len(self.options) <= MOST_OPTIONS or len(set(keys)) < len(keys) or len(set(labels)) < len(labels):
            raise ValueError(f"a card has 2 to {MOST_OPTIONS} options that differ")
        if self.answer not in keys:
            raise ValueError("the answer of a card is one of its options")
        if not self.link.startswith("/") or self.link.startswith("//"):
            raise ValueError("the link of a card leads to a page of this app")

    def label(self, key: str) -> str:
        """The words of an option."""
        return dict(self.options)[key]


Maker = Callable[[Event], Card | None]
"""The card of an event that was wrong; None of one that was right. It may raise LookupError, TypeError or ValueError
where the event is not as its part writes them: an import can hold anything."""


def _made_by(module: str, name: str) -> Maker:
    """A maker that is imported when it is first called."""

    def make(event: Event) -> Card | None:
        maker: Maker = getattr(import_module(module), name)
        return maker(event)

    return make


MAKERS: dict[str, Maker] = {
    "revealed": _made_by("lessons.estimates.card", "card_of_estimate"),
    "ran": _made_by("lessons.taken", "card_of_lesson"),
    "answered": _made_by("lessons.charts.puzzle", "card_of_chart"),
    "hunted": _made_by("lessons.hunts.card", "card_of_hunt"),
    "advised": _made_by("lessons.interview.debrief.flash", "card_of_advice"),
}
"""By the kind of the event."""


def card_of(event: Event) -> Card | None:
    """The card of an event; None where there is nothing to practise in it."""
    maker = MAKERS.get(event.kind)
    try:
        return maker(event) if maker else None
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return None
