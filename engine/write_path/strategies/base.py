"""A strategy is two questions, and this file asks them.

Three more may be asked of those that declare that they answer them: whom of a post's audience it reaches (`by_edge`),
which copies are dropped (`lossy`), and what was seen of the world (`watches`). Nobody else is asked, or pays for it.
"""

from typing import ClassVar, NamedTuple, Self

import numpy as np

from engine.config import WorldConfig
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


class Rates(NamedTuple):
    """What the load makes people do on average, per virtual second."""

    posts: F64
    """Of each user, shape (users,)."""
    reads: F64
    """Openings of home of each user, shape (users,)."""


class Seen(NamedTuple):
    """What a strategy that watches is told of the world at each multiple of the quantum."""

    now_ns: int
    queued: int
    """Copies accepted by now and not yet readable."""
    authors: I32
    """Of the posts accepted since the last time, in order of acceptance; shape (posts,)."""


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
    """Some copies are dropped on purpose: `keeps` is asked."""
    by_edge: ClassVar[bool] = False
    """A post may be pushed to some followers and pulled by the others: `meet` and `reaches` are asked."""
    watches: ClassVar[bool] = False
    """What is pushed depends on how the world fares: `observe` is told, and segments end with the quantum."""
    keep_ns: int = 0
    """How long a merged list is kept and served as it is; 0: lists are not made by reads."""
    later_ns: int = 0
    """How long after its acceptance a post that was not pushed is pushed all the same, and until it has arrived is
    pulled; 0: never. At least half a second: no segment is longer."""

    @classmethod
    def of(cls, config: WorldConfig) -> Self:
        """The strategy with the parameters that a configuration gives it."""
        return cls()

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

    def meet(self, rates: Rates) -> None:
        """If `by_edge`: told once before the first post, and again when the knobs of the load change."""

    def reaches(self, posts: Writers, reads_per_s: F64) -> Bool:
        """If `by_edge`, instead of `pushes`: which classes of readers, each opening home at a rate of its own
        (shape (k,), ascending), get a copy of which posts; shape (n, k). Asked once, at acceptance.
        """
        raise NotImplementedError

    def keeps(self, follows: I32, chance: F64) -> Bool:
        """If `lossy`: which copies are made, shape (n,), for followers who follow so many accounts. `chance`: numbers
        on [0, 1) that depend on nothing but the world's seed, the post and the follower.
        """
        raise NotImplementedError

    def observe(self, seen: Seen) -> None:
        """If it `watches`: how the world stands, at the change of strategy and at each multiple of the quantum."""


def nobody(members: Members) -> Bool:
    """No user at all, shape (n,)."""
    return np.zeros(len(members.user), np.bool_)


def everybody(members: Members) -> Bool:
    """Every user, shape (n,)."""
    return np.ones(len(members.user), np.bool_)
