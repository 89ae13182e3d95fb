"""A served world watched from outside, by its name and the address of its Redis: what is happening, in wall time.

Nothing here is modelled. Workers count what they have done, with the lag of every copy (`told`); the difference of two
looks is what happened between them. Whoever watches changes nothing, and asks whether writes are taken by one that
writes nothing.
"""

import math
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from engine.clock import NS_PER_MS, NS_PER_S, WallClock
from engine.cluster.keys import Keys
from engine.cluster.queue import Consumer, NotServed, Queue, ServerSeen
from engine.cluster.served import elapsed_ns
from engine.cluster.server import lags_between
from engine.errors import StoreError, StoreFull, StoreRefused
from engine.live.series import LAG_WINDOW_S, RATE_S
from engine.observe.metrics import SLOT_NS
from engine.timelines.connection import connect

TURN_S = SLOT_NS / NS_PER_S
"""A point every half second, as in the charts of a world in one process."""
KEPT = 400
_LONGEST_PAUSE_S = 2.0
"""Between two tries while Redis is away."""
KEYS = (
    "t", "lag_p99", "lag_p50", "lag_oldest", "queue_waiting", "queue_taken", "deliveries_per_s", "planned_per_s",
    "dead",
)  # fmt: skip
"""t in seconds since the watch began, lags in ms."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """How a served world is at an instant. What could not be asked for is None, or as it was seen last."""

    at_s: float = 0.0
    """Since the watch began."""
    reached: bool = False
    """Redis answered: the rest is of now."""
    served: bool = False
    """There is a whole world under this name."""
    trouble: str | None = None
    """What is wrong with Redis, in one sentence."""
    troubled_since_s: float | None = None
    lag_p50_ms: float | None = None
    lag_p99_ms: float | None = None
    """Of the copies written in the last `LAG_WINDOW_S`; None where there were none."""
    oldest_ms: float | None = None
    """How long ago the post of the oldest job that is not done was accepted."""
    deliveries_per_s: float | None = None
    """Copies let into lists, over the last `RATE_S`."""
    planned_per_s: float | None = None
    """Entries of the journal that were given to the queue, over the last `RATE_S`."""
    waiting: int = 0
    """Jobs that nobody has taken."""
    taken: int = 0
    """Jobs in the name of a worker, alive or dead."""
    dead: int = 0
    """Jobs that were given up."""
    taken_over: int = 0
    """Jobs done since the watch began that somebody else had had before."""
    mark: int | None = None
    """The journal's entry up to which fan-out is planned."""
    workers: tuple[Consumer, ...] = ()
    server: ServerSeen | None = None
    world: Mapping[str, str] = field(default_factory=dict)
    """What is written there of the world."""


class _Counted(NamedTuple):
    """What workers and relay had counted at an instant."""

    at_s: float
    told: dict[str, int]
    mark: int


