"""A person's request: carried out by `People` or `Reader`, let through the stations, remembered with its trace."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.errors import InvalidInput, UnknownName
from engine.guard.validate import MAX_CHARACTERS, count_characters
from engine.observe import words
from engine.observe.trace import Hop, KeyContent, Trace
from engine.people import People
from engine.read_path.serve import ReadBill
from engine.reader import Reading
from engine.requests import reads, stored, writes
from engine.views import PageView, PostView
from engine.world import World

KEPT = 400
"""Traces remembered, the newest."""


@dataclass(frozen=True)
class Acted:
    """What an action did. `post`: the one it made or named."""

    changed: bool
    post: PostView | None
    trace: Trace


@dataclass(frozen=True)
class Paged:
    """A page that was read. `mark`: posts below this row were considered."""

    page: PageView
    mark: int
    trace: Trace


@dataclass(frozen=True)
class Ask:
    """What somebody asks for; which fields are needed depends on what it is."""

    what: str
    user: int
    text: str | None = None
    post: int | None = None
    other: int | None = None
    picture: bool = False

    def words(self) -> str:
        """The text; `InvalidInput` where it is missing."""
        if not isinstance(self.text, str):
            raise InvalidInput(f"{self.what!r} needs a text.")
        return self.text

    def named(self) -> int:
        """The post's id; `InvalidInput` where it is missing."""
        return self._whole("post", self.post)

    def person(self) -> int:
        """The other person; `InvalidInput` where they are missing."""
        return self._whole("author" if self.what == "profile" else "other", self.other)

    def _whole(self, name: str, value: int | None) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidInput(f"{self.what!r} needs a whole number in {name!r}.")
        return value


_Told = tuple[str, list[Hop]]
"""Summary and hops."""


@dataclass
class _Entry:
    """A trace, and how to bring it up to date while it is not done."""

    trace: Trace
    fill: Callable[[], _Told] | None
    look: Callable[[], tuple[KeyContent, ...]] | None = None
    """For keys whose content changes while the trace goes on."""


