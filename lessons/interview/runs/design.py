"""The candidate's sheet as settings of the small world: what the engine has is set, what it has not is said."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import WorldConfig, preset_config, with_strategy
from engine.config import KNOBS
from engine.errors import InvalidInput
from lessons.interview.runs.scale import WORLD, Scaled, scaled
from lessons.interview.sheet import Sheet3, Sheet5, Sheet6, Steps
from lessons.interview.transcript import Knobs, Transcript

STRATEGY: Mapping[str, str] = {
    "pull": "pull", "cached_pull": "cached_pull", "push": "push", "hybrid": "hybrid", "active_only": "push_active",
    "other": "adaptive",
}  # fmt: skip
"""The engine's name for each word of the sheet."""
POOL = 12
"""Workers in the small world: each does a share of what the candidate's whole pool does."""
_MOST_JOB_S, _LEAST_JOB_S = 1.0, 0.02
_PER_WORKER_S, _BATCH = 800.0, 100.0
"""Deliveries per second of a worker, and copies in a job, where none were entered (the seeds' own)."""
_BUSY_WITHOUT_NUMBER = 0.9
_HEADROOM = 1.4
"""Author indexes: as much machine time as workers would need to push every copy, and so much more."""
_PULL_US = 1_400.0
_AUTHOR_US = 100.0
_LONGER = 6.0
"""Times a longer TTL."""

IMPLIED: Mapping[str, tuple[str, ...]] = {"costs.delivery_us": ("fanout.chunk", "workers.batch")}
"""What a worker does in a second decides how long jobs are: one change, not three."""
SWITCHES: Mapping[str, tuple[str, ...]] = {
    "mitigations.coalescing": ("stampede:coalescing",),
    "mitigations.soft_ttl": ("stampede:soft_ttl",),
    "mitigations.ttl_jitter": ("stampede:ttl_jitter",),
    "mitigations.cache_warming": ("stampede:warming",),
    "mitigations.hot_key_copies": ("hot_key:copies_of_the_key", "hot_key:local_cache"),
    "mitigations.stale_if_error": ("degrade:serve_stale",),
    "mitigations.fallback": ("degrade:pull_instead",),
    "mitigations.circuit_breaker": ("degrade:page_without_bodies",),
    "mitigations.shedding": ("degrade:shed_reads", "bound:shed_reads"),
    "mitigations.back_pressure": ("bound:hold_posts",),
    "mitigations.celebrity_circuit": ("bound:delay_large", "action:lower_threshold"),
    "mitigations.autoscaling": ("action:add_workers",),
    "mitigations.dead_letters": ("dlq:True",),
}
"""Mechanisms of the engine, and the choices on the sheet that switch them on."""


@dataclass(frozen=True)
class Design:
    """What will be run."""

    config: WorldConfig
    knobs: Knobs
    """Where it differs from the world as it is opened, by public names; with the choices that only a look knows."""
    scaled: Scaled
    notes: tuple[str, ...]
    worker_share: float
    """What a worker here does in a second over what one of the candidate's does: here are more of them, each slower. A
    second of theirs costs so much of a second."""

    @property
    def scale(self) -> float:
        """Real units over those of the run, of whatever is counted."""
        return self.scaled.factor


def design_of(transcript: Transcript, steps: Steps | None = None, seed: int | None = None) -> Design:
    """The design on the sheet; `steps`: of a changed sheet.

    Raises:
        InvalidInput: what the sheet lacks for a run, in a sentence.
    """
    steps = steps or transcript.steps
    s1, s3, s5, s6 = steps.s1.structured, steps.s3.structured, steps.s5.structured, steps.s6.structured
    if s3.strategy is None:
        raise InvalidInput("Step 3 has no strategy: a run needs to know how home timelines are made.")
    size = scaled(s1.assume)
    notes: list[str] = []
    name = _strategy(s3, notes)
    knobs: dict[str, Any] = {
        "load.posts_per_s": size.posts_per_s, "load.reads_per_s": size.reads_per_s,
        "load.author_exponent": size.author_exponent, "load.likes_per_s": 0.0,
        "load.follows_per_s": 0.0, "load.unfollows_per_s": 0.0,
        **_threshold(s3, size, name, notes), **_pool(s5, size, notes),
        **_reads(s5, size), **_switches(s5, s6), **_promises(steps, notes),
    }  # fmt: skip
    cap = steps.s4.structured.cap
    if cap:
        knobs["timeline.cap"] = round(_within(cap, 1, 5_000))
    if seed is not None:
        knobs["seed"] = seed
    config = with_strategy(preset_config(WORLD), name).with_knobs(knobs)
    usual = preset_config(WORLD)
    told = {key: config.knob(key) for key in KNOBS if config.knob(key) != usual.knob(key) and key != "strategy.name"}
    told.pop("workers.count", None)
    pool = {"workers.count": config.workers.count} if s5.workers else {}
    notes.append(
        f"Servers for reads are given: lists and bodies have room for your peak, and the author index has "
        f"{_HEADROOM:g} times the machine time that pushing every copy takes ({config.stations.indexes} here)."
    )
    share = 1e6 / config.costs.delivery_us / (s5.per_worker_s or _PER_WORKER_S)
    knobs = {"world": WORLD, "strategy": name, **told, **pool, **_looked_at(steps)}
    return Design(config, knobs, size, (*size.notes, *notes), share)


def config_diff(before: Design, after: Design) -> Knobs:
    """What a changed sheet changes in what is run."""
    names = sorted({*before.knobs, *after.knobs})
    usual = preset_config(WORLD)
    changed: Knobs = {}
    for name in names:
        one, other = (_setting(design, name, usual) for design in (before, after))
        if one != other:
            changed[name] = other
    implied = {one for name in changed for one in IMPLIED.get(name, ())}
    return {name: value for name, value in changed.items() if name not in implied}


