"""What a run tells afterwards, out of its own series: what broke and in which order, what was lost, for how long."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from engine.clock import NS_PER_S
from engine.config import WorldConfig
from engine.domain import F64, Bool
from engine.experiments.run import RunResult
from engine.observe.metric import Metric

SLOT_S = 0.5
"""A point of a series stands for so long, and can be seen at its end."""
SETTLED_S = 15.0
"""So long a world takes to come to its pace: caches fill, lists are kept for the first time."""
Series = Mapping[str, tuple[F64, F64]]
"""Metric -> (slot ends in virtual seconds, values in the metric's unit)."""


class Figure(NamedTuple):
    """One number of a debrief; of all of them less is better."""

    name: str
    label: str
    unit: str
    kind: str


FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        figure.name: figure
        for figure in (
            Figure("broken_s", "time with a broken promise", "s", "measured"),
            Figure("slow_home_s", "time with slow home pages", "s", "measured"),
            Figure("home_p99_ms", "home page, p99", "ms", "measured"),
            Figure("late_s", "time with late posts", "s", "measured"),
            Figure("late_pairs", "pairs visible late", "pairs", "measured"),
            Figure("lag_p50_ms", "delivery lag, p50", "ms", "measured"),
            Figure("lag_longest_ms", "longest visible lag", "ms", "measured"),
            Figure("queue_peak", "longest queue", "copies", "measured"),
            Figure("failed_reads", "failed home pages", "reads", "measured"),
            Figure("refused_reads", "refused home pages", "reads", "measured"),
            Figure("stale_reads", "home pages out of date", "reads", "measured"),
            Figure("incomplete_reads", "home pages without some bodies", "reads", "measured"),
            Figure("timeouts", "home pages that apps gave up on", "reads", "measured"),
            Figure("repeated_reads", "home pages asked for again", "reads", "measured"),
            Figure("missed_pages", "home pages without a list", "pages", "measured"),
            Figure("fetched_bodies", "bodies from the database", "posts", "measured"),
            Figure("retries", "failed job attempts", "jobs", "measured"),
            Figure("dead_lettered", "copies put aside", "copies", "measured"),
        )
    }
)
"""All of them by name."""


@dataclass(frozen=True)
class Breach:
    """One chart that left what was promised, from when it could first be seen until it was well for good.

    What is so from the beginning, once the world has settled, is how this world is, and no breach.
    """

    what: str
    chart: Metric
    at_s: float
    until_s: float
    for_s: float
    """Time in which it was bad, all together."""
    worst: float
    unit: str
    allowed: str
    """What would be no breach, in words."""
    sentence: str


@dataclass(frozen=True)
class Lost:
    """What people did not get, or not in time. Measured, over the run and its drain."""

    posts: int
    """Posts that people sent and the store does not have."""
    copies: int
    """Entries that the audit misses."""
    late_pairs: int
    """Pairs of a post and a follower that were not visible within the promise."""
    pairs: int
    longest_lag_s: float
    late_for_s: float
    """Time in which what became visible was late."""
    failed: int
    refused: int
    stale: int
    incomplete: int
    given_up: int
    """Home pages for which an app did not wait."""
    reads: int
    lists: int
    """Home lists that were lost and had to be made again."""


@dataclass(frozen=True)
class Debrief:
    """What is to be said after a run."""

    breaches: tuple[Breach, ...]
    """In order of time: the first is what broke first."""
    lost: Lost
    figures: Mapping[str, float]
    """By name of `FIGURES`."""
    faults_end_s: float
    """When the last fault was over."""
    seconds: float
    """Virtual seconds under load."""
    lines: tuple[str, ...]
    """What is shown, a sentence each."""

    def breach(self, chart: Metric) -> Breach | None:
        """What was broken in one chart."""
        return next((breach for breach in self.breaches if breach.chart is chart), None)


class _Watch(NamedTuple):
    """What is too much in one chart, and how that is said."""

    chart: Metric
    what: str
    limit: Callable[[WorldConfig], float]
    """Bad is above."""
    limit_in_words: str
    of: tuple[Metric, ...] = ()
    """The value is the sum of these; and if `share`, the first one's part of it, in percent."""
    share: bool = False


def _workers_promise(config: WorldConfig) -> float:
    """Copies that the configured workers write within the promise."""
    per_s = config.workers.count * 1e6 / (config.costs.delivery_us * config.costs.scale)
    return per_s * config.slo.lag_ms / 1_000


