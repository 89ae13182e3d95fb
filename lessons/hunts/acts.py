"""What a few people do by hand in a hunt, and what they see there that they should not.

An act is a generator over a running world: it yields the virtual second until which it waits. Whoever acts leaves a
trace, as any person in the engine does; whom the evidence should look at is `Cast.user` and `Cast.row`.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from engine.clock import NS_PER_S
from engine.domain import NO_LIST
from engine.errors import InvalidInput
from engine.journal.journal import Journal
from engine.people import People
from engine.requests import Ask, Requests
from engine.world import World

_POSTS_TEXT = "Something to be found again."


@dataclass(frozen=True)
class Seen:
    """A page that somebody was shown: its rows, newest first."""

    at_s: float
    user: int
    number: int
    """1 for the top of home."""
    rows: tuple[int, ...]


class Cast:
    """The people of one world, and what has been counted of what they saw."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = People(world, Journal.in_memory())
        self.requests = Requests(world, self.people)
        self.counts: Counter[str] = Counter()
        self.pages: list[Seen] = []
        self.user: int | None = None
        """Somebody to whom it happened; None: nobody in particular."""
        self.row: int | None = None
        self.involved: tuple[int, ...] = ()
        """Who else has to do with it."""

    @property
    def now_s(self) -> float:
        """Virtual seconds since the world was opened."""
        return self.world.now_ns / NS_PER_S

    def readers(self, count: int) -> list[int]:
        """So many people who follow at least ten others, evenly chosen, of those with a list if there are lists; no
        large accounts."""
        users = np.arange(self.world.tables.graph.n, dtype=np.int32)
        held = self.world.tables.lists.horizons(users) != NO_LIST
        fit = np.flatnonzero((held | ~held.any()) & (self.world.tables.graph.followee_counts >= 10))
        fit = fit[~np.isin(fit, self.world.population.largest)]
        return [int(user) for user in fit[np.linspace(0, len(fit) - 1, count).astype(np.int64)]]

    def followees(self, user: int) -> list[int]:
        """Whom somebody follows, without the largest accounts."""
        found = self.world.tables.graph.followees([user]).values
        return [int(one) for one in found[~np.isin(found, self.world.population.largest)]]

    def post(self, user: int) -> int:
        """A person posts; the row."""
        view = self.requests.act(Ask("post", user, text=_POSTS_TEXT)).post
        assert view is not None
        return view.row

    def act(self, what: str, user: int, *, post: int | None = None, other: int | None = None) -> None:
        """A person does something to a post, given by its row, or to another person."""
        key = None if post is None else self.key(post)
        self.requests.act(Ask(what, user, post=key, other=other))

    def author(self, row: int) -> int:
        """Who wrote a post, or passed it on."""
        return int(self.world.tables.posts.author[row])

    def key(self, row: int) -> int:
        """The id of a post."""
        return int(self.world.tables.posts.key[row])

    def home(self, user: int, cursor: str | None = None) -> tuple[list[int], str | None]:
        """A page of home: its rows, newest first, and the cursor of the next."""
        page = self.requests.page(Ask("home", user), cursor).page
        rows = [view.row for view in page.posts]
        before = [seen.number for seen in self.pages if seen.user == user]
        self.pages.append(Seen(self.now_s, user, 1 if cursor is None else before[-1] + 1, tuple(rows)))
        return rows, page.next

    def look_at(self, user: int, row: int | None = None, *involved: int) -> None:
        """This is somebody to whom it happened, and who else has to do with it; the first one counts."""
        if self.user is None:
            self.user, self.row, self.involved = user, row, involved


Act = Callable[[Cast], Iterator[float]]


def nobody(cast: Cast) -> Iterator[float]:
    """Only the load."""
    yield from ()


def celebrity_posts(cast: Cast) -> Iterator[float]:
    """After four seconds the largest account posts eight times."""
    yield 4.0
    cast.world.inject("celebrity")


BY_THEMSELVES: tuple[Act, ...] = (nobody, celebrity_posts)
"""Acts in which nobody asks for anything by hand."""


def scrolls(cast: Cast) -> Iterator[float]:
    """Thirty readers open three pages, two seconds apart."""
    yield 4.0
    readers = cast.readers(30)
    seen: dict[int, set[int]] = {user: set() for user in readers}
    cursors: dict[int, str | None] = dict.fromkeys(readers)
    for number in range(3):
        for user in readers:
            if number and cursors[user] is None:
                continue
            rows, cursors[user] = cast.home(user, cursors[user])
            again = [row for row in rows if row in seen[user]]
            cast.counts["scrolled posts"] += len(rows)
            cast.counts["posts shown again"] += len(again)
            seen[user].update(rows)
            if again:
                cast.look_at(user, again[0])
        yield cast.now_s + 2.0


