"""The engine at the same ratios: a small world with a design's copies a post, reads a post and peak, at 1/N its rates.

A world is classroom where its follow graph can give the design's copies a post, and else city. Accounts that have more
followers are let post more until the mean over posts fits (knob load.author_exponent); what neither can give is said.
"""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np

from engine import SCENARIOS, Metric, World, WorldConfig, build_population, preset_config, with_strategy
from engine.clock import NS_PER_S
from engine.experiments.run import drain, summarise
from lessons.capacity.assumptions import Assumptions
from lessons.capacity.consequences import LABELS, Sheet, evaluate, shown_unit
from lessons.capacity.figures import figure

SEED = 7
SECONDS, EVERY_S = 30, 15
"""Virtual seconds of load, and from one busiest second to the next."""
_MOST_POSTS_PER_S, _LEAST_POSTS_PER_S, _MOST_READS_PER_S, _MOST_COPIES_PER_S = 60.0, 0.5, 3_400.0, 8_000.0
"""As many posts as there is time for their reads and copies."""
_MOST_PEAK, _MOST_RECENT, _MOST_PAGE = 10.0, 1_000, 100
_WORLDS = ("classroom", "city")
_PLENTY = {
    "stations.gateways": 64, "stations.primaries": 64, "stations.indexes": 4_096, "stations.post_caches": 64,
    "stations.replicas": 256, "timeline.shards": 64, "load.likes_per_s": 0.0, "load.follows_per_s": 0.0,
    "load.unfollows_per_s": 0.0,
}  # fmt: skip
"""Servers enough that nothing waits but copies; nobody does anything but post and read."""
_DRAIN_NS = 3_600 * NS_PER_S

BESIDE = (
    "posts_s", "posts_peak", "reads_s", "copies_post", "inserts_s", "inserts_peak", "rows_pull", "pull_s", "push_s",
)  # fmt: skip
"""Consequences that the engine measures; the other figures stand beside assumptions, or alone."""
DEPENDS = (
    "people", "posts_each", "reads_per_post", "follows", "author_skew", "peak", "write_us", "recent", "page", "cap",
    "author_us", "read_us", "hit_rate",
)  # fmt: skip
"""Assumptions that the run, or a formula beside it, depends on."""
Kind = Literal["measured", "modelled"]
Told = Callable[[float], None]
Summary = dict[str, Any]


@dataclass(frozen=True)
class Scale:
    """The world that stands for a design, and how much smaller it is."""

    config: WorldConfig
    factor: float
    """The design's rates over this world's."""
    copies_post: float
    """Followers of a post, by the accounts' rates of posting in this graph."""
    follows: float
    """Mean over its people."""
    fits: bool
    """It has the design's copies a post; else the nearest that a graph gives."""
    workers: int
    """The formula's workers at peak for this world's own rates."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure beside its formula; `measured` is at the design's scale: rates times the factor."""

    name: str
    """Of the consequence, or of what no formula gives."""
    label: str
    unit: str
    formula: float | None
    measured: float
    kind: Kind
    why: str

    @property
    def ratio(self) -> float | None:
        """Measured over formula; None where there is no formula or it says 0."""
        return self.measured / self.formula if self.formula else None


@dataclass(frozen=True)
class Measured:
    """All of them, and the run they come from."""

    scale: Scale
    digest: str
    rows: tuple[Row, ...]
    run: str
    """In words."""


def basis(assumptions: Assumptions) -> Assumptions:
    """The same run: what it does not depend on is as declared, so that a change of it asks for no new run."""
    return Assumptions().with_changes({name: assumptions.values()[name] for name in DEPENDS})


