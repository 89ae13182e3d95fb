"""The audit: every stored list against what the follow graph and the posts say it should hold.

Independent of how lists came about: it looks only at the graph, the posts and the lists. A row counts as missing
only if its reader would not be shown it: it is not in the list, not pulled, and not on its way.
"""

from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np

from engine.domain import I32, I64, NO_LIST, NO_ROW, Ragged, ranges
from engine.ordering import among
from engine.read_path.gather import Readers, gather
from engine.tables import Tables
from engine.write_path.fanout import NOTHING_ARRIVING
from engine.write_path.strategies import Strategy

_USERS_AT_ONCE = 5_000
_PULLED_AT_MOST = 2_000
"""Users without a list are audited by what a read would gather for them; of more than this, an even sample."""
_PULLED_ROWS = 100


@dataclass(frozen=True)
class Audit:
    """Entries over all audited users; the first four are 0 when nothing is wrong."""

    missing: int
    duplicate: int
    foreign: int
    out_of_order: int
    users: int
    lost_by_design: int
    """Rows that lists lack because a lossy strategy did not make their copies; they do not count as missing."""
    lost_share: float
    """Of all rows that the lists should hold."""

    def to_json(self) -> dict[str, float]:
        """As the command line prints it."""
        return asdict(self)


class _Served(NamedTuple):
    """What some users are served from, and for which rows it answers; k users."""

    users: I32
    lists: Ragged
    """Rows, ascending if nothing is wrong."""
    horizon: I32
    """The lists answer for rows from here on; NO_LIST: for none."""
    before: I32
    """... and, but for the user's own posts, below this row."""
    pulls: bool
    """Beside them readers pull what was not pushed to them, so lists need not hold it."""


class _Known(NamedTuple):
    """What lists are compared with, packed as user << 32 | row and ascending."""

    by_author: I64
    on_their_way: I64
    dropped: I64
    """By design."""


def audit(tables: Tables, strategy: Strategy, now_ns: int, outstanding: tuple[I32, I32], most: int = 100_000) -> Audit:
    """Audit all users, or an even sample of `most` of them.

    `outstanding`: (owner, row) of copies on their way, which do not count as missing.
    """
    users = _spread(np.arange(tables.graph.n, dtype=np.int32), most)
    rows = np.arange(tables.posts.size, dtype=np.int32)
    by_author = np.sort(_pack(tables.posts.author[: tables.posts.size], rows))
    known = _Known(by_author, np.sort(_pack(*outstanding)), tables.dropped.pairs())
    totals = np.zeros(6, np.int64)
    for start in range(0, len(users), _USERS_AT_ONCE):
        served = _stored(tables, strategy, now_ns, users[start : start + _USERS_AT_ONCE])
        totals += _compare(tables, served, known)
    without = _spread(users[~tables.holders(users)], _PULLED_AT_MOST)
    totals += _compare(tables, _pulled(tables, strategy, now_ns, without), known)
    missing, duplicate, foreign, out_of_order, lost, expected = totals.tolist()
    share = round(lost / expected, 6) if lost else 0.0
    return Audit(missing, duplicate, foreign, out_of_order, len(users), lost, share)


def _spread(users: I32, most: int) -> I32:
    spread: I32 = users if len(users) <= most else users[np.linspace(0, len(users) - 1, most).astype(np.int64)]
    return spread


def _stored(tables: Tables, strategy: Strategy, now_ns: int, users: I32) -> _Served:
    """The stored lists. Beside a list that is kept by reads nothing is pulled."""
    bounds = _bounds(tables, strategy, now_ns, users)
    return _Served(users, tables.lists.entries(users), *bounds, pulls=not strategy.keep_ns)


def _pulled(tables: Tables, strategy: Strategy, now_ns: int, users: I32) -> _Served:
    """What a read would gather now, for users without a list."""
    mark = np.full(len(users), tables.posts.size, np.int32)
    readers = Readers(users, np.full(len(users), now_ns, np.int64), mark, mark)
    merged = gather(tables, strategy, readers, NOTHING_ARRIVING, _PULLED_ROWS, _PULLED_ROWS)
    ascending = merged.rows[:, ::-1]
    held = ascending != NO_ROW
    offsets = np.concatenate([[0], np.cumsum(held.sum(axis=1))])
    return _Served(users, Ragged(ascending[held], offsets), merged.floor, mark, pulls=False)


def _compare(tables: Tables, served: _Served, known: _Known) -> tuple[int, int, int, int, int, int]:
    """(missing, duplicate, foreign, out of order, lost by design, expected) of what is served against the graph and the
    posts."""
    users, lists = served.users, served.lists
    place = lists.owner()
    owner, same_list = users[place], place[1:] == place[:-1]
    duplicate = int((same_list & (lists.values[1:] == lists.values[:-1])).sum())
    disorder = int((same_list & (lists.values[1:] < lists.values[:-1])).sum())

    author = tables.posts.author[lists.values]
    alien = ~tables.graph.follows(owner, author) & (owner != author)
    answers = served.horizon != NO_LIST
    foreign = int(((alien | (lists.values < served.horizon[place])) & answers[place]).sum())

    expected, held = _expected(tables, served, known.by_author), _sorted(_pack(owner, lists.values))
    lacking = expected[~among(expected, held)]
    lost = lacking[~among(lacking, known.on_their_way)]
    by_design = int(np.count_nonzero(among(lost, known.dropped)))
    return len(lost) - by_design, duplicate, foreign, disorder, by_design, len(expected)


def _bounds(tables: Tables, strategy: Strategy, now_ns: int, users: I32) -> tuple[I32, I32]:
    """(horizon, before): the rows that each user's list answers for. A kept list answers for posts before its merge;
    one that has expired answers for nothing."""
    horizon = tables.lists.horizons(users)
    before = np.full(len(users), NO_LIST, np.int32)
    if strategy.keep_ns:
        horizon = np.where(tables.kept.until_ns[users] > now_ns, horizon, np.int32(NO_LIST))
        before = tables.posts.mark(tables.kept.from_ns[users])
    return horizon, before


def _expected(tables: Tables, served: _Served, by_author: I64) -> I64:
    """(user, row) of all rows that must be served: by the user and everyone followed, but for pulled ones; packed."""
    users = served.users
    followees = tables.graph.followees(users)
    reader = np.concatenate([followees.owner(), np.arange(len(users))])
    author = np.concatenate([followees.values, users])
    answers = served.horizon[reader] != NO_LIST
    reader, author = reader[answers], author[answers]
    own = author == users[reader]
    horizon = served.horizon[reader]
    pulled = tables.unpushed.of(author, users[reader]) if served.pulls else np.full(len(author), NO_ROW, np.int32)
    first = np.where(own, horizon, np.maximum(horizon, pulled + 1))
    last = np.where(own, np.int32(NO_LIST), served.before[reader])
    low, high = np.searchsorted(by_author, _pack(author, first)), np.searchsorted(by_author, _pack(author, last))
    lengths = np.maximum(0, high - low)
    row = (by_author[ranges(low, lengths)] & 0xFFFFFFFF).astype(np.int32)
    return _sorted(_pack(users[np.repeat(reader, lengths)], row))


def _pack(major: I32, minor: I32) -> I64:
    packed: I64 = (major.astype(np.int64) << 32) | minor
    return packed


def _sorted(packed: I64) -> I64:
    """Ascending. Lists come in order and authors' rows as runs: a merge sort sees that, and need not do it again."""
    return np.sort(packed, kind="stable")
