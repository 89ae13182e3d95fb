"""The oracle: what a home timeline is, by definition (docs/timeline-law.md), over plain sets and lists.

Naive on purpose, and independent of the engine's way to a page: `facts_of` only reads who follows whom, what was posted
and who hides whom. The columns that the engine derives (a repost's identity, a reply's parent's author, what was
pushed) are not looked at.
"""

from typing import NamedTuple

import numpy as np

from engine.domain import NO_ROW, Flag, Kind
from engine.world import World


class Post(NamedTuple):
    """One post. `ref`: the row that a reply answers or a repost repeats; NO_ROW for plain posts."""

    row: int
    author: int
    kind: Kind
    ref: int
    flags: Flag


class Facts(NamedTuple):
    """All that a home timeline depends on."""

    posts: list[Post]
    follows: set[tuple[int, int]]
    """(follower, followee)"""
    hides: set[tuple[int, int]]
    """(viewer, author): blocked by the viewer, blocking the viewer, or muted by the viewer."""


# The definition


def entries(facts: Facts, u: int) -> list[Post]:
    """Posts and reposts by u and by everyone u follows now, newest first."""
    return [p for p in reversed(facts.posts) if p.author == u or (u, p.author) in facts.follows]


def visible(facts: Facts, u: int) -> list[Post]:
    """Without what is gone, what is by or about somebody hidden, and replies to strangers."""
    return [p for p in entries(facts, u) if not (gone(facts, p) or hidden(facts, u, p) or to_stranger(facts, u, p))]


def shown(facts: Facts, u: int, context: int) -> list[Post]:
    """Without reposts whose root, or another repost of it, is among the `context` next older visible entries."""
    seen = visible(facts, u)
    return [p for i, p in enumerate(seen) if not repeats_one_of(facts, p, seen[i + 1 : i + 1 + context])]


def pages(facts: Facts, u: int, limit: int, context: int) -> list[list[int]]:
    """The rows of every page, to the end; at least one page."""
    rows = [p.row for p in shown(facts, u, context)]
    return [rows[i : i + limit] for i in range(0, max(1, len(rows)), limit)]


# Its words


def root(facts: Facts, p: Post) -> Post:
    """What a repost repeats in the end; any other post is its own root."""
    while p.kind == Kind.REPOST:
        p = facts.posts[p.ref]
    return p


def gone(facts: Facts, p: Post) -> bool:
    """Deleted or restricted, or a repost of something that is."""
    return bool(p.flags | root(facts, p).flags)


def hidden(facts: Facts, u: int, p: Post) -> bool:
    """By, in answer to, or repeating somebody whom u must not see. One's own words are never hidden from oneself."""
    if p.author == u and p.kind != Kind.REPOST:
        return False
    parties = {q.author for post in (p, root(facts, p)) for q in (post, parent(facts, post)) if q is not None}
    return any((u, party) in facts.hides for party in parties)


def to_stranger(facts: Facts, u: int, p: Post) -> bool:
    """A reply by somebody else to a person whom u neither is nor follows. Reposts of replies are none."""
    answered = parent(facts, p)
    return answered is not None and u not in (p.author, answered.author) and (u, answered.author) not in facts.follows


def parent(facts: Facts, p: Post) -> Post | None:
    """The post that a reply answers."""
    return facts.posts[p.ref] if p.kind == Kind.REPLY else None


def repeats_one_of(facts: Facts, p: Post, older: list[Post]) -> bool:
    """Whether p is a repost that shows the same post as one of `older`."""
    return p.kind == Kind.REPOST and any(root(facts, p) == root(facts, q) for q in older)


# From a world


def facts_of(world: World) -> Facts:
    """The facts of a world now."""
    tables = world.tables
    store, n = tables.posts, tables.graph.n
    columns = (store.author, store.kind, store.ref, store.flags)
    values = zip(*(column[: store.size].tolist() for column in columns), strict=True)
    posts = [Post(row, author, Kind(kind), ref, Flag(flags)) for row, (author, kind, ref, flags) in enumerate(values)]
    assert all((p.ref == NO_ROW) == (p.kind == Kind.POST) and p.ref < p.row for p in posts)
    followee = tables.graph.followees(np.arange(n))
    follows = set(zip(followee.owner().tolist(), followee.values.tolist(), strict=True))
    relations = tables.relations
    hides = {
        (a, b)
        for a in range(n)
        for b in range(n)
        if relations.blocks(a, b) or relations.blocks(b, a) or relations.mutes(a, b)
    }
    return Facts(posts, follows, hides)
