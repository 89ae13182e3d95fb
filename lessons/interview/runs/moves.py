"""The next steps that a candidate may name in step 7: each a change of the design that the engine can run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine import WorldConfig
from engine.config import KNOBS

Change = Callable[[WorldConfig], dict[str, Any]]


@dataclass(frozen=True)
class Move:
    """One of them."""

    title: str
    change: Change

    def apply(self, config: WorldConfig) -> dict[str, Any]:
        """The settings that it changes; none where the design has it already."""
        return {name: value for name, value in self.change(config).items() if config.knob(name) != value}


def _times(knob: str, factor: float) -> Change:
    def change(config: WorldConfig) -> dict[str, Any]:
        known, value = KNOBS[knob], factor * float(config.knob(knob))
        assert known.lo is not None
        assert known.hi is not None
        bounded = min(max(value, known.lo), known.hi)
        return {knob: max(1, round(bounded)) if isinstance(known.default, int) else bounded}

    return change


def _on(knob: str) -> Change:
    return lambda _: {knob: True}


def _strategy(name: str) -> Change:
    return lambda _: {"strategy": name}


MOVES: Mapping[str, Move] = {
    "workers_double": Move("Twice the workers", _times("workers.count", 2.0)),
    "workers_half": Move("Half the workers", _times("workers.count", 0.5)),
    "threshold_tenth": Move("A tenth of the threshold", _times("strategy.threshold", 0.1)),
    "threshold_tenfold": Move("Ten times the threshold", _times("strategy.threshold", 10.0)),
    "cap_half": Move("Lists half as long", _times("timeline.cap", 0.5)),
    "cap_double": Move("Lists twice as long", _times("timeline.cap", 2.0)),
    "indexes_double": Move("Twice the author-index servers", _times("stations.indexes", 2.0)),
    "shards_double": Move("Twice the timeline shards", _times("timeline.shards", 2.0)),
    "replicas_double": Move("Twice the database replicas", _times("stations.replicas", 2.0)),
    "post_caches_double": Move("Twice the post caches", _times("stations.post_caches", 2.0)),
    "cache_tenfold": Move("Ten times the post cache", _times("cache.posts", 10.0)),
    "lanes": Move("A lane for close followers", _on("fanout.lanes")),
    "coalescing": Move("Request coalescing", _on("mitigations.coalescing")),
    "hot_key_copies": Move("Copies of hot keys", _on("mitigations.hot_key_copies")),
    "cache_warming": Move("Cache warming", _on("mitigations.cache_warming")),
    "fallback": Move("Fallback to pull", _on("mitigations.fallback")),
    "stale_if_error": Move("Stale if error", _on("mitigations.stale_if_error")),
    "shedding": Move("Load shedding", _on("mitigations.shedding")),
    "back_pressure": Move("Back-pressure", _on("mitigations.back_pressure")),
    "autoscaling": Move("Autoscaling of workers", _on("mitigations.autoscaling")),
    "celebrity_circuit": Move("Pull large accounts while the queue is long", _on("mitigations.celebrity_circuit")),
    "to_hybrid": Move("Hybrid in place of the strategy", _strategy("hybrid")),
    "to_push": Move("Push in place of the strategy", _strategy("push")),
    "to_pull": Move("Pull in place of the strategy", _strategy("pull")),
    "to_active": Move("Push to active people only", _strategy("push_active")),
}
"""By name; `Next.change` of step 7 is such a name."""
