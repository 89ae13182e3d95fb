"""One person's stored list beside what it should hold, for people who look; and made anew if it is wrong."""

from dataclasses import dataclass

import numpy as np

from engine.domain import I32, NO_LIST
from engine.errors import InvalidInput
from engine.world import World


@dataclass(frozen=True)
class ListBeside:
    """What is stored for somebody, newest first, and what the graph and the posts say; rows of posts."""

    user: int
    held: bool
    """False: there is no list, or only one that a read has kept for a while; a read pulls."""
    stored: tuple[int, ...]
    should_be: tuple[int, ...]
    """Of the same reach: from the newest post down to where the list is complete."""
    missing: tuple[int, ...]
    foreign: tuple[int, ...]

    @property
    def right(self) -> bool:
        """Whether it holds just what it should, once each and in order."""
        return not self.held or self.stored == self.should_be


def beside(world: World, user: int) -> ListBeside:
    """One list beside the oracle's, of a world at rest.

    Raises:
        UnknownUser: nobody has this number.
    """
    owner = _owner(world, user)
    horizon = int(world.tables.lists.horizons(owner)[0])
    if horizon == NO_LIST or world.strategy.keep_ns:
        return ListBeside(user, False, (), (), (), ())
    stored = world.tables.lists.entries(owner).values[::-1]
    should = _oracle(world, user, horizon)
    missing, foreign = np.setdiff1d(should, stored), np.setdiff1d(stored, should)
    return ListBeside(user, True, *(tuple(rows.tolist()) for rows in (stored, should, missing[::-1], foreign[::-1])))


def _owner(world: World, user: int) -> I32:
    from engine.guard.validate import check_user  # Unicode's tables, which a story alone does not need

    return np.array([check_user(user, world.tables.graph.n)], np.int32)


def _oracle(world: World, user: int, horizon: int) -> I32:
    """Rows from `horizon` on by the user and everybody they follow, newest first: what was pushed, all their own."""
    posts = world.tables.posts
    rows = np.arange(horizon, posts.size, dtype=np.int32)
    author = posts.author[rows]
    followees = world.tables.graph.followees(np.array([user], np.int32)).values
    mine = author == user
    theirs = np.isin(author, followees) & posts.pushed[rows]
    held: I32 = rows[mine | theirs][::-1]
    return held


def wrong_lists(world: World) -> list[int]:
    """Everybody whose stored list is not what it should be, ascending."""
    return [user for user in range(world.tables.graph.n) if not beside(world, user).right]


def rebuild(world: World, user: int) -> ListBeside:
    """Drop somebody's list and let it be made again from the posts, as for one who comes back; what came out.

    Raises:
        UnknownUser: nobody has this number.
        InvalidInput: under this strategy nobody is given a list.
    """
    owner = _owner(world, user)
    if world.strategy.keep_ns or not world.strategy.holds_list(world.tables.activity.members(owner, world.now_ns))[0]:
        raise InvalidInput(f"Under {world.strategy.title} user {user} has no list to be made again; reads pull.")
    world.evict(user)
    world.rebuilds.ask(owner, np.array([world.now_ns], np.int64))
    while len(world.rebuilds):
        world.step(100_000_000)
    return beside(world, user)
