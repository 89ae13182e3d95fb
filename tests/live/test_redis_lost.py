"""Worlds on a real Redis that is lost: they go on, nothing is lost, and whoever looks is told."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from engine.__main__ import main
from engine.clock import NS_PER_S, QUANTUM_NS
from engine.errors import StoreFull, StoreRefused, StoreUnreachable
from engine.experiments.run import RunRequest, run
from engine.live.inspection import instant
from engine.live.openings import Openings
from engine.live.run import Run
from engine.observe.audit import audit
from tests.cluster.own_redis import LASTING, OwnRedis
from tests.live.helpers import Client, Wall, advance, ask, everything, small_config, small_world, unthreaded

pytestmark = pytest.mark.redis_server

USERS = 300
BUSY = {"load.reads_per_s": 200, "load.follows_per_s": 2}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnRedis]:
    """One for this test alone, which worlds find, and which forgets no more than two seconds when it is killed."""
    monkeypatch.setattr("engine.timelines.connection._LONGEST_PAUSE_S", 0.02)
    monkeypatch.setattr("engine.timelines.connection._FIRST_PAUSE_S", 0.01)
    started = OwnRedis(tmp_path, *LASTING)
    monkeypatch.setenv("REDIS_URL", started.url)
    yield started
    started.kill()


def opened(backend: str) -> Run:
    return Openings(small_world, history_s=1.0).run(small_config(**BUSY, **{"timeline.backend": backend}))


def killed(server: OwnRedis, _: redis.Redis, __: str) -> None:
    server.kill()


def restarted(server: OwnRedis, _: redis.Redis, __: str) -> None:
    """Back within the patience of a call, without what it was told in the last second."""
    server.kill()
    server.start()


def hanging(server: OwnRedis, _: redis.Redis, __: str) -> None:
    server.hang(True)


def full(_: OwnRedis, client: redis.Redis, __: str) -> None:
    client.config_set("maxmemory", 1)


def refusing(_: OwnRedis, client: redis.Redis, __: str) -> None:
    client.acl_setuser("default", enabled=True, nopass=True, commands=["-evalsha"], keys=["*"])


def clashing(_: OwnRedis, client: redis.Redis, prefix: str) -> None:
    for user in range(USERS):
        client.set(f"{prefix}tl:{user}", "not ours")


STRIKES = {
    killed: "the server does not answer",
    restarted: "the server was started anew and may have forgotten what it held",
    hanging: r"does not answer \(Timeout",
    full: "the server takes no writes",
    refusing: "the server refuses the name or password, or what they may do",
    clashing: "WRONGTYPE, a key under one of its names holds something else",
}


@pytest.mark.parametrize(("strike", "says"), STRIKES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_world_whose_redis_is_lost_goes_on_as_if_it_never_was_there(
    server: OwnRedis, strike: Callable[..., None], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if strike is hanging:
        monkeypatch.setattr("engine.timelines.connection._ANSWER_S", 1.0)
    lost, undisturbed = opened("redis"), opened("ring")
    prefix = lost.world.tables.lists.key(0).removesuffix("tl:0")
    with redis.Redis.from_url(server.url) as client:
        for each in (lost, undisturbed):
            advance(each, 1.0)
            each.people.post(0, "hello")  # to 224 people; most copies are on their way
            advance(each, 0.2)
        assert len(client.keys(f"{prefix}*")) == USERS
        strike(server, client, prefix)
    try:
        for each in (lost, undisturbed):
            advance(each, 2.0)
        outage = lost.world.tables.lists.outage
        assert outage is not None
        assert 2.2 * NS_PER_S <= outage.at_ns < 4.2 * NS_PER_S
        assert re.fullmatch(f"The timeline store in Redis failed: .*{says}.*[.]", str(outage.error))
    finally:
        server.hang(False) if server.running else None
    assert everything(lost) == everything(undisturbed)
    world = lost.world
    world.load_ends_ns = world.now_ns
    while not world.at_rest:
        world.step(QUANTUM_NS)
    found = audit(world.tables, world.strategy, world.now_ns, world.fanout.outstanding()).to_json()
    assert found == {**dict.fromkeys(found, 0), "users": USERS}
    assert [flag.label for flag in lost.chronicle.flags] == ["Redis lost"]
    assert world.logbook is not None
    assert [entry.text for entry in world.logbook.search(source="store")] == [
        f"{outage.error} The lists go on in this process."
    ]


def test_a_live_world_says_so_until_a_reset_finds_redis_again(server: OwnRedis) -> None:
    clock, client = Wall(), Client()
    worlds = unthreaded(clock)
    live = worlds.open(small_config(**BUSY, **{"timeline.backend": "redis"}))

    def turn(seconds: float) -> None:
        for _ in range(round(10 * seconds)):
            clock.at_s += 0.1
            worlds.scheduler.round()

    ask(worlds, live.subscribe, client.box)
    turn(1.0)
    assert client.receive().tick["banner"] is None
    server.kill()
    turn(2.0)
    tick = client.receive().tick
    assert tick["t"] > 2.5, "it goes on"
    assert re.fullmatch(
        r"The timeline store in Redis failed: the server does not answer \(.*\)\. Since 00:00:02 this world goes on "
        r"with its home lists in this process; nothing is lost, and no page differs\. To have them in Redis again, "
        r"start the server, then reset this world in the Load lab: it begins anew\.",
        tick["banner"],
    )
    assert ask(worlds, live.full)["tick"]["banner"] == tick["banner"], "whoever comes later is told too"
    kept = ask(worlds, instant, live)
    assert (kept.backend, kept.place.partition(",")[0]) == ("ring", "numpy arrays in this process")
    ask(worlds, live.set_strategy, "hybrid")
    with pytest.raises(
        StoreUnreachable, match=r"^No Redis server answers at redis://127\.0\.0\.1:\d+/0 \(ConnectionError\)\.$"
    ):
        ask(worlds, live.reset)
    turn(1.0)
    assert client.receive().tick["banner"] == tick["banner"]
    server.start()
    ask(worlds, live.reset)
    turn(1.0)
    assert client.receive().tick["banner"] is None
    with redis.Redis.from_url(server.url) as look:
        assert len(look.keys()) == USERS, "those of the world before the reset are gone"
        worlds.close(live.id)
        assert look.keys() == []


def test_a_world_does_not_open_on_a_server_that_refuses_or_is_full(server: OwnRedis, monkeypatch: Any) -> None:
    worlds = unthreaded(Wall())
    config = small_config(**{"timeline.backend": "redis"})
    with redis.Redis.from_url(server.url) as client:
        client.config_set("requirepass", "right")
        monkeypatch.setenv("REDIS_URL", server.url.replace("//", "//:wrong@"))
        with pytest.raises(StoreRefused, match=r"^The Redis server at .* refuses the name or password; check both\.$"):
            worlds.open(config)
        monkeypatch.setenv("REDIS_URL", server.url.replace("//", "//:right@"))
        client.config_set("maxmemory", client.info("memory")["used_memory"] + 60_000)
        with pytest.raises(StoreFull, match=r"takes no writes \(.*\); give it memory or disk\.$"):
            worlds.open(config)
        assert client.keys() == [], "what it had been given before is taken back"
        assert len(worlds) == 0
    server.kill()
    with pytest.raises(StoreUnreachable):
        worlds.open(config)


def test_a_run_whose_redis_is_lost_has_the_same_figures_and_says_so(server: OwnRedis) -> None:
    def report(**knobs: Any) -> dict[str, Any]:
        request = RunRequest(config=small_config(**knobs), seconds=2, redis_url=server.url)
        killing = knobs["timeline.backend"] == "redis"
        return run(request, told=lambda at_s: server.kill() if killing and at_s == 1 else None).report

    ring, lost = report(**{"timeline.backend": "ring"}), report(**{"timeline.backend": "redis"})
    assert [lost[part] for part in ("load", "summary", "slo", "audit")] == [
        ring[part] for part in ("load", "summary", "slo", "audit")
    ]
    assert "degraded" not in ring
    told = lost["degraded"]
    assert 1 <= told["since_s"] < 1.5
    assert told["why"].startswith("The timeline store in Redis failed: the server does not answer (")
    assert told["lists"].startswith("numpy arrays in this process, and no longer sorted sets in the Redis server at ")
    json.dumps(told)


def test_a_run_does_not_begin_without_its_redis(server: OwnRedis, capsys: Any) -> None:
    server.kill()
    assert main(["run", "--seconds", "1", "--set", "timeline.backend=redis", "--redis", server.url]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[-1].startswith("error: No Redis server answers at redis://127.0.0.1:")