class Watch:
    """Looks at one world. `step` is one look; `run` looks until told to stop. `frame` may be asked from any thread."""

    def __init__(self, url: str, name: str, wall: WallClock, told: Callable[[str], Any] = lambda _: None) -> None:
        """`told` is given a few words for each thing that happened to Redis or was seen of jobs.

        Raises:
            InvalidInput: not a name.
        """
        self.keys = Keys(name)
        self.frame = Frame()
        self.began_s = wall.now_s()
        self._url, self._wall, self._told = url, wall, told
        self._client: Any = None
        self._queue: Queue | None = None
        self._counted: deque[_Counted] = deque()
        self._first: dict[str, int] | None = None
        self._server_run = ""
        self._lock = threading.Lock()
        self._columns: dict[str, deque[float | None]] = {key: deque(maxlen=KEPT) for key in KEYS}

    def run(self, stop: threading.Event) -> None:
        """Look again and again."""
        pause_s = TURN_S
        while not stop.is_set():
            began_s = self._wall.now_s()
            reached = self.step().reached
            pause_s = TURN_S if reached else min(1.5 * pause_s, _LONGEST_PAUSE_S)
            stop.wait(max(0.0, pause_s - (self._wall.now_s() - began_s)))
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        if self._client is not None:
            self._client.close()
            self._client = self._queue = None

    def columns(self) -> dict[str, list[float | None]]:
        """The points of the last `KEPT` looks; None where nothing was measured."""
        with self._lock:
            return {key: list(values) for key, values in self._columns.items()}

    def step(self) -> Frame:
        """One look; what fails is told in the frame."""
        try:
            frame = self._look()
        except StoreError as error:
            frame = self._missed(str(error))
        if frame.trouble:
            before = self.frame.troubled_since_s
            frame = replace(frame, troubled_since_s=frame.at_s if before is None else before)
        self._say(frame)
        self.frame = frame
        self._keep(frame)
        return frame

    def _now_s(self) -> float:
        return self._wall.now_s() - self.began_s

    def _missed(self, trouble: str) -> Frame:
        """Redis did not answer, or not as it should: what was seen last stands, and is said to be old."""
        self._counted.clear()
        return replace(
            self.frame, at_s=self._now_s(), reached=False, trouble=trouble, lag_p50_ms=None, lag_p99_ms=None,
            oldest_ms=None, deliveries_per_s=None, planned_per_s=None,
        )  # fmt: skip

    def _look(self) -> Frame:
        queue = self._asked()
        server, world = queue.server(), queue.world()
        trouble = _writable(queue)
        if not world:
            self._counted.clear()
            return Frame(at_s=self._now_s(), reached=True, trouble=trouble, server=server)
        try:
            mark, depth, workers = queue.mark(), queue.depth(), queue.consumers()
        except NotServed:
            return Frame(at_s=self._now_s(), reached=True, trouble=trouble, server=server)
        oldest_ns, told = queue.oldest_ns(), queue.told()
        at_s = self._now_s()  # an answer may have been long in coming
        self._count(_Counted(at_s, told, mark.seq if mark else 0))
        lags = lags_between(told, self._since(at_s, LAG_WINDOW_S).told)
        last = self._since(at_s, RATE_S)
        span_s = at_s - last.at_s
        p50, p99 = lags.quantile(0.5), lags.quantile(0.99)
        now_ns = elapsed_ns(int(world["opened_ns"]))
        first = self._first or {}
        return Frame(
            at_s=at_s,
            reached=True,
            served=True,
            trouble=trouble,
            lag_p50_ms=None if p50 is None else p50 / NS_PER_MS,
            lag_p99_ms=None if p99 is None else p99 / NS_PER_MS,
            oldest_ms=None if oldest_ns is None else max(now_ns - oldest_ns, 0) / NS_PER_MS,
            deliveries_per_s=_per_s(told.get("entered", 0) - last.told.get("entered", 0), span_s),
            planned_per_s=_per_s(self._counted[-1].mark - last.mark, span_s),
            waiting=max(depth.jobs - depth.taken, 0),
            taken=depth.taken,
            dead=depth.dead,
            taken_over=max(told.get("taken_over", 0) - first.get("taken_over", 0), 0),
            mark=mark.seq if mark else None,
            workers=tuple(sorted(workers)),
            server=server,
            world=world,
        )

    def _asked(self) -> Queue:
        if self._queue is None:
            self._client = connect(self._url)
            self._queue = Queue(self._client, self.keys)
        return self._queue

    def _count(self, now: _Counted) -> None:
        """Remember it, and forget what no window reaches. Redis that forgot something counts from less: begin anew."""
        if self._counted and now.told.get("jobs", 0) < self._counted[-1].told.get("jobs", 0):
            self._counted.clear()
            self._first = None
        if self._first is None:
            self._first = now.told
        self._counted.append(now)
        while len(self._counted) > 2 and self._counted[1].at_s <= now.at_s - LAG_WINDOW_S:
            self._counted.popleft()

    def _since(self, at_s: float, window_s: float) -> _Counted:
        """The last look that is a window ago; where there is none, the first."""
        early = [one for one in self._counted if one.at_s <= at_s - window_s]
        return early[-1] if early else self._counted[0]

    def _say(self, frame: Frame) -> None:
        """What has happened since the frame before."""
        before = self.frame
        if before.reached and not frame.reached:
            self._told("Redis away")
        if frame.reached and not before.reached and before.trouble:
            self._told("Redis back")
        over = frame.taken_over - before.taken_over
        if over > 0:
            self._told(f"{over} {'job' if over == 1 else 'jobs'} taken over")

    def _keep(self, frame: Frame) -> None:
        now = frame.reached and frame.served
        values = {
            "t": frame.at_s,
            "lag_p99": frame.lag_p99_ms,
            "lag_p50": frame.lag_p50_ms,
            "lag_oldest": frame.oldest_ms or 0.0 if now else None,
            "queue_waiting": frame.waiting if now else None,
            "queue_taken": frame.taken if now else None,
            "deliveries_per_s": frame.deliveries_per_s,
            "planned_per_s": frame.planned_per_s,
            "dead": frame.dead if now else None,
        }
        with self._lock:
            for key, value in values.items():
                self._columns[key].append(value)


def _writable(queue: Queue) -> str | None:
    """Why the server takes no writes, if so. Of who may only read it is not known."""
    try:
        queue.expect_writes()
    except StoreFull as full:
        return str(full)
    except StoreRefused:
        return None
    return None


def _per_s(count: float, span_s: float) -> float | None:
    rate = count / span_s if span_s > 0 else math.nan
    return rate if rate >= 0 else None
