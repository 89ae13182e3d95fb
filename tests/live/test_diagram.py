"""The living diagram is the world: nodes from its configuration and strategy, edges and waits from what was counted."""

import json

import numpy as np
import pytest

from engine.clock import NS_PER_S
from engine.config import KNOBS, WorldConfig
from engine.errors import InvalidInput
from engine.live.commands import perform
from engine.live.diagram import WINDOW_S, Acts, diagram
from engine.live.station_words import MD1, MM1, line_slots, state_of, station_theory, worker_slots
from engine.observe.metrics import Metric
from engine.observe.stations import StationLately
from engine.queueing.theory import little_number
from engine.world import World
from tests.live.helpers import Client, Wall, ask, small_config, small_run, small_world, unthreaded
from tests.live.test_picture import Show

S = 1_000_000_000


def drawn(seconds=8.0, **changes):
    world = small_world(small_config(**changes))
    world.step(round(seconds * S))
    return world, diagram(world)


def by_id(picture):
    return {node["id"]: node for node in picture["nodes"]}


def rate(picture, source, target):
    (edge,) = [edge for edge in picture["edges"] if (edge["from"], edge["to"]) == (source, target)]
    return edge["rate_per_s"]


# What is there


def test_nothing_is_drawn_before_anything_was_counted():
    assert diagram(small_world())["nodes"] == []


def test_the_counts_are_those_of_the_configuration():
    changes = {"workers.count": 3, "timeline.shards": 5, "stations.gateways": 7, "fanout.partitions": 4}
    nodes = by_id(drawn(**changes)[1])
    assert [nodes[i]["count"] for i in ("workers", "shards", "gateway", "queue_rest")] == [3, 5, 7, 4]
    assert nodes["client"]["count"] == 300


def test_one_lane_is_drawn_where_there_is_one():
    assert {"queue_close", "queue_rest"} <= by_id(drawn()[1]).keys()
    one = by_id(drawn(**{"fanout.lanes": False})[1])
    assert "queue_close" not in one
    assert one["queue_rest"]["name"] == "Broker"


@pytest.mark.parametrize(
    ("strategy", "ghosts"),
    [("push", {"index"}), ("pull", {"queue_close", "queue_rest", "workers"}), ("hybrid:threshold=100", set())],
)
def test_what_the_strategy_does_not_use_is_a_ghost(strategy, ghosts):
    world = small_world()
    world.set_strategy(strategy)
    world.step(8 * S)
    picture = diagram(world, Acts().see(world.now_ns, 3))
    assert {node["id"] for node in picture["nodes"] if node["ghost"]} == ghosts
    assert all(edge["ghost"] == bool({edge["from"], edge["to"]} & ghosts) for edge in picture["edges"])