def scrolls_to_the_end(cast: Cast) -> Iterator[float]:
    """At the end twenty readers scroll as far as it goes."""
    yield 10.0
    for user in cast.readers(20):
        cursor, pages = None, 0
        while pages == 0 or cursor is not None:
            rows, cursor = cast.home(user, cursor)
            pages += 1
            cast.counts["scrolled posts"] += len(rows)
        cast.counts["scrollers"] += 1
        cast.look_at(user)


def posts_and_looks(cast: Cast) -> Iterator[float]:
    """Forty people post and open home at once, and again five seconds later."""
    posted: list[tuple[int, int]] = []
    yield 4.0
    for user in cast.readers(40):
        row = cast.post(user)
        posted.append((user, row))
        cast.counts["own posts"] += 1
        if row not in cast.home(user)[0]:
            cast.counts["own posts not there at once"] += 1
            cast.look_at(user, row)
    yield 9.0
    cast.counts["own posts never there"] = sum(row not in cast.home(user)[0] for user, row in posted)


def undo_reposts(cast: Cast) -> Iterator[float]:
    """Two friends repost the same post, and take that back, the later one first."""
    yield 3.0
    groups = [(user, cast.followees(user)) for user in cast.readers(20)]
    rows = [cast.post(friends[-1]) for _, friends in groups]
    yield 4.0
    reposts = []
    for (_, friends), row in zip(groups, rows, strict=True):
        for friend in friends[:2]:
            try:
                cast.act("repost", friend, post=row)
            except InvalidInput:  # somebody of another group has done so
                continue
            reposts.append((friend, row, cast.world.tables.posts.size - 1))
    yield 6.0
    for friend, row, _ in reversed(reposts):
        cast.act("undo_repost", friend, post=row)
    yield 8.0
    cast.counts["reposts taken back"] = len(reposts)
    undone = {row for _, _, row in reposts}
    for user, friends in groups:
        for row in undone & set(cast.home(user)[0]):
            cast.counts["reposts shown after they were taken back"] += 1
            if cast.author(row) in friends[:2]:
                cast.look_at(user, row, *friends[:2])


def blocks(cast: Cast) -> Iterator[float]:
    """Somebody posts, a friend passes that on, and the author then blocks one of the friend's readers."""
    yield 3.0
    made = []
    for reader in cast.readers(20):
        author, friend = cast.followees(reader)[:2]
        row = cast.post(author)
        cast.act("repost", friend, post=row)
        made.append((reader, author, friend))
    yield 6.0
    for reader, author, _ in made:
        if not cast.world.tables.relations.blocks_either(reader, author):
            cast.act("block", author, other=reader)
    yield 7.0
    posts = cast.world.tables.posts
    for reader, author, friend in made:
        rows = np.array(cast.home(reader)[0], np.int32)
        shown = rows[posts.author[posts.identity[rows]] == author]
        cast.counts["blocked readers"] += 1
        cast.counts["posts shown to somebody blocked"] += len(shown)
        if len(shown):
            cast.look_at(reader, int(shown[0]), author, friend)


def loses_followers(cast: Cast) -> Iterator[float]:
    """An account just over the line posts three times, and then loses so many followers that it is under the line."""
    yield 3.0
    author = int(cast.world.population.largest[5])
    followers = [int(user) for user in cast.world.tables.graph.followers([author]).values]
    rows = [cast.post(author) for _ in range(3)]
    yield 6.0
    threshold = cast.world.config.strategy.threshold
    leaving = len(followers) - threshold + 5
    for user in followers[:leaving]:
        cast.act("unfollow", user, other=author)
    yield 8.0
    for user in followers[leaving : leaving + 40]:
        shown = _all_of(cast, user, rows[0])
        lacking = [row for row in rows if row not in shown]
        cast.counts["posts looked for"] += len(rows)
        cast.counts["posts not found in home"] += len(lacking)
        if lacking:
            cast.look_at(user, lacking[0], author)


def _all_of(cast: Cast, user: int, down_to: int) -> set[int]:
    """What somebody sees of home, down to a row."""
    found: set[int] = set()
    rows, cursor = cast.home(user)
    while True:
        found.update(rows)
        if cursor is None or (rows and rows[-1] < down_to):
            return found
        rows, cursor = cast.home(user, cursor)
