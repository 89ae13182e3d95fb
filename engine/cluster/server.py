"""A served world: accepts posts into its journal, and lets the relay bring them to Redis.

The two know each other only by the journal. Whoever accepts never waits for Redis; while Redis is away posts go on
being accepted, and are fanned out when it is back.
"""

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from engine.clock import NS_PER_MS, WallClock
from engine.cluster.feed import Actions, Feed
from engine.cluster.queue import Depth, Queue
from engine.cluster.relay import Relay
from engine.cluster.served import elapsed_ns, opened_ns
from engine.errors import StoreError
from engine.journal.actions import Posted
from engine.journal.journal import Journal
from engine.observe.histogram import Histogram

_TURN_S, _ASKED_EVERY_S = 0.01, 0.05
_ACCEPTED_AT_ONCE = 500
_LONGEST_PAUSE_S = 1.0
_LAG = "lag:"


class Look(NamedTuple):
    """What was seen of Redis last; what workers counted since this server began."""

    depth: Depth = Depth(0, 0, 0, 0)
    jobs: int = 0
    copies: int = 0
    entered: int = 0
    lags: Histogram = Histogram()
    lags_since: Histogram = Histogram()
    """Of the copies since the look before."""


class RelayThread:
    """The relay at work beside whoever accepts, with a look at the queue once a second."""

    def __init__(self, relay: Relay, queue: Queue, wall: WallClock) -> None:
        self.look = Look()
        self.trouble: str | None = None
        """What keeps the relay from working, in one sentence; None while it works."""
        self.troubled_s = 0.0
        self.queue_peak = 0
        self.failed: BaseException | None = None
        """What ended it; a journal that cannot be read, for one."""
        self._relay, self._queue, self._wall = relay, queue, wall
        self._told_before: dict[str, int] | None = None
        self._told_last: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step at hand."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            pause_s = _TURN_S
            while not self._stop.is_set():
                pause_s = self._turn(pause_s)
        except BaseException as error:
            self.failed = error

    def _turn(self, pause_s: float) -> float:
        """Work until there is nothing to do or something fails; how long to wait after the next failure."""
        began_s = self._wall.now_s()
        try:
            self._work()
            self.trouble = None
            pause_s = _TURN_S
            self._stop.wait(_TURN_S)
        except StoreError as error:
            self.trouble = str(error)
            self._relay.look_again()
            self._stop.wait(pause_s)
            self.troubled_s += self._wall.now_s() - began_s
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        return pause_s

    def _work(self) -> None:
        due_s = self._wall.now_s()
        while not self._stop.is_set():
            handled = self._relay.step()
            self.trouble = None
            if self._wall.now_s() >= due_s:
                due_s = self._wall.now_s() + 1.0
                self._relay.note()
                self._see()
            if not handled:
                self._stop.wait(_TURN_S)

    def _see(self) -> None:
        depth, told = self._queue.depth(), self._queue.told()
        if self._told_before is None:
            self._told_before = self._told_last = told
        before = self._told_before
        jobs, copies, entered = (told.get(name, 0) - before.get(name, 0) for name in ("jobs", "copies", "entered"))
        lags, since = lags_between(told, before), lags_between(told, self._told_last)
        self._told_last = told
        self.queue_peak = max(self.queue_peak, depth.jobs)
        self.look = Look(depth, jobs, copies, entered, lags, since)

    def see_now(self) -> None:
        """One more look, after the thread has ended; what fails is told as trouble."""
        try:
            self._see()
        except StoreError as error:
            self.trouble = str(error)


