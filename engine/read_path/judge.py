"""Which rows a reader may see, and which reposts would show the same post twice. Pure functions of page assembly.

Rows come as lines of shape (n, width), one for each reader, newest first, padded with NO_ROW behind the last.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain import I8, I32, I64, NO_ROW, Bool, Kind
from engine.posts.store import PostStore
from engine.tables import Tables

Ranks = NDArray[np.signedinteger[Any]]

_REPLY, REPOST = int(Kind.REPLY), int(Kind.REPOST)
"""Plain ints: comparing with a member of an enum takes ten times as long."""


def visible(tables: Tables, users: I32, rows: I32, kind: I8) -> Bool:
    """Which rows each user may see, shape (n, width): not deleted or restricted (nor the post it repeats), not by
    or about somebody blocked or muted, and no reply to somebody whom the user neither is nor follows. A person's own
    replies are always visible to them. `kind`: of each row, anything where there is none.
    """
    posts = tables.posts
    seen: Bool = rows != NO_ROW
    if posts.any_hidden:
        seen &= ~posts.hidden(rows)
    replies = np.flatnonzero((kind == _REPLY) & seen)
    if len(replies):
        row, user = rows.reshape(-1).take(replies), users.take(replies // rows.shape[1])
        parent = posts.parent_author.take(row)
        allowed = (parent == user) | (posts.author.take(row) == user)
        doubtful = np.flatnonzero(~allowed)
        allowed[doubtful] = tables.graph.follows(user[doubtful], parent[doubtful])
        seen.reshape(-1)[replies] = allowed
    for i in np.flatnonzero(tables.relations.has_hides.take(users)).tolist():
        seen[i] &= ~_hidden_from(tables, int(users[i]), rows[i])
    return seen


def _hidden_from(tables: Tables, viewer: int, rows: I32) -> Bool:
    """Rows by, in answer to, or repeating somebody whom the viewer does not see, or who does not let them.

    One's own words are never hidden from oneself; what one reposted of somebody blocked since is."""
    posts = tables.posts
    nobody = np.array(sorted(tables.relations.hidden(viewer)), np.int32)
    roots = posts.identity[rows]
    parties = (posts.author[rows], posts.parent_author[rows], posts.author[roots], posts.parent_author[roots])
    hidden: Bool = np.logical_or.reduce([np.isin(party, nobody) for party in parties])
    hidden &= (posts.author[rows] != viewer) | (posts.kind[rows] == Kind.REPOST)
    return hidden


def ranks(seen: Bool) -> Ranks:
    """How many seen rows of its line stand up to each place, shape (n, width)."""
    dtype = np.int8 if seen.shape[1] < 128 else np.int32  # the sums of bytes are several times faster
    counted: Ranks = seen.view(np.int8).cumsum(axis=1, dtype=dtype)
    return counted


class Repeats(NamedTuple):
    """Reposts among the seen rows, as places in the flattened lines, ascending."""

    hidden: I64
    """Their root, or another repost of it, is among the `context` next older seen rows."""
    untold: I64
    """That cannot be told: the line ends too early."""


def repeats(posts: PostStore, rows: I32, kind: I8, seen: Bool, rank: Ranks, context: int) -> Repeats:
    """Which reposts are hidden, and of which that cannot be told yet.

    Rows are older the lower they are, and a root is older than all its reposts: nothing below the root matters.
    """
    at = np.flatnonzero((kind == REPOST) & seen)
    if len(at) == 0 or context == 0:
        return Repeats(at[:0], at[:0])
    flat, seen, rank = rows.reshape(-1), seen.reshape(-1), rank.reshape(-1)
    root = posts.identity.take(flat.take(at))
    end = (at // rows.shape[1] + 1) * rows.shape[1]
    found = _first_at_most(flat, at + 1, end, root, rows.shape[1])
    place = np.minimum(found, end - 1)
    row = flat.take(place)
    between = rank.take(place) - rank.take(at)  # seen rows down to that place
    hidden = (row == root) & seen.take(place) & (between <= context)
    untold = ((found == end) | (row == NO_ROW)) & (between < context)
    _note_pairs(hidden, at, end, root, flat, rank, context)
    return Repeats(at[hidden], at[untold & ~hidden])


def _first_at_most(flat: I32, start: I64, end: I64, bound: I32, width: int) -> I64:
    """The first place in [start, end) whose row is at most the bound, else `end`: binary searches in step."""
    low, high = start.copy(), end.copy()
    for _ in range(width.bit_length()):
        middle = (low + high) >> 1
        above = flat.take(middle, mode="clip") > bound
        above &= low < high
        np.copyto(low, middle + 1, where=above)
        np.copyto(high, middle, where=~above)
    return low


def _note_pairs(hidden: Bool, at: I64, end: I64, root: I32, flat: I32, rank: Ranks, context: int) -> None:
    """A repost is hidden too if one of the next older reposts of its line, in the window, has the same root."""
    row = flat.take(at)
    newer, older = np.arange(len(at) - 1), np.arange(1, len(at))
    while len(newer):
        near = (at.take(older) < end.take(newer)) & (row.take(older) > root.take(newer))
        newer, older = newer[near], older[near]
        same = root.take(older) == root.take(newer)
        same &= rank.take(at.take(older)) - rank.take(at.take(newer)) <= context
        hidden[newer[same]] = True
        older = older + 1
        inside = older < len(at)
        newer, older = newer[inside], older[inside]
