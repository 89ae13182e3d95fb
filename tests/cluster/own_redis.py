"""A redis-server of a test's own: killed as by a power cut, and started again from its append-only file."""

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.conftest import missing

LASTING = ("--appendonly", "yes", "--appendfsync", "everysec")
FORGETFUL = ("--appendonly", "no")


class OwnRedis:
    """At `url`, in a folder; runs until killed."""

    def __init__(self, folder: Path, *options: str) -> None:
        binary = shutil.which("redis-server")
        if not binary:
            missing("no redis-server binary")
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
        self._command = [binary, *place, *(options or FORGETFUL)]
        self.start()

    def start(self) -> None:
        """Start it, or start it again; it answers when this returns."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(500):
            assert self._process.poll() is None, "redis-server ended"
            if self._answers():
                return
            time.sleep(0.02)
        missing("redis-server does not start")

    def _answers(self) -> bool:
        """Whether it is there and has read its file; one that wants a password says so."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as link:
                link.sendall(b"PING\r\n")
                return link.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False

    def hang(self, on: bool) -> None:
        """It is there and says nothing, or goes on."""
        self._process.send_signal(signal.SIGSTOP if on else signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self._process.kill()
        self._process.wait()


def _free_port() -> int:
    """One that leaves room for the second port of a server in cluster mode, 10,000 above."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port < 55_000:
            return port
