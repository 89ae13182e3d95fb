"""Where a page's rows come from: the stored list, the pulled followees, and this segment's own deliveries.

Every source says down to which row it is complete; the merge holds down to the highest of those floors
(timeline law, rule 10). Below a list's horizon, or without a list, everyone the reader follows is asked.
"""

from typing import NamedTuple

import numpy as np

from engine.domain import I32, I64, NO_LIST, NO_ROW, Bool, Ragged, ranges, runs
from engine.tables import Tables
from engine.write_path.fanout import Copies
from engine.write_path.strategies import Strategy

_ROW = 0xFFFFFFFF
"""The row in a key of line and row."""
_CELLS = 1 << 20
"""Places of rows that are merged at once, at most, so that no batch takes more than a few megabytes."""


class Readers(NamedTuple):
    """Requests for home, as of their own instants; columns of shape (n,)."""

    user: I32
    at_ns: I64
    mark: I32
    """Posts below this row were accepted by `at_ns`."""
    before: I32
    """Exclusive upper bound of the page: the mark, or the cursor if that is lower."""

    def take(self, index: I64) -> "Readers":
        """Some of the readers."""
        return Readers._make(column[index] for column in self)


class Merged(NamedTuple):
    """Raw rows, newest first, not yet judged."""

    rows: I32
    """Shape (n, width), padded with NO_ROW; complete in [floor, before)."""
    floor: I32
    touched: I64
    """Rows that sources returned for each reader: what the read costs."""
    asked: I64
    """Followees asked, each reader."""
    missed: Bool
    """True where the list did not suffice and everyone had to be asked."""


def gather(
    tables: Tables, strategy: Strategy, readers: Readers, arriving: Copies, width: int, per_author: int
) -> Merged:
    """The newest rows of each reader below `before`: at least `width` of them, or all down to the floor."""
    horizon = _horizons(tables, strategy, readers)
    new_reader, new_row = _arrived(tables, readers, horizon, arriving)
    _raise_by_trim(tables, readers, horizon, new_reader, new_row)
    listed = horizon < readers.before
    count = len(readers.user)
    index = np.flatnonzero(listed)
    rows, floor = _listed(tables, readers, horizon, index, width)
    if len(new_reader):
        within = listed[new_reader] & (new_row < readers.before[new_reader]) & (new_row >= floor[new_reader])
        rows, floor = _merge(rows, floor, new_reader[within], new_row[within])
    touched = np.count_nonzero(rows != NO_ROW, axis=1)
    asked = np.zeros(count, np.int64)
    if tables.unpushed.any or len(index) < count:
        reader, author = _asked(tables, strategy, readers, floor, listed)
        pulled, complete = tables.posts.latest(author, floor[reader], readers.before[reader], per_author)
        np.maximum.at(floor, reader, complete)
        pulled_reader = reader[pulled.owner()]
        asked += np.bincount(reader, minlength=count)
        touched += np.bincount(pulled_reader, minlength=count)
        rows, floor = _merge(rows, floor, pulled_reader, pulled.values)
    return Merged(rows, floor, touched, asked, ~listed)


def _listed(tables: Tables, readers: Readers, horizon: I32, index: I64, width: int) -> tuple[I32, I32]:
    """(rows, floor) of all readers, as the lists of those at `index` have them; the others have none."""
    count = len(readers.user)
    some = readers if len(index) == count else readers.take(index)
    page = tables.lists.read(some.user, width, some.before)
    floors = np.maximum(page.floors, horizon[index])
    if len(index) == count:
        rows, floor = np.ascontiguousarray(page.rows), floors
    else:
        rows, floor = np.full((count, width), NO_ROW, np.int32), np.zeros(count, np.int32)
        rows[index], floor[index] = page.rows, floors
    for i in index[page.floors < floors].tolist():  # a horizon that this segment's own entries raised
        rows[i][rows[i] < floor[i]] = NO_ROW
    return rows, floor


def _horizons(tables: Tables, strategy: Strategy, readers: Readers) -> I32:
    """Horizon of each reader's list; a kept list that has expired counts as none."""
    horizon = tables.lists.horizons(readers.user)
    if strategy.keep_ns:
        horizon = np.where(tables.kept.until_ns[readers.user] > readers.at_ns, horizon, np.int32(NO_LIST))
    return horizon


def _arrived(tables: Tables, readers: Readers, horizon: I32, arriving: Copies) -> tuple[I64, I32]:
    """Entries of this segment that were readable when the reader asked, and that the list takes: (reader, row)."""
    is_reader = np.zeros(tables.graph.n, np.bool_)
    is_reader[readers.user] = True
    copy = np.flatnonzero(is_reader.take(arriving.owner))
    order = readers.user.argsort(kind="stable")
    user, owner = readers.user[order], arriving.owner[copy]
    first = user.searchsorted(owner)
    lengths = user.searchsorted(owner, side="right") - first
    reader, copy = order[ranges(first, lengths)], copy.repeat(lengths)
    row = arriving.row[copy]
    here = (arriving.at_ns[copy] <= readers.at_ns[reader]) & (row >= horizon[reader])
    return _by_reader(reader[here], row[here])


