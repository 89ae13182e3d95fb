"""Keeping the stored lists true when the graph or the strategy changes: back-fill, sweep, rebuild, warm-up.

The rules are those of docs/timeline-law.md; each function names the one it keeps.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from engine.clock import QUANTUM_NS, ceil_quantum
from engine.cores import on_all_cores
from engine.domain import I32, I64, NO_LIST, Bool, Ragged, ranges
from engine.ordering import stable_order
from engine.tables import Tables
from engine.write_path.strategies import Strategy

_LISTS_AT_ONCE = 1_024
"""Lists made together: their rows then fit into the processor's cache."""
_PER_AUTHOR = 64
"""Rows of each followee that a rebuild looks at; the snapshot is complete from the highest lowest row on."""


_NEVER_NS = int(np.iinfo(np.int64).max)


class Moved(NamedTuple):
    """What a follow or an unfollow did."""

    changed: bool
    """False: the follow existed, or there was none."""
    made: bool
    """Is it a follow."""
    entries: int
    """Posts of the author that back-fill offered to the follower's list, or that were swept out of it."""


class Rebuilt(NamedTuple):
    """Users whose rebuild began, ended or was thrown away at one instant."""

    begun: list[int]
    committed: list[int]
    entries: list[int]
    """Rows of each snapshot that was committed."""
    discarded: list[int]
    """The horizon had moved, or the graph around them: to be begun again."""


def follow(tables: Tables, strategy: Strategy, follower: int, followee: int, now_ns: int) -> Moved:
    """Set the edge, and only then read the author index (rule 3): the newest `cap` rows enter the list (rule 6)."""
    if not tables.graph.follow([follower], [followee])[0]:
        return Moved(changed=False, made=True, entries=0)
    tables.unpushed.graph_changed(follower, followee)
    if strategy.keep_ns:
        tables.kept.drop(np.array([follower]), now_ns)
        return Moved(changed=True, made=True, entries=0)
    horizon = tables.lists.horizons(np.array([follower], np.int32))
    if horizon[0] != NO_LIST:
        everything = np.array([NO_LIST], np.int32)
        rows, floor = tables.posts.latest(np.array([followee], np.int32), horizon, everything, tables.lists.cap)
        tables.lists.merge(follower, rows.values, int(floor[0]))
        return Moved(changed=True, made=True, entries=len(rows.values))
    return Moved(changed=True, made=True, entries=0)


def follow_all(tables: Tables, strategy: Strategy, followers: I32, followee: int, now_ns: int) -> Bool:
    """As `follow` by each of these in turn, all at once; which follows were made, shape (n,)."""
    made = tables.graph.follow(followers, np.full(len(followers), followee))
    fans = np.unique(followers[made])
    tables.unpushed.graph_changed(fans, followee)
    if strategy.keep_ns:
        tables.kept.drop(fans, now_ns)
        return made
    levels, level = np.unique(tables.lists.horizons(fans), return_inverse=True)
    author, everything = (np.full(len(levels), value, np.int32) for value in (followee, NO_LIST))
    newest, floors = tables.posts.latest(author, levels, everything, tables.lists.cap)
    rows, cut = newest.take(level), (floors > levels)[level]
    # complete down to the horizon: entering the list as deliveries do is the same, and one call for everybody
    whole = np.flatnonzero(~cut)
    lists = rows.take(whole)
    tables.lists.push(fans[whole].repeat(lists.lengths()), lists.values)
    for i in np.flatnonzero(cut).tolist():
        theirs = rows.values[rows.offsets[i] : rows.offsets[i + 1]]
        tables.lists.merge(int(fans[i]), theirs, int(floors[level[i]]))
    return made


