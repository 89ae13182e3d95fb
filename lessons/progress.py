"""What a learner has done: a local file of events, one JSON object a line, which is only ever added to.

Whatever a page says of a learner follows from these events. Nothing in them names a person; there is no account.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from engine.errors import InvalidInput, MurmurationError

MOST_BYTES = 20_000_000
"""Of one learner's file: some 60,000 events, a hundred a day for two years."""
MOST_IN_EVENT = 20_000
"""Characters of one event as a line."""
PLACE = "MURMURATION_PROGRESS"
"""Environment variable: the folder with the learners' files; without it var/progress."""
ME = "me"
"""Whoever sits at the machine itself."""
_YEAR_10000_S = 253_402_300_800
_FIELDS = {"id", "at", "kind", "subject", "data"}


def default_path(environ: Mapping[str, str], who: str = ME) -> Path:
    """The file of a learner. `who` has to be checked: it becomes part of the name."""
    return Path(environ.get(PLACE) or "var/progress") / f"{who}.jsonl"


class ProgressError(MurmurationError):
    """A learner's file cannot be read or written."""


@dataclass(frozen=True)
class Event:
    """Something a learner did."""

    id: str
    """32 hex digits, never used twice: that is how an import knows what is there already."""
    at: float
    """Seconds since 1970, UTC."""
    kind: str
    """"predicted", "ran", "changed", "finished": of a lesson. "estimated", "revealed": of a question. "answered": of a
    chart. "hunted": of a hunt. "interviewed": of an interview. "advised" after one, "drilled": of a card."""
    subject: str
    """Of what: the name of a lesson, the id of a question, puzzle, hunt, interview or card."""
    data: Mapping[str, Any]
    """Whatever else there is to know, as JSON has it."""

    @property
    def line(self) -> str:
        """It as one line of JSON, without the line's end."""
        told = {"id": self.id, "at": self.at, "kind": self.kind, "subject": self.subject, "data": dict(self.data)}
        return json.dumps(told, allow_nan=False, separators=(",", ":"))


class Progress:
    """One learner's events, in a file that several tabs and processes may write to at once."""

    def __init__(self, path: Path, now_s: Callable[[], float]) -> None:
        self._path = path
        self._now_s = now_s
        self._lock = Lock()
        self._seen: tuple[int, int, int] | None = None
        self._events: tuple[Event, ...] = ()

    @classmethod
    def open(cls, path: Path, now_s: Callable[[], float]) -> "Progress":
        """The events in a file, which need not be there yet; `now_s` tells the seconds since 1970, UTC.

        Example: `Progress.open(Path("var/progress/me.jsonl"), wall_epoch_s)`.
        """
        return cls(path, now_s)

    @property
    def path(self) -> Path:
        """Where the events are kept."""
        return self._path

    def now_s(self) -> float:
        """Seconds since 1970, UTC, by the clock that dates the events."""
        return self._now_s()

    def append(self, kind: str, subject: str, **data: Any) -> Event:
        """Keep an event, dated now. When this returns it is on the disk.

        Raises:
            InvalidInput: no kind, no subject, or data that JSON does not have; nothing was written.
            ProgressError: the file cannot be written, or is full.
        """
        told = {"id": uuid4().hex, "at": float(self._now_s()), "kind": kind, "subject": subject, "data": data}
        try:
            event = _event(json.loads(json.dumps(told, allow_nan=False)))
        except (TypeError, ValueError, RecursionError) as wrong:
            raise InvalidInput(f"The event {kind!r} of {subject!r} cannot be kept: {wrong}.") from wrong
        with self._locked() as file:
            self._write(file, [event])
        return event

    def events(self, kind: str | None = None, subject: str | None = None) -> tuple[Event, ...]:
        """The events of this kind and subject (None: of any), in the order in which they were written.

        Lines that are no event, such as one torn off when the machine lost power, are passed over.

        Raises:
            ProgressError: the file cannot be read.
        """
        return tuple(event for event in self._read() if kind in (None, event.kind) and subject in (None, event.subject))

    def last(self, kind: str, subject: str) -> Event | None:
        """The event of this kind and subject that was written last."""
        return next(reversed(self.events(kind, subject)), None)

    def export_text(self) -> str:
        """All events, one JSON object a line."""
        return "".join(f"{event.line}\n" for event in self._read())

    def import_text(self, text: str) -> int:
        """Add the events of an export that are not here yet; how many those were.

        Raises:
            InvalidInput: a line is no event (says which), or there are too many; nothing was changed.
            ProgressError: the file cannot be written.
        """
        if len(text) > MOST_BYTES:
            raise InvalidInput(f"The export has {len(text):,} characters; allowed: up to {MOST_BYTES:,}.")
        asked: dict[str, Event] = {}
        for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
            if line.strip():
                event = _imported(line, number)
                asked.setdefault(event.id, event)
        with self._locked() as file:
            there = {event.id for event in _understood(_content(file))}
            fresh = [event for event in asked.values() if event.id not in there]
            if fresh:
                self._write(file, fresh)
        return len(fresh)

    def forget(self) -> None:
        """Throw all events away, for good.

        Raises:
            ProgressError: the file cannot be changed.
        """
        if self._path.exists():
            with self._locked() as file:
                os.ftruncate(file, 0)
                os.fsync(file)

    def _write(self, file: int, events: Sequence[Event]) -> None:
        """Add them at the end of the locked file, in one piece and on the disk; or leave it as it was."""
        size = os.fstat(file).st_size
        # What was torn off must not take the next event with it.
        begin = "\n" if size and os.pread(file, 1, size - 1) != b"\n" else ""
        lines = (begin + "".join(f"{event.line}\n" for event in events)).encode()
        if size + len(lines) > MOST_BYTES:
            raise ProgressError(
                f"Your progress would be over {MOST_BYTES / 1e6:.0f} MB, the most it may be; export it, then forget it."
            )
        if os.write(file, lines) != len(lines):
            os.ftruncate(file, size)
            raise ProgressError("Your progress could not be written: the disk is full.")
        os.fsync(file)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file, for one writer at a time, of all threads and processes."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield file
            finally:
                os.close(file)
        except OSError as failed:
            raise ProgressError(f"Your progress could not be written: {failed.strerror or failed}.") from failed

    def _read(self) -> tuple[Event, ...]:
        """All events; the file is read again when it has changed."""
        with self._lock:
            try:
                state = self._path.stat()
                seen = (state.st_ino, state.st_size, state.st_mtime_ns)
                if seen != self._seen:
                    self._events, self._seen = tuple(_understood(self._path.read_bytes())), seen
            except FileNotFoundError:
                self._events, self._seen = (), None
            except OSError as failed:
                raise ProgressError(f"Your progress could not be read: {failed.strerror or failed}.") from failed
            return self._events


