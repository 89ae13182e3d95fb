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
_FEW_EXTRA = 8
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
        return Readers._make(column.take(index) for column in self)


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
        within = listed.take(new_reader)
        within &= (new_row < readers.before.take(new_reader)) & (new_row >= floor.take(new_reader))
        rows, floor = _merge(rows, floor, new_reader.compress(within), new_row.compress(within))
    touched = lengths(rows)
    asked = np.zeros(count, np.int64)
    if tables.unpushed.any or len(index) < count:
        reader, author = _asked(tables, strategy, readers, floor, listed)
        pulled, complete = tables.posts.latest(author, floor.take(reader), readers.before.take(reader), per_author)
        pulled_reader, pulled_row = reader.take(pulled.owner()), pulled.values
        asked += np.bincount(reader, minlength=count)
        touched += np.bincount(pulled_reader, minlength=count)
        if _raise_floors(rows, floor, reader, complete):
            above = pulled_row >= floor.take(pulled_reader)
            pulled_reader, pulled_row = pulled_reader.compress(above), pulled_row.compress(above)
        rows, floor = _merge(rows, floor, pulled_reader, pulled_row)
    return Merged(rows, floor, touched, asked, ~listed)


def _raise_floors(rows: I32, floor: I32, reader: I64, complete: I32) -> bool:
    """Raise each floor to the highest row down to which one of this reader's sources is complete, and let go of the
    rows below; whether any was raised. `reader`: ascending, of each source."""
    if len(reader) == 0:
        return False
    first, _ = runs(reader)
    asking, highest = reader.take(first), np.maximum.reduceat(complete, first)
    lines = asking.compress(highest > floor.take(asking))
    if len(lines):
        floor[lines] = highest.compress(highest > floor.take(asking))
        some = rows[lines]
        some[some < floor[lines, None]] = NO_ROW
        rows[lines] = some
    return len(lines) > 0


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
        served = tables.kept.served_until_ns[readers.user] > readers.at_ns
        horizon = np.where(served, horizon, np.int32(NO_LIST))
    return horizon


def _arrived(tables: Tables, readers: Readers, horizon: I32, arriving: Copies) -> tuple[I64, I32]:
    """Entries of this segment that were readable when the reader asked, and that the list takes: (reader, row)."""
    copy, reader = _for_readers(tables.graph.n, readers.user, arriving.owner)
    row = arriving.row.take(copy)
    here = (arriving.at_ns.take(copy) <= readers.at_ns.take(reader)) & (row >= horizon.take(reader))
    return _by_reader(reader.compress(here), row.compress(here))


def _for_readers(users: int, user: I32, owner: I32) -> tuple[I64, I64]:
    """(copy, reader) for every copy whose owner is the user of a read; there may be several reads of one user."""
    if len(user) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    number = np.arange(len(user))
    table = np.empty(users, np.int64)  # only what is written is believed: owners are looked up in what it points at
    table[user] = number
    reader = table.take(owner)
    copy = np.flatnonzero(user.take(reader, mode="clip") == owner)
    reader = reader.take(copy)
    first_read = table.take(user)
    again = np.flatnonzero(first_read != number)  # a user's other reads get the same copies
    if len(again) == 0:
        return copy, reader
    again = again[first_read.take(again).argsort(kind="stable")]
    same = first_read.take(again)
    first = same.searchsorted(reader)
    counts = same.searchsorted(reader, side="right") - first
    some = np.flatnonzero(counts)
    more = again[ranges(first[some], counts[some])]
    return np.concatenate([copy, copy[some].repeat(counts[some])]), np.concatenate([reader, more])


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
    others = np.flatnonzero(~newer)
    if len(others):
        of_others = ~newer[line]
        lists = Ragged((keys[of_others] & _ROW).astype(np.int32), np.append(0, many[others].cumsum()))
        above = _lowest_of_newest(held[others], lists, cap)
        horizon[crowded[others]] = np.maximum(horizon[crowded[others]], above)


