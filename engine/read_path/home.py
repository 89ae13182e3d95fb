"""Home reads of the load: content as of the arrival, then the bill, then the stations."""

from collections import deque
from functools import partial
from typing import NamedTuple

import numpy as np

from engine.caches.coalescing import Coalescing
from engine.config import WorldConfig
from engine.cores import on_all_cores, shares
from engine.domain import I32, I64, NO_LIST, NO_ROW, Bool
from engine.queueing.hashing import uniform
from engine.read_path.assemble import PageRules, Pages, assemble
from engine.read_path.gather import Readers, lengths
from engine.read_path.hydrate import doubtful_bodies, fetched_bodies, missing_bodies
from engine.read_path.serve import Answered, ReadStations
from engine.tables import Tables
from engine.write_path.fanout import Copies, ListReads
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
    """Bodies that no store had, or that were not asked for."""
    without_list: I32
    """Readers who should have a list and have none, shape (m,)."""
    without_list_ns: I64
    failed: int = 0
    """Reads that were answered with an error."""
    stale: int = 0
    """Reads that were shown an older page."""
    incomplete: int = 0
    """Pages without bodies that were not asked for."""


_NONE: I64 = np.zeros(0, np.int64)
_NOBODY: I32 = np.zeros(0, np.int32)
_NO_ANSWERS = Answers(_NOBODY, _NONE, _NONE, _NONE, np.zeros(0, np.bool_), _NONE, _NONE, 0, _NOBODY, _NONE)


