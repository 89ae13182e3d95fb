"""What a spectator asks about a running world. Computed when asked, from the world's own records; changes nothing."""

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from engine.clock import NS_PER_S
from engine.config import WorldConfig
from engine.domain import I32, I64, NO_LIST, U8
from engine.write_path.strategies import Writers

if TYPE_CHECKING:
    from engine.world import World

_NEED_KEPT_NS = 10 * NS_PER_S
"""Virtual time in which follows and absences do not change much of what a steady load needs."""


class RecipientStatus(IntEnum):
    """Where one follower stands with one post."""

    WAITING = 0
    RECEIVED = 1
    DEAD = 2
    """The copy is in the dead letters: the post is found by pull only."""
    PULLED = 3
    """No copy was made; the follower has not opened home since."""
    OPENED = 4
    DROPPED = 5
    """A lossy strategy made no copy, on purpose: the follower never sees the post."""


@dataclass(frozen=True)
class Recipients:
    """The followers of a post's author and how far each of them is; columns of shape (n,)."""

    users: I32
    status: U8
    """`RecipientStatus`."""
    lag_ns: I64
    """Age so far while waiting, delivery lag once received, else 0."""


@dataclass(frozen=True)
class PersonCard:
    """What is known about one person at this instant."""

    user: int
    name: str
    followers: int
    followees: int
    list_size: int | None
    """Entries in the stored list; None without one."""
    cap: int
    behind_ns: int
    waiting: list[tuple[str, int]]
    """(author, posts on their way from them), most posts first."""
    last_read_ns: int | None
    follows_largest: list[str]


def behind_ns(world: "World") -> I64:
    """Per user the age of the oldest post that is on its way to them; 0 where nothing waits. Shape (users,)."""
    owner, row = _awaited(world)
    behind: I64 = np.zeros(world.tables.graph.n, np.int64)
    newest_first = np.argsort(-row, kind="stable")
    age_ns = world.now_ns - world.tables.posts.accepted_ns[row[newest_first]]
    behind[owner[newest_first]] = np.maximum(age_ns, 1)  # the oldest is written last, and stands
    return behind


def _awaited(world: "World") -> tuple[I32, I32]:
    """(owner, row) of copies that somebody waits for: whoever has no list, or one that begins later, pulls the post; so
    does everybody while copies are made of one that was not pushed when it was accepted."""
    owner, row = world.fanout.outstanding()
    awaited = (row >= world.tables.lists.glance(owner)) & world.tables.posts.pushed[row]
    return owner[awaited], row[awaited]


def oldest_waiting_ns(world: "World") -> int:
    """Age of the oldest copy that is not yet readable; 0 if none waits."""
    _, row = _awaited(world)
    return int(world.now_ns - world.tables.posts.accepted_ns[row.min()]) if len(row) else 0


def recipients(world: "World", row: int) -> Recipients:
    """Everybody who follows the author of a post now, and where the post is for each of them."""
    posts = world.tables.posts
    users = world.tables.graph.followers(posts.author[row : row + 1]).values
    accepted_ns = int(posts.accepted_ns[row])
    opened = world.reads.last_ns[users] >= max(0, accepted_ns)  # -1: never, also for posts older than the world
    status = np.where(opened, RecipientStatus.OPENED, RecipientStatus.PULLED).astype(np.uint8)
    lag_ns = np.zeros(len(users), np.int64)
    for owner, code in (
        (_dropped(world, row), RecipientStatus.DROPPED),
        (_dead(world, row), RecipientStatus.DEAD),
        (_waiting(world, row), RecipientStatus.WAITING),
    ):
        place, found = _place(users, owner)
        status[place[found]] = code
        lag_ns[place[found]] = world.now_ns - accepted_ns if code == RecipientStatus.WAITING else 0
    owner, at_ns = world.deliveries.of(row) if world.deliveries else (np.zeros(0, np.int32), np.zeros(0, np.int64))
    place, found = _place(users, owner)
    status[place[found]] = RecipientStatus.RECEIVED
    lag_ns[place[found]] = at_ns[found] - accepted_ns
    return Recipients(users, status, lag_ns)


