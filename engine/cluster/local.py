"""A served world whose processes were started here, in a temporary folder, for somebody who wants to break them."""

import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from engine.clock import WallClock
from engine.cluster.checked import ServedAudit, audit_served
from engine.cluster.crew import Crew
from engine.cluster.keys import Keys
from engine.cluster.kin import Kin
from engine.cluster.picture import Local
from engine.cluster.private_redis import PrivateRedis
from engine.cluster.queue import Queue
from engine.cluster.served import open_journal
from engine.errors import InvalidField, StoreError
from engine.timelines.connection import connect

NAME = "here"
STRATEGIES = ("push", "hybrid")
MOST_WORKERS = 5
MIN_IDLE_MS = 2_000
"""After which a job is taken over. Shorter than by default: somebody is waiting to see it."""
AWAY_S = 3.0
"""How long Redis is away when it is killed."""
_CATCH_S = 1.5
"""How long a worker is waited for that has jobs in its hands just then."""
_WORKING = ("--min-idle", str(MIN_IDLE_MS), "--block", "500", "--patience", "600")
_REST_S = 30.0
"""How long an audit waits for the queue to be empty."""
_HELD_S = 0.25
"""After which a server that was told to hold has stopped accepting."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is started."""

    strategy: str = "push"
    workers: int = 3
    posts: int = 10_000
    per_s: int = 50

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise InvalidField("strategy", f"Strategy is {self.strategy!r}; allowed here: {', '.join(STRATEGIES)}.")
        for name, label, most in (
            ("workers", "Workers", MOST_WORKERS), ("posts", "Posts", 1_000_000), ("per_s", "Posts per second", 2_000)
        ):  # fmt: skip
            value = getattr(self, name)
            if not 1 <= value <= most:
                raise InvalidField(name, f"{label} is {value:,}; allowed: 1 to {most:,}.")


class LocalWorld:
    """Redis, one server and some workers, all of which end with this process. May be asked from any thread."""

    def __init__(self, wanted: Wanted, wall: WallClock) -> None:
        """Start them; they are not all up when this returns.

        Raises:
            StoreError: there is no Redis server to be started.
        """
        self.wanted = wanted
        self._wall = wall
        self._one_at_a_time = threading.RLock()
        self._auditing = threading.Lock()
        self._events: list[tuple[float, str]] = []
        self._returning: threading.Thread | None = None
        with ExitStack() as undo:
            folder = Path(mkdtemp(prefix="murmuration-servers-"))
            self._kin = Kin(folder)
            undo.callback(self._kin.end)
            redis = PrivateRedis(folder, start=self._kin.start, wall=wall)
            self.crew = Crew(redis, folder, NAME, wall, self._kin.start, _WORKING)
            self._serve()
            self.crew.hire(wanted.workers)
            undo.pop_all()

    @property
    def url(self) -> str:
        """Of its Redis."""
        return self.crew.redis.url

    def _serve(self) -> None:
        wanted = self.wanted
        load = ("--posts", str(wanted.posts), "--rate", str(wanted.per_s))
        self.crew.serve("--strategy", wanted.strategy, *load, "--drain", "600", "--no-audit")

    # What happened

    def note(self, what: str) -> None:
        """Remember that something happened now."""
        self._events = [*self._events[-50:], (self._wall.now_s(), what)]

    def events(self) -> list[tuple[float, str]]:
        """(when by the wall clock, what)."""
        return self._events

    def local(self) -> Local:
        """What only this process knows of it."""
        crew = self.crew
        alive = [worker.process.pid for worker in crew.workers if worker.alive]
        ended = crew.server is not None and not crew.server.alive
        return Local(alive, crew.state(), ended, crew.why_it_ended())

    @property
    def redis_away(self) -> bool:
        """It was killed, and is not back yet."""
        return not self.crew.redis.running

    # Harm

    def kill_worker(self) -> str:
        """Kill -9 one, best with jobs in its hands; what came of it, in a sentence.

        Raises:
            StoreError: there is none.
        """
        with self._one_at_a_time:
            killed = self.crew.kill_worker(_CATCH_S)
            self.note("Worker killed")
        if not killed.held:
            return f"Worker {killed.pid} was killed; it had nothing in its hands just then."
        jobs = f"{killed.held} {'job' if killed.held == 1 else 'jobs'}"
        return (
            f"Worker {killed.pid} was killed with {jobs} in its hands. After {MIN_IDLE_MS / 1000:g} s another worker "
            "takes them over."
        )

    def add_worker(self) -> str:
        """Start one more.

        Raises:
            StoreError: there are as many as may be.
        """
        with self._one_at_a_time:
            if sum(worker.alive for worker in self.crew.workers) >= MOST_WORKERS:
                raise StoreError(f"{MOST_WORKERS} workers are at work; allowed here: {MOST_WORKERS}.")
            self.crew.hire()
            self.note("Worker added")
        return "A worker was started; it takes a moment until it asks for work."

    def kill_redis(self) -> str:
        """Kill -9 Redis; it comes back from its file after a while.

        Raises:
            StoreError: it is away already.
        """
        with self._one_at_a_time:
            if self.redis_away:
                raise StoreError("Redis is away already; it comes back in a moment.")
            self.crew.redis.kill()
            self.note("Redis killed")
            self._returning = threading.Thread(target=self._bring_back, name="redis back", daemon=True)
            self._returning.start()
        return f"Redis was killed, and starts again after {AWAY_S:g} s from its append-only file."

    def _bring_back(self) -> None:
        self._wall.sleep_s(AWAY_S)
        with self._one_at_a_time, suppress(StoreError, OSError):
            self.crew.redis.start()

    def post_on(self) -> str:
        """Accept as many posts again.

        Raises:
            StoreError: its server is at it.
        """
        with self._one_at_a_time:
            if self.crew.server is not None and self.crew.server.alive:
                raise StoreError("Its server is still accepting posts.")
            self._serve()
            self.note("Posting on")
        return f"{self.wanted.posts:,} more posts at {self.wanted.per_s} a second."

    # Audit

    def audit(self) -> ServedAudit:
        """Every list against the journal, while the server accepts nothing and nothing is on its way.

        Raises:
            StoreError, JournalError: it cannot be asked, or the queue does not become empty.
        """
        with self._auditing:
            self.crew.hold_server(True)
            self.note("Audit: posts held")
            try:
                self._wait_for_rest()
                return audit_served(self.crew.journal, self.url, NAME)
            finally:
                self.crew.hold_server(False)
                self.note("Posts go on")

    def _wait_for_rest(self) -> None:
        """Until all that was accepted is planned, and all that was planned is done."""
        client = connect(self.url)
        try:
            queue, until_s = Queue(client, Keys(NAME)), self._wall.now_s() + _REST_S
            self._wall.sleep_s(_HELD_S)
            with open_journal(self.crew.journal, None) as journal:
                last = journal.last_seq
            while queue.done_up_to() < last:
                if self._wall.now_s() > until_s:
                    raise StoreError(
                        f"{queue.depth().jobs:,} jobs still wait after {_REST_S:g} s without new posts; add a worker, "
                        "and audit again."
                    )
                self._wall.sleep_s(0.05)
        finally:
            client.close()

    def close(self) -> None:
        """Kill all of it, and remove its folder."""
        self._kin.end()
