"""What a person reads: home, a profile, the replies to a post. The page, and what it took to make it.

A page is fixed at the instant of the request. How long it takes is another matter: engine/requests.py lets it pass the
stations and be waited for.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.domain import I32, NO_LIST, NO_ROW, Bool, Kind
from engine.errors import ListOutOfReach, UnknownPost
from engine.guard.cursor import Cursors
from engine.guard.validate import check_limit, check_user
from engine.posts.store import PostStore
from engine.read_path.assemble import PageRules, assemble
from engine.read_path.gather import Readers
from engine.views import PageView, PostView, post_view
from engine.write_path.fanout import NOTHING_ARRIVING

if TYPE_CHECKING:
    from engine.world import World

MOST_ON_A_PAGE = 100


@dataclass(frozen=True)
class Reading:
    """A page with its bill."""

    page: PageView
    rows: I32
    """Of the page's posts, newest first."""
    touched: int
    """Rows that the sources returned."""
    asked: int
    """Authors asked in the author index."""
    dropped: int
    """Rows between the page's first and last that were touched and not shown: hidden, or repeats."""
    listed: bool | None
    """Whether the stored list alone covered the page; None where no list is asked."""
    stale: bool = False
    """Whether it is the page that they saw last, for their list cannot be reached."""


class Reader:
    """Makes pages of one world as of now."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._cursors = Cursors(f"murmuration {world.config.seed}".encode())

    def home(self, user: int, cursor: str | None = None, limit: int = 20, shown: bool = True) -> Reading:
        """The home timeline. Unless it is `shown`, it will not be the page that they saw last.

        Raises:
            UnknownUser, InvalidCursor, InvalidInput: a limit outside 1 to 100.
            ListOutOfReach: their shard is down, and nothing is configured to help.
        """
        world, tables = self._world, self._world.tables
        scope = f"home:{self._user(user)}"
        before = self._before(cursor, scope)
        reader = np.array([user], np.int32)
        out_of_reach = len(tables.cannot_reach(reader)) > 0
        if out_of_reach and not world.config.mitigations.fallback:
            return self._last_seen(user, scope, cursor, check_limit(limit, MOST_ON_A_PAGE))
        now = np.array([world.now_ns], np.int64)
        mark = np.array([tables.posts.size], np.int32)
        readers = Readers(reader, now, mark, np.array([before], np.int32))
        rules = PageRules.of(world.config.read, check_limit(limit, MOST_ON_A_PAGE))
        page = assemble(tables, world.strategy, readers, NOTHING_ARRIVING, rules)
        tables.activity.seen_ns[user] = world.now_ns
        if tables.lists.horizons(reader)[0] == NO_LIST and self._should_hold_list(reader) and not out_of_reach:
            world.rebuilds.ask(reader, now)
        rows = page.rows[0][page.rows[0] != NO_ROW]
        if cursor is None and shown:
            world.reads.has_seen(user, rows)
        more = bool(page.more[0]) and len(rows) > 0
        gathered = page.merged.rows[0]
        within = int((gathered >= rows[-1]).sum()) if len(rows) else int((gathered != NO_ROW).sum())
        return Reading(
            page=self._page(rows, self._cursors.encode(int(rows[-1]), scope) if more else None),
            rows=rows,
            touched=int(page.touched[0]),
            asked=int(page.asked[0]),
            dropped=max(0, within - len(rows)),
            listed=bool(page.hit[0]),
        )

    def _last_seen(self, user: int, scope: str, cursor: str | None, limit: int) -> Reading:
        """The page that they saw last, without what is gone or hidden by now, where older pages may be shown."""
        rows = self._world.reads.seen_last(user) if cursor is None else np.zeros(0, np.int32)
        rows = rows[self._may_see(user, rows)][:limit]
        if len(rows) == 0:
            raise ListOutOfReach(
                f"The home list of user {user} cannot be reached: its timeline shard is down. Try again when it is "
                "back, or switch on the fallback to pull, or stale if error."
            )
        following = self._cursors.encode(int(rows[-1]), scope)
        return Reading(self._page(rows, following), rows, 0, 0, 0, False, stale=True)

    def profile(self, viewer: int, author: int, cursor: str | None = None, limit: int = 20) -> Reading:
        """Posts, replies and reposts of one account, as the viewer may see them."""
        rows = self._world.tables.posts.rows_of(self._user(author))
        return self._listed(self._user(viewer), rows, f"profile:{author}", cursor, limit)

    def replies(self, viewer: int, post: int, cursor: str | None = None, limit: int = 20) -> Reading:
        """Answers to a post, or to what a repost repeats, newest first, as the viewer may see them."""
        posts = self._world.tables.posts
        answered = posts.identity[row_of(posts, post)]
        answers = (posts.ref[: posts.size] == answered) & (posts.kind[: posts.size] == Kind.REPLY)
        rows = np.flatnonzero(answers)[::-1].astype(np.int32)
        return self._listed(self._user(viewer), rows, f"replies:{post}", cursor, limit)

    def view(self, row: int) -> PostView:
        """One post by row."""
        return post_view(self._world.tables.posts, row, self._world.config.seed)

    def _user(self, user: int) -> int:
        return check_user(user, self._world.tables.graph.n)

    def _should_hold_list(self, reader: I32) -> bool:
        members = self._world.tables.activity.members(reader, self._world.now_ns)
        return bool(self._world.strategy.holds_list(members)[0])

    def _before(self, cursor: str | None, scope: str) -> int:
        return self._world.tables.posts.size if cursor is None else self._cursors.decode(cursor, scope)

    def _listed(self, viewer: int, rows: I32, scope: str, cursor: str | None, limit: int) -> Reading:
        """A page of rows (newest first) without what is gone or hidden; replies to anybody are shown here."""
        limit = check_limit(limit, MOST_ON_A_PAGE)
        rows = rows[rows < self._before(cursor, scope)]
        seen = rows[self._may_see(viewer, rows)]
        shown = seen[:limit]
        following = self._cursors.encode(int(shown[-1]), scope) if len(seen) > limit else None
        touched = int((rows >= shown[-1]).sum()) if following else len(rows)
        return Reading(self._page(shown, following), shown, touched, 1, touched - len(shown), None)

    def _may_see(self, viewer: int, rows: I32) -> Bool:
        tables = self._world.tables
        posts = tables.posts
        shown: Bool = ~posts.hidden(rows)
        if tables.relations.has_hides[viewer]:
            hidden = np.array(sorted(tables.relations.hidden(viewer)), np.int32)
            shown &= ~np.isin(posts.author[rows], hidden) & ~np.isin(posts.author[posts.identity[rows]], hidden)
        return shown

    def _page(self, rows: I32, following: str | None) -> PageView:
        return PageView([self.view(row) for row in rows.tolist()], following)


def row_of(posts: PostStore, post: int) -> int:
    """The row of a post given by its id, deleted or not.

    Raises:
        UnknownPost: there is none.
    """
    found = np.flatnonzero(posts.key[: posts.size] == post)
    if len(found) == 0:
        raise UnknownPost(f"There is no post {post}.")
    return int(found[0])
