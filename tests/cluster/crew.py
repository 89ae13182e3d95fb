"""Real processes: a server, its workers, and somebody who kills them."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import redis

from datasets.worlds import build_population, preset_config
from engine.cluster.queue import GROUP
from engine.history import old_posts
from engine.journal.journal import Journal
from tests.cluster.own_redis import OwnRedis

NAME = "kills"
_JOBS = f"mm:{NAME}:{{q}}:jobs"


class Crew:
    """One served world, three workers and a Redis that lasts. `close` ends whatever is left."""

    def __init__(self, server: OwnRedis, folder: Path, min_idle_ms: int = 400) -> None:
        self.redis, self.folder = server, folder
        self.journal = folder / "journal.db"
        self.left_jobs = 0
        """Workers that were killed with jobs in their hands."""
        self.killed = 0
        self._min_idle_ms = min_idle_ms
        self._workers: list[subprocess.Popen[str]] = []
        self._server: subprocess.Popen[str] | None = None

    def hire(self, count: int = 1) -> None:
        """Start workers."""
        how = ["--min-idle", str(self._min_idle_ms), "--block", "200", "--batch", "8", "--patience", "60"]
        self._workers += [self._start("worker", *how) for _ in range(count)]

    def serve(self, *options: str) -> None:
        """Start the server, and come back when the first posts are accepted and Redis knows the world."""
        self._server = self._start("serve-world", "--journal", str(self.journal), *options)
        assert self._server.stderr
        for line in self._server.stderr:
            if line.startswith("{"):
                return
        raise AssertionError(f"serve-world ended with {self._server.wait()}")

    def _start(self, *command: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "engine", *command, "--redis", self.redis.url, "--name", NAME],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip

    # Harm

    def kill_worker(self, patience_s: float = 3.0) -> None:
        """Kill -9 a worker as soon as one has jobs in its hands, or after a while anyway; another takes its place."""
        busy = self._until(self._caught, patience_s)
        self.left_jobs += busy is not None
        self.kill_any(busy or self._workers[0])

    def kill_any(self, victim: "subprocess.Popen[str] | int") -> None:
        """Kill -9 a worker, or that of a number, whatever it is doing."""
        if isinstance(victim, int):
            victim = self._workers[victim % len(self._workers)]
        victim.kill()
        victim.communicate()
        self._workers.remove(victim)
        self.killed += 1
        self.hire()

    def _caught(self) -> "subprocess.Popen[str] | None":
        """A worker with jobs in its hands, which stands still and so cannot finish them."""
        held = self._held()
        for worker in self._workers:
            if held.get(worker.pid, 0):
                worker.send_signal(signal.SIGSTOP)
                if self._held().get(worker.pid, 0):
                    return worker
                worker.send_signal(signal.SIGCONT)
        return None

    def _held(self) -> dict[int, int]:
        """Jobs in the name of each process; the name of a worker is HOST-PID-..."""
        client = redis.Redis(port=self.redis.port)
        try:
            found = client.xinfo_consumers(_JOBS, GROUP)
        except redis.RedisError:
            return {}
        finally:
            client.close()
        return {int(one["name"].decode().split("-")[-2]): int(one["pending"]) for one in found}

    def kill_redis(self, away_s: float) -> None:
        """Kill -9 Redis; it comes back from its append-only file."""
        self.redis.kill()
        time.sleep(away_s)
        self.redis.start()

    def kill_server(self) -> None:
        """Kill -9 the server."""
        assert self._server
        self._server.kill()
        self._server.communicate()

    # Ends

    def summary(self) -> dict[str, Any]:
        """What the server says when it is done."""
        assert self._server
        out, err = self._server.communicate(timeout=600)
        assert self._server.returncode == 0, err[-2_000:]
        summary: dict[str, Any] = json.loads(out)
        return summary

    def dismiss(self) -> list[dict[str, Any]]:
        """Tell workers to end; what each of them has done."""
        for worker in self._workers:
            worker.send_signal(signal.SIGTERM)
        done = []
        for worker in self._workers:
            out, err = worker.communicate(timeout=30)
            if "at work" in err:  # else it was told before it could listen
                assert worker.returncode == 0, err[-2_000:]
                done.append(json.loads(out))
        self._workers = []
        return done

    def close(self) -> None:
        """End what is left, at once."""
        for process in [*self._workers, *([self._server] if self._server else [])]:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def accepted(self) -> int:
        """Posts in the journal."""
        with Journal.open(self.journal) as journal:
            return sum(entry.kind == "posted" for entry in journal.entries())

    @staticmethod
    def _until(look: Callable[[], Any], patience_s: float) -> Any:
        until = time.monotonic() + patience_s
        while not (found := look()) and time.monotonic() < until:
            time.sleep(0.002)
        return found


def lists_of(server: OwnRedis, users: int) -> list[list[int]]:
    """Every list as Redis has it, ascending, by nothing but ZRANGE."""
    client = redis.Redis(port=server.port)
    try:
        with client.pipeline(transaction=False) as pipe:
            for user in range(users):
                pipe.zrange(f"mm:{NAME}:{{{user % 32}}}:tl:{user}", 1, -1)
            return [[int(row) for row in rows] for rows in pipe.execute()]
    finally:
        client.close()


def oracle(journal: Path, cap: int = 800) -> list[list[int]]:
    """The same from the graph and the journal, for a classroom under push where nobody follows anybody new."""
    config = preset_config("classroom", seed=7)
    people = build_population(config)
    old = old_posts(people, config.seed)
    authors = old.author[: old.size].tolist()
    with Journal.open(journal) as opened:
        authors += [entry.body["user"] for entry in opened.entries() if entry.kind == "posted"]
    rows_of: list[list[int]] = [[] for _ in range(people.users)]
    for row, author in enumerate(authors):
        rows_of[author].append(row)
    followees = people.graph.followees(np.arange(people.users))
    lists = []
    for user in range(people.users):
        followed = followees.values[followees.offsets[user] : followees.offsets[user + 1]].tolist()
        rows = [row for author in [user, *followed] for row in rows_of[author]]
        lists.append(sorted(rows)[-cap:])
    return lists