def scaled(assumptions: Assumptions) -> Scale:
    """The world with the same ratios, as near as a graph and the engine's bounds allow."""
    sheet = evaluate(assumptions)
    wanted = sheet.value("copies_post")
    world = next((name for name in _WORLDS if _reach(name)[0] <= wanted <= _reach(name)[1]), _nearest(wanted))
    exponent = _exponent(world, wanted)
    copies = _copies(world, exponent)
    reads_per_post = assumptions.reads_per_post
    posts_s = min(_MOST_POSTS_PER_S, _MOST_READS_PER_S / reads_per_post, _MOST_COPIES_PER_S / copies)
    posts_s = max(posts_s, _LEAST_POSTS_PER_S)
    peak = min(assumptions.peak, _MOST_PEAK)
    workers = max(1, math.ceil(posts_s * copies * peak * assumptions.write_us / 1e6))
    knobs: dict[str, Any] = {
        **_PLENTY,
        "seed": SEED,
        "load.posts_per_s": posts_s,
        "load.reads_per_s": min(posts_s * reads_per_post, 10 * _MOST_READS_PER_S),
        "load.author_exponent": exponent,
        "load.burst_factor": peak,
        "load.burst_every_s": EVERY_S,
        "workers.count": min(workers, 10_000),
        "costs.delivery_us": assumptions.write_us,
        "read.per_author": min(round(assumptions.recent), _MOST_RECENT),
        "read.limit": min(round(assumptions.page), _MOST_PAGE),
        "timeline.cap": min(round(assumptions.cap), 5_000),
    }
    return Scale(
        config=preset_config(world, **knobs),
        factor=sheet.value("posts_s") / posts_s,
        copies_post=copies,
        follows=float(_followers(world)[0].mean()),
        fits=math.isclose(copies, wanted, rel_tol=0.01),
        workers=workers,
    )


def measure(assumptions: Assumptions, told: Told = lambda _: None, executor: Executor | None = None) -> Measured:
    """Run the world under push and under pull, on the same load; the same at every call.

    `told`: how much has been done, from 0 to 1. `executor`: for both at once, in other processes.
    """
    scale, sheet = scaled(assumptions), evaluate(assumptions)
    if executor is None:
        push, digest = _played(scale.config, "push", lambda share: told(share / 2))
        pull, same = _played(scale.config, "pull", lambda share: told(0.5 + share / 2))
    else:
        both = [executor.submit(_played, scale.config, strategy) for strategy in ("push", "pull")]
        told(0.1)
        push, digest = both[0].result()
        told(0.6)
        pull, same = both[1].result()
    assert digest == same
    load = scale.config.load
    words = (
        f"{scale.config.world}, {figure(load.posts_per_s)} posts/s and {figure(load.reads_per_s)} reads/s, "
        f"every {EVERY_S} s a second of {load.burst_factor:g} times the posts, {SECONDS} virtual seconds, push and "
        f"pull on the same load, workers: {scale.config.workers.count}, seed {SEED}"
    )
    rows = (*_arrivals(sheet, scale, push), *_writes(sheet, scale, push), *_reads(sheet, scale, push, pull))
    return Measured(scale, digest, rows, words)


# The world


