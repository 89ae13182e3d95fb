"""How a world is doing, in the numbers that verdict, tiles, chart ends and text line share. Each is made here, once."""

import math
from typing import Any

import numpy as np

from engine.clock import NS_PER_MS, NS_PER_S
from engine.faults.broken import Broken
from engine.live.chronicle import Chronicle, Event
from engine.live.episodes import Episode, Episodes
from engine.live.series import LAG_WINDOW_S, WINDOW_S, Columns, Series
from engine.observe.metrics import Metric
from engine.observe.smoothing import HeldFor, Slope
from engine.observe.verdict import Injection, Vitals
from engine.world import World
from engine.write_path.strategies import Writers

SMOOTH_S = 3.0
GROWTH_S = 1.5
"""Of the slope: longer, and a line that has begun to drain is still called growing."""
LATELY_S = 30.0
"""How long copies that were given up are the news."""
HERD_S = 20.0
"""After so long, slow reads are no longer blamed on a herd."""
_USUAL_S = 60.0
_CROWDED = 1.5
"""Reads are in line while they take so many times the usual."""
_GROWS = 0.05
_READ_STATIONS = {
    "gateways": "the gateway",
    "timeline shards": "the timeline store",
    "author index": "the author index",
    "post cache": "the post cache",
    "replicas": "the database",
}