def _waiting(world: "World", row: int) -> I32:
    owner, rows = _awaited(world)
    waiting: I32 = owner[rows == row]
    return waiting


def _dropped(world: "World", row: int) -> I32:
    """Whose copy was dropped, as long as their list would reach so far back and lacks it."""
    owner = world.tables.dropped.of(row)
    lists, rows = world.tables.lists, np.full(len(owner), row, np.int32)
    lacking: I32 = owner[(row >= lists.horizons(owner)) & ~lists.contains(owner, rows)]
    return lacking


def _dead(world: "World", row: int) -> I32:
    jobs = world.fanout.dead_letters.jobs
    mine = jobs.row == row
    return world.fanout.arena.gather(jobs.start[mine], jobs.length[mine].astype(np.int64))


def _place(users: I32, owner: I32) -> tuple[I64, I64]:
    """(place in `users`, which of `owner`) for owners that are among users, which ascend."""
    place = np.minimum(np.searchsorted(users, owner), max(0, len(users) - 1))
    found = np.flatnonzero(users[place] == owner) if len(users) else np.zeros(0, np.int64)
    return place, found


def person(world: "World", user: int) -> PersonCard:
    """One person's card."""
    tables, population = world.tables, world.population
    one = np.array([user], np.int32)
    owner, row = _awaited(world)
    rows = np.unique(row[owner == user])
    authors, posts = np.unique(tables.posts.author[rows], return_counts=True)
    most_first = np.argsort(-posts, kind="stable")
    last_ns = int(world.reads.last_ns[user])
    has_list = tables.lists.horizons(one)[0] != NO_LIST
    largest = population.largest
    followed = tables.graph.follows(np.full(len(largest), user, np.int32), largest)
    return PersonCard(
        user=user,
        name=population.name(user),
        followers=int(tables.graph.follower_counts[user]),
        followees=int(tables.graph.followee_counts[user]),
        list_size=int(tables.lists.sizes(one)[0]) if has_list else None,
        cap=tables.lists.cap,
        behind_ns=int(world.now_ns - tables.posts.accepted_ns[rows[0]]) if len(rows) else 0,
        waiting=[(population.name(int(authors[i])), int(posts[i])) for i in most_first],
        last_read_ns=last_ns if last_ns >= 0 else None,
        follows_largest=[population.name(int(u)) for u in largest[followed]],
    )


class SteadyNeed:
    """Workers that the configured steady load keeps busy, kept for a while: it takes a look at every user."""

    def __init__(self) -> None:
        self._workers, self._until_ns = 0.0, 0
        self._config: WorldConfig | None = None

    def of(self, world: "World") -> float:
        """As of now, or of some virtual seconds ago; changed knobs count at once."""
        if world.config is not self._config or world.now_ns >= self._until_ns:
            self._workers, self._config = _steady_need(world), world.config
            self._until_ns = world.now_ns + _NEED_KEPT_NS
        return self._workers


def _steady_need(world: "World") -> float:
    """By expectation; no queueing in it."""
    config, tables = world.config, world.tables
    weight = (
        world.population.author_weight
        * np.where(tables.graph.follower_counts > 0, tables.graph.follower_counts, 1e-3).astype(np.float64)
        ** config.load.author_exponent
    )
    if weight.sum() == 0:
        return 0.0
    users = np.arange(tables.graph.n, dtype=np.int32)
    pushed = world.strategy.pushes(Writers(users, tables.graph.follower_counts, np.zeros(len(users), np.int64)))
    pushed |= world.strategy.later_ns > 0
    held = world.strategy.holds_list(tables.activity.members(users, world.now_ns)).mean()
    share = weight / weight.sum()
    copies_per_post = float((share * pushed * tables.graph.follower_counts).sum() * held)
    polls_per_post = float((share * pushed).sum()) * (2 if config.fanout.lanes else 1)
    costs = config.costs
    service_us = costs.scale * (copies_per_post * costs.delivery_us + polls_per_post * costs.poll_us)
    return config.load.posts_per_s * service_us / 1e6
