"""A home page: gather, judge, and go deeper until `limit` rows or the true end.

Every round is one vectorised pass over its readers. Nearly every page is settled by the first. Readers whose page was
thinned out by filters, or reaches below a horizon, go on together, each round fetching twice as much as the last.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np

from engine.config import ReadConfig
from engine.domain import I32, I64, NO_ROW, Bool
from engine.read_path.gather import Merged, Readers, descending, gather
from engine.read_path.judge import REPOST, Ranks, ranks, repeats, visible
from engine.tables import Tables
from engine.write_path.fanout import Copies
from engine.write_path.strategies import Strategy

_WIDEST = 1_024
"""Rows that one round fetches at most."""


class PageRules(NamedTuple):
    """The page's size and window; see ReadConfig."""

    limit: int
    context: int
    per_author: int
    ahead: int

    @classmethod
    def of(cls, config: ReadConfig, limit: int | None = None) -> Self:
        """As configured, perhaps with another limit."""
        return cls(limit or config.limit, config.context, config.per_author, config.ahead)


class Pages(NamedTuple):
    """Assembled pages; n readers."""

    rows: I32
    """Shape (n, limit), newest first, NO_ROW after the last."""
    more: Bool
    """False where the true end was reached."""
    touched: I64
    asked: I64
    hit: Bool
    """The page lay wholly above the list's horizon."""
    merged: Merged
    """What the first round gathered, raw: what cached_pull keeps. Of several batches together, the first one's."""

    @classmethod
    def concat(cls, parts: Sequence["Pages"]) -> "Pages":
        """Several batches as one."""
        if len(parts) == 1:
            return parts[0]
        columns = zip(*(part[:-1] for part in parts), strict=True)
        return cls._make([*(np.concatenate(column) for column in columns), parts[0].merged])


class _Judged(NamedTuple):
    rows: I32
    more: Bool
    settled: Bool
    """False where older rows are needed."""


def assemble(tables: Tables, strategy: Strategy, readers: Readers, arriving: Copies, rules: PageRules) -> Pages:
    """The pages that these readers see as of their instants."""
    merged = gather(tables, strategy, readers, arriving, rules.limit + rules.ahead, rules.per_author)
    page = _page(tables, readers.user, merged.rows, merged.floor, rules)
    pages = Pages(page.rows, page.more, merged.touched, merged.asked, ~merged.missed, merged)
    if not page.settled.all():
        _deepen(tables, strategy, readers, arriving, rules, pages, np.flatnonzero(~page.settled))
    return pages


def _page(tables: Tables, users: I32, rows: I32, floor: I32, rules: PageRules) -> _Judged:
    """Pages from rows that are complete down to a floor.

    Most begin with as many rows as a page has that nothing is wrong with: they are done. The others are judged in full.
    """
    pages = np.full((len(rows), rules.limit), NO_ROW, np.int32)
    head = rows[:, : rules.limit]
    pages[:, : head.shape[1]] = head
    kind = tables.posts.kind.take(pages, mode="clip")
    fine = visible(tables, users, pages, kind)
    fine &= kind != REPOST
    done = fine.all(axis=1)
    done &= floor > 0  # else one must look whether there is more
    judged = _Judged(pages, np.ones(len(rows), np.bool_), done)
    others = np.flatnonzero(~done)
    if len(others):
        full = _judged(tables, users[others], rows[others], floor[others], rules)
        for column, values in zip(judged, full, strict=True):
            column[others] = values
    return judged


def _judged(tables: Tables, users: I32, rows: I32, floor: I32, rules: PageRules) -> _Judged:
    kind = tables.posts.kind.take(rows, mode="clip")
    seen = visible(tables, users, rows, kind)
    rank = ranks(seen)
    doubles = repeats(tables.posts, rows, kind, seen, rank, rules.context)
    shown = seen
    if len(doubles.hidden):
        shown = seen.copy()
        shown.reshape(-1)[doubles.hidden] = False
        lines = np.unique(doubles.hidden // rows.shape[1])
        rank[lines] = ranks(shown[lines])
    page = _first(rows, shown, rank, rules.limit)
    lowest = page[:, -1]  # NO_ROW if the page is not full
    at_end, full = floor == 0, lowest != NO_ROW
    settled = at_end | full
    line = doubles.untold // rows.shape[1]
    missing = line[rows.reshape(-1).take(doubles.untold) >= lowest.take(line)]
    settled[missing] = at_end[missing]
    more = ~at_end
    ended = np.flatnonzero(at_end & full)
    more[ended] = (seen[ended] & (rows[ended] < lowest[ended, None])).any(axis=1)
    return _Judged(page, more, settled)


def _first(rows: I32, shown: Bool, rank: Ranks, limit: int) -> I32:
    """The first `limit` shown rows of each line, shape (n, limit), NO_ROW behind them."""
    place = shown & (rank <= limit)
    found = rows[place]
    if len(found) == len(rows) * limit:
        return found.reshape(len(rows), limit)
    page = np.full((len(rows), limit), NO_ROW, np.int32)
    page[np.arange(limit) < np.minimum(rank[:, -1:], limit)] = found
    return page


def _deepen(
    tables: Tables, strategy: Strategy, readers: Readers, arriving: Copies, rules: PageRules, pages: Pages, open_: I64
) -> None:
    """Finish some of the pages by going below what was gathered, to the true end if need be."""
    rows, floor = pages.merged.rows[open_], pages.merged.floor[open_]
    width = rows.shape[1]
    while len(open_):
        width = min(2 * width, _WIDEST)
        below = readers.take(open_)._replace(before=floor)
        deeper = gather(tables, strategy, below, arriving, width, rules.per_author)
        rows, floor = descending(np.hstack([rows, deeper.rows])), deeper.floor
        held = max(1, int(np.count_nonzero(rows != NO_ROW, axis=1).max()))
        rows = np.ascontiguousarray(rows[:, :held])
        pages.touched[open_] += deeper.touched
        pages.asked[open_] += deeper.asked
        pages.hit[open_] &= ~deeper.missed
        page = _page(tables, readers.user[open_], rows, floor, rules)
        pages.rows[open_], pages.more[open_] = page.rows, page.more
        again = ~page.settled
        open_, rows, floor = open_[again], rows[again], floor[again]
