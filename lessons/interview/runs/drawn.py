"""What a seed draws for one interview: two new requirements, of which one will be asked, and three unforeseen loads."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from engine.load.streams import stream
from lessons.interview.base import LEVELS, Level
from lessons.interview.measured import UNFORESEEN, Unforeseen

Variant = Literal["V1", "V2", "V3", "V4", "V5", "V6"]
VARIANTS: tuple[Variant, ...] = ("V1", "V2", "V3", "V4", "V5", "V6")


@dataclass(frozen=True)
class NewRequirement:
    """A requirement that changes midway. `lines`: what the interviewer says, by level; 25 words at most."""

    title: str
    lines: Mapping[Level, str]


def _same(title: str, line: str) -> NewRequirement:
    return NewRequirement(title, MappingProxyType(dict.fromkeys(LEVELS, line)))


NEW_REQUIREMENTS: Mapping[Variant, NewRequirement] = MappingProxyType(
    {
        "V1": _same(
            "Visible in two seconds",
            "New requirement: 99 in 100 copies are visible within 2 seconds, posts of the largest account included. "
            "What do you change?",
        ),
        "V2": _same(
            "Five times the reads", "New requirement: everybody opens home five times as often. What do you change?"
        ),
        "V3": _same(
            "The final whistle",
            "New requirement: a final whistle. 25 times the posts for one second, then everybody refreshes. What do "
            "you change?",
        ),
        "V4": _same(
            "Restricted at once",
            "New requirement: a restricted post is never served later than one second after. What do you change?",
        ),
        "V5": _same(
            "Half the machines",
            "New requirement: half of the memory and two thirds of the workers. What do you change?",
        ),
        "V6": NewRequirement(
            "Everybody follows more, or a region is cut off",
            MappingProxyType(
                {
                    "mid": "New requirement: everybody follows four times as many accounts. What do you change?",
                    **dict.fromkeys(
                        ("senior", "staff"),
                        "New requirement: one region is cut off for 60 seconds, and no acknowledged post may be lost. "
                        "What do you change?",
                    ),
                }
            ),
        ),
    }
)

UNFORESEEN_LOADS: Mapping[Unforeseen, str] = MappingProxyType(
    {
        "U1": "The largest account posts three times within ten seconds.",
        "U2": "The caches are emptied while everybody refreshes.",
        "U3": "Workers die in mid-batch, and the broker hands their jobs out again.",
        "U4": "One account in a hundred posts spam, all of them for twenty seconds.",
        "U5": "An account grows past the threshold and shrinks again, and posts all the while.",
        "U6": "One in a hundred comes back after a month away, all within ten seconds.",
    }
)


_SEEDS = 1_000_000_000
"""Of worlds, as an interview may have them."""


@dataclass(frozen=True)
class Drawn:
    """Of one interview. `seed`: of the graph and the load of its runs."""

    seed: int
    variants: tuple[Variant, Variant]
    unforeseen: tuple[Unforeseen, Unforeseen, Unforeseen]


def drawn(seed: int) -> Drawn:
    """The same for the same seed, at every level."""
    rng = stream(seed, "interview.drawn", 0)
    first, second = sorted(rng.choice(len(VARIANTS), 2, replace=False))
    one, two, three = sorted(rng.choice(len(UNFORESEEN), 3, replace=False))
    return Drawn(
        seed % _SEEDS, (VARIANTS[first], VARIANTS[second]), (UNFORESEEN[one], UNFORESEEN[two], UNFORESEEN[three])
    )
