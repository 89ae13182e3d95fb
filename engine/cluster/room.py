"""What the page of real servers does: attach to a world that is served somewhere, or start one here, and watch it.

One `Room` for a server process. What is started here is everybody's who may be here: one world, which whoever comes
finds.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.clock import SystemWallClock, WallClock
from engine.cluster import picture as drawn
from engine.cluster.checked import ServedAudit, audit_served
from engine.cluster.keys import Keys
from engine.cluster.local import MOST_WORKERS, NAME, STRATEGIES, LocalWorld, Wanted
from engine.cluster.picture import LAG_TEXT, MEASURED, QUEUE_TEXT, worker_rows
from engine.cluster.private_redis import installed as redis_installed
from engine.cluster.queue import Queue
from engine.cluster.served import JOURNALS
from engine.cluster.watch import Watch
from engine.config import WorldConfig
from engine.errors import InvalidField, InvalidInput, InvalidKnob, NotAllowed, StoreError
from engine.timelines.connection import connect, place_of

__all__ = [
    "LAG_TEXT", "MEASURED", "MOST_WORKERS", "QUEUE_TEXT", "ROOM", "STRATEGIES", "SWITCH", "LocalWorld", "Place", "Room",
    "Rules", "Seen", "ServedAudit", "Wanted", "asked_place", "redis_installed",
]  # fmt: skip

SWITCH = "MURMURATION_SERVERS"
"""Environment variable of the server: `allow` or `off`; without it processes are started, and other addresses asked,
only where nobody else can come in."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SCHEMES = ("redis", "rediss")
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_FORGOTTEN_S = 15.0
"""A watch that nobody has looked at for so long ends."""
_ABANDONED_S = 600.0
"""So does what was started here."""
_MOST_WATCHES = 8
_TEND_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What is allowed in this place."""

    shared: bool
    """Others can reach this server."""
    allows: bool = False
    """Whoever started it allows all the same."""
    given: str | None = None
    """The address that it was started with: REDIS_URL."""

    @classmethod
    def of_server(cls, address: str | None, environ: Mapping[str, str]) -> "Rules":
        """For a server that listens at an address (None: at all of them), started in an environment.

        Raises:
            InvalidKnob: the switch is set to something else.
        """
        switch = environ.get(SWITCH)
        if switch not in (None, "allow", "off"):
            raise InvalidKnob(f"{SWITCH} is {switch!r}; allowed: allow, off.")
        shared = address not in _LOOPBACK or switch == "off"
        return cls(shared=shared, allows=switch == "allow", given=environ.get("REDIS_URL") or None)

    @property
    def open(self) -> bool:
        """Processes may be started, and any address asked."""
        return self.allows or not self.shared


@dataclass(frozen=True)
class Place:
    """One served world. Its address may hold a password: `place` is for showing."""

    url: str
    name: str
    journal: Path
    here: bool = False
    """It was started here."""

    @property
    def place(self) -> str:
        """Where, without the password."""
        return place_of(self.url)


def asked_place(rules: Rules, address: str, name: str, journal: str = "") -> Place:
    """The world that somebody asks for.

    Raises:
        InvalidField: a field that cannot be; its name is address, name or journal. NotAllowed: not in this place.
    """
    if not rules.open:
        if rules.given is None:
            raise NotAllowed("Others can reach this server, and it was started without REDIS_URL.")
        address, journal = rules.given, ""
    checked = _address(address.strip())
    try:
        Keys(name.strip())
    except InvalidInput:
        raise InvalidField(
            "name", f"Name is {_shown(name)}; allowed: up to 40 small letters, digits and hyphens, no hyphen first."
        ) from None
    path = Path(journal.strip()) if journal.strip() else JOURNALS / f"{name.strip()}.db"
    if "\0" in str(path):
        raise InvalidField("journal", f"Journal is {_shown(journal)}; allowed: a path on the server's machine.")
    return Place(checked, name.strip(), path)


def _address(text: str) -> str:
    """As it was given, if it can be one."""
    allowed = "allowed: redis://HOST:PORT/DATABASE, with USER:PASSWORD@ ahead of HOST if need be; rediss:// for TLS."
    try:
        parts = urlsplit(text)
        fits = parts.scheme in _SCHEMES and _HOST.fullmatch(parts.hostname or "") and (parts.port or 1)
        fits = fits and re.fullmatch(r"/?\d{0,4}", parts.path) and not parts.query and not parts.fragment
    except ValueError:
        fits = None
    if not fits or not text.isprintable() or " " in text:
        raise InvalidField("address", f"Address is {_shown(place_of(text))}; {allowed}")
    return text


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


class Room:
    """Watches, and what was started here. `now` is asked by pages; all else happens on threads of its own."""

    def __init__(self, wall: WallClock | None = None) -> None:
        self.wall = wall or SystemWallClock()
        self.slo_s = WorldConfig().slo.lag_ms / 1000
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._watches: dict[tuple[str, str], _Watched] = {}
        self._world: LocalWorld | None = None
        self._world_seen_s = 0.0
        self._tender: threading.Thread | None = None
        self._stop = threading.Event()
        self._audits = count(1)

    # What was started here

    @property
    def world(self) -> LocalWorld | None:
        """The world that was started here, if there is one."""
        return self._world

    def place_here(self) -> Place | None:
        """Where it is."""
        world = self._world
        return None if world is None else Place(world.url, NAME, world.crew.journal, here=True)

    def start(self, rules: Rules, wanted: Wanted) -> Place:
        """Start one here; or find the one that is there.

        Raises:
            NotAllowed: not in this place. StoreError: there is no Redis server to be started.
        """
        if not rules.open:
            raise NotAllowed("Others can reach this server, so nothing is started from its pages.")
        with self._starting:
            if self._world is None:
                self._world = LocalWorld(wanted, self.wall)
                self._world_seen_s = self.wall.now_s()
                self._tend()
        place = self.place_here()
        assert place is not None
        return place

    def stop(self) -> None:
        """End what was started here."""
        with self._starting:
            world, self._world = self._world, None
            if world is not None:
                with self._lock:
                    gone = self._watches.pop((world.url, NAME), None)
                if gone is not None:
                    gone.stop.set()
                world.close()

    def close(self) -> None:
        """End everything; for the end of the server."""
        self._stop.set()
        self.stop()
        with self._lock:
            for watched in self._watches.values():
                watched.stop.set()
            self._watches.clear()

    # Watching

    def look(self, place: Place) -> "Seen":
        """How it is now; the first look begins a watch.

        Raises:
            NotAllowed: too many worlds are watched. StoreError: what was started here has been stopped.
        """
        watched = self._watched(place)
        local = None
        flags = list(watched.flags)
        if place.here:
            world = self._world
            if world is None or world.url != place.url:
                raise StoreError("What was started here has been stopped.")
            self._world_seen_s = self.wall.now_s()
            local = world.local()
            flags += [(at_s - watched.watch.began_s, what) for at_s, what in world.events()]
        watch = watched.watch
        now_s = self.wall.now_s() - watch.began_s
        shown = drawn.picture(watch.frame, watch.columns(), sorted(flags), now_s, self.slo_s, local)
        return Seen(shown, worker_rows(watch.frame, local), watch.frame.dead)

    def _watched(self, place: Place) -> "_Watched":
        key = place.url, place.name
        with self._lock:
            if key not in self._watches:
                if len(self._watches) >= _MOST_WATCHES:
                    raise NotAllowed(f"{_MOST_WATCHES} worlds are watched from here; allowed: {_MOST_WATCHES}.")
                self._watches[key] = _Watched(place, self.wall)
            watched = self._watches[key]
            watched.seen_s = self.wall.now_s()
        self._tend()
        return watched

    def _tend(self) -> None:
        """Have somebody end what nobody looks at any more."""
        with self._lock:
            if self._tender is None or not self._tender.is_alive():
                self._tender = threading.Thread(target=self._tend_on, name="real servers", daemon=True)
                self._tender.start()

    def _tend_on(self) -> None:
        while not self._stop.wait(_TEND_S):
            now_s = self.wall.now_s()
            with self._lock:
                for key in [key for key, one in self._watches.items() if now_s - one.seen_s > _FORGOTTEN_S]:
                    self._watches.pop(key).stop.set()
            if self._world is not None and now_s - self._world_seen_s > _ABANDONED_S:
                self.stop()

    # What an operator does

    def next_audit(self) -> int:
        """A number for an audit that is asked for: no two have the same."""
        return next(self._audits)

    def audit(self, place: Place) -> ServedAudit:
        """Every list against the journal. What was started here stands still meanwhile; elsewhere it should be at rest.

        Raises:
            StoreError, JournalError: it cannot be audited, or posts were planned meanwhile.
        """
        if place.here and self._world is not None:
            return self._world.audit()
        before = self._mark(place)
        try:
            found = audit_served(place.journal, place.url, place.name)
        except IndexError:  # lists hold rows that the journal, read before them, did not have yet
            raise StoreError(_MOVED) from None
        if not found.clean and self._mark(place) != before:
            raise StoreError(_MOVED)
        return found

    def _mark(self, place: Place) -> Any:
        client = connect(place.url)
        try:
            return Queue(client, Keys(place.name)).mark()
        finally:
            client.close()

    def redrive(self, place: Place) -> int:
        """Queue its dead letters again; how many jobs.

        Raises:
            StoreError: Redis failed, or has no such world.
        """
        client = connect(place.url)
        try:
            return Queue(client, Keys(place.name)).redrive()
        finally:
            client.close()


_MOVED = "Posts were planned while the lists were read, so an audit says nothing; stop the posts, and audit again."


@dataclass(frozen=True)
class Seen:
    """What a page draws."""

    picture: dict[str, Any]
    workers: list[dict[str, str]]
    dead_letters: int


class _Watched:
    """A watch on a thread of its own."""

    def __init__(self, place: Place, wall: WallClock) -> None:
        self.flags: list[tuple[float, str]] = []
        self.stop = threading.Event()
        self.seen_s = wall.now_s()
        self._here, self._wall = place.here, wall
        self.watch = Watch(place.url, place.name, wall, self._told)
        threading.Thread(target=self.watch.run, args=(self.stop,), name="watch", daemon=True).start()

    def _told(self, what: str) -> None:
        """Of what was killed here the page knows already."""
        if not (self._here and what == "Redis away"):
            self.flags = [*self.flags[-50:], (self._wall.now_s() - self.watch.began_s, what)]


ROOM = Room()
