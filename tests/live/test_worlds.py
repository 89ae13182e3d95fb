"""How many worlds there are, who may have one, and what becomes of those that nobody wants any more."""

import threading

import pytest

from engine.config import WorldConfig
from engine.errors import InvalidKnob, MurmurationError, TooManyWorlds, UnknownName
from engine.live import LiveWorlds
from engine.live import worlds as worlds_module
from engine.live.pacing import DEBT_S
from engine.live.world import ASLEEP_S
from engine.live.worlds import IDLE_S
from tests.live.helpers import Client, Wall, ask, small_config, small_world, unthreaded


@pytest.fixture
def clock():
    return Wall()


@pytest.fixture
def worlds(clock):
    return unthreaded(clock)


def turn(worlds, clock, seconds, step_s=0.05):
    for _ in range(round(seconds / step_s)):
        clock.at_s += step_s
        worlds.scheduler.round()


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "murmuration-live"]


def test_an_opened_world_has_a_past_and_is_found_by_its_id(worlds):
    live = worlds.open(small_config())
    assert worlds.get(live.id) is live
    full = ask(worlds, live.full)
    assert full["tick"]["t"] == 1.0
    assert full["series"]["t"] == [0.5, 1.0]
    assert live.users == 300


def test_two_worlds_share_nothing(worlds):
    one, other = worlds.open(small_config()), worlds.open(small_config())
    ask(worlds, one.set_strategy, "pull")
    assert one.id != other.id
    assert (one.config.strategy.name, other.config.strategy.name) == ("pull", "push")


def test_a_world_that_is_not_there_is_named_in_one_sentence(worlds):
    with pytest.raises(UnknownName, match=r"There is no live world 'abc': .* open a new one\."):
        worlds.get("abc")


def test_the_limit_is_kept_and_a_closed_world_makes_room(clock):
    worlds = unthreaded(clock, max_worlds=2)
    first = worlds.open(small_config())
    worlds.open(small_config())
    with pytest.raises(TooManyWorlds, match="All 2 worlds"):
        worlds.open(small_config())
    worlds.close(first.id)
    worlds.close(first.id)
    worlds.open(small_config())
    assert len(worlds) == 2


def test_a_world_that_was_left_makes_room_for_a_new_visitor(clock):
    worlds = unthreaded(clock, max_worlds=2)
    left, watched = worlds.open(small_config()), worlds.open(small_config())
    ask(worlds, watched.subscribe, Client().box)
    clock.at_s += ASLEEP_S + 1
    worlds.open(small_config())
    assert worlds.get(watched.id) is watched
    with pytest.raises(UnknownName):
        worlds.get(left.id)


def test_people_are_limited_too(clock):
    worlds = unthreaded(clock, max_users=2_700)  # a classroom is expected to have 2,000; these have 300
    for _ in range(3):
        worlds.open(small_config())
    with pytest.raises(TooManyWorlds, match=r"have 900 people, and 2,000 more would be over 2,700"):
        worlds.open(small_config())
    assert len(worlds) == 3


def test_a_large_world_counts_as_so_many_people_and_no_more(clock, monkeypatch):
    monkeypatch.setattr(worlds_module, "MOST_COUNTED", 1_000)
    worlds = unthreaded(clock, max_users=2_100)
    for _ in range(4):  # 300 that are there, and 1,000 instead of 2,000 expected
        worlds.open(small_config())
    with pytest.raises(TooManyWorlds, match=r"have 1,200 people, and 1,000 more would be over 2,100"):
        worlds.open(small_config())


def test_a_failed_opening_takes_no_place(clock):
    def build(_config):
        raise UnknownName("no such world")

    worlds = LiveWorlds(build=build, clock=clock, max_worlds=1)
    for _ in range(3):
        with pytest.raises(UnknownName):
            worlds.open(WorldConfig())
    assert threads() == []


def test_an_unwatched_world_stands_still_after_a_minute_and_goes_on_when_asked(worlds, clock):
    live = worlds.open(small_config())
    turn(worlds, clock, 1)
    clock.at_s += ASLEEP_S
    before_s = ask(worlds, lambda: live._stage.run.world.now_ns)
    turn(worlds, clock, 5)
    assert live._stage.run.world.now_ns == before_s
    told_s = ask(worlds, live.full)["tick"]["t"]
    assert 0 <= told_s - before_s / 1e9 <= DEBT_S, "a question wakes it; at most, it has caught up when it answers"
    turn(worlds, clock, 1)
    assert live._stage.run.world.now_ns > before_s


