"""What the rail of the Load lab offers, generated from the engine's own declarations.

Bounds, units, defaults and texts are the engine's; only the short label and the order are decided here.
"""

from typing import Any

from engine import STRATEGIES, WORLDS
from engine.config import Knob, find_knob

ORDER = ("push", "hybrid", "pull", "cached_pull", "push_active")
"""Of the strategies in the rail; any other that the engine has comes after them."""

ALWAYS = {"workers.count": "Workers"}
PARAMETERS = {
    "strategy.threshold": "Threshold",
    "cache.ttl_s": "Keep lists for",
    "strategy.active_days": "Seen within",
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


def knob_form() -> dict[str, Any]:
    """Everything the rail draws, as plain data for the browser."""
    ordered = sorted(STRATEGIES.values(), key=lambda s: ORDER.index(s.slug) if s.slug in ORDER else len(ORDER))
    return {
        "strategies": [{"slug": s.slug, "label": s.title, "text": s.idea} for s in ordered],
        "worlds": [
            {"slug": w.slug, "label": f"{w.title}, {w.users:,} people", "text": w.description} for w in WORLDS.values()
        ],
        "always": _fields(ALWAYS),
        "only_for": {s.slug: [_field(name, PARAMETERS.get(name, name)) for name in s.params.values()] for s in ordered},
        "more": _fields(MORE),
        "seed": _field("seed", "Seed"),
    }


def _fields(labels: dict[str, str]) -> list[dict[str, Any]]:
    return [_field(name, label) for name, label in labels.items()]


def _field(name: str, label: str) -> dict[str, Any]:
    knob = find_knob(name)
    kind = "switch" if isinstance(knob.default, bool) else "whole" if isinstance(knob.default, int) else "number"
    return {
        "name": name,
        "label": label,
        "kind": kind,
        "unit": knob.unit,
        "lo": knob.lo,
        "hi": knob.hi,
        "default": knob.default,
        "text": _sentence(label, kind, knob),
    }


def _sentence(label: str, kind: str, knob: Knob) -> str:
    if kind == "switch":
        return f"{label}: {knob.doc}. Default: {'on' if knob.default else 'off'}."
    allowed = f"{knob.lo:,.15g} to {knob.hi:,.15g} {knob.unit}".rstrip()
    return f"{label}: {knob.doc}. Allowed: {allowed}. Default: {knob.default:,.15g}."
