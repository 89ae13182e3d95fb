"""When a card comes back: 1, 3, 7 and 14 days after a wrong answer, as long as it is answered right.

Days are those of the learner's calendar: what was wrong late at night is due from the next morning on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

DAY_S = 86_400.0
DAYS = (1, 3, 7, 14)
"""After the wrong answer, where each is answered on its day."""
_GAPS = tuple(day - before for day, before in zip(DAYS, (0, *DAYS[:-1]), strict=True))
"""What is answered late moves the rest as far: a card does not come twice in a row for being late."""


class Answered(NamedTuple):
    """One answer to a card, or the mistake that it is made of."""

    at: float
    """Seconds since 1970."""
    right: bool


@dataclass(frozen=True)
class Standing:
    """How a card stands."""

    step: int
    """How many times in a row it was answered right on its day, from 0 to 4."""
    due_day: int | None
    """From when on it is due, in days of the learner's calendar since 1970; None: it is known, or was never wrong."""

    @property
    def known(self) -> bool:
        """Right after the longest pause too: it does not come back."""
        return self.step == len(DAYS)


def day_of(at: float, zone_s: float = 0.0) -> int:
    """The day of an instant, counted from 1970, on a calendar that is `zone_s` seconds ahead of UTC."""
    return int((at + zone_s) // DAY_S)


def standing(answers: Iterable[Answered], now_s: float, zone_s: float = 0.0) -> Standing:
    """How a card stands after these answers, of which the first wrong one made it.

    A right answer ahead of its day changes nothing. An answer more than a day in the future says that the clock was
    wrong then, or is now: it counts as older than all others, and its card is due today. It is asked too early then,
    and never lost.
    """
    today = day_of(now_s, zone_s)

    def strange(one: Answered) -> bool:
        return one.at > now_s + DAY_S

    step, due = 0, None
    for one in sorted(answers, key=lambda one: (not strange(one), 0.0 if strange(one) else one.at)):
        day = day_of(one.at, zone_s)
        if not one.right:
            step, due = 0, day + _GAPS[0]
        elif due is None or day < due:
            continue
        else:
            step += 1
            due = day + _GAPS[step] if step < len(DAYS) else None
        if due is not None and strange(one):
            due = min(due, today)
    return Standing(step, due)
