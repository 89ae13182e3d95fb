"""Two designs under one load and one pace: whatever happens, they stand at the same instant and got the same."""

import random

import numpy as np
import pytest

from engine.errors import InvalidInput, InvalidKnob, MurmurationError, TooManyWorlds, UnknownName
from engine.live.commands import perform
from engine.live.run import Run
from engine.live.stage import Stage
from engine.live.world import ASLEEP_S
from engine.live.worlds import GONE
from engine.observe.metric import Metric
from engine.write_path.strategies import with_strategy
from tests.live.helpers import Client, Wall, advance, ask, small_config, small_run, small_world, unthreaded

S = 1_000_000_000


@pytest.fixture
def clock():
    return Wall()


@pytest.fixture
def worlds(clock):
    return unthreaded(clock)


@pytest.fixture
def twin(worlds):
    return worlds.open_twin(small_config(), hybrid())


def hybrid(**changes):
    return with_strategy(small_config(**changes), "hybrid:threshold=100")


def turn(worlds, clock, seconds, step_s=0.05):
    for _ in range(round(seconds / step_s)):
        clock.at_s += step_s
        worlds.scheduler.round()


def instants(live):
    return [side.run.world.now_ns for side in live._stage.sides]


def sides_of(live):
    return [side.run.world for side in live._stage.sides]


def posts_of(world):
    posts = world.tables.posts
    return [column[: posts.size].tolist() for column in (posts.key, posts.author, posts.accepted_ns, posts.kind)]


# One pace


def test_after_every_turn_both_sides_stand_at_the_same_instant_whatever_is_done(worlds, clock, twin):
    chance, seen, clock.drift = random.Random(3), set(), 0.003
    deeds = [
        lambda: twin.inject("celebrity"),
        lambda: twin.inject("herd"),
        lambda: twin.set_speed(chance.choice([1, 10, 100, 0])),
        twin.pause,
        twin.resume,
        lambda: twin.slow_to_watch(chance.random() < 0.5),
        lambda: twin.set_strategy(chance.choice(["push", "pull", "hybrid"]), side=chance.randrange(2)),
        lambda: twin.set_knobs({"workers.count": chance.randrange(1, 4)}, side=chance.randrange(2)),
        lambda: twin.set_knobs({"load.posts_per_s": chance.randrange(5, 15)}, side=0),
    ]
    for step in range(60):
        ask(worlds, chance.choice(deeds))
        clock.drift = chance.choice([0.003, 0.015])  # a slow machine: turns end before what is owed is done
        turn(worlds, clock, 0.1, step_s=chance.choice([0.02, 0.05, 0.1]))
        a, b = instants(twin)
        assert a == b, f"after step {step}"
        seen.add(a)
    assert len(seen) > 20, "it has to have run"
    a, b = sides_of(twin)
    assert posts_of(a) == posts_of(b)


def test_both_get_the_same_load_and_accept_the_same_posts_at_the_same_instants(worlds, clock, twin):
    ask(worlds, twin.inject, "celebrity")
    turn(worlds, clock, 4)
    ask(worlds, twin.inject, "viral")
    turn(worlds, clock, 4)
    a, b = sides_of(twin)
    assert a.load.digest(20) == b.load.digest(20)
    assert posts_of(a) == posts_of(b)
    assert a.tables.posts.size > 50
    assert a.metrics.total(Metric.READS) == b.metrics.total(Metric.READS) > 0
    assert a.metrics.total(Metric.DELIVERIES) > b.metrics.total(Metric.DELIVERIES), "the designs do differ"


def test_a_side_of_a_twin_is_the_world_that_it_would_be_alone(worlds, clock, twin):
    alone = worlds.open(hybrid())
    ask(worlds, twin.inject, "celebrity")
    ask(worlds, alone.inject, "celebrity")
    turn(worlds, clock, 5)
    ask(worlds, twin.pause)
    ask(worlds, alone.pause)
    (single,), (_, side) = sides_of(alone), sides_of(twin)
    assert single.now_ns == side.now_ns
    assert posts_of(single) == posts_of(side)
    assert single.metrics.total(Metric.VISIBLE_LAG) == side.metrics.total(Metric.VISIBLE_LAG) > 0
    assert single.tables.lists.entries(np.arange(300, dtype=np.int32)).values.tolist() == (
        side.tables.lists.entries(np.arange(300, dtype=np.int32)).values.tolist()
    )


def test_sides_that_begin_at_different_instants_are_refused():
    with pytest.raises(ValueError, match="same instant"):
        Stage("w", small_run(seconds=1), Wall(), small_run(seconds=2))