def test_a_part_that_still_has_work_is_no_ghost_yet():
    world = small_world()
    world.step(2 * S)
    world.inject("celebrity")
    world.step(2 * S)
    world.set_strategy("pull")
    world.step(S // 2)
    assert not by_id(diagram(world))["workers"]["ghost"]
    world.step(30 * S)
    assert by_id(diagram(world))["workers"]["ghost"]


def test_the_journal_is_a_ghost_until_somebody_acts():
    world, _ = drawn()
    assert by_id(diagram(world))["journal"]["ghost"]
    acts = Acts()
    acts.see(0, 0)
    picture = diagram(world, acts.see(2 * S, 4))
    assert not by_id(picture)["journal"]["ghost"]
    assert rate(picture, "post", "journal") == 4 / WINDOW_S


def test_every_edge_joins_nodes_and_every_knob_exists():
    for changes in ({}, {"fanout.lanes": False}):
        picture = drawn(**changes)[1]
        nodes = by_id(picture)
        assert all({edge["from"], edge["to"]} <= nodes.keys() for edge in picture["edges"])
        assert all(name in KNOBS for node in nodes.values() for name in node["knobs"])
        assert "workers.count" in nodes["workers"]["knobs"]
        json.dumps(picture, allow_nan=False)


def test_every_figure_says_what_it_is():
    for node in drawn()[1]["nodes"]:
        assert node["theory"]
        for figure in node["figures"].values():
            assert figure["kind"] in ("measured", "modelled")
            assert all(figure[part] for part in ("label", "text", "unit", "window", "definition"))


# What flows


def test_the_rates_are_those_of_independent_counts():
    world = small_world(small_config(**{"load.posts_per_s": 20, "cache.posts": 50}))
    world.set_strategy("hybrid:threshold=25")
    world.step(12 * S)
    picture, now = diagram(world), world.now_ns

    def counted(*metrics):
        return sum(world.metrics.count_in(metric, now, WINDOW_S) for metric in metrics) / WINDOW_S

    posts = world.tables.posts
    accepted_ns = posts.accepted_ns[: posts.size]
    recent = np.flatnonzero(accepted_ns >= now - WINDOW_S * NS_PER_S)
    arrived = [world.load.between(now - round(WINDOW_S * S), now)]
    assert rate(picture, "client", "gateway") == pytest.approx(len(arrived[0]) / WINDOW_S)
    assert rate(picture, "gateway", "shards") == counted(Metric.READS) > 0
    assert rate(picture, "gateway", "index") == counted(Metric.AUTHORS_ASKED) > 0
    assert rate(picture, "gateway", "cache") == counted(Metric.BODY_HITS, Metric.BODY_MISSES) > 0
    assert rate(picture, "cache", "replicas") == counted(Metric.BODY_MISSES) > 0
    assert rate(picture, "workers", "shards") == counted(Metric.DELIVERIES) > 0
    lanes = rate(picture, "post", "queue_close") + rate(picture, "post", "queue_rest")
    assert lanes == pytest.approx(counted(Metric.PLANNED))
    assert lanes > 0
    assert by_id(picture)["post"]["figures"]["arrivals_per_s"]["value"] == pytest.approx(len(recent) / WINDOW_S)


def test_copies_in_are_copies_out_and_those_in_line():
    world = small_world()
    world.step(S)
    world.inject("celebrity")
    for _ in range(20):
        world.step(S // 2)
        broker = world.fanout.broker
        for lane, waiting in zip(broker.lane_sums(), broker.waiting_copies(), strict=True):
            assert lane.joined_copies == lane.taken_copies + waiting
        planned = world.metrics.total(Metric.PLANNED)
        assert sum(lane.joined_copies for lane in broker.lane_sums()) == planned
        assert planned == world.metrics.total(Metric.DELIVERIES) + sum(world.queue_copies())
        nodes = by_id(diagram(world))
        assert nodes["queue_close"]["queue"] + nodes["queue_rest"]["queue"] == sum(broker.waiting_copies())


# What waits


def test_waiting_is_what_little_says_on_a_run_that_begins_and_ends_empty():
    """L = lambda W with L summed from how many copies' jobs stand in line at every millisecond, W from the counters."""
    world = small_world(small_config(**{"load.reads_per_s": 0}))
    world.step(2 * S)
    world.inject("celebrity")
    world.load_ends_ns = world.now_ns + 4 * S
    start_s, in_line = world.now_ns / S, []
    first = sum(lane.waited_ns for lane in world.fanout.broker.lane_sums())
    taken_first = sum(lane.taken_jobs for lane in world.fanout.broker.lane_sums())
    while not world.at_rest or world.now_ns < world.load_ends_ns:
        world.step(5_000_000)
        in_line.append(world.fanout.broker.waiting_jobs)
    sums = world.fanout.broker.lane_sums()
    waited_s = (sum(lane.waited_ns for lane in sums) - first) / S
    taken = sum(lane.taken_jobs for lane in sums) - taken_first
    span_s = world.now_ns / S - start_s
    assert taken > 30
    assert np.mean(in_line) == pytest.approx(little_number(taken / span_s, waited_s / taken), rel=0.02)


def test_a_station_waits_as_little_says_and_its_line_is_who_is_in_it():
    config = small_config(**{"load.reads_per_s": 400, "stations.post_caches": 1, "costs.hydrate_us": 2_300})
    world = small_world(config)
    world.step(3 * S)
    station, log = world.reads.stations.post_caches, world.stations
    before, in_line = (station.served, station.waited_ns), []
    for _ in range(1_600):
        world.step(5_000_000)
        in_line.append(log._waiting()["post cache"])  # the diagram's own count, at any instant
    served, waited_s = station.served - before[0], (station.waited_ns - before[1]) / S
    assert np.mean(in_line) == pytest.approx(little_number(served / 8, waited_s / served), rel=0.05)
    assert np.mean(in_line) > 1


def test_a_burst_fills_the_capsule_of_the_broker_and_turns_it_bad():
    world = small_world(small_config(**{"slo.lag_ms": 2_000}))
    world.step(8 * S)
    calm = by_id(diagram(world))
    assert [calm[i]["state"] for i in ("queue_close", "queue_rest", "workers")] == ["ok", "ok", "ok"]
    world.inject("celebrity")
    world.step(2 * S)
    late = by_id(diagram(world))["queue_rest"]
    assert late["state"] == "bad"
    assert late["slots"]["filled"] > 5 * calm["queue_rest"]["slots"]["filled"]
    while world.fanout.broker.waiting_copies()[1] > 50:
        world.step(S // 2)
    world.step(5 * S // 2)  # it is well again before the last of those that waited long has left the figures
    after = by_id(diagram(world))["queue_rest"]
    assert after["figures"]["wait_ms"]["value"] > 400  # it would still be one to watch
    assert after["state"] == "ok"


def test_a_station_is_judged_by_its_wait_and_not_by_how_busy_it_is():
    assert state_of(wait_s=0.01, grew_s=0, promise_s=5, used=True) == "ok"
    assert state_of(wait_s=1.0, grew_s=0, promise_s=5, used=True) == "watch"
    assert state_of(wait_s=0.0, grew_s=0.5, promise_s=5, used=True) == "watch"
    assert state_of(wait_s=5.0, grew_s=0, promise_s=5, used=True) == "bad"
    assert state_of(wait_s=9.0, grew_s=9, promise_s=5, used=False) == "idle"
    # the same load, as busy as before, under a promise that its waits break
    busy = {"load.posts_per_s": 11, "fanout.chunk": 1_000}
    easy, strict = (by_id(drawn(20, **busy, **{"slo.lag_ms": slo})[1])["workers"] for slo in (60_000, 20))
    assert easy["utilisation"] == strict["utilisation"] > 0.5
    assert (easy["state"], strict["state"]) == ("ok", "bad")


def test_a_capsule_is_full_when_its_line_takes_as_long_as_the_promise():
    assert line_slots(2.5, 5.0, "all")["filled"] == 5
    assert not line_slots(5.0, 5.0, "all")["over"]
    assert line_slots(5.1, 5.0, "all") == line_slots(50, 5.0, "all") | {"filled": 10, "over": True}
    assert (worker_slots(3, 4)["filled"], worker_slots(3, 4)["total"]) == (3, 4)
    assert (worker_slots(120, 240)["filled"], worker_slots(120, 240)["total"]) == (6, 12)


def lately(**changes):
    figures = {
        "seconds": 5.0, "servers": 1, "arrived": 100, "service_s": 0.03, "wait_s": 0.03, "rho": 0.6, "offered": 0.6,
        "line_s": 0.0, "grew_s": 0.0, "waiting": 0,
    }  # fmt: skip
    return StationLately(**(figures | changes))


def test_theory_speaks_with_the_stations_own_numbers():
    assert "At rho 0.60 an M/M/1 line would wait 1.5 services; measured 1.0" in station_theory(lately(), MM1)
    assert "steadier" in station_theory(lately(), MM1)
    assert "wait 0.75 services; measured 1.0: about what chance alone gives" in station_theory(lately(), MD1)
    assert "bunches" in station_theory(lately(wait_s=0.3), MM1)
    assert "the line grows by 0.40 s every second" in station_theory(lately(offered=1.4, arrived=233), MM1)
    assert "Nothing came" in station_theory(lately(arrived=0, service_s=None, wait_s=None), MM1)


# How it is sent


def test_only_who_asks_gets_the_diagram_and_everybody_gets_the_rest():
    show = Show()
    other = Client()
    show.stage.subscribe(other.box)
    show.client.box.view = "diagram"
    show.play(2)
    other.receive()
    assert {node["id"] for node in show.client.tick["diagram"]["nodes"]} > {"gateway", "workers"}
    assert "diagram" not in other.tick
    assert other.tick == {key: value for key, value in show.client.tick.items() if key != "diagram"}
    assert show.client.tick["diagram"]["t"] == show.client.tick["t"]
    show.client.box.view = "crowd"
    show.play(1)
    assert "diagram" not in show.client.tick


def test_the_command_view():
    worlds = unthreaded(Wall())
    live = ask(worlds, worlds.open, small_config())
    client = Client()
    ask(worlds, live.subscribe, client.box)
    answer = ask(worlds, perform, live, {"do": "view", "view": "diagram"}, client.box)
    assert answer == {"type": "done", "do": "view", "view": "diagram"}
    assert client.box.view == "diagram"
    for message, box in (({"view": "map"}, client.box), ({"view": 3}, client.box), ({"view": "diagram"}, None)):
        with pytest.raises(InvalidInput):
            ask(worlds, perform, live, {"do": "view", **message}, box)
    assert client.box.view == "diagram"


def test_the_counters_survive_a_copy_and_a_stretch_without_samples():
    run = small_run(6.0)
    assert by_id(diagram(run.world))
    run.world.step_writes(5 * S)
    run.world.step(S // 2)
    assert diagram(run.world)["nodes"] == []  # one sample after the gap: nothing to compare with
    run.world.step(S)
    assert diagram(run.world)["window_s"] == 1.0


def test_a_change_of_workers_counts_from_its_instant():
    world = World(WorldConfig().with_knobs({"workers.count": 4}), small_world().population)
    world.step(3 * S)
    world.set_knobs({"workers.count": 8})
    world.step(S)
    before, after = world.stations._samples[-3].stations["workers"], world.stations._samples[-1].stations["workers"]
    assert after.capacity_ns - before.capacity_ns == 8 * S
