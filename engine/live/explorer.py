"""What the Graph explorer asks of a live world, and does to it. Everything runs on the scheduler's thread, between two
steps, and what is handed out are copies: all numbers of one answer are of one instant.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import networkx as nx
import numpy as np

from engine.clock import NS_PER_S
from engine.domain import F64, I32
from engine.errors import UnknownUser
from engine.graph.explore import (
    TAIL_FROM,
    Celebrities,
    Distribution,
    Standing,
    celebrities,
    clustering,
    follower_distribution,
    neighbourhood,
    standing,
)
from engine.graph.measures import posting_weights
from engine.guard.validate import check_user
from engine.live.faces import Shortcut, shortcuts
from engine.live.world import LiveWorld
from engine.load.streams import stream
from engine.people import People
from engine.world import World
from engine.write_path.strategies import Writers

__all__ = [
    "TAIL_FROM",
    "Around",
    "Bill",
    "Celebrities",
    "Effect",
    "Look",
    "Overview",
    "Rule",
    "find",
    "follow",
    "look",
    "make_celebrity",
    "stranger",
    "unfollow",
]

FAME = 0.75
"""Share of a world's people that follow an account once it was made a celebrity."""
NEIGHBOURS = 24
"""People drawn around one at most."""
FOUND = 8
"""People that a search finds at most."""
PORTION = 5_000
"""Follows made in one go and one transaction (about a third of a second); other worlds have their turns between."""


@dataclass(frozen=True)
class Bill:
    """What one post of somebody would cost at this instant."""

    followers: int
    copies: int
    """Deliveries; 0 where the strategy in force leaves the post to the readers."""
    pulled: bool
    """Is it left to the readers: each of them asks this author at every opening of home."""
    work_s: float
    """Virtual seconds for which the copies keep all workers busy (modelled: copies x price of a copy / workers)."""


@dataclass(frozen=True)
class Rule:
    """Which posts are pushed, as the world is set now."""

    strategy: str
    """Title of the one in force."""
    hybrid: bool
    """Is that the one with a threshold."""
    threshold: int
    """From how many followers on hybrid leaves an account's posts to the readers."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Overview:
    """The whole graph at one instant."""

    now_s: float
    """Virtual seconds since the world was opened."""
    rule: Rule
    distribution: Distribution
    largest: int
    """The most followed account."""
    counts: I32 = field(repr=False)
    posting: F64 = field(repr=False)

    def celebrities(self, thresholds: Iterable[int]) -> list[Celebrities]:
        """Who would be a celebrity at each threshold."""
        return celebrities(self.counts, self.posting, thresholds)


@dataclass(frozen=True, eq=False, kw_only=True)
class Around:
    """One person and who is around them."""

    standing: Standing
    bill: Bill
    drawn: "nx.DiGraph[int]"
    """See `neighbourhood`."""
    clustering: float | None
    """In what is drawn."""
    names: Mapping[int, str]
    """Of everybody drawn."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What follows did to an account; measured right before and right after, at one instant of the world."""

    user: int
    rule: Rule
    changed: int
    """How many follows were made or ended."""
    before: Bill
    after: Bill


@dataclass(frozen=True, eq=False, kw_only=True)
class Look:
    """All that the page shows, of one instant."""

    overview: Overview
    around: Around
    shortcuts: list[Shortcut]
    """People worth a look."""
    name: Callable[[int], str]


# Asking


def look(live: LiveWorld, user: int | None = None) -> Look:
    """The whole graph, and one person in it; the most followed if none is named.

    Raises:
        UnknownUser: no such id.
    """
    return live.do(_look, user)


def find(live: LiveWorld, text: str) -> list[int]:
    """Whom a name, an @name or a number means: that account first, then those whose names begin so, by followers."""
    names, counts = live.do(lambda world: (world.population.names, world.tables.graph.follower_counts.copy()))
    wanted = text.strip().removeprefix("@").casefold()
    if not wanted:
        return []
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else names.users
    exact = number if number < names.users else names.find(wanted)
    alike = [user for user in range(names.users) if names(user).casefold().startswith(wanted)]
    ranked = sorted(alike, key=lambda user: -int(counts[user]))
    return list(dict.fromkeys([*([] if exact is None else [exact]), *ranked]))[:FOUND]


def stranger(live: LiveWorld, user: int) -> int:
    """Somebody who does not follow this account, drawn from the seed; somebody who does if everybody does.

    Raises:
        UnknownUser: no such id, or nobody else lives there.
    """
    return live.do(_stranger, user)


# Doing


