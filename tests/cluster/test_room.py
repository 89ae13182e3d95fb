"""What may be asked for and started, and real processes that are started here, broken and ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.cluster import local as local_world
from engine.cluster import private_redis
from engine.cluster.crew import pid_of
from engine.cluster.room import SWITCH, Place, Room, Rules, Wanted, asked_place
from engine.cluster.served import Served
from engine.errors import InvalidField, InvalidKnob, NotAllowed, StoreError
from engine.journal.actions import Posted
from tests.cluster.place import Place as World
from tests.cluster.place import everybody_follows
from tests.conftest import missing

OPEN = Rules(shared=False)
CLOSED = Rules(shared=True, given="redis://:secret@given:6379/0")
ROOT = Path(__file__).parents[2]


# Who may what


@pytest.mark.parametrize(
    ("address", "environ", "allowed"),
    [
        ("localhost", {}, True),
        ("127.0.0.1", {}, True),
        (None, {}, False),
        ("0.0.0.0", {}, False),
        ("localhost", {SWITCH: "off"}, False),
        (None, {SWITCH: "allow"}, True),
    ],
)
def test_processes_are_started_only_where_nobody_else_can_come_in(address, environ, allowed):
    assert Rules.of_server(address, environ).open is allowed


def test_the_switch_has_two_positions():
    with pytest.raises(InvalidKnob, match=r"^MURMURATION_SERVERS is 'yes'; allowed: allow, off\.$"):
        Rules.of_server(None, {SWITCH: "yes"})


def test_in_a_shared_room_only_the_given_redis_is_asked():
    place = asked_place(CLOSED, "redis://elsewhere:6379", "w", "/etc/passwd")
    assert (place.url, place.place) == (CLOSED.given, "given:6379/0")
    assert place.journal == Path("var/served/w.db")
    with pytest.raises(NotAllowed):
        asked_place(Rules(shared=True), "redis://elsewhere", "w")
    with pytest.raises(NotAllowed):
        Room().start(CLOSED, Wanted())


@pytest.mark.parametrize(
    "address",
    [
        "redis://localhost:6379", "redis://localhost", "rediss://u:p@host.example:1/3", "redis://[::1]:6379/0",
        "  redis://10.0.0.7:6379/15 ",
    ],
)  # fmt: skip
def test_an_address_is_taken_as_it_is(address):
    assert asked_place(OPEN, address, "w").url == address.strip()


@pytest.mark.parametrize(
    "address",
    [
        "", "zzz", "localhost:6379", "http://localhost:6379", "redis://", "redis://host:99999", "redis://host:x",
        "redis://a b", "redis://host/x", "redis://host\x00", "redis://[", "unix:///etc/passwd", "redis://host?db=1",
        "redis://" + "a" * 400, "file:///etc/passwd", "redis://host:0x10", "redis://h/99999", "ünï ☃",
    ],
)  # fmt: skip
def test_nonsense_is_refused_at_the_field(address):
    with pytest.raises(InvalidField, match="allowed: redis://HOST:PORT/DATABASE") as refused:
        asked_place(OPEN, address, "w")
    assert refused.value.field == "address"
    assert len(str(refused.value)) < 300


def test_a_refusal_does_not_say_the_password():
    with pytest.raises(InvalidField) as refused:
        asked_place(OPEN, "redis://:secret@host:99999", "w")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("name", ["", "{x}", "A", "-a", "a" * 41, "a b", "../x"])
def test_a_name_that_cannot_be_is_refused_at_its_field(name):
    with pytest.raises(InvalidField, match=r"^Name is .*; allowed: up to 40 small letters") as refused:
        asked_place(OPEN, "redis://localhost", name)
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("named", "field"), [({"workers": 6}, "workers"), ({"per_s": 0}, "per_s"), ({"strategy": "lossy"}, "strategy")]
)
def test_what_cannot_be_started_is_refused(named, field):
    with pytest.raises(InvalidField) as refused:
        Wanted(**named)
    assert refused.value.field == field


def test_without_the_program_there_is_one_sentence_and_nothing_is_left(monkeypatch):
    monkeypatch.setattr(private_redis, "BINARY", "no-such-redis")
    folders: list[str] = []
    make = local_world.mkdtemp
    monkeypatch.setattr(local_world, "mkdtemp", lambda **named: folders.append(make(**named)) or folders[-1])
    room = Room()
    with pytest.raises(StoreError, match=r"^There is no no-such-redis on this machine's PATH; install it"):
        room.start(OPEN, Wanted())
    assert room.world is None
    assert folders
    assert not Path(folders[0]).exists()


# Elsewhere


@pytest.mark.redis_server
def test_an_audit_elsewhere_says_when_it_says_nothing(place, redis_url, monkeypatch):
    world: World = place(everybody_follows(5))
    there, room = Place(redis_url, world.keys.name, world.path), Room()
    monkeypatch.setattr("engine.cluster.checked.served_by", lambda path, _: _served(world))
    assert room.audit(there).clean
    world.client.srem(world.lists.follows_key(1), 0)
    assert room.audit(there).links_differ == 1
    marks = iter([1, 2])
    monkeypatch.setattr(room, "_mark", lambda _: next(marks))
    with pytest.raises(StoreError, match="Posts were planned while the lists were read"):
        room.audit(there)


def _served(world: World) -> Any:
    return Served(world.config, world.people)


@pytest.mark.redis_server
def test_dead_letters_are_seen_and_redriven(place, redis_url):
    world: World = place(everybody_follows(3))
    there, room = Place(redis_url, world.keys.name, world.path), Room()
    world.did(Posted(0, "a"))
    world.relay_all()
    (job,) = world.queue.take("w", 1, 1)
    world.queue.give_up(job.id, "no")
    assert within(5, lambda: room.look(there).dead_letters == 1)
    assert room.redrive(there) == 1
    assert within(5, lambda: room.look(there).dead_letters == 0)
    room.close()


def test_so_many_worlds_are_watched_and_no_more(monkeypatch):
    monkeypatch.setattr("engine.cluster.room._MOST_WATCHES", 1)
    room = Room()
    room.look(Place("redis://127.0.0.1:1", "a", Path("a")))
    with pytest.raises(NotAllowed):
        room.look(Place("redis://127.0.0.1:1", "b", Path("b")))
    room.close()


def test_a_watch_that_nobody_looks_at_ends(monkeypatch):
    monkeypatch.setattr("engine.cluster.room._FORGOTTEN_S", 0.1)
    monkeypatch.setattr("engine.cluster.room._TEND_S", 0.05)
    room = Room()
    room.look(Place("redis://127.0.0.1:1", "a", Path("a")))
    assert within(5, lambda: not room._watches)
    room.close()


# Real processes


def within(seconds: float, holds: Callable[[], Any]) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return bool(holds())


@pytest.fixture
def room() -> Iterator[Room]:
    if not private_redis.installed():
        missing("no redis-server binary")
    room = Room()
    yield room
    room.close()


@pytest.mark.redis_server
def test_what_is_started_here_is_broken_mends_itself_and_ends(room):
    here = room.start(OPEN, Wanted(workers=2, per_s=80, posts=100_000))
    world = room.world
    assert room.start(OPEN, Wanted()) == here, "who comes later finds it"
    line = lambda: room.look(here).picture["verdict"]["line"]  # noqa: E731
    assert within(90, lambda: line().startswith("On time")), room.look(here).picture["verdict"]
    folder, pids = world.crew.folder, [worker.process.pid for worker in world.crew.workers]
    pids += [world.crew.server.process.pid, world.crew.redis.process.pid]

    said = world.kill_worker()
    assert "was killed with" in said, said
    killed = [row for row in room.look(here).workers if row["State"] == "killed"]
    assert len(killed) == 1
    assert within(30, lambda: any("taken over" in flag["label"] for flag in room.look(here).picture["flags"]))
    assert within(10, lambda: all(row["In hand"] == "0" for row in room.look(here).workers if row["State"] == "killed"))
    assert world.add_worker().startswith("A worker was started")

    world.kill_redis()
    with pytest.raises(StoreError, match="away already"):
        world.kill_redis()
    assert within(15, lambda: room.look(here).picture["degraded"])
    assert "does not answer" in room.look(here).picture["banner"]
    assert within(60, lambda: line().startswith("On time")), room.look(here)
    assert room.look(here).picture["banner"] == ""
    labels = [flag["label"] for flag in room.look(here).picture["flags"]]
    assert [label for label in labels if "taken" not in label] == [
        "Worker killed", "Worker added", "Redis killed", "Redis back",
    ]  # fmt: skip

    found = room.audit(here)
    assert found.clean, found
    assert within(10, lambda: world.local().state["accepted"] > found.lists.users / 100), "posts go on"

    room.stop()
    assert not folder.exists()
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []
    assert room.place_here() is None
    with pytest.raises(StoreError, match="has been stopped"):
        room.look(here)


@pytest.mark.redis_server
def test_what_nobody_looks_at_is_ended(room, monkeypatch):
    monkeypatch.setattr("engine.cluster.room._ABANDONED_S", 0.2)
    monkeypatch.setattr("engine.cluster.room._TEND_S", 0.05)
    room.start(OPEN, Wanted(workers=1))
    folder = room.world.crew.folder
    assert within(20, lambda: room.world is None and not folder.exists())


PARENT = """
import sys, time
from pathlib import Path
from engine.cluster.kin import Kin
folder = Path(sys.argv[1])
kin = Kin(folder)
child = kin.start([sys.executable, "-c", "import time; time.sleep(600)"], folder / "out", folder / "err")
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_processes_end_with_the_one_that_started_them_however_it_ends(tmp_path, how):
    folder = tmp_path / "kin"
    folder.mkdir()
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)], stdout=subprocess.PIPE, cwd=ROOT, text=True, env=os.environ
    )
    child = int(parent.stdout.readline())
    assert psutil.pid_exists(child)
    parent.send_signal(how)
    parent.communicate()
    assert within(10, lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)
    assert within(10, lambda: not folder.exists())


@pytest.mark.parametrize(
    ("name", "pid"), [("vm-12-ab12cd", 12), ("my-host-name-7-ffffff", 7), ("w", 0), ("heir", 0), ("a-b-c", 0)]
)
def test_a_workers_name_says_its_process(name, pid):
    assert pid_of(name) == pid
