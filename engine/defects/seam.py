"""How a defect gets into one world: it stands before one method, or one store, of that world's own objects.

Nothing here changes a class or a module, so a world in which nothing was planted cannot be affected.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from engine.domain import I32, NO_ROW

if TYPE_CHECKING:
    from engine.timelines.port import TimelineStore
    from engine.world import World

Method = Callable[..., Any]


def before(owner: object, method: str, make: Callable[[Method], Method]) -> None:
    """Put a function before one object's method; `make` is given what stood there."""
    setattr(owner, method, make(getattr(owner, method)))


class Before:
    """Stands before a timeline store, and lets through to it what it does not do itself."""

    def __init__(self, inner: "TimelineStore") -> None:
        self.inner = inner
        self.by_owners = False  # what it remembers is not for several threads

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def stand_before_lists(world: "World", store: Before) -> None:
    """From now on the world's home lists are reached through this."""
    world.tables.lists = cast("TimelineStore", store)


def one(value: int) -> I32:
    """A batch of one."""
    return np.array([value], np.int32)


def padded(rows: list[I32], width: int) -> I32:
    """Lines of different lengths as shape (n, width), NO_ROW behind the last."""
    lines = np.full((len(rows), width), NO_ROW, np.int32)
    for line, found in zip(lines, rows, strict=True):
        line[: min(width, len(found))] = found[:width]
    return lines
