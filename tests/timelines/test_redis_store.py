"""What only the Redis backend has: keys that can be looked at, several worlds on one server, a server that fails."""

import fakeredis
import numpy as np
import pytest
import redis

from engine.domain import I32, NO_LIST, Ragged
from engine.errors import StoreError, UnknownName
from engine.timelines import BACKENDS, make_store
from engine.timelines.redis_store import RedisStore
from engine.timelines.ring import RingStore


def ids(*values: int) -> I32:
    return np.array(values, dtype=np.int32)


@pytest.fixture
def store() -> RedisStore:
    store = make_store("fakeredis", users=3, cap=2, prefix="w1:")
    assert isinstance(store, RedisStore)
    return store


def scores(store: RedisStore, user: int) -> list[tuple[bytes, float]]:
    return store.client.zrange(f"w1:tl:{user}", 0, -1, withscores=True)


def test_a_list_is_one_sorted_set_whose_first_member_is_the_horizon(store):
    store.create(ids(1))
    assert scores(store, 1) == [(b"h", -0.5)]
    store.push(ids(1, 1, 1), ids(12, 7, 9))
    assert scores(store, 1) == [(b"h", 8.5), (b"9", 9.0), (b"12", 12.0)]
    store.remove(ids(1, 1), ids(9, 12))
    assert scores(store, 1) == [(b"h", 8.5)]


def test_no_key_is_no_list(store):
    store.push(ids(1), ids(5))
    store.merge(1, ids(5), 0)
    store.remove(ids(1), ids(5))
    store.drop(ids(1))
    store.load(Ragged(ids(), np.zeros(4, dtype=np.int64)), ids(NO_LIST, NO_LIST, NO_LIST))
    assert store.client.keys() == []
    store.create(ids(1))
    store.client.delete("w1:tl:1")  # as an eviction would
    assert store.horizons(ids(1)).tolist() == [NO_LIST]


def test_the_highest_horizon_fits_a_score(store):
    store.begin_rebuild(ids(1), NO_LIST - 1)
    assert store.horizons(ids(1)).tolist() == [NO_LIST - 1]
    assert store.push(ids(1, 1), ids(NO_LIST - 2, NO_LIST - 1)).inserted.tolist() == [False, True]


def test_what_is_shown_of_a_list_is_what_redis_answers(store):
    store.create(ids(1))
    store.push(ids(1, 1, 1), ids(12, 7, 9))
    assert store.stored(1).raw == ["12 12", "9 9", "h 8.5"]
    assert store.stored(1).type == store.client.type("w1:tl:1").decode() == "zset"
    assert store.keys() == ["w1:tl:1"]


def test_a_key_that_was_taken_away_behind_the_store_is_no_list(store):
    store.create(ids(0, 1))
    store.client.delete("w1:tl:1")
    assert (store.keys(), store.count()) == (["w1:tl:0"], 1)
    assert store.stored(1).type == "none"


@pytest.mark.redis_server
def test_a_real_server_says_how_much_memory_a_list_takes(redis_url):
    store = make_store("redis", 3, 500, redis_url)
    store.create(ids(1))
    store.push(np.ones(400, np.int32), np.arange(400, dtype=np.int32))
    seen = store.stored(1)
    assert (seen.bytes, seen.bytes_are) == (store.client.memory_usage(store.key(1), samples=0), "measured")
    assert seen.bytes > 400
    store.clear()
    store.client.close()


def test_worlds_with_other_prefixes_do_not_meet(store):
    other = RedisStore(store.client, 3, 2, "w2:")
    store.create(ids(1))
    other.create(ids(1, 2))
    store.push(ids(1), ids(5))
    assert other.sizes(ids(1)).tolist() == [0]
    store.clear()
    assert sorted(store.client.keys()) == [b"w2:tl:1", b"w2:tl:2"]


def test_a_made_up_prefix_is_a_new_one():
    one, two = (make_store("fakeredis", 1, 1) for _ in range(2))
    assert one.prefix != two.prefix


def test_a_batch_longer_than_two_pipelines_answers_in_order():
    store = make_store("fakeredis", users=2_005, cap=2)
    everybody = np.arange(2_005, dtype=np.int32)
    store.create(everybody)
    store.push(everybody[::-1], everybody[::-1] + 1)
    assert store.entries(everybody).values.tolist() == (everybody + 1).tolist()


