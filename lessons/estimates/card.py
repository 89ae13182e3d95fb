"""A wrong estimate as a drill: the same question, four answers."""

from lessons.drills.cards import Card
from lessons.estimates.score import grade
from lessons.progress import Event

_KEYS = "abcd"


def card_of_estimate(event: Event) -> Card | None:
    """The card of a "revealed" event; None where the estimate was within twice the answer.

    Raises:
        LookupError, TypeError, ValueError: it has not what such an event has.
    """
    data = event.data
    if not grade(float(data["estimate"]), float(data["truth"])).wrong:
        return None
    labels = [data["shown"], *data["others"]]
    turn = sum(map(ord, event.subject)) % len(labels)  # the right one stands elsewhere in each card, and always there
    turned = labels[turn:] + labels[:turn]
    return Card(
        id=f"estimate.{event.subject}",
        source="Estimate",
        question=data["question"],
        options=tuple(zip(_KEYS, turned, strict=False)),
        answer=_KEYS[turned.index(data["shown"])],
        because=data["because"],
        link=data["link"],
    )
