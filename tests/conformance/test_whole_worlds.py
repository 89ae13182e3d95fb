"""Whole worlds against what one can work out at a board: Little's law, utilisation, and what a burst does to a line.

Windows begin and end empty, so that nothing is cut at their edges; what is compared comes from different counters.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from datasets.population import Population
from datasets.worlds import build_population, preset_config
from engine.clock import NS_PER_MS, NS_PER_S
from engine.config import CostConfig, WorldConfig
from engine.domain import Op
from engine.load.scenarios import scenario
from engine.observe.metric import Metric
from engine.world import World
from engine.write_path.strategies import with_strategy
from tests.load.helpers import only

STEP_NS = 10 * NS_PER_MS
ONLY_POSTS = {f"load.{name}_per_s": 0.0 for name in ("reads", "likes", "follows", "unfollows")}
ONE_LINE = {
    "fanout.lanes": False,
    "fanout.chunk": 10,
    "workers.batch": 10,
    "costs.poll_us": 0,
    "costs.list_write_us": 0,
}
"""Nothing but copies that take the same time each, and small batches: a worker's rate is the price of a copy."""


@pytest.fixture(scope="module")
def people() -> Population:
    return build_population(preset_config("classroom"))


def push(**knobs: float) -> WorldConfig:
    return with_strategy(preset_config("classroom", **knobs), "push")


# From empty to empty


@dataclass
class Window:
    """A world from its first post until it is at rest again, and the copies in its lines all along."""

    world: World
    present: list[int]

    @property
    def area_copy_s(self) -> float:
        """Copies present, summed over time."""
        return float(np.trapezoid(self.present, dx=STEP_NS / NS_PER_S))


def from_empty_to_empty(people: Population, **knobs: float) -> Window:
    world = World(push(**knobs), people, scenario("celebrity").fitted(6))
    world.load_ends_ns = 6 * NS_PER_S
    present = [sum(world.queue_copies())]
    while world.now_ns < world.load_ends_ns or not world.at_rest:
        world.step(STEP_NS)
        present.append(sum(world.queue_copies()))
    assert present[0] == present[-1] == 0
    return Window(world, present)


@pytest.fixture(scope="module")
def window(people: Population) -> Window:
    return from_empty_to_empty(people, **{"load.unfollows_per_s": 0.0})  # whose copies would go and not be delivered


def test_copies_present_are_their_rate_times_their_lag(window: Window) -> None:
    """L T = N W: what was in line at each instant, against how many came and how long each took."""
    lag = window.world.metrics.histogram(Metric.FANOUT_LAG)
    assert lag.count == window.world.metrics.total(Metric.PLANNED) > 15_000
    assert window.area_copy_s == pytest.approx(lag.count * lag.mean / NS_PER_S, rel=0.01)


def test_that_ruler_sees_one_copy_in_fifty_that_leaves_unseen(window: Window) -> None:
    lag = window.world.metrics.histogram(Metric.FANOUT_LAG)
    assert window.area_copy_s != pytest.approx(0.98 * lag.count * lag.mean / NS_PER_S, rel=0.01)


def test_that_ruler_refuses_a_window_that_does_not_end_empty(window: Window) -> None:
    cut = Window(window.world, window.present[: window.present.index(max(window.present))])
    lag = window.world.metrics.histogram(Metric.FANOUT_LAG)
    assert cut.present[-1] > 0
    assert cut.area_copy_s != pytest.approx(lag.count * lag.mean / NS_PER_S, rel=0.01)


def idler_or_busier(world: World, costs: CostConfig) -> set[str]:
    """Where the time worked is not what was offered at these prices: counts of requests times the price, to the ns."""
    count, ns = world.metrics.total, {name: round(1_000 * price * costs.scale) for name, price in vars(costs).items()}
    arrivals, broker = world.load.between(0, world.load_ends_ns), world.fanout.broker
    reads = len(only(arrivals, Op.READ_HOME))
    offered = {
        "gateways": (world.gateway.station, len(arrivals) * ns["gateway_us"]),
        "primaries": (world.primary.station, (len(arrivals) - reads) * ns["commit_us"]),
        "shards": (
            world.fanout.shards,
            count(Metric.DELIVERIES) * ns["list_write_us"] + reads * ns["list_read_us"],
        ),
        "workers": (broker, count(Metric.PLANNED) * ns["delivery_us"] + broker.polls * ns["poll_us"]),
    }
    return {name for name, (station, work_ns) in offered.items() if station.busy_ns != work_ns}


def test_stations_work_for_as_long_as_what_was_offered_takes(window: Window) -> None:
    """Where nothing is shed, and nothing is left, utilisation is offered load."""
    count = window.world.metrics.total
    assert count(Metric.SHED) == 0
    assert count(Metric.READS) > 1_000
    assert idler_or_busier(window.world, window.world.config.costs) == set()


