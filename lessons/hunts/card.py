"""A question to be asked again, for whoever named the wrong cause in a hunt, or had to be told."""

from zlib import crc32

from lessons.drills.cards import Card
from lessons.hunts.catalogue import HUNTS
from lessons.hunts.grade import diagnosis, offer
from lessons.progress import Event


def card_of_hunt(event: Event) -> Card | None:
    """The card of a "hunted" event; None of a right answer.

    Raises:
        LookupError: there is no such hunt any more.
    """
    if event.data.get("right") is True:
        return None
    hunt = HUNTS[event.subject]
    causes = offer(hunt, crc32(event.subject.encode())).causes
    (right,) = [option.key for option in causes if option.defect == hunt.defect]
    found = diagnosis(hunt)
    return Card(
        id=f"hunt:{hunt.name}",
        source="Hunt",
        question=f"{hunt.symptom} What would do that?",
        options=tuple((option.key, option.label) for option in causes),
        answer=right,
        because=f"{found.because} {found.right}",
        link=f"/hunts?hunt={hunt.name}",
    )
