"""The figures of a run's summary as a flat list: each with its name, unit and meaning, wherever a run is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One number of `summary`. `path`: where it stands there; `modelled`: service times of a price list are in it."""

    name: str
    path: tuple[str, ...]
    unit: str
    text: str
    modelled: bool = False

    @property
    def label(self) -> str:
        """Whether the number was measured, or what of it comes from the price list."""
        return "waiting measured, service times modelled" if self.modelled else "measured"

    def of(self, summary: Mapping[str, Any] | None) -> float | None:
        """The number in a summary; None where nothing was counted, or the run has none."""
        found: Any = summary
        for key in self.path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found if isinstance(found, int | float) else None


_LATENCIES = {
    "fanout_lag": "post accepted until a copy is readable in a follower's list",
    "visible_lag": "post accepted until a read by a follower would show it, pushed or pulled",
    "post": "answer to 'publish this'",
    "home": "answer to 'show my home'",
}
_POINTS = {"p50": "half of them faster", "p95": "95 in 100 faster", "p99": "99 in 100 faster", "max": "the slowest"}

FIGURES: tuple[Figure, ...] = (
    *(
        Figure(f"{name}_{point}_ms", (f"{name}_ms", point), "ms", f"{text}: {words}", modelled=True)
        for name, text in _LATENCIES.items()
        for point, words in _POINTS.items()
    ),
    Figure("timeline_hit_rate", ("timeline_hit_rate",), "share", "home pages answered from the ready-made list alone"),
    Figure("post_hit_rate", ("post_hit_rate",), "share", "post bodies found in memory"),
    Figure("queue_depth_peak", ("queue_depth_peak",), "copies", "most copies outstanding at any time"),
    Figure("deliveries", ("deliveries",), "copies", "copies that became readable in followers' lists"),
    Figure("write_amplification", ("write_amplification",), "copies/post", "copies written for each post"),
    Figure("rows_per_read", ("rows_per_read",), "rows/page", "rows touched for each home page"),
    Figure("fresh_goodput_per_s", ("fresh_goodput",), "pairs/s", "pairs of post and follower visible within the SLO"),
    Figure("trims", ("trims",), "entries", "oldest entries dropped from full lists"),
    Figure("failed_hydrations", ("failed_hydrations",), "posts", "posts on a page whose body could not be fetched"),
    Figure("shed", ("shed",), "copies", "copies refused because the line was full"),
    Figure("dead_lettered", ("dead_lettered",), "copies", "copies in jobs given up after their last attempt"),
    Figure("retries", ("retries",), "jobs", "job attempts that failed and were queued again"),
    Figure("failed_reads", ("failed_reads",), "reads", "home reads answered with an error: the list was out of reach"),
    Figure("refused_reads", ("refused_reads",), "reads", "home reads turned away because stores were behind"),
    Figure("stale_reads", ("stale_reads",), "reads", "home reads answered with an older page"),
    Figure("incomplete_reads", ("incomplete_reads",), "reads", "home pages shown without some of their bodies"),
    Figure("timeouts", ("timeouts",), "reads", "home reads that an app gave up waiting for"),
    Figure("repeated_reads", ("repeated_reads",), "reads", "home reads sent once more after that; home reads, too"),
)
"""All of them, in the order of the summary."""
