"""A strategy is two questions, and this file asks them."""

from typing import ClassVar, NamedTuple

import numpy as np

from engine.domain import F64, I32, I64, Bool


class Writers(NamedTuple):
    """Posts at the instant of acceptance; columns of shape (n,)."""

    author: I32
    followers: I32
    """How many follow the author now."""
    at_ns: I64


class Members(NamedTuple):
    """Users, as a strategy may know them; columns of shape (n,)."""

    user: I32
    away_days: F64
    """Days since the user was last seen; 0 for somebody who is here."""


class Strategy:
    """Which posts are pushed when they are written, and to whom; which followees are pulled when home is read.

    The answers decide only the bill. At rest every strategy that does not call itself lossy shows everybody the
    same timeline; tests/law holds them to that.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    idea: ClassVar[str]
    """One sentence for a learner."""
    params: ClassVar[dict[str, str]] = {}
    """Parameter in `--strategy name:param=value` -> the knob it sets."""
    lossy: ClassVar[bool] = False
    keep_ns: int = 0
    """How long a merged list is kept and served as it is; 0: lists are not made by reads."""

    def pushes(self, posts: Writers) -> Bool:
        """Which posts are written into their followers' lists, shape (n,). Asked once, at acceptance."""
        raise NotImplementedError

    def holds_list(self, members: Members) -> Bool:
        """Whose home list is kept up to date by deliveries, shape (n,); nobody else is delivered to."""
        raise NotImplementedError

    def pulls(self, last_unpushed: I32, floor: I32) -> Bool:
        """Which followees a reader must ask, shape (n,): those with a post that was not pushed, not older than
        what this page takes from the list. Never "celebrities now": crossing the threshold would lose posts.
        """
        return last_unpushed >= floor


def nobody(members: Members) -> Bool:
    """No user at all, shape (n,)."""
    return np.zeros(len(members.user), np.bool_)


def everybody(members: Members) -> Bool:
    """Every user, shape (n,)."""
    return np.ones(len(members.user), np.bool_)
