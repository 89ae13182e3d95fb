"""A redis-server of one's own, on a free port of this machine: killed as by a power cut, and started again."""

import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from engine.clock import SystemWallClock, WallClock
from engine.cluster.kin import Start, start_plain
from engine.errors import StoreError

BINARY = "redis-server"
LASTING = ("--appendonly", "yes", "--appendfsync", "everysec")
"""What it was told outlives it, but for the last second or two."""
_ATTEMPTS = 5
_PATIENCE_S, _PAUSE_S = 10.0, 0.02
_HIGHEST_PORT = 55_000
"""One in cluster mode takes a second port, 10,000 above."""


def installed() -> bool:
    """Whether this machine has one."""
    return shutil.which(BINARY) is not None


class PrivateRedis:
    """At `url`, with its files in a folder that exists; runs until killed."""

    def __init__(
        self,
        folder: Path,
        options: Sequence[str] = LASTING,
        start: Start = start_plain,
        wall: WallClock | None = None,
    ) -> None:
        """Start it; it answers when this returns.

        Raises:
            StoreError: there is no such program here, or it does not come up.
        """
        path = shutil.which(BINARY)
        if path is None:
            raise StoreError(
                f"There is no {BINARY} on this machine's PATH; install it, or attach to one that runs elsewhere."
            )
        self._binary, self._folder, self._options = path, folder, tuple(options)
        self._start, self._wall = start, wall or SystemWallClock()
        for _ in range(_ATTEMPTS):  # somebody else may take the port first
            self.port = _free_port()
            if self._comes_up():
                return
        raise StoreError(f"{path} does not start; attach to one that runs elsewhere.")

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.process.poll() is None

    def start(self) -> None:
        """Start it again, from its file; it answers when this returns.

        Raises:
            StoreError: it does not come up.
        """
        if not self._comes_up():
            raise StoreError(f"{self._binary} does not start again; see {self._folder / 'redis.log'}.")

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self.process.kill()
        self.process.wait()

    def _comes_up(self) -> bool:
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""]
        log = self._folder / "redis.log"
        self.process: subprocess.Popen[bytes] = self._start([self._binary, *place, *self._options], log, log)
        for _ in range(round(_PATIENCE_S / _PAUSE_S)):
            if not self.running:
                return False
            if self._answers():
                return True
            self._wall.sleep_s(_PAUSE_S)
        self.kill()
        return False

    def _answers(self) -> bool:
        """Whether it is there and has read its file; one that wants a password says so."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as link:
                link.sendall(b"PING\r\n")
                return link.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


def _free_port() -> int:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port < _HIGHEST_PORT:
            return port
