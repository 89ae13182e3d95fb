"""A server that goes away, refuses, is full, or has something else under our names: one typed sentence each."""

import threading
import time

import numpy as np
import pytest

from engine.cluster.keys import Keys
from engine.errors import InvalidInput, StoreClash, StoreError, StoreFull, StoreRefused, StoreUnreachable
from engine.journal.actions import Followed, Posted, Unfollowed
from engine.timelines import make_store
from engine.timelines.connection import Line
from engine.timelines.redis_store import RedisStore
from tests.cluster.own_redis import FORGETFUL, LASTING
from tests.cluster.place import Place, everybody_follows, ring

pytestmark = pytest.mark.redis_server

ONE = np.array([1], np.int32)


def lists_at(url: str) -> RedisStore:
    store = make_store("redis", 3, 500, url)
    assert isinstance(store, RedisStore)
    return store


def test_a_short_break_is_waited_for(own_redis):
    server = own_redis(*LASTING)
    store = lists_at(server.url)
    store.create(ONE)
    time.sleep(1.2)  # on disk
    server.kill()
    back = threading.Timer(0.2, server.start)
    back.start()
    store.push(ONE, ONE)
    back.join()
    assert store.line.trouble is None
    assert store.entries(ONE).values.tolist() == [1]


def test_a_long_break_is_one_sentence_soon_and_then_at_once(own_redis):
    server = own_redis()
    store = lists_at(server.url)
    store.create(ONE)
    server.kill()
    began = time.monotonic()
    with pytest.raises(StoreUnreachable, match=r"^The timeline store in Redis failed: the server does not answer \("):
        store.push(ONE, ONE)
    assert time.monotonic() - began < 3
    assert "\n" not in store.line.trouble
    began = time.monotonic()
    with pytest.raises(StoreUnreachable):
        store.read(ONE, 5, ONE)
    assert time.monotonic() - began < 0.1
    server.start()
    time.sleep(0.3)
    store.create(ONE)
    assert store.line.trouble is None


def test_a_server_that_says_nothing_is_waited_for_once(own_redis, monkeypatch):
    monkeypatch.setattr("engine.timelines.connection._ANSWER_S", 0.3)
    server = own_redis()
    store = lists_at(server.url)
    store.create(ONE)
    server.hang(True)
    began = time.monotonic()
    with pytest.raises(StoreUnreachable, match=r"does not answer \(Timeout reading from socket\)\.$"):
        store.push(ONE, ONE)
    assert time.monotonic() - began < 1.5
    server.hang(False)
    time.sleep(0.3)
    store.push(ONE, ONE)  # and gets the answer to this question, not to the one before
    assert store.entries(ONE).values.tolist() == [1]


def test_whoever_rests_asks_again_after_a_moment():
    wall = _Hands()
    line = Line(wall=wall)
    with pytest.raises(StoreUnreachable), line.asking():
        raise ConnectionResetError("gone")
    asked = []
    with pytest.raises(StoreUnreachable), line.asking():
        asked.append("too early")
    wall.now = 1.0
    with line.asking():
        asked.append("again")
    assert asked == ["again"]
    assert line.trouble is None


class _Hands:
    now = 0.0

    def now_s(self) -> float:
        return self.now

    def sleep_s(self, seconds: float) -> None:
        self.now += seconds


def test_a_wrong_password_is_refused_and_not_told(own_redis):
    server = own_redis(*FORGETFUL, "--requirepass", "right")
    place = server.url.removeprefix("redis://")
    for credentials in ("", ":wrong@"):
        with pytest.raises(StoreRefused, match=r"^The Redis server at .* refuses the name or password; check both\.$"):
            lists_at(f"redis://{credentials}{place}")
    store = lists_at(f"redis://:right@{place}")
    store.create(ONE)
    store.client.acl_setuser("default", enabled=True, passwords=["+right"], commands=["-zadd"], reset_passwords=True)
    with pytest.raises(StoreRefused, match=r"refuses the name or password, or what they may do\.$"):
        store.begin_rebuild(ONE, 4)


def test_a_full_server_still_reads_and_recovers(own_redis):
    server = own_redis()
    store = lists_at(server.url)
    store.create(ONE)
    store.push(ONE, ONE)
    store.client.config_set("maxmemory", 1)
    with pytest.raises(
        StoreFull, match=r"takes no writes \(command not allowed when used memory > 'maxmemory'\); give"
    ):
        store.push(ONE, ONE + 1)
    assert store.line.trouble
    assert store.entries(ONE).values.tolist() == [1]
    store.client.config_set("maxmemory", 0)
    store.push(ONE, ONE + 1)
    assert store.entries(ONE).values.tolist() == [1, 2]


