"""Whole runs in which something breaks: which faults and mitigations, with what makes them matter among 160 people."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from datasets.population import Population
from engine.faults import parse_fault
from engine.world import World
from tests.conformance.runs import ROOMY, Run, run

FAULTS: Mapping[str, str] = {
    "cache_flushed": "cache_flushed@1.033000001",
    "shard_down": "shard_down@1.033000001+0.9#0",
    "shard_slow": "shard_slow@0.733000007+0.9x100#3",
    "cache_tier_down": "cache_tier_down@1.1+0.777777777",
    "post_cache_down": "post_cache_down@1.033000001+0.9",
    "database_down": "database_down@1.033000001+0.7#1",
    "database_slow": "database_slow@0.987654321+0.9x60",
    "worker_crash": "worker_crash@1.033000001x3",
    "workers_gone": "workers_gone@0.533000001+1.5x0.75",
    "poison_job": "poison_job@0.9+1.033000001x20",
    "broker_paused": "broker_paused@0.733000001+1.1",
    "broker_redelivers": "broker_redelivers@0.733000001+1.5x0.8",
    "deliveries_reordered": "deliveries_reordered@0.733000001+1.5x700",
    "clock_skew": "clock_skew@0.733000001+1.5x4000",
    "hot_key": "hot_key@0.733000001+1.5x3015",
    "retry_storm": "retry_storm@0.733000001+0.8x400",
    "cold_start": "cold_start@1.033000001",
}
"""One of each kind; instants lie within ticks, but for some."""

MITIGATED = tuple[str, dict[str, Any], tuple[str, ...]]


class Mitigated(NamedTuple):
    """A mitigation under a strategy and knobs, and the faults against which it acts."""

    strategy: str
    knobs: Mapping[str, Any]
    faults: tuple[str, ...]
    off: bool = False
    """Is it what is on by itself, and is switched off."""


SLOW_BODIES = {"cache.posts": 4}
MITIGATIONS: Mapping[str, Mitigated] = {
    "coalescing": Mitigated("push", {}, ("post_cache_down@1.033000001+0.9",)),
    "soft_ttl": Mitigated("cached_pull:ttl=0.5", {}, ("database_slow@0.7+0.9x5",)),
    "ttl_jitter": Mitigated("cached_pull:ttl=0.5", {}, ("cache_flushed@1.033000001",)),
    "cache_warming": Mitigated(
        "hybrid:threshold=30", {"mitigations.warm_per_s": 120}, ("cache_flushed@1.033000001", "shard_down@1.7+0.4#2")
    ),
    "fallback": Mitigated("push", {}, ("shard_down@1.033000001+0.9",)),
    "stale_if_error": Mitigated("push", {}, ("shard_down@1.033000001+0.9", "post_cache_down@1.2+0.5")),
    "back_pressure": Mitigated(
        "push", {"mitigations.queue_bound": 60}, ("workers_gone@0.533000001+1.5x0.75",)
    ),
    "shedding": Mitigated(
        "push",
        {"mitigations.shed_above_ms": 20, **SLOW_BODIES},
        ("database_slow@0.733000001+0.9x60", "cache_flushed@1.033000001"),
    ),
    "retry_budget": Mitigated(
        "push", {"clients.timeout_ms": 150, **SLOW_BODIES}, ("database_slow@0.733000001+0.8x100",)
    ),
    "circuit_breaker": Mitigated(
        "push", {"mitigations.break_above_ms": 10, **SLOW_BODIES}, ("database_slow@0.733000001+0.9x100",)
    ),
    "hot_key_copies": Mitigated("push", {}, ("hot_key@0.733000001+1.5x3015",)),
    "autoscaling": Mitigated(
        "push", {"mitigations.scale_above_ms": 100, "workers.count": 2}, ("workers_gone@0.533000001+1.5x0.5",)
    ),
    "dead_letters": Mitigated(
        "push", {"fanout.max_attempts": 2, "fanout.retry_base_ms": 100}, ("poison_job@0.5+2.033000001x20",), off=True
    ),
    "celebrity_circuit": Mitigated(
        "push",
        {"mitigations.circuit_above": 40, "mitigations.circuit_followers": 20},
        ("workers_gone@0.533000001+1.5x0.75",),
    ),
}  # fmt: skip


def broken_run(
    population: Population,
    strategy: str,
    faults: Iterable[str],
    tick_ms: int = 500,
    steps_ms: Iterable[int] = (1_000,),
    knobs: Mapping[str, Any] = ROOMY,
    make: Callable[..., World] = World,
) -> Run:
    """Three seconds of everything in which these things break, and then until the world is at rest."""

    def open_broken(*rest: Any) -> World:
        world = make(*rest)
        world.schedule(map(parse_fault, faults))
        return world

    found = run(population, strategy, knobs, tick_ms, steps_ms, open_broken)
    assert found.world is not None
    found.seen["stations"] = stations_of(found.world)
    return found


def stations_of(world: World) -> dict[str, tuple[int, int, int]]:
    """What each station was asked for: customers, service, time in line."""
    reads = world.reads.stations
    named = {
        "gateway": world.gateway.station, "primary": world.primary.station, "shards": world.fanout.shards,
        "indexes": reads.indexes, "post caches": reads.post_caches, "replicas": reads.replicas,
    }  # fmt: skip
    return {name: (at.served, at.busy_ns, at.waited_ns) for name, at in named.items()}


def mitigated_run(population: Population, name: str, on: bool, tick_ms: int = 500, **rest: Any) -> Run:
    """The run of a mitigation, with and without it."""
    case = MITIGATIONS[name]
    knobs = {**ROOMY, **case.knobs, f"mitigations.{name}": on != case.off}
    return broken_run(population, case.strategy, case.faults, tick_ms, knobs=knobs, **rest)