def test_lists_of_any_length_share_a_script_and_answer_each_for_itself():
    store = make_store("fakeredis", users=250, cap=900)
    everybody = np.arange(250, dtype=np.int32)
    store.create(everybody[:-1])
    lengths = np.where(everybody % 60 == 0, 900, everybody % 3)  # some fill a script alone
    owners = everybody.repeat(lengths)
    rows = np.concatenate([np.arange(length, dtype=np.int32) + owner for owner, length in enumerate(lengths.tolist())])
    result = store.push(owners, rows)
    assert (result.inserted == (owners < 249)).all()
    assert store.horizons(everybody).tolist() == [0] * 249 + [NO_LIST]
    page = store.read(everybody, 1, np.full(250, NO_LIST, np.int32))
    newest = np.where((lengths > 0) & (everybody < 249), everybody + lengths - 1, -1)
    assert page.rows[:, 0].tolist() == newest.tolist()


def test_it_runs_on_a_server_that_forgot_the_scripts(store):
    store.create(ids(1))
    store.push(ids(1), ids(5))
    store.client.script_flush()
    store.push(ids(1), ids(6))
    assert store.entries(ids(1)).values.tolist() == [5, 6]


CALLS = {
    "push": lambda store: store.push(ids(1), ids(5)),
    "read": lambda store: store.read(ids(1), 2, ids(9)),
    "horizons": lambda store: store.horizons(ids(1)),
    "sizes": lambda store: store.sizes(ids(1)),
    "contains": lambda store: store.contains(ids(1), ids(5)),
    "entries": lambda store: store.entries(ids(1)),
    "create": lambda store: store.create(ids(1)),
    "drop": lambda store: store.drop(ids(1)),
    "remove": lambda store: store.remove(ids(1), ids(5)),
    "merge": lambda store: store.merge(1, ids(5), 0),
    "begin_rebuild": lambda store: store.begin_rebuild(ids(1), 4),
    "commit_rebuild": lambda store: store.commit_rebuild(1, ids(5), 0, 4),
    "clear": lambda store: store.clear(),
    "keys": lambda store: store.keys(),
    "count": lambda store: store.count(),
    "stored": lambda store: store.stored(1),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_server_that_is_gone_is_a_store_error(call):
    server = fakeredis.FakeServer()
    store = RedisStore(fakeredis.FakeRedis(server=server), 3, 2, "w1:")
    server.connected = False
    with pytest.raises(StoreError, match=r"^The timeline store in Redis failed: .*\.$"):
        call(store)


@pytest.mark.parametrize("call", [CALLS[name] for name in ("push", "read", "merge", "entries", "stored")])
def test_a_key_of_another_type_is_a_store_error_in_one_line(store, call):
    store.client.set("w1:tl:1", "not ours")
    with pytest.raises(StoreError, match=r"^The timeline store in Redis failed: [^\n]*WRONGTYPE[^\n]*\.$"):
        call(store)


@pytest.mark.redis_server
def test_errors_of_a_real_server_are_store_errors_too(redis_url):
    store = make_store("redis", 3, 2, redis_url)
    store.client.set(store.key(1), "not ours")
    for call in (CALLS["push"], CALLS["read"], CALLS["merge"], CALLS["entries"]):
        with pytest.raises(StoreError, match=r"^The timeline store in Redis failed: [^\n]*WRONGTYPE[^\n]*\.$"):
            call(store)
    store.clear()
    store.client.close()


def test_make_store_knows_its_backends():
    assert BACKENDS == ("ring", "fakeredis", "redis")
    assert isinstance(make_store("ring", 2, 3), RingStore)
    with pytest.raises(UnknownName, match="'memcached'; allowed: ring, fakeredis, redis"):
        make_store("memcached", 2, 3)


def test_make_store_says_where_no_server_answers_and_keeps_the_password():
    with pytest.raises(StoreError, match=r"^No Redis server answers at 127\.0\.0\.1:1/0 ") as caught:
        make_store("redis", 2, 3, "redis://user:secret@127.0.0.1:1/0")
    assert "secret" not in str(caught.value)
    with pytest.raises(StoreError):
        make_store("redis", 2, 3, "not an address")


def test_without_an_address_redis_is_an_imitation_that_says_so():
    store = make_store("redis", 2, 3)
    store.create(ids(0))
    assert store.place == "sorted sets in fakeredis, an imitation of Redis in this process"
    assert store.count() == 1


@pytest.mark.redis_server
def test_make_store_reaches_a_real_server(redis_url):
    store = make_store("redis", 2, 3, redis_url)
    assert store.place == f"sorted sets in the Redis server at {redis_url.rpartition('//')[2]}"
    store.create(ids(0))
    assert redis.Redis.from_url(redis_url).exists(store.key(0))
    store.clear()
    assert not store.client.exists(store.key(0))
    store.client.close()