def unfollow(tables: Tables, strategy: Strategy, follower: int, followee: int, now_ns: int) -> Moved:
    """Remove the edge and sweep the author's entries, their reposts too (rule 6); the horizon stays (rule 2)."""
    if not tables.graph.unfollow([follower], [followee])[0]:
        return Moved(changed=False, made=False, entries=0)
    tables.unpushed.graph_changed(follower, followee)
    if strategy.keep_ns:
        tables.kept.drop(np.array([follower]), now_ns)
        return Moved(changed=True, made=False, entries=0)
    rows = tables.lists.entries(np.array([follower], np.int32)).values
    theirs = rows[tables.posts.author[rows] == followee]
    tables.lists.remove(np.full(len(theirs), follower, np.int32), theirs)
    return Moved(changed=True, made=False, entries=len(theirs))


def _begins_ns(asked_ns: int) -> int:
    """A rebuild begins with the first quantum after the one that follows the read."""
    return ceil_quantum(asked_ns + QUANTUM_NS)


class Rebuilds:
    """Lists being made for people who came back: one rebuild each, however often they read meanwhile (rule 8)."""

    def __init__(self) -> None:
        self._due: dict[int, int] = {}
        self._begun: dict[int, tuple[int, int]] = {}
        self._cancelled: list[int] = []

    def ask(self, users: I32, at_ns: I64) -> None:
        """These users read without a list; their rebuild begins with the first quantum after the next."""
        for user, at in zip(users.tolist(), at_ns.tolist(), strict=True):
            if user not in self._begun:
                self._due.setdefault(user, _begins_ns(at))

    def next_ns(self, asked_ns: I64) -> int:
        """When the next rebuild begins or ends, if at these instants (ascending) others are asked for; else never."""
        due = [*self._due.values(), *(begun_ns + QUANTUM_NS for begun_ns, _ in self._begun.values())]
        return min([*due, *(_begins_ns(at) for at in asked_ns[:1].tolist())], default=_NEVER_NS)

    def cancel(self, user: int) -> None:
        """The graph around this user changed: what was snapshot is void, start again."""
        if user in self._begun:
            begun_ns, _ = self._begun.pop(user)
            self._due[user] = begun_ns + QUANTUM_NS
            self._cancelled.append(user)

    def forget(self, tables: Tables) -> None:
        """The strategy changes: what was begun is dropped, and nobody is being rebuilt."""
        tables.lists.drop(np.array(sorted(self._begun), np.int32))
        self._due.clear()
        self._begun.clear()

    def advance(self, tables: Tables, now_ns: int) -> Rebuilt:
        """Commit what was begun a quantum ago, begin what is due."""
        done = Rebuilt([], [], [], self._cancelled)
        self._cancelled = []
        for user in [u for u, (begun_ns, _) in self._begun.items() if begun_ns + QUANTUM_NS <= now_ns]:
            _, at_row = self._begun.pop(user)
            rows, floor = _snapshot(tables, user, at_row)
            if tables.lists.commit_rebuild(user, rows, floor, at_row):
                done.committed.append(user)
                done.entries.append(len(rows))
            else:
                self._due[user] = now_ns + QUANTUM_NS
                done.discarded.append(user)
        for user in [u for u, due_ns in self._due.items() if due_ns <= now_ns]:
            del self._due[user]
            if len(tables.cannot_reach(np.array([user], np.int32))):
                continue  # to be asked for anew, when their shard is back
            at_row = tables.posts.size
            tables.lists.begin_rebuild(np.array([user], np.int32), at_row)  # also of one begun before and cancelled
            self._begun[user] = (now_ns, at_row)
            done.begun.append(user)
        return done

    def ready_ns(self, user: int) -> int | None:
        """When this user's list will be complete if the graph around them stays; None if none is being made."""
        begins_ns = self._begun[user][0] if user in self._begun else self._due.get(user)
        return None if begins_ns is None else begins_ns + QUANTUM_NS

    def __len__(self) -> int:
        """Rebuilds asked for or under way."""
        return len(self._due) + len(self._begun)


