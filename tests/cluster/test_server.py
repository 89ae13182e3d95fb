"""The commands: a world is served, worked for, checked, redriven; what is wrong is one sentence and a status."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from datasets.worlds import preset_config
from engine.__main__ import main
from engine.clock import SystemWallClock
from engine.cluster.feed import Actions, PacedFeed, RecordedFeed
from engine.cluster.keys import Keys
from engine.cluster.served import open_journal
from engine.cluster.server import Server
from engine.cluster.worker import Worker, WorkerOptions
from engine.domain import Op
from engine.errors import JournalError
from engine.people import post_key
from engine.reopen import inhabit, reopen
from engine.timelines.connection import connect
from tests.cluster.own_redis import LASTING
from tests.cluster.place import Place, everybody_follows
from tests.law.small import Script

pytestmark = pytest.mark.redis_server


@contextmanager
def at_work(url: str, name: str) -> Iterator[None]:
    """A worker in a thread."""
    stop, client = threading.Event(), connect(url)
    options = WorkerOptions(block_ms=20, min_idle_ms=200)
    worker = Worker("w", client, Keys(name), SystemWallClock(), stop.is_set, options)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        client.close()


@pytest.fixture
def name(redis_url: str) -> Iterator[str]:
    """Of a world that is gone afterwards."""
    name = f"c{uuid4().hex[:10]}"
    yield name
    client = connect(redis_url)
    for key in client.keys(f"mm:{name}:*"):
        client.delete(key)
    client.close()


def run(capsys: Any, *command: str, status: int = 0) -> tuple[Any, list[str]]:
    """What a command says: its JSON (None without), and its progress line by line."""
    assert main(list(command)) == status
    said = capsys.readouterr()
    return (json.loads(said.out) if said.out else None), said.err.splitlines()


def test_a_world_is_served_with_its_recorded_load_and_checked(redis_url, name, tmp_path, capsys):
    journal = str(tmp_path / "new" / "j.db")
    here = ["--redis", redis_url, "--name", name, "--journal", journal]
    livelier = [part for knob in ("posts=80", "follows=60", "unfollows=40") for part in ("--set", _per_s(knob))]
    with at_work(redis_url, name):
        summary, progress = run(
            capsys, "serve-world", *here, "--seconds", "2.2", "--strategy", "hybrid:threshold=100", *livelier
        )
    states = [json.loads(line) for line in progress if line.startswith("{")]
    assert summary["drained"]
    assert 100 < summary["accepted"] < summary["entries"]  # links are entries too
    assert [value for key, value in summary["audit"].items() if key not in ("users", "lost_share")] == [0] * 9
    assert summary["lag_ms"]["p50"] <= summary["lag_ms"]["p99"] <= summary["lag_ms"]["max"]
    assert summary["copies"] >= summary["deliveries"] > 1_000  # back-fill may have been there first
    assert len(states) >= 3
    assert states[-1]["planned"] == states[-1]["journal"] == summary["entries"]
    assert states[1]["workers"] == 1

    checked, _ = run(capsys, "audit-world", *here)
    assert checked == summary["audit"]
    client = connect(redis_url)
    victim = next(iter(client.scan_iter(f"mm:{name}:*:tl:*")))
    client.zremrangebyrank(victim, -1, -1)
    client.close()
    checked, (line,) = run(capsys, "audit-world", *here, status=1)
    assert checked["missing"] == 1
    assert line == f"error: The lists of {name} are not what its journal says; see the counts."


def _per_s(knob: str) -> str:
    name, _, value = knob.partition("=")
    return f"load.{name}_per_s={value}"


def test_a_served_world_is_opened_again_with_all_it_had(redis_url, name, tmp_path, capsys):
    journal = str(tmp_path / "j.db")
    here = ["--redis", redis_url, "--name", name, "--journal", journal]
    with at_work(redis_url, name):
        first, _ = run(capsys, "serve-world", *here, "--seed", "3", "--posts", "50")
        second, _ = run(capsys, "serve-world", *here, "--posts", "30")
    assert (first["fills"], second["fills"]) == (1, 0)
    assert (first["entries"], second["entries"]) == (50, 80)
    assert second["audit"]["missing"] == 0
    _, lines = run(capsys, "serve-world", *here, "--seed", "4", status=2)
    assert lines == [f"error: {journal} belongs to a world with other settings; allowed: those, or another file."]


@pytest.mark.parametrize(
    ("command", "status", "sentence"),
    [
        (["serve-world", "--strategy", "lossy"], 2, "cannot be served past one process; allowed: push, hybrid"),
        (["serve-world", "--world", "country"], 2, "invalid choice: 'country'"),
        (["serve-world", "--set", "fanout.chunk=0"], 2, "fanout.chunk is '0'; allowed: a whole number from 1"),
        (["serve-world", "--posts", "-1"], 2, "--posts is -1; allowed: 0 to 10,000,000."),
        (["worker", "--block", "9000"], 2, "--block is 9000; allowed: 1 to 4,000."),
        (["worker", "--name", "{x}"], 2, "--name is '{x}'; allowed: up to 40 small letters"),
        (["worker", "--patience", "0.1"], 1, "is served there; start `python -m engine serve-world`"),
        (["redrive"], 1, "is served there; allowed: the --name of one that is."),
        (["audit-world"], 1, "There is no journal at"),
    ],
)
def test_what_cannot_be_is_one_sentence(redis_url, name, tmp_path, capsys, monkeypatch, command, status, sentence):
    monkeypatch.chdir(tmp_path)
    place = [] if "--name" in command else ["--name", name]
    said, (*_, line) = run(capsys, *command, "--redis", redis_url, *place, status=status)
    assert said is None
    assert line.startswith("error: ")
    assert sentence in line
    client = connect(redis_url)
    assert client.keys(f"mm:{name}:*") == []
    client.close()


def test_without_a_server_there_is_one_sentence(capsys, monkeypatch):
    monkeypatch.delenv("REDIS_URL", raising=False)
    _, lines = run(capsys, "worker", "--redis", "redis://127.0.0.1:1/0", "--patience", "0", status=1)
    assert lines == ["error: No Redis server answers at redis://127.0.0.1:1/0 (ConnectionError)."]
    _, lines = run(capsys, "worker", status=2)
    assert "--redis" in lines[-1]


def test_a_journal_of_a_world_in_one_process_is_not_served_nor_the_other_way_round(redis_url, name, tmp_path, capsys):
    other = tmp_path / "other.db"
    inhabit(preset_config("classroom"), path=other).journal.close()
    _, (line,) = run(capsys, "serve-world", "--redis", redis_url, "--name", name, "--journal", str(other), status=1)
    assert "was written with generator '1'; this program has 'served 1'" in line
    mine = tmp_path / "mine.db"
    open_journal(mine, preset_config("classroom")).close()
    with pytest.raises(JournalError, match="was written with generator 'served 1'"):
        reopen(mine)


def test_posts_are_accepted_while_redis_is_away_and_fanned_out_when_it_is_back(own_redis, tmp_path):
    server = own_redis(*LASTING)
    world = Place(server.url, tmp_path, everybody_follows(20))
    script = Script()
    for i in range(60):
        script.add(i * 30_000_000, Op.POST, i % 20)
    states: list[dict[str, Any]] = []
    serving = Server(
        world.journal, world.relay, world.queue, RecordedFeed(script, 0, 2.0), 7, SystemWallClock(), states.append
    )

    def harm() -> None:
        time.sleep(0.3)
        server.kill()
        time.sleep(2.5)
        server.start()

    away = threading.Thread(target=harm)
    with at_work(server.url, world.keys.name):
        away.start()
        summary = serving.run(lambda: False, drain_s=20)
        away.join()
    assert summary["accepted"] == 60
    assert summary["accepted_in_s"] < 2.5  # nobody waited for Redis
    assert summary["drained"]
    told = [state["degraded"] for state in states]
    assert any(told)
    assert all("failed: the server does not answer (" in sentence for sentence in told if sentence)
    assert told[-1] is None
    assert summary["degraded_s"] > 0.5
    assert world.audit().clean
    world.close()


def test_a_signal_ends_a_server_with_everything_planned(place):
    world = place(everybody_follows(4))
    script = Script()
    for i in range(100):
        script.add(i * 10_000_000, Op.POST, 0)
    serving = Server(
        world.journal, world.relay, world.queue, RecordedFeed(script, 0, None), 7, SystemWallClock(), lambda _: None
    )
    until = time.monotonic() + 0.5
    summary = serving.run(lambda: time.monotonic() > until, drain_s=60)
    assert 20 < summary["accepted"] < 100
    assert summary["planned"] == summary["entries"] == summary["accepted"]
    assert not summary["drained"]
    assert summary["queue_jobs"] == summary["accepted"]  # for workers to come
    world.worker().run()
    assert world.audit().clean


def test_a_paced_feed_hands_out_exactly_what_was_asked_for():
    script = _Blocks()
    feed = PacedFeed(script, 0, posts=25, per_s=100)
    assert [len(feed.due(ns * 1_000_000, 1_000)) for ns in (0, 50, 55, 100, 10_000)] == [0, 5, 0, 5, 15]
    assert feed.over
    eager = PacedFeed(script, 0, posts=25, per_s=0)
    assert [len(eager.due(0, 10)) for _ in range(4)] == [10, 10, 5, 0]


class _Blocks:
    """Two posts, a like and a read each second."""

    def block(self, k: int) -> Any:
        script = Script()
        for i, op in enumerate((Op.POST, Op.LIKE, Op.READ_HOME, Op.POST)):
            script.add(k * 1_000_000_000 + i, op, 0)
        return script.between(0, 10**18)


def test_a_reply_finds_its_post_by_the_journals_key():
    script = Script()
    first = script.add(1, Op.POST, 3)
    script.add(2, Op.REPLY, 4, first)
    second = script.add(3, Op.REPOST, 5, first)
    script.add(4, Op.REPLY, 6, 12_345)  # of before a restart
    actions = Actions(seed=7)
    made = actions.of(script.between(0, 10), last_seq=20)
    assert [(a.user, a.reply_to, a.repost_of) for a in made] == [
        (3, None, None), (4, post_key(21), None), (5, None, post_key(21)), (6, None, None)
    ]  # fmt: skip
    assert [bool(a.text) for a in made] == [True, True, False, True]
    script.add(11, Op.REPLY, 7, second)
    (answer,) = actions.of(script.between(10, 20), last_seq=40)
    assert answer.reply_to == post_key(23)


def test_a_server_that_is_held_accepts_nothing_and_catches_up_with_nothing(place):
    world = place(everybody_follows(4))
    held_until, accepted = time.monotonic() + 0.5, []
    feed = PacedFeed(_Blocks(), 0, posts=30, per_s=100)

    def held() -> bool:
        on = time.monotonic() < held_until
        if on:
            accepted.append(serving.accepted)
        return on

    serving = Server(world.journal, world.relay, world.queue, feed, 7, SystemWallClock(), lambda _: None, held)
    summary = serving.run(lambda: False, drain_s=0)
    assert len(accepted) > 5
    assert set(accepted) == {0}
    assert summary["accepted"] == 30
    instants = [entry.at_ns for entry in world.journal.entries()]
    assert instants[-1] - instants[0] > 0.15e9, "what was held back does not come in one lump"