def _strategy(sheet: Sheet3, notes: list[str]) -> str:
    """Its engine's name. Large accounts that are pushed later are a strategy of their own there."""
    assert sheet.strategy is not None
    if sheet.strategy == "other":
        notes.append("Another strategy cannot be run as it was meant; the run takes the adaptive threshold.")
    if sheet.strategy in ("push", "hybrid") and sheet.celebrity == "delay_lane":
        return "delayed"
    return STRATEGY[sheet.strategy]


def _threshold(sheet: Sheet3, size: Scaled, name: str, notes: list[str]) -> dict[str, Any]:
    if name not in ("hybrid", "adaptive", "delayed"):
        return {}
    if not sheet.threshold:
        notes.append("No threshold was entered; the run takes the world's own.")
        return {}
    return {"strategy.threshold": size.followers_here(sheet.threshold)}


def _pool(sheet: Sheet5, size: Scaled, notes: list[str]) -> dict[str, Any]:
    """Workers that together do what the candidate's do, divided by N. A job takes as long as one of theirs, so that
    copies of small posts wait as long for a free worker; only how many work side by side is smaller."""
    here_s = size.posts_per_s * size.copies_post
    per_worker = sheet.per_worker_s or _PER_WORKER_S
    if sheet.workers:
        capacity_s = sheet.workers * per_worker / size.copies_factor
        if not sheet.per_worker_s:
            notes.append(f"You entered no deliveries per worker; the run takes {_PER_WORKER_S:g} a second.")
    else:
        capacity_s = here_s / _BUSY_WITHOUT_NUMBER
        notes.append("You entered no workers; the run takes as many as are nine tenths busy at the mean.")
    each_s = capacity_s / POOL
    job_s = _within((sheet.batch or _BATCH) / per_worker, _LEAST_JOB_S, _MOST_JOB_S)
    chunk = max(1, round(_within(job_s * each_s, 1, 10_000)))
    return {
        "workers.count": POOL, "costs.delivery_us": _within(1e6 / each_s, 1, 10_000_000), "costs.poll_us": 0.0,
        "fanout.chunk": chunk, "workers.batch": chunk, "fanout.lanes": len(sheet.lanes) >= 2,
    }  # fmt: skip


def _reads(sheet: Sheet5, size: Scaled) -> dict[str, Any]:
    """Servers for reads: lists and bodies have room for the peak; author indexes as much machine time as pushing every
    copy would take. Who asks for less than that keeps up, who asks for more does not."""
    push_s = size.posts_per_s * size.copies_post / _PER_WORKER_S
    page_us = 300.0 + 900.0
    doors = math.ceil(size.reads_per_s * size.peak * page_us / 1e6 / 0.5)
    knobs: dict[str, Any] = {
        "stations.indexes": max(1, math.ceil(_HEADROOM * push_s)),
        "costs.pull_us": _PULL_US,
        "costs.author_us": min(_AUTHOR_US * size.follows_factor, 10_000_000.0),
        "timeline.shards": max(8, doors), "stations.post_caches": max(2, doors), "stations.replicas": max(4, doors),
        "stations.gateways": max(4, doors), "stations.primaries": 4,
    }  # fmt: skip
    if sheet.body_cache == "none":
        knobs["cache.posts"] = 1
    if sheet.body_cache == "one_by_one":
        knobs["costs.body_us"] = 300.0
    if "longer_ttl" in (*sheet.stampede, *sheet.hot_key):
        knobs["cache.ttl_s"] = _LONGER * float(KNOBS["cache.ttl_s"].default)
    return knobs


def _switches(s5: Sheet5, s6: Sheet6) -> dict[str, Any]:
    said = words_of(s5, s6)
    return {knob: bool(said & set(words)) for knob, words in SWITCHES.items()}


def words_of(s5: Sheet5, s6: Sheet6) -> set[str]:
    """All choices that may switch a mechanism on, as "field:choice"."""
    said = {f"stampede:{one}" for one in s5.stampede} | {f"hot_key:{one}" for one in s5.hot_key}
    said |= {f"degrade:{one}" for one in s6.degrade} | {f"bound:{s5.bound}", f"dlq:{s6.dlq}"}
    return said | {f"action:{alarm.action}" for alarm in s6.alarms}


def _promises(steps: Steps, notes: list[str]) -> dict[str, Any]:
    slo = steps.s1.structured.slo
    if slo.fresh_s is None:
        notes.append("You promised no freshness; the run is held against 5 s.")
    if slo.home_ms is None:
        notes.append("You promised no time for a home page; the run is held against 300 ms.")
    return {
        **({"slo.lag_ms": _within(1_000 * slo.fresh_s, 1, 10_000_000)} if slo.fresh_s is not None else {}),
        **({"slo.home_ms": _within(slo.home_ms, 1, 10_000_000)} if slo.home_ms is not None else {}),
    }


def _looked_at(steps: Steps) -> dict[str, Any]:
    """Choices that no setting of the engine has, and that decide what is looked at in a run."""
    s2, s4, s6 = steps.s2.structured, steps.s4.structured, steps.s6.structured
    chosen = {
        "paging": s2.paging, "post_partition": s4.post_partition, "deletes": s6.deletes, "region": s6.region.mode,
        "limits": ",".join(s6.limits) or None,
    }  # fmt: skip
    return {name: value for name, value in chosen.items() if value is not None}


def _setting(design: Design, name: str, usual: WorldConfig) -> Any:
    return design.knobs.get(name, usual.knob(name) if name in KNOBS else None)


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
