"""What people do in a run beside its load, at whole virtual seconds: `delete@8x500`.

A run stops at that second, they act, and it goes on: where it stops changes nothing else.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.clock import NS_PER_S
from engine.domain import I32, Flag
from engine.errors import InvalidInput
from engine.reader import Reader
from engine.world import World

_FORM = re.compile(r"(?P<verb>[a-z]+)@(?P<at>\d{1,6})x(?P<count>\d{1,9})", re.ASCII)
_MOST = 1_000_000
_LOOKED_AT = 100
"""People whose first page is looked at in the end."""


@dataclass(frozen=True, order=True)
class Act:
    """So many posts are deleted, or brought back, at a virtual second."""

    at_s: int
    verb: str
    count: int

    def __str__(self) -> str:
        return f"{self.verb}@{self.at_s}x{self.count}"


def parse_act(text: str) -> Act:
    """An act from VERB@ATxCOUNT.

    Raises:
        InvalidInput: not of this form, no such verb, or out of bounds.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None or found["verb"] not in _VERBS:
        raise InvalidInput(f"{text!r} is no act; write {' or '.join(_VERBS)} as in delete@8x500: 500 posts at 8 s.")
    if not 1 <= int(found["count"]) <= _MOST:
        raise InvalidInput(f"{text!r} is about {int(found['count']):,} posts; allowed: 1 to {_MOST:,}.")
    return Act(int(found["at"]), found["verb"], int(found["count"]))


class Agenda:
    """The acts of one run, in order of time."""

    def __init__(self, acts: Iterable[Act]) -> None:
        self._left = sorted(acts)
        self._any = bool(self._left)

    def stop_ns(self, until_ns: int) -> int:
        """The instant at which the run has to stop next, at the latest at `until_ns`."""
        return min(until_ns, self._left[0].at_s * NS_PER_S) if self._left else until_ns

    def act(self, world: World) -> None:
        """Do what is due now."""
        while self._left and self._left[0].at_s * NS_PER_S <= world.now_ns:
            act = self._left.pop(0)
            _VERBS[act.verb](world, act.count)

    def to_json(self, world: World) -> dict[str, Any]:
        """What has become of it, for the report; nothing where nobody acted."""
        if not self._any:
            return {}
        posts, users = world.tables.posts, np.arange(world.tables.graph.n, dtype=np.int32)
        gone = _deleted(world)
        entries = np.isin(world.tables.lists.entries(users).values, gone)
        reader = Reader(world)
        looking = users[:: max(1, len(users) // _LOOKED_AT)][:_LOOKED_AT].tolist()
        pages = [reader.home(user, shown=False).rows for user in looking]
        shown = sum(int(posts.hidden(rows).sum()) for rows in pages)
        return {"acts": {"deleted": len(gone), "entries": int(entries.sum()), "shown": shown, "pages": len(pages)}}


def _deleted(world: World) -> I32:
    posts = world.tables.posts
    return np.flatnonzero(posts.flags[: posts.size] & int(Flag.DELETED)).astype(np.int32)


def _delete(world: World, count: int) -> None:
    """The newest posts that stand, by whomever: as after a flood of spam."""
    posts = world.tables.posts
    standing = np.flatnonzero((posts.flags[: posts.size] & int(Flag.DELETED)) == 0)
    _set(world, standing[-count:], True)


def _restore(world: World, count: int) -> None:
    """The newest deleted ones."""
    _set(world, _deleted(world)[-count:], False)


def _set(world: World, rows: Any, deleted: bool) -> None:
    for row in rows.tolist():
        world.tables.posts.set_flag(row, Flag.DELETED, deleted)


_VERBS: Mapping[str, Callable[[World, int], None]] = {"delete": _delete, "restore": _restore}
