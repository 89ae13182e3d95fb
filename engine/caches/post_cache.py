"""Which post bodies are in memory: a first-in-first-out cache, decided exactly in request order.

Insertions are numbered from 1. A post is held iff its number is among the last `capacity` ones, so the whole cache is
one int64 per post and a count, and a hit is a comparison. A hit moves nothing in FIFO: only misses and
insertions change the cache.
"""

import numpy as np

from engine.domain import I32, I64, Bool

_NEVER = -1


class PostCache:
    """The rows of at most `capacity` posts. Splitting a sequence of calls into other batches changes no outcome."""

    def __init__(self, capacity: int) -> None:
        """capacity: posts, at least 1."""
        self.capacity = capacity
        self.down = False
        """Whether it answers nobody: whatever is asked misses, and nothing is put in."""
        self._number = np.full(1024, _NEVER, dtype=np.int64)
        self._count = 0
        self._gone = 0

    @property
    def size(self) -> int:
        """Posts held now."""
        return self._count - self._bar()

    def insert(self, rows: I32) -> None:
        """Put these posts in, one after the other; one already held is not moved. Shape (m,)."""
        self._play(rows)

    def fill(self, rows: I32) -> None:
        """As `insert`, into an empty cache, of rows none of which comes twice."""
        rows = rows[-self.capacity :]
        if len(rows):
            self._reach(int(rows.max()))
            self._number[rows] = np.arange(self._count + 1, self._count + 1 + len(rows))
            self._count += len(rows)

    def request(self, rows: I32) -> Bool:
        """Ask for these posts one after the other: shape (m,), True for a hit. A miss puts the post in."""
        return self._play(rows)

    def play(self, rows: I32, is_insert: Bool) -> Bool:
        """Insertions and requests mixed, in time order; both of shape (m,). True for a request that hits."""
        return self._play(rows) & ~is_insert

    def look(self, rows: I32, is_insert: Bool) -> Bool:
        """As `play`, but what is missed is not put in; what is inserted is in none of the rows before it."""
        if self.down or not len(rows):
            return np.zeros(len(rows), np.bool_)
        self._reach(int(rows.max()))
        before, new = is_insert.cumsum() - is_insert, rows[is_insert]
        self._number[new] = self._count + 1 + np.arange(len(new))
        number, gone = self._number.take(rows), np.maximum(self._count + before - self.capacity, self._gone)
        held: Bool = (number > gone) & (number <= self._count + before)
        self._count += len(new)
        return held & ~is_insert

    def may_lack(self, rows: I32, insertions: int) -> Bool:
        """Which rows it does not have now, or may not have any more after so many insertions; any row below 0 counts
        as one or the other. Changes nothing, so that several threads may ask at once. Shape (m,)."""
        lacking: Bool = self._number.take(rows, mode="clip") <= max(
            self._count + insertions - self.capacity, self._gone
        )
        if int(rows.max(initial=0)) >= len(self._number):
            lacking |= rows >= len(self._number)
        return lacking

    def clear(self) -> None:
        """Empty the cache."""
        self._gone = self._count

    def resize(self, capacity: int) -> None:
        """Change the capacity (at least 1): a smaller one keeps the posts inserted last."""
        self._gone = self._bar()  # what is out stays out, also if the capacity grows
        self.capacity = capacity

    def _bar(self) -> int:
        """The highest insertion number no longer held."""
        return max(self._count - self.capacity, self._gone)

    def _play(self, rows: I32) -> Bool:
        """Whether each row was held at its turn. In FIFO an insertion does to the cache just what a request does."""
        if self.down or not len(rows):
            return np.zeros(len(rows), dtype=np.bool_)
        self._reach(int(rows.max()))
        numbers = self._number.take(rows)
        hits = numbers > self._bar()
        if hits.all():
            return hits
        absent = np.flatnonzero(~hits)
        _, first = np.unique(rows[absent], return_index=True)
        # Which held rows could the insertions of this very batch put out? Inserted are at most the rows absent now and
        # the doubtful ones, each once: a second time would take more than `capacity` rows, and then all are doubtful.
        # Doubt breeds doubt, so the guess `most` grows by more than it must, until it holds.
        most = len(first)
        while True:
            doubtful = hits & (numbers <= self._count + most - self.capacity)
            could = len(first) + int(np.count_nonzero(doubtful))
            if could <= most:
                break
            most = could + could // 4
        if most > self.capacity:  # the same rows again and again, as in a small world: it pays to tell them apart
            most = len(first) + self._put_out(numbers[hits], len(first))
            doubtful = hits & (numbers <= self._count + most - self.capacity)
        at = np.flatnonzero(doubtful | ~hits)
        decide = self._all_at_once if most <= self.capacity else self._one_by_one
        hits[at] = decide(rows[at], numbers[at])
        return hits

    def _put_out(self, numbers: I64, insertions: int) -> int:
        """How many different rows of these held ones so many insertions could put out, if each one put out makes an
        insertion more."""
        numbers = np.sort(numbers)
        numbers = numbers[np.diff(numbers, prepend=_NEVER) > 0]
        stays = numbers - np.arange(len(numbers)) > self._count + insertions - self.capacity
        return int(stays.argmax()) if stays.any() else len(numbers)

    def _all_at_once(self, rows: I32, numbers: I64) -> Bool:
        """The plain cache, as long as all that is inserted meanwhile stays to the end.

        Each row then misses at most once: at its first request after it has gone, or at its very first. Who has gone
        depends on the misses before; guessing too few of them, a better guess follows, until it repeats itself. As
        nothing depends on what comes later, that is the truth.
        """
        left = np.where(numbers > self._bar(), numbers - (self._count - self.capacity), 0)  # insertions until it goes
        order = rows.argsort(kind="stable")
        again = np.zeros(len(rows), np.bool_)  # the row's request before is the one before, in this order
        again[1:] = rows[order[1:]] == rows[order[:-1]]
        missed = np.zeros(len(rows), np.bool_)
        while True:
            before = missed.cumsum() - missed
            gone = (before >= left)[order]
            first = gone.copy()
            first[1:] &= ~(gone[:-1] & again[1:])
            if (first == missed[order]).all():
                break
            missed[order] = first
        self._number[rows[missed]] = self._count + 1 + before[missed]
        self._count += int(np.count_nonzero(missed))
        return ~missed

    def _one_by_one(self, rows: I32, numbers: I64) -> Bool:
        """The plain cache, for the rows that cannot be decided together: one comparison each, work only at a miss."""
        last = np.empty(len(self._number), np.int32)
        last[rows] = np.arange(len(rows), dtype=np.int32)  # a place of its own for each row
        number, count, capacity, bar = numbers.tolist(), self._count, self.capacity, self._bar()
        missed = []
        for i, place in enumerate(last[rows].tolist()):
            if number[place] <= bar:
                count += 1
                number[place] = count
                missed.append(i)
                if count - capacity > bar:
                    bar = count - capacity
        places = last[rows[missed]]
        self._number[rows[missed]] = np.array(number, np.int64)[places]
        self._count = count
        hits = np.ones(len(rows), np.bool_)
        hits[missed] = False
        return hits

    def _reach(self, row: int) -> None:
        """Make the numbers reach up to this row."""
        held = len(self._number)
        if row >= held:
            grown = np.full(max(row + 1, 2 * held), _NEVER, dtype=np.int64)
            grown[:held] = self._number
            self._number = grown
