"""Home lists in numpy arrays: the embedded default, 4 bytes an entry.

Every owner has a stretch of one flat array, `cap + slack` slots long; lists that were adopted have shorter ones first.
Their entries stand sorted in [start, end); an append writes at `end`, a trim moves `start` up, and when `end` reaches
the end of the stretch the entries move back to its beginning: `cap` copies every `slack` appends. Reading is then one
contiguous slice per owner, which a ring with a modulo would not give (4-10x slower, measured).
"""

from collections.abc import Mapping
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cores import on_all_cores
from engine.domain import I32, I64, NO_LIST, NO_ROW, Bool, Ragged, ranges, runs
from engine.ordering import stable_order
from engine.timelines.port import ListPage, Outage, PushResult, StoredKey

Ids = NDArray[np.signedinteger[Any]]

_LOAD_BLOCK = 16_384
_COPIED_AT_ONCE = 1 << 24
_ROOM = 64
"""Entries that a list can take before it is moved to a whole stretch."""
_KEY = "timeline:"


class RingStore:
    """`TimelineStore` on numpy, all owners of a batch at once.

    A push takes one of two paths, counted in `appended` and `merged` (pairs): rows in ascending order above an
    owner's newest entry are written behind it; anything else (redelivery, late rows) is merged with the
    part of the list that lies above the lowest new row, found by binary search.
    """

    def __init__(self, users: int, cap: int, slack: int | None = None) -> None:
        """Space for `users` lists of `cap` entries and `slack` >= 1 slots each; memory is taken when first written."""
        self.users = users
        self.cap = cap
        self.by_owners = True
        self.place = "numpy arrays in this process"
        self.outage: Outage | None = None
        self.appended = 0
        self.merged = 0
        self._slack = slack or max(64, cap // 4)
        self._width = cap + self._slack
        self.clear()

    def clear(self) -> None:
        """See the port."""
        # One stretch ahead of the first owner and one behind the last: windows and searches may look there, not take.
        self._flat = np.empty((self.users + 2) * self._width, dtype=np.int32)
        self._base = self._whole = np.arange(1, self.users + 1, dtype=np.int64) * self._width
        self._limit = self._base + self._width
        self._start = self._base.copy()
        self._end = self._base.copy()
        self._tail = np.full(self.users, NO_ROW, dtype=np.int32)
        self._horizon = np.full(self.users, NO_LIST, dtype=np.int32)

    # --- writing -----------------------------------------------------------------------------------------------------

    def push(self, owners: I32, rows: I32) -> PushResult:
        """See the port."""
        owner = owners.astype(np.int64)
        alive = rows >= self._horizon.take(owner)
        if alive.all():
            return PushResult(*self._push(owner, rows))
        inserted, trims, live = np.zeros(len(rows), dtype=np.bool_), 0, np.flatnonzero(alive)
        if len(live):
            inserted[live], trims = self._push(owner.take(live), rows.take(live))
        return PushResult(inserted, trims)

    def _push(self, owner: I64, row: I32) -> tuple[Bool, int]:
        """Push pairs of which no row is below its owner's horizon."""
        if (owner[1:] > owner[:-1]).all():  # one each: one post to ascending followers
            return self._take(owner, np.arange(len(row)), np.ones(len(row), np.int64), row)
        if (owner[1:] >= owner[:-1]).all():
            return self._push_sorted(owner, row)
        inserted = np.empty(len(row), np.bool_)
        order = stable_order(owner, 0, self.users - 1)  # by owner, in the order offered
        inserted[order], trims = self._push_sorted(owner.take(order), row.take(order))
        return inserted, trims

    def _push_sorted(self, owner: I64, row: I32) -> tuple[Bool, int]:
        first, counts = runs(owner)
        users = owner.take(first)
        turn = self._turns(users, first, counts, row)
        if turn is None:
            return self._take(users, first, counts, row)
        inserted, trims = np.zeros(len(row), np.bool_), 0
        for number in range(int(turn.max()) + 1):
            mine = np.flatnonzero(turn == number)
            those = owner.take(mine)
            first, counts = runs(those)
            inserted[mine], dropped = self._take(those.take(first), first, counts, row.take(mine))
            trims += dropped
        return inserted, trims

    def _turns(self, users: I64, first: I64, counts: I64, row: I32) -> I64 | None:
        """In which turn each pair must go, or None if one turn is enough, which is nearly always.

        Within a turn the order of an owner's rows must not matter, and they must fit into the slack. Order matters only
        where a list gets trimmed: there, a row that comes after a newer one may find that it is too old by now.
        """
        if len(users) == len(row):
            return None
        descent = np.zeros(len(row), dtype=np.bool_)
        descent[1:] = row[1:] < row[:-1]
        descent[first] = False
        long = int(counts.max()) > self._slack
        if not long and not descent.any():
            return None
        may_trim = self.sizes(users) + counts > self.cap
        cut = descent & np.repeat(may_trim, counts)
        if long:
            within = np.arange(len(row)) - np.repeat(first, counts)
            cut |= (within % self._slack == 0) & (within > 0)
        elif not cut.any():
            return None
        passed = np.cumsum(cut, dtype=np.int64)
        turns: I64 = passed - np.repeat(passed[first], counts)
        return turns

    def _take(self, users: I64, first: I64, counts: I64, row: I32) -> tuple[Bool, int]:
        """One turn: the rows of users[i] are row[first[i]:][:counts[i]], at most `slack` of them.

        They were >= the horizon when the push began; one that no longer is meets a list full of newer ones.
        """
        end = self._make_room(users, counts)
        previous = self._tail.take(users)
        if len(users) < len(row):
            newest, previous = previous, np.empty_like(row)
            previous[1:] = row[:-1]
            previous[first] = newest
        newer: Bool = row > previous
        if newer.all():
            return newer, self._append(users, end, counts, row)
        clean = np.logical_and.reduceat(newer, first)
        fast = clean.repeat(counts)
        inserted, others = fast.copy(), ~clean
        trims = 0
        if clean.any():
            tidy, from_, each = users.compress(clean), end.compress(clean), counts.compress(clean)
            trims = self._append(tidy, from_, each, row.compress(fast))
        inserted[~fast], dropped = self._merge(users.compress(others), counts.compress(others), row.compress(~fast))
        return inserted, trims + dropped

    def _append(self, users: I64, end: I64, counts: I64, row: I32) -> int:
        """Write each user's ascending rows behind their newest entry, from `end` on; returns the trims."""
        self.appended += len(row)
        if len(row) == len(users):
            self._flat[end] = row
            self._tail[users] = row
        else:
            self._flat[ranges(end, counts)] = row
            self._tail[users] = row[np.cumsum(counts) - 1]
        end = end + counts
        self._end[users] = end
        return self._trim(users, end)

    def _merge(self, users: I64, counts: I64, row: I32) -> tuple[Bool, int]:
        """Sort each user's rows, in any order, into their list; returns (inserted, trims) as `PushResult` defines them.

        Everything below a user's lowest new row stays where it is.
        """
        self.merged += len(row)
        number = np.arange(len(users))
        first = np.cumsum(counts) - counts
        size = self._end[users] - self._start[users]
        full = (size == self.cap) & (size > 0)
        lowest = np.where(full, self._flat[self._start[users]], NO_ROW)
        at = self._search(users, np.minimum.reduceat(row, first))
        upper = self._end[users] - at
        held = self._flat[ranges(at, upper)]
        values = np.concatenate([held, row])
        group = np.concatenate([np.repeat(number, upper), np.repeat(number, counts)])
        # Stable, and what is held comes first: of equal rows the one that was there, else the first one offered, stays.
        order = np.argsort(group << 32 | values, kind="stable")
        values, group = values[order], group[order]
        keep = np.ones(len(values), dtype=np.bool_)
        keep[1:] = (values[1:] != values[:-1]) | (group[1:] != group[:-1])
        fresh = np.zeros(len(row), dtype=np.bool_)
        source = order[keep] - len(held)
        fresh[source[source >= 0]] = True
        kept = np.bincount(group[keep], minlength=len(users))
        self._flat[ranges(at, kept)] = values[keep]
        end = at + kept
        self._end[users] = end
        self._tail[users] = self._flat[end - 1]
        self._trim(users, end)
        # Older than all of a full list: the trim above has already taken it out again.
        inserted = fresh & (row > np.repeat(lowest, counts))
        trims = int(inserted.sum() + size.sum() - (self._end[users] - self._start[users]).sum())
        return inserted, trims

    def _trim(self, users: I64, end: I64) -> int:
        """Cut lists that go up to `end` to their newest `cap` entries; where that cut anything the horizon rises to the
        lowest row kept."""
        over = end - self._start.take(users)
        over -= self.cap
        long = np.flatnonzero(over > 0)
        if not len(long):
            return 0
        cut = users.take(long)
        start = end.take(long) - self.cap
        self._start[cut] = start
        self._horizon[cut] = self._flat.take(start)
        return int(over.take(long).sum())

    def _make_room(self, users: I64, counts: I64) -> I64:
        """Move the lists that would run out of their stretch to its beginning, or to that of a whole one: those that
        stand close to others and have grown. Returns where each list ends now."""
        end = self._end.take(users)
        crowded = np.flatnonzero(end + counts > self._limit.take(users))
        if not len(crowded):
            return end
        users, counts = users.take(crowded), counts.take(crowded)
        start, base = self._start.take(users), self._base.take(users)
        room = self._limit.take(users) - base
        # Always `cap` slots, whatever the size: windows are copied as a whole; what lies behind a list is no matter.
        stays = (room >= self.cap) & (self.sizes(users) + counts + _ROOM // 2 <= room)
        base = np.where(stays, base, self._whole.take(users))
        self._base[users], self._limit[users] = base, base + np.where(stays, room, self._width)
        windows = _windows(self._flat, self.cap)
        windows[base] = windows[start]
        self._start[users] = base
        end[crowded] -= start - base
        self._end[users] = end.take(crowded)
        return end

    def create(self, owners: I32) -> None:
        """See the port."""
        self._reset(owners, 0)

    def drop(self, owners: I32) -> None:
        """See the port."""
        self._reset(owners, NO_LIST)

    def begin_rebuild(self, owners: I32, at_row: int | I32) -> None:
        """See the port."""
        self._reset(owners, at_row)

    def _reset(self, owners: I32, horizon: int | I32) -> None:
        self._start[owners] = self._base[owners]
        self._end[owners] = self._base[owners]
        self._tail[owners] = NO_ROW
        self._horizon[owners] = horizon

    def remove(self, owners: I32, rows: I32) -> None:
        """See the port."""
        at = self._search(owners, rows)
        held = (at < self._end[owners]) & (self._flat[at] == rows)
        users = np.unique(owners[held])
        if not len(users):
            return
        start, size = self._start[users], self._end[users] - self._start[users]
        slots = ranges(start, size)
        keep = ~np.isin(slots, at[held])
        kept = np.add.reduceat(keep, np.cumsum(size) - size, dtype=np.int64)
        self._flat[ranges(start, kept)] = self._flat[slots[keep]]
        self._end[users] = start + kept
        self._tail[users] = np.where(kept > 0, self._flat[self._end[users] - 1], NO_ROW)

    def merge(self, owner: int, rows: I32, floor: int) -> None:
        """See the port."""
        self.push(np.full(len(rows), owner, dtype=np.int32), np.sort(rows))
        if self._horizon[owner] < floor:
            self._raise(owner, floor)

    def commit_rebuild(self, owner: int, rows: I32, floor: int, at_row: int) -> bool:
        """See the port."""
        if self._horizon[owner] != at_row:
            self.drop(np.array([owner], dtype=np.int32))
            return False
        self._raise(owner, floor)
        self.merge(owner, rows, floor)
        return True

    def _raise(self, owner: int, floor: int) -> None:
        """Set the horizon to floor, which may also be lower than it was; entries below it go.

        If that empties the list its tail lies below the floor, where it cannot mislead a push.
        """
        one = np.array([owner])
        self._start[owner] = self._search(one, np.array([floor]))[0]
        self._horizon[owner] = floor

    def load(self, lists: Ragged, floors: I32) -> None:
        """See the port."""
        self.clear()
        self._horizon[:] = floors
        for begin in range(0, self.users, _LOAD_BLOCK):  # in blocks, for the memory that positions take
            users = np.arange(begin, min(begin + _LOAD_BLOCK, self.users))
            offsets = lists.offsets[begin : begin + len(users) + 1]
            values = lists.values[offsets[0] : offsets[-1]]
            group = np.repeat(np.arange(len(users)), np.diff(offsets))
            above = values >= floors[begin : begin + len(users)][group]
            values, group = values[above], group[above]
            size = np.bincount(group, minlength=len(users))
            kept = np.minimum(size, self.cap)
            values = values[ranges(np.cumsum(size) - kept, kept)]
            self._flat[ranges(self._base[users], kept)] = values
            self._end[users] = self._base[users] + kept
            self._tail[users] = np.where(kept > 0, self._flat[self._end[users] - 1], NO_ROW)
            cut = users[size > self.cap]
            self._horizon[cut] = self._flat[self._start[cut]]

    def arrays(self, lists: Ragged, floors: I32) -> dict[str, NDArray[Any]]:
        """What `adopt` makes these lists of, as `load` takes them but with `cap` rows at most each: they stand close
        together, each with room for some more."""
        size = lists.lengths()
        room = np.minimum(size + _ROOM, self._width)
        base = self.cap + np.cumsum(room) - room
        flat = np.zeros(self.cap + int(room.sum()), np.int32)
        for begin in range(0, self.users, _LOAD_BLOCK):
            some = slice(begin, begin + _LOAD_BLOCK)
            first, last = lists.offsets[begin], lists.offsets[min(begin + _LOAD_BLOCK, self.users)]
            flat[ranges(base[some], size[some])] = lists.values[first:last]
        tail = np.where(size > 0, flat[base + np.maximum(size, 1) - 1], np.int32(NO_ROW))
        return {"flat": flat, "base": base, "size": size, "room": room, "tail": tail, "horizon": floors}

    def adopt(self, arrays: Mapping[str, NDArray[Any]], holds: Bool) -> None:
        """Replace everything by those `arrays` that were made of a store with the same users, cap and slack.

        They are copied, by all cores: lists that stay in a mapped file are slower to read and to write.
        """
        packed = arrays["flat"]
        # Behind the lists everybody has a whole stretch; memory is taken for those that come to use it.
        self._flat = np.empty(len(packed) + (self.users + 1) * self._width, np.int32)
        self._whole = len(packed) + np.arange(self.users, dtype=np.int64) * self._width
        cuts = range(0, len(packed), _COPIED_AT_ONCE)
        on_all_cores(partial(self._copy, packed, slice(cut, cut + _COPIED_AT_ONCE)) for cut in cuts)
        self._base = arrays["base"].copy()
        self._limit = self._base + arrays["room"]
        self._start = self._base.copy()
        self._end = self._base + arrays["size"]
        self._tail, self._horizon = arrays["tail"].copy(), arrays["horizon"].copy()
        self.drop(np.flatnonzero(~holds).astype(np.int32))

    def _copy(self, packed: I32, where: slice) -> None:
        self._flat[where][: len(packed[where])] = packed[where]

    # --- reading -----------------------------------------------------------------------------------------------------

    def read(self, owners: I32, limit: int, before: I32) -> ListPage:
        """See the port."""
        # `take` lets other threads work meanwhile, indexing does not.
        end = self._end.take(owners)
        deep = np.flatnonzero(self._tail.take(owners) >= before)
        if len(deep):
            end[deep] = self._search(owners[deep], before[deep])
        here = end - self._start.take(owners)
        # Each page is one window of the flat array, copied as a whole, then turned round.
        wide = min(limit, self._width)
        page = _windows(self._flat, wide)[end - wide].view(np.int32).reshape(-1, wide)
        short = np.flatnonzero(here < wide)
        if len(short):
            foreign = np.arange(wide, 0, -1) > here[short, None]
            page[short] = np.where(foreign, NO_ROW, page[short])
        rows = page[:, ::-1]
        if wide < limit:
            rows = np.pad(rows, ((0, 0), (0, limit - wide)), constant_values=NO_ROW)
        floors = np.where(here > limit, rows[:, -1], self._horizon.take(owners))
        return ListPage(rows, floors)

    def horizons(self, owners: I32) -> I32:
        """See the port."""
        return self._horizon.take(owners)

    def sizes(self, owners: I32 | I64) -> I64:
        """See the port."""
        return self._end.take(owners) - self._start.take(owners)

    def contains(self, owners: I32, rows: I32) -> Bool:
        """See the port."""
        at = self._search(owners, rows)
        found: Bool = (at < self._end[owners]) & (self._flat[at] == rows)
        return found

    def entries(self, owners: I32) -> Ragged:
        """See the port."""
        size = self.sizes(owners)
        offsets = np.zeros(len(owners) + 1, dtype=np.int64)
        np.cumsum(size, out=offsets[1:])
        return Ragged(self._flat[ranges(self._start[owners], size)], offsets)

    # --- looking -----------------------------------------------------------------------------------------------------

    def glance(self, owners: I32) -> I32:
        """See the port."""
        return self._horizon[owners]

    def key(self, user: int) -> str:
        """As it would be called in a store with names: arrays have none."""
        return f"{_KEY}{user}"

    def keys(self, prefix: str = "", limit: int = 100) -> list[str]:
        """See the port."""
        names = map(self.key, np.flatnonzero(self._horizon != NO_LIST).tolist())
        return list(islice((name for name in names if name.startswith(prefix)), limit))

    def count(self) -> int:
        """See the port."""
        return int(np.count_nonzero(self._horizon != NO_LIST))

    def stored(self, owner: int) -> StoredKey:
        """See the port. `raw` are the slots that hold entries, by their place in the one flat array."""
        horizon = int(self._horizon[owner])
        if horizon == NO_LIST:
            return StoredKey.nothing(self.key(owner), "computed")
        start, end = int(self._start[owner]), int(self._end[owner])
        rows = self._flat[start:end][::-1].tolist()
        raw = [f"[{slot}] {row}" for slot, row in zip(range(end - 1, start - 1, -1), rows, strict=True)]
        columns = (self._base, self._start, self._end, self._tail, self._horizon)
        slots = int(self._limit[owner] - self._base[owner])
        taken = slots * self._flat.itemsize + sum(column.itemsize for column in columns)
        return StoredKey(self.key(owner), "int32 slots", len(rows), horizon, rows, raw, taken, "computed")

    def _search(self, owners: Ids, rows: Ids) -> I64:
        """For each pair the slot of the owner's first entry >= row; their end if there is none. All halve in step."""
        low, high = self._start[owners], self._end[owners]
        for _ in range(int((high - low).max(initial=0)).bit_length()):
            middle = (low + high) >> 1
            inside = low < high
            less = self._flat[middle] < rows
            low = np.where(inside & less, middle + 1, low)
            high = np.where(inside & ~less, middle, high)
        return low


def _windows(flat: I32, wide: int) -> NDArray[np.void]:
    """A flat array seen as all its (overlapping) stretches of `wide` slots, each one item: window i begins at slot i.

    Twice as fast to gather as lines of a two-dimensional view.
    """
    return np.ndarray((len(flat) - wide + 1,), f"V{4 * wide}", flat, strides=(4,))