def test_another_thing_under_a_lists_name(own_redis):
    store = lists_at(own_redis().url)
    store.client.rpush(store.key(1), "not ours")
    for call in (lambda: store.push(ONE, ONE), lambda: store.entries(ONE), lambda: store.read(ONE, 1, ONE)):
        with pytest.raises(StoreClash, match=r"^The timeline store in Redis failed: WRONGTYPE, a key under one of its"):
            call()


def test_a_full_server_costs_no_attempts_and_no_jobs(own_redis, tmp_path):
    server = own_redis()
    world = Place(server.url, tmp_path, everybody_follows(10))
    world.did(Posted(0, "a"), Posted(0, "b"))
    world.relay_all()
    world.client.config_set("maxmemory", 1)
    threading.Timer(0.6, lambda: world.client.config_set("maxmemory", 0)).start()
    pool = [world.worker(f"w{i}", batch=2, min_idle_ms=300) for i in range(7)]  # more than a job has attempts
    threads = [threading.Thread(target=worker.run) for worker in pool]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [worker.total.dead for worker in pool] == [0] * 7
    assert sum(worker.total.taken_over for worker in pool) == 0
    assert world.audit().clean
    world.close()


def test_patience_is_for_one_absence_not_for_a_life(own_redis, tmp_path):
    server = own_redis(*LASTING)
    world = Place(server.url, tmp_path, everybody_follows(10))
    until = time.monotonic() + 4.0
    worker = world.worker(patience_s=1.5, stop=lambda: time.monotonic() > until)
    thread = threading.Thread(target=worker.run)
    thread.start()
    for _ in range(2):
        time.sleep(1.1)
        server.kill()
        time.sleep(0.2)
        server.start()
    world.did(Posted(0, "a"))
    world.relay.look_again()
    world.relay_all()
    thread.join()
    assert worker.total.jobs == 3
    assert world.audit().clean
    world.close()


def test_a_worker_whose_world_was_wiped_waits_until_it_is_there_again(own_redis, tmp_path):
    world = Place(own_redis().url, tmp_path, everybody_follows(10))
    until = time.monotonic() + 1.5
    worker = world.worker(stop=lambda: time.monotonic() > until, block_ms=300)
    thread = threading.Thread(target=worker.run)
    thread.start()
    time.sleep(0.3)
    world.client.flushall()
    time.sleep(0.3)
    world.relay.look_again()
    world.relay_all()
    world.did(Posted(0, "a"))
    world.relay_all()
    thread.join()
    assert worker.total.jobs == 3
    assert world.audit().clean
    world.close()


def test_no_script_of_a_cluster_touches_two_of_its_slots(own_redis, tmp_path):
    """A server in cluster mode that has all slots refuses what would not work on several nodes (CROSSSLOT)."""
    server = own_redis(*FORGETFUL, "--cluster-enabled", "yes")
    owner = lists_at_cluster(server)
    world = Place(server.url, tmp_path, ring(80, (1, 2, 40)))
    world.did(*(Posted(user, "a") for user in range(80)), Followed(1, 7), Unfollowed(2, 3), Posted(7, "b"))
    world.drain()
    world.queue.take("dies", 1, 1)
    world.as_if_restarted()
    world.relay.note()
    world.drain()
    everybody = np.arange(80, dtype=np.int32)
    assert world.lists.count() == 80
    assert (world.lists.read(everybody, 2, everybody * 0 + 1_000).rows[:, 0] >= 0).all()
    world.queue.give_up(world.queue.take("w", 1, 1)[0].id, "on purpose") if world.queue.depth().jobs else None
    assert world.queue.redrive() == 0
    assert world.audit().clean
    lists = [owner.client.execute_command("CLUSTER", "KEYSLOT", world.lists.key(user)) for user in (3, 35, 4)]
    assert lists[0] == lists[1] != lists[2]
    world.close()


def lists_at_cluster(server: object) -> RedisStore:
    store = lists_at(server.url)  # type: ignore[attr-defined]
    store.client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
    for _ in range(200):
        if b"cluster_state:ok" in store.client.execute_command("CLUSTER", "INFO", NEVER_DECODE=True):
            return store
        time.sleep(0.02)
    raise AssertionError("the cluster has not come up")


def test_names_of_worlds_are_plain():
    for bad in ("", "a b", "{x}", "Big", "-a", "a" * 41):
        with pytest.raises(InvalidInput, match=r"^--name is .*; allowed: "):
            Keys(bad)
    assert Keys("class-7b").jobs == "mm:class-7b:{q}:jobs"


def test_every_kind_of_failure_is_a_store_error():
    for kind in (StoreUnreachable, StoreFull, StoreRefused, StoreClash):
        assert issubclass(kind, StoreError)
