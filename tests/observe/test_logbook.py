"""The logbook keeps the newest entries, finds them, and says what happened in a world with the world's own figures."""

import copy
import json

import numpy as np
import pytest

from engine.clock import NS_PER_S
from engine.errors import InvalidInput
from engine.journal.journal import Journal
from engine.observe.logbook import Logbook
from engine.observe.metrics import Metric
from engine.people import People
from engine.world import World
from tests.live.helpers import advance, small_config, small_run, small_world


def book(capacity=10):
    log = Logbook(capacity)
    log.write(1, "info", "people", "Mira posted.", 7, 3, action="posted")
    log.write(2, "warn", "fan-out", "2 job attempts crashed.", retries=2)
    log.write(3, "error", "slo", "Fan-out lag is above the SLO.", lag_ms=7_000)
    log.write(4, "info", "rebuild", "Lists of 2 people: rebuild begun.", users=(7, 9))
    return log


def numbers(entries):
    return [entry.seq for entry in entries]


# --- the book --------------------------------------------------------------------------------------------------------


def test_entries_come_newest_first_and_numbered_without_gaps():
    assert numbers(book().search()) == [4, 3, 2, 1]


def test_a_full_book_forgets_the_oldest():
    log = book(capacity=3)
    assert numbers(log.search()) == [4, 3, 2]
    assert (len(log), log.written) == (3, 4)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("posted", [1]),
        ("MIRA", [1]),
        ("lag slo", [3]),
        ("slo lag", [3]),
        ("lag people", []),
        ("retries=2", [2]),
        ("   ", [4, 3, 2, 1]),
        ("no such word", []),
        ("<script>alert(1)</script>", []),
    ],
)
def test_all_the_words_must_occur_in_any_case_and_order(text, found):
    assert numbers(book().search(text)) == found


@pytest.mark.parametrize(
    ("fits", "found"),
    [
        ({"level": "info"}, [4, 3, 2, 1]),
        ({"level": "warn"}, [3, 2]),
        ({"level": "error"}, [3]),
        ({"source": "rebuild"}, [4]),
        ({"user": 7}, [4, 1]),
        ({"user": 9}, [4]),
        ({"user": 1}, []),
        ({"since_ns": 3}, [4, 3]),
        ({"limit": 2}, [4, 3]),
        ({"text": "people", "user": 7, "source": "people"}, [1]),
    ],
)
def test_a_search_narrows(fits, found):
    assert numbers(book().search(**fits)) == found


@pytest.mark.parametrize("bad", [{"level": "loud"}, {"source": "moon"}, {"limit": 0}])
def test_what_does_not_exist_is_refused_in_a_sentence(bad):
    with pytest.raises(InvalidInput, match=r"allowed: .*\.$"):
        book().search(**bad)


def test_a_copied_book_goes_its_own_way():
    log = book()
    other = copy.deepcopy(log)
    other.write(5, "info", "people", "Only here.")
    assert (numbers(other.search(limit=1)), numbers(log.search(limit=1))) == ([5], [4])


# --- what is written into it -----------------------------------------------------------------------------------------


def texts(world, **fits):
    return [entry.text for entry in world.logbook.search(**{"limit": 4_096, **fits})]


def figures(world, name, **fits):
    return sum(entry.fields.get(name, 0) for entry in world.logbook.search(limit=4_096, **fits))


def test_a_world_that_nobody_watches_has_no_logbook_and_runs_the_same():
    watched = small_world()
    alone = World(watched.config, watched.population)
    for world in (watched, alone):
        world.inject("celebrity")
        world.step(3 * NS_PER_S)
    assert alone.logbook is None
    assert watched.logbook is not None
    for metric in Metric:
        if metric.kind != "level":
            assert watched.metrics.total(metric) == alone.metrics.total(metric)


def test_crashes_and_redeliveries_are_counted_as_the_metrics_count_them():
    world = small_world(small_config(**{"fanout.fail_rate": 0.2, "fanout.redeliver_rate": 0.2}))
    world.step(4 * NS_PER_S)
    assert figures(world, "retries", source="fan-out") == world.metrics.total(Metric.RETRIES) > 0
    assert figures(world, "redeliveries", source="fan-out") == world.metrics.total(Metric.REDELIVERIES) > 0


def test_copies_that_are_given_up_are_errors():
    world = small_world(small_config(**{"fanout.fail_rate": 1, "fanout.max_attempts": 1}))
    world.step(4 * NS_PER_S)
    lost = world.metrics.total(Metric.DEAD_LETTERED)
    assert figures(world, "copies", level="error") == lost > 0
    world.redrive()
    assert any("queued again" in text for text in texts(world, source="operator"))