class Pulse:
    """Reads one world's numbers. `see` takes the chart points in order; `vitals` answers for now."""

    def __init__(self, world: World, series: Series, chronicle: Chronicle) -> None:
        self._world, self._series, self._chronicle = world, series, chronicle
        self._episodes = Episodes(world.config.slo.lag_ms / 1000)
        self._growth = Slope(GROWTH_S)
        self._growing = HeldFor()
        self._slope = self._grown_for_s = 0.0
        self._oldest = (-1, 0)

    def see(self, points: Columns) -> None:
        """Take new chart points."""
        self._episodes.slo_s = self._world.config.slo.lag_ms / 1000
        for t_s, p99_ms, oldest_ms in zip(points["t"], points["lag_p99"], points["lag_oldest"], strict=True):
            lag_s = np.fmax(p99_ms, oldest_ms) / 1000
            # what still waits turns at once when the line begins to drain; what was delivered follows later
            self._slope = self._growth.update(t_s, oldest_ms / 1000)
            self._grown_for_s = self._growing.update(t_s, self._slope > _GROWS)
            self._episodes.see(self._world.metrics, round(t_s * NS_PER_S), lag_s)

    @property
    def oldest_s(self) -> float:
        """Age of the oldest copy still waiting, now."""
        at_ns, age_ns = self._oldest
        if at_ns != self._world.now_ns:
            age_ns = self._world.oldest_waiting_ns()
            self._oldest = self._world.now_ns, age_ns
        return age_ns / NS_PER_S

    @property
    def completed_s(self) -> float | None:
        """Lag p99 of the copies delivered in the last `LAG_WINDOW_S`; None where there were none."""
        return _known(self._series.last("lag_p99"), 1 / 1000)

    @property
    def lag_s(self) -> float:
        """*The* lag: completed copies hide those that still wait, so the larger of the two."""
        return max(self.completed_s or 0.0, self.oldest_s)

    def vitals(self, paused: bool) -> Vitals:
        """What the verdict looks at."""
        world, now_ns, config = self._world, self._world.now_ns, self._world.config
        metrics = world.metrics
        queue, slo_ns = sum(world.queue_copies()), round(config.slo.lag_ms * NS_PER_MS)
        arrive, leave = (
            metrics.count_in(metric, now_ns, SMOOTH_S) / SMOOTH_S for metric in (Metric.PLANNED, Metric.DELIVERIES)
        )
        given_up = sum(metrics.count_in(metric, now_ns, LATELY_S) for metric in (Metric.SHED, Metric.DEAD_LETTERED))
        return Vitals(
            t_s=now_ns / NS_PER_S,
            paused=paused,
            posts=metrics.total(Metric.POSTS),
            injected=self._injected(),
            given_up=given_up,
            people_missing=people_missing(world) if given_up else 0,
            workers=config.workers.count,
            shards=config.timeline.shards,
            lag_s=self.lag_s,
            growth_s_per_s=self._slope,
            grown_for_s=self._grown_for_s,
            arrive_per_s=arrive,
            leave_per_s=leave,
            queue_copies=queue,
            steady_need=world.steady_need(),
            clear_in_s=queue / (leave - arrive) if leave > arrive else None,
            fresh_share=metrics.latency_in(Metric.VISIBLE_LAG, now_ns, WINDOW_S).share_within(slo_ns),
            slo_s=config.slo.lag_ms / 1000,
            pulls=pulled_authors(world),
            home_p99_ms=_known(self._series.last("home_p99")),
            home_slo_ms=config.slo.home_ms,
            rows_per_read=_known(self._series.last("rows_per_read")),
            hottest_station=self._hottest_station(),
            **self._down(),
            **self._episode(),
            **self._cache(),
            **self._herd(),
        )

    def _down(self) -> dict[str, Any]:
        """What faults have taken away, and from how many people."""
        world, config = self._world, self._world.config
        there = max(1, round(config.workers.count * world.fanout.workers_share))  # the last one never goes
        broken = Broken.by(world.incidents.faults.on, config.timeline.shards)
        cut_off = world.tables.out_of_reach
        return {
            "workers_down": config.workers.count - there,
            "shards_down": len(broken.shards_down),
            "cut_off_share": 0.0 if cut_off is None else float(cut_off.mean()),
            "fallback": config.mitigations.fallback,
        }

    def _injected(self) -> Injection | None:
        with_author = [event for event in self._chronicle.events if event.injected.author is not None]
        if not with_author:
            return None
        event = with_author[-1]
        age_s = (self._world.now_ns - event.at_ns) / NS_PER_S
        return Injection(
            author=event.author_name, posts=event.injected.posts, deliveries=event.injected.deliveries, age_s=age_s
        )

    def _episode(self) -> dict[str, Any]:
        latest: Episode | None = self._episodes.latest
        if latest is None:
            return {}
        shown: dict[str, Any] = {"peak_lag_s": latest.peak_s}
        if latest.over_ns is not None:
            shown["recovered_for_s"] = (self._world.now_ns - latest.over_ns) / NS_PER_S
            shown["recovery_s"], shown["late_share"] = latest.recovery_s, latest.late_share
        return shown

    def _cache(self) -> dict[str, Any]:
        """Misses of late, and what they usually are."""
        now_s = self._world.now_ns / NS_PER_S
        hit = self._world.metrics.ratio(Metric.BODY_HITS, Metric.BODY_MISSES, self._world.now_ns, SMOOTH_S)
        usual = self._series.between(now_s - WINDOW_S - _USUAL_S, now_s - WINDOW_S)["post_hit"]
        known = [share for share in usual if not math.isnan(share)]
        return {
            "miss_share": None if hit is None else 1 - hit,
            "usual_miss_share": 1 - sum(known) / len(known) if len(known) * 2 > _USUAL_S else None,
        }

    def _herd(self) -> dict[str, Any]:
        """How many refreshed at once, while their reads still wait in line."""
        herds = [event for event in self._chronicle.events if event.injected.slug == "herd"]
        if not herds:
            return {}
        event, now_ns, metrics = herds[-1], self._world.now_ns, self._world.metrics
        age_s = (now_ns - event.at_ns) / NS_PER_S
        before = metrics.latency_in(Metric.HOME_LATENCY, event.at_ns, WINDOW_S)
        now = metrics.latency_in(Metric.HOME_LATENCY, now_ns, LAG_WINDOW_S)
        usual_p99, usual_work, p99 = before.quantile(0.99), before.quantile(0.5), now.quantile(0.99)
        if age_s > HERD_S or p99 is None or usual_p99 is None or usual_work is None or p99 < _CROWDED * usual_p99:
            return {}
        usual_reads = metrics.count_in(Metric.READS, event.at_ns, WINDOW_S) / WINDOW_S * age_s
        people = metrics.count_in(Metric.READS, now_ns, age_s) - usual_reads
        return {"herd_people": max(round(people), 0), "read_wait_ms": (p99 - usual_work) / NS_PER_MS}

    def _hottest_station(self) -> str:
        busy = self._world.utilisation()
        hottest = max(_READ_STATIONS, key=lambda name: busy.get(name, 0.0))
        return _READ_STATIONS[hottest] if busy else ""


def tracked_burst(chronicle: Chronicle) -> Event | None:
    """The latest event in which an account posted more than once, so that its copies are worth counting."""
    bursts = [event for event in chronicle.events if event.injected.posts > 1]
    return bursts[-1] if bursts else None


def people_missing(world: World) -> int:
    """How many people's lists lack a post that is in the dead letters."""
    jobs = world.fanout.dead_letters.jobs
    owners = world.fanout.arena.gather(jobs.start, jobs.length.astype(np.int64))
    return len(np.unique(owners))


def pulled_authors(world: World) -> str:
    """Whose posts readers fetch, by asking the strategy: 'Nova', 'big accounts', 'anything'; '' if it pushes all."""
    followers = world.tables.graph.follower_counts
    users = np.arange(len(followers), dtype=np.int32)
    pulled = ~world.strategy.pushes(Writers(users, followers, np.full(len(users), world.now_ns)))
    count = int(pulled.sum())
    if count == 0:
        return ""
    if count == 1:
        name: str = world.population.name(int(np.flatnonzero(pulled)[0]))
        return name
    return "anything" if count == len(users) else "big accounts"


def _known(value: float, scale: float = 1.0) -> float | None:
    return None if math.isnan(value) else value * scale