class Server:
    """One world that accepts what a feed brings."""

    def __init__(
        self,
        journal: Journal,
        relay: Relay,
        queue: Queue,
        feed: Feed,
        seed: int,
        wall: WallClock,
        tell: Callable[[dict[str, Any]], None],
        held: Callable[[], bool] = lambda: False,
    ) -> None:
        """`tell` is given the state once a second. While `held` nothing is accepted, and the feed stands still."""
        self.accepted = 0
        self.relaying = RelayThread(relay, queue, wall)
        self._journal, self._relay, self._queue = journal, relay, queue
        self._feed, self._wall, self._tell, self._held = feed, wall, tell, held
        self._held_s = 0.0
        self._actions = Actions(seed)
        self._opened_ns = opened_ns(journal)
        self._last_ns = journal.reached_ns
        self._began_s = self._told_s = 0.0
        self._entered_last = 0

    def run(self, stop: Callable[[], bool], drain_s: float) -> dict[str, Any]:
        """Serve until the feed is over or `stop`; then wait up to `drain_s` for the queue; the summary.

        After `stop` nothing is waited for but that what was accepted is planned.
        """
        self._began_s = self._told_s = self._wall.now_s()
        self.relaying.start()
        try:
            self._accept_all(stop)
            fed_s = self._wall.now_s() - self._began_s
            drained = self._wait(self._at_rest, drain_s, stop) if not stop() else False
            drained_s = self._wall.now_s() - self._began_s
            self._wait(self._planned, min(drain_s, 5.0), lambda: False)
        finally:
            self.relaying.stop()
        if self.relaying.failed:
            raise self.relaying.failed
        self.relaying.see_now()
        self._tell_now()
        return self._summary(fed_s, drained_s if drained else None)

    def _accept_all(self, stop: Callable[[], bool]) -> None:
        while not stop() and not self._feed.over:
            began_s = self._wall.now_s()
            held = self._held()
            taken = 0 if held else self.accept()
            self._tell_now_and_then()
            if not taken:
                self._wall.sleep_s(_TURN_S)
            if held:
                self._held_s += self._wall.now_s() - began_s

    def accept(self) -> int:
        """Write what has arrived to the journal in one transaction; with that it is accepted. How many entries."""
        since_ns = round((self._wall.now_s() - self._began_s - self._held_s) * 1e9)
        arrivals = self._feed.due(since_ns, _ACCEPTED_AT_ONCE)
        actions = self._actions.of(arrivals, self._journal.last_seq)
        self._last_ns = max(self._last_ns, elapsed_ns(self._opened_ns))  # a wall clock may be set back
        if actions:
            self._journal.append_many([(self._last_ns, action.kind, action.to_json()) for action in actions])
        self.accepted += sum(isinstance(action, Posted) for action in actions)
        return len(arrivals)

    def _wait(self, done: Callable[[], bool], patience_s: float, stop: Callable[[], bool]) -> bool:
        until_s = self._wall.now_s() + patience_s
        while not done():
            if stop() or self._wall.now_s() > until_s or self.relaying.failed:
                return False
            self._tell_now_and_then()
            self._wall.sleep_s(_ASKED_EVERY_S)
        return True

    def _planned(self) -> bool:
        return self._relay.position >= self._journal.last_seq

    def _at_rest(self) -> bool:
        """Everything accepted is planned, and everything planned is done; asked of Redis itself."""
        if not self._planned():
            return False
        try:
            return self._queue.done_up_to() >= self._journal.last_seq
        except StoreError:
            return False

    def _tell_now_and_then(self) -> None:
        if self.relaying.failed:
            raise self.relaying.failed
        if self._wall.now_s() - self._told_s >= 1.0:
            self._tell_now()

    def _tell_now(self) -> None:
        now_s = self._wall.now_s()
        self._tell(self.state(now_s - self._began_s, max(now_s - self._told_s, _TURN_S)))
        self._told_s = now_s

    def state(self, since_s: float, window_s: float) -> dict[str, Any]:
        """How things are; rates and lags are of the last second or so."""
        look, relaying = self.relaying.look, self.relaying
        entered, self._entered_last = look.entered - self._entered_last, look.entered
        return {
            "t_s": round(since_s, 1),
            "accepted": self.accepted,
            "journal": self._journal.last_seq,
            "planned": self._relay.planned,
            "queue_jobs": look.depth.jobs,
            "queue_taken": look.depth.taken,
            "dead_letters": look.depth.dead,
            "workers": look.depth.workers,
            "deliveries": look.entered,
            "deliveries_per_s": round(entered / window_s, 1),
            "lag_ms": _quantiles(look.lags_since),
            "degraded": relaying.trouble,
        }

    def _summary(self, fed_s: float, drained_s: float | None) -> dict[str, Any]:
        look, relay = self.relaying.look, self._relay
        until_s = drained_s or self._wall.now_s() - self._began_s
        return {
            "accepted": self.accepted,
            "entries": self._journal.last_seq,
            "planned": relay.planned,
            "accepted_in_s": round(fed_s, 2),
            "drained": drained_s is not None,
            "drained_in_s": None if drained_s is None else round(drained_s, 2),
            "jobs": look.jobs,
            "copies": look.copies,
            "deliveries": look.entered,
            "deliveries_per_s": round(look.entered / until_s, 1) if until_s else None,
            "lag_ms": _quantiles(look.lags),
            "queue_peak_jobs": self.relaying.queue_peak,
            "queue_jobs": look.depth.jobs,
            "dead_letters": look.depth.dead,
            "rewinds": relay.rewinds,
            "fills": relay.fills,
            "replanned_jobs": relay.replanned_jobs,
            "degraded_s": round(self.relaying.troubled_s, 2),
            "degraded": self.relaying.trouble,
        }


def lags_between(told: dict[str, int], before: dict[str, int]) -> Histogram:
    """Lags as workers counted them from `before` to `told`: the names are the middles of their buckets in ns."""
    counted = [
        (int(name.removeprefix(_LAG)), count - before.get(name, 0)) for name, count in told.items() if _LAG in name
    ]
    lags = Histogram()
    some = np.array([(value, count) for value, count in counted if count > 0], np.int64).reshape(-1, 2)
    lags.add(some[:, 0], some[:, 1])
    return lags


def _quantiles(lags: Histogram) -> dict[str, float | None]:
    """In ms, right to 2 %."""
    named = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    values = {name: lags.quantile(q) for name, q in named.items()}
    return {name: None if value is None else round(value / NS_PER_MS, 2) for name, value in values.items()}
