"""A crew (engine/cluster/crew.py) for tests: whoever is killed is replaced, and whoever ends says what was done."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import redis

from datasets.worlds import build_population, preset_config
from engine.clock import SystemWallClock
from engine.cluster import crew as engine_crew
from engine.cluster.keys import Keys
from engine.history import old_posts
from engine.journal.journal import Journal
from tests.cluster.own_redis import OwnRedis

NAME = "kills"
_STARTING_S = 60.0


class Crew(engine_crew.Crew):
    """One served world, its workers and a Redis that lasts. `close` ends whatever is left."""

    def __init__(self, server: OwnRedis, folder: Path, min_idle_ms: int = 400) -> None:
        working = ("--min-idle", str(min_idle_ms), "--block", "200", "--batch", "8", "--patience", "60")
        super().__init__(server, folder, NAME, SystemWallClock(), working=working)
        self.left_jobs = 0
        """Workers that were killed with jobs in their hands."""
        self.killed = 0

    def serve(self, *options: str) -> None:
        """Start the server, and come back when the first posts are accepted and Redis knows the world."""
        super().serve(*options)
        assert self.server
        assert self.until(lambda: self.state() or not self.server.alive, _STARTING_S), "the server takes too long"
        assert self.state(), self.why_it_ended()

    # Harm

    def replace_worker(self, patience_s: float = 3.0) -> None:
        """Kill -9 a worker as soon as one has jobs in its hands, or after a while anyway; another takes its place."""
        self.left_jobs += self.kill_worker(patience_s).held > 0
        self._replaced()

    def replace_any(self, number: int) -> None:
        """Kill -9 the worker of a number, whatever it is doing; another takes its place."""
        self.end_worker(self.workers[number % len(self.workers)])
        self._replaced()

    def _replaced(self) -> None:
        self.killed += 1
        self.hire()

    def kill_redis(self, away_s: float) -> None:
        """Kill -9 Redis; it comes back from its append-only file."""
        self.redis.kill()
        time.sleep(away_s)
        self.redis.start()

    # Ends

    def at_the_end(self) -> dict[str, Any]:
        """What the server says when it is done."""
        assert self.server
        self.server.process.wait(timeout=600)
        said = self.summary()
        assert said is not None, self.why_it_ended()
        return said

    def dismiss(self) -> list[dict[str, Any]]:
        """Tell workers to end; what each of them has done."""
        for worker in self.workers:
            worker.process.send_signal(signal.SIGTERM)
        done = []
        for worker in self.workers:
            status = worker.process.wait(timeout=30)
            if "at work" in worker.err.read_text():  # else it was told before it could listen
                assert status == 0, worker.last_lines()
                done.append(json.loads(worker.out.read_text()))
        self.workers = []
        return done

    def taken_over(self) -> int:
        """Jobs that workers took from dead ones, also those workers that were killed later."""
        client = redis.Redis(port=self.redis.port)
        try:
            return int(client.hget(Keys(NAME).told, "taken_over") or 0)
        finally:
            client.close()

    def accepted(self) -> int:
        """Posts in the journal."""
        with Journal.open(self.journal) as journal:
            return sum(entry.kind == "posted" for entry in journal.entries())


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
