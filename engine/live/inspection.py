"""What the Inspect page asks of a live world: its stored lists, its newest posts, its log. Everything runs on the
scheduler's thread, between two steps, and what is handed out are copies: all numbers of one answer are of one instant.
"""

import re
from dataclasses import dataclass

import numpy as np

from engine.clock import NS_PER_S
from engine.domain import I32, NO_LIST, NO_ROW, Kind
from engine.errors import InvalidInput, UnknownPost, UnknownUser
from engine.live import faces
from engine.live.explorer import find
from engine.live.faces import Shortcut
from engine.live.outage import backend
from engine.live.world import LiveWorld
from engine.observe import words
from engine.observe.logbook import LEVELS, SOURCES, Level, LogEntry, Source
from engine.requests.book import Ask
from engine.timelines import StoredKey
from engine.views import post_view
from engine.world import World

__all__ = [
    "LEVELS",
    "SOURCES",
    "Instant",
    "Keys",
    "Level",
    "ListEntry",
    "Log",
    "LogEntry",
    "PostLine",
    "Shortcut",
    "Source",
    "StoredList",
    "drop_list",
    "find_keys",
    "find_person",
    "find_post",
    "instant",
    "look_at_list",
    "newest_posts",
    "open_home",
    "search_log",
    "shortcuts",
]


@dataclass(frozen=True)
class Instant:
    """Which world, and at which virtual instant it was looked at."""

    world: str
    users: int
    strategy: str
    now_ns: int
    paused: bool
    backend: str
    place: str
    """Where the lists are, in words."""


@dataclass(frozen=True)
class ListEntry:
    """One entry of a stored list."""

    row: int
    text: str
    author: str
    age_s: float
    pushed: bool
    """Does the post go to lists; else it is here as the owner's own."""


@dataclass(frozen=True)
class StoredList:
    """One person's home list as the backend holds it."""

    user: int
    name: str
    stored: StoredKey
    cap: int
    complete_from: str
    """What its horizon means, as a sentence."""
    entries: list[ListEntry]
    now_ns: int

    @property
    def exists(self) -> bool:
        """Is there a list at all."""
        return self.stored.horizon != NO_LIST


@dataclass(frozen=True)
class Keys:
    """Keys of stored lists: those found, and how many there are in all."""

    total: int
    found: list[str]


@dataclass(frozen=True)
class PostLine:
    """A post to choose."""

    row: int
    author: int
    name: str
    followers: int
    text: str
    age_s: float


@dataclass(frozen=True)
class Log:
    """Entries that were found, newest first, and what there is to be found."""

    entries: list[LogEntry]
    kept: int
    written: int
    """Ever; all but the newest `kept` are gone."""
    now_ns: int


def instant(live: LiveWorld) -> Instant:
    """What is looked at, and when."""

    def look(world: World) -> Instant:
        lists = world.tables.lists
        kind = backend(world)
        return Instant(
            live.config.world, live.users, world.strategy.title, world.now_ns, live.paused, kind, lists.place
        )

    return live.do(look)


def find_person(live: LiveWorld, text: str) -> int:
    """Whom a name, an @name or a number means; of several, the first; no text at all means the largest account.

    Raises:
        UnknownUser: nobody.
    """
    wanted = text.strip().removeprefix("@")
    if not text:
        return live.do(lambda world: int(world.tables.graph.follower_counts.argmax()))
    if re.fullmatch(r"[0-9]{1,9}", wanted) and int(wanted) < live.users:
        return int(wanted)
    exact: int | None = live.do(lambda world: world.population.find(wanted))
    if exact is not None:
        return exact
    found = find(live, wanted) if wanted else []  # goes through everybody's name
    if not found:
        raise UnknownUser(f"Nobody here is called {_quoted(text)}; try a name, an @name or 0 to {live.users - 1}.")
    return found[0]


def shortcuts(live: LiveWorld) -> list[Shortcut]:
    """People worth a look."""
    return live.do(faces.shortcuts)


# The store


def look_at_list(live: LiveWorld, user: int) -> StoredList:
    """One person's list, key, raw content and posts.

    Raises:
        UnknownUser: no such number. StoreError: the backend failed.
    """
    return live.do(_look_at_list, user)


def _look_at_list(world: World, user: int) -> StoredList:
    _check(world, user)
    lists, posts = world.tables.lists, world.tables.posts
    stored = lists.stored(user)
    entries = [_entry(world, row) for row in stored.rows if row < posts.size]
    name = world.population.name(user)
    return StoredList(user, name, stored, lists.cap, _horizon_line(world, stored), entries, world.now_ns)


def _entry(world: World, row: int) -> ListEntry:
    posts = world.tables.posts
    author = world.population.name(int(posts.author[row]))
    age_s = (world.now_ns - int(posts.accepted_ns[row])) / NS_PER_S
    return ListEntry(row, _text(world, row), author, age_s, bool(posts.pushed[row]))


def _text(world: World, row: int) -> str:
    """What a post says; of a repost, what it repeats."""
    posts = world.tables.posts
    if posts.kind[row] == Kind.REPOST and posts.ref[row] != NO_ROW:
        root = int(posts.ref[row])
        whose = world.population.name(int(posts.author[root]))
        return f"Repost of {whose}: {post_view(posts, root, world.config.seed).text}"
    return post_view(posts, row, world.config.seed).text


def _horizon_line(world: World, stored: StoredKey) -> str:
    if stored.horizon == NO_LIST:
        return "No list: every home page of this person is pulled from the authors."
    if stored.horizon == 0:
        return "Horizon 0: the list holds everything that was ever pushed to this person."
    if stored.horizon >= world.tables.posts.size:
        return f"Horizon {words.count(stored.horizon)}: the list is being made anew; older posts are pulled meanwhile."
    age_s = (world.now_ns - int(world.tables.posts.accepted_ns[stored.horizon])) / NS_PER_S
    return (
        f"Horizon {words.count(stored.horizon)}: complete for posts of the last {words.seconds(age_s)}; "
        "what is older is pulled."
    )