def test_a_dropped_list_and_its_rebuild_are_told_in_order():
    world = small_world()
    world.evict(7)
    people = People(world, Journal.in_memory())
    people.home(7)
    world.step(NS_PER_S)
    entries = world.logbook.search(user=7)[::-1]
    assert [entry.source for entry in entries] == ["store", "rebuild", "rebuild"]
    assert entries[0].fields["entries"] > 0
    assert "begun" in entries[1].text
    assert "committed" in entries[2].text
    assert world.metrics.total(Metric.REBUILDS) == 1


def test_a_rebuild_is_discarded_when_the_graph_changes_under_it():
    world = small_world()
    followee = int(world.tables.graph.followees([7]).values[0])
    world.evict(7)
    People(world, Journal.in_memory()).home(7)
    while not any("begun" in text for text in texts(world, user=7)):
        world.step(NS_PER_S // 10)
    world.unfollow(7, followee)
    world.step(NS_PER_S)
    told = texts(world, user=7, source="rebuild")[::-1]
    assert [text.partition(": rebuild ")[2].split(",")[0].rstrip(".") for text in told] == [
        *("begun", "discarded", "begun", "committed")
    ]


def test_follows_of_the_load_are_counted_by_the_second_with_their_back_fill():
    world = small_world(small_config(**{"load.follows_per_s": 20, "load.unfollows_per_s": 10}))
    world.load_ends_ns = 5 * NS_PER_S
    world.step(7 * NS_PER_S)  # a second is written when the next one begins
    assert figures(world, "follows", source="graph") == world.metrics.total(Metric.FOLLOWS) > 0
    assert figures(world, "unfollows", source="graph") == world.metrics.total(Metric.UNFOLLOWS) > 0
    assert figures(world, "backfilled", source="graph") > 0
    assert len(texts(world, source="graph")) <= 6


def test_people_and_operators_are_told_by_name():
    world = small_world()
    people = People(world, Journal.in_memory())
    post = people.post(7, "hello")
    people.like(8, post.id)
    people.follow(8, 9) or people.unfollow(8, 9)
    name = world.population.name
    assert texts(world, user=7) == [f"{name(7)} posted."]
    assert world.logbook.search(user=7)[0].row == world.tables.posts.size - 1
    assert f"{name(8)} liked a post." in texts(world, user=8)
    assert texts(world, user=9)[0].endswith(f"followed {name(9)}.")
    world.set_knobs({"workers.count": 9})
    world.set_strategy("pull")
    world.inject("celebrity")
    told = texts(world, source="operator")[::-1]
    assert told[0] == "Settings changed: workers.count 1 -> 9."
    assert told[1] == "Strategy changed: Push -> Pull."
    assert told[2].startswith("Event 'celebrity' begun: ")
    assert texts(world, source="store") == ["300 lists dropped for the new strategy; 0 are stored now."]


def test_what_is_refused_is_told_and_changes_nothing():
    world = small_world()
    people = People(world, Journal.in_memory())
    with pytest.raises(InvalidInput):
        people.post(7, "")
    with pytest.raises(InvalidInput):
        people.follow(7, 7)
    refusals = world.logbook.search(source="people", level="warn")
    assert [(entry.user, entry.fields["action"]) for entry in refusals] == [(7, "follow"), (7, "post")]
    assert all(entry.text.startswith("Refused: ") for entry in refusals)


def test_the_lag_crosses_its_slo_once_up_and_once_down():
    run = small_run(**{"slo.lag_ms": 1_000})
    run.inject("celebrity")
    advance(run, 20)
    crossings = run.world.logbook.search(source="slo")[::-1]
    assert [entry.level for entry in crossings[:2]] == ["error", "info"]
    points = run.series.columns
    t_s, lag_ms = list(points["t"]), np.fmax(points["lag_p99"], points["lag_oldest"])
    for entry in crossings:
        shown = lag_ms[t_s.index(entry.at_ns / NS_PER_S)]
        assert entry.fields["lag_ms"] == pytest.approx(shown, abs=1)
        assert (shown > 1_000) == (entry.level == "error")


def test_entries_are_plain_data_for_a_page():
    world = small_world(small_config(**{"fanout.fail_rate": 0.2, "load.follows_per_s": 20}))
    world.inject("viral")
    world.step(5 * NS_PER_S)
    entries = world.logbook.search(limit=4_096)
    assert entries
    for entry in entries:
        json.dumps(entry._asdict())
