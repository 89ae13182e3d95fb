"""What is looked at while a design runs, beside what every run reports: pages, own posts, deletes, alarms, breaches."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engine import Metric, World
from engine.clock import NS_PER_MS, NS_PER_S
from engine.domain import I64, Flag, Kind
from engine.errors import MurmurationError
from engine.reader import Reader
from lessons.interview.sheet import Alarm, Alarmed

Json = dict[str, Any]
STATION_NAMES: Mapping[str, str] = {
    "gateways": "gateways", "primaries": "primaries", "workers": "workers", "timeline shards": "timeline_shards",
    "author index": "indexes", "post cache": "post_caches", "replicas": "replicas",
}  # fmt: skip
"""Stations as the engine's log calls them, and as its cost report does."""
WINDOW_S = 5.0
"""Over which a promise is held and an alarm is asked: long enough for a percentile of two hundred pages a second."""
_PAGE = 20
_READERS = 40
_AUTHORS = 40


@dataclass(frozen=True)
class Watching:
    """What the candidate promised and wants to be told of."""

    home_pct: int = 99
    alarms: tuple[Alarm, ...] = ()
    scale: float = 1.0
    """Real units over the run's, of counts."""


class Look(Protocol):
    """Asked after each virtual second, and in the end."""

    def second(self, world: World, at_s: int) -> None: ...

    def found(self, world: World) -> Json:
        """Fields of a Part."""


class Pages:
    """Two pages of some readers, one after the other while posts arrive: by cursor, or by offset."""

    def __init__(self, paging: str | None, at_s: int, apart_s: int = 2) -> None:
        self._paging, self._at_s, self._apart_s = paging, at_s, apart_s
        self._first: dict[int, tuple[list[int], list[int], str | None]] = {}
        self._repeats = self._skips = 0
        self._looked = False

    def second(self, world: World, at_s: int) -> None:
        if self._paging is None:
            return
        reader = Reader(world)
        if at_s == self._at_s:
            for user in _readers(world, _READERS):
                both = _rows(reader, user, None, 2 * _PAGE)
                one = _page(reader, user, None, _PAGE)
                if both and one:
                    self._first[user] = (one[0], both[_PAGE:], one[1])
        if at_s == self._at_s + self._apart_s:
            self._looked = bool(self._first)
            for user, (page, wanted, cursor) in self._first.items():
                second = _rows(reader, user, cursor, _PAGE) if self._paging == "cursor" else (
                    _rows(reader, user, None, 2 * _PAGE)[_PAGE:]
                )  # fmt: skip
                self._repeats += len(set(page) & set(second))
                self._skips += len(set(wanted) - set(second))

    def found(self, world: World) -> Json:
        if not self._looked:
            return {}
        return {"paging": {"repeats": float(self._repeats), "skips": float(self._skips)}}


class OwnPosts:
    """Authors' homes within a second after their post: whether it is there."""

    def __init__(self) -> None:
        self._seen = self._unseen = self._rows = 0

    def second(self, world: World, at_s: int) -> None:
        posts = world.tables.posts
        since = max(self._rows, posts.size - 4)
        self._rows = posts.size
        if self._seen >= _AUTHORS or at_s == 0:
            return
        reader = Reader(world)
        for row in range(since, posts.size):
            author = int(posts.author[row])
            if posts.kind[row] == int(Kind.POST) and posts.accepted_ns[row] >= 0 and _reads(world, author):
                page = _rows(reader, author, None, _PAGE)
                self._seen += 1
                self._unseen += row not in page

    def found(self, world: World) -> Json:
        return {"own_posts": {"unseen": float(self._unseen)}} if self._seen else {}


class Deletes:
    """Posts that are deleted at an instant: until when pages of their authors' followers show them.

    A design that only removes them from lists is not run that way: removing takes the fan-out's way, and so as long as
    its slowest copy (modelled).
    """

    def __init__(self, how: str | None, at_s: float | None) -> None:
        self._how, self._at_s = how, at_s
        self._rows: list[int] = []
        self._served, self._last_s = 0, 0.0

    def second(self, world: World, at_s: int) -> None:
        if self._at_s is None or self._how not in ("filter", "both", "remove"):
            return
        posts = world.tables.posts
        if at_s == round(self._at_s):
            new = np.flatnonzero((posts.accepted_ns[: posts.size] >= 0) & (posts.flags[: posts.size] == 0))
            self._rows = new[-_AUTHORS:].tolist()
            for row in self._rows:
                posts.set_flag(row, Flag.DELETED, True)
        elif self._rows and at_s <= self._at_s + WINDOW_S:
            reader = Reader(world)
            for row in self._rows:
                followers = world.tables.graph.followers(posts.author[row : row + 1]).values.tolist()
                looking = [user for user in followers if _reads(world, user)][:2]
                shown = sum(row in _rows(reader, user, None, _PAGE) for user in looking)
                if shown:
                    self._served, self._last_s = self._served + shown, at_s - self._at_s

    def found(self, world: World) -> Json:
        if not self._rows:
            return {}
        if self._how == "remove":
            slowest_ns = world.metrics.histogram(Metric.FANOUT_LAG).max
            return {"deleted": {"longest_s": slowest_ns / NS_PER_S}}
        return {"deleted": {"served": float(self._served), "longest_s": float(self._last_s)}}