@cache
def _followers(world: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """(followers of each account, 1 where it posts at all)."""
    population = build_population(preset_config(world, seed=SEED))
    return population.graph.follower_counts.astype(np.float64), population.author_weight.copy()


def _copies(world: str, exponent: float) -> float:
    """Mean followers of a post where accounts post at the rate followers ** exponent."""
    followers, posts = _followers(world)
    rate = posts * np.where(followers > 0, followers, 0.0) ** exponent
    return float((rate * followers).sum() / rate.sum())


@cache
def _reach(world: str) -> tuple[float, float]:
    """The fewest and the most copies a post that its graph gives."""
    return _copies(world, 0.0), _copies(world, 1.0)


def _nearest(wanted: float) -> str:
    """Where no graph has so many or so few: the one that comes nearest by factor."""

    def distance(world: str) -> float:
        low, high = _reach(world)
        return abs(math.log(min(max(wanted, low), high) / wanted))

    return min(_WORLDS, key=distance)


def _exponent(world: str, wanted: float) -> float:
    """How much more those with followers post, for so many copies a post; 0 to 1. Halving, to a millionth."""
    low, high = 0.0, 1.0
    if wanted <= _reach(world)[0]:
        return low
    if wanted >= _reach(world)[1]:
        return high
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if _copies(world, middle) < wanted else (low, middle)
    return high


def _played(config: WorldConfig, strategy: str, told: Told = lambda _: None) -> tuple[Summary, str]:
    """The summary of one run, drained, with its peaks, and the load's digest."""
    config = with_strategy(config, strategy)
    population = build_population(config)
    told(0.1)
    world = World(config, population, SCENARIOS["steady"])
    try:
        world.load_ends_ns = SECONDS * NS_PER_S
        for second in range(SECONDS):
            world.step(NS_PER_S)
            told(0.5 + (second + 1) / SECONDS / 2)
        drain(world, _DRAIN_NS)
        total = world.metrics.total
        summary: Summary = summarise(world, SECONDS)
        summary["totals"] = {metric: total(metric) for metric in (Metric.POSTS, Metric.READS, Metric.DELIVERIES)}
        summary["peak"] = {metric: _busiest(world, metric) for metric in (Metric.POSTS, Metric.PLANNED)}
        return summary, world.load.digest(SECONDS)
    finally:
        world.close()


def _busiest(world: World, metric: Metric) -> float:
    """Mean of the run's busiest seconds, as many as it has bursts, in the metric's unit."""
    ends_s, per_s = world.metrics.series(metric, 0)
    second = np.ceil(ends_s).astype(int) - 1
    counts = np.bincount(second, np.nan_to_num(per_s) * world.metrics.slot_ns / NS_PER_S)
    return float(np.sort(counts)[-(SECONDS // EVERY_S) :].mean())


# Beside the formulas


def _arrivals(sheet: Sheet, scale: Scale, push: Summary) -> Iterator[Row]:
    posts, reads = push["totals"][Metric.POSTS], push["totals"][Metric.READS]
    load = scale.config.load
    chance = (
        f"Arrivals are drawn: {posts:,} posts in {SECONDS} s, so some {100 / math.sqrt(max(posts, 1)):.1g} % by chance."
    )
    yield _row(sheet, "posts_s", scale.factor * posts / SECONDS, chance)
    peak = f"One second in {EVERY_S} is that busy, and chance adds to it."
    if sheet.assumptions.peak == 1:
        peak = "The busiest seconds of a steady load are busier by chance alone."
    if sheet.assumptions.peak > _MOST_PEAK:
        peak = f"The engine's busiest second has {_MOST_PEAK:g} times the posts at most."
    yield _row(sheet, "posts_peak", scale.factor * push["peak"][Metric.POSTS], peak)
    asked = sheet.assumptions.reads_per_post
    got = load.reads_per_s / load.posts_per_s
    why = "Drawn, too." if math.isclose(asked, got) else f"There is time for {figure(got)} reads a post only."
    yield _row(sheet, "reads_s", scale.factor * reads / SECONDS, why)


def _writes(sheet: Sheet, scale: Scale, push: Summary) -> Iterator[Row]:
    posts, copies = push["totals"][Metric.POSTS], push["totals"][Metric.DELIVERIES]
    by_rates = figure(scale.copies_post)
    why = f"By their rates of posting it is {by_rates}; which accounts happen to write these {posts:,} posts decides."
    if not scale.fits:
        why = f"No graph here has that many or few: {by_rates} is the nearest, in {scale.config.world}."
    yield _row(sheet, "copies_post", copies / posts, why)
    yield _row(
        sheet, "inserts_s", scale.factor * copies / SECONDS, "Posts times copies of a post: both differences above."
    )
    peak = "The few posts of the busiest seconds; one large account among them moves it."
    yield _row(sheet, "inserts_peak", scale.factor * push["peak"][Metric.PLANNED], peak)
    yield Row(
        name="write_us", label=LABELS["write_us"], unit="us", formula=sheet.assumptions.write_us,
        measured=1e6 * push["cost"]["workers_s"] / copies, kind="modelled",
        why="The formula has the write alone; a worker also asks for jobs, "
        f"{scale.config.costs.poll_us:,.0f} us for up to {scale.config.workers.batch} copies.",
    )  # fmt: skip
    yield Row(
        name="lag_p99", label="fan-out lag, p99", unit="s", formula=None,
        measured=push["summary"]["fanout_lag_ms"]["p99"] / 1e3, kind="measured",
        why=f"No formula has it. Here are as many workers as the formula asks for at peak ({scale.workers:,}), and "
        "still copies wait in line.",
    )  # fmt: skip


def _reads(sheet: Sheet, scale: Scale, push: Summary, pull: Summary) -> Iterator[Row]:
    a, read = sheet.assumptions, scale.config.read
    ready, pulled = push["summary"]["rows_per_read"], pull["summary"]["rows_per_read"]
    reads = pull["totals"][Metric.READS]
    ahead = f"Here {read.ahead} more are fetched with each page, for what filters take out."
    naive = (
        f"The formula takes {figure(a.recent)} posts of all whom one follows. Here people follow "
        f"{figure(scale.follows)}, many of whom have not so many posts, and old posts are not fetched where newer ones "
        "fill the page."
    )
    yield Row(
        name="page", label="rows of a ready page", unit="rows/read", formula=a.page, measured=ready, kind="measured",
        why=ahead,
    )  # fmt: skip
    yield _row(sheet, "rows_pull", pulled, naive)
    yield _row(sheet, "push_s", scale.factor * ready * reads / SECONDS, "As the rows of a ready page.")
    yield _row(sheet, "pull_s", scale.factor * pulled * reads / SECONDS, "As the rows of a pulled page.")
    yield Row(
        name="list_hits", label="pages from a ready list, under push", unit="%", formula=100.0,
        measured=100 * (push["summary"]["timeline_hit_rate"] or 0.0), kind="measured",
        why="Everybody who reads has a list.",
    )  # fmt: skip
    yield Row(
        name="hit_rate", label=LABELS["hit_rate"], unit="%", formula=a.hit_rate,
        measured=100 * (push["summary"]["post_hit_rate"] or 0.0), kind="measured",
        why=f"Here memory holds {scale.config.cache.posts:,} bodies, and {SECONDS} s bring few new ones.",
    )  # fmt: skip
    cost, posts = push["cost"], push["totals"][Metric.POSTS]
    stations = cost["post_caches_s"] + cost["replicas_s"] + cost["indexes_s"]
    lists = cost["timeline_shards_s"] - push["totals"][Metric.DELIVERIES] * scale.config.costs.list_write_us / 1e6
    gateway = cost["gateways_s"] * reads / (reads + posts)
    yield Row(
        name="read_us", label=LABELS["read_us"], unit="us", formula=a.read_us,
        measured=1e6 * (stations + lists + gateway) / reads, kind="modelled",
        why=f"By the prices of {scale.config.world}: gateway, list, and bodies with those that memory lacks.",
    )  # fmt: skip
    yield Row(
        name="pull_us", label="time to ask all for one pulled page", unit="us", formula=a.follows * a.author_us,
        measured=1e6 * pull["cost"]["indexes_s"] / reads, kind="modelled",
        why=f"By the prices of {scale.config.world}: {scale.config.costs.pull_us:,.0f} us for the request, "
        f"{scale.config.costs.author_us:g} us an account, {scale.config.costs.row_us:g} us a row.",
    )  # fmt: skip


def _row(sheet: Sheet, name: str, measured: float, why: str) -> Row:
    return Row(
        name=name, label=LABELS[name], unit=shown_unit(name), formula=sheet.value(name), measured=measured, why=why,
        kind="measured",
    )  # fmt: skip