_NONE_ALLOWED = "none"
_WATCHES = (  # in the order of the data flow, which decides between equal instants
    _Watch(Metric.RETRIES, "Jobs fail", lambda _: 0, _NONE_ALLOWED),
    _Watch(Metric.TIMELINE_MISSES, "Pages have no list", lambda _: 50, "half of the pages", (
        Metric.TIMELINE_MISSES, Metric.TIMELINE_HITS), share=True),
    _Watch(Metric.BODY_MISSES, "Bodies come from the database", lambda _: 50, "half of the bodies", (
        Metric.BODY_MISSES, Metric.BODY_HITS), share=True),
    _Watch(Metric.FAILED_READS, "Home pages fail", lambda _: 0, _NONE_ALLOWED),
    _Watch(Metric.REFUSED_READS, "Home pages are refused", lambda _: 0, _NONE_ALLOWED),
    _Watch(Metric.STALE_READS, "Home pages are out of date", lambda _: 0, _NONE_ALLOWED),
    _Watch(Metric.INCOMPLETE_READS, "Home pages lack bodies", lambda _: 0, _NONE_ALLOWED),
    _Watch(Metric.HOME_LATENCY, "Home pages are slow", lambda config: config.slo.home_ms, "the promise"),
    _Watch(Metric.TIMEOUTS, "Apps give up waiting", lambda _: 0, _NONE_ALLOWED),
    _Watch(Metric.POST_LATENCY, "Posts wait at the door", lambda config: 1_000, "a second"),
    _Watch(Metric.QUEUE_REST, "The queue is too long", _workers_promise, "what the workers write in time", (
        Metric.QUEUE_CLOSE, Metric.QUEUE_REST)),
    _Watch(Metric.VISIBLE_LAG, "Posts come late", lambda config: config.slo.lag_ms, "the promise"),
    _Watch(Metric.DEAD_LETTERED, "Copies are put aside", lambda _: 0, _NONE_ALLOWED),
)  # fmt: skip


def debrief_of(result: RunResult, series: Series, seconds: float, recovered: "Recovered") -> Debrief:
    """The debrief of a run that has been drained and audited."""
    world = result.world
    breaches = tuple(_breaches(series, world.config))
    lost = _lost(result, series, recovered)
    past = world.incidents.faults.past
    faults_end_s = max((fault.until_ns for fault in past), default=0) / NS_PER_S
    figures = MappingProxyType(_figures(result, breaches, lost))
    lines = tuple(_lines(breaches, lost, recovered))
    return Debrief(breaches, lost, figures, faults_end_s, seconds, lines)


@dataclass(frozen=True)
class Recovered:
    """What was done after the load had ended."""

    posts_sent: int
    posts_before: int
    """Posts in the store before the load."""
    redriven_jobs: int
    redriven_copies: int


def _breaches(series: Series, config: WorldConfig) -> Iterator[Breach]:
    found = [breach for watch in _WATCHES if (breach := _breach(watch, series, config))]
    yield from sorted(found, key=lambda breach: breach.at_s)  # stable: the data flow decides between equals


def _breach(watch: _Watch, series: Series, config: WorldConfig) -> Breach | None:
    ends, values = _values(watch, series)
    limit = watch.limit(config)
    bad: Bool = values > limit  # false where there is no value
    settled = ends > SETTLED_S
    if not bad[settled].any() or bad[~settled][-2:].all():
        return None
    bad &= settled
    first, last = (int(np.flatnonzero(bad)[place]) for place in (0, -1))
    at_s, until_s = float(ends[first]), float(ends[last])
    unit = "%" if watch.share else watch.chart.unit
    worst = float(np.nanmax(values[settled]))
    allowed = watch.limit_in_words
    if limit and not watch.share:
        allowed = f"{amount(limit, unit)}, {allowed}"
    sentence = (
        f"{watch.what}: first visible at {at_s:g} s in the chart “{watch.chart.label}”, "
        f"at worst {amount(worst, unit)} (allowed: {allowed}), last at {until_s:g} s."
    )
    for_s = SLOT_S * int(np.count_nonzero(bad))
    return Breach(watch.what, watch.chart, at_s, until_s, for_s, worst, unit, allowed, sentence)


