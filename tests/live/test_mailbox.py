"""What people ask arrives in order, is answered while a world is paused or busy, and fails as itself."""

import threading
import time
from concurrent.futures import CancelledError

import pytest

from engine.errors import InvalidKnob, MurmurationError, UnknownName, UnknownUser
from engine.live import LiveWorlds
from engine.live.mailbox import Mailbox
from tests.live.helpers import Wall, ask, small_config, small_world, unthreaded


def test_actions_run_in_the_order_of_their_asking():
    wakes, seen = [], []
    mailbox = Mailbox(lambda: wakes.append(1))
    futures = [mailbox.submit(lambda i=i: seen.append(i) or i * i) for i in range(5)]
    assert seen == []
    assert mailbox.drain() == 5
    assert seen == [0, 1, 2, 3, 4]
    assert [future.result(0) for future in futures] == [0, 1, 4, 9, 16]
    assert len(wakes) == 5


def test_an_action_asked_for_by_an_action_waits_for_the_next_drain():
    mailbox = Mailbox(lambda: None)
    mailbox.submit(lambda: mailbox.submit(lambda: None))
    assert mailbox.drain() == 1
    assert len(mailbox) == 1


def test_an_exception_travels_to_whoever_asked_and_the_next_action_runs():
    mailbox = Mailbox(lambda: None)
    bad, good = mailbox.submit(lambda: int("x")), mailbox.submit(lambda: "fine")
    mailbox.drain()
    with pytest.raises(ValueError, match="invalid literal"):
        bad.result(0)
    assert good.result(0) == "fine"


def test_a_cancelled_action_is_never_run():
    seen = []
    mailbox = Mailbox(lambda: None)
    future = mailbox.submit(lambda: seen.append(1))
    assert future.cancel()
    mailbox.drain()
    assert seen == []
    with pytest.raises(CancelledError):
        future.result(0)


def test_a_closed_mailbox_refuses_what_waits_and_what_comes():
    mailbox = Mailbox(lambda: None)
    waiting = mailbox.submit(lambda: None)
    mailbox.close("gone")
    late = mailbox.submit(lambda: None)
    for future in (waiting, late):
        with pytest.raises(MurmurationError, match="gone"):
            future.result(0)


# Through a live world


@pytest.fixture
def worlds():
    return unthreaded(Wall())


@pytest.fixture
def live(worlds):
    return worlds.open(small_config())


def test_an_action_gets_the_world_and_its_arguments(worlds, live):
    assert ask(worlds, live.do, lambda world, a, b: (world.now_ns, a + b), 2, 3) == (1_000_000_000, 5)


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (lambda live: live.inject("earthquake"), UnknownName),
        (lambda live: live.set_strategy("teleport"), UnknownName),
        (lambda live: live.set_knobs({"workers.count": 0}), InvalidKnob),
        (lambda live: live.set_knobs({"workers.cuont": 1}), InvalidKnob),
        (lambda live: live.set_knobs({"seed": 8}), InvalidKnob),
        (lambda live: live.set_knobs(["workers.count"]), InvalidKnob),
        (lambda live: live.set_speed(7), InvalidKnob),
        (lambda live: live.person(300), UnknownUser),
        (lambda live: live.person(True), UnknownUser),
        (lambda live: live.do(lambda world: world.no_such_thing), AttributeError),
    ],
)
def test_a_refused_action_raises_its_own_error_and_changes_nothing(worlds, live, question, error):
    before = ask(worlds, live.full)
    with pytest.raises(error):
        ask(worlds, question, live)
    after = ask(worlds, live.full)
    assert after["world"] == before["world"]
    assert after["flags"] == []
    assert after["tick"]["verdict"]["rule"] != 0, "the world runs on"


def test_a_paused_world_answers_and_can_be_changed(worlds, live):
    ask(worlds, live.pause)
    before = ask(worlds, live.full)["tick"]
    ask(worlds, live.set_strategy, "hybrid:threshold=100")
    ask(worlds, live.inject, "celebrity")
    after = ask(worlds, live.full)
    assert after["tick"]["t"] == before["t"]
    assert after["tick"]["verdict"]["line"].startswith("Paused at 00:00:01.")
    assert [flag["kind"] for flag in after["flags"]] == ["change", "inject"]
    assert live.config.strategy.threshold == 100
    ask(worlds, live.resume)
    assert not ask(worlds, live.full)["tick"]["paused"]


def test_nothing_is_done_late_that_was_given_up(monkeypatch):
    monkeypatch.setattr("engine.live.world.ANSWER_S", 0.05)
    worlds, ran = unthreaded(Wall()), []
    live = worlds.open(small_config())
    with pytest.raises(MurmurationError, match="did not answer within"):
        live.do(lambda world: ran.append(1))  # nobody turns the scheduler
    worlds.scheduler.round()
    assert ran == []


def test_an_action_that_has_begun_is_waited_for(monkeypatch):
    monkeypatch.setattr("engine.live.world.ANSWER_S", 0.02)
    worlds = LiveWorlds(build=small_world, history_s=1.0)
    try:
        live = worlds.open(small_config())
        assert live.do(lambda world: time.sleep(0.2) or "done") == "done"
        monkeypatch.setattr("engine.live.world.BUSY_S", 0.02)
        with pytest.raises(MurmurationError, match="still at work"):
            live.do(lambda world: time.sleep(0.2))
    finally:
        worlds.stop()


def test_actions_of_many_threads_are_all_done_one_at_a_time():
    worlds = LiveWorlds(build=small_world, history_s=1.0)
    try:
        live = worlds.open(small_config())
        live.set_speed(0)
        busy, overlaps, counts = threading.Lock(), [], []

        def action(world):
            if not busy.acquire(blocking=False):
                overlaps.append(1)
                return
            counts.append(world.now_ns)
            busy.release()

        threads = [threading.Thread(target=lambda: [live.do(action) for _ in range(20)]) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert overlaps == []
        assert len(counts) == 100
        assert counts == sorted(counts)
    finally:
        worlds.stop()
