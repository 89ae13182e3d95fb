"""Disks that take nothing more and files that may not be written, under a world in which people act."""

import ctypes
import errno
import logging
import os
import resource
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from engine.live import LiveWorld, scheduler
from engine.live.commands import perform
from tests.faults.lives import CONFIG, Say, refusal, seen, worlds_in

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
"""Of unshare(2)."""
_CAPABILITIES_3 = 0x20080522
"""Version of the structures of capset(2)."""
_SMALL = 1 << 19

ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "post": ("act", {"what": "post", "user": 3, "text": "for which there is no room"}),
    "reply": ("act", {"what": "reply", "user": 3, "post": 0, "text": "nor for this"}),
    "repost": ("act", {"what": "repost", "user": 3, "post": 0}),
    "like": ("act", {"what": "like", "user": 3, "post": 0}),
    "follow": ("act", {"what": "follow", "user": 1, "other": 280}),
    "unfollow": ("act", {"what": "unfollow", "user": 2, "other": 0}),
    "delete": ("act", {"what": "delete", "user": 1, "post": 0}),
    "block": ("act", {"what": "block", "user": 3, "other": 0}),
    "mute": ("act", {"what": "mute", "user": 3, "other": 0}),
    "knobs": ("knobs", {"set": {"workers.count": 7}}),
    "strategy": ("strategy", {"name": "pull"}),
    "inject": ("inject", {"name": "celebrity"}),
    "break": ("break", {"fault": "workers_gone+9x0.5"}),
}
"""One of each, refused; post 0 stands for the one that was made before."""
RESET = ("reset", {})
"""Makes room, so that a disk may take it."""


class Limit:
    """A disk on which no file may be written, by the process's limit of file sizes."""

    def fill(self) -> None:
        """No room."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def free(self) -> None:
        """Room again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class Tmpfs:
    """A disk of half a megabyte in memory, mounted for this process alone."""

    def __init__(self, folder: str) -> None:
        """Raises OSError where one may not mount."""
        libc = ctypes.CDLL(None, use_errno=True)
        ours = 0 if os.geteuid() == 0 else _CLONE_NEWUSER
        options = f"size={_SMALL}".encode()
        if libc.unshare(_CLONE_NEWNS | ours) or libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, options):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        self._filler = Path(folder, "filler")

    def fill(self) -> None:
        """No room."""
        with self._filler.open("ab", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def free(self) -> None:
        """Room again."""
        self._filler.unlink()


DISKS: dict[str, Callable[[str], Limit | Tmpfs]] = {"limit": lambda _: Limit(), "tmpfs": Tmpfs}


class _Errors(logging.Handler):
    """What the scheduler logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []
        logging.getLogger("engine").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def full_disk(say: Say, folder: str, disk: str) -> None:
    """Act in a world whose disk fills up and is emptied again; close it while it is full, and reopen it."""
    try:
        room = DISKS[disk](folder)
    except OSError as error:
        say({"skip": f"no tmpfs here: {error.strerror}"})
        return
    scheduler.LONGEST_WAIT_S, errors = 0.02, _Errors()
    worlds = worlds_in(folder)
    live = worlds.open(CONFIG)
    made = perform(live, {"do": "act", "what": "post", "user": 1, "text": "before"})["post"]["id"]
    before = live.ask(seen)
    room.fill()
    small = [{"do": "act", "what": what, "user": 9, "other": 8} for what in ("mute", "unmute")]
    for act in cycle(small):  # what was made for the file already takes a little more
        if refusal(partial(perform, live, act)):
            break
        before = live.ask(seen)
    refused = {name: refusal(partial(perform, live, _about(act, made))) for name, act in ACTS.items()}
    if disk == "limit":
        refused |= {"reset": refusal(partial(perform, live, _about(RESET, made)))}
    full = live.ask(seen)
    page = perform(live, {"do": "page", "what": "profile", "user": 1, "author": 1})["posts"]
    ran_ns = _ran_ns(live, 0.3)
    room.free()
    perform(live, {"do": "act", "what": "post", "user": 3, "text": "after"})
    after = live.ask(seen)
    room.fill()
    home = Path(folder, live.id)
    worlds.stop()
    room.fill()  # closing makes some
    closed = untouched(home)
    refused |= {"reopen": refusal(partial(worlds_in(folder).reopen, live.id))}
    refused |= {"open": refusal(partial(worlds_in(folder).open, CONFIG))}
    same = untouched(home) == closed
    left = sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())
    room.free()
    again = worlds_in(folder).reopen(live.id).ask(seen)
    say({
        "before": before, "full": full, "after": after, "again": again, "refused": refused, "page": page,
        "ran_ns": ran_ns, "errors": errors.said, "same": same, "left": left, "world": live.id,
    })  # fmt: skip


def _about(act: tuple[str, dict[str, Any]], post: int) -> dict[str, Any]:
    do, told = act
    return {"do": do, **told, **({"post": post} if "post" in told else {})}


def _ran_ns(live: LiveWorld, wall_s: float) -> int:
    """How far the world comes meanwhile."""
    begun_ns = live.do(lambda world: world.now_ns)
    time.sleep(wall_s)
    return live.do(lambda world: world.now_ns) - begun_ns


def read_only(say: Say, folder: str, world: str) -> None:
    """Without the privileges of an administrator, reopen a world and open a new one."""
    _give_up_privileges()
    reopened = refusal(partial(worlds_in(folder).reopen, world))
    say({"reopen": reopened, "open": refusal(partial(worlds_in(folder).open, CONFIG))})


def _give_up_privileges() -> None:
    """File modes bind this process from now on, whoever it is."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, none = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0), (ctypes.c_uint32 * 6)()
    if libc.capset(header, none):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def untouched(home: Path) -> dict[str, list[Any]]:
    """Bytes and time of writing of the journals there, and of their logs: what must stay as it was.

    The index of the log (-shm) is no part of it: whoever opens the file makes it again; and an empty log says nothing.
    """
    paths = [path for path in sorted(home.iterdir()) if not path.name.endswith("-shm") and path.stat().st_size]
    return {path.name: [path.read_bytes().hex(), path.stat().st_mtime_ns] for path in paths}
