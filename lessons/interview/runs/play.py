"""One run of a design, from its people to its part of the transcript."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import Metric, World
from engine.clock import NS_PER_S, QUANTUM_NS
from engine.domain import F64
from engine.experiments.run import summarise
from engine.observe.audit import audit
from engine.observe.delivery_log import DeliveryLog
from lessons.interview.base import as_tuples
from lessons.interview.measured import Part
from lessons.interview.runs.course import Course
from lessons.interview.runs.draw import drawn_load
from lessons.interview.runs.found import Demand, Queue, by_followers, lanes, shards
from lessons.interview.runs.looks import (
    Alarms,
    Breaches,
    Deletes,
    Json,
    Look,
    OwnPosts,
    Pages,
    Refills,
    Watching,
)  # fmt: skip
from lessons.interview.runs.ran import Points, Ran
from lessons.interview.runs.scale import people

SHOWN = (
    Metric.FANOUT_LAG, Metric.VISIBLE_LAG, Metric.HOME_LATENCY, Metric.POSTS, Metric.READS, Metric.DELIVERIES,
    Metric.FRESH_PAIRS, Metric.TIMELINE_HITS, Metric.TIMELINE_MISSES, Metric.BODY_HITS, Metric.BODY_MISSES,
    Metric.QUEUE_CLOSE, Metric.QUEUE_REST, Metric.FAILED_READS, Metric.REFUSED_READS, Metric.STALE_READS,
)  # fmt: skip
"""Series that come along with a run."""
_DRAIN_S = 60
"""After the load, until a run is ended although something waits still; the base run has drained under its load."""
_LOGGED = 400_000
_AUDITED = 5_000


@dataclass(frozen=True)
class Job:
    """One run for a worker process. `looked_at`: choices of the sheet that decide what is looked at."""

    course: Course
    seed: int
    watching: Watching
    looked_at: Mapping[str, Any]
    worker_share: float = 1.0
    """See `Design.worker_share`."""
    full: bool = True
    """With everything that is looked at, and series."""


def play(job: Job) -> Ran:
    """The run, drained, audited."""
    course = job.course
    config = course.config
    population = people(job.seed, config.load.author_exponent)
    world = World(config, population, drawn_load(course, job.seed))
    if job.full:
        world.deliveries = DeliveryLog(_LOGGED)  # alone: a logbook beside it would make each step five
    try:
        world.schedule(course.faults)
        world.load_ends_ns = course.seconds * NS_PER_S
        looks = _looks(job)
        judged: Json = {}
        demand, queue = Demand(course), Queue(course)
        for at_s in _seconds(world, course):
            for look in looks:
                look.second(world, at_s)
            demand.second(world, at_s)
            queue.second(world, at_s)
            if at_s == course.judged_s:
                judged = summarise(world, at_s)
        told = judged or summarise(world, course.seconds)
        report = {
            **{name: told[name] for name in ("summary", "slo")},
            "cost": {**told["cost"], "workers_s": told["cost"]["workers_s"] * job.worker_share},
            "audit": audit(world.tables, world.strategy, world.now_ns, world.fanout.outstanding(), _AUDITED).to_json(),
            "virtual_seconds": world.now_ns / NS_PER_S,
            "config": {"strategy": config.strategy.name},
            "peak": queue.found(world),
            "by_followers": by_followers(world, course),
            "lanes": lanes(world, course),
            **shards(world, job.looked_at),
        }
        for look in looks:
            report = _merged(report, look.found(world))
        report = _merged(report, {"stations": demand.found(world)})
        series = _series(world) if job.full else {}
        return Ran(course.scope, Part.model_validate(as_tuples(report)), series, course.marks)
    finally:
        world.close()


def _seconds(world: World, course: Course) -> Iterator[int]:
    """Step by virtual seconds: the load, and until nothing waits or breaks, or it has lasted too long."""
    for second in range(course.seconds):
        world.step(NS_PER_S)
        yield second + 1
    until_s = course.seconds + (_DRAIN_S if course.judged_s is None else 0)
    while not (world.at_rest and world.whole) and world.now_ns < until_s * NS_PER_S:
        world.step(QUANTUM_NS - world.now_ns % QUANTUM_NS)
        if world.now_ns % NS_PER_S == 0:
            yield world.now_ns // NS_PER_S


def _looks(job: Job) -> Sequence[Look]:
    course, chosen = job.course, job.looked_at
    looks: list[Look] = [Breaches(job.watching), Alarms(job.watching)]
    if course.deletes_s is not None:
        looks.append(Deletes(chosen.get("deletes"), course.deletes_s))
    if course.scope == "base" and job.full:
        looks += [Pages(chosen.get("paging"), 40), OwnPosts()]
    if any(fault.kind == "cache_flushed" for fault in course.faults):
        looks.append(Refills(round(min(fault.at_ns for fault in course.faults) / NS_PER_S)))
    return looks


def _series(world: World) -> dict[str, Points]:
    return {str(metric): _points(*world.metrics.series(metric, 0)) for metric in SHOWN}


def _points(seconds: F64, values: F64) -> Points:
    return [round(float(one), 3) for one in seconds], [round(float(one), 4) for one in values]


def _merged(whole: Json, more: Json) -> Json:
    for name, value in more.items():
        old = whole.get(name)
        whole[name] = _merged(dict(old), value) if isinstance(old, dict) and isinstance(value, dict) else value
    return whole
