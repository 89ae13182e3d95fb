"""The durable log of what people did, in one SQLite file: what a world cannot make again from its seed.

WAL with synchronous=FULL: an entry is on disk before `append` returns. Each commit folds its log into the file at once,
so that, but for that instant, the file alone has everything: it may be copied, and its log may be lost. Both together
take 0.7 ms, of which the folding is 0.4. Append-only; entry numbers are 1, 2, 3, ... without gaps, and each is written
with its number, so that a second writer of the same file collides instead of interleaving.

A file that cannot be used is refused with one sentence and left as it was; nothing is ever made anew in its place.
"""

import json
import operator
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from engine.clock import SystemWallClock
from engine.errors import JournalError
from engine.journal.actions import Action, parse_action
from engine.journal.file import (
    FOLD_PAGES,
    FORMAT,
    IDLE_FOLD_PAGES,
    check_format,
    check_header,
    connect,
    create_file,
    saying_why,
)

_PAGE = 1000
_SCHEMA = """
CREATE TABLE entries (seq INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE progress (only INTEGER PRIMARY KEY CHECK (only = 0), at_ns INTEGER NOT NULL);
"""
_NOTE = "INSERT INTO progress VALUES (0, ?) ON CONFLICT DO UPDATE SET at_ns = max(at_ns, excluded.at_ns)"


@dataclass(frozen=True)
class Origin:
    """From what the rest of the world is made again: its configuration and the makers of graph and load."""

    config: Mapping[str, Any]
    """The `WorldConfig` as JSON types."""
    generator: str
    """Version of graph and load generators: another version makes another world of the same seed."""
    graph_sha256: str | None = None
    """Of the graph file, if the graph came from one."""


class Entry(NamedTuple):
    """One line of the journal. `at_ns`: the virtual instant at which it took effect."""

    seq: int
    at_ns: int
    kind: str
    body: dict[str, Any]

    def action(self) -> Action:
        """The entry as a value; `JournalError` where this version does not know it."""
        return parse_action(self.kind, self.body)


