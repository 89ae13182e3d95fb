"""Instants at which a process ends itself as `kill -9` would: it is given no time for anything.

    arm("in the commit", after=3, delay_us=120)      # the third time that a person's act is being committed

All of them are put around the engine's own calls from outside, but for "answered", at which lives.py strikes by itself.
"""

import os
import resource
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any

from engine.journal.journal import Journal
from engine.people import People
from engine.world import World
from engine.write_path.accept import Primary
from engine.write_path.fanout import Fanout

POINTS = (
    "before the commit",
    "in the commit",
    "in the write of the commit",
    "after the commit",
    "before the post is known",
    "before the fan-out",
    "answered",
    "in a watermark",
    "in a reset",
    "while it closes",
)
"""Where a world that people act in is struck."""
OPENING = "while it opens"
"""At the n-th of all calls of SQLite and the file system."""
REOPENING = "while it reopens"
"""... and of all steps and acts of a replay."""


class _Armed:
    """Where this process is to end, if anywhere."""

    point: str | None = None
    left = 0
    delay_s = 0.0


def arm(point: str | None, after: int, delay_us: int) -> None:
    """Be struck at `point` the `after`-th time; None: never. With "in ...", `delay_us` after it has begun."""
    _Armed.point, _Armed.left, _Armed.delay_s = point, after, delay_us / 1e6
    if point is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # a write over the limit ends the process; Python had it ignored
        sqlite3.connect = partial(sqlite3.connect, factory=_Struck)
        _around(Primary, "register", "before the post is known")
        _around(World, "publish", None, inside="publishing")
        _around(Fanout, "enqueue", "before the fan-out", only="publishing")
        _around(Journal, "begin_again", None, inside="resetting")
        _around(Path, "rename", OPENING)
        for cls, name in ((World, "step"), (World, "step_writes"), (People, "apply"), (World, "awake")):
            _around(cls, name, REOPENING)


def strike(point: str) -> None:
    """End here, if it is here and now."""
    if _due(point):
        die()


def _due(point: str) -> bool:
    if _Armed.point != point:
        return False
    _Armed.left -= 1
    return _Armed.left == 0


def die() -> None:
    """End now."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)  # it is delivered before this


def _during(action: Callable[[], Any]) -> None:
    """Be struck while `action` runs, or right after it."""
    begun = threading.Event()

    def wait() -> None:
        begun.wait()
        until_s = time.perf_counter() + _Armed.delay_s
        while time.perf_counter() < until_s:
            pass
        die()

    threading.Thread(target=wait, daemon=True).start()
    begun.set()
    action()
    die()


def _torn(action: Callable[[], Any]) -> None:
    """Be struck by a write of the journal or its log, within the bytes that it was to write: the first that goes past
    3 bytes for each us of the delay. The log begins anew once it is folded in, so that is in it or in the folding; or
    right after both, if they stay below."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(_Armed.delay_s * 3e6), resource.RLIM_INFINITY))
    action()
    die()


_inside: set[str] = set()


def _around(cls: type, name: str, point: str | None, inside: str | None = None, only: str | None = None) -> None:
    """Strike before a method, everywhere or only while another runs; or note that it runs."""
    method = getattr(cls, name)

    @wraps(method)
    def around(*args: Any, **named: Any) -> Any:
        if point is not None and (only is None or only in _inside):
            strike(point)
        if inside is None:
            return method(*args, **named)
        _inside.add(inside)
        try:
            return method(*args, **named)
        finally:
            _inside.discard(inside)

    setattr(cls, name, around)


class _Struck(sqlite3.Connection):
    """A connection that is struck at what it is told to do."""

    _acting = _writes = False

    def execute(self, sql: str, *args: Any) -> Any:  # type: ignore[override]
        strike(OPENING)
        strike(REOPENING)
        self._writes |= sql.startswith("PRAGMA synchronous")
        run = partial(super().execute, sql, *args)
        if sql.startswith("INSERT INTO progress") and _due("in a watermark"):
            return _during(run)
        if sql != "COMMIT":
            return run()
        if "resetting" in _inside:
            return _during(run) if _due("in a reset") else run()
        if not self._acting:
            return run()
        self._acting = False
        strike("before the commit")
        if _due("in the commit"):
            return _during(run)
        if _due("in the write of the commit"):
            return _torn(run)
        found = run()
        strike("after the commit")
        return found

    def executemany(self, sql: str, *args: Any) -> Any:  # type: ignore[override]
        strike(OPENING)
        if sql.startswith("INSERT INTO entries"):
            self._acting = True
        return super().executemany(sql, *args)

    def close(self) -> None:
        strike(OPENING)
        strike(REOPENING)
        if self._writes and _due("while it closes"):
            _during(super().close)
        super().close()