def _lowest_of_newest(held: I32, new: Ragged, cap: int) -> I32:
    """The lowest of the `cap` newest rows of each line and its new ones, each counted once; NO_ROW where they are not
    more than `cap`."""
    counts = new.lengths()
    both = np.full((len(held), held.shape[1] + int(counts.max())), NO_ROW, np.int32)
    both[:, : held.shape[1]] = held
    both.reshape(-1)[ranges(np.arange(held.shape[1], both.size, both.shape[1]), counts)] = new.values
    _sort_without_doubles(both)
    return np.where(both[:, -cap - 1] != NO_ROW, both[:, -cap], np.int32(NO_ROW))


def _sort_without_doubles(lines: I32) -> None:
    """Sort each line, NO_ROWs and with them all rows but the first of equal ones in front."""
    lines.sort(axis=1)
    again = lines[:, 1:] == lines[:, :-1]
    again &= lines[:, 1:] != NO_ROW
    at = np.flatnonzero(again.any(axis=1))
    if len(at):  # few
        some = lines[at]
        some[:, 1:][again[at]] = NO_ROW
        some.sort(axis=1)
        lines[at] = some


def _asked(tables: Tables, strategy: Strategy, readers: Readers, floor: I32, listed: Bool) -> tuple[I64, I32]:
    """Which followees each reader asks: (reader, author) pairs by reader.

    With a list: those the strategy pulls, none while a kept list is served. Without: everyone, and oneself.
    """
    alone = np.flatnonzero(~listed)
    if strategy.keep_ns or not tables.unpushed.any:
        return _everyone(tables, readers, alone)
    index = np.flatnonzero(listed)
    place, author = tables.unpushed.followed_by(readers.user.take(index))
    reader = index.take(place)
    last = tables.unpushed.as_of(author, readers.mark.take(reader), readers.user.take(reader))
    wanted = strategy.pulls(last, floor.take(reader))
    reader, author = reader.compress(wanted), author.compress(wanted)
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
    return reader.take(order), values.take(order)


def _merge(rows: I32, floor: I32, extra_reader: I64, extra_row: I32) -> tuple[I32, I32]:
    """Each reader's newest rows of `rows` and of the extra ones (by reader), each row once, as many as `rows` is wide;
    and down to where they are complete. No row lies below its floor."""
    if len(extra_row) == 0:
        return rows, floor
    first, counts = runs(extra_reader)
    merged = extra_reader[first]  # most readers have nothing to merge
    extra = Ragged(extra_row, np.append(0, counts.cumsum()))
    few = counts <= _FEW_EXTRA
    for some in (np.flatnonzero(few), np.flatnonzero(~few)):  # one long list would make all lines long
        most = rows.shape[1] + int(counts[some].max(initial=0))
        block = max(1, _CELLS // most)
        for start in range(0, len(some), block):
            lines = some[start : start + block]
            _merge_lines(rows, floor, merged[lines], extra.take(lines), most)
    return rows, floor


def _merge_lines(rows: I32, floor: I32, merged: I64, extra: Ragged, most: int) -> None:
    """Merge lists of extra rows into some lines of `rows`; line and list together are at most `most` long."""
    width = rows.shape[1]
    both = np.full((len(merged), most), NO_ROW, np.int32)
    both[:, :width] = rows.take(merged, axis=0)
    both.reshape(-1)[ranges(np.arange(width, both.size, most), extra.lengths())] = extra.values
    _sort_without_doubles(both)
    newest = both[:, : -width - 1 : -1]
    rows[merged] = newest
    cut = np.flatnonzero(both[:, -width - 1] != NO_ROW)
    cut_short = merged.take(cut)
    floor[cut_short] = np.maximum(floor.take(cut_short), newest[:, -1].take(cut))


def lengths(rows: I32) -> I64:
    """How many rows stand in each line before the padding, shape (n,)."""
    width = rows.shape[1]
    filled: I64 = np.full(len(rows), width, np.int64)
    short = np.flatnonzero(rows[:, -1] == NO_ROW)  # nearly always few
    filled[short] = np.count_nonzero(rows[short] != NO_ROW, axis=1)
    return filled


def descending(rows: I32) -> I32:
    """Each line sorted, highest first; `rows` is used up."""
    rows.sort(axis=1)
    return rows[:, ::-1]
