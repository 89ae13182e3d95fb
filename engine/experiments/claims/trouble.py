"""Claims about overload and expiry, measured on the classroom with one switch at a time."""

from typing import Any

from datasets.worlds import preset_config
from engine.experiments.claims.claim import Figure, Finding
from engine.experiments.claims.classroom import quantile_ms
from engine.experiments.claims.scenes import SEED, Runs
from engine.experiments.run import RunRequest, RunResult, run
from engine.faults.fault import parse_fault
from engine.observe.metric import Metric
from engine.write_path.strategies import with_strategy

_OVERLOAD: dict[str, Any] = {"load.posts_per_s": 60.0}
"""Twice the classroom's own load: more copies than its workers write."""
_BOUND = 2_000
_OVERLOAD_S, _EXPIRY_S, _DOWN_S = 20, 20, 10
_CACHE_DOWN = "post_cache_down@3+5"


def c25(runs: Runs) -> Finding:
    """None: the same overload, with an unbounded queue and with one that holds writers up at its bound (seed 002)."""
    free, words = runs.classroom("push", _OVERLOAD_S, knobs=_OVERLOAD)
    bound = {**_OVERLOAD, "mitigations.back_pressure": True, "mitigations.queue_bound": _BOUND}
    held, held_words = runs.classroom("push", _OVERLOAD_S, knobs=bound)
    measured = []
    for result, what in ((free, "unbounded"), (held, f"bounded at {_BOUND:,}")):
        metrics = result.world.metrics
        measured += [
            Figure(quantile_ms(result.world, Metric.POST_LATENCY, 0.99), "ms", f"post p99, {what}"),
            Figure(quantile_ms(result.world, Metric.VISIBLE_LAG, 0.99), "ms", f"visible p99, {what}"),
            Figure(metrics.total(Metric.FRESH_PAIRS) / _OVERLOAD_S, "fresh pairs/s", what),
        ]
    return Finding(
        measured=tuple(measured),
        run=f"{words}; and {held_words}",
        why="Here it is the readers who wait without a bound; with one the author waits at the door instead. "
        "The clock of freshness starts when a post is accepted, so waiting there does not count.",
    )


def c28(runs: Runs) -> Finding:
    """None: what reaches the database, or has to be pulled, without any protection and with one of them (seed 004)."""
    alone, together = (_cache_down({"mitigations.coalescing": on}) for on in (False, True))
    hard, words = runs.classroom("cached_pull", _EXPIRY_S)
    soft, soft_words = runs.classroom("cached_pull", _EXPIRY_S, knobs={"mitigations.soft_ttl": True})
    spread, spread_words = runs.classroom("cached_pull", _EXPIRY_S, knobs={"mitigations.ttl_jitter": True})
    bodies = [each.world.metrics.total(Metric.BODY_MISSES) for each in (alone, together)]
    pulled = [each.world.metrics.total(Metric.TIMELINE_MISSES) for each in (hard, soft, spread)]
    return Finding(
        measured=(
            Figure(bodies[0], "bodies", "from the database, memory down"),
            Figure(bodies[1], "bodies", "with coalescing"),
            Figure(pulled[0], "pages", "waited for a pull, lists kept 10 s"),
            Figure(pulled[1], "pages", "with a soft TTL"),
            Figure(pulled[2], "pages", "with spread expiry"),
        ),
        run=f"classroom, push, steady, {_CACHE_DOWN}, {_DOWN_S} s, seed {SEED}; {words}; {soft_words}; and "
        f"{spread_words}",
        why="Coalescing spares what is asked for at once; a soft TTL serves the old page and refreshes behind the "
        "reader's back. Spread expiry saves no pulls: it only keeps them from coming together.",
    )


def _cache_down(knobs: dict[str, Any]) -> RunResult:
    """The classroom while no body can be had from memory for five seconds."""
    config = with_strategy(preset_config("classroom", **{"seed": SEED, **knobs}), "push")
    return run(RunRequest(config=config, seconds=_DOWN_S, faults=(parse_fault(_CACHE_DOWN),)))
