"""The journal as a file: made whole or not at all, looked at before SQLite may touch it, errors as one sentence."""

import os
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.errors import JournalError

FORMAT = 1
"""Version of the journal's tables; raised when they change."""
_APPLICATION = 0x4D55524D
"""'MURM' in the header of the file: this SQLite database is a journal, not somebody's other data."""
_HEADER_BYTES = 100
FOLD_PAGES, IDLE_FOLD_PAGES = 1, 1000
"""Pages in the log beside the file from which a commit folds it in: at once, so that the file alone has everything but
for an instant, or with what may be lost, now and then."""
_BUSY_S = 2.0


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection to an existing file, usable from any thread, in autocommit mode; durable at every commit."""
    mode = "ro" if read_only else "rw"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    if not read_only:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint={FOLD_PAGES}")
            connection.execute("DELETE FROM meta WHERE 0")  # SQLite opens even what it may not write; here it says so
        except BaseException:
            connection.close()
            raise
    return connection


def create_file(path: Path, schema: str, meta: Iterable[tuple[str, str]]) -> None:
    """Make a new journal: complete under another name first, so that a crash leaves no half of one at `path`."""
    draft = path.with_name(path.name + ".new")
    with saying_why(str(path)):
        draft.unlink(missing_ok=True)
        try:
            _write_draft(draft, schema, meta)
            draft.rename(path)
        except BaseException:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def _write_draft(draft: Path, schema: str, meta: Iterable[tuple[str, str]]) -> None:
    connection = sqlite3.connect(draft, isolation_level=None)
    try:
        connection.execute(f"PRAGMA application_id={_APPLICATION}")
        connection.execute(f"PRAGMA user_version={FORMAT}")
        connection.executescript(f"BEGIN; {schema}")
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _sync_folder(folder: Path) -> None:
    """A new name is on disk only once its folder is: a power cut would forget it, with all that was promised there."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_header(path: Path) -> None:
    """Refuse what is not a whole journal of this format, from its bytes alone.

    SQLite itself would take an empty file for a new database. Source: sqlite.org/fileformat2.html, section 1.3.
    """
    with saying_why(str(path)):
        if not path.exists():
            raise JournalError(f"There is no journal at {path}.")
        if path.is_dir():
            raise JournalError(f"{path} is a folder, not a journal.")
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
        size = path.stat().st_size
    if not header.startswith(b"SQLite format 3\0"):
        raise JournalError(f"{path} is not a journal: it is not a SQLite database.")
    if len(header) < _HEADER_BYTES:
        raise JournalError(f"{path} is truncated: it ends within its header.")
    (page,) = struct.unpack_from(">H", header, 16)
    (changes, pages) = struct.unpack_from(">II", header, 24)
    (version,) = struct.unpack_from(">I", header, 60)
    (application,) = struct.unpack_from(">I", header, 68)
    (counted_at,) = struct.unpack_from(">I", header, 92)
    if application != _APPLICATION:
        raise JournalError(f"{path} is a SQLite database, but not a journal of Murmuration.")
    check_format(path, version)
    # A crash while the log was folded in may leave a short file that the log beside it makes whole.
    log = path.with_name(path.name + "-wal")
    whole = changes != counted_at or size >= pages * (65536 if page == 1 else page)
    if not whole and not (log.exists() and log.stat().st_size):
        raise JournalError(f"{path} is truncated: {size:,} bytes of {pages * page:,} are left.")


def check_format(path: Path, version: int) -> None:
    """Refuse a journal whose tables are of another version."""
    if version != FORMAT:
        raise JournalError(f"{path} is a journal of format {version}; this program reads format {FORMAT}.")


@contextmanager
def saying_why(name: str) -> Iterator[None]:
    """Turn what SQLite and the file system raise into a `JournalError` in one sentence."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError) as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
            raise JournalError(f"Another program has written to {name}; close one of the two.") from error
        raise JournalError(f"The journal {name} was closed, or given what it cannot hold: {error}.") from error
    except sqlite3.Error as error:
        raise JournalError(_reason(name, error)) from error
    except OSError as error:
        raise JournalError(f"The journal {name} cannot be used: {error.strerror or error}.") from error


def _reason(name: str, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    sentences = {
        sqlite3.SQLITE_FULL: f"The disk of {name} is full; nothing was written: make room, and try again.",
        sqlite3.SQLITE_IOERR: f"The disk of {name} cannot be written or read; nothing was changed: check the disk.",
        sqlite3.SQLITE_READONLY: f"{name} or its folder is read-only; a journal must be writable.",
        sqlite3.SQLITE_CANTOPEN: f"{name} cannot be opened: its folder is missing or read-only.",
        sqlite3.SQLITE_BUSY: f"{name} is locked by another program; close it and try again.",
        sqlite3.SQLITE_NOTADB: f"{name} is not a journal: it is not a SQLite database.",
        sqlite3.SQLITE_CORRUPT: f"{name} is damaged; restore a copy.",
    }
    return sentences.get(code, f"The journal {name} cannot be used: {error}.")