def find_keys(live: LiveWorld, text: str, limit: int = 100) -> Keys:
    """Keys that begin with a text, or whose user's number does; by user.

    Raises:
        StoreError: the backend failed.
    """

    def look(world: World) -> Keys:
        lists, wanted = world.tables.lists, text.strip()
        stem = lists.key(0)[:-1]
        prefix = stem + wanted if wanted.isascii() and wanted.isdigit() else wanted
        return Keys(lists.count(), lists.keys(prefix, limit))

    return live.do(look)


def drop_list(live: LiveWorld, user: int) -> str:
    """Take one person's list away, as a store short of memory does; what happens next, in words.

    Raises:
        UnknownUser; InvalidInput: there is no list to drop.
    """
    return live.do(_drop_list, user)


def _drop_list(world: World, user: int) -> str:
    _check(world, user)
    name, owner = world.population.name(user), np.array([user], np.int32)
    if world.tables.lists.horizons(owner)[0] == NO_LIST:
        raise InvalidInput(f"{name} has no stored list, so there is nothing to drop.")
    size = int(world.tables.lists.sizes(owner)[0])
    world.evict(user)
    return f"Dropped {words.count(size)} entries of {name}. {_what_follows(world, user, owner)}"


def _what_follows(world: World, user: int, owner: I32) -> str:
    if not world.strategy.holds_list(world.tables.activity.members(owner, world.now_ns))[0]:
        return f"Under {world.strategy.title} this person is to have no list: their home pages are pulled from now on."
    return (
        "Copies for this person go nowhere now. Their next home page is pulled from everybody they follow, and starts "
        "the rebuild; about 0.2 s later the list is there again."
    )


def open_home(live: LiveWorld, user: int) -> str:
    """Open a person's home page as they would, with a trace; what it took, in words.

    Raises:
        UnknownUser: no such number.
    """
    trace = live.ask(lambda run: run.requests.page(Ask("home", user))).trace
    return f"Home opened as {trace.name}: {trace.summary}{live.do(_rebuild_line, user)}"


def _rebuild_line(world: World, user: int) -> str:
    ready_ns = world.rebuilds.ready_ns(user)
    if ready_ns is None:
        return ""
    wait = words.seconds((ready_ns - world.now_ns) / NS_PER_S)
    return f" The list is being made anew, and will be there in {wait} of virtual time."


# Posts


def newest_posts(live: LiveWorld, limit: int = 60) -> list[PostLine]:
    """Posts to choose from: the newest of the most followed accounts since the world opened, then the newest of all."""

    def look(world: World) -> list[PostLine]:
        posts, size = world.tables.posts, world.tables.posts.size
        of_largest = np.concatenate([world.last_posts(author, 3) for author in world.population.largest.tolist()])
        rows = np.sort(of_largest[posts.accepted_ns[of_largest] >= 0])[::-1].tolist()
        rows += range(size - 1, max(-1, size - 1 - limit), -1)
        return [_post_line(world, row) for row in list(dict.fromkeys(rows))[:limit]]

    return live.do(look)


def _post_line(world: World, row: int) -> PostLine:
    posts = world.tables.posts
    author = int(posts.author[row])
    followers = int(world.tables.graph.follower_counts[author])
    age_s = (world.now_ns - int(posts.accepted_ns[row])) / NS_PER_S
    return PostLine(row, author, world.population.name(author), followers, _text(world, row), age_s)


def find_post(live: LiveWorld, text: str) -> int:
    """The row of a post, given by its row, its id, or the name of its author, whose newest it then is.

    Raises:
        UnknownPost: there is none. UnknownUser: nobody has that name.
    """
    wanted = text.strip().replace(",", "")
    if not re.fullmatch(r"[0-9]{1,19}", wanted):
        return live.do(_newest_of, find_person(live, text))
    return live.do(_row_of, int(wanted))


def _row_of(world: World, number: int) -> int:
    posts = world.tables.posts
    if number < posts.size:
        return number
    found = np.flatnonzero(posts.key[: posts.size] == min(number, (1 << 63) - 1))
    if len(found) == 0:
        raise UnknownPost(f"There is no post {number}; rows go from 0 to {words.count(posts.size - 1)}.")
    return int(found[0])


def _newest_of(world: World, author: int) -> int:
    rows = world.last_posts(author, 1)
    if len(rows) == 0:
        raise UnknownPost(f"{world.population.name(author)} has not posted yet.")
    return int(rows[0])


# The log


def search_log(
    live: LiveWorld, text: str = "", level: Level | None = None, source: Source | None = None, limit: int = 200
) -> Log:
    """The newest entries that fit, as `Logbook.search` finds them.

    Raises:
        InvalidInput: the world keeps no log, or there is no such level or source.
    """

    def look(world: World) -> Log:
        book = world.logbook
        if book is None:
            raise InvalidInput("This world keeps no log; worlds that are opened here do.")
        entries = book.search(text, level, source, limit=limit)
        return Log(entries, len(book), book.written, world.now_ns)

    return live.do(look)


def _check(world: World, user: int) -> None:
    if not 0 <= user < world.population.users:
        raise UnknownUser(f"There is no user {user}; allowed: 0 to {world.population.users - 1}.")


def _quoted(text: str) -> str:
    """What somebody typed, short enough for a sentence."""
    shown = " ".join(text.split())
    return f"'{shown[:40]}…'" if len(shown) > 40 else f"'{shown}'"
