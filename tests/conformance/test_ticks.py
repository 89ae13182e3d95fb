"""Whole runs do not depend on how time is cut: not on the tick, not on the steps; in no scenario, under no strategy."""

import numpy as np
import pytest

import engine.queueing.station as station_module
import engine.read_path.home as home_module
import engine.timelines.push as push_module
from engine.clock import NS_PER_S
from engine.cores import on_all_cores
from engine.journal.journal import Journal
from engine.load.scenarios import SCENARIOS
from engine.observe.metric import Metric
from engine.people import People
from engine.world import World
from engine.write_path.strategies import STRATEGIES
from tests import oracle
from tests.conformance.runs import FINE_MS, NASTY, ODD_STEPS, ROOMY, SPECS, USERS, Cold, Run, run

KINDS = {"cold": (ROOMY, Cold), "nasty": (NASTY, World)}
"""Knobs and world: small caches that begin empty, and tiny ones that begin full."""


PLAYED = [
    pytest.param(strategy, kind, marks=[] if strategy == "push" or i % 2 != j else [pytest.mark.long])
    for i, strategy in enumerate(SPECS)
    for j, kind in enumerate(KINDS)
]
"""Push in every kind of world, the others in turn; with `--long` all in both."""


@pytest.mark.parametrize(("strategy", "kind"), PLAYED)
def test_a_run_is_the_same_at_any_tick(population, strategy, kind):
    knobs, make = KINDS[kind]
    whole = run(population, strategy, knobs, 500, make=make)
    check_that_much_happened(whole, strategy, kind)
    check_the_law(whole.world)
    assert run(population, strategy, knobs, FINE_MS, make=make).differences(whole) == set()
    assert run(population, strategy, knobs, 500, ODD_STEPS, make=make).differences(whole) == set()


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strategy", SPECS)
def test_a_run_is_the_same_at_other_ticks(population, strategy, kind):
    knobs, make = KINDS[kind]
    whole = run(population, strategy, knobs, 500, make=make)
    for tick_ms in (100, 50, 10):
        assert run(population, strategy, knobs, tick_ms, make=make).differences(whole) == set()


ALONE = [
    pytest.param(name, strategy, marks=[] if i % len(SPECS) == j else [pytest.mark.long])
    for i, name in enumerate(SCENARIOS)
    for j, strategy in enumerate(SPECS)
]


@pytest.mark.parametrize(("name", "strategy"), ALONE)
def test_each_scenario_alone_is_the_same_at_any_tick(population, name, strategy):
    whole = run(population, strategy, ROOMY, 500, name=name)
    assert len(whole.pages) > 300
    assert run(population, strategy, ROOMY, FINE_MS, name=name).differences(whole) == set()


@pytest.mark.long
@pytest.mark.parametrize("strategy", SPECS)
def test_a_world_that_begins_with_nothing_and_has_room_for_everything_is_the_same_at_any_tick(population, strategy):
    whole = run(population, strategy, {}, 500, make=Cold)
    for tick_ms in (100, 50, 10):
        assert run(population, strategy, {}, tick_ms, make=Cold).differences(whole) == set()


@pytest.mark.parametrize("strategy", [*SPECS[:4], SPECS[7]])
def test_a_run_is_the_same_with_its_work_shared_among_threads(population, strategy, monkeypatch):
    """Pages, the servers of a station, and the lists that are pushed to."""
    whole = run(population, strategy, ROOMY, 500)
    monkeypatch.setattr(station_module, "_AT_ONCE", 3)
    monkeypatch.setattr(push_module, "_MANY", 1)
    monkeypatch.setattr(home_module, "_FEW_READERS", 7)
    monkeypatch.setattr(home_module, "_READERS_AT_ONCE", 5)
    tasks = []
    monkeypatch.setattr(
        home_module, "on_all_cores", lambda given: on_all_cores(tasks.append(1) or one for one in given)
    )
    assert run(population, strategy, ROOMY, 500).differences(whole) == set()
    assert len(tasks) > 50 or strategy.startswith("cached_pull"), "there, each round is of one reader's turn"


