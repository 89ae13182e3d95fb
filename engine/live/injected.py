"""What somebody poured in, in the numbers that are said about it."""

from typing import NamedTuple

import numpy as np

from engine.domain import I32, Op
from engine.people import People
from engine.world import World
from engine.write_path.strategies import Writers

_WRITES = (Op.POST, Op.REPLY, Op.REPOST)


class Injected(NamedTuple):
    """An event that was injected: it arrives from now on."""

    slug: str
    author: int | None
    """Who posts first; None where nobody does."""
    posts: int
    """By this author; reposts by others follow."""
    deliveries: int
    """Copies of these posts that will join the line if nobody's follows change."""


def inject(people: People, world: World, name: str) -> Injected:
    """Start a scenario's events now, journalled like everything that is done to a world.

    Raises:
        UnknownName: no such scenario, or one with nothing to trigger.
    """
    arrivals = world.to_inject(name)
    people.inject(name)
    authors = arrivals.actor[np.isin(arrivals.op, _WRITES)]
    if len(authors) == 0:
        return Injected(name, None, 0, 0)
    author = authors[:1]
    posts = int((authors == author).sum())
    return Injected(name, int(author[0]), posts, posts * _copies(world, author))


def _copies(world: World, author: I32) -> int:
    """How many copies the strategy makes of a post by `author`, shape (1,): one for each follower with a list."""
    graph = world.tables.graph
    if not world.strategy.pushes(Writers(author, graph.follower_counts[author], np.array([world.now_ns])))[0]:
        return 0
    audience = graph.followers(author).values
    held = world.strategy.holds_list(world.tables.activity.members(audience, world.now_ns))
    return int(held.sum())
