"""Every knob, with unit, default, bounds and where the default comes from.

A configuration is a value: frozen, comparable, hashable. Change it with `with_knobs`. A knob's public name is
`group.field` (`load.posts_per_s`), or the bare field for the few that stand alone (`seed`, `tick_ms`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from engine.errors import InvalidKnob


@dataclass(frozen=True)
class Knob:
    """What is known about one setting. `lo` and `hi` are inclusive; `choices` replaces them for words."""

    name: str
    default: Any
    unit: str
    doc: str
    lo: float | None = None
    hi: float | None = None
    choices: tuple[str, ...] = ()
    source: str = ""

    def parse(self, value: Any) -> Any:
        """The value in this knob's type, or `InvalidKnob` naming what is allowed."""
        if self.choices:
            if value not in self.choices:
                raise InvalidKnob(f"{self.name} is {value!r}; allowed: {self.allowed}.")
            return value
        if isinstance(self.default, bool):
            return self._parse_bool(value)
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        assert self.lo is not None
        assert self.hi is not None
        if not self.lo <= number <= self.hi or (isinstance(self.default, int) and number != int(number)):
            raise InvalidKnob(f"{self.name} is {value!r}; allowed: {self.allowed}.")
        return int(number) if isinstance(self.default, int) else number

    @property
    def allowed(self) -> str:
        """What may be set, in words: "a whole number from 1 to 10,000 workers"."""
        if self.choices:
            return ", ".join(self.choices)
        if self.lo is None or self.hi is None:
            return "on, off"
        whole = "a whole number " if isinstance(self.default, int) else ""
        return f"{whole}from {_plain(self.lo)} to {_plain(self.hi)} {self.unit}".rstrip()

    def _parse_bool(self, value: Any) -> bool:
        words = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}
        parsed = words.get(str(value).lower())
        if parsed is None:
            raise InvalidKnob(f"{self.name} is {value!r}; allowed: {self.allowed}.")
        return parsed


def _plain(bound: float) -> str:
    return f"{int(bound):,}" if bound == int(bound) else f"{bound:g}"


def _knob(
    default: Any,
    unit: str,
    doc: str,
    lo: float | None = None,
    hi: float | None = None,
    *,
    choices: tuple[str, ...] = (),
    source: str = "",
) -> Any:
    meta = {"unit": unit, "doc": doc, "lo": lo, "hi": hi, "choices": choices, "source": source}
    return field(default=default, metadata=meta)


@dataclass(frozen=True, kw_only=True)
class LoadConfig:
    """What arrives, on average. Drawn per one-second block from the seed (engine/load)."""

    posts_per_s: float = _knob(30.0, "1/s", "posts, replies and reposts together", 0, 50_000)
    reads_per_s: float = _knob(300.0, "1/s", "openings of the home page", 0, 1_000_000)
    likes_per_s: float = _knob(30.0, "1/s", "likes", 0, 100_000)
    follows_per_s: float = _knob(0.5, "1/s", "new follows", 0, 10_000)
    unfollows_per_s: float = _knob(0.1, "1/s", "unfollows", 0, 10_000)
    reply_share: float = _knob(0.1, "share", "of posts that are replies", 0, 0.5)
    repost_share: float = _knob(0.1, "share", "of posts that are reposts", 0, 0.5)
    author_exponent: float = _knob(
        0.0,
        "",
        "posting rate of an account is followers ** this",
        0,
        1,
        source="0.44-0.53 gives the published mean of 75 deliveries a post on real graphs; datasets/README.md",
    )
    return_share: float = _knob(0.01, "share", "of reads by people who had been away", 0, 1)
    burst_factor: float = _knob(
        1.0, "x", "posts in a burst second, against the mean; the seconds between have fewer, the mean stays", 1, 10
    )
    burst_every_s: int = _knob(15, "s", "from one burst second to the next", 10, 3_600)


