"""The run history as a file: one DuckDB database, opened for a moment at a time.

DuckDB lets one process write, or several read. So nobody keeps the file open: a call opens it, does its one
transaction and closes it, and whoever finds it taken waits and tries again. Within a process calls take turns, because
DuckDB refuses to open a file twice in two ways.

A file is looked at before it may be written: read-only, so that what is not a run history stays as it was, byte for
byte. A new one is made whole under another name, so that a crash leaves no half of one.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from engine.clock import SystemWallClock, WallClock
from engine.errors import HistoryError

FORMAT = 2
"""Version of the tables; raised when they change."""
PATIENCE_S = 5.0
"""How long a call waits for another process to let go of the file."""
_PAUSE_S = 0.02
_TABLES = ("runs", "series", "studies")
_HEADERS_BYTES, _BLOCK_BYTES = 3 * 4_096, 262_144
"""How a DuckDB file is laid out. Source: duckdb.org/docs/stable/internals/storage."""
_ALONE: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
"""Else DuckDB asks the network for what it does not know, a SQLite file's reader for one."""

_SCHEMA = f"""
CREATE TABLE format (version INTEGER);
INSERT INTO format VALUES ({FORMAT});
CREATE SEQUENCE run_ids;
CREATE SEQUENCE study_ids;
CREATE TABLE runs (
    run_id BIGINT NOT NULL, state VARCHAR NOT NULL, began_at TIMESTAMP NOT NULL, ended_at TIMESTAMP,
    pinned BOOLEAN NOT NULL, note VARCHAR, study_id BIGINT, code_version VARCHAR NOT NULL,
    pid BIGINT NOT NULL, process_began_s DOUBLE NOT NULL, inputs JSON NOT NULL,
    config JSON NOT NULL, load JSON, summary JSON, slo JSON, audit JSON, cost JSON,
    virtual_seconds DOUBLE, wall_seconds DOUBLE, build_seconds DOUBLE);
CREATE TABLE series (run_id BIGINT NOT NULL, metric VARCHAR NOT NULL, t_s DOUBLE NOT NULL, value DOUBLE);
CREATE TABLE studies (
    study_id BIGINT NOT NULL, kind VARCHAR NOT NULL, recorded_at TIMESTAMP NOT NULL, code_version VARCHAR NOT NULL,
    digest VARCHAR, result JSON NOT NULL);
"""
_turn = threading.Lock()

Connection = duckdb.DuckDBPyConnection


