"""A home page: gather, judge, and go deeper until `limit` rows or the true end.

Nearly every page is settled by one vectorised round over all readers; the few that were thinned out by filters, or
that reach below a horizon, are finished one at a time by the same functions.
"""

from typing import NamedTuple

import numpy as np

from engine.domain import I32, I64, NO_ROW, Bool
from engine.read_path.gather import Merged, Readers, descending, gather
from engine.read_path.judge import Repeats, compact, repeats, visible
from engine.tables import Tables
from engine.write_path.fanout import Copies
from engine.write_path.strategies import Strategy

_SPARE = 12
"""Rows fetched beyond limit and context, and places judged beyond limit: most pages lose fewer to filters."""


class PageRules(NamedTuple):
    """The page's size and window; see ReadConfig."""

    limit: int
    context: int
    per_author: int


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
    """What the first round gathered, raw: what cached_pull keeps."""


def assemble(tables: Tables, strategy: Strategy, readers: Readers, arriving: Copies, rules: PageRules) -> Pages:
    """The pages that these readers see as of their instants."""
    width = rules.limit + rules.context + _SPARE
    merged = gather(tables, strategy, readers, arriving, width, rules.per_author)
    rows, more, settled = _page(tables, readers.user, merged, rules, rules.limit + _SPARE)
    pages = Pages(rows, more, merged.touched, merged.asked, ~merged.missed, merged)
    for i in np.flatnonzero(~settled).tolist():
        _deepen(tables, strategy, readers.take(np.array([i])), arriving, rules, pages, i)
    return pages


def _page(tables: Tables, users: I32, merged: Merged, rules: PageRules, depth: int) -> tuple[I32, Bool, Bool]:
    """(page rows, more to come, settled) from what has been gathered; unsettled pages need older rows."""
    seen, count = compact(merged.rows, visible(tables, users, merged.rows))
    hidden, untold = repeats(tables, seen, rules.context, depth)
    at_end = merged.floor == 0
    rows = _without(seen[:, :depth], hidden)[:, : rules.limit]
    if rows.shape[1] < rules.limit:
        rows = np.pad(rows, ((0, 0), (0, rules.limit - rows.shape[1])), constant_values=NO_ROW)
    lowest = rows[:, -1]  # NO_ROW if the page is not full
    full = lowest != NO_ROW
    told = np.ones(len(rows), np.bool_)
    told[untold.reader[seen[untold.reader, untold.place] >= lowest[untold.reader]]] = False
    settled = (full & told) | (at_end & (full | (count <= depth)))
    shown_to = (seen >= lowest[:, None]).sum(axis=1)  # places down to the page's last row
    more = ~at_end | (full & (shown_to < count))
    return rows, more, settled


def _without(rows: I32, hidden: Repeats) -> I32:
    """Rows, newest first, without those hidden."""
    if len(hidden.reader) == 0:
        return rows
    shown = rows.copy()
    shown[hidden.reader, hidden.place] = NO_ROW
    return descending(shown)


def _deepen(
    tables: Tables, strategy: Strategy, reader: Readers, arriving: Copies, rules: PageRules, pages: Pages, i: int
) -> None:
    """Finish one page in `pages` by going below what was gathered, to the true end if need be."""
    first = pages.merged
    rows = first.rows[i][first.rows[i] != NO_ROW]
    floor = first.floor[i]
    width = 2 * first.rows.shape[1]
    while True:
        below = gather(tables, strategy, reader._replace(before=np.array([floor])), arriving, width, rules.per_author)
        rows = np.concatenate([rows, below.rows[0][below.rows[0] != NO_ROW]])
        floor = below.floor[0]
        pages.touched[i] += below.touched[0]
        pages.asked[i] += below.asked[0]
        pages.hit[i] &= not below.missed[0]
        so_far = below._replace(rows=rows[None, :])
        page, more, settled = _page(tables, reader.user, so_far, rules, len(rows))
        if settled[0] or floor == 0:
            pages.rows[i], pages.more[i] = page[0], more[0]
            return
        width *= 2
