"""One run, head-less: a world, a scenario, some virtual seconds, a drain, an audit; the result is plain data."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets.population import Population
from datasets.worlds import build_population
from engine.clock import NS_PER_S, QUANTUM_NS, SystemWallClock, WallClock
from engine.config import KNOBS, WorldConfig
from engine.domain import F64
from engine.expected import load_of
from engine.experiments.acts import Act, Agenda
from engine.experiments.prices import PriceList
from engine.faults.fault import Fault, check_servers
from engine.load.recording import Load
from engine.load.scenarios import Scenario, scenario, traced
from engine.load.trace import load_trace
from engine.observe.audit import audit
from engine.observe.metric import Metric
from engine.observe.slo import slo_report
from engine.world import World

_DRAIN_FACTOR = 10
"""The drain ends with empty queues, or after this many times the run."""

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What to run. `trace` replaces the scenario's own course of posts.

    `prices`: the list that `config` was made with, for the result to name; it is not applied again.
    `celebrity_share`: of all people, how many follow the largest account; None: as the world has it.
    """

    config: WorldConfig
    scenario: str = "steady"
    seconds: int = 60
    graph: Path | None = None
    trace: Path | None = None
    redis_url: str | None = None
    prices: PriceList | None = None
    celebrity_share: float | None = None
    faults: tuple[Fault, ...] = ()
    acts: tuple[Act, ...] = ()

    def __post_init__(self) -> None:
        check_servers(self.faults, self.config)


@dataclass(frozen=True, eq=False)
class Recording:
    """The people of a run and what they do: the same for every strategy. It can serve one run after the other."""

    population: Population
    load: Load
    digest: str
    counts: dict[str, int]


@dataclass(frozen=True)
class RunResult:
    """What came out; `report` is what the command line prints."""

    report: Json
    world: World


_TROUBLED = (
    Metric.FAILED_READS, Metric.REFUSED_READS, Metric.STALE_READS, Metric.INCOMPLETE_READS, Metric.TIMEOUTS,
    Metric.REPEATED_READS,
)  # fmt: skip
"""Reads that did not get what they asked for; 0 unless something is broken."""


def opening(request: RunRequest) -> Scenario:
    """The scenario as it will be played."""
    if request.trace is None:
        return scenario(request.scenario).fitted(request.seconds)
    played = traced(load_trace(request.trace))
    others = [slug for slug in request.scenario.split("+") if slug != "trace"]
    for slug in others:
        played = played + scenario(slug)
    return played.fitted(request.seconds)


def record(request: RunRequest) -> Recording:
    """Draw the people and the load of a run; of its request the strategy and its parameters do not matter.

    Raises:
        InvalidInput: as `run`.
    """
    config, played = request.config, opening(request)
    population = build_population(config, request.graph, request.celebrity_share)
    load = load_of(config, population, played)
    return Recording(population, load, load.digest(request.seconds), load.counts(request.seconds))


def run(
    request: RunRequest,
    wall: WallClock | None = None,
    recording: Recording | None = None,
    told: Callable[[float], None] | None = None,
) -> RunResult:
    """Run to the end, drain, audit.

    `recording`: that of this request, if it was drawn before. `told`: of the virtual time, in seconds, after each of
    them; what it raises ends the run.

    Raises:
        InvalidInput: an unknown name, a knob out of bounds, a bad graph or trace file; nothing was run.
    """
    wall = wall or SystemWallClock()
    began_s = wall.now_s()
    recorded = recording or record(request)
    world = World(request.config, recorded.population, recorded.load, request.redis_url)
    world.schedule(request.faults)
    built_s = wall.now_s()
    end_ns = request.seconds * NS_PER_S
    world.load_ends_ns = end_ns
    agenda = Agenda(request.acts)
    try:
        _play(world, end_ns, agenda, told)
    except BaseException:
        world.close()
        raise
    ran_s = wall.now_s()
    checked = audit(world.tables, world.strategy, world.now_ns, world.fanout.outstanding())
    summary = summarise(world, request.seconds)
    summary["cost"]["price_list"] = request.prices.label(request.config) if request.prices else None
    report = {
        "config": config_of(request),
        "load": {**recorded.counts, "digest": recorded.digest},
        **summary,
        "audit": checked.to_json(),
        **_degraded(world),
        **agenda.to_json(world),
        "virtual_seconds": world.now_ns / NS_PER_S,
        "wall_seconds": round(ran_s - built_s, 3),
        "build_seconds": round(built_s - began_s, 3),
    }
    return RunResult(report, world)


def drain(world: World, most_ns: int, told: Callable[[float], None] | None = None) -> None:
    """Let everything that is queued or in flight finish, and what is broken be mended; the load has ended. `told`: as
    of `run`."""
    deadline_ns = world.now_ns + most_ns
    while not (world.at_rest and world.whole) and world.now_ns < deadline_ns:
        world.step(QUANTUM_NS - world.now_ns % QUANTUM_NS)
        if told and not world.now_ns % NS_PER_S:
            told(world.now_ns / NS_PER_S)