class HomeReads:
    """Answers home reads in batches."""

    def __init__(self, config: WorldConfig, tables: Tables) -> None:
        self._tables = tables
        self.stations = ReadStations(config)
        self._last_pages: I32 | None = None
        """What each user was shown last, shape (users, limit); None where nobody needs it."""
        self.configure(config)
        users = tables.graph.n
        self.rows_of_last: I32 = np.full(users, -1, np.int32)
        """Rows touched by each user's last home read; -1 for never."""
        self.last_ns: I64 = np.full(users, -1, np.int64)
        """When each user last opened home; -1 for never."""
        self._answered: deque[Answered] = deque(maxlen=_SEGMENTS_REMEMBERED)
        self.database_asked = self.index_asked = True
        """False while the circuit to the replicas, or to the author index, is open."""
        self._coalescing = Coalescing()
        self._softly: list[I32] = []

    def configure(self, config: WorldConfig) -> None:
        """Take over changed knobs."""
        self._rules = PageRules.of(config.read)
        self._mitigations, self._seed = config.mitigations, config.seed
        if not config.mitigations.soft_ttl:
            self._tables.kept.never_once_more()
        if self._last_pages is not None:
            self._last_pages = _as_wide(self._last_pages, config.read.limit)
        self.list_ns = round(1_000 * config.costs.list_read_us * config.costs.scale)
        """Service time of one list look-up at a timeline shard."""
        self.stations.configure(config)
        if self._tables.cache.capacity != config.cache.posts:
            self._tables.cache.resize(config.cache.posts)

    def assemble(self, reads: NewReads, arriving: Copies, strategy: Strategy, accepted: I32) -> Answers:
        """Pages of the reads that arrived in this segment, given the entries and the posts that it brought."""
        if not len(reads.user) and not len(accepted):
            return _NO_ANSWERS  # as in most of a drain
        tables = self._tables
        mark = tables.posts.mark(reads.arrived_ns)
        readers = Readers(reads.user, reads.arrived_ns, mark, mark)
        pages, doubtful = self._pages(readers, arriving, strategy)
        failed, stale = self._out_of_reach(reads, pages)
        if failed or stale:  # they show other posts than those that were looked up
            doubtful = doubtful_bodies(tables.posts, tables.cache, pages.rows)
        missed = np.flatnonzero(~pages.hit)  # whoever has no list is among them
        now_ns = int(reads.arrived_ns.max(initial=0))
        without_list = missed.compress(self.without_list(reads.user.take(missed), now_ns, strategy))
        bodies = lengths(pages.rows)
        missing = self._missing(reads, pages, doubtful, accepted)
        unfetched, incomplete = 0, 0
        if not self.database_asked:
            unfetched, incomplete = int(missing.sum()), int(np.count_nonzero(missing))
        self.rows_of_last[reads.user] = pages.touched
        self.last_ns[reads.user] = reads.arrived_ns
        tables.activity.seen_ns[reads.user] = reads.arrived_ns
        asked_of_database = missing if self.database_asked else np.zeros_like(missing)
        self.stations.price(reads.slot, pages.asked, pages.touched, bodies, asked_of_database)
        nowhere = 0 if pages.rows.max(initial=0) < tables.posts.size else int((pages.rows >= tables.posts.size).sum())
        return Answers(
            reads.user, reads.arrived_ns, pages.touched, pages.asked, pages.hit, bodies, missing, nowhere + unfetched,
            reads.user[without_list], reads.arrived_ns[without_list], failed, stale + self._served_softly(), incomplete,
        )  # fmt: skip

    def _missing(self, reads: NewReads, pages: Pages, doubtful: I64, accepted: I32) -> I64:
        """Bodies of each page that are to be fetched from the database, shape (n,)."""
        tables, posts = self._tables, self._tables.posts
        if tables.cache.down:
            return fetched_bodies(
                posts, reads.arrived_ns, pages.rows, self._coalescing if self._mitigations.coalescing else None
            )
        return missing_bodies(
            posts, tables.cache, reads.arrived_ns, pages.rows, doubtful, accepted, self.database_asked
        )

    def _out_of_reach(self, reads: NewReads, pages: Pages) -> tuple[int, int]:
        """Change the pages of those who cannot be served to the one they saw last, or to an error. How many errors and
        how many older pages."""
        out = self._unserved(reads, pages)
        failed = stale = 0
        if len(out):
            users = reads.user.take(out)
            last = np.full((len(out), self._rules.limit), NO_ROW, np.int32)
            if self._last_pages is not None and self._mitigations.stale_if_error:
                last = self._last_pages[users]
            pages.rows[out] = last
            pages.touched[out], pages.asked[out], pages.hit[out] = 0, 0, False
            error = last[:, 0] == NO_ROW
            failed, stale = int(np.count_nonzero(error)), int(np.count_nonzero(~error))
            self.stations.fail(reads.slot.take(out.compress(error)))
        if self._mitigations.stale_if_error:
            self._remembered()[reads.user] = pages.rows
        return failed, stale

    def _unserved(self, reads: NewReads, pages: Pages) -> I64:
        """Places of those whose list cannot be reached and who may not pull, and of those who would have to pull while
        the author index is not asked."""
        out = np.zeros(0, np.int64) if self._mitigations.fallback else self._tables.cannot_reach(reads.user)
        return out if self.index_asked else np.union1d(out, np.flatnonzero(pages.asked))

    def has_seen(self, user: int, rows: I32) -> None:
        """A person was shown this page, newest first; it is remembered where older pages may be shown."""
        if self._mitigations.stale_if_error:
            self._remembered()[user] = _as_wide(rows[None, :], self._rules.limit)[0]

    def seen_last(self, user: int) -> I32:
        """The page that somebody was shown last, where older pages may be shown; else nothing."""
        if self._last_pages is None or not self._mitigations.stale_if_error:
            return np.zeros(0, np.int32)
        rows: I32 = self._last_pages[user]
        return rows.compress(rows != NO_ROW)

    def _remembered(self) -> I32:
        if self._last_pages is None:
            self._last_pages = np.full((self._tables.graph.n, self._rules.limit), NO_ROW, np.int32)
        return self._last_pages

    def list_reads(self, reads: ListReads) -> ListReads:
        """Of reads on their way to their list, those that get there; the others are answered, or go on without."""
        costs = self.stations.config.costs
        given_up_us = 0.0 if self._mitigations.circuit_breaker else costs.timeout_us * costs.scale
        return self.stations.turn_away(reads, self._tables.cannot_reach(reads.user), round(1_000 * given_up_us))

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
            missing[self._tables.cannot_reach(users)] = False
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
            some = readers.take(index)
            part = assemble(self._tables, strategy, some, arriving, self._rules)
            self._keep(some, part, strategy)
            if self._mitigations.soft_ttl:
                self._refresh(some, part, arriving, strategy)
            parts.append((index, part))
        order = np.argsort(np.concatenate([index for index, _ in parts]), kind="stable")
        pages = Pages.concat([part for _, part in parts])
        return Pages._make([*(column[order] for column in pages[:-1]), pages.merged])

    def _keep(self, readers: Readers, pages: Pages, strategy: Strategy) -> None:
        """Store what was merged for those who had no valid list (timeline law, rule 12): raw rows in [floor, mark)."""
        fresh = np.flatnonzero(pages.merged.missed)
        if self._tables.out_of_reach is not None:
            fresh = fresh[~self._tables.out_of_reach[readers.user[fresh]]]
        users = readers.user[fresh]
        lists = self._tables.lists
        lists.drop(users)
        lists.begin_rebuild(users, pages.merged.floor[fresh])
        rows = pages.merged.rows[fresh]
        owner, column = np.nonzero(rows != NO_ROW)
        lists.push(users[owner], rows[owner, column])
        keep_ns = np.full(len(users), strategy.keep_ns)
        if self._mitigations.ttl_jitter:
            chance = uniform(self._seed, "ttl", users, readers.at_ns[fresh])
            keep_ns -= (chance * (strategy.keep_ns / 2)).astype(np.int64)
        once_more_ns = strategy.keep_ns if self._mitigations.soft_ttl else 0
        self._tables.kept.keep(users, readers.at_ns[fresh], keep_ns, once_more_ns)

    def _refresh(self, readers: Readers, served: Pages, arriving: Copies, strategy: Strategy) -> None:
        """Make the lists again that had expired and were served once more, while nobody waits for it."""
        expired = self._tables.kept.until_ns[readers.user] <= readers.at_ns
        some = readers.take(np.flatnonzero(expired & ~served.merged.missed))
        if len(some.user) == 0:
            return
        self._tables.lists.drop(some.user)
        pages = assemble(self._tables, strategy, some, arriving, self._rules)
        self._keep(some, pages, strategy)
        self.stations.behind_backs(some.user, some.at_ns, pages.asked, pages.touched)
        self._softly.append(some.user)

    def _served_softly(self) -> int:
        """How many lists were served once more since this was asked last."""
        users, self._softly = self._softly, []
        return sum(len(some) for some in users)

    def __len__(self) -> int:
        """Reads in flight."""
        return len(self.stations)


def _as_wide(pages: I32, limit: int) -> I32:
    """Pages of so many posts: the first ones of longer pages, shorter ones with nothing after them."""
    wide = np.full((len(pages), limit), NO_ROW, np.int32)
    wide[:, : pages.shape[1]] = pages[:, :limit]
    return wide


def _occurrence(users: I32) -> I64:
    """For each read, how many earlier reads of this batch are by the same user, shape (n,)."""
    order = np.argsort(users, kind="stable")
    first = np.searchsorted(users[order], users)
    rank = np.empty(len(users), np.int64)
    rank[order] = np.arange(len(users))
    return rank - first