@pytest.mark.parametrize(
    ("price", "station"),
    [
        ("gateway_us", "gateways"),
        ("commit_us", "primaries"),
        ("list_write_us", "shards"),
        ("list_read_us", "shards"),
        ("delivery_us", "workers"),
        ("poll_us", "workers"),
    ],
)
def test_that_ruler_sees_one_price_that_is_one_per_cent_off(window: Window, price: str, station: str) -> None:
    costs = window.world.config.costs
    wrong = replace(costs, **{price: 1.01 * getattr(costs, price)})
    assert idler_or_busier(window.world, wrong) == {station}


# Bursts


@dataclass
class Burst:
    """What there was to see of a burst of posts by the largest account, on top of a steady load."""

    drain_per_s: float
    """What the workers write when they have enough to do."""
    before: int
    """Copies in line before the burst."""
    posts: int
    followers: int
    spread_s: float
    """From the first post of the burst to the last."""
    arrive_per_s: float
    """Copies of the steady load from the last post on, until the line was empty."""
    came_meanwhile: int
    """Copies of the steady load between the first post and the last."""
    after: int
    """Copies in line after the last post."""
    peak: int
    lag_s: float
    """Of the last copy of the last post."""
    drained_s: float
    """From the last post until the line was empty."""


def steady_copies_per_s(people: Population) -> float:
    world = World(push(**ONLY_POSTS, **{"workers.count": 64}), people)
    world.step(40 * NS_PER_S)
    return world.metrics.total(Metric.PLANNED) / 40


def burst(people: Population, capacity: float) -> Burst:
    """A burst at workers that can write `capacity` times what the steady load brings."""
    workers = 4
    drain_per_s = capacity * steady_copies_per_s(people)
    price_us = workers / drain_per_s * 1e6
    config = push(**ONLY_POSTS, **ONE_LINE, **{"workers.count": workers, "costs.delivery_us": price_us})
    world = World(config, people, logged_deliveries=2_000_000)
    world.step(20 * NS_PER_S)
    star, posts, first = int(people.largest[0]), world.tables.posts, world.tables.posts.size
    world.inject("celebrity")
    queue, planned = [sum(world.queue_copies())], [world.metrics.total(Metric.PLANNED)]
    start_ns = world.now_ns
    while len(queue) < 200 or queue[-1]:
        world.step(STEP_NS)
        queue.append(sum(world.queue_copies()))
        planned.append(world.metrics.total(Metric.PLANNED))
    rows = first + np.flatnonzero(posts.author[first : posts.size] == star)
    opened_ns, closed_ns = int(posts.accepted_ns[rows[0]]), int(posts.accepted_ns[rows[-1]])
    opened, closed = ((at_ns - start_ns) // STEP_NS for at_ns in (opened_ns, closed_ns))
    empty = closed + queue[closed:].index(0)
    followers = int(people.graph.follower_counts[star])
    readable_ns = world.deliveries.of(int(rows[-1]))[1]
    return Burst(
        drain_per_s=drain_per_s,
        before=queue[opened],
        posts=len(rows),
        followers=followers,
        spread_s=(closed_ns - opened_ns) / NS_PER_S,
        arrive_per_s=(planned[empty] - planned[closed + 1]) / ((empty - closed - 1) * STEP_NS / NS_PER_S),
        came_meanwhile=planned[closed + 1] - planned[opened] - len(rows) * followers,
        after=queue[closed + 1],
        peak=world.recorder.depth_peak,
        lag_s=(int(readable_ns.max()) - closed_ns) / NS_PER_S,
        drained_s=(empty - closed) * STEP_NS / NS_PER_S,
    )


@pytest.mark.parametrize("capacity", [*(pytest.param(c, marks=pytest.mark.long) for c in (1.1, 1.25)), 1.5, 2.0])
def test_a_burst_does_what_the_formulas_say(people: Population, capacity: float) -> None:
    seen = burst(people, capacity)
    assert seen.posts == 8
    # The last copy waits for everything before it, itself among it.
    assert seen.lag_s == pytest.approx(seen.after / seen.drain_per_s, rel=0.03)
    # At the peak all has come, and only what the workers wrote meanwhile has left.
    came = seen.before + seen.posts * seen.followers + seen.came_meanwhile
    assert seen.peak == pytest.approx(came - seen.drain_per_s * seen.spread_s, rel=0.03)
    # The line shrinks by what the workers can do beyond the steady load.
    assert seen.drained_s == pytest.approx(seen.after / (seen.drain_per_s - seen.arrive_per_s), rel=0.03)
    # And these rulers can say no.
    assert seen.lag_s != pytest.approx(1.07 * seen.after / seen.drain_per_s, rel=0.03)
    assert seen.peak != pytest.approx(1.07 * came - seen.drain_per_s * seen.spread_s, rel=0.03)
    assert seen.drained_s != pytest.approx(1.07 * seen.after / (seen.drain_per_s - seen.arrive_per_s), rel=0.03)
