"""What runs are compared by: every figure with its unit, which way is better, and whether it is real or modelled."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from engine.clock import NS_PER_MS
from engine.errors import UnknownName
from engine.experiments.machine_price import MachinePrice
from engine.observe.metric import Metric
from engine.world import World

Better = Literal["lower", "higher"]
Kind = Literal["real", "measured", "modelled"]
"""real: counted on real structures; measured: waiting out of queues over modelled service times; modelled: prices."""
Figures = dict[str, float | None]
"""Measure -> value of one run; None where nothing was counted."""

BYTES_PER_ENTRY = 4
"""A stored entry is the row of a post, int32 (engine/timelines/ring.py)."""


@dataclass(frozen=True)
class Measure:
    """One figure of a run."""

    name: str
    label: str
    unit: str
    better: Better
    kind: Kind

    def to_json(self) -> dict[str, str]:
        """All but the name."""
        return {"label": self.label, "unit": self.unit, "better": self.better, "kind": self.kind}


_DECLARED = (
    Measure("visible_lag_mean_ms", "visible lag, mean", "ms", "lower", "measured"),
    Measure("visible_lag_p50_ms", "visible lag, p50", "ms", "lower", "measured"),
    Measure("visible_lag_p99_ms", "visible lag, p99", "ms", "lower", "measured"),
    Measure("fanout_lag_p50_ms", "delivery lag, p50", "ms", "lower", "measured"),
    Measure("fanout_lag_p99_ms", "delivery lag, p99", "ms", "lower", "measured"),
    Measure("fresh_share", "pairs visible within the promise", "share", "higher", "measured"),
    Measure("fresh_goodput_per_s", "fresh goodput", "pairs/s", "higher", "measured"),
    Measure("home_mean_ms", "home page, mean", "ms", "lower", "measured"),
    Measure("home_p50_ms", "home page, p50", "ms", "lower", "measured"),
    Measure("home_p99_ms", "home page, p99", "ms", "lower", "measured"),
    Measure("post_p99_ms", "time to accept a post, p99", "ms", "lower", "measured"),
    Measure("timeline_hit_rate", "timeline hit rate", "share", "higher", "real"),
    Measure("post_hit_rate", "post cache hit rate", "share", "higher", "real"),
    Measure("deliveries", "deliveries (writes)", "copies", "lower", "real"),
    Measure("write_amplification", "deliveries a post", "copies", "lower", "real"),
    Measure("rows_read", "rows read", "rows", "lower", "real"),
    Measure("rows_per_read", "rows a home page", "rows", "lower", "real"),
    Measure("list_bytes", "stored lists", "bytes", "lower", "real"),
    Measure("queue_depth_peak", "deepest queue", "copies", "lower", "measured"),
    Measure("lost", "copies shed or given up", "copies", "lower", "real"),
    Measure("write_cost_s", "fan-out: workers, list writes", "machine s", "lower", "modelled"),
    Measure("read_cost_s", "home: list reads, author indexes", "machine s", "lower", "modelled"),
    Measure("common_cost_s", "all else: gateways, database, bodies", "machine s", "lower", "modelled"),
    Measure("machine_s", "machine time, all stations", "machine s", "lower", "modelled"),
    Measure("usd_per_day", "cost of a day of this load", "USD", "lower", "modelled"),
)
MEASURES: Mapping[str, Measure] = MappingProxyType({measure.name: measure for measure in _DECLARED})
"""All measures by name, in the order in which they are shown."""


def find_measure(name: str) -> Measure:
    """The measure of this name.

    Raises:
        UnknownName: there is none; the message lists those there are.
    """
    if name not in MEASURES:
        raise UnknownName(f"There is no measure {name!r}; allowed: {', '.join(MEASURES)}.")
    return MEASURES[name]


def figures(report: Mapping[str, Any], world: World) -> Figures:
    """Every measure of a run that has ended, but for money."""
    summary = report["summary"]
    counted: Figures = {
        "visible_lag_mean_ms": _mean_ms(world, Metric.VISIBLE_LAG),
        "home_mean_ms": _mean_ms(world, Metric.HOME_LATENCY),
        "fresh_share": report["slo"]["fresh_share"]["measured"],
        "fresh_goodput_per_s": summary["fresh_goodput"],
        "rows_read": world.metrics.total(Metric.ROWS_READ),
        "list_bytes": BYTES_PER_ENTRY
        * int(world.tables.lists.sizes(np.arange(world.population.users, dtype=np.int32)).sum()),
        "lost": summary["shed"] + summary["dead_lettered"],
    }
    for name, part in (("visible_lag", "visible_lag_ms"), ("fanout_lag", "fanout_lag_ms"), ("home", "home_ms")):
        counted |= {f"{name}_p50_ms": summary[part]["p50"], f"{name}_p99_ms": summary[part]["p99"]}
    counted["post_p99_ms"] = summary["post_ms"]["p99"]
    for name in ("timeline_hit_rate", "post_hit_rate", "deliveries", "write_amplification", "rows_per_read"):
        counted[name] = summary[name]
    counted["queue_depth_peak"] = summary["queue_depth_peak"]
    return counted | _machine_time(report["cost"], world)


def with_money(figures: Figures, price: MachinePrice, seconds: float) -> Figures:
    """The figures of a run of `seconds`, in the order of MEASURES, and what a day of it costs."""
    machine_s = figures["machine_s"]
    usd = None if machine_s is None else round(price.usd_per_day(machine_s, seconds), 9)
    every = {**figures, "usd_per_day": usd}
    return {name: every[name] for name in MEASURES}


def _machine_time(cost: Mapping[str, Any], world: World) -> Figures:
    """The stations' time by who causes it. A shard works for both: each home page reads it once, the rest is writes."""
    prices = world.config.costs
    list_reads_s = world.metrics.total(Metric.READS) * prices.list_read_us * prices.scale / 1e6
    parts = {
        "write_cost_s": cost["workers_s"] + cost["timeline_shards_s"] - list_reads_s,
        "read_cost_s": cost["indexes_s"] + list_reads_s,
        "common_cost_s": cost["gateways_s"] + cost["primaries_s"] + cost["post_caches_s"] + cost["replicas_s"],
    }
    # Rounded as the report's own seconds are: else what is equal would differ by the last bit of a float.
    return {name: round(s, 6) for name, s in parts.items()} | {"machine_s": round(sum(parts.values()), 6)}


def _mean_ms(world: World, metric: Metric) -> float | None:
    mean_ns = world.metrics.histogram(metric).mean
    return None if mean_ns is None else round(mean_ns / NS_PER_MS, 9)
