"""The figures of a run that can be named, by path, and their units."""

STATIONS = ("gateways", "primaries", "workers", "timeline_shards", "indexes", "post_caches", "replicas")
"""As the engine's cost report calls them."""
IN_SUMMARY = {
    "timeline_hit_rate": "share", "post_hit_rate": "share", "queue_depth_peak": "copies", "deliveries": "copies",
    "write_amplification": "copies/post", "rows_per_read": "rows/read", "fresh_goodput": "pairs/s", "trims": "entries",
    "failed_hydrations": "reads", "shed": "posts", "dead_lettered": "jobs", "retries": "jobs", "failed_reads": "reads",
    "refused_reads": "reads", "stale_reads": "reads", "incomplete_reads": "reads",
    **{f"{name}.{point}": "ms" for name in ("fanout_lag_ms", "visible_lag_ms", "post_ms", "home_ms")
       for point in ("p50", "p95", "p99", "max")},
}  # fmt: skip
_BESIDE = {
    "below_horizon_share": "share", "breached_at_s": "s", "peak.queue_depth_peak": "copies", "peak.drain_s": "s",
    "paging.repeats": "posts", "paging.skips": "posts", "shards.per_profile_read": "shards/read",
    "shards.max_over_mean": "x", "expiry.database_reads": "reads", "expiry.keys": "keys",
    "deleted.served": "posts", "deleted.longest_s": "s",
    **{f"audit.{name}": "entries" for name in ("missing", "duplicate", "foreign", "out_of_order")},
}  # fmt: skip
_STATION = {"util": "share", "wait_ms": "ms", "breached_at_s": "s"}
SCALED = {"copies", "pairs/s", "entries", "posts", "jobs", "reads", "keys", "s of work"}
"""Counts of a scaled-down world; everything else is the same in real units."""
_DERIVED = ("peak.drain_s", "write_amplification", "fresh_goodput")
"""Worked out rather than read off."""
_COST = "s of work"
FIGURES: dict[str, str] = {
    **IN_SUMMARY,
    **_BESIDE,
    **{f"stations.{name}.{what}": unit for name in STATIONS for what, unit in _STATION.items()},
    **{f"cost.{name}_s": _COST for name in STATIONS},
}
"""Unit by path."""


def known(path: str) -> str:
    """The path itself.

    Raises:
        ValueError: there is no such figure.
    """
    if path not in FIGURES:
        raise ValueError("a figure of a run, such as home_ms.p99, stations.workers.util or queue_depth_peak")
    return path


def derived(path: str) -> bool:
    """Whether a figure is worked out, so that a factor of two is near enough."""
    return path in _DERIVED or (path.startswith("stations.") and path.endswith(".util"))