def test_an_event_is_watched_at_1x_until_the_slower_side_has_recovered():
    clock, slow, calm = Wall(), small_run(), Run(small_world(hybrid()))
    advance(calm, 2)
    stage = Stage("w", calm, clock, slow)
    stage.set_speed(10)
    stage.inject("celebrity")
    for _ in range(4_000):
        clock.at_s += 0.02
        stage.turn(0.02, awake=True)
        if not stage.pace.slowed:
            break
        stage_lag_s = slow.pulse.lag_s
    assert stage_lag_s > 0
    assert slow.pulse.lag_s < 1
    assert (slow.world.now_ns - 2 * S) / S > 6, "B alone would have gone on after five seconds"


# What may stand beside each other


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"seed": 8}, "seed is 7 in A and 8 in B; a twin compares designs, not loads, so it must be equal."),
        ({"load.posts_per_s": 9}, "load.posts_per_s is 8.0 in A and 9.0 in B; a twin compares designs"),
        ({"load.reads_per_s": 1}, "load.reads_per_s is 40.0 in A and 1.0 in B; a twin compares designs"),
    ],
)
def test_a_twin_compares_designs_and_not_loads(worlds, changes, sentence):
    with pytest.raises(InvalidKnob) as refused:
        worlds.open_twin(small_config(), hybrid(**changes))
    assert str(refused.value).startswith(sentence)
    assert len(worlds) == 0
    assert worlds._opening == []


def test_designs_may_differ_in_everything_else(worlds):
    live = worlds.open_twin(small_config(), small_config(**{"workers.count": 4, "cache.posts": 10}))
    assert live.sides == 2
    assert [config.workers.count for config in live.configs] == [1, 4]
    assert worlds.get(live.id) is live


def test_a_twin_takes_the_room_of_two(clock):
    worlds = unthreaded(clock, max_users=4_500)  # a classroom is expected to have 2,000; these have 300
    live = worlds.open_twin(small_config(), hybrid())
    assert live.users == 300
    with pytest.raises(TooManyWorlds, match=r"have 600 people, and 4,000 more would be over 4,500"):
        worlds.open_twin(small_config(), hybrid())
    worlds.open(small_config())


# Who is told what


def test_events_and_time_reach_both_sides(worlds, clock, twin):
    ask(worlds, twin.inject, "celebrity")
    a, b = (side.run.chronicle.events for side in twin._stage.sides)
    assert a[0].at_ns == b[0].at_ns
    assert a[0].injected.author == b[0].injected.author == 0
    assert (a[0].injected.deliveries > 0) != (b[0].injected.deliveries > 0), "push makes copies, hybrid none"
    ask(worlds, twin.pause)
    before = instants(twin)
    turn(worlds, clock, 1)
    assert instants(twin) == before
    ask(worlds, twin.resume)
    turn(worlds, clock, 1)
    assert instants(twin) > before
    with pytest.raises(UnknownName):
        ask(worlds, twin.inject, "flood")
    assert len(a) == len(b) == 1


def test_a_design_is_changed_on_the_side_that_is_named(worlds, twin):
    ask(worlds, perform, twin, {"do": "strategy", "name": "pull", "side": 1})
    ask(worlds, perform, twin, {"do": "knobs", "set": {"workers.count": 3}, "side": 0})
    a, b = twin.configs
    assert (a.strategy.name, b.strategy.name) == ("push", "pull")
    assert (a.workers.count, b.workers.count) == (3, 1)


@pytest.mark.parametrize("command", [{"do": "strategy", "name": "pull"}, {"do": "knobs", "set": {"workers.count": 3}}])
@pytest.mark.parametrize("side", [None, 2, -1, "b", True])
def test_which_side_has_to_be_said_and_be_there(worlds, twin, command, side):
    before = twin.configs
    with pytest.raises(InvalidInput, match=r'with "side": 0 or 1|There is no side'):
        ask(worlds, perform, twin, command if side is None else command | {"side": side})
    assert twin.configs == before


def test_the_load_is_changed_on_both_sides_or_on_none(worlds, twin):
    ask(worlds, twin.set_knobs, {"load.posts_per_s": 12, "workers.count": 2}, 1)
    a, b = twin.configs
    assert a.load == b.load
    assert a.load.posts_per_s == 12
    assert (a.workers.count, b.workers.count) == (1, 2)
    for wrong in ({"load.posts_per_s": 3, "workers.count": -1}, {"load.posts_per_s": 3, "timeline.cap": 5}, ["x"]):
        with pytest.raises(InvalidKnob):
            ask(worlds, twin.set_knobs, wrong, 1)
    assert twin.configs == (a, b)


def test_alone_a_world_needs_no_side_and_has_no_second(worlds):
    live = worlds.open(small_config())
    ask(worlds, perform, live, {"do": "strategy", "name": "pull"})
    assert live.config.strategy.name == "pull"
    assert live.sides == 1
    with pytest.raises(InvalidInput, match="There is no side 1; allowed: only 0, this world is no twin"):
        ask(worlds, live.subscribe, Client().box, 1)
    assert "twin" not in ask(worlds, live.full)["tick"]