class Breaches:
    """When a promise was first broken, and which station's waiting alone would have broken one first."""

    def __init__(self, watching: Watching) -> None:
        self._pct = watching.home_pct
        self._broken_s: float | None = None
        self._stations: dict[str, float] = {}

    def second(self, world: World, at_s: int) -> None:
        slo, metrics = world.config.slo, world.metrics
        lag = metrics.latency_in(Metric.VISIBLE_LAG, world.now_ns, WINDOW_S).quantile(0.99)
        home = metrics.latency_in(Metric.HOME_LATENCY, world.now_ns, WINDOW_S).quantile(self._pct / 100)
        late = max((world.now_ns - (oldest or world.now_ns)) / NS_PER_MS for oldest in world.fanout.broker.oldest_ns())
        broken = (lag or 0) > slo.lag_ms * NS_PER_MS or (home or 0) > slo.home_ms * NS_PER_MS or late > slo.lag_ms
        if broken and self._broken_s is None:
            self._broken_s = float(at_s)
        stations, _ = world.stations.lately(2.0)
        for logged, name in STATION_NAMES.items():
            if logged not in stations or name in self._stations:
                continue
            waits_ms = 1_000 * (stations[logged].wait_s or 0.0)
            limit_ms = slo.lag_ms if name == "workers" else slo.home_ms
            if max(waits_ms, late if name == "workers" else 0.0) > limit_ms:
                self._stations[name] = float(at_s)

    def found(self, world: World) -> Json:
        told: Json = {"stations": {name: {"breached_at_s": at_s} for name, at_s in self._stations.items()}}
        return told | ({"breached_at_s": self._broken_s} if self._broken_s is not None else {})


class Alarms:
    """The sheet's alarms, asked every second: those with a limit fire where it is passed for as long as was said."""

    def __init__(self, watching: Watching) -> None:
        self._scale = watching.scale
        self._alarms = [alarm for alarm in watching.alarms if alarm.above is not None]
        self._since: dict[int, int] = {}
        self._fired: dict[str, list[float]] = {alarm.metric: [] for alarm in self._alarms}

    def second(self, world: World, at_s: int) -> None:
        values = _alarmed(world, self._scale) if self._alarms else {}
        for number, alarm in enumerate(self._alarms):
            value, limit = values.get(alarm.metric), alarm.above
            assert limit is not None
            wrong = value is not None and (value < limit if alarm.metric == "hit_rate" else value > limit)
            if not wrong:
                self._since.pop(number, None)
                continue
            since = self._since.setdefault(number, at_s)
            if at_s - since == int(alarm.for_s or 0):
                self._fired[alarm.metric].append(float(at_s))

    def found(self, world: World) -> Json:
        return {"alarms": {metric: tuple(fired) for metric, fired in self._fired.items()}} if self._alarms else {}


class Refills:
    """Bodies that had to come from the database after the caches were emptied, and how many different ones."""

    def __init__(self, at_s: int | None) -> None:
        self._at_s = at_s
        self._before = 0
        self._found: Json = {}

    def second(self, world: World, at_s: int) -> None:
        if self._at_s is None:
            return
        if at_s == self._at_s:
            self._before = world.metrics.total(Metric.BODY_MISSES)
        if at_s == self._at_s + round(WINDOW_S):
            reads = world.metrics.total(Metric.BODY_MISSES) - self._before
            keys = world.tables.cache.size
            self._found = {"expiry": {"database_reads": float(reads), "keys": float(keys)}}

    def found(self, world: World) -> Json:
        return self._found


def _alarmed(world: World, scale: float) -> dict[Alarmed, float | None]:
    """What alarms are set on, in the units of the sheet: ms, shares, copies and reads a second in real units."""
    metrics, now_ns = world.metrics, world.now_ns
    lag = metrics.latency_in(Metric.VISIBLE_LAG, now_ns, WINDOW_S).quantile(0.99)
    home = metrics.latency_in(Metric.HOME_LATENCY, now_ns, WINDOW_S).quantile(0.99)
    errors = sum(metrics.count_in(one, now_ns, WINDOW_S) for one in (Metric.FAILED_READS, Metric.REFUSED_READS))
    stations = world.stations.lately(2.0)[0].values()
    return {
        "visible_lag_p99": None if lag is None else lag / NS_PER_MS,
        "home_latency": None if home is None else home / NS_PER_MS,
        "hit_rate": metrics.ratio(Metric.TIMELINE_HITS, Metric.TIMELINE_MISSES, now_ns, WINDOW_S),
        "queue_depth": scale * sum(world.fanout.broker.waiting_copies()),
        "failed_hydrations": scale * metrics.count_in(Metric.FAILED_HYDRATIONS, now_ns, WINDOW_S) / WINDOW_S,
        "cpu": max((one.rho for one in stations), default=None),
        "errors": scale * errors / WINDOW_S,
    }


def _reads(world: World, user: int) -> bool:
    """Whether somebody opens home by themselves: a look must wake nobody who is away."""
    return bool(world.population.reader_weight[user] > 0)


def _readers(world: World, most: int) -> list[int]:
    """People who read, evenly spread."""
    users: I64 = np.flatnonzero(world.population.reader_weight > 0)
    chosen: list[int] = users[:: max(1, len(users) // most)][:most].tolist()
    return chosen


def _page(reader: Reader, user: int, cursor: str | None, limit: int) -> tuple[list[int], str | None] | None:
    """(rows, cursor of the next page); None where the list is out of reach."""
    try:
        reading = reader.home(user, cursor, limit, shown=False)
    except MurmurationError:
        return None
    rows: list[int] = reading.rows.tolist()
    return rows, reading.page.next


def _rows(reader: Reader, user: int, cursor: str | None, limit: int) -> list[int]:
    page = _page(reader, user, cursor, limit)
    return page[0] if page else []
