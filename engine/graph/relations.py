"""Who must not see whom: blocks and mutes. People make them one by one, so they are few."""

from collections import defaultdict

import numpy as np

from engine.domain import Bool
from engine.errors import NotAllowed


class Relations:
    """Blocks and mutes between users 0..n-1.

    A block hides both from each other; a mute hides b from a only. Follows are left alone: ending them is the
    caller's business. Judged when a page is assembled, so lifting one shows everything again.
    """

    def __init__(self, n: int) -> None:
        self.has_hides: Bool = np.zeros(n, dtype=np.bool_)
        """True where `hidden(user)` is not empty, shape (n,): the page path skips everybody else."""
        self._blocks: defaultdict[int, set[int]] = defaultdict(set)
        self._blocked_by: defaultdict[int, set[int]] = defaultdict(set)
        self._mutes: defaultdict[int, set[int]] = defaultdict(set)

    def block(self, a: int, b: int) -> bool:
        """Neither sees the other's posts. True if a had not blocked b before.

        Raises:
            NotAllowed: a is b.
        """
        _refuse_self(a, b, "block")
        made = b not in self._blocks[a]
        self._blocks[a].add(b)
        self._blocked_by[b].add(a)
        self._note(a, b)
        return made

    def unblock(self, a: int, b: int) -> bool:
        """Lift a's block of b; b's block of a stands. True if there was one."""
        made = b in self._blocks[a]
        self._blocks[a].discard(b)
        self._blocked_by[b].discard(a)
        self._note(a, b)
        return made

    def mute(self, a: int, b: int) -> bool:
        """a does not see b's posts; b notices nothing. True if a had not muted b before.

        Raises:
            NotAllowed: a is b.
        """
        _refuse_self(a, b, "mute")
        made = b not in self._mutes[a]
        self._mutes[a].add(b)
        self._note(a)
        return made

    def unmute(self, a: int, b: int) -> bool:
        """Lift a's mute of b. True if there was one."""
        made = b in self._mutes[a]
        self._mutes[a].discard(b)
        self._note(a)
        return made

    def hidden(self, viewer: int) -> frozenset[int]:
        """Authors whose posts this viewer must not see: blocked by them, blocking them, or muted by them."""
        if not self.has_hides[viewer]:
            return frozenset()
        return self._hidden(viewer)

    def blocks_either(self, a: int, b: int) -> bool:
        """Whether one of the two has blocked the other."""
        return b in self._blocks.get(a, ()) or a in self._blocks.get(b, ())

    def blocks(self, a: int, b: int) -> bool:
        """Whether a has blocked b."""
        return b in self._blocks.get(a, ())

    def mutes(self, a: int, b: int) -> bool:
        """Whether a has muted b."""
        return b in self._mutes.get(a, ())

    def _hidden(self, viewer: int) -> frozenset[int]:
        by_viewer = self._blocks.get(viewer, frozenset()) | self._mutes.get(viewer, frozenset())
        return frozenset(by_viewer | self._blocked_by.get(viewer, frozenset()))

    def _note(self, *users: int) -> None:
        for user in users:
            self.has_hides[user] = bool(self._hidden(user))


def _refuse_self(a: int, b: int, verb: str) -> None:
    if a == b:
        raise NotAllowed(f"You cannot {verb} yourself; choose another account.")
