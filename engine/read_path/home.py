"""Home reads of the load: content as of the arrival, then the bill, then the stations."""

from collections import deque
from functools import partial
from typing import NamedTuple

import numpy as np

from engine.config import WorldConfig
from engine.cores import on_all_cores, shares
from engine.domain import I32, I64, NO_LIST, NO_ROW, Bool
from engine.read_path.assemble import PageRules, Pages, assemble
from engine.read_path.gather import Readers, lengths
from engine.read_path.hydrate import doubtful_bodies, missing_bodies
from engine.read_path.serve import Answered, ReadStations
from engine.tables import Tables
from engine.write_path.fanout import Copies
from engine.write_path.strategies import Strategy

_SEGMENTS_REMEMBERED = 64
_FEW_READERS = 4_096
"""Up to here a second core is not worth its while."""
_READERS_AT_ONCE = 131_072
"""Pages made together at most, for the memory that they take. Large shares let cores work beside each other: between
numpy's calls they wait for each other."""

_NO_PAGES: I32 = np.zeros((0, 0), np.int32)


class NewReads(NamedTuple):
    """Reads that arrived in this segment, in order of time; columns of shape (n,)."""

    user: I32
    arrived_ns: I64
    slot: I64


class Answers(NamedTuple):
    """What this segment's reads were shown and what it took; columns of shape (n,) unless said."""

    user: I32
    arrived_ns: I64
    touched: I64
    """Rows that the sources returned."""
    asked: I64
    """Authors asked."""
    hit: Bool
    """The page lay within the stored list's reach."""
    bodies: I64
    missing: I64
    """Bodies that were not in the post cache."""
    unhydrated: int
    """Bodies that no store had."""
    without_list: I32
    """Readers who should have a list and have none, shape (m,)."""
    without_list_ns: I64