def _snapshot(tables: Tables, user: int, before: int) -> tuple[I32, int]:
    """The rows below `before` that belong to a user, and the row from which they are complete."""
    sources = np.append(tables.graph.followees(np.array([user], np.int32)).values, np.int32(user))
    zeros = np.zeros(len(sources), np.int32)
    rows, floor = tables.posts.latest(sources, zeros, np.full(len(sources), before, np.int32), _PER_AUTHOR)
    return rows.values, int(floor.max(initial=0))


def hand_over(tables: Tables, before: Strategy, after: Strategy, now_ns: int) -> None:
    """The strategy changes: who holds a list and still should keeps it, with what is on its way to it; the others lose
    theirs, or get one with every post. A list that was kept by reads is no timeline and goes,
    and so does one with holes that were made on purpose, where they are not wanted any more."""
    users = np.arange(tables.graph.n, dtype=np.int32)
    if before.keep_ns or after.keep_ns or (before.lossy and not after.lossy):
        tables.lists.drop(users)
        tables.kept.drop(users, now_ns)
    holds = after.holds_list(tables.activity.members(users, now_ns))
    held = tables.holders(users)
    tables.lists.drop(users[held & ~holds])
    new = users[holds & ~held]
    if len(new) == 0:
        return
    lists, floors = entries(tables, only_pushed=False)
    if len(new) == len(users):
        tables.lists.load(lists, floors)
        return
    tables.lists.begin_rebuild(new, floors[new])
    lengths = lists.lengths()[new]
    tables.lists.push(np.repeat(new, lengths), lists.values[ranges(lists.offsets[new], lengths)])


def entries(tables: Tables, only_pushed: bool) -> tuple[Ragged, I32]:
    """Every user's newest `cap` rows, ascending, and the row from which each list is complete."""
    posts, n, cap = tables.posts, tables.graph.n, tables.lists.cap
    own = _by_author(posts.author, np.arange(posts.size, dtype=np.int32), n)
    fanned = _by_author(posts.author, np.flatnonzero(posts.pushed[: posts.size]).astype(np.int32), n)
    at_once = min(_LISTS_AT_ONCE, NO_LIST // max(1, posts.size))  # (list, row) then packs into 31 bits
    blocks = (np.arange(start, min(start + at_once, n), dtype=np.int32) for start in range(0, n, at_once))
    source = fanned if only_pushed else own
    parts = on_all_cores(partial(_newest_of, tables, users, own, source) for users in blocks)
    held = np.concatenate([many for _, many in parts])
    values = np.concatenate([rows for rows, _ in parts])
    lengths = np.minimum(held, cap)
    offsets = np.zeros(n + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    cut = held > cap
    floors = np.where(cut, values[np.minimum(offsets[:-1], max(0, len(values) - 1))], 0) if len(values) else np.zeros(n)
    return Ragged(values, offsets), floors.astype(np.int32)


def _newest_of(tables: Tables, users: I32, own: Ragged, fanned: Ragged) -> tuple[I32, I64]:
    """The newest `cap` rows of each user, ascending, one user after the other; and how many there are of each."""
    size = np.int32(max(1, tables.posts.size))
    followees = tables.graph.followees(users)
    place = np.concatenate([followees.owner(), np.arange(len(users))]).astype(np.int32)
    theirs, mine = fanned.take(followees.values), own.take(users)
    lengths = np.concatenate([theirs.lengths(), mine.lengths()])
    packed = (place * size).repeat(lengths)
    packed += np.concatenate([theirs.values, mine.values])
    packed.sort()
    ends = packed.searchsorted(np.arange(1, len(users) + 1) * size)
    held = np.diff(ends, prepend=0)
    kept = np.minimum(held, tables.lists.cap)
    return packed[ranges(ends - kept, kept)] % size, held


def _by_author(author: I32, rows: I32, n: int) -> Ragged:
    """Those of these rows, ascending, that each of the authors 0..n-1 wrote."""
    offsets = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(author[rows], minlength=n), out=offsets[1:])
    return Ragged(rows[stable_order(author[rows], 0, n - 1)], offsets)
