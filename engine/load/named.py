"""Loads with a name: published ones, as knobs, with as many servers as carry them in world `country`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from engine.errors import UnknownName


@dataclass(frozen=True)
class NamedLoad:
    """One load; `knobs` by public name."""

    slug: str
    doc: str
    source: str
    knobs: Mapping[str, Any]


_SEED_004: Mapping[str, Any] = MappingProxyType(
    {
        "load.posts_per_s": 3_472.0,
        "load.reads_per_s": 578_704.0,
        "load.likes_per_s": 3_472.0,
        "load.author_exponent": 0.3588,
        "workers.count": 140,
        "stations.gateways": 128,
        "stations.indexes": 1_024,
        "stations.post_caches": 512,
        "stations.replicas": 512,
        "timeline.shards": 512,
    }
)

LOADS: Mapping[str, NamedLoad] = MappingProxyType(
    {
        named.slug: named
        for named in (
            NamedLoad(
                "twitter-2012",
                "4,630 posts/s on average, 12,000 in bursts; 347,000 deliveries/s under hybrid; 300,000 home reads/s.",
                "400 million posts and 30 billion deliveries a day, 300,000 reads/s (High Scalability, 2013); peaks of "
                "over 12,000 posts/s (M. Kleppmann, Designing Data-Intensive Applications, 2017, ch. 1)",
                MappingProxyType(
                    {
                        "load.posts_per_s": 4_630.0,
                        "load.reads_per_s": 300_000.0,
                        "load.likes_per_s": 4_630.0,
                        "load.author_exponent": 0.178,
                        "load.burst_factor": 2.6,
                        "load.burst_every_s": 15,
                    }
                ),
            ),
            NamedLoad(
                "seed-004",
                "3,472 posts/s with 200 followers each (694,000 inserts/s under push), 578,704 home reads/s.",
                "300 million posts a day, 200 followers each, and 50 billion reads a day: an interview's estimate",
                _SEED_004,
            ),
            NamedLoad(
                "seed-004-peak",
                "As seed-004, with its tenfold write peak: one second in twenty brings 34,720 posts, the mean stays.",
                "the same estimate: 35,000 posts/s and 7 million inserts/s at peak",
                MappingProxyType({**_SEED_004, "load.burst_factor": 10.0, "load.burst_every_s": 20}),
            ),
        )
    }
)
"""All named loads by slug."""


def named_load(name: str) -> Mapping[str, Any]:
    """The knobs of a named load.

    Raises:
        UnknownName: with the ones that exist.
    """
    if name not in LOADS:
        raise UnknownName(f"There is no load {name!r}; allowed: {', '.join(LOADS)}.")
    return LOADS[name].knobs
