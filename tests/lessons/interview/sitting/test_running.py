"""The clock: what makes it run, and what stops it."""

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from threading import Event

import pytest

from engine.errors import InvalidInput, NotAllowed
from lessons.interview.rubric import standard
from lessons.interview.sheet import Sheet1, Sheet5
from lessons.interview.sitting import Sitting, kept
from lessons.interview.sitting.heart import Heart
from lessons.interview.transcript import Answer, Claim
from tests.lessons.interview.sitting.hand import BEGAN, Hand, again, begun, spend


@pytest.fixture
def hand() -> Hand:
    return Hand()


def elapsed(sitting: Sitting) -> float:
    return sitting.state().clock.elapsed_s


def test_it_runs_from_the_beginning(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    assert elapsed(sitting) == 0
    hand.on(12.5)
    assert elapsed(sitting) == 12.5
    clock = sitting.state().clock
    assert (clock.of_s, clock.left_s, clock.next_opens_at_s, clock.over) == (2700, 2687.5, 2400, False)


def test_leaving_the_page_does_not_stop_it(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    hand.on(1000)
    assert elapsed(again(sitting, hand)) == 1000


def test_a_process_that_died_does(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand, process="first")
    hand.on(100)
    sitting.tick()
    hand.on(5000)
    after = again(sitting, hand, process="second")
    assert elapsed(after) == 100
    after.tick()
    hand.on(30)
    assert elapsed(after) == 130
    assert not after.state().locked


def test_while_one_of_two_processes_lives_it_runs(tmp_path: Path, hand: Hand):
    one = begun(tmp_path, hand, process="one")
    hand.on(10)
    other = again(one, hand, process="other")
    other.tick()
    hand.on(200)
    one.tick()
    hand.on(100)
    other.tick()
    assert elapsed(one) == elapsed(other) == 310


def test_time_that_nobody_looked_at_has_passed_when_the_process_dies_later(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand, process="first")
    for _ in range(30):
        hand.on(10)
        assert sitting.alive()
    hand.on(5000)
    assert elapsed(again(sitting, hand, process="second")) == 300
    late = again(sitting, hand, process="third")
    late.tick()
    hand.on(2400)
    assert not late.alive(), "its time is over"


def test_a_heart_beats_until_the_end_and_lets_go_of_what_is_gone(tmp_path: Path, hand: Hand):
    sitting, gone = begun(tmp_path, hand), begun(tmp_path / "gone", hand)
    path = tmp_path / sitting.id / "events.jsonl"
    heart = Heart(0.01)
    rmtree(tmp_path / "gone")
    heart.keep(gone)
    hand.on(10)
    heart.keep(sitting)
    heart.keep(sitting)
    thread = heart._thread
    assert thread is not None
    assert comes(lambda: len(path.read_text().splitlines()) == 2)
    hand.on(10)
    assert comes(lambda: len(path.read_text().splitlines()) == 3)
    assert list(heart._kept.values()) == [sitting]
    sitting.finish()
    thread.join(5)
    assert not thread.is_alive()
    heart.keep(sitting)
    heart.stop()


def comes(true: Callable[[], bool]) -> bool:
    """Whether it becomes so within some seconds."""
    waiting = Event()
    return any(true() or waiting.wait(0.02) for _ in range(300))


def test_a_tick_is_written_every_few_seconds_at_most(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    path = tmp_path / sitting.id / "events.jsonl"
    for _ in range(50):
        hand.on(1)
        sitting.tick()
    assert len(path.read_text().splitlines()) <= 14


def test_a_clock_that_was_set_back_stands(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    hand.on(50)
    sitting.tick()
    hand.on(-3000)
    sitting.tick()
    assert elapsed(sitting) == 50
    hand.on(3010)
    assert elapsed(sitting) == 60


def test_a_date_written_by_hand_into_the_far_future_is_none(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    path = tmp_path / sitting.id / "events.jsonl"
    line = '{"id":"a","at":9e9,"by":"x","kind":"alive","data":{}}'
    path.write_text(path.read_text() + line + "\n")
    hand.on(10)
    sitting.tick()
    assert elapsed(again(sitting, hand)) == 10


def test_practice_may_pause_and_strict_may_not(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand, mode="practice")
    hand.on(10)
    sitting.pause()
    hand.on(500)
    state = sitting.state()
    assert (state.clock.elapsed_s, state.clock.paused) == (10, True)
    assert "clock stands" in state.line
    sitting.resume()
    hand.on(5)
    assert elapsed(sitting) == 15
    strict = begun(tmp_path, hand)
    with pytest.raises(NotAllowed, match="no pause in strict"):
        strict.pause()


def test_a_pause_written_by_hand_into_a_strict_interview_stops_nothing(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    sitting._log.add(lambda _: [("paused", {})])
    hand.on(10)
    assert elapsed(sitting) == 10
    assert not sitting.state().clock.paused


@pytest.mark.parametrize("extra", [1.0, 1.25, 1.5, 2.0])
def test_extra_time_stretches_all_of_it(tmp_path: Path, hand: Hand, extra: float):
    sitting = begun(tmp_path, hand, extra=extra)
    clock = sitting.state().clock
    assert (clock.of_s, clock.box_s, clock.next_opens_at_s) == (2700 * extra, 360 * extra, 2400 * extra)
    hand.on(2700 * extra - 1)
    sitting.tick()
    assert not sitting.state().locked
    hand.on(2)
    assert sitting.state().locked
    whole = sitting.transcript()
    assert '"extra"' not in whole.model_dump_json()
    assert sum(whole.minutes.values()) == pytest.approx(45, abs=0.01)


def test_other_extra_times_do_not_exist(tmp_path: Path, hand: Hand):
    for extra in (0.5, 3.0, True):
        with pytest.raises(InvalidInput, match="extra time"):
            begun(tmp_path, hand, extra=extra)
    assert kept(tmp_path) == ()


@pytest.mark.parametrize("level", ["mid", "senior", "staff"])
def test_boxes_are_the_minutes_of_the_rubric_and_advice_only(tmp_path: Path, hand: Hand, level: str):
    sitting = begun(tmp_path, hand, level=level)
    minutes = standard().minutes[level]  # type: ignore[index]
    for step in "12345":
        sitting.go(step)  # type: ignore[arg-type]
        state = sitting.state()
        assert state.clock.box_s == 60 * minutes.steps[int(step) - 1]
        assert (state.clock.in_box_s, state.clock.amber, state.next) == (0, False, None)
        hand.on(state.clock.box_s)
        state = sitting.state()
        assert state.clock.amber
        assert "Shall we go on" in state.line
        assert state.next is None, "first the questions about this step"
        sitting.write(int(step), type(getattr(state.steps, f"s{step}").structured)(), "still open")
    sitting.go("1")
    assert sitting.state().clock.amber, "time in a box is that of all visits"


def test_step_7_opens_at_forty_minutes(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    sitting.go("5")
    hand.on(2399)
    state = sitting.state()
    assert state.phase == "5"
    assert "7" not in state.may_go
    hand.on(1)
    state = sitting.state()
    assert state.phase == "7"
    assert state.opened_order == ("1", "5", "7")
    assert "read your own run" in state.line
    assert state.clock.next_opens_at_s is None
    hand.on(60)
    sitting.write(5, Sheet5(queue="durable"), "what was still being written")
    sitting.go("5")
    assert sitting.state().phase == "5", "earlier steps stay open"
    sitting.finish_step()
    sitting.answer("P3", Answer(), "", "do_not_know")
    sitting.answer("P6", Answer(), "", "do_not_know")
    assert sitting.state().next == "7", "late on the own run comes first"
    hand.on(30)
    minutes = sitting.transcript().minutes
    assert minutes == {"1": 0, "5": 40.5, "7": 1}


def test_strict_closes_the_sheets_and_loses_nothing(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    sitting.write(1, Sheet1(must=("home",)), "before")
    hand.on(2700)
    state = sitting.state()
    assert state.locked
    assert not state.over
    assert state.may_go == ("debrief",)
    assert "sheets are closed" in state.line
    hand.on(10)
    sitting.write(1, Sheet1(must=("home", "post")), "on its way")
    assert sitting.state().steps.s1.free_text == "on its way"
    hand.on(10)
    sitting.write(1, Sheet1(must=("home", "post", "dm")), "too late")
    state = sitting.state()
    assert state.steps.s1.free_text == "on its way"
    assert state.late.s1.free_text == "too late"
    assert sitting.transcript().steps.s1.free_text == "on its way"
    for act in (
        lambda: sitting.go("2"),
        sitting.finish_step,
        lambda: sitting.claim(Claim(metric="deliveries", value=1.0)),
        lambda: sitting.restate(1, "push grows with followers"),
        lambda: sitting.answer("P1", Answer(), "", "do_not_know"),
    ):
        with pytest.raises(NotAllowed, match="The time is over"):
            act()
    assert sitting.state().clock.elapsed_s == 2700, "what is shown ends with the time"
    sitting.go("debrief")
    assert sitting.state().over


def test_practice_does_not_close(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand, mode="practice")
    hand.on(3000)
    state = sitting.state()
    assert state.clock.over
    assert not state.locked
    assert "planned time is over" in state.line
    sitting.write(1, Sheet1(must=("home",)), "")
    assert sitting.state().steps.s1.structured.must == ("home",)


def test_the_end_stops_it_and_is_final(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    hand.on(100)
    sitting.finish()
    hand.on(100)
    sitting.tick()
    sitting.finish()
    state = sitting.state()
    assert (state.over, state.phase, state.clock.elapsed_s, state.may_go) == (True, "debrief", 100, ())
    with pytest.raises(NotAllowed, match="over"):
        sitting.go("1")
    sitting.write(1, Sheet1(must=("home",)), "later")
    assert sitting.state().late.s1.free_text == "later"


def test_the_clock_waits_a_minute_for_which_of_the_two(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    hand.on(2400)
    sitting.tick()
    sitting.claim(Claim(text="The lag is 4 s.", metric="visible_lag_ms.p99", value=400.0))
    hand.on(20)
    assert elapsed(sitting) == 2400
    hand.on(50)
    assert elapsed(sitting) == 2410, "a minute at most"
    sitting.answer("claim", Answer(choice="claimed"), "", "directed")
    hand.on(5)
    state = sitting.state()
    assert state.clock.elapsed_s == 2415
    assert state.claims[0].value == 4000


def test_began_at_is_kept(tmp_path: Path, hand: Hand):
    sitting = begun(tmp_path, hand)
    hand.on(10)
    assert sitting.state().began_at == BEGAN
    spend(sitting, hand, 100)
    assert elapsed(sitting) == 110
