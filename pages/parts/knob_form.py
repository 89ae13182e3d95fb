"""What the rail of the Load lab offers, generated from the engine's own declarations.

Bounds, units, defaults and texts are the engine's; only the short label and the order are decided here.
"""

from typing import Any

from engine import KNOBS, STRATEGIES, WORLDS
from engine.config import Knob, find_knob

ORDER = ("push", "hybrid", "pull", "cached_pull", "push_active", "adaptive", "delayed", "per_edge", "lossy")
"""Of the strategies in the rail; any other that the engine has comes after them."""

BACKENDS = {"ring": "Lists in arrays", "redis": "Lists in Redis"}
"""Of a new world. Redis is the server at REDIS_URL, or without one an imitation in this process; Inspect says which."""

ALWAYS = {"workers.count": "Workers"}
PARAMETERS = {
    "strategy.threshold": "Threshold",
    "cache.ttl_s": "Keep lists for",
    "strategy.active_days": "Seen within",
    "strategy.half_at_copies": "Halved at",
    "strategy.delay_s": "Put off for",
    "strategy.push_pull_ratio": "Push to pull",
    "strategy.rate_memory_s": "Rates over",
    "strategy.reasonable_follows": "In full up to",
}
"""Shown only for the strategy that has them."""
MORE = {
    "fanout.chunk": "Chunk",
    "fanout.lanes": "Lanes",
    "cache.posts": "Post cache",
    "cache.ttl_s": "List TTL",
    "load.posts_per_s": "Posts",
    "load.reads_per_s": "Reads",
    "load.likes_per_s": "Likes",
    "load.follows_per_s": "Follows",
}


OTHERS = {
    "stations.gateways": "Gateways",
    "stations.primaries": "Primaries",
    "stations.indexes": "Partitions",
    "stations.post_caches": "Cache shards",
    "stations.replicas": "Replicas",
    "timeline.shards": "Shards",
    "workers.batch": "Batch",
    "fanout.fail_rate": "Failing jobs",
    "costs.gateway_us": "One request",
    "costs.commit_us": "One commit",
    "costs.poll_us": "One poll",
    "costs.delivery_us": "One copy",
    "costs.list_write_us": "Write a copy",
    "costs.list_read_us": "Read a list",
    "costs.pull_us": "One pull",
    "costs.author_us": "Each author",
    "costs.hydrate_us": "One batch",
    "costs.miss_us": "One batch",
    "costs.miss_row_us": "Each body",
    "read.per_author": "Posts each",
}
"""Short labels of settings that only the living diagram offers, read beside the name of their station."""

UNITS = {"us": "µs", "1/s": "a second"}
"""As people read them, where that differs from the declaration."""


def knob_form() -> dict[str, Any]:
    """Everything the rail draws, as plain data for the browser."""
    ordered = sorted(STRATEGIES.values(), key=lambda s: ORDER.index(s.slug) if s.slug in ORDER else len(ORDER))
    return {
        "strategies": [{"slug": s.slug, "label": s.title, "text": s.idea} for s in ordered],
        "worlds": [
            {"slug": w.slug, "label": f"{w.title}, {w.users:,} people", "text": w.description} for w in WORLDS.values()
        ],
        "backends": [{"name": name, "label": label} for name, label in BACKENDS.items()],
        "always": _fields(ALWAYS),
        "only_for": {s.slug: [_field(name, PARAMETERS.get(name, name)) for name in s.params.values()] for s in ordered},
        "more": _fields(MORE),
        "seed": _field("seed", "Seed"),
        "all": all_knobs(),
    }


def all_knobs() -> dict[str, dict[str, Any]]:
    """Every setting that can be changed in a running world, as a field, by its public name."""
    labels = OTHERS | MORE | PARAMETERS | ALWAYS
    return {
        name: _field(name, labels.get(name, _plain_label(name))) for name, knob in KNOBS.items() if not knob.choices
    }


def _plain_label(name: str) -> str:
    """`read.per_author` -> "Per author"."""
    return name.rpartition(".")[2].replace("_", " ").capitalize()


def _fields(labels: dict[str, str]) -> list[dict[str, Any]]:
    return [_field(name, label) for name, label in labels.items()]


def _field(name: str, label: str) -> dict[str, Any]:
    knob = find_knob(name)
    kind = "switch" if isinstance(knob.default, bool) else "whole" if isinstance(knob.default, int) else "number"
    return {
        "name": name,
        "label": label,
        "kind": kind,
        "unit": UNITS.get(knob.unit, knob.unit),
        "lo": knob.lo,
        "hi": knob.hi,
        "default": knob.default,
        "text": _sentence(label, kind, knob),
    }


def _sentence(label: str, kind: str, knob: Knob) -> str:
    if kind == "switch":
        return f"{label}: {knob.doc}. Default: {'on' if knob.default else 'off'}."
    unit = UNITS.get(knob.unit, knob.unit)
    allowed = f"{knob.lo:,.15g} to {knob.hi:,.15g} {unit}".rstrip()
    return f"{label}: {knob.doc}. Allowed: {allowed}. Default: {knob.default:,.15g}."