def _content(file: int) -> bytes:
    pieces, at = [], 0
    while piece := os.pread(file, 1 << 20, at):
        pieces.append(piece)
        at += len(piece)
    return b"".join(pieces)


def _understood(content: bytes) -> Iterator[Event]:
    """The events of a file, each once."""
    known: set[str] = set()
    for line in content.split(b"\n"):
        try:
            event = _event(json.loads(line))
        except (ValueError, RecursionError):
            continue
        if event.id not in known:
            known.add(event.id)
            yield event


def _imported(line: str, number: int) -> Event:
    try:
        return _event(json.loads(line))
    except RecursionError:
        reason = "it is nested too deep"
    except json.JSONDecodeError:
        reason = "it is not JSON"
    except ValueError as wrong:
        reason = str(wrong)
    raise InvalidInput(
        f"Line {number} is not an event of an export: {reason}; allowed: a file that Export wrote, unchanged."
    )


def _event(told: Any) -> Event:
    """Raises ValueError where it is none."""
    if not isinstance(told, dict) or set(told) != _FIELDS:
        raise ValueError(f"an event has the fields {', '.join(sorted(_FIELDS))}, and no others")
    id_, at, kind, subject, data = (told[name] for name in ("id", "at", "kind", "subject", "data"))
    if not isinstance(id_, str) or len(id_) != 32 or not set(id_) <= set("0123456789abcdef"):
        raise ValueError("its id has to be 32 hex digits")
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < _YEAR_10000_S:
        raise ValueError("its time has to be in seconds since 1970")
    for name, value in (("kind", kind), ("subject", subject)):
        if not isinstance(value, str) or not 0 < len(value) <= 200:
            raise ValueError(f"its {name} has to be a text of 1 to 200 characters")
    if not isinstance(data, dict):
        raise ValueError("its data has to be an object")
    event = Event(id_, float(at), kind, subject, MappingProxyType(data))
    if len(event.line) > MOST_IN_EVENT:
        raise ValueError(f"it has {len(event.line):,} characters, and up to {MOST_IN_EVENT:,} are allowed")
    return event