@dataclass(frozen=True, kw_only=True)
class StrategyConfig:
    """Which fan-out strategy, and the parameters of those that have any."""

    name: str = field(default="push", metadata={"unit": "", "doc": "fan-out strategy", "strategy": True})
    threshold: int = _knob(
        200,
        "followers",
        "hybrid, adaptive, delayed: accounts with at least this many are pulled, not pushed",
        1,
        10_000_000,
    )
    active_days: float = _knob(
        30.0,
        "days",
        "push_active: people away for longer get no deliveries",
        0.01,
        3650,
        source="High Scalability 2013",
    )
    half_at_copies: int = _knob(
        2_000, "copies", "adaptive: so many queued copies halve the threshold, twice as many divide it by 3", 1, 10**9
    )
    delay_s: float = _knob(
        10.0, "s", "delayed: from a large account's post to its fan-out; readers pull it meanwhile", 0.5, 3_600
    )
    reasonable_follows: int = _knob(
        2_000,
        "follows",
        "lossy: people who follow more accounts get only this many accounts' worth of copies",
        1,
        10_000_000,
        source="Bluesky 2025",
    )
    push_pull_ratio: float = _knob(
        20.0,
        "x",
        "per_edge: cost of a push against a pull; pushed are edges with more reads per post than that",
        0.001,
        1e6,
        source="the built-in prices: delivery and list write against an author asked and a few rows",
    )
    rate_memory_s: float = _knob(
        300.0, "s", "per_edge: how long a post counts in the estimate of its author's rate", 1, 86_400
    )


@dataclass(frozen=True, kw_only=True)
class FanoutConfig:
    """How a post becomes deliveries."""

    chunk: int = _knob(100, "followers", "largest number of followers in one job", 1, 10_000, source="Stream-Framework")
    partitions: int = _knob(8, "", "broker partitions in each lane", 1, 256)
    lanes: bool = _knob(True, "", "mutual follows are served before the rest")
    fail_rate: float = _knob(0.0, "share", "of job attempts that fail and are retried", 0, 1)
    redeliver_rate: float = _knob(0.0, "share", "of finished jobs that the broker hands out again", 0, 1)
    max_attempts: int = _knob(5, "attempts", "before a job goes to the dead letters", 1, 20)
    retry_base_ms: float = _knob(200.0, "ms", "first back-off; doubles at each attempt, with jitter", 100, 60_000)


@dataclass(frozen=True, kw_only=True)
class WorkersConfig:
    """The pool that writes copies."""

    count: int = _knob(4, "workers", "in the fan-out pool", 1, 10_000)
    batch: int = _knob(64, "copies", "a worker takes whole jobs up to this many, at least one job", 1, 100_000)


@dataclass(frozen=True, kw_only=True)
class TimelineConfig:
    """The home lists."""

    cap: int = _knob(800, "entries", "kept for each user", 1, 5_000, source="High Scalability 2013")
    shards: int = _knob(8, "servers", "of the timeline store", 1, 4_096)
    backend: str = _knob("ring", "", "where lists are kept", choices=("ring", "fakeredis", "redis"))


@dataclass(frozen=True, kw_only=True)
class ReadConfig:
    """How a home page is assembled."""

    limit: int = _knob(20, "posts", "on one page", 1, 100)
    context: int = _knob(
        40, "posts", "older visible entries in which a repost's root is looked for", 0, 64, source="Mastodon"
    )
    per_author: int = _knob(
        50,
        "posts",
        "fetched of one pulled author at a time",
        1,
        1_000,
        source="50 recent posts of each followee, the usual interview estimate",
    )
    ahead: int = _knob(
        52,
        "rows",
        "fetched beyond the page at first, for what filters take out; more only if they are needed",
        0,
        1_000,
    )


@dataclass(frozen=True, kw_only=True)
class CacheConfig:
    """Post bodies in memory, and pages kept by cached_pull."""

    posts: int = _knob(1_500, "posts", "bodies kept in the post cache (first in, first out)", 1, 100_000_000)
    ttl_s: float = _knob(10.0, "s", "cached_pull: how long a merged list is kept", 0.2, 86_400)


