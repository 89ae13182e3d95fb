"""A world's last minutes as a structured log: bounded, searchable, one sentence and its figures an entry."""

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Literal, NamedTuple, get_args

from engine.errors import InvalidInput

Level = Literal["info", "warn", "error"]
Source = Literal["people", "operator", "fan-out", "read path", "rebuild", "store", "slo", "graph", "fault"]
LEVELS: tuple[Level, ...] = get_args(Level)
SOURCES: tuple[Source, ...] = get_args(Source)


class LogEntry(NamedTuple):
    """One thing that happened. Never changed once written."""

    seq: int
    """Its number: 1 for the first; gaps never occur, so that a missing one was pushed out by newer ones."""
    at_ns: int
    level: Level
    source: Source
    user: int | None
    row: int | None
    text: str
    fields: Mapping[str, Any]
    """Figures, by name with their unit; `users`: everybody concerned, where there are several."""

    def concerns(self, user: int) -> bool:
        """Whether this person is the one, or among those, whom it is about."""
        return self.user == user or user in self.fields.get("users", ())

    @property
    def line(self) -> str:
        """The entry as one line of plain text: what a search looks at."""
        figures = " ".join(f"{name}={_plain(value)}" for name, value in self.fields.items())
        return f"{self.level} {self.source} {self.text} {figures}".rstrip()


class Logbook:
    """The newest `capacity` entries; older ones make room. One thread only."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.written = 0
        """Entries ever written; all but the last `capacity` of them are gone."""
        self._entries: deque[LogEntry] = deque(maxlen=capacity)

    def write(
        self,
        at_ns: int,
        level: Level,
        source: Source,
        text: str,
        user: int | None = None,
        row: int | None = None,
        **fields: Any,
    ) -> None:
        """Add an entry."""
        self.written += 1
        self._entries.append(LogEntry(self.written, at_ns, level, source, user, row, text, fields))

    def search(
        self,
        text: str = "",
        level: Level | None = None,
        source: Source | None = None,
        user: int | None = None,
        since_ns: int | None = None,
        limit: int = 200,
    ) -> list[LogEntry]:
        """The newest `limit` entries that fit, newest first.

        `text`: all of its words must occur in an entry's line, in any case and order.
        `level`: entries at least so grave.

        Raises:
            InvalidInput: a level or source that does not exist, or a limit below 1.
        """
        if level is not None and level not in LEVELS:
            raise InvalidInput(f"There is no level {level!r}; allowed: {', '.join(LEVELS)}.")
        if source is not None and source not in SOURCES:
            raise InvalidInput(f"There is no source {source!r}; allowed: {', '.join(SOURCES)}.")
        if limit < 1:
            raise InvalidInput(f"The limit is {limit}; allowed: 1 and more entries.")
        wanted = text.casefold().split()
        grave = LEVELS if level is None else LEVELS[LEVELS.index(level) :]
        fits = (
            entry
            for entry in self._newest(since_ns)
            if entry.level in grave
            and (source is None or entry.source == source)
            and (user is None or entry.concerns(user))
            and (not wanted or _has_all(entry.line.casefold(), wanted))
        )
        return list(islice(fits, limit))

    def _newest(self, since_ns: int | None) -> Iterator[LogEntry]:
        for entry in reversed(self._entries):
            if since_ns is not None and entry.at_ns < since_ns:
                return
            yield entry

    def __len__(self) -> int:
        return len(self._entries)

    def __deepcopy__(self, _memo: dict[int, Any]) -> "Logbook":
        """A book of its own; what is written in it is shared, since it never changes."""
        twin = Logbook(self.capacity)
        twin.written, twin._entries = self.written, self._entries.copy()
        return twin


def _has_all(line: str, words: list[str]) -> bool:
    return all(word in line for word in words)


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
