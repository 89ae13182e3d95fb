"""A served world in this process: journal, relay and workers, each made anew whenever one of them is to have died."""

import time
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from datasets.population import Population
from engine.clock import SystemWallClock
from engine.cluster.checked import ServedAudit, compare
from engine.cluster.edges import Edges
from engine.cluster.keys import Keys
from engine.cluster.queue import Queue
from engine.cluster.relay import Relay
from engine.cluster.served import Served, open_journal, store_of
from engine.cluster.worker import Done, Worker, WorkerOptions
from engine.config import WorldConfig
from engine.domain import NO_LIST
from engine.journal.actions import Action
from engine.people import post_key
from engine.timelines.connection import connect
from engine.write_path.strategies import with_strategy
from tests.law.small import population

_number = count(1)
_PATIENCE_S = 5.0


class Place:
    """One world under a name of its own. Whatever is given to `did` is accepted: it is in the journal."""

    def __init__(
        self, url: str, folder: Path, people: Population, strategy: str = "push", knobs: dict[str, Any] | None = None
    ) -> None:
        self.people = people
        self.path = folder / f"world-{next(_number)}.db"
        self.config = with_strategy(WorldConfig(), strategy).with_knobs({"fanout.chunk": 3, **(knobs or {})})
        self.client = connect(url)
        self.keys = Keys(f"t{next(_number)}-{folder.name[-20:].replace('_', '-').lower()}")
        self.queue = Queue(self.client, self.keys)
        self.journal = open_journal(self.path, self.config)
        self.lists = store_of(self.client, self.keys, people.users, self.config.timeline.cap)
        self.edges = Edges(self.client, self.keys, self.lists.follows_key)
        self._at_ns = 0
        self.restart()
        self.relay_all()  # Redis has the world as it opens; what is accepted from now on is fanned out

    def restart(self) -> None:
        """A server that knows nothing but the journal and what Redis says."""
        self.served = Served(self.config, self.people)
        self.relay = Relay(self.journal, self.served, self.queue, self.edges, self.lists, rewind_s=0.0)

    def did(self, *actions: Action) -> list[int]:
        """Accept what people did; the keys that posts have."""
        self._at_ns += 1_000_000
        last = self.journal.append_many([(self._at_ns, action.kind, action.to_json()) for action in actions])
        return [post_key(seq) for seq in range(last - len(actions) + 1, last + 1)]

    def relay_all(self) -> None:
        """Plan whatever is in the journal; also what a step finds forgotten."""
        for _ in range(1_000):
            if not self.relay.step() and self.relay.position == self.journal.last_seq:
                return
        raise AssertionError("the relay does not come to an end")

    def worker(self, name: str = "w", stop: Any = None, **options: Any) -> Worker:
        """A worker that ends when the queue is empty, or will not be; unless it is told when."""
        until = time.monotonic() + _PATIENCE_S
        chosen = WorkerOptions(**{"block_ms": 5, "min_idle_ms": 20, "patience_s": 2.0, **options})
        ends = stop or (lambda: self.queue.depth().jobs == 0 or time.monotonic() > until)
        return Worker(name, self.client, self.keys, SystemWallClock(), ends, chosen)

    def drain(self) -> Done:
        """Everything accepted is planned and applied."""
        self.relay_all()
        return self.worker("drain").run()

    def audit(self) -> ServedAudit:
        """Every list against a world that is made of the journal alone."""
        other = Served(self.config, self.people)
        other.absorb(self.journal.entries())
        other.tables.lists = self.lists
        return compare(other, self.queue, self.edges, self.lists)

    def memory(self, *names: str) -> dict[bytes, bytes]:
        """The keys of this world as they are, those that contain one of the names; all, without names."""
        keys = self.client.keys(f"{self.keys.prefix}*")
        some = [key for key in keys if not names or any(name.encode() in key for name in names)]
        return {key: self.client.dump(key) for key in some}

    def forget(self, before: dict[bytes, bytes], *names: str) -> None:
        """Redis is as it was then, all keys, or those that contain one of the names."""
        for key in self.memory(*names):
            self.client.delete(key)
        for key, value in before.items():
            if not names or any(name.encode() in key for name in names):
                self.client.restore(key, 0, value)

    def as_if_restarted(self) -> None:
        """The server says that it is another process than the one that the relay agreed with."""
        self.client.hset(self.keys.mark, "run", "another process")

    def stored(self) -> dict[int, list[int]]:
        """Each list as Redis has it, ascending; users without one are left out."""
        users = np.arange(self.people.users, dtype=np.int32)
        lists, horizons = self.lists.entries(users), self.lists.horizons(users)
        return {
            user: lists.values[lists.offsets[user] : lists.offsets[user + 1]].tolist()
            for user in users.tolist()
            if horizons[user] != NO_LIST
        }

    def close(self) -> None:
        """Nothing is left on the server."""
        for key in self.client.keys(f"{self.keys.prefix}*"):
            self.client.delete(key)
        self.client.close()
        self.journal.close()


def everybody_follows(n: int, author: int = 0) -> Population:
    """`n` people, all of whom follow one, who follows nobody."""
    return population(n, ((user, author) for user in range(n) if user != author))


def ring(n: int, steps: Iterable[int] = (1, 2)) -> Population:
    """`n` people, each of whom follows the next ones."""
    return population(n, ((user, (user + step) % n) for user in range(n) for step in steps))