@dataclass(frozen=True, kw_only=True)
class StationConfig:
    """How many servers stand at each station of the request path."""

    gateways: int = _knob(8, "servers", "API gateways", 1, 4_096)
    primaries: int = _knob(4, "servers", "database partitions that commit posts", 1, 4_096)
    indexes: int = _knob(16, "servers", "author-index partitions that answer pulls", 1, 4_096)
    post_caches: int = _knob(1, "servers", "post cache shards", 1, 4_096)
    replicas: int = _knob(16, "servers", "database replicas that answer cache misses", 1, 4_096)


@dataclass(frozen=True, kw_only=True)
class CostConfig:
    """The price list: modelled service times. Waiting is never modelled, it comes out of the queues."""

    gateway_us: float = _knob(200.0, "us", "one request at a gateway", 0, 1e7)
    commit_us: float = _knob(2_000.0, "us", "committing one post", 0, 1e7, source="order of one fsync")
    poll_us: float = _knob(2_000.0, "us", "a worker polls the broker once", 0, 1e7)
    delivery_us: float = _knob(2_300.0, "us", "a worker writes one copy", 0, 1e7)
    list_write_us: float = _knob(20.0, "us", "a timeline shard applies one copy", 0, 1e7)
    list_read_us: float = _knob(300.0, "us", "a timeline shard answers one page", 0, 1e7)
    pull_us: float = _knob(1_400.0, "us", "one pull request, before authors and rows", 0, 1e7)
    author_us: float = _knob(100.0, "us", "each author asked in a pull", 0, 1e7)
    row_us: float = _knob(1.0, "us", "each row fetched in a pull", 0, 1e7)
    hydrate_us: float = _knob(800.0, "us", "one batch of bodies from the post cache", 0, 1e7)
    body_us: float = _knob(5.0, "us", "each body in the batch", 0, 1e7)
    miss_us: float = _knob(1_000.0, "us", "one batch of missing bodies from a replica", 0, 1e7)
    miss_row_us: float = _knob(100.0, "us", "each missing body", 0, 1e7)
    timeout_us: float = _knob(50_000.0, "us", "until a store that is down is given up", 0, 1e7)
    scale: float = _knob(
        1.0,
        "x",
        "how much slower than a data centre these prices are, so that a class can see them",
        0.001,
        1e6,
    )


@dataclass(frozen=True, kw_only=True)
class ClientsConfig:
    """How long people's apps wait, and what they do then."""

    timeout_ms: float = _knob(0.0, "ms", "an app gives a home read up after this; 0: it waits for ever", 0, 60_000)
    retries: int = _knob(3, "retries", "of a home read that was given up", 0, 10)


@dataclass(frozen=True, kw_only=True)
class MitigationsConfig:
    """What helps when something breaks: a switch each, and the few numbers that they need."""

    coalescing: bool = _knob(False, "", "bodies asked of the database by several reads within 100 ms are fetched once")
    soft_ttl: bool = _knob(
        False,
        "",
        "cached_pull: a list that has just expired is served once more and refreshed behind the reader's back",
    )
    ttl_jitter: bool = _knob(False, "", "cached_pull: lists are kept for half to all of their time, by chance")
    cache_warming: bool = _knob(False, "", "lists that were lost are made again before their owners ask")
    warm_per_s: int = _knob(200, "lists/s", "cache_warming: so many", 1, 1_000_000)
    fallback: bool = _knob(False, "", "who cannot reach their list pulls from all they follow")
    stale_if_error: bool = _knob(False, "", "who cannot reach their list is shown the page they saw last")
    back_pressure: bool = _knob(False, "", "writes wait at the door while the queue is longer than its bound")
    queue_bound: int = _knob(20_000, "copies", "back_pressure: the queue's bound", 1, 10**9)
    shedding: bool = _knob(
        False,
        "",
        "reads are refused at the door while stores are behind: first who has just read, then who has no list",
    )
    shed_above_ms: float = _knob(500.0, "ms", "shedding: work that the slowest read station has before it", 1, 60_000)
    retry_budget: bool = _knob(False, "", "apps try again for one read in ten at most, later and later, not together")
    circuit_breaker: bool = _knob(
        False, "", "a database that is behind is not asked until it has recovered: pages lack bodies, or fail at once"
    )
    break_above_ms: float = _knob(300.0, "ms", "circuit_breaker: work that a database server has before it", 1, 60_000)
    hot_key_copies: bool = _knob(False, "", "a key that everybody asks for is answered by all servers")
    autoscaling: bool = _knob(False, "", "workers are added while copies wait too long, and let go afterwards")
    scale_above_ms: float = _knob(1_000.0, "ms", "autoscaling: age of the oldest waiting copy", 100, 60_000)
    most_workers: int = _knob(4, "x", "autoscaling: of the configured workers, at most", 1, 100)
    dead_letters: bool = _knob(
        True, "", "a job that fails again and again is put aside; without, it is tried for ever, at the same pace"
    )
    celebrity_circuit: bool = _knob(False, "", "large accounts are pulled, not pushed, while the queue is long")
    circuit_above: int = _knob(5_000, "copies", "celebrity_circuit: queue from which on", 1, 10**9)
    circuit_followers: int = _knob(200, "followers", "celebrity_circuit: of a large account", 1, 10**7)


