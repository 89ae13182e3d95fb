"""The living diagram: a world as stations and what flows between them, from its configuration and its counters.

Nothing is drawn here. Nodes follow the configuration (how many servers, one lane or two) and the strategy (what it does
not use is a ghost); edges carry what was measured over the last `WINDOW_S` virtual seconds.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from engine.clock import NS_PER_S
from engine.config import WorldConfig
from engine.live.station_words import (
    MD1,
    MM1,
    MMC,
    Model,
    State,
    figure,
    lane_figures,
    lane_theory,
    line_slots,
    many,
    state_of,
    station_figures,
    station_theory,
    worker_slots,
)
from engine.observe import words
from engine.observe.derived import AUTHORS_PER_READ, POST_HIT_RATE, TIMELINE_HIT_RATE, Derived
from engine.observe.metrics import Metric
from engine.observe.stations import LaneLately, StationLately
from engine.world import World
from engine.write_path.strategies import STRATEGIES, Writers

Json = dict[str, Any]

WINDOW_S = 5.0
"""Of all rates and means: long enough for a mean, short enough to see a burst come and go."""
JUDGED_S = 2.0
"""Of the waits that a state goes by: shorter, so that it turns back soon after the line is gone."""


@dataclass(frozen=True)
class Part:
    """One station that serves, as it is drawn and held against theory."""

    id: str
    name: str
    short: str
    """Where there is little room."""
    station: str
    """Its name in engine/observe/stations.py."""
    unit: str
    """What comes to it."""
    servers: str
    """What `count` counts."""
    model: Model
    knobs: tuple[str, ...]


PARTS = (
    Part("gateway", "Gateway", "Gateway", "gateways", "requests", "servers", MD1,
         ("stations.gateways", "costs.gateway_us")),
    Part("primaries", "Database primaries", "Primaries", "primaries", "writes", "partitions", MD1,
         ("stations.primaries", "costs.commit_us")),
    Part("shards", "Timeline shards", "Timelines", "timeline shards", "requests", "shards", MM1,
         ("timeline.shards", "costs.list_read_us", "costs.list_write_us")),
    Part("index", "Author index", "Author index", "author index", "pulls", "partitions", MM1,
         ("stations.indexes", "costs.pull_us", "costs.author_us", "read.per_author")),
    Part("cache", "Post cache", "Post cache", "post cache", "batches", "shards", MD1,
         ("cache.posts", "stations.post_caches", "costs.hydrate_us")),
    Part("replicas", "Database replicas", "Replicas", "replicas", "batches", "replicas", MM1,
         ("stations.replicas", "costs.miss_us", "costs.miss_row_us")),
)  # fmt: skip
CLIENT_KNOBS = ("load.posts_per_s", "load.reads_per_s", "load.likes_per_s", "load.follows_per_s")
POST_KNOBS = ("fanout.lanes", "fanout.chunk")
LANE_KNOBS = ("fanout.lanes", "fanout.chunk", "fanout.fail_rate")
WORKER_KNOBS = ("workers.count", "workers.batch", "costs.delivery_us", "costs.poll_us")


class Written(NamedTuple):
    """What people's acts brought into the journal."""

    entries: int
    per_s: float


class Acts:
    """How fast a journal grows, by its length at the instants at which somebody looks."""

    def __init__(self) -> None:
        self._lengths: deque[tuple[int, int]] = deque()

    def see(self, now_ns: int, entries: int) -> Written:
        """Note its length, and tell the rate over the last `WINDOW_S`."""
        while self._lengths and self._lengths[0][0] < now_ns - WINDOW_S * NS_PER_S:
            self._lengths.popleft()
        self._lengths.append((now_ns, entries))
        return Written(entries, (entries - self._lengths[0][1]) / WINDOW_S)


