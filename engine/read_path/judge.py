"""Which rows a reader may see, and which reposts would show the same post twice. Pure functions of page assembly."""

from typing import NamedTuple

import numpy as np

from engine.domain import I32, I64, NO_ROW, Bool, Kind
from engine.read_path.gather import descending
from engine.tables import Tables

_REPLY, _REPOST = int(Kind.REPLY), int(Kind.REPOST)
"""Plain ints: comparing with a member of an enum takes ten times as long."""


def visible(tables: Tables, users: I32, rows: I32) -> Bool:
    """Which rows each user may see, shape (n, width): not deleted or restricted (nor the post it repeats), not by
    or about somebody blocked or muted, and no reply to somebody whom the user neither is nor follows. A person's own
    replies are always visible to them.
    """
    posts = tables.posts
    seen: Bool = rows != NO_ROW
    if posts.any_hidden:
        seen &= ~posts.hidden(rows)
    reader, column = _where((posts.kind.take(rows, mode="clip") == _REPLY) & seen)
    if len(reader):
        row, user = rows[reader, column], users[reader]
        parent = posts.parent_author[row]
        allowed = (parent == user) | (posts.author[row] == user)
        doubtful = np.flatnonzero(~allowed)
        allowed[doubtful] = tables.graph.follows(user[doubtful], parent[doubtful])
        seen[reader, column] = allowed
    for i in np.flatnonzero(tables.relations.has_hides[users]).tolist():
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


def compact(rows: I32, keep: Bool) -> tuple[I32, I64]:
    """The kept rows of each line, newest first, moved to its left, NO_ROW after them; and how many they are."""
    packed = descending(np.where(keep, rows, np.int32(NO_ROW)))
    return packed, keep.sum(axis=1)


class Repeats(NamedTuple):
    """Some reposts among visible entries: line and column of each, shape (m,)."""

    reader: I64
    place: I64


def repeats(tables: Tables, rows: I32, context: int, depth: int) -> tuple[Repeats, Repeats]:
    """Among the first `depth` visible entries: which reposts are hidden, and which cannot be told yet.

    A repost is hidden iff its root, or another repost of that root, is among the `context` next older visible
    entries; it cannot be told where fewer than `context` older entries are at hand.
    """
    width = rows.shape[1]
    posts = tables.posts
    head = rows[:, :depth]
    reader, place = _where((posts.kind.take(head, mode="clip") == _REPOST) & (head != NO_ROW))
    if len(reader) == 0 or context == 0:
        nothing = np.zeros(0, np.int64)
        return Repeats(nothing, nothing), Repeats(nothing, nothing)
    after = place[:, None] + np.arange(1, context + 1)
    older = rows[reader[:, None], np.minimum(after, width - 1)]
    older[after >= width] = NO_ROW
    same = (posts.identity.take(older, mode="clip") == posts.identity[rows[reader, place]][:, None]) & (older != NO_ROW)
    hidden = same.any(axis=1)
    untold = ~hidden & (older[:, -1] == NO_ROW)
    return Repeats(reader[hidden], place[hidden]), Repeats(reader[untold], place[untold])


def _where(mask: Bool) -> tuple[I64, I64]:
    """Line and column of what is true; faster than `nonzero` on two axes where that is little."""
    found = np.flatnonzero(mask)
    return found // mask.shape[1], found % mask.shape[1]