@dataclass(frozen=True, kw_only=True)
class SloConfig:
    """What this Twitter promises."""

    lag_ms: float = _knob(
        5_000.0, "ms", "a post is readable by its followers within", 1, 1e7, source="the usual interview requirement"
    )
    home_ms: float = _knob(
        300.0, "ms", "a home page is answered within", 1, 1e7, source="the usual interview requirement"
    )


@dataclass(frozen=True, kw_only=True)
class WorldConfig:
    """One world and its load, as a value. Same config, same seed: same run, bit for bit."""

    world: str = field(default="classroom", metadata={"unit": "", "doc": "preset", "world": True})
    seed: int = _knob(7, "", "of world and load", 0, 2**31 - 1)
    tick_ms: int = _knob(
        500, "ms", "how much virtual time is worked on at once, at most; never changes a result", 1, 500
    )
    load: LoadConfig = LoadConfig()
    strategy: StrategyConfig = StrategyConfig()
    fanout: FanoutConfig = FanoutConfig()
    workers: WorkersConfig = WorkersConfig()
    timeline: TimelineConfig = TimelineConfig()
    read: ReadConfig = ReadConfig()
    cache: CacheConfig = CacheConfig()
    stations: StationConfig = StationConfig()
    costs: CostConfig = CostConfig()
    clients: ClientsConfig = ClientsConfig()
    mitigations: MitigationsConfig = MitigationsConfig()
    slo: SloConfig = SloConfig()

    def knob(self, name: str) -> Any:
        """The value of one knob by its public name."""
        find_knob(name)
        group, _, leaf = name.rpartition(".")
        return getattr(getattr(self, group) if group else self, leaf)

    def with_knobs(self, changes: Mapping[str, Any]) -> "WorldConfig":
        """A copy with some knobs changed; values may be strings.

        Raises:
            InvalidKnob: a name that does not exist, or a value out of bounds; nothing was changed.
        """
        config = self
        for name, value in changes.items():
            parsed = find_knob(name).parse(value)
            group, _, leaf = name.rpartition(".")
            if group:
                config = replace(config, **{group: replace(getattr(config, group), **{leaf: parsed})})
            else:
                config = replace(config, **{leaf: parsed})
        return config


def _declared() -> dict[str, Knob]:
    knobs: dict[str, Knob] = {}

    def visit(cls: Any, prefix: str) -> None:
        for spec in fields(cls):
            if is_dataclass(spec.default):
                visit(type(spec.default), f"{spec.name}.")
            elif "lo" in spec.metadata:
                name = prefix + spec.name
                knobs[name] = Knob(name=name, default=spec.default, **spec.metadata)

    visit(WorldConfig, "")
    return knobs


KNOBS: Mapping[str, Knob] = _declared()
"""All settings by public name. World and strategy are chosen by name, not here."""


def find_knob(name: str) -> Knob:
    """The knob of this name, or `InvalidKnob` with the nearest names."""
    if name in KNOBS:
        return KNOBS[name]
    from difflib import get_close_matches

    near = get_close_matches(name, KNOBS, n=3) or sorted(KNOBS)[:3]
    raise InvalidKnob(f"There is no knob {name!r}; did you mean {', '.join(near)}?")