def _play(world: World, end_ns: int, agenda: Agenda, told: Callable[[float], None] | None) -> None:
    """The load, and the drain; in one go for nobody, and second by second for somebody who looks: the same result."""
    while world.now_ns < end_ns:
        agenda.act(world)
        world.step(agenda.stop_ns(world.now_ns + NS_PER_S if told else end_ns) - world.now_ns)
        if told:
            told(world.now_ns / NS_PER_S)
    drain(world, _DRAIN_FACTOR * end_ns, told)


def _degraded(world: World) -> Json:
    """Of a run whose Redis was lost on the way: since when, and why. Its figures are those of a run that kept it."""
    outage = world.tables.lists.outage
    if outage is None:
        return {}
    told = {"since_s": outage.at_ns / NS_PER_S, "why": str(outage.error), "lists": world.tables.lists.place}
    return {"degraded": told}


def summarise(world: World, seconds: float) -> Json:
    """`summary`, `slo` and `cost` of a world that ran for `seconds` under load."""
    metrics = world.metrics
    total = metrics.total
    posts, reads = total(Metric.POSTS), total(Metric.READS)
    return {
        "summary": {
            "fanout_lag_ms": _quantiles(world, Metric.FANOUT_LAG),
            "visible_lag_ms": _quantiles(world, Metric.VISIBLE_LAG),
            "post_ms": _quantiles(world, Metric.POST_LATENCY),
            "home_ms": _quantiles(world, Metric.HOME_LATENCY),
            "timeline_hit_rate": _share(total(Metric.TIMELINE_HITS), total(Metric.TIMELINE_MISSES)),
            "post_hit_rate": _share(total(Metric.BODY_HITS), total(Metric.BODY_MISSES)),
            "queue_depth_peak": world.recorder.depth_peak,
            "deliveries": total(Metric.DELIVERIES),
            "write_amplification": round(total(Metric.DELIVERIES) / posts, 4) if posts else None,
            "rows_per_read": round(total(Metric.ROWS_READ) / reads, 4) if reads else None,
            "fresh_goodput": round(total(Metric.FRESH_PAIRS) / seconds, 4),
            "trims": total(Metric.TRIMS),
            "failed_hydrations": total(Metric.FAILED_HYDRATIONS),
            "shed": total(Metric.SHED),
            "dead_lettered": total(Metric.DEAD_LETTERED),
            "retries": total(Metric.RETRIES),
            **{str(metric): total(metric) for metric in _TROUBLED},
        },
        "slo": slo_report(metrics, world.config.slo),
        "cost": _cost(world),
    }


def series_of(world: World) -> dict[str, tuple[F64, F64]]:
    """Every metric's series over the run, as telemetry keeps it: (seconds, values in the metric's unit)."""
    return {str(metric): world.metrics.series(metric, 0) for metric in Metric}


def _quantiles(world: World, metric: Metric) -> Json:
    histogram = world.metrics.histogram(metric)
    if not histogram.count:
        return {"p50": None, "p95": None, "p99": None, "max": None}
    points: Json = {f"p{round(100 * q)}": round((histogram.quantile(q) or 0.0) / 1e6, 4) for q in (0.5, 0.95, 0.99)}
    return {**points, "max": round(histogram.max / 1e6, 4)}


def _share(hits: int, misses: int) -> float | None:
    return round(hits / (hits + misses), 6) if hits + misses else None


def _cost(world: World) -> Json:
    """Machine time by station, in seconds of service: modelled, from the price list."""
    stations = world.reads.stations
    busy_ns = {
        "gateways": world.gateway.station.busy_ns,
        "primaries": world.primary.station.busy_ns,
        "workers": world.fanout.broker.busy_ns,
        "timeline_shards": world.fanout.shards.busy_ns,
        "indexes": stations.indexes.busy_ns,
        "post_caches": stations.post_caches.busy_ns,
        "replicas": stations.replicas.busy_ns,
    }
    return {"kind": "modelled", "price_scale": world.config.costs.scale} | {
        f"{name}_s": round(int(ns) / 1e9, 6) for name, ns in busy_ns.items()
    }


def config_of(request: RunRequest) -> Json:
    """The settings of a run as its report names them: plain values, files by their name only."""
    config = request.config
    return {
        "world": config.world,
        "strategy": config.strategy.name,
        "scenario": request.scenario,
        "seconds": request.seconds,
        "graph": request.graph.name if request.graph else None,
        "trace": request.trace.name if request.trace else None,
        **({"celebrity_share": request.celebrity_share} if request.celebrity_share is not None else {}),
        **({"faults": [str(fault) for fault in request.faults]} if request.faults else {}),
        **({"acts": [str(act) for act in request.acts]} if request.acts else {}),
        **{name: config.knob(name) for name in KNOBS},
    }
