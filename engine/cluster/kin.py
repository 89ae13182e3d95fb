"""Processes that end with this one, however it ends, and a folder that goes with them.

They are a process group, led by a guard that does nothing but wait for its standard input to end. It ends when whoever
holds the other side does, be it by kill -9; then the guard kills the group. Signals that a thread gets or a terminal
sends would not do: threads end sooner than their process, and a server is not always at a terminal.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

_GUARD = """
import os, shutil, signal, sys
group = os.getpgrp()
sys.stdin.buffer.read()
if os.fork():
    os.wait()
else:
    os.setpgid(0, 0)
    os.killpg(group, signal.SIGKILL)
    shutil.rmtree(sys.argv[1], ignore_errors=True)
"""
_ROOT = Path(__file__).parents[2]

Start = Callable[[Sequence[str], Path, Path], "subprocess.Popen[bytes]"]
"""(command, file for its output, file for its errors) -> a process that runs in the project's folder."""


def start_plain(command: Sequence[str], out: Path, err: Path, group: int | None = None) -> "subprocess.Popen[bytes]":
    """Start a process that writes to files, so that nobody has to read for it to go on."""
    with out.open("ab") as its_out, err.open("ab") as its_err:
        return subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=its_out, stderr=its_err, cwd=_ROOT, process_group=group
        )


class Kin:
    """A group of processes around a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        guard = [sys.executable, "-I", "-S", "-c", _GUARD, str(folder)]
        self._guard = subprocess.Popen(guard, stdin=subprocess.PIPE, process_group=0)
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, command: Sequence[str], out: Path, err: Path) -> "subprocess.Popen[bytes]":
        """Start one more."""
        process = start_plain(command, out, err, self._guard.pid)
        self._started = [one for one in self._started if one.poll() is None] + [process]
        return process

    def end(self) -> None:
        """Kill all of them, and remove the folder."""
        assert self._guard.stdin is not None
        with suppress(OSError):
            self._guard.stdin.close()
        for process in [self._guard, *self._started]:
            process.wait()
        rmtree(self._folder, ignore_errors=True)