class Seen(NamedTuple):
    """What one diagram is made of: a world, and its counters of late."""

    world: World
    stations: Mapping[str, StationLately]
    lanes: Mapping[str, LaneLately]
    waits_s: Mapping[str, float]
    """Mean wait over the last `JUDGED_S`, by station and lane."""
    pushes: bool
    """Copies are made, or some are still on their way."""
    pulls: bool
    """Readers ask authors, or would."""

    @property
    def config(self) -> WorldConfig:
        """The one in force."""
        return self.world.config

    @property
    def home_s(self) -> float:
        """The promise of everything that somebody waits for."""
        return self.config.slo.home_ms / 1000

    @property
    def lag_s(self) -> float:
        """The promise of the fan-out."""
        return self.config.slo.lag_ms / 1000

    def per_s(self, *metrics: Metric) -> float:
        """How many of these a second, together, over the window of the counters."""
        return sum(self.world.metrics.count_in(m, self.world.now_ns, self.seconds) for m in metrics) / self.seconds

    @property
    def seconds(self) -> float:
        """The window, shorter while the world is younger."""
        return self.stations["gateways"].seconds

    @property
    def copy_s(self) -> float:
        """Time of a worker for one copy: as measured, or by the price list where none was made."""
        workers, taken = self.stations["workers"], sum(lane.sums.taken_copies for lane in self.lanes.values())
        jobs = sum(lane.sums.taken_jobs for lane in self.lanes.values())
        if taken and workers.service_s is not None:
            return workers.service_s * jobs / taken
        return self.config.costs.delivery_us * self.config.costs.scale / 1e6


def diagram(world: World, written: Written | None = None) -> Json:
    """Nodes and edges of this instant; both empty before there are two samples of the counters.

    `written`: of the journal of a world that has one.
    """
    stations, lanes = world.stations.lately(WINDOW_S)
    at_s = world.now_ns / NS_PER_S
    if not stations:
        return {"t": at_s, "window_s": 0.0, "strategy": world.strategy.slug, "nodes": [], "edges": []}
    seen = Seen(world, stations, lanes, _waits_s(world), *_uses(world, stations, lanes))
    nodes = _nodes(seen, written)
    ids = {node["id"] for node in nodes if not node["ghost"]}
    edges = [
        {
            "from": source,
            "to": target,
            "rate_per_s": round(rate, 3),
            "label": f"{words.number(rate)} {unit}",
            "unit": unit,
            "ghost": not {source, target} <= ids,
        }
        for source, target, rate, unit in _edges(seen, written)
    ]
    return {
        "t": at_s, "window_s": seen.seconds, "strategy": world.strategy.slug, "nodes": nodes, "edges": edges,
    }  # fmt: skip


def _waits_s(world: World) -> dict[str, float]:
    stations, lanes = world.stations.lately(JUDGED_S)
    waits_s = {name: station.wait_s or 0.0 for name, station in stations.items()}
    return waits_s | {name: lane.wait_s or 0.0 for name, lane in lanes.items()}


def _uses(world: World, stations: Mapping[str, StationLately], lanes: Mapping[str, LaneLately]) -> tuple[bool, bool]:
    """Whether anything is pushed, and whether anything is pulled: by the strategy's own answer, or still under way."""
    followers = world.tables.graph.follower_counts
    everybody = np.arange(len(followers), dtype=np.int32)
    pushed = world.strategy.pushes(Writers(everybody, followers, np.full(len(everybody), world.now_ns)))
    under_way = sum(world.queue_copies()) + sum(lane.sums.taken_copies + lane.copies for lane in lanes.values())
    return bool(pushed.any() or under_way), bool(not pushed.all() or stations["author index"].arrived)


def _edges(seen: Seen, written: Written | None) -> list[tuple[str, str, float, str]]:
    """(from, to, rate per second, unit)."""
    arrived = {name: lately.arrived / lately.seconds for name, lately in seen.stations.items()}
    lanes = [
        edge
        for name in _shown_lanes(seen)
        for edge in (
            ("post", f"queue_{name}", seen.lanes[name].sums.joined_copies / seen.seconds, "copies/s"),
            (f"queue_{name}", "workers", seen.lanes[name].sums.taken_copies / seen.seconds, "copies/s"),
        )
    ]
    return [
        ("client", "gateway", arrived["gateways"], "requests/s"),
        ("gateway", "post", arrived["primaries"], "writes/s"),
        ("gateway", "shards", seen.per_s(Metric.READS), "list reads/s"),
        ("gateway", "index", seen.per_s(Metric.AUTHORS_ASKED), "authors/s"),
        ("gateway", "cache", seen.per_s(Metric.BODY_HITS, Metric.BODY_MISSES), "bodies/s"),
        ("post", "journal", written.per_s if written else 0.0, "acts/s"),
        ("post", "primaries", arrived["primaries"], "commits/s"),
        *lanes,
        ("workers", "shards", seen.per_s(Metric.DELIVERIES), "copies/s"),
        ("cache", "replicas", seen.per_s(Metric.BODY_MISSES), "misses/s"),
    ]