class Requests:
    """Requests of one world's people, with the traces of the last ones. One thread only."""

    def __init__(self, world: World, people: People) -> None:
        self._world, self._people = world, people
        self._entries: deque[_Entry] = deque(maxlen=KEPT)
        self._count = 0

    # Acting

    def check(self, ask: Ask) -> None:
        """Refuse what names a post that is not there: on another side of a twin it may be accepted already.

        Raises:
            UnknownPost: as `act` would.
        """
        if ask.what in _ACTS and _ACTS[ask.what] is not Requests._on_person and ask.what != "post":
            self._people.row(ask.named())

    def act(self, ask: Ask) -> Acted:
        """Do one of `ACTS`.

        Raises:
            UnknownName: it is none of them. InvalidInput and its kinds: refused; nothing was changed.
        """
        doer = _ACTS.get(ask.what)
        if doer is None:
            raise UnknownName(f"There is no action {ask.what!r}; allowed: {', '.join(_ACTS)}.")
        return doer(self, ask)

    def _post(self, ask: Ask) -> Acted:
        match ask.what:
            case "post":
                view = self._people.post(ask.user, ask.words(), ask.picture)
            case "reply":
                view = self._people.reply(ask.user, ask.named(), ask.words())
            case _:
                view = self._people.repost(ask.user, ask.named())
        rule = (
            f"{count_characters(view.text)} of {MAX_CHARACTERS} characters"
            if view.text
            else "not reposted before, no block"
        )
        start = [writes.checked(rule), self._journalled()]

        def fill() -> _Told:
            summary, hops = writes.fan_out(self._world, view.row)
            return summary, [*start, *hops]

        def look() -> tuple[KeyContent, ...]:
            own = stored.post(self._world, view.row), stored.timeline(self._world, ask.user)
            return *own, *self._reader_of(ask.user)

        return Acted(True, view, self._remember(ask, fill, (), view.row, look))

    def _reader_of(self, author: int) -> tuple[KeyContent, ...]:
        """One follower's list, to look for the post in."""
        followers = self._world.tables.graph.followers([author]).values
        return (stored.timeline(self._world, int(followers[0])),) if len(followers) else ()

    def _on_post(self, ask: Ask) -> Acted:
        post = ask.named()
        changed = {
            "like": self._people.like,
            "unlike": self._people.unlike,
            "delete": self._people.delete,
            "restore": self._people.restore,
            "undo_repost": self._people.undo_repost,
        }[ask.what](ask.user, post)
        row = self._people.row(post)
        view = self._people.view(row)
        if not changed:
            return Acted(False, view, self._same(ask, _NOTHING[ask.what], row))
        written = self._written()
        likes = self._world.tables.posts.likes[written]
        counted = f"likes: {likes:,}" if ask.what in ("like", "unlike") else f"one flag of row {written}"
        told = "No list changed: bodies and counters are looked up when a page is made."
        if ask.what not in ("like", "unlike"):
            told = (
                f"The {'copies stay in the lists' if ask.what != 'restore' else 'copies were in the lists all along'}"
            )
            told += "; pages leave out what is deleted." if ask.what != "restore" else " and are shown again."
        hops = [writes.checked("it stands, and you may"), self._journalled(), *writes.judged(counted, told)]
        return Acted(True, view, self._settled(ask, told, hops, (stored.post(self._world, written),), row))

    def _written(self) -> int:
        """The row that the last action changed: not always the one it named, for a repost means what it repeats."""
        journal = self._people.journal
        return self._people.row(next(journal.entries(journal.last_seq - 1)).body["post"])

    def _on_person(self, ask: Ask) -> Acted:
        world, other = self._world, ask.person()
        before = writes.list_size(world, self._people.user(ask.user))
        changed = {
            "follow": self._people.follow,
            "unfollow": self._people.unfollow,
            "block": self._people.block,
            "unblock": self._people.unblock,
            "mute": self._people.mute,
            "unmute": self._people.unmute,
        }[ask.what](ask.user, other)
        if not changed:
            return Acted(False, None, self._same(ask, _NOTHING[ask.what], None))
        start = [writes.checked("not yourself, no block"), self._journalled()]
        keys = (stored.timeline(world, ask.user), stored.author_index(world, other))
        if ask.what == "follow":
            hops = writes.followed(world, ask.user, other, before)
        elif ask.what == "unfollow":
            hops = writes.unfollowed(world, ask.user, other, before)
        else:
            hops = writes.judged(*_RELATIONS[ask.what])
        return Acted(
            True, None, self._settled(ask, f"{hops[-1].facts[0].upper()}{hops[-1].facts[1:]}.", [*start, *hops], keys)
        )

    # Reading

    def page(self, ask: Ask, cursor: str | None = None, limit: int = 20) -> Paged:
        """Read one of `PAGES`: "home", the "profile" of `ask.other`, the "replies" to `ask.post`.

        Raises:
            UnknownName: it is none of them. UnknownUser, UnknownPost, InvalidCursor, InvalidInput.
            ListOutOfReach: their timeline shard is down.
        """
        world, reader = self._world, self._people.reader
        mark = world.tables.posts.size
        match ask.what:
            case "home":
                reading = reader.home(ask.user, cursor, limit)
            case "profile":
                reading = reader.profile(ask.user, ask.person(), cursor, limit)
            case "replies":
                reading = reader.replies(ask.user, ask.named(), cursor, limit)
            case _:
                raise UnknownName(f"There is no page {ask.what!r}; allowed: {', '.join(PAGES)}.")
        return Paged(reading.page, mark, self._read(ask, reading))

    def _read(self, ask: Ask, reading: Reading) -> Trace:
        world, bodies = self._world, len(reading.rows)
        bill = ReadBill(reading.asked, reading.touched, bodies, world.hydrate(reading.rows), reading.listed)
        facts = reads.facts_of(world, ask.user, reading, bill)
        keys = self._touched(ask, reading)
        watched, at_ns = world.time_read(ask.user, bill), world.now_ns

        def fill() -> _Told:
            hops = reads.hops(facts, reading, watched, at_ns, world.now_ns)
            source = {True: "one list", False: "the authors themselves", None: "one index"}[reading.listed]
            asked = (
                f", {words.count(bill.asked)} {'author' if bill.asked == 1 else 'authors'} asked"
                if bill.hit is not None and bill.asked
                else ""
            )
            posts = "1 post" if bodies == 1 else f"{bodies} posts"
            if reading.stale:
                return f"{posts} of the page seen last: the home list cannot be reached.", hops
            rows = "1 row" if bill.touched == 1 else f"{words.count(bill.touched)} rows"
            summary = f"{posts} out of {rows} from {source}{asked}."
            return summary, hops

        return self._remember(ask, fill, keys)

    def _touched(self, ask: Ask, reading: Reading) -> tuple[KeyContent, ...]:
        if ask.what == "home":
            return (stored.timeline(self._world, ask.user),)
        if ask.what == "profile":
            return (stored.author_index(self._world, ask.person()),)
        return (stored.post(self._world, self._people.row(ask.named())),)

    # Traces

    def trace(self, trace_id: int) -> Trace:
        """One of the remembered traces, up to date.

        Raises:
            UnknownName: it is not remembered, or never was.
        """
        for entry in reversed(self._entries):
            if entry.trace.id == trace_id:
                return self._up_to_date(entry)
        raise UnknownName(f"There is no trace {trace_id!r}; the last {KEPT} are remembered.")

    def traces(self, text: str = "", limit: int = 50) -> list[Trace]:
        """The newest traces in which all words of `text` occur, newest first."""
        found: list[Trace] = []
        for entry in reversed(self._entries):
            trace = self._up_to_date(entry)
            if trace.mentions(text):
                found.append(trace)
            if len(found) == limit:
                break
        return found

    def _up_to_date(self, entry: _Entry) -> Trace:
        if entry.fill is not None:
            summary, hops = entry.fill()
            keys = entry.trace.keys if entry.look is None else entry.look()
            entry.trace = replace(entry.trace, summary=summary, hops=tuple(hops), keys=keys)
            if entry.trace.done:
                entry.fill = None  # what the logs forget later stays as it was
        return entry.trace

    def _remember(
        self,
        ask: Ask,
        fill: Callable[[], _Told],
        keys: tuple[KeyContent, ...],
        row: int | None = None,
        look: Callable[[], tuple[KeyContent, ...]] | None = None,
    ) -> Trace:
        self._count += 1
        name = self._world.population.name(ask.user)
        empty = Trace(self._count, ask.what, ask.user, name, self._world.now_ns, "", (), keys, row)
        entry = _Entry(empty, fill, look)
        self._entries.append(entry)
        return self._up_to_date(entry)

    def _settled(
        self, ask: Ask, summary: str, hops: list[Hop], keys: tuple[KeyContent, ...], row: int | None = None
    ) -> Trace:
        return self._remember(ask, lambda: (summary, hops), keys, row)

    def _same(self, ask: Ask, why: str, row: int | None) -> Trace:
        """Nothing was changed, and nothing written."""
        return self._settled(ask, why, [writes.checked("allowed"), writes.unchanged(why)], (), row)

    def _journalled(self) -> Hop:
        return writes.journalled(self._people.journal)