def _raise_by_trim(tables: Tables, readers: Readers, horizon: I32, reader: I64, row: I32) -> None:
    """Where those entries push a list over its cap, its horizon rises as the trim would have raised it."""
    if len(reader) == 0:
        return
    cap = tables.lists.cap
    new = np.bincount(reader, minlength=len(readers.user))
    crowded = np.flatnonzero(new)
    users = readers.user[crowded]
    crowded = crowded[tables.lists.sizes(users) + new[crowded] > cap]
    if len(crowded) == 0:
        return
    many = new[crowded]
    line = np.arange(len(crowded)).repeat(many)
    keys = line << 32 | row[ranges(reader.searchsorted(crowded), many)]
    keys.sort()
    lowest = keys[many.cumsum() - many] & _ROW
    held = tables.lists.read(readers.user[crowded], cap, np.full(len(crowded), NO_LIST, np.int32)).rows
    newer = (lowest > held[:, 0]) & (many < cap)  # all of them, as nearly always: as many go at the other end
    newer[line[1:][keys[1:] == keys[:-1]]] = False
    some = np.flatnonzero(newer)
    horizon[crowded[some]] = held[some, cap - many[some] - 1]
    for i in crowded[~newer].tolist():
        together = np.union1d(tables.lists.entries(readers.user[i : i + 1]).values, row[reader == i])
        if len(together) > cap:
            horizon[i] = together[-cap]


def _asked(tables: Tables, strategy: Strategy, readers: Readers, floor: I32, listed: Bool) -> tuple[I64, I32]:
    """Which followees each reader asks: (reader, author) pairs by reader.

    With a list: those the strategy pulls, none while a kept list is served. Without: everyone, and oneself.
    """
    alone = np.flatnonzero(~listed)
    if strategy.keep_ns or not tables.unpushed.any:
        return _everyone(tables, readers, alone)
    index = np.flatnonzero(listed)
    place, author = tables.unpushed.followed_by(readers.user[index])
    reader = index[place]
    last = tables.unpushed.as_of(author, readers.mark[reader], readers.user[reader])
    wanted = strategy.pulls(last, floor[reader])
    reader, author = reader[wanted], author[wanted]
    if len(alone) == 0:
        return reader, author
    all_reader, all_author = _everyone(tables, readers, alone)
    return _by_reader(np.concatenate([reader, all_reader]), np.concatenate([author, all_author]))


def _everyone(tables: Tables, readers: Readers, index: I64) -> tuple[I64, I32]:
    """All whom these readers follow, and they themselves: (reader, author) pairs by reader."""
    followees = tables.graph.followees(readers.user[index])
    reader = np.concatenate([index[followees.owner()], index])
    return _by_reader(reader, np.concatenate([followees.values, readers.user[index]]))


def _by_reader(reader: I64, values: I32) -> tuple[I64, I32]:
    order = reader.argsort(kind="stable")
    return reader[order], values[order]


def _merge(rows: I32, floor: I32, extra_reader: I64, extra_row: I32) -> tuple[I32, I32]:
    """Each reader's newest rows of `rows` and of the extra ones (by reader), each row once, as many as `rows` is wide;
    and down to where they are complete."""
    if len(extra_row) == 0:
        return rows, floor
    first, lengths = runs(extra_reader)
    merged = extra_reader[first]  # most readers have nothing to merge
    most = rows.shape[1] + int(lengths.max())
    block = max(1, _CELLS // most)
    for start in range(0, len(merged), block):
        lines = slice(start, start + block)
        extra = Ragged(extra_row[first[start] :], np.append(0, lengths[lines].cumsum()))
        _merge_lines(rows, floor, merged[lines], extra, most)
    return rows, floor


def _merge_lines(rows: I32, floor: I32, merged: I64, extra: Ragged, most: int) -> None:
    """Merge lists of extra rows into some lines of `rows`; line and list together are at most `most` long."""
    width = rows.shape[1]
    lengths = extra.lengths()
    both = np.full((len(merged), most), NO_ROW, np.int32)
    both[:, :width] = rows[merged]
    place = ranges(np.arange(width, both.size, most), lengths)
    both.reshape(-1)[place] = extra.values[: len(place)]
    np.copyto(both, NO_ROW, where=both < floor[merged, None])
    both.sort(axis=1)
    again = both[:, 1:] == both[:, :-1]
    again &= both[:, 1:] != NO_ROW
    if again.any():
        both[:, 1:][again] = NO_ROW
        both.sort(axis=1)
    newest = both[:, : -width - 1 : -1]
    rows[merged] = newest
    cut = both[:, -width - 1] != NO_ROW
    floor[merged[cut]] = np.maximum(floor[merged[cut]], newest[cut, -1])


def descending(rows: I32) -> I32:
    """Each line sorted, highest first; `rows` is used up."""
    rows.sort(axis=1)
    return rows[:, ::-1]
