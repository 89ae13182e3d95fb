"""The events of one interview: a local file, one JSON object a line, which is only ever added to.

Several tabs and processes may write at once: who decides from what was written so far does so while nobody else can.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import Any
from uuid import uuid4

from engine.errors import InvalidInput, MurmurationError

MOST_BYTES = 50_000_000
"""Of one interview's file: some hundred times what forty-five minutes of typing leave."""
MOST_IN_EVENT = 2_000_000
"""Bytes of one event as a line: seven sheets with as much text as they take."""
PROCESS = uuid4().hex[:12]
"""Names this process in the events that it writes: while a process lives, the clock runs."""
_YEAR_10000_S = 253_402_300_800
_SHORT = 50_000
_FIELDS = {"id", "at", "by", "kind", "data"}

Told = tuple[str, Mapping[str, Any]]
"""A kind of event, and what there is to know of it, as JSON has it."""


class SittingError(MurmurationError):
    """The file of an interview cannot be read or written."""


@dataclass(frozen=True, eq=False)
class Event:
    """Something that happened in an interview; as itself a key, so that what it says is made out once."""

    id: str
    """32 hex digits, never used twice."""
    at: float
    """Seconds since 1970, UTC."""
    by: str
    """The process that wrote it."""
    kind: str
    data: Mapping[str, Any]


class Log:
    """One interview's events, in their file."""

    def __init__(self, path: Path, now_s: Callable[[], float], process: str = PROCESS) -> None:
        """`now_s` tells the seconds since 1970, UTC; `process` names the writer."""
        self._path = path
        self._now_s = now_s
        self._process = process
        self._lock = RLock()
        self._forget()

    @property
    def process(self) -> str:
        """The name under which it writes."""
        return self._process

    def now_s(self) -> float:
        """Seconds since 1970, UTC, by the clock that dates the events."""
        return float(self._now_s())

    def events(self) -> tuple[Event, ...]:
        """All events, in the order in which they were written.

        Lines that are no event, such as one torn off when the machine lost power, are passed over.

        Raises:
            SittingError: the file cannot be read.
        """
        with self._lock:
            try:
                file = os.open(self._path, os.O_RDONLY)
            except FileNotFoundError:
                self._forget()
                return ()
            except OSError as failed:
                raise SittingError(f"The interview could not be read: {failed.strerror or failed}.") from failed
            try:
                return self._read(file)
            except OSError as failed:
                raise SittingError(f"The interview could not be read: {failed.strerror or failed}.") from failed
            finally:
                os.close(file)

    def add(self, decide: Callable[[tuple[Event, ...]], Sequence[Told]]) -> tuple[Event, ...]:
        """Add the events that `decide` makes of those there are. When this returns they are on the disk.

        `decide` may raise; nothing is written then.

        Raises:
            InvalidInput: what JSON does not have, or too much of it; nothing was written.
            SittingError: the file cannot be written, or is full.
        """
        with self._lock, self._locked() as file:
            told = decide(self._read(file))
            events = [Event(uuid4().hex, self.now_s(), self._process, kind, dict(data)) for kind, data in told]
            if events:
                self._write(file, [_line(event) for event in events])
            return tuple(events)

    def _write(self, file: int, lines: Sequence[bytes]) -> None:
        """Add them at the end of the locked file, in one piece and on the disk; or leave it as it was."""
        size = os.fstat(file).st_size
        # What was torn off must not take the next event with it.
        begin = b"\n" if size and os.pread(file, 1, size - 1) != b"\n" else b""
        content = begin + b"".join(line + b"\n" for line in lines)
        if size + len(content) > MOST_BYTES:
            raise SittingError(f"This interview would be over {MOST_BYTES / 1e6:.0f} MB, the most that it may be.")
        if os.write(file, content) != len(content):
            os.ftruncate(file, size)
            raise SittingError("The interview could not be written: the disk is full.")
        os.fsync(file)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file, for one writer at a time, of all threads and processes."""
        try:
            file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as failed:
            raise SittingError(f"The interview could not be written: {failed.strerror or failed}.") from failed
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        except OSError as failed:
            raise SittingError(f"The interview could not be written: {failed.strerror or failed}.") from failed
        finally:
            os.close(file)

    def _forget(self) -> None:
        self._inode, self._offset = -1, 0
        self._events: tuple[Event, ...] = ()
        self._known: set[str] = set()

    def _read(self, file: int) -> tuple[Event, ...]:
        """All events; only what was added since the last time is read."""
        status = os.fstat(file)
        if status.st_ino != self._inode or status.st_size < self._offset:
            self._forget()
            self._inode = status.st_ino
        pieces, at = [], self._offset
        while piece := os.pread(file, 1 << 20, at):
            pieces.append(piece)
            at += len(piece)
        # A last line without its end may still be written to.
        whole = b"".join(pieces).rpartition(b"\n")[0]
        fresh = []
        for line in whole.split(b"\n") if whole else ():
            event = _event(line)
            if event is not None and event.id not in self._known:
                self._known.add(event.id)
                fresh.append(event)
        self._offset += len(whole) + 1 if whole else 0
        if fresh:
            self._events = (*self._events, *fresh)
        return self._events


def _line(event: Event) -> bytes:
    told = {"id": event.id, "at": event.at, "by": event.by, "kind": event.kind, "data": event.data}
    try:
        line = json.dumps(told, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as wrong:
        raise InvalidInput(f"The event {event.kind!r} cannot be kept: {wrong}.") from wrong
    if len(line) > MOST_IN_EVENT:
        raise InvalidInput(f"{len(line):,} bytes at once are too many; allowed: up to {MOST_IN_EVENT:,}.")
    return line


def _event(line: bytes) -> Event | None:
    """None where it is none. A page opens the file anew at each click, and most lines were read before."""
    return _known(line) if len(line) <= _SHORT else _parsed(line)


def _parsed(line: bytes) -> Event | None:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or set(told) != _FIELDS or not isinstance(told["data"], dict):
        return None
    at, words = told["at"], (told["id"], told["by"], told["kind"])
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < _YEAR_10000_S:
        return None
    if not all(isinstance(word, str) and 0 < len(word) <= 100 for word in words):
        return None
    return Event(words[0], float(at), words[1], words[2], told["data"])


_known = lru_cache(maxsize=8192)(_parsed)
