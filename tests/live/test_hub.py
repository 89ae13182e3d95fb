"""Who watches: the same bytes for all, a slow client starts anew, and nobody waits for it."""

import threading

import numpy as np

from engine.live.dots import BEHIND, READING, FrameEncoder
from engine.live.hub import Hub, Outbox
from engine.live.stage import Stage
from tests.live.helpers import Client, Wall, small_run


def test_all_clients_get_the_very_same_bytes():
    clock = Wall()
    stage = Stage("w", small_run(), clock)
    one, other = Outbox(), Outbox()
    stage.subscribe(one)
    stage.subscribe(other)
    one.take(), other.take()
    for _ in range(40):
        clock.at_s += 0.05
        stage.turn(0.02, awake=True)
    sent = one.take()
    assert len(sent) > 10
    assert all(a is b for a, b in zip(sent, other.take(), strict=True))


def test_nothing_is_encoded_when_nobody_looks(monkeypatch):
    clock = Wall()
    stage = Stage("w", small_run(), clock)
    monkeypatch.setattr(stage, "_send", lambda *_: (_ for _ in ()).throw(AssertionError))
    for _ in range(40):
        clock.at_s += 0.05
        stage.turn(0.02, awake=True)
    assert not stage._failed


def test_a_slow_client_loses_updates_and_gets_a_whole_picture_when_it_is_back():
    clock = Wall()
    stage = Stage("w", small_run(), clock)
    slow, quick = Client(limit=5), Client()
    stage.subscribe(slow.box)
    stage.subscribe(quick.box)
    slow.receive()

    def play(turns):
        for _ in range(turns):
            clock.at_s += 0.05
            stage.turn(0.02, awake=True)
            quick.receive()

    stage.inject("celebrity")
    play(60)
    assert slow.box.take() == [], "all it had not taken is gone; taking tells that it is back"
    play(4)
    slow.receive()
    assert slow.full["tick"]["t"] > 4
    stage.inject("herd")
    for _ in range(40):
        play(1)
        slow.receive()
        if slow.dots is not None and len(slow.ticks):
            assert slow.dots.tolist() == quick.dots.tolist()
    assert slow.tick["t"] == quick.tick["t"]
    assert [flag["label"] for flag in slow.full["flags"]] == ["Nova posts 8x"]


def test_a_box_never_grows_beyond_its_limit():
    box = Outbox(limit=10)
    for number in range(10_000):
        box.offer(str(number))
    assert box.take() == []
    assert box.wants_resync()
    box.resync("full")
    assert not box.wants_resync()
    assert box.fresh
    box.offer("next")
    assert box.take() == ["full", "next"]


def test_whoever_has_no_frame_yet_gets_a_whole_one():
    hub, encoder = Hub(), FrameEncoder(BEHIND)
    early, late = Client(), Client()
    hub.add(early.box, "{}".replace("{}", '{"type":"full"}'))
    values = np.zeros(300, np.uint8)
    hub.send_frames({BEHIND: encoder.encode(values)})
    hub.add(late.box, '{"type":"full"}')
    values = values.copy()
    values[3] = 2
    hub.send_frames({BEHIND: encoder.encode(values)})
    assert early.receive().dots.tolist() == late.receive().dots.tolist() == values.tolist()


def test_a_lens_is_a_clients_own():
    hub, one, other = Hub(), Outbox(), Outbox()
    hub.add(one, "full")
    hub.add(other, "full")
    other.lens = READING
    assert hub.lenses() == {BEHIND, READING}
    hub.send_by_lens({BEHIND: "b", READING: "r"})
    assert (one.take(), other.take()) == (["full", "b"], ["full", "r"])
    hub.remove(other)
    hub.remove(other)
    assert hub.lenses() == {BEHIND}
    assert len(hub) == 1


def test_a_box_may_be_emptied_while_it_is_filled():
    box, taken, notified = Outbox(limit=10_000), [], []
    box = Outbox(lambda: notified.append(1), limit=10_000)
    filler = threading.Thread(target=lambda: [box.offer(str(number)) for number in range(5_000)])
    filler.start()
    while filler.is_alive():
        taken += box.take()
    filler.join()
    taken += box.take()
    assert taken == [str(number) for number in range(5_000)]
    assert len(notified) == 5_000
