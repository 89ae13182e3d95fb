"""Closed lists in an order that nobody can learn: shuffled by the seed of the interview, one order for each list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from engine.load.streams import stream

_Any = TypeVar("_Any")


@dataclass(frozen=True)
class Option:
    """One choice: its key in the transcript, and what is shown."""

    key: str
    label: str


def shuffled(seed: int, name: str, those: Sequence[_Any]) -> tuple[_Any, ...]:
    """The same for the same seed and the same name of a list.

    Example: `shuffled(7, "sheet.paging", ("cursor", "offset"))`.
    """
    order = stream(seed, f"interview.list.{name}", 0).permutation(len(those))
    return tuple(those[int(place)] for place in order)