class Journal:
    """An open journal. One writer; may be called from any thread, one call at a time. Close it, or use `with`."""

    def __init__(self, connection: sqlite3.Connection, name: str, on_disk: bool = True) -> None:
        """Not for callers: `open` and `in_memory` make journals."""
        self.on_disk = on_disk
        """Whether what is written outlives the process."""
        self._connection = connection
        self.name = name
        """Its file, or "memory"."""
        self._lock = threading.Lock()
        self._clock = SystemWallClock()
        self.commit_s = 0.0
        """Wall seconds that the last entries took to be on disk."""
        self._last: int = connection.execute("SELECT coalesce(max(seq), 0) FROM entries").fetchone()[0]
        self.origin = _read_origin(connection)

    @classmethod
    def open(cls, path: Path | str, *, create: bool = False, origin: Origin | None = None) -> Self:
        """Open the journal at `path`; with `create`, make one of `origin` where there is no file.

        An existing journal keeps its own origin (`journal.origin`); `origin`, if given, says which generator and graph
        file this program would rebuild the world with, and must agree with it.

        Raises:
            JournalError: no file (and not `create`), not a journal, truncated or damaged, of another format, made with
                another generator or graph file, or a folder or disk that cannot be written. The file is untouched.
        """
        path = Path(path)
        if create and origin is not None and not path.exists():
            create_file(path, _SCHEMA, _origin_rows(origin))
        check_header(path)
        _check_content(path, origin)
        with saying_why(str(path)):
            return cls(connect(path), str(path))

    @classmethod
    def peek(cls, path: Path | str) -> Origin:
        """What the journal at `path` begins with, without opening it for writing.

        Raises:
            JournalError: no journal there, or a damaged one.
        """
        check_header(Path(path))
        with saying_why(str(path)), closing(connect(Path(path), read_only=True)) as connection:
            try:
                return _read_origin(connection)
            except (KeyError, ValueError) as error:
                raise _unreadable(path) from error

    @classmethod
    def in_memory(cls, origin: Origin | None = None) -> Self:
        """A journal that ends with the process, for runs without anybody to keep promises to."""
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        connection.executescript(_SCHEMA)
        rows = _origin_rows(origin or Origin(config={}, generator=""))
        connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)
        return cls(connection, "memory", on_disk=False)

    def append(self, at_ns: int, kind: str, body: Mapping[str, Any]) -> int:
        """Write one entry; it is on disk when this returns its number. On an error nothing was written."""
        return self.append_many([(at_ns, kind, body)])

    def append_action(self, at_ns: int, action: Action) -> int:
        """`append` an action of engine/journal/actions.py."""
        return self.append(at_ns, action.kind, action.to_json())

    def append_many(self, entries: Iterable[tuple[int, str, Mapping[str, Any]]]) -> int:
        """Write (at_ns, kind, body) entries in one transaction, all or none; returns the last number used."""
        lines = [(int(at_ns), kind, _dump(body)) for at_ns, kind, body in entries]
        with self._lock, saying_why(self.name):
            began_s = self._clock.now_s()
            numbered = [(self._last + 1 + i, *line) for i, line in enumerate(lines)]
            with self._transaction():
                self._connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?)", numbered)
            self._last += len(lines)
            self.commit_s = self._clock.now_s() - began_s
            return self._last

    def begin_again(self, origin: Origin, at_ns: int = 0) -> None:
        """Forget everything, and remember another world, come to `at_ns`; one transaction, so all or nothing."""
        with self._lock, saying_why(self.name):
            with self._transaction():
                for table in ("entries", "progress", "meta"):
                    self._connection.execute(f"DELETE FROM {table}")
                self._connection.executemany("INSERT INTO meta VALUES (?, ?)", _origin_rows(origin))
                self._connection.execute(_NOTE, (int(at_ns),))
            self._last, self.origin = 0, origin

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """On disk at the end; on any error undone, so that the next one can begin."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def entries(self, since_seq: int = 0) -> Iterator[Entry]:
        """All entries numbered above `since_seq`, in order; also those appended while iterating."""
        while True:
            with self._lock, saying_why(self.name):
                page = self._connection.execute(
                    "SELECT seq, at_ns, kind, body FROM entries WHERE seq > ? ORDER BY seq LIMIT ?", (since_seq, _PAGE)
                ).fetchall()
            for seq, at_ns, kind, body in page:
                yield Entry(seq, at_ns, kind, self._parsed(seq, body))
            if len(page) < _PAGE:
                return
            since_seq = page[-1][0]

    def _parsed(self, seq: int, body: str) -> dict[str, Any]:
        try:
            parsed: dict[str, Any] = json.loads(body)
        except (TypeError, ValueError) as error:
            raise JournalError(f"{self.name} is damaged: entry {seq} cannot be read; restore a copy.") from error
        return parsed

    def watermark(self, at_ns: int) -> None:
        """Note that the world has come to `at_ns`. Not forced to disk on its own: a crash may lose the last few."""
        with self._lock, saying_why(self.name):
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute(f"PRAGMA wal_autocheckpoint={IDLE_FOLD_PAGES}")
            try:
                self._connection.execute(_NOTE, (int(at_ns),))
            finally:
                self._connection.execute("PRAGMA synchronous=FULL")
                self._connection.execute(f"PRAGMA wal_autocheckpoint={FOLD_PAGES}")

    @property
    def reached_ns(self) -> int:
        """How far the world had certainly come: the latest watermark or entry; 0 in a new journal."""
        with self._lock, saying_why(self.name):
            (at_ns,) = self._connection.execute(
                "SELECT max(coalesce((SELECT at_ns FROM progress), 0), coalesce((SELECT max(at_ns) FROM entries), 0))"
            ).fetchone()
        return int(at_ns)

    @property
    def last_seq(self) -> int:
        """The number of the newest entry; 0 when there is none."""
        return self._last

    def close(self) -> None:
        """Fold the log into the file and let go of it. Closing twice is closing once."""
        with self._lock:
            self._connection.close()

    def leave(self) -> None:
        """Let go of it with file and log as they were found."""
        with self._lock, ExitStack() as until_closed:
            if self.on_disk:  # whoever lets go last folds the log in, and a reader cannot
                with saying_why(self.name):
                    reader = until_closed.enter_context(closing(connect(Path(self.name), read_only=True)))
                    reader.execute("SELECT count(*) FROM meta").fetchone()
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _dump(body: Mapping[str, Any]) -> str:
    """Canonical JSON; numpy's whole numbers are written as such. Escaped to ASCII, which holds any text."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False, default=operator.index)


def _origin_rows(origin: Origin) -> list[tuple[str, str]]:
    return [
        ("config", _dump(origin.config)),
        ("generator", origin.generator),
        ("graph_sha256", origin.graph_sha256 or ""),
    ]


def _read_origin(connection: sqlite3.Connection) -> Origin:
    meta = dict(connection.execute("SELECT name, value FROM meta").fetchall())
    return Origin(json.loads(meta["config"]), meta["generator"], meta["graph_sha256"] or None)


def _unreadable(path: Path | str) -> JournalError:
    return JournalError(f"{path} is damaged: its description of the world cannot be read.")


def _check_content(path: Path, expected: Origin | None) -> None:
    """Refuse damage and worlds that would be rebuilt differently; reads only."""
    with saying_why(str(path)):
        connection = connect(path, read_only=True)
        try:
            check_format(path, *connection.execute("PRAGMA user_version").fetchone())  # the log may say another
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            count, last = connection.execute("SELECT count(*), coalesce(max(seq), 0) FROM entries").fetchone()
            found = _read_origin(connection)
        except (KeyError, ValueError) as error:
            raise _unreadable(path) from error
        finally:
            connection.close()
    if verdict != "ok" or count != last:
        raise JournalError(f"{path} is damaged: entries are missing or unreadable; restore a copy.")
    if expected is None:
        return
    if found.generator != expected.generator:
        raise JournalError(
            f"{path} was written with generator {found.generator!r}; this program has {expected.generator!r} and "
            "would rebuild another world."
        )
    if found.graph_sha256 != expected.graph_sha256:
        raise JournalError(f"{path} belongs to another graph file than the one given.")


__all__ = ["FORMAT", "Entry", "Journal", "Origin"]