def test_every_strategy_is_held_to_it():
    """Scenarios are taken from their registry; a strategy needs parameters that matter in so small a world."""
    assert {spec.partition(":")[0] for spec in SPECS} == set(STRATEGIES)


def check_that_much_happened(found: Run, strategy: str, kind: str) -> None:
    """Equal runs of an idle world would say nothing."""
    counts = {metric for metric in Metric if metric.kind == "count" and found.seen[metric]}
    happened = {Metric.POSTS, Metric.REPLIES, Metric.REPOSTS, Metric.LIKES, Metric.FOLLOWS, Metric.UNFOLLOWS}
    happened |= {Metric.READS, Metric.TIMELINE_MISSES, Metric.BODY_HITS, Metric.BODY_MISSES, Metric.ROWS_READ}
    if "pull" not in strategy:
        happened |= {Metric.DELIVERIES, Metric.PLANNED, Metric.TIMELINE_HITS, Metric.REBUILDS, Metric.TRIMS}
    if "pull" not in strategy and kind == "nasty":
        happened |= {Metric.RETRIES, Metric.REDELIVERIES, Metric.DEAD_LETTERED}
    lossy = STRATEGIES[strategy.partition(":")[0]].lossy
    happened |= {Metric.DROPPED} if lossy else set()
    assert happened - counts == set()
    faults = {name: count for name, count in found.seen["audit"].items() if not (lossy and name.startswith("lost"))}
    assert set(faults.values()) == {0, USERS}
    assert len(found.pages) > 400


def check_the_law(world: World) -> None:
    """A sample of people see the oracle's pages in the end, unless the strategy says that they do not."""
    if world.strategy.lossy:
        return
    world.step(NS_PER_S)  # kept lists expire
    facts, people = oracle.facts_of(world), People(world, Journal.in_memory())
    for user in range(0, USERS, 16):
        found, cursor = [], None
        while True:
            page = people.home(user, cursor, 30)
            found.append([view.row for view in page.posts])
            cursor = page.next
            if cursor is None:
                break
        expected = oracle.pages(facts, user, 30, world.config.read.context)
        assert [rows for rows in found if rows] == [rows for rows in expected if rows], f"user {user}"


# These rulers can say no


@pytest.fixture(scope="module")
def idle(population) -> Run:
    """Three seconds in which nothing happens but what five acts of people bring."""
    nothing = {f"load.{name}_per_s": 0 for name in ("posts", "reads", "likes", "follows", "unfollows")}
    return run(population, "push", nothing, 100, name="steady")


def test_a_run_in_which_little_happens_is_refused(idle):
    with pytest.raises(AssertionError):
        check_that_much_happened(idle, "push", "cold")


def test_an_entry_that_one_list_has_lost_is_seen(idle):
    check_the_law(idle.world)
    lists, reader = idle.world.tables.lists, np.array([16], np.int32)
    lost = lists.entries(reader).values[-1:]
    lists.remove(reader, lost)
    with pytest.raises(AssertionError, match="user 16"):
        check_the_law(idle.world)
    lists.push(reader, lost)


def test_one_more_in_any_one_place_is_a_difference():
    whole = Run({"now": 5, Metric.READS: 3, "lists": ([1, 2], [0, 2])}, {(7, 1): (4, 3)})
    for name, value in {"now": 6, Metric.READS: 4, "lists": ([1, 3], [0, 2])}.items():
        assert Run({**whole.seen, name: value}, whole.pages).differences(whole) == {name}
    assert Run(whole.seen, {(7, 1): (4, 2)}).differences(whole) == {"pages"}
    assert Run(whole.seen, {(8, 1): (4, 3)}).differences(whole) == {"pages"}
    assert Run(whole.seen, whole.pages).differences(whole) == set()