def test_a_reset_begins_both_sides_anew_each_as_it_is_now(worlds, clock, twin):
    ask(worlds, twin.set_strategy, "pull", 1)
    ask(worlds, twin.inject, "celebrity")
    turn(worlds, clock, 3)
    ask(worlds, twin.reset)
    assert instants(twin) == [S, S]
    assert [config.strategy.name for config in twin.configs] == ["push", "pull"]
    assert [side.run.chronicle.flags for side in twin._stage.sides] == [[], []]
    a, b = sides_of(twin)
    assert posts_of(a) == posts_of(b)


def test_an_error_on_one_side_stops_both_until_a_reset(worlds, clock, twin, caplog):
    clients = watch(worlds, twin)
    turn(worlds, clock, 1)

    def fails(_dt_ns):
        raise ZeroDivisionError("in B")

    ask(worlds, lambda: twin.do(lambda world: setattr(world, "step", fails), side=1))
    turn(worlds, clock, 1)
    assert "in B" in caplog.text
    for client in clients:
        assert client.receive().full["tick"]["verdict"]["status"] == "off"
    with pytest.raises(MurmurationError, match="reset starts it anew"):
        ask(worlds, twin.inject, "celebrity")
    ask(worlds, twin.reset)
    turn(worlds, clock, 1)
    assert instants(twin)[0] == instants(twin)[1] > S
    assert all(client.receive().ticks for client in clients)


def test_what_fails_on_the_second_side_only_stops_the_twin_for_they_are_twins_no_more(worlds, twin, monkeypatch):
    def fails(_name):
        raise ZeroDivisionError("in B")

    monkeypatch.setattr(twin._stage.sides[1].run, "inject", fails)
    with pytest.raises(ZeroDivisionError):
        ask(worlds, twin.inject, "celebrity")
    with pytest.raises(MurmurationError, match="has stopped"):
        ask(worlds, twin.inject, "celebrity")


# Watching


def watch(worlds, live):
    clients = [Client(), Client()]
    for side, client in enumerate(clients):
        ask(worlds, live.subscribe, client.box, side)
        client.receive()
    return clients


def test_each_socket_sees_its_side_and_both_are_told_of_the_same_instant(worlds, clock, twin):
    a, b = watch(worlds, twin)
    ask(worlds, twin.inject, "celebrity")
    turn(worlds, clock, 5)
    for client in (a, b):
        client.receive()
    assert (a.full["world"]["strategy"], b.full["world"]["strategy"]) == ("push", "hybrid")
    told = [{tick["t"]: tick["twin"]["line"] for tick in client.ticks} for client in (a, b)]
    both = told[0].keys() & told[1].keys()
    assert len(both) >= len(told[0]) - 1 > 5, "but for those before B's socket came"
    assert all(told[0][t] == told[1][t] for t in both)
    assert (a.tick["twin"]["side"], b.tick["twin"]["side"]) == (0, 1)
    assert a.dots.max() > 0
    assert a.tick["bands"]["quiet"] < b.tick["bands"]["quiet"] == 300
    assert a.full["world"]["dot_ids"] == b.full["world"]["dot_ids"]


def test_a_twin_watched_on_one_side_only_is_awake_and_shows_that_side(worlds, clock, twin):
    client = Client()
    ask(worlds, twin.subscribe, client.box, 1)
    clock.at_s += ASLEEP_S + 1
    turn(worlds, clock, 1)
    assert len(client.receive().ticks) >= 1
    assert twin.unused_s(clock.at_s) == 0
    twin.unsubscribe(client.box)
    worlds.scheduler.round()
    assert twin._stage.watchers == 0


def test_a_lens_and_a_person_are_of_the_sockets_own_side(worlds, clock, twin):
    a, b = watch(worlds, twin)
    ask(worlds, twin.inject, "celebrity")
    turn(worlds, clock, 2.5)
    for client in (a, b):
        perform_for(worlds, twin, client, {"do": "lens", "lens": "post"})
    turn(worlds, clock, 1.5)
    a.receive(), b.receive()
    assert a.tick["lens"]["counts"]["pulled"] + a.tick["lens"]["counts"]["opened"] == 0
    assert b.tick["lens"]["counts"]["pulled"] + b.tick["lens"]["counts"]["opened"] == 224
    reader = int(np.flatnonzero(sides_of(twin)[0].behind() > S)[0])
    asked = {"do": "person", "user": reader}
    assert " behind: " in perform_for(worlds, twin, a, asked)["line"]
    assert "Nova)" not in perform_for(worlds, twin, b, asked)["line"].partition("behind")[2]
    over_http = [ask(worlds, perform, twin, asked | {"side": side})["line"] for side in (0, 1)]
    assert over_http == [perform_for(worlds, twin, client, asked)["line"] for client in (a, b)]


def perform_for(worlds, live, client, command):
    return ask(worlds, perform, live, command, client.box)


def test_closing_a_twin_tells_the_watchers_of_both_sides(worlds, twin):
    a, b = watch(worlds, twin)
    worlds.close(twin.id)
    assert a.box.closed == b.box.closed == GONE
