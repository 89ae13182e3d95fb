"""All cards of a learner: which are due, when the others come, and how many are known. A function of events and now."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.errors import InvalidInput
from lessons.drills.cards import Card, card_of
from lessons.drills.spacing import Answered, Standing, day_of, standing
from lessons.progress import Event, Progress

DRILLED = "drilled"


@dataclass(frozen=True)
class Dated:
    """A card and how it stands."""

    card: Card
    standing: Standing


@dataclass(frozen=True)
class Deck:
    """A learner's cards on one day."""

    today: int
    """In days since 1970, of the learner's calendar."""
    due: tuple[Dated, ...]
    """To be answered today: those that have waited longest first."""
    later: tuple[Dated, ...]
    """The next one first."""
    known: tuple[Dated, ...]

    @property
    def calendar(self) -> Mapping[int, int]:
        """How many cards come in how many days: {0: due now, 1: tomorrow, ...}, days without any left out."""
        ahead = Counter((one.standing.due_day or 0) - self.today for one in self.later)
        return {**({0: len(self.due)} if self.due else {}), **dict(sorted(ahead.items()))}


def deck(events: Iterable[Event], now_s: float, zone_s: float = 0.0) -> Deck:
    """The cards that follow from a learner's events. `zone_s`: how far the learner's clock is ahead of UTC."""
    events = tuple(events)
    cards: dict[str, Card] = {}
    answers: dict[str, list[Answered]] = {}
    for event in events:
        card = card_of(event)
        if card is not None:
            cards[card.id] = card
            answers.setdefault(card.id, []).append(Answered(event.at, False))
    for event in events:
        if event.kind == DRILLED and event.subject in cards:
            answers[event.subject].append(Answered(event.at, event.data.get("right") is True))
    today = day_of(now_s, zone_s)
    dated = [Dated(card, standing(answers[id_], now_s, zone_s)) for id_, card in cards.items()]
    waiting = sorted((one for one in dated if one.standing.due_day is not None), key=_turn)
    return Deck(
        today,
        tuple(one for one in waiting if (one.standing.due_day or 0) <= today),
        tuple(one for one in waiting if (one.standing.due_day or 0) > today),
        tuple(one for one in dated if one.standing.known),
    )


def answer(progress: Progress, card: Card, key: str) -> bool:
    """Keep what the learner answered; whether it is right.

    Raises:
        InvalidInput: the card has no such option. ProgressError: it could not be kept.
    """
    if key not in dict(card.options):
        raise InvalidInput(f"The answer is {key[:20]!r}; allowed: {', '.join(key for key, _ in card.options)}.")
    right = key == card.answer
    progress.append(DRILLED, card.id, right=right, said=key)
    return right


def _turn(one: Dated) -> tuple[int, int, str]:
    return one.standing.due_day or 0, one.standing.step, one.card.id
