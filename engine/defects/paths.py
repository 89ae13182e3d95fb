"""Defects of the write and the read path: who gets a copy, what a follow or its end does, what is pulled or hidden."""

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.clock import NS_PER_S
from engine.defects.seam import Method, before, one
from engine.domain import I32, I64, NO_ROW, Flag, Kind, Ragged, ranges
from engine.write_path.fanout import Copies
from engine.write_path.strategies import Writers

if TYPE_CHECKING:
    from engine.world import World
    from engine.write_path.plan import Plan

FOLLOWERS_READ = 200
"""Stands for the 5,000 of the engine in which this was found: as many as a sixth of Nova's followers."""
OWN_LATER_NS = 3 * NS_PER_S
"""For so long a post waits in line before its own author has it."""


# Follows


def unfollow_sweeps_nothing(world: "World") -> None:
    """An unfollow changes the graph only."""
    _keeps_after_unfollow(world, tuple(Kind))


def unfollow_leaves_reposts(world: "World") -> None:
    """An unfollow sweeps what the author wrote, not what they passed on."""
    _keeps_after_unfollow(world, (Kind.REPOST,))


def _keeps_after_unfollow(world: "World", kinds: tuple[Kind, ...]) -> None:
    def make(original: Method) -> Method:
        def unfollow(follower: int, followee: int) -> bool:
            tables = world.tables
            rows = tables.lists.entries(one(follower)).values
            theirs = rows[(tables.posts.author[rows] == followee) & np.isin(tables.posts.kind[rows], kinds)]
            ended: bool = original(follower, followee)
            if ended:
                tables.lists.push(np.full(len(theirs), follower, np.int32), theirs)
            return ended

        return unfollow

    before(world, "unfollow", make)


def unfollow_wrong_column(world: "World") -> None:
    """An unfollow ends in one direction of the graph; fan-out reads the other."""
    followers = world.tables.graph._followers

    def insert(original: Method) -> Method:
        def only_new(owners: I64, ids: I64) -> None:
            new = ~followers.has(owners, ids)  # who comes back was never gone from here
            original(owners[new], ids[new])

        return only_new

    before(followers, "remove", lambda _: lambda owners, ids: None)
    before(followers, "insert", insert)


def no_check_on_apply(world: "World") -> None:
    """Whether the follow still exists is asked when a job is queued, not when its copies are written."""

    def make(original: Method) -> Method:
        def unfollow(follower: int, followee: int) -> bool:
            ended: bool = original(follower, followee)
            world._unfollowed_ns[followee] = np.iinfo(np.int64).min
            return ended

        return unfollow

    before(world, "unfollow", make)


# Fan-out


def followers_capped(world: "World") -> None:
    """The query for an author's followers has a silent limit."""

    def make(original: Method) -> Method:
        def followers(users: Any) -> Ragged:
            everybody: Ragged = original(users)
            lengths = np.minimum(everybody.lengths(), FOLLOWERS_READ)
            values = everybody.values[ranges(everybody.offsets[:-1], lengths)]
            return Ragged(values, np.append(0, lengths.cumsum()))

        return followers

    before(world.tables.graph, "followers", make)


def strangers_first(world: "World") -> None:
    """The two lanes are mixed up."""
    before(world.tables.graph, "close", lambda close: lambda users, followers: ~close(users, followers))


def acknowledges_first(world: "World") -> None:
    """A worker confirms its jobs when it takes them: of those that it dies with nobody knows any more."""

    def make(original: Method) -> Method:
        def crash(workers: int, at_ns: int, again_ns: int) -> int:
            hand_out_again = world.fanout._hand_out_again
            setattr(world.fanout, "_hand_out_again", lambda *_: None)  # noqa: B010
            try:
                jobs: int = original(workers, at_ns, again_ns)
            finally:
                setattr(world.fanout, "_hand_out_again", hand_out_again)  # noqa: B010
            return jobs

        return crash

    before(world.fanout, "crash", make)