class HistoryFile:
    """One file, and how to get at it. `wall`: what waiting is timed with."""

    def __init__(self, path: Path, wall: WallClock | None = None, patience_s: float = PATIENCE_S) -> None:
        self.path = path
        self._wall = wall or SystemWallClock()
        self._patience_s = patience_s

    @property
    def exists(self) -> bool:
        """Whether there is anything at the path."""
        return self.path.exists()

    @property
    def writable(self) -> bool:
        """Whether somebody may write an existing file: by its permissions, which root itself would not notice."""
        return bool(self.path.stat().st_mode & 0o222) and os.access(self.path.parent, os.W_OK)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that can read a history that exists.

        Raises:
            HistoryError: there is none, it is not one, or it is taken for longer than the patience.
        """
        with _turn, self._saying_why():
            self._check_header()
            with self._attached(read_only=True) as connection:
                self._check(connection)
                yield connection

    @contextmanager
    def writing(self, patience_s: float | None = None) -> Iterator[Connection]:
        """A connection within a transaction, which is committed at the end, or not at all; makes a new file.

        `patience_s`: how long to wait for others, where not as long as usual.

        Raises:
            HistoryError: as `reading`, or the file or its folder cannot be written.
        """
        with _turn, self._saying_why():
            if self.exists:
                self._check_header()
                if not self.writable:
                    raise HistoryError(f"The run history {self.path} is read-only; make it writable, or use another.")
                with self._attached(read_only=True, patience_s=patience_s) as connection:
                    self._check(connection)
            else:
                self._create()
            with self._attached(read_only=False, patience_s=patience_s) as connection:
                connection.execute("BEGIN")
                yield connection
                connection.execute("COMMIT")

    @contextmanager
    def copying_to(self, place: Path) -> Iterator[Connection]:
        """A connection to a new database at `place`, beside which this history can be read as `history`.

        Raises:
            HistoryError: as `reading`.
        """
        with self.reading() as connection, _beside(connection, place):
            yield connection

    @contextmanager
    def _attached(self, *, read_only: bool, patience_s: float | None = None) -> Iterator[Connection]:
        """This file as the database `history` of a connection, until the end; what was not committed is undone."""
        connection = _own_database().cursor()
        try:
            self._attach(connection, read_only, self._patience_s if patience_s is None else patience_s)
            connection.execute("USE history")
            yield connection
        finally:
            _let_go(connection)

    def _attach(self, connection: Connection, read_only: bool, patience_s: float) -> None:
        deadline_s = self._wall.now_s() + patience_s
        while True:
            try:
                connection.execute(f"ATTACH {_quoted(self.path)} AS history{' (READ_ONLY)' if read_only else ''}")
                return
            except duckdb.IOException as error:
                if not _is_locked(error):
                    raise
                if self._wall.now_s() >= deadline_s:
                    raise HistoryError(
                        f"The run history {self.path} is in use by another program; close it and try again."
                    ) from error
                self._wall.sleep_s(_PAUSE_S)

    def _check_header(self) -> None:
        """Refuse what is no DuckDB file from its bytes alone.

        Only where this process has the file not open: to close it again takes the process's locks on it away.
        """
        if not self.exists:
            raise HistoryError(f"There is no run history at {self.path}; `run --keep` begins one.")
        with self.path.open("rb") as file:
            header = file.read(12)
        if header[8:] != b"DUCK":  # after a checksum
            raise HistoryError(f"{self.path} is not a run history: it is not a DuckDB file.")

    def _create(self) -> None:
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}.new")
        draft.unlink(missing_ok=True)
        with HistoryFile(draft, self._wall)._attached(read_only=False) as connection:
            connection.execute(f"BEGIN; {_SCHEMA} COMMIT")
        try:
            self.path.hardlink_to(draft)  # unlike a rename, it fails where another process was faster
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)

    def _check(self, connection: Connection) -> None:
        """Refuse what is not a whole history of this format; reads only."""
        query = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'history'"
        if not {("format",), *((table,) for table in _TABLES)} <= set(connection.execute(query).fetchall()):
            raise HistoryError(f"{self.path} is a DuckDB file, but not a run history.")
        (version,) = connection.execute("SELECT version FROM format").fetchone() or (None,)
        if version != FORMAT:
            raise HistoryError(f"{self.path} is a run history of format {version}; this program reads format {FORMAT}.")
        if self._is_short(connection):
            raise HistoryError(f"{self.path} is truncated or damaged; restore a copy.")

    def _is_short(self, connection: Connection) -> bool:
        """Whether rows lie beyond the end of the file, which DuckDB itself notices only when it wants to read them."""
        each = " UNION ALL ".join(f"SELECT block_id FROM pragma_storage_info('{table}')" for table in _TABLES)
        (last,) = connection.execute(f"SELECT coalesce(max(block_id), -1) FROM ({each})").fetchone() or (-1,)
        return bool(self.path.stat().st_size < _HEADERS_BYTES + (last + 1) * _BLOCK_BYTES)

    @contextmanager
    def _saying_why(self) -> Iterator[None]:
        """Turn what DuckDB and the file system raise into one sentence."""
        try:
            if self.path.is_dir():
                raise HistoryError(f"{self.path} is a folder, not a run history.")
            yield
        except duckdb.Error as error:
            raise HistoryError(_reason(self.path, error)) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise HistoryError(f"The run history {self.path} cannot be used: {reason}.") from error


_own: dict[int, Connection] = {}


def _own_database() -> Connection:
    """An empty database of this process, to which a file is attached for a moment.

    That takes a millisecond, and a database instance for each moment twenty. A process that was forked makes its own:
    the threads of the one it was born with are not in it, so that one is neither used nor closed.
    """
    if os.getpid() not in _own:
        _own[os.getpid()] = duckdb.connect(config=_ALONE)
    return _own[os.getpid()]


def _let_go(connection: Connection) -> None:
    """Undo what was not committed, and close the file. An instance that cannot even do that is not used again."""
    try:
        with suppress(duckdb.TransactionException):  # there was none to undo
            connection.execute("ROLLBACK")
        connection.execute("USE memory; DETACH DATABASE IF EXISTS history")
    except duckdb.Error:
        _own.pop(os.getpid()).close()
    finally:
        connection.close()


@contextmanager
def _beside(connection: Connection, place: Path) -> Iterator[None]:
    connection.execute(f"ATTACH {_quoted(place)} AS copy; USE copy")
    try:
        yield
    finally:
        connection.execute("USE history; DETACH copy")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _is_locked(error: duckdb.Error) -> bool:
    return "Could not set lock on file" in str(error)


def _reason(path: Path, error: duckdb.Error) -> str:
    text = str(error).strip().splitlines()[0]
    if "Could not read enough bytes" in text:
        return f"{path} is truncated or damaged; restore a copy."
    if "Cannot open file" in text or "No such file" in text:
        return f"{path} cannot be opened: there is no such file, or its folder is missing or cannot be written."
    return f"The run history {path} cannot be used: {text}"
