"""A worker: takes jobs, reads their followers page by page, writes the copies, and only then says done.

Killed at any instant it has done a job or it has not: a job that is not done is taken over by another worker, and a
copy that is there already stays what it is.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from engine.clock import WallClock
from engine.cluster.edges import Edges, Span
from engine.cluster.keys import Keys
from engine.cluster.queue import NotServed, Queue, Taken
from engine.cluster.served import elapsed_ns, store_of
from engine.domain import I64
from engine.errors import StoreError, StoreFull, StoreUnreachable
from engine.observe.histogram import Histogram

_FOLLOWERS_AT_ONCE = 1_000
_CLAIMED_AT_ONCE = 64
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0


class WorkerOptions(NamedTuple):
    """How a worker goes about its work."""

    batch: int = 16
    """Jobs taken at a time, at most."""
    block_ms: int = 1_000
    """How long a poll waits for a first job."""
    min_idle_ms: int = 5_000
    """Whoever has had a job for longer is taken to be dead, or to have failed at it."""
    patience_s: float = 60.0
    """How long to wait for a server, or a world on it, before giving up."""


class Done(NamedTuple):
    """What a worker has done so far."""

    jobs: int = 0
    copies: int = 0
    """Offered to lists."""
    entered: int = 0
    """Of those, let in: neither there already, nor below the horizon, nor of a follow that has ended."""
    taken_over: int = 0
    dead: int = 0


class Worker:
    """One consumer of the queue of one world."""

    def __init__(
        self, name: str, client: Any, keys: Keys, wall: WallClock, stop: Callable[[], bool], options: WorkerOptions
    ) -> None:
        """`stop` is asked between batches."""
        self.name = name
        self.total = Done()
        self._queue = Queue(client, keys)
        self._client, self._keys = client, keys
        self._wall, self._stop, self._options = wall, stop, options
        self._claim_due_s = self._well_s = 0.0
        self._held: list[Taken] = []
        """Taken, and not yet done: what was in hand when Redis went away."""

    def run(self) -> Done:
        """Work until told to stop; the batch in hand is finished first.

        Raises:
            StoreError: no server or no world for longer than the patience, or a password that is refused.
        """
        self._well_s = self._wall.now_s()
        while not self._stop():
            try:
                self._work()
            except (StoreUnreachable, StoreFull, NotServed) as error:
                self._wait(error)
        with suppress(StoreError):
            self._queue.leave(self.name)
        return self.total

    def _wait(self, error: StoreError) -> None:
        """Longer and longer, as long as there is patience; what is in hand stays there."""
        ill_s = self._wall.now_s() - self._well_s
        if ill_s > self._options.patience_s:
            raise error
        if isinstance(error, StoreFull) and self._held:
            with suppress(StoreError):
                self._queue.keep(self.name, [one.id for one in self._held])
        longest_s = min(_LONGEST_PAUSE_S, self._options.min_idle_ms / 4_000)
        self._wall.sleep_s(min(max(ill_s, _FIRST_PAUSE_S), longest_s))

    def _work(self) -> None:
        """Batch after batch, as long as all is well."""
        world = self._queue.world()
        if not world:
            raise NotServed(
                f"No world {self._keys.name!r} is served there; start `python -m engine serve-world` first."
            )
        store = store_of(self._client, self._keys, int(world["users"]), int(world["cap"]))
        edges = Edges(self._client, self._keys, store.follows_key)
        batches = _Batches(store.push_followed, edges, int(world["opened_ns"]))
        while not self._stop():
            if not self._held:
                self._held = self._take_over() or self._queue.take(
                    self.name, self._options.batch, self._options.block_ms
                )
            if self._held:
                self._apply(batches, self._held, int(world["max_attempts"]))
                self._held = []
            self._well_s = self._wall.now_s()

    def _take_over(self) -> list[Taken]:
        """Now and then: jobs of workers that died, or failed at them."""
        now_s = self._wall.now_s()
        if now_s < self._claim_due_s:
            return []
        start, found = self._queue.claim(self.name, self._options.min_idle_ms, _CLAIMED_AT_ONCE)
        if start == "0-0":
            self._claim_due_s = now_s + self._options.min_idle_ms / 2_000
        self.total = self.total._replace(taken_over=self.total.taken_over + len(found))
        return found

    def _apply(self, batches: "_Batches", taken: list[Taken], max_attempts: int) -> None:
        """Apply jobs together; if one of them cannot be, each by itself."""
        spent = [one for one in taken if one.attempt > max_attempts]
        for one in spent:
            self._give_up(one, f"handed out {one.attempt - 1} times, and never done")
        fit = [one for one in taken if one.attempt <= max_attempts]
        try:
            self._finish(batches, fit)
        except (StoreUnreachable, StoreFull):
            raise
        except StoreError:
            for one in fit:
                try:
                    self._finish(batches, [one])
                except (StoreUnreachable, StoreFull):
                    raise
                except StoreError as error:
                    if one.attempt >= max_attempts:
                        self._give_up(one, str(error))

    def _finish(self, batches: "_Batches", taken: list[Taken]) -> None:
        if not taken:
            return
        copies, entered, lags_ns = batches.write(taken)
        lags = Histogram()
        lags.add(lags_ns)
        values, counts = lags.buckets()
        told = {"jobs": len(taken), "copies": copies, "entered": entered}
        if again := sum(one.attempt > 1 for one in taken):
            told["taken_over"] = again
        told |= {
            f"lag:{value:.0f}": count for value, count in zip(values.tolist(), counts.tolist(), strict=True) if count
        }
        self._queue.done([one.id for one in taken], told)
        done = self.total
        self.total = done._replace(
            jobs=done.jobs + len(taken), copies=done.copies + copies, entered=done.entered + entered
        )

    def _give_up(self, one: Taken, why: str) -> None:
        if self._queue.give_up(one.id, why):
            self.total = self.total._replace(dead=self.total.dead + 1)


class _Batches(NamedTuple):
    """How the copies of a batch are written. `push`: `RedisStore.push_followed`."""

    push: Callable[..., Any]
    edges: Edges
    opened_ns: int

    def write(self, taken: list[Taken]) -> tuple[int, int, I64]:
        """Offer each job's row to every follower in its range; (copies, of those let in, their lags in ns)."""
        copies, entered, lags = 0, 0, [np.zeros(0, np.int64)]
        spans = [(one, one.job.after) for one in taken]
        while spans:
            asked = [Span(one.job.author, after, one.job.upto) for one, after in spans]
            pages = self.edges.followers(asked, _FOLLOWERS_AT_ONCE)
            lengths = [len(page) for page in pages]
            owners = np.concatenate(pages)
            rows = np.repeat([one.job.row for one, _ in spans], lengths).astype(np.int32)
            authors = np.repeat([one.job.author for one, _ in spans], lengths).astype(np.int32)
            result = self.push(owners, rows, authors)
            now_ns = elapsed_ns(self.opened_ns)
            accepted_ns = np.repeat(np.array([one.job.at_ns for one, _ in spans], np.int64), lengths)
            lags.append(np.maximum(now_ns - accepted_ns[result.inserted], 0))
            copies += len(owners)
            entered += int(result.inserted.sum())
            spans = [
                (one, int(page[-1]))
                for (one, _), page in zip(spans, pages, strict=True)
                if len(page) == _FOLLOWERS_AT_ONCE
            ]
        return copies, entered, np.concatenate(lags)
