"""Why a reader does not see a post that is within their reach: judge.py's verdict on one row, with its reason."""

from typing import NamedTuple

import numpy as np

from engine.config import ReadConfig
from engine.domain import NO_ROW, Flag, Kind
from engine.read_path.assemble import PageRules, assemble
from engine.read_path.gather import Readers
from engine.tables import Tables
from engine.write_path.fanout import NOTHING_ARRIVING
from engine.write_path.strategies import Strategy


class Unseen(NamedTuple):
    """A reason not to show a post. `other`: the account or the row that it is about; -1: none."""

    reason: str
    """deleted, restricted, blocks, blocked, mutes, reply or repeat."""
    other: int


class Reader(NamedTuple):
    """Whose home it is, and how pages are made for them now."""

    user: int
    now_ns: int
    strategy: Strategy
    read: ReadConfig


def unseen(tables: Tables, reader: Reader, row: int) -> Unseen | None:
    """Why the reader's home leaves a post out although it has reached them; None: it is shown."""
    posts, user = tables.posts, reader.user
    flags = int(posts.flags[row] | posts.flags[posts.identity[row]])
    if flags:
        return Unseen("deleted" if flags & Flag.DELETED else "restricted", -1)
    author, parent = int(posts.author[row]), int(posts.parent_author[row])
    kind = Kind(posts.kind[row])
    if kind == Kind.REPLY and user not in (parent, author) and not tables.graph.follows([user], [parent])[0]:
        return Unseen("reply", parent)
    if author != user or kind == Kind.REPOST:
        root = posts.identity[row]
        for party in (author, parent, int(posts.author[root]), int(posts.parent_author[root])):
            if party in tables.relations.hidden(user):
                return Unseen(_relation(tables, user, party), party)
    older = _repeated(tables, reader, row) if kind == Kind.REPOST else NO_ROW
    return Unseen("repeat", older) if older != NO_ROW else None


def _relation(tables: Tables, user: int, party: int) -> str:
    if tables.relations.blocks(user, party):
        return "blocks"
    return "blocked" if tables.relations.blocks(party, user) else "mutes"


def _repeated(tables: Tables, reader: Reader, row: int) -> int:
    """The newest entry of the same post among the `context` next older visible ones; NO_ROW if there is none."""
    if reader.read.context == 0:
        return NO_ROW
    one = np.array([reader.user], np.int32)
    mark = np.array([tables.posts.size], np.int32)
    readers = Readers(one, np.array([reader.now_ns], np.int64), mark, np.array([row], np.int32))
    rules = PageRules.of(reader.read, reader.read.context)._replace(context=0)  # no window: all that is visible
    older = assemble(tables, reader.strategy, readers, NOTHING_ARRIVING, rules).rows[0]
    same = older[(older != NO_ROW) & (tables.posts.identity[older] == tables.posts.identity[row])]
    return int(same[0]) if len(same) else NO_ROW
