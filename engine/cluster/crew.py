"""Real processes around one served world: a Redis of their own, a server, workers; and somebody who kills them."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from engine.clock import WallClock
from engine.cluster.keys import Keys
from engine.cluster.kin import Start, start_plain
from engine.cluster.private_redis import PrivateRedis
from engine.cluster.queue import Queue
from engine.errors import StoreError
from engine.timelines.connection import connect

Seen = TypeVar("Seen")
_LOOK_S = 0.002
_TAIL = 8_192


class Hand(NamedTuple):
    """One process, and where what it says is kept."""

    process: "subprocess.Popen[bytes]"
    out: Path
    err: Path

    @property
    def alive(self) -> bool:
        """Whether it is there."""
        return self.process.poll() is None

    def last_lines(self) -> list[str]:
        """The last ones that it wrote to standard error."""
        with self.err.open("rb") as said:
            said.seek(0, 2)
            said.seek(max(0, said.tell() - _TAIL))
            return said.read().decode(errors="replace").splitlines()


class Killed(NamedTuple):
    """A worker that was killed, and how many jobs were in its hands."""

    pid: int
    held: int


class Crew:
    """One served world. `close` ends whatever is left of it, but for Redis."""

    def __init__(
        self,
        redis: PrivateRedis,
        folder: Path,
        name: str,
        wall: WallClock,
        start: Start = start_plain,
        working: Sequence[str] = (),
    ) -> None:
        """`working`: how workers work, as options of `python -m engine worker`."""
        self.redis, self.folder, self.name = redis, folder, name
        self.journal = folder / "journal.db"
        self.workers: list[Hand] = []
        self.server: Hand | None = None
        self._wall, self._start_process, self._working = wall, start, list(working)
        self._number = 0

    def hire(self, count: int = 1) -> None:
        """Start workers."""
        self.workers += [self._start("worker", *self._working) for _ in range(count)]

    def serve(self, *options: str) -> None:
        """Start the server; it brings the world to Redis first."""
        self.server = self._start("serve-world", "--journal", str(self.journal), *options)

    def _start(self, *command: str) -> Hand:
        self._number += 1
        out, err = (self.folder / f"{command[0]}-{self._number}.{end}" for end in ("out", "err"))
        whole = [sys.executable, "-m", "engine", *command, "--redis", self.redis.url, "--name", self.name]
        return Hand(self._start_process(whole, out, err), out, err)

    # Harm

    def kill_worker(self, patience_s: float) -> Killed:
        """Kill -9 a worker as soon as one has jobs in its hands, or after a while anyway.

        Raises:
            StoreError: there is none.
        """
        self.workers = [worker for worker in self.workers if worker.alive]
        if not self.workers:
            raise StoreError("No worker is left to be killed; add one.")
        found = self.until(self._caught, patience_s)
        worker, held = found or (self.workers[0], 0)
        return self.end_worker(worker, held)

    def end_worker(self, worker: Hand, held: int = 0) -> Killed:
        """Kill -9 this one, whatever it is doing."""
        worker.process.kill()
        worker.process.wait()
        self.workers.remove(worker)
        return Killed(worker.process.pid, held)

    def _caught(self) -> tuple[Hand, int] | None:
        """A worker with jobs in its hands, which stands still and so cannot finish them; and how many."""
        held = self.held()
        for worker in self.workers:
            if held.get(worker.process.pid, 0) and worker.alive:
                worker.process.send_signal(signal.SIGSTOP)
                if jobs := self.held().get(worker.process.pid, 0):
                    return worker, jobs
                worker.process.send_signal(signal.SIGCONT)
        return None

    def held(self) -> dict[int, int]:
        """Jobs in the name of each process; empty where Redis is away or knows of none."""
        with suppress(StoreError):
            client = connect(self.redis.url)
            try:
                return {pid_of(one.name): one.pending for one in Queue(client, Keys(self.name)).consumers()}
            finally:
                client.close()
        return {}

    def kill_server(self) -> None:
        """Kill -9 the server."""
        assert self.server
        self.server.process.kill()
        self.server.process.wait()

    def hold_server(self, on: bool) -> None:
        """The server accepts nothing, and plans what it has accepted; or it goes on. Ended ones are left alone.

        Raises:
            StoreError: it is still starting.
        """
        if self.server is None or not self.server.alive:
            return
        if not self.state():
            raise StoreError("The server is still bringing its world to Redis; try again in a moment.")
        self.server.process.send_signal(signal.SIGUSR1 if on else signal.SIGUSR2)

    # What they say

    def state(self) -> dict[str, Any]:
        """What the server said last of how things are, once a second; empty before its first word."""
        if self.server is None:
            return {}
        for line in reversed(self.server.last_lines()):
            with suppress(ValueError):
                said = json.loads(line)
                if isinstance(said, dict):
                    return said
        return {}

    def summary(self) -> dict[str, Any] | None:
        """What the server said at its end; None while it runs, or if it failed."""
        if self.server is None or self.server.alive or not (said := self.server.out.read_text()):
            return None
        summary: dict[str, Any] = json.loads(said)
        return summary

    def why_it_ended(self) -> str | None:
        """The sentence with which the server failed; None if it runs or has done all it should."""
        if self.server is None or self.server.alive or self.server.process.returncode == 0:
            return None
        status = self.server.process.returncode
        if status < 0:
            return f"The server was killed (signal {-status})."
        return next(
            (line.removeprefix("error: ") for line in reversed(self.server.last_lines()) if line.startswith("error: ")),
            f"The server ended with status {status}.",
        )

    # Ends

    def close(self) -> None:
        """End what is left, at once."""
        for hand in [*self.workers, *([self.server] if self.server else [])]:
            if hand.alive:
                hand.process.kill()
            hand.process.wait()
        self.workers = []

    def until(self, look: Callable[[], Seen | None], patience_s: float) -> Seen | None:
        """What is seen first, if anything is in time."""
        until_s = self._wall.now_s() + patience_s
        while not (found := look()) and self._wall.now_s() < until_s:
            self._wall.sleep_s(_LOOK_S)
        return found


def pid_of(worker: str) -> int:
    """The process of a worker, by its name: HOST-PID-...; 0 where it is called otherwise."""
    parts = worker.split("-")
    return int(parts[-2]) if len(parts) >= 3 and parts[-2].isdecimal() else 0