def _shown_lanes(seen: Seen) -> tuple[str, ...]:
    """Both, or the one that takes all; the other one for as long as something of it is there."""
    close = seen.lanes["close"]
    return ("close", "rest") if seen.config.fanout.lanes or close.copies or close.sums.taken_copies else ("rest",)


def _nodes(seen: Seen, written: Written | None) -> list[Json]:
    served = {part.id: _served(seen, part) for part in PARTS}
    return [
        _client(seen),
        served["gateway"],
        _post(seen),
        _journal(written),
        served["primaries"],
        *(_lane(seen, name) for name in _shown_lanes(seen)),
        _workers(seen),
        *(served[part] for part in ("shards", "index", "cache", "replicas")),
    ]


def _node(id_: str, name: str, kind: str, state: State, knobs: tuple[str, ...], **more: Any) -> Json:
    """A node, with what most of them do not have left out."""
    defaults: Json = {
        "count": None, "of": "", "utilisation": None, "queue": None, "unit": "", "slots": None, "figures": {},
        "source": "", "ghost": False, "short": name,
    }  # fmt: skip
    node = {"id": id_, "name": name, "kind": kind, "state": state, "knobs": list(knobs), **defaults, **more}
    return node | {"of": node["of"].removesuffix("s")} if node["count"] == 1 else node


def _served(seen: Seen, part: Part) -> Json:
    """A station with servers."""
    lately = seen.stations[part.station]
    ghost = part.id == "index" and not seen.pulls
    used = lately.arrived > 0 or lately.waiting > 0
    state = state_of(max(seen.waits_s[part.station], lately.line_s), lately.grew_s, seen.home_s, used)
    return _node(
        part.id,
        part.name,
        "station",
        "idle" if ghost else state,
        part.knobs,
        short=part.short,
        count=lately.servers,
        of=part.servers,
        utilisation=round(lately.rho, 3),
        queue=lately.waiting,
        unit=part.unit,
        slots=line_slots(lately.line_s, seen.home_s, "each server"),
        figures=station_figures(lately, part.unit) | _quotients(seen, part.id),
        theory=_not_used(seen) if ghost else station_theory(lately, part.model),
        source=part.model.source,
        ghost=ghost,
    )


_QUOTIENTS: Mapping[str, tuple[Derived, Callable[[float], str]]] = {
    "shards": (TIMELINE_HIT_RATE, words.share),
    "index": (AUTHORS_PER_READ, lambda value: f"{words.number(value)} authors/page"),
    "cache": (POST_HIT_RATE, words.share),
}


def _quotients(seen: Seen, part: str) -> dict[str, Json]:
    """The share or mean that belongs to a station."""
    if part not in _QUOTIENTS:
        return {}
    derived, said = _QUOTIENTS[part]
    value = derived.value(seen.world.metrics, seen.world.now_ns, WINDOW_S)
    text = derived.text.removesuffix(" Measured.")
    window = f"last {words.exactly(WINDOW_S)} s"
    return {derived.name: figure(derived.label, value, derived.unit, said(value or 0), "measured", window, text)}


def _not_used(seen: Seen) -> str:
    return f"{seen.world.strategy.title} does not use this part now."


def _client(seen: Seen) -> Json:
    rate = seen.stations["gateways"].arrived / seen.seconds
    window = f"last {words.exactly(seen.seconds)} s"
    return _node(
        "client", "People", "client", "ok" if rate else "idle", CLIENT_KNOBS,
        count=seen.world.population.users, of="people", unit="requests",
        figures={
            "arrivals_per_s": figure(
                "Requests", rate, "requests/s", f"{words.number(rate)} requests/s", "measured", window,
                "Posts, likes, follows and openings of home that reached the gateway.",
            )
        },
        theory="An open system: people come at random, and nobody comes less because it is slow.",
    )  # fmt: skip