def own_post_in_queue(world: "World") -> None:
    """An author's own entry waits in line like everybody's."""
    waiting: list[tuple[int, int, int]] = []

    def make(original: Method) -> Method:
        def fan_out(rows: I32) -> "tuple[Plan, Copies]":
            planned, own = original(rows)
            waiting.extend(
                (at_ns + OWN_LATER_NS, owner, row)
                for at_ns, owner, row in zip(own.at_ns.tolist(), own.owner.tolist(), own.row.tolist(), strict=True)
            )
            due = [each for each in waiting if each[0] <= world.now_ns]
            waiting[:] = [each for each in waiting if each[0] > world.now_ns]
            now_ns = np.full(len(due), world.now_ns, np.int64)
            owner, row = (np.array([each[k] for each in due], np.int32) for k in (1, 2))
            return planned, Copies(now_ns, owner, row, np.zeros(len(due), np.int8), np.ones(len(due), np.bool_))

        return fan_out

    before(world, "_fan_out", make)


def dead_letters_forgotten(world: "World") -> None:
    """Copies that were given up stay given up: nobody is told to pull their posts."""

    def make(original: Method) -> Method:
        def raise_to(authors: I32, rows: I32, missed: Any = None) -> None:
            keep = ~world.tables.posts.pushed[rows] if missed is None else np.ones(len(rows), np.bool_)
            original(authors[keep], rows[keep], missed)

        return raise_to

    before(world.tables.unpushed, "raise_to", make)


# Reading


def celebrities_now(world: "World") -> None:
    """Whom a reader pulls is decided by how many followers an author has now."""

    def make(original: Method) -> Method:
        def of(authors: I32, readers: I32) -> I32:
            last: I32 = original(authors, readers)
            counts = world.tables.graph.follower_counts[authors]
            small = world.strategy.pushes(Writers(authors, counts, np.zeros(len(authors), np.int64)))
            return np.where(small, np.int32(NO_ROW), last)

        return of

    before(world.tables.unpushed, "of", make)


def index_cut_short(world: "World") -> None:
    """What the author index gives out under a limit is taken for all that there is."""

    def make(original: Method) -> Method:
        def latest(authors: I32, floor: I32, bound: I32, k: int) -> tuple[Ragged, I32]:
            rows, _ = original(authors, floor, bound, k)
            return rows, floor.copy()

        return latest

    before(world.tables.posts, "latest", make)


def block_one_way(world: "World") -> None:
    """A block hides the other from whoever blocks, and not the other way round."""
    relations = world.tables.relations

    def make(original: Method) -> Method:
        def hidden(viewer: int) -> frozenset[int]:
            both: frozenset[int] = original(viewer)
            return frozenset(one for one in both if relations.blocks(viewer, one) or relations.mutes(viewer, one))

        return hidden

    before(relations, "hidden", make)


def undo_ignored(world: "World") -> None:
    """Taking back a repost that nobody sees returns early, and it stays remembered."""
    posts = world.tables.posts

    def make(original: Method) -> Method:
        def set_flag(row: int, flag: Flag, on: bool) -> None:
            rows = np.arange(row)
            same = rows[(posts.kind[:row] == Kind.REPOST) & (posts.identity[:row] == posts.identity[row])]
            standing = (posts.flags[same] & Flag.DELETED) == 0
            if on and flag == Flag.DELETED and posts.kind[row] == Kind.REPOST and standing.any():
                return
            original(row, flag, on)

        return set_flag

    before(posts, "set_flag", make)


# Rebuilds


def marker_never_cleared(world: "World") -> None:
    """A list is made anew for whoever has no marker; the marker is set then, and nobody takes it away."""
    rebuilds, marked = world.rebuilds, set[int]()

    def ask(original: Method) -> Method:
        def once(users: I32, at_ns: I64) -> None:
            new = np.array([user not in marked for user in users.tolist()], np.bool_)
            original(users[new], at_ns[new])

        return once

    def advance(original: Method) -> Method:
        def and_mark(*args: Any) -> Any:
            rebuilt = original(*args)
            marked.update(rebuilt.begun)
            for user in rebuilt.discarded:
                rebuilds._due.pop(user, None)
            return rebuilt

        return and_mark

    before(rebuilds, "ask", ask)
    before(rebuilds, "advance", advance)
