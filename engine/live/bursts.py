"""A celebrity's burst: the world at its instant, the worst lag since, and what the workers did until then."""

from dataclasses import dataclass
from typing import NamedTuple

from engine.clock import NS_PER_MS, NS_PER_S
from engine.live.chronicle import Chronicle, Event
from engine.live.series import WINDOW_S
from engine.observe.derived import ROWS_PER_READ
from engine.observe.metrics import Metric
from engine.observe.rules import FINE_LAG_S
from engine.world import World

LOOK_S = 8.0
"""At least, before a burst is said to have done little."""
TURNED_S = 1.0
"""A peak is one when it was not exceeded for so long, and what waits has grown younger by `_FALLEN`; a small one, when
the burst has had `LOOK_S` to do worse."""
_FALLEN = 0.05


@dataclass(frozen=True)
class Burst:
    """A burst, and the world at its instant. Latencies and shares are those of the 10 s before."""

    at_ns: int
    author: str
    posts: int
    copies: int
    """That its posts are planned to make."""
    capacity_per_s: float
    """Copies that the workers can write, with chunks as large as they come."""
    strategy: str
    title: str
    """Of the strategy."""
    workers: int
    busy: float | None
    """Share of the workers' time that everyday posts took."""
    home_ms: float | None
    rows: float | None
    """Touched by a home read."""


class Course(NamedTuple):
    """How a burst went until its worst moment."""

    peak_s: float
    """The worst lag."""
    after_s: float
    """When it came, in virtual seconds after the burst."""
    rate_per_s: float
    """Copies delivered until then."""
    others: int
    """How many of them were of other posts."""
    disturbed: bool
    """Something else was done meanwhile, which may explain the peak as well."""


class Watch:
    """The worst lag since an instant. Slots come in order."""

    def __init__(self, at_ns: int) -> None:
        self.at_s = at_ns / NS_PER_S
        self.peak_s = self.peak_at_s = 0.0
        self._oldest_s = 0.0

    def see(self, t_s: float, lag_s: float, oldest_s: float) -> None:
        """Take the lag, and the age of the oldest copy still waiting, at the end of a slot."""
        self._oldest_s = oldest_s
        if lag_s > self.peak_s:
            self.peak_s, self.peak_at_s = lag_s, t_s

    def turned(self, t_s: float) -> bool:
        """Will it get no worse?"""
        if t_s - self.at_s < TURNED_S or t_s - self.peak_at_s < TURNED_S:
            return False
        younger = self._oldest_s < (1 - _FALLEN) * self.peak_s
        return younger and (self.peak_s > FINE_LAG_S or t_s - self.at_s >= LOOK_S)


def burst_of(world: World, event: Event) -> Burst:
    """What is known of an event at its instant, which is now."""
    home_ms, rows = reading(world, event.at_ns)
    return Burst(
        at_ns=event.at_ns,
        author=event.author_name,
        posts=event.injected.posts,
        copies=event.injected.deliveries,
        capacity_per_s=capacity_per_s(world),
        strategy=world.strategy.slug,
        title=world.strategy.title,
        workers=world.config.workers.count,
        busy=world.utilisation().get("workers"),
        home_ms=home_ms,
        rows=rows,
    )


def course_of(world: World, chronicle: Chronicle, burst: Burst, watch: Watch, t_s: float) -> Course:
    """How a burst went, as of virtual `t_s`."""
    until_ns = round(t_s * NS_PER_S)
    after_s = max(watch.peak_at_s - watch.at_s, 0.0)
    delivered = world.metrics.count_in(Metric.DELIVERIES, round(watch.peak_at_s * NS_PER_S), after_s)
    meanwhile = [event for event in chronicle.events if burst.at_ns <= event.at_ns <= until_ns]
    changed = [flag for flag in chronicle.flags if flag.kind == "change" and burst.at_ns < flag.at_ns <= until_ns]
    return Course(
        peak_s=watch.peak_s,
        after_s=after_s,
        rate_per_s=delivered / after_s if after_s else 0.0,
        others=max(delivered - burst.copies, 0),
        disturbed=len(meanwhile) > 1 or bool(changed),
    )


def reading(world: World, at_ns: int) -> tuple[float | None, float | None]:
    """p99 of opening home in ms, and the rows that it touched, over the 10 s before an instant."""
    home_ns = world.metrics.latency_in(Metric.HOME_LATENCY, at_ns, WINDOW_S).quantile(0.99)
    rows = ROWS_PER_READ.value(world.metrics, at_ns, WINDOW_S)
    return None if home_ns is None else home_ns / NS_PER_MS, rows


def capacity_per_s(world: World) -> float:
    """Copies that the pool writes in a second when every batch is full: whole chunks up to the batch, at least one."""
    config = world.config
    chunk, batch = config.fanout.chunk, config.workers.batch
    copies = chunk * max(batch // chunk, 1)
    service_us = config.costs.scale * (config.costs.poll_us + copies * config.costs.delivery_us)
    return config.workers.count * copies / service_us * 1e6