def follow(live: LiveWorld, follower: int, user: int) -> Effect:
    """Let one person follow another.

    Raises:
        UnknownUser, NotAllowed: nothing was changed.
    """
    return live.as_people(lambda people, world: _effect(world, user, lambda: people.follow(follower, user)))


def unfollow(live: LiveWorld, follower: int, user: int) -> Effect:
    """Let one person follow another no more.

    Raises:
        UnknownUser, NotAllowed: nothing was changed.
    """
    return live.as_people(lambda people, world: _effect(world, user, lambda: people.unfollow(follower, user)))


def make_celebrity(live: LiveWorld, user: int) -> Effect:
    """Let three quarters of the world follow an account: those who are missing are drawn from the seed, so that all
    communities are among them. Changes nothing where they do already.

    Raises:
        UnknownUser: no such id.
    """
    fans = live.do(_missing_fans, user)
    first = effect = live.as_people(_adding(user, fans[:PORTION]))
    changed = first.changed
    for start in range(PORTION, len(fans), PORTION):
        effect = live.as_people(_adding(user, fans[start : start + PORTION]))
        changed += effect.changed
    return replace(effect, changed=changed, before=first.before)


# On the scheduler's thread


def _look(world: World, user: int | None) -> Look:
    seen = _overview(world)
    return Look(
        overview=seen,
        around=_around(world, seen.largest if user is None else user),
        shortcuts=shortcuts(world),
        name=world.population.names,
    )


def _overview(world: World) -> Overview:
    people, counts = world.population, world.tables.graph.follower_counts.copy()
    rates = posting_weights(people.graph.follower_counts, world.config.load.author_exponent)
    return Overview(
        now_s=world.now_ns / NS_PER_S,
        rule=_rule(world),
        distribution=follower_distribution(counts),
        largest=int(counts.argmax()),
        counts=counts,
        posting=people.author_weight * rates,
    )


def _rule(world: World) -> Rule:
    return Rule(world.strategy.title, world.strategy.slug == "hybrid", world.config.strategy.threshold)


def _around(world: World, user: int) -> Around:
    graph = world.tables.graph
    drawn = neighbourhood(graph, check_user(user, graph.n), NEIGHBOURS)
    return Around(
        standing=standing(graph, user),
        bill=_bill(world, user),
        drawn=drawn,
        clustering=clustering(drawn, user),
        names={other: world.population.name(other) for other in drawn},
    )


def _bill(world: World, user: int) -> Bill:
    """As the plan for a post of theirs would come out now."""
    graph, config = world.tables.graph, world.config
    author = np.array([check_user(user, graph.n)], np.int32)
    followers = graph.follower_counts[author]
    pushed = bool(world.strategy.pushes(Writers(author, followers, np.array([world.now_ns], np.int64)))[0])
    copies = int(world.tables.holders(graph.followers(author).values).sum()) if pushed else 0
    work_s = copies * config.costs.delivery_us / 1e6 / config.workers.count
    return Bill(int(followers[0]), copies, not pushed, work_s)


def _stranger(world: World, user: int) -> int:
    n = world.tables.graph.n
    check_user(user, n)
    others = _shuffled_others(world, user)
    if not len(others):
        raise UnknownUser("Nobody else lives in this world; open one with more people.")
    follow = world.tables.graph.follows(others, np.full(len(others), user))
    return int(others[int(follow.argmin())])


def _missing_fans(world: World, user: int) -> list[int]:
    """Who is to follow this account, in the order drawn."""
    graph, relations = world.tables.graph, world.tables.relations
    check_user(user, graph.n)
    others = _shuffled_others(world, user)
    blocked = [other for other in relations.hidden(user) if relations.blocks_either(user, other)]
    free = ~graph.follows(others, np.full(len(others), user)) & ~np.isin(others, blocked)
    missing = max(0, round(FAME * graph.n) - int(graph.follower_counts[user]))
    fans: list[int] = others[free][:missing].tolist()
    return fans


def _shuffled_others(world: World, user: int) -> I32:
    everybody = stream(world.config.seed, "explorer.followers", user).permutation(world.tables.graph.n)
    others: I32 = everybody[everybody != user].astype(np.int32)
    return others


def _adding(user: int, followers: list[int]) -> Callable[[People, World], Effect]:
    return lambda people, world: _effect(world, user, lambda: people.follow_all(followers, user))


def _effect(world: World, user: int, act: Callable[[], int]) -> Effect:
    """Measure, act, measure. `act` answers how many follows it changed."""
    before = _bill(world, user)
    changed = int(act())
    return Effect(user=user, rule=_rule(world), changed=changed, before=before, after=_bill(world, user))
