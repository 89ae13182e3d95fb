"""The six stories."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.errors import UnknownName
from engine.experiments.stories.debrief import Breach, Debrief
from engine.experiments.stories.story import Option, Story
from engine.observe.metric import Metric

NOTHING = "nothing"
_NOTHING_BROKE = "Nothing that was asked for broke."


@dataclass(frozen=True)
class FirstOf:
    """The chart, of some, that was the first to leave what was promised."""

    charts: tuple[Metric, ...]

    def __call__(self, debrief: Debrief) -> str:
        """Its name, or `nothing`."""
        first = self._first(debrief)
        return str(first.chart) if first else NOTHING

    def because(self, debrief: Debrief) -> str:
        """What was seen there."""
        first = self._first(debrief)
        return first.sentence if first else _NOTHING_BROKE

    def _first(self, debrief: Debrief) -> Breach | None:
        return next((breach for breach in debrief.breaches if breach.chart in self.charts), None)


@dataclass(frozen=True)
class WellAfter:
    """How long one chart stays bad after the last fault is over."""

    chart: Metric
    soon_s: float

    def __call__(self, debrief: Debrief) -> str:
        """`nothing`, `soon`, `later`, or `never` while there is load."""
        breach = debrief.breach(self.chart)
        if breach is None:
            return NOTHING
        if breach.until_s >= debrief.seconds:
            return "never"
        return "soon" if breach.until_s <= debrief.faults_end_s + self.soon_s else "later"

    def because(self, debrief: Debrief) -> str:
        """When the fault was over, and when the chart was well."""
        breach = debrief.breach(self.chart)
        return f"The fault was over at {debrief.faults_end_s:g} s. {breach.sentence}" if breach else _NOTHING_BROKE


_FIRST = {
    Metric.HOME_LATENCY: "Home pages take longer than promised",
    Metric.QUEUE_REST: "The fan-out queue gets too long",
    Metric.VISIBLE_LAG: "Posts come later than promised",
    Metric.FAILED_READS: "Home pages fail",
    Metric.POST_LATENCY: "Posts wait at the door",
    Metric.TIMEOUTS: "Apps give up waiting",
    Metric.RETRIES: "Jobs fail",
}


def _what_first(*charts: Metric) -> tuple[Option, ...]:
    return (*(Option(str(chart), _FIRST[chart]) for chart in charts), Option(NOTHING, "Nothing: it holds"))


_BREAKS_FIRST = "What breaks first?"

STORIES: Mapping[str, Story] = MappingProxyType(
    {
        story.name: story
        for story in (
            Story(
                name="super_bowl",
                title="Super Bowl",
                what="At 20 s the most followed account writes eight posts, and four readers in five open home.",
                question=_BREAKS_FIRST,
                options=_what_first(Metric.HOME_LATENCY, Metric.QUEUE_REST, Metric.VISIBLE_LAG),
                answer=FirstOf((Metric.HOME_LATENCY, Metric.QUEUE_REST, Metric.VISIBLE_LAG)),
                scenario="celebrity+herd",
                faults=(),
                seconds=60,
                mitigations=("lanes", "autoscaling", "celebrity_circuit", "back_pressure"),
                watch=(Metric.QUEUE_REST, Metric.VISIBLE_LAG, Metric.HOME_LATENCY, Metric.POST_LATENCY),
                harm=("late_pairs", "queue_peak", "lag_p50_ms"),
                knobs={"fanout.lanes": False, "mitigations.queue_bound": 3_000},
            ),
            Story(
                name="cache_wiped",
                title="Cache wiped at noon",
                what="At 20 s, at the busiest hour, every stored home list is gone.",
                question=_BREAKS_FIRST,
                options=_what_first(Metric.HOME_LATENCY, Metric.QUEUE_REST, Metric.VISIBLE_LAG),
                answer=FirstOf((Metric.HOME_LATENCY, Metric.QUEUE_REST, Metric.VISIBLE_LAG)),
                scenario="steady",
                faults=("cache_flushed@20",),
                seconds=60,
                mitigations=("ttl_jitter", "soft_ttl", "shedding"),
                watch=(Metric.HOME_LATENCY, Metric.TIMELINE_MISSES, Metric.AUTHORS_ASKED),
                harm=("slow_home_s", "home_p99_ms"),
                strategy="cached_pull",
                knobs={
                    "load.reads_per_s": 900.0,
                    "stations.indexes": 1,
                    "costs.author_us": 175,
                    "cache.ttl_s": 20,
                    "slo.lag_ms": 25_000,
                },
            ),
            Story(
                name="celebrity_shard_loss",
                title="Celebrity during a shard loss",
                what="At 18 s one of eight timeline shards goes down; at 20 s the most followed account writes eight "
                "posts, and everybody opens that account's page.",
                question=_BREAKS_FIRST,
                options=_what_first(Metric.HOME_LATENCY, Metric.FAILED_READS, Metric.VISIBLE_LAG),
                answer=FirstOf((Metric.HOME_LATENCY, Metric.FAILED_READS, Metric.VISIBLE_LAG)),
                scenario="celebrity",
                faults=("shard_down@18+15#3", "hot_key@20+15x4000"),
                seconds=60,
                mitigations=("fallback", "stale_if_error", "hot_key_copies", "celebrity_circuit"),
                watch=(Metric.FAILED_READS, Metric.HOME_LATENCY, Metric.VISIBLE_LAG),
                harm=("failed_reads", "slow_home_s", "late_pairs"),
                knobs={},
            ),
            Story(
                name="poison_post",
                title="Poison post",
                what="At 20 s somebody with a hundred followers writes a post that kills every worker that takes one "
                "of its jobs; at 45 s the code is mended.",
                question=_BREAKS_FIRST,
                options=_what_first(Metric.RETRIES, Metric.QUEUE_REST, Metric.VISIBLE_LAG),
                answer=FirstOf((Metric.RETRIES, Metric.QUEUE_REST, Metric.VISIBLE_LAG)),
                scenario="steady",
                faults=("poison_job@20+25x100",),
                seconds=60,
                mitigations=("dead_letters", "autoscaling", "lanes"),
                watch=(Metric.RETRIES, Metric.QUEUE_REST, Metric.VISIBLE_LAG, Metric.DEAD_LETTERED),
                harm=("late_pairs", "lag_p50_ms", "retries"),
                knobs={"fanout.lanes": False, "fanout.chunk": 10, "fanout.max_attempts": 3},
            ),
            Story(
                name="retry_storm",
                title="Retry storm",
                what="From 20 s on the database is three times slower, for five seconds; everything is pulled from it. "
                "Apps give up after a second and try again, three times.",
                question="The database is fast again at 25 s. When are home pages?",
                options=(
                    Option("soon", "Within five seconds"),
                    Option("later", "Later, but before the end"),
                    Option("never", "Not while there is load"),
                    Option(NOTHING, "They never were slow"),
                ),
                answer=WellAfter(Metric.HOME_LATENCY, 5),
                scenario="steady",
                faults=("retry_storm@20+5x3",),
                strategy="pull",
                seconds=45,
                mitigations=("retry_budget", "circuit_breaker", "shedding"),
                watch=(Metric.HOME_LATENCY, Metric.TIMEOUTS, Metric.REPEATED_READS),
                harm=("slow_home_s", "timeouts"),
                knobs={"clients.timeout_ms": 1_000.0, "stations.indexes": 3},
            ),
            Story(
                name="cold_start",
                title="Cold start after a deploy",
                what="At 16 s a deploy empties both caches, and the post cache stays away until 26 s; at 20 s four "
                "readers in five open home.",
                question=_BREAKS_FIRST,
                options=_what_first(Metric.HOME_LATENCY, Metric.QUEUE_REST, Metric.VISIBLE_LAG),
                answer=FirstOf((Metric.HOME_LATENCY, Metric.QUEUE_REST, Metric.VISIBLE_LAG)),
                scenario="herd",
                faults=("cold_start@16", "post_cache_down@16+10"),
                seconds=75,
                mitigations=("coalescing", "cache_warming", "shedding", "circuit_breaker"),
                watch=(Metric.HOME_LATENCY, Metric.TIMELINE_MISSES, Metric.BODY_MISSES),
                harm=("slow_home_s", "home_p99_ms", "missed_pages", "fetched_bodies"),
                knobs={
                    "load.reads_per_s": 60.0,
                    "stations.indexes": 2,
                    "stations.replicas": 2,
                    "mitigations.warm_per_s": 300,
                },
            ),
        )
    }
)
"""All of them by name."""


def find_story(name: str) -> Story:
    """The story of this name.

    Raises:
        UnknownName: there is none; with those there are.
    """
    if name not in STORIES:
        raise UnknownName(f"There is no story {name!r}; allowed: {', '.join(STORIES)}.")
    return STORIES[name]