_NOTHING = {
    "like": "You like it already.",
    "unlike": "You did not like it.",
    "delete": "It is deleted already.",
    "restore": "It was not deleted.",
    "undo_repost": "You have not reposted it.",
    "follow": "You follow them already.",
    "unfollow": "You did not follow them.",
    "block": "They are blocked already.",
    "unblock": "They were not blocked.",
    "mute": "They are muted already.",
    "unmute": "They were not muted.",
}
_RELATIONS = {
    "block": ("a block; follows between you end", "their posts are left out of your pages, and yours out of theirs"),
    "unblock": ("the block is lifted; follows do not come back", "pages show each other's posts again"),
    "mute": ("a mute, which they do not learn of", "their posts stay in your list and are left out of your pages"),
    "unmute": ("the mute is lifted", "their posts are in your pages again"),
}
_ACTS: dict[str, Callable[[Requests, Ask], Acted]] = {
    **dict.fromkeys(("post", "reply", "repost"), Requests._post),
    **dict.fromkeys(("undo_repost", "like", "unlike", "delete", "restore"), Requests._on_post),
    **dict.fromkeys(("follow", "unfollow", "block", "unblock", "mute", "unmute"), Requests._on_person),
}
ACTS = tuple(_ACTS)
PAGES = ("home", "profile", "replies")