def _values(watch: _Watch, series: Series) -> tuple[F64, F64]:
    ends, values = series[watch.chart]
    if not watch.of:
        return ends, values
    parts = [series[metric][1] for metric in watch.of]
    total: F64 = np.sum(parts, axis=0)
    if watch.share:
        with np.errstate(invalid="ignore"):
            total = np.where(total > 0, 100 * parts[0] / total, np.nan)
    return ends, total


def _lost(result: RunResult, series: Series, recovered: Recovered) -> Lost:
    world, summary = result.world, result.report["summary"]
    total = world.metrics.total
    stored = world.tables.posts.size - recovered.posts_before
    pairs = total(Metric.PAIRS)
    _, lag = series[Metric.VISIBLE_LAG]
    late_s = SLOT_S * int(np.count_nonzero(lag > world.config.slo.lag_ms))
    return Lost(
        posts=recovered.posts_sent - stored,
        copies=result.report["audit"]["missing"],
        late_pairs=pairs - total(Metric.FRESH_PAIRS),
        pairs=pairs,
        longest_lag_s=(summary["visible_lag_ms"]["max"] or 0.0) / 1_000,
        late_for_s=late_s,
        failed=summary["failed_reads"],
        refused=summary["refused_reads"],
        stale=summary["stale_reads"],
        incomplete=summary["incomplete_reads"],
        given_up=summary["timeouts"],
        reads=total(Metric.READS),
        lists=world.incidents.faults.lists_lost,
    )


def _figures(result: RunResult, breaches: tuple[Breach, ...], lost: Lost) -> dict[str, float]:
    summary = result.report["summary"]
    slow = [breach for breach in breaches if breach.chart is Metric.HOME_LATENCY]
    begin_s = min((breach.at_s for breach in breaches), default=0.0)
    return {
        "broken_s": max((breach.until_s for breach in breaches), default=0.0) - begin_s,
        "slow_home_s": slow[0].for_s if slow else 0.0,
        "home_p99_ms": summary["home_ms"]["p99"] or 0.0,
        "late_s": lost.late_for_s,
        "late_pairs": lost.late_pairs,
        "lag_p50_ms": summary["fanout_lag_ms"]["p50"] or 0.0,
        "lag_longest_ms": summary["visible_lag_ms"]["max"] or 0.0,
        "queue_peak": summary["queue_depth_peak"],
        **{name: summary[name] for name in (
            "failed_reads", "refused_reads", "stale_reads", "incomplete_reads", "timeouts", "repeated_reads",
            "retries", "dead_lettered",
        )},
        "missed_pages": result.world.metrics.total(Metric.TIMELINE_MISSES),
        "fetched_bodies": result.world.metrics.total(Metric.BODY_MISSES),
    }  # fmt: skip


def _lines(breaches: tuple[Breach, ...], lost: Lost, recovered: Recovered) -> Iterator[str]:
    if breaches:
        yield f"What broke first: {breaches[0].sentence}"
        yield from (breach.sentence for breach in breaches[1:])
    else:
        yield "Nothing broke: every promise was kept all the time."
    yield f"Posts lost: {lost.posts:,} of {recovered.posts_sent:,} that people sent (measured)."
    if lost.late_pairs:
        yield (
            f"Freshness: {lost.late_pairs:,} of {lost.pairs:,} pairs of a post and a follower were visible late, the "
            f"last after {lost.longest_lag_s:.1f} s; posts came late for {lost.late_for_s:g} s in all."
        )
    for count, words in (
        (lost.failed, "failed"), (lost.refused, "were refused"), (lost.stale, "were out of date"),
        (lost.incomplete, "lacked bodies"), (lost.given_up, "took longer than apps waited"),
    ):  # fmt: skip
        if count:
            yield f"Home pages: {count:,} of {lost.reads + lost.refused:,} {words}."
    if lost.lists:
        yield f"Home lists lost: {lost.lists:,}; each is made again when its owner reads."
    if recovered.redriven_jobs:
        yield (
            f"Redrive: {recovered.redriven_copies:,} copies in {recovered.redriven_jobs:,} jobs came back from the "
            "dead letters after the load, and were delivered."
        )


def amount(value: float, unit: str) -> str:
    """A number with its unit, as sentences have it."""
    if unit == "ms" and value >= 1_000:
        return f"{value / 1_000:,.1f} s"
    digits = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
    return f"{digits} {unit}".rstrip() if unit != "%" else f"{digits} %"