class HomeReads:
    """Answers home reads in batches."""

    def __init__(self, config: WorldConfig, tables: Tables) -> None:
        self._tables = tables
        self.stations = ReadStations(config)
        self.configure(config)
        users = tables.graph.n
        self.rows_of_last: I32 = np.full(users, -1, np.int32)
        """Rows touched by each user's last home read; -1 for never."""
        self.last_ns: I64 = np.full(users, -1, np.int64)
        """When each user last opened home; -1 for never."""
        self._answered: deque[Answered] = deque(maxlen=_SEGMENTS_REMEMBERED)

    def configure(self, config: WorldConfig) -> None:
        """Take over changed knobs."""
        self._rules = PageRules.of(config.read)
        self.list_ns = round(1_000 * config.costs.list_read_us * config.costs.scale)
        """Service time of one list look-up at a timeline shard."""
        self.stations.configure(config)
        if self._tables.cache.capacity != config.cache.posts:
            self._tables.cache.resize(config.cache.posts)

    def assemble(self, reads: NewReads, arriving: Copies, strategy: Strategy, accepted: I32) -> Answers:
        """Pages of the reads that arrived in this segment, given the entries and the posts that it brought."""
        tables = self._tables
        mark = tables.posts.mark(reads.arrived_ns)
        readers = Readers(reads.user, reads.arrived_ns, mark, mark)
        pages, doubtful = self._pages(readers, arriving, strategy)
        missed = np.flatnonzero(~pages.hit)  # whoever has no list is among them
        now_ns = int(reads.arrived_ns.max(initial=0))
        without_list = missed.compress(self.without_list(reads.user.take(missed), now_ns, strategy))
        bodies = lengths(pages.rows)
        missing = missing_bodies(tables.posts, tables.cache, reads.arrived_ns, pages.rows, doubtful, accepted)
        self.rows_of_last[reads.user] = pages.touched
        self.last_ns[reads.user] = reads.arrived_ns
        tables.activity.seen_ns[reads.user] = reads.arrived_ns
        self.stations.price(reads.slot, pages.asked, pages.touched, bodies, missing)
        return Answers(
            reads.user, reads.arrived_ns, pages.touched, pages.asked, pages.hit, bodies, missing,
            0 if pages.rows.max(initial=0) < tables.posts.size else int((pages.rows >= tables.posts.size).sum()),
            reads.user[without_list], reads.arrived_ns[without_list],
        )  # fmt: skip

    def without_list(self, users: I32, now_ns: int, strategy: Strategy) -> Bool:
        """Which of those who read about now should have a list, now that they are here, and have none.

        Where reads keep lists nobody has to be given one.
        """
        if strategy.keep_ns:
            return np.zeros(len(users), np.bool_)
        missing: Bool = self._tables.lists.horizons(users) == NO_LIST
        if missing.any():
            members = self._tables.activity.members(users, now_ns)
            members.away_days[:] = 0.0  # whoever reads is here
            missing &= strategy.holds_list(members)
        return missing

    def advance(self, until_ns: int) -> Answered:
        """Move reads through their stations; those that were answered."""
        answered = self.stations.advance(until_ns)
        self._answered.append(answered)
        return answered

    def answered_since(self, at_ns: int) -> Answered:
        """Reads answered at or after an instant, of the last few segments."""
        parts = [part for part in self._answered if part.done_ns.max(initial=at_ns - 1) >= at_ns]
        if not parts:
            return Answered(np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0, np.int64))
        joined = Answered._make(np.concatenate(columns) for columns in zip(*parts, strict=True))
        return Answered._make(column[joined.done_ns >= at_ns] for column in joined)

    def _pages(self, readers: Readers, arriving: Copies, strategy: Strategy) -> tuple[Pages, I64]:
        """Everybody's page, and the places of those bodies on them that the post cache may not have."""
        if strategy.keep_ns:
            pages = self._in_rounds(readers, arriving, strategy)
            return pages, doubtful_bodies(self._tables.posts, self._tables.cache, pages.rows)
        # Pages do not depend on each other: many of them are shared among the cores.
        rows = np.empty((len(readers.user), self._rules.limit), np.int32)

        def share(span: slice) -> tuple[Pages, I64]:
            some = Readers._make(column[span] for column in readers)
            pages = assemble(self._tables, strategy, some, arriving, self._rules)
            rows[span] = pages.rows
            doubtful = doubtful_bodies(self._tables.posts, self._tables.cache, rows[span])
            doubtful += span.start * self._rules.limit
            return pages._replace(rows=_NO_PAGES), doubtful

        spans = shares(len(rows), _FEW_READERS, _READERS_AT_ONCE)
        parts = on_all_cores(partial(share, span) for span in spans)
        pages = Pages.concat([pages for pages, _ in parts])._replace(rows=rows)
        return pages, np.concatenate([doubtful for _, doubtful in parts])

    def _in_rounds(self, readers: Readers, arriving: Copies, strategy: Strategy) -> Pages:
        """Where reads keep lists: one round for each user's first read, one for the second, and so on."""
        turn = _occurrence(readers.user)
        parts = []
        for k in range(int(turn.max(initial=0)) + 1):
            index = np.flatnonzero(turn == k)
            part = assemble(self._tables, strategy, readers.take(index), arriving, self._rules)
            self._keep(readers.take(index), part, strategy)
            parts.append((index, part))
        order = np.argsort(np.concatenate([index for index, _ in parts]), kind="stable")
        pages = Pages.concat([part for _, part in parts])
        return Pages._make([*(column[order] for column in pages[:-1]), pages.merged])

    def _keep(self, readers: Readers, pages: Pages, strategy: Strategy) -> None:
        """Store what was merged for those who had no valid list (timeline law, rule 12): raw rows in [floor, mark)."""
        fresh = np.flatnonzero(pages.merged.missed)
        users = readers.user[fresh]
        lists = self._tables.lists
        lists.drop(users)
        lists.begin_rebuild(users, pages.merged.floor[fresh])
        rows = pages.merged.rows[fresh]
        owner, column = np.nonzero(rows != NO_ROW)
        lists.push(users[owner], rows[owner, column])
        self._tables.kept.keep(users, readers.at_ns[fresh], strategy.keep_ns)

    def __len__(self) -> int:
        """Reads in flight."""
        return len(self.stations)


def _occurrence(users: I32) -> I64:
    """For each read, how many earlier reads of this batch are by the same user, shape (n,)."""
    order = np.argsort(users, kind="stable")
    first = np.searchsorted(users[order], users)
    rank = np.empty(len(users), np.int64)
    rank[order] = np.arange(len(users))
    return rank - first