def test_a_world_closes_after_ten_minutes_without_anybody(worlds, clock):
    left, watched = worlds.open(small_config()), worlds.open(small_config())
    client = Client()
    ask(worlds, watched.subscribe, client.box)
    turn(worlds, clock, IDLE_S + 60, step_s=50)
    with pytest.raises(UnknownName):
        worlds.get(left.id)
    with pytest.raises(MurmurationError, match="was closed after its last visitor had left"):
        left.do(lambda world: None)
    assert worlds.get(watched.id) is watched
    watched.unsubscribe(client.box)
    turn(worlds, clock, IDLE_S + 60, step_s=50)
    assert len(worlds) == 0


def test_closing_tells_the_watchers(worlds):
    live, client = worlds.open(small_config()), Client()
    ask(worlds, live.subscribe, client.box)
    worlds.close(live.id)
    assert client.box.closed == "This world was closed after its last visitor had left."


def test_an_error_inside_a_world_stops_it_alone_and_a_reset_starts_it_anew(worlds, clock, caplog):
    broken, other, client = worlds.open(small_config()), worlds.open(small_config()), Client()
    ask(worlds, broken.subscribe, client.box)
    turn(worlds, clock, 1)

    def fails(_dt_ns):
        raise ZeroDivisionError("in a step")

    ask(worlds, broken.do, lambda world: setattr(world, "step", fails))
    other_ns = other._stage.run.world.now_ns
    turn(worlds, clock, 1)
    assert "in a step" in caplog.text
    assert other._stage.run.world.now_ns > other_ns
    tick = client.receive().full["tick"]
    assert tick["verdict"]["status"] == "off"
    assert tick["verdict"]["line"] == "This world has stopped: an error happened inside it."
    assert tick["t"] >= 1.5, "the last picture"
    assert ask(worlds, broken.full) == client.full
    with pytest.raises(MurmurationError, match="reset starts it anew"):
        ask(worlds, broken.inject, "celebrity")
    ask(worlds, broken.reset)
    turn(worlds, clock, 1)
    assert client.receive().tick["verdict"]["status"] == "ok" or client.tick["verdict"]["rule"] == 15
    assert broken._stage.run.world.now_ns > 1_000_000_000


def test_a_reset_begins_the_same_run_again_with_the_present_configuration(worlds, clock):
    live = worlds.open(small_config())
    first = ask(worlds, live.full)
    ask(worlds, live.set_knobs, {"workers.count": 3})
    turn(worlds, clock, 2)
    ask(worlds, live.set_knobs, {"workers.count": 1})
    ask(worlds, live.reset)
    again = ask(worlds, live.full)
    assert again["series"] == first["series"]
    assert again["world"] == first["world"]
    assert again["flags"] == []


def test_on_redis_neither_a_reset_nor_an_end_leaves_a_key_behind(worlds):
    live = worlds.open(small_config(**{"timeline.backend": "redis"}))
    first = ask(worlds, live.do, lambda world: world.tables.lists)
    ask(worlds, live.reset)
    second = ask(worlds, live.do, lambda world: world.tables.lists)
    assert (first.count(), second.count()) == (0, 300)
    worlds.close(live.id)
    assert second.count() == 0


def test_the_run_before_a_reset_is_the_ghost_of_the_same_event(worlds, clock):
    live, client = worlds.open(small_config()), Client()
    ask(worlds, live.subscribe, client.box)
    ask(worlds, live.inject, "celebrity")
    turn(worlds, clock, 3)
    ask(worlds, live.reset)
    ask(worlds, live.inject, "celebrity")
    turn(worlds, clock, 1)
    told = [tick["ghost"] for tick in client.receive().ticks if "ghost" in tick]
    assert [ghost["label"] for ghost in told] == ["before the reset, Push"], "told once, when it came"
    assert told[0]["flag_t"] == 1.0


def test_the_thread_starts_with_the_first_world_and_ends_with_stop():
    worlds = LiveWorlds(build=small_world, history_s=1.0)
    assert threads() == []
    live = worlds.open(small_config())
    assert len(threads()) == 1
    worlds.open(small_config())
    assert len(threads()) == 1
    assert live.do(lambda world: world.population.users) == 300
    worlds.stop()
    assert threads() == []
    assert len(worlds) == 0
    worlds.stop()


def test_lists_of_a_city_are_not_kept_in_redis_live():
    config = WorldConfig(world="city").with_knobs({"timeline.backend": "redis"})
    with pytest.raises(InvalidKnob, match="up to 10,000 people"):
        LiveWorlds().open(config)