def _post(seen: Seen) -> Json:
    strategy = seen.world.strategy
    knobs = tuple(STRATEGIES[strategy.slug].params.values()) + POST_KNOBS
    posts, planned = seen.per_s(Metric.POSTS), seen.per_s(Metric.PLANNED)
    window = f"last {words.exactly(seen.seconds)} s"
    mean = None if not posts else planned / posts
    return _node(
        "post", "Post service", "service", "ok" if posts else "idle", knobs, unit="posts",
        figures={
            "arrivals_per_s": figure(
                "Accepted", posts, "posts/s", f"{words.number(posts)} posts/s", "measured", window,
                "Posts, replies and reposts that were committed.",
            ),
            "copies_per_post": figure(
                "Copies planned", mean, "copies/post", f"{words.number(mean or 0)} copies/post", "measured", window,
                "Copies that the strategy planned for each accepted post.",
            ),
        },
        theory=f"{strategy.title}: {strategy.idea}",
    )  # fmt: skip


def _journal(written: Written | None) -> Json:
    figures = {}
    if written:
        figures["entries"] = figure(
            "Entries", float(written.entries), "entries", many(written.entries, "entries"), "measured",
            "since the world was made", "What people did and changed; the load is made again from its seed.",
        )  # fmt: skip
    state: State = "ok" if written and written.per_s else "idle"
    return _node(
        "journal", "Journal", "store", state, (), unit="acts", figures=figures,
        theory="What a person does is in the journal before it takes effect; the load is made again from its seed.",
        ghost=not (written and written.entries),
    )  # fmt: skip


def _lane_wait_s(seen: Seen, name: str, work_s: float) -> float:
    """The longest of what was waited, what is being waited, and what a copy that joins now will wait."""
    return max(seen.waits_s[name], seen.lanes[name].oldest_s, seen.lanes[name].copies * work_s)


def _lane(seen: Seen, name: str) -> Json:
    """One lane of the broker: a line without servers of its own."""
    lane, workers = seen.lanes[name], seen.stations["workers"].servers
    work_s = seen.copy_s / workers
    used = bool(lane.copies or lane.sums.taken_jobs or lane.sums.joined_jobs)
    alone = _shown_lanes(seen) == ("rest",)
    return _node(
        f"queue_{name}",
        "Broker" if alone else f"Broker, {name} lane",
        "queue",
        state_of(_lane_wait_s(seen, name, work_s), lane.grew_copies * work_s, seen.lag_s, used),
        LANE_KNOBS,
        short="Broker" if alone else f"{name.capitalize()} lane",
        count=seen.config.fanout.partitions,
        of="partitions",
        queue=lane.copies,
        unit="copies",
        slots=line_slots(lane.copies * work_s, seen.lag_s, "all workers together"),
        figures=lane_figures(lane),
        theory=lane_theory(lane) if seen.pushes else _not_used(seen),
        ghost=not seen.pushes,
    )


def _workers(seen: Seen) -> Json:
    """The pool. Its line is in the lanes, so it is as well as they are."""
    lately, broker = seen.stations["workers"], seen.world.fanout.broker
    lanes, work_s = seen.lanes.values(), seen.copy_s / lately.servers
    wait_s = max(_lane_wait_s(seen, name, work_s) for name in seen.lanes)
    grew_s = sum(lane.grew_copies for lane in lanes) * work_s
    used = bool(lately.arrived or lately.waiting or lately.rho)
    need = seen.world.steady_need()
    figures = station_figures(lately, "jobs")
    figures["steady_need"] = figure(
        "Steady load needs", need, "workers", f"{words.number(need)} workers", "modelled", "by expectation",
        "Workers that the configured posts keep busy on average, without any line.",
    )  # fmt: skip
    return _node(
        "workers",
        "Workers",
        "station",
        state_of(wait_s, grew_s, seen.lag_s, used),
        WORKER_KNOBS,
        count=lately.servers,
        of="workers",
        utilisation=round(lately.rho, 3),
        unit="jobs",
        slots=worker_slots(broker.at_work(seen.world.now_ns), lately.servers),
        figures=figures,
        theory=station_theory(lately, MMC) if seen.pushes else _not_used(seen),
        source=MMC.source,
        ghost=not seen.pushes,
    )
