"""The kinds of faults: what each is called, what it breaks, how long by itself, and how strong."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from engine.errors import InvalidInput, UnknownName


@dataclass(frozen=True)
class Size:
    """How strong a fault is: its unit, the size it has by itself, and the bounds, both inclusive."""

    name: str
    unit: str
    default: float
    lo: float
    hi: float
    whole: bool = False
    """Whether only whole numbers mean anything."""

    def check(self, kind: str, value: float) -> None:
        """`InvalidInput` where the value is out of bounds, or no whole number though it should be one."""
        if not self.lo <= value <= self.hi or (self.whole and value != int(value)):
            of = "a whole number from " if self.whole else ""
            bounds = f"{of}{plain(self.lo)} to {plain(self.hi)}"
            raise InvalidInput(f"{kind} has size {plain(value)}; allowed: {bounds} {self.unit}.")


def plain(number: float) -> str:
    """A number with all its digits and no exponent, so that it can be read again."""
    return f"{Decimal(repr(float(number))):f}".removesuffix(".0")


@dataclass(frozen=True)
class Kind:
    """One kind of fault."""

    name: str
    title: str
    text: str
    """What happens, in a sentence."""
    lasts_s: float = 0.0
    """How long by itself; 0: over at once."""
    size: Size | None = None
    servers: str | None = None
    """The setting that says how many servers there are, of which one can be named; None: there is nothing to name."""
    all_servers: bool = False
    """Where none is named: whether it is about all of them, or about the first."""


_TIMES = Size("slower", "times", 10, 2, 1_000, whole=True)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "cache_flushed", "Timeline cache wiped",
            "Every stored home list is gone at once; whoever reads next has to pull, and gets a list again.",
        ),
        Kind(
            "shard_down", "Timeline shard down",
            "One server of the timeline cache (the first, unless another is named) does not answer, and comes back "
            "empty.",
            10, servers="timeline.shards",
        ),
        Kind(
            "shard_slow", "Timeline shard slow",
            "One server of the timeline cache (the first, unless another is named) takes several times as long for "
            "everything.",
            10, _TIMES, servers="timeline.shards",
        ),
        Kind(
            "cache_tier_down", "Whole cache tier down",
            "No home list and no post body can be had from memory; both caches come back empty.",
            10,
        ),
        Kind(
            "post_cache_down", "Post cache down",
            "Every body of every page has to come from the database; the cache comes back empty.",
            10,
        ),
        Kind(
            "database_down", "Database partition down",
            "One partition (the first, unless another is named) answers nothing, reads nor writes; who asks it waits "
            "until it is back.",
            5, servers="stations.primaries",
        ),
        Kind(
            "database_slow", "Database slow",
            "The database takes several times as long; one partition of it if one is named.",
            10, _TIMES, servers="stations.primaries", all_servers=True,
        ),
        Kind(
            "worker_crash", "Workers crash in mid-batch",
            "Workers die with what they had taken; the broker hands it out again after two seconds.",
            size=Size("workers", "workers", 1, 1, 10_000, whole=True),
        ),
        Kind(
            "workers_gone", "Half of the workers gone",
            "A share of the fan-out workers is away.",
            20, Size("share", "of the workers", 0.5, 0.01, 0.99),
        ),
        Kind(
            "poison_job", "Poison post",
            "The next post of an account with so many followers kills every worker that takes one of its jobs, until "
            "the code is mended.",
            20, Size("followers", "followers", 100, 1, 1_000_000, whole=True),
        ),
        Kind(
            "broker_paused", "Broker paused",
            "No worker gets a job; posts are accepted and pile up.",
            10,
        ),
        Kind(
            "broker_redelivers", "Broker redelivers",
            "A share of the jobs that are finished is handed out again.",
            10, Size("share", "of the jobs", 1.0, 0.01, 1),
        ),
        Kind(
            "deliveries_reordered", "Deliveries out of order",
            "Finished batches reach the timeline cache late, each by another time up to this.",
            20, Size("delay", "ms", 3_000, 1, 60_000),
        ),
        Kind(
            "clock_skew", "Clocks disagree",
            "Half of the API servers stamp posts with a clock that is ahead; the order of posts is not touched.",
            20, Size("ahead", "ms", 4_000, 1, 3_600_000),
        ),
        Kind(
            "hot_key", "Hot key",
            "Everybody opens one account's page: so many requests a second for one key on one shard.",
            20, Size("requests", "1/s", 2_500, 1, 1_000_000),
        ),
        Kind(
            "retry_storm", "Retry storm",
            "The database is slow for a while and apps give up and try again: the extra work may outlive its cause.",
            5, _TIMES,
        ),
        Kind(
            "cold_start", "Cold start after a deploy",
            "Both caches are empty, and for two seconds no worker takes a job.",
        ),
    )
}  # fmt: skip
"""By name."""


def find_kind(name: str) -> Kind:
    """The kind of this name.

    Raises:
        UnknownName: there is none; with the nearest names.
    """
    if name in KINDS:
        return KINDS[name]
    near = get_close_matches(name, KINDS, n=3) or sorted(KINDS)
    raise UnknownName(f"There is no fault {name!r}; did you mean {', '.join(near)}?")
