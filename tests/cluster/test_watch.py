"""A served world watched from outside: what happens in it, in wall time, and what is wrong with its Redis."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from engine.clock import SystemWallClock
from engine.cluster.keys import Keys
from engine.cluster.picture import Local, picture, state_of, tiles, verdict, worker_rows
from engine.cluster.queue import Consumer, ServerSeen
from engine.cluster.watch import KEYS, Frame, Watch
from engine.errors import InvalidInput
from engine.journal.actions import Posted
from tests.cluster.own_redis import FORGETFUL, LASTING
from tests.cluster.place import Place, everybody_follows, ring

real = pytest.mark.redis_server


class _Said(list[str]):
    def __call__(self, what: str) -> None:
        self.append(what)


@pytest.fixture
def said() -> _Said:
    return _Said()


def watch_of(world: Place, said: _Said, url: str) -> Watch:
    return Watch(url, world.keys.name, SystemWallClock(), said)


@real
def test_a_frame_has_what_happened_since_the_last_ones(place, said, redis_url):
    world = place(everybody_follows(9))
    watch = watch_of(world, said, redis_url)
    first = watch.step()
    assert (first.reached, first.served, first.trouble) == (True, True, None)
    assert (first.lag_p99_ms, first.oldest_ms, first.waiting, first.mark) == (None, None, 0, 0)
    world.did(Posted(0, "a"), Posted(0, "b"))
    world.relay_all()
    world.queue.take("holds", 2, 1)
    held = watch.step()
    assert (held.waiting, held.taken, held.mark) == (4, 2, 2)
    assert [(one.name, one.pending) for one in held.workers] == [("holds", 2)]
    assert held.oldest_ms > 0
    assert held.planned_per_s > 0
    world.worker().run()
    done = watch.step()
    assert (done.waiting, done.taken, done.oldest_ms) == (0, 0, None)
    assert 0 < done.lag_p50_ms <= done.lag_p99_ms
    span_s = done.at_s - first.at_s
    assert done.deliveries_per_s == pytest.approx(16 / span_s, rel=0.01)
    assert done.server.version.startswith(("6", "7", "8"))
    assert done.server.used_bytes > 0
    assert {len(values) for values in watch.columns().values()} == {3}
    assert tuple(watch.columns()) == KEYS
    watch.close()


@real
def test_what_was_before_the_watch_is_no_news(place, said, redis_url):
    world = place(everybody_follows(9))
    world.did(Posted(0, "a"))
    world.relay_all()
    world.queue.take("dies", 2, 1)
    world.drain()
    assert world.queue.told()["taken_over"] == 2
    watch = watch_of(world, said, redis_url)
    for _ in range(2):
        frame = watch.step()
    assert frame.lag_p99_ms is None
    assert frame.taken_over == 0
    assert frame.deliveries_per_s == 0
    assert said == []
    watch.close()


@real
def test_jobs_of_a_dead_worker_are_seen_and_so_is_that_they_are_taken_over(place, said, redis_url):
    world = place(everybody_follows(9))
    watch = watch_of(world, said, redis_url)
    world.did(Posted(0, "a"))
    world.relay_all()
    world.queue.take("dies", 3, 1)
    frame = watch.step()
    assert [(one.name, one.pending) for one in frame.workers] == [("dies", 3)]
    assert frame.taken_over == 0
    world.worker("heir").run()
    frame = watch.step()
    assert frame.taken_over == 3
    assert said == ["3 jobs taken over"]
    assert {one.name: one.pending for one in frame.workers} == {"dies": 0}  # the heir has left
    watch.step()
    assert said == ["3 jobs taken over"]
    watch.close()


@real
def test_a_post_that_stands_behind_younger_ones_is_the_oldest(place, said, redis_url):
    world = place(everybody_follows(4))
    world.did(Posted(0, "a"))
    world.relay_all()
    (old,) = world.queue.take("w", 1, 1)
    world.queue.give_up(old.id, "no")
    world.did(Posted(0, "b"))
    world.relay_all()
    young = world.queue.oldest_ns()
    assert world.queue.redrive() == 1
    assert world.queue.oldest_ns() == old.job.at_ns < young


@real
def test_redis_killed_is_told_and_started_again_it_is_well(own_redis, tmp_path, said):
    server = own_redis(*LASTING)
    world = Place(server.url, tmp_path, everybody_follows(6))
    watch = watch_of(world, said, server.url)
    world.did(Posted(0, "a"))
    world.drain()
    well = watch.step()
    time.sleep(1.2)  # on disk
    server.kill()
    began = time.monotonic()
    gone = watch.step()
    assert time.monotonic() - began < 4, "retries are bounded"
    assert gone.trouble.startswith("The queue in Redis failed: the server does not answer (")
    assert gone.trouble.endswith(".")
    assert not gone.reached
    assert (gone.lag_p99_ms, gone.deliveries_per_s, gone.mark) == (None, None, well.mark)
    assert gone.troubled_since_s == watch.step().troubled_since_s
    server.start()
    time.sleep(0.3)
    back = watch.step()
    assert (back.reached, back.served, back.trouble, back.troubled_since_s) == (True, True, None, None)
    assert back.mark == well.mark
    assert said == ["Redis away", "Redis back"]
    columns = watch.columns()
    assert columns["queue_waiting"] == [0, None, None, 0]
    assert columns["lag_oldest"] == [0.0, None, None, 0.0]
    world.client.close()
    world.journal.close()
    watch.close()


@real
def test_who_watches_goes_on_trying_by_itself(own_redis, tmp_path, said):
    server = own_redis(*LASTING)
    world = Place(server.url, tmp_path, ring(4))
    watch, stop = watch_of(world, said, server.url), threading.Event()
    time.sleep(1.2)
    server.kill()
    thread = threading.Thread(target=watch.run, args=(stop,))
    thread.start()
    assert _seen(lambda: watch.frame.trouble)
    server.start()
    assert _seen(lambda: watch.frame.served and watch.frame.trouble is None)
    count = len(watch.columns()["t"])
    assert _seen(lambda: len(watch.columns()["t"]) >= count + 2)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    world.client.close()
    world.journal.close()


def _seen(what: Callable[[], object], patience_s: float = 10.0) -> bool:
    until = time.monotonic() + patience_s
    while not what() and time.monotonic() < until:
        time.sleep(0.05)
    return bool(what())


@real
def test_a_wrong_password_is_told_without_it(own_redis):
    server = own_redis(*FORGETFUL, "--requirepass", "right")
    place = server.url.removeprefix("redis://")
    watch = Watch(f"redis://:secret@{place}", "w", SystemWallClock())
    frame = watch.step()
    assert frame.trouble == f"The Redis server at {place} refuses the name or password; check both."
    assert not frame.reached
    right = Watch(f"redis://:right@{place}", "w", SystemWallClock())
    assert right.step().trouble is None
    right.close()


@real
def test_a_server_that_takes_no_writes_is_told_and_still_read(own_redis, tmp_path, said):
    server = own_redis()
    world = Place(server.url, tmp_path, everybody_follows(5))
    watch = watch_of(world, said, server.url)
    before = set(world.client.keys("*"))
    assert watch.step().trouble is None
    world.client.config_set("maxmemory", 1)
    full = watch.step()
    assert full.trouble == (
        "The queue in Redis failed: the server takes no writes (command not allowed when used memory > 'maxmemory'); "
        "give it memory or disk."
    )
    assert (full.reached, full.served, full.mark) == (True, True, 0)
    world.client.config_set("maxmemory", 0)
    assert watch.step().trouble is None
    assert set(world.client.keys("*")) == before, "asking writes nothing"
    watch.close()
    world.close()


@real
def test_who_may_only_read_is_not_told_of_writes(own_redis, tmp_path):
    server = own_redis()
    world = Place(server.url, tmp_path, ring(4))
    world.client.acl_setuser("eye", enabled=True, passwords=["+x"], commands=["+@read", "+info", "+ping"], keys=["*"])
    url = server.url.replace("redis://", "redis://eye:x@")
    watch = Watch(url, world.keys.name, SystemWallClock())
    frame = watch.step()
    assert (frame.trouble, frame.served) == (None, True)
    watch.close()
    world.close()


@real
@pytest.mark.parametrize("key", ["told", "jobs", "world"])
def test_a_key_of_another_type_is_told(own_redis, tmp_path, said, key):
    server = own_redis()
    world = Place(server.url, tmp_path, ring(4))
    name = getattr(world.keys, key)
    kept = world.client.dump(name) if world.client.exists(name) else None
    world.client.delete(name)
    world.client.lpush(name, "not ours")
    watch = watch_of(world, said, server.url)
    frame = watch.step()
    assert "WRONGTYPE, a key under one of its names holds something else; delete that key" in frame.trouble
    assert not frame.reached
    world.client.delete(name)
    if kept:
        world.client.restore(name, 0, kept)
    frame = watch.step()
    assert (frame.served, frame.trouble) == (True, None)
    watch.close()
    world.close()


@real
def test_without_a_world_redis_is_well_and_there_is_none(redis_url):
    watch = Watch(redis_url, "nobody", SystemWallClock())
    frame = watch.step()
    assert (frame.reached, frame.served, frame.trouble) == (True, False, None)
    assert frame.server is not None
    watch.close()


def test_an_address_where_nobody_is_is_told():
    frame = Watch("redis://127.0.0.1:1/0", "w", SystemWallClock()).step()
    assert frame.trouble == "No Redis server answers at redis://127.0.0.1:1/0 (ConnectionError)."


def test_a_name_that_cannot_be_is_refused():
    with pytest.raises(InvalidInput):
        Watch("redis://localhost", "{x}", SystemWallClock())


# In words

WELL = Frame(
    at_s=10.0, reached=True, served=True, lag_p50_ms=20.0, lag_p99_ms=90.0, oldest_ms=None, deliveries_per_s=1_234.0,
    planned_per_s=50.0, mark=7, workers=(Consumer("h-1-a", 0, 100), Consumer("h-2-b", 0, 100)),
    server=ServerSeen("7.0.15", "run", 5, 28_000_000, 0, 4),
)  # fmt: skip
EMPTY = {key: [] for key in KEYS}


def changed(**named: Any) -> Frame:
    return replace(WELL, **named)


DEAD = Consumer("h-3-c", 2, 60_000)


@pytest.mark.parametrize(
    ("frame", "local", "status", "line"),
    [
        (WELL, None, "ok", "On time: p99 0.09 s, 1,230 copies/s."),
        (changed(lag_p99_ms=None), None, "ok", "At rest: every job is done."),
        (Frame(), None, "off", "Asking Redis."),
        (Frame(reached=True), None, "off", "No world of this name is served there."),
        (Frame(reached=True), Local([1]), "off", "Starting: the world is being brought to Redis."),
        (Frame(reached=True), Local([1], failed="No."), "bad", "The server is gone: nothing is accepted."),
        (changed(dead=1), None, "watch", "1 job was given up."),
        (changed(lag_p99_ms=7_100.0), None, "bad", "Copies are late: 7.1 s, promised are 5 s."),
        (changed(oldest_ms=7_100.0), None, "bad", "Copies are late: 7.1 s, promised are 5 s."),
        (
            changed(workers=(*WELL.workers, DEAD), taken=2), None,
            "watch", "2 jobs of a dead worker wait to be taken over.",
        ),
        (changed(taken=2, workers=(DEAD,)), None, "bad", "No worker is at work: 2 jobs do not move."),
        (changed(waiting=2, workers=()), None, "bad", "No worker is at work: 2 jobs do not move."),
        (changed(trouble="Full."), None, "bad", "Redis takes no writes: lists stand still."),
        (changed(trouble="Gone.", reached=False), None, "bad", "Degraded: Redis cannot be asked."),
    ],
)  # fmt: skip
def test_the_verdict_says_the_worst_first(frame, local, status, line):
    found = verdict(frame, frame.at_s, 5.0, local)
    assert (found.status, found.line) == (status, line)


def test_a_server_that_holds_the_line_is_trouble_too():
    shown = picture(WELL, EMPTY, [], WELL.at_s + 3.0, 5.0, None)
    assert shown["degraded"]
    assert shown["banner"].startswith("The Redis server holds the line and does not answer.")
    assert shown["verdict"]["line"] == "Degraded: Redis cannot be asked."
    assert not picture(WELL, EMPTY, [], WELL.at_s + 1.0, 5.0, None)["degraded"]


def test_the_banner_says_what_goes_on_and_does_not_change_while_nothing_does():
    gone = changed(trouble="Gone.", reached=False, troubled_since_s=4.0)
    first, later = (picture(gone, EMPTY, [], WELL.at_s + s, 5.0, Local([1])) for s in (0.0, 60.0))
    assert first["banner"] == later["banner"]
    assert first["banner"].startswith("Gone. Posts go on being accepted into the journal.")
    assert first["verdict"]["why"] == "For 6.0 s; asking goes on."
    assert later["verdict"]["why"] == "For 66 s; asking goes on."
    full = picture(changed(trouble="Full."), EMPTY, [], WELL.at_s, 5.0, None)
    assert not full["degraded"]
    assert full["banner"].startswith("Full. Workers hold what they have")
    assert picture(WELL, EMPTY, [], WELL.at_s, 5.0, None)["banner"] == ""


def test_every_tile_is_said_to_be_measured_in_wall_time():
    shown = tiles(WELL, EMPTY, 5.0, Local([1], {"journal": 20, "planned": 7, "accepted": 19}))
    assert {tile["kind"] for tile in shown} == {"measured, wall time"}
    assert [tile["value"] for tile in shown] == [
        "0.09 s", "0 s", "0 jobs", "1,230 copies/s", "50.0 entries/s", "13 entries",
    ]  # fmt: skip
    assert tiles(WELL, EMPTY, 5.0, None)[-1]["value"] == "–"
    away = tiles(changed(reached=False, lag_p99_ms=None, deliveries_per_s=None, planned_per_s=None), EMPTY, 5.0, None)
    assert {tile["value"] for tile in away} == {"–"}


def test_a_worker_is_at_work_silent_or_known_to_be_killed():
    assert [state_of("h-1-a", idle, None) for idle in (200, 20_000)] == ["at work", "silent"]
    assert [state_of("h-1-a", 200, Local(pids)) for pids in ([1], [2])] == ["at work", "killed"]
    rows = worker_rows(changed(workers=(DEAD, *WELL.workers)), None)
    assert [(row["Worker"], row["State"], row["In hand"]) for row in rows] == [
        ("h-1-a", "at work", "0"), ("h-2-b", "at work", "0"), ("h-3-c", "silent", "2"),
    ]  # fmt: skip


def test_the_key_that_is_asked_for_writes_is_one_of_the_worlds():
    assert Keys("w").nothing.startswith(Keys("w").prefix)
