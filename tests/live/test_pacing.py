"""How virtual time follows the wall clock: on time, honest about it, and never in a jump."""

import math

import pytest

from engine.clock import NS_PER_S
from engine.errors import InvalidKnob
from engine.live.pacing import DEBT_S, Pace
from engine.live.stage import WATCH_S, Stage
from tests.live.helpers import Client, Wall, small_run


def run_for(pace, clock, seconds, turn_s=0.02, slowness=0.0):
    """Virtual seconds that a world makes; each step takes `slowness` wall seconds."""
    now_ns, end_s = 0, clock.at_s + seconds
    while clock.at_s < end_s:
        clock.at_s += turn_s
        pace.accrue(clock.at_s)
        while step_ns := pace.step_ns(now_ns):
            now_ns += step_ns
            pace.ran(step_ns)
            clock.at_s += slowness
            if slowness and clock.at_s >= end_s:
                break
    return now_ns / NS_PER_S


@pytest.mark.parametrize("speed", [1, 10, 100])
def test_a_fast_enough_world_keeps_the_chosen_speed(speed):
    clock = Wall()
    pace = Pace(clock.at_s)
    pace.set_speed(speed, clock.at_s)
    assert run_for(pace, clock, 10) == pytest.approx(10 * speed, rel=0.02)
    assert pace.achieved == pytest.approx(speed, rel=0.03)


def test_a_slow_world_says_how_fast_it_really_is():
    clock = Wall()
    pace = Pace(clock.at_s)
    pace.set_speed(10, clock.at_s)
    done_s = run_for(pace, clock, 20, slowness=0.05)  # 0.1 virtual seconds in 0.05: twice real time, not ten times
    assert done_s == pytest.approx(40, rel=0.05)
    assert pace.achieved == pytest.approx(2.0, rel=0.1)


def test_flat_out_always_has_something_to_do_and_owes_nothing():
    pace = Pace(0.0)
    pace.set_speed(0, 0.0)
    for _ in range(100):
        assert pace.step_ns(0) == 100_000_000
        pace.ran(100_000_000)
    assert pace.due_in_s() == 0
    pace.set_speed(1, 0.0)
    assert pace.step_ns(0) == 0


def test_a_world_that_slept_does_not_catch_up_in_a_jump():
    clock = Wall()
    pace = Pace(clock.at_s)
    clock.at_s += 3_600
    assert DEBT_S - 0.05 <= run_for(pace, clock, 0.1) <= DEBT_S + 0.1


def test_steps_end_at_every_multiple_of_the_quantum_whatever_the_instant():
    pace = Pace(0.0)
    pace.set_speed(10, 0.0)
    pace.accrue(1.0)
    assert pace.step_ns(30_000_000) == 70_000_000
    assert pace.step_ns(100_000_000) == 100_000_000
    pace.set_speed(1, 1.0)
    pace.accrue(2.0)
    assert pace.step_ns(0) == 100_000_000
    assert pace.step_ns(80_000_000) == 20_000_000


def test_a_paused_world_stands_still_and_owes_nothing_afterwards():
    pace = Pace(0.0)
    pace.paused = True
    pace.accrue(100.0)
    assert pace.step_ns(0) == 0
    assert pace.due_in_s() == math.inf
    assert pace.achieved == 0
    pace.paused = False
    pace.restart(100.0)
    pace.accrue(100.01)
    assert pace.step_ns(0) == 0


def test_it_asks_for_a_turn_when_a_step_is_owed_and_not_before():
    pace = Pace(0.0)
    assert pace.due_in_s() == pytest.approx(0.1)
    pace.accrue(0.03)
    assert pace.due_in_s() == pytest.approx(0.07)
    pace.set_speed(100, 0.03)
    assert pace.due_in_s() == pytest.approx(0.02)


@pytest.mark.parametrize("speed", [2, -1, "fast", None, 1000])
def test_an_unknown_speed_is_refused_and_changes_nothing(speed):
    pace = Pace(0.0)
    with pytest.raises(InvalidKnob, match="allowed: 1, 10, 100, or 0 for max"):
        pace.set_speed(speed, 0.0)
    assert pace.speed == 1


# On a stage: a world, a clock in the hand


def on_stage(**changes):
    clock = Wall()
    return Stage("w", small_run(**changes), clock), clock


def play(stage, clock, seconds):
    for _ in range(round(seconds / 0.02)):
        clock.at_s += 0.02
        stage.turn(0.02, awake=True)


def test_one_wall_second_is_one_virtual_second():
    stage, clock = on_stage()
    before_ns = stage.run.world.now_ns
    play(stage, clock, 3)
    assert (stage.run.world.now_ns - before_ns) / NS_PER_S == pytest.approx(3, abs=0.11)


def test_an_event_above_4x_is_watched_at_1x_until_its_lag_is_gone():
    stage, clock = on_stage()
    stage.set_speed(10)
    stage.inject("celebrity")
    assert stage.pace.slowed
    start_ns = stage.run.world.now_ns
    lags = []
    while stage.pace.slowed:
        play(stage, clock, 0.5)
        lags.append(stage.run.world.oldest_waiting_ns() / NS_PER_S)
        assert len(lags) < 80, "it has to end"
    watched_s = (stage.run.world.now_ns - start_ns) / NS_PER_S
    assert watched_s >= WATCH_S
    assert max(lags) > 2, "or there was nothing to watch"
    assert stage.run.pulse.lag_s < 1
    before_ns = stage.run.world.now_ns
    play(stage, clock, 1)
    assert (stage.run.world.now_ns - before_ns) / NS_PER_S == pytest.approx(10, rel=0.1)


def test_nobody_is_slowed_at_1x_at_max_or_against_their_will():
    for speed, wanted in ((1, True), (0, True), (100, False)):
        stage, _ = on_stage()
        stage.set_speed(speed)
        stage.slow_to_watch(wanted)
        stage.inject("herd")
        assert not stage.pace.slowed


def test_choosing_a_speed_ends_the_watching():
    stage, clock = on_stage()
    stage.set_speed(10)
    stage.inject("celebrity")
    stage.set_speed(100)
    play(stage, clock, 0.2)
    assert not stage.pace.slowed
    assert stage.pace.rate == 100


def test_a_pause_ends_a_half_second_so_that_all_numbers_are_of_one_instant():
    stage, clock = on_stage()
    play(stage, clock, 0.73)
    stage.pause()
    assert stage.run.world.now_ns % (NS_PER_S // 2) == 0
    before_ns = stage.run.world.now_ns
    play(stage, clock, 2)
    assert stage.run.world.now_ns == before_ns


def test_the_worst_state_between_two_frames_is_shown_above_10x():
    stage, clock = on_stage()
    client = Client()
    stage.subscribe(client.box)
    stage.slow_to_watch(False)
    stage.set_speed(100)
    stage.inject("celebrity")
    worst = 0
    for _ in range(3):
        clock.at_s += 0.1  # one frame of 10 virtual seconds: the burst comes and goes within two
        stage.turn(10.0, awake=True)
        client.receive()
        worst = max(worst, int(client.dots.max()))
    assert worst >= 1
    assert stage.run.world.behind().max() < NS_PER_S
    assert client.tick["bands"]["quiet"] == 300
    assert "100x: one frame is 10 s; showing the worst of each." in client.tick["lens"]["caption"]
