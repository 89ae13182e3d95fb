"""Lists that outlive their server: whichever call it fails at, nobody can tell from an answer."""

import logging

import fakeredis
import numpy as np
import pytest

from engine.domain import I32, NO_LIST, Ragged
from engine.errors import StoreFull
from engine.timelines.outliving import Outliving, opened, outliving
from engine.timelines.redis_store import RedisStore
from engine.timelines.ring import RingStore
from tests.timelines.flaky import CHANGING, READING, Flaky, flaky_ring

USERS, CAP = 3, 2
CALLS = {
    "push": lambda store: store.push(ids(1, 1, 0), ids(12, 13, 14)),
    "read": lambda store: store.read(ids(0, 1, 2), 2, ids(9, 99, 99)),
    "horizons": lambda store: store.horizons(ids(0, 1, 2)),
    "sizes": lambda store: store.sizes(ids(0, 1, 2)),
    "contains": lambda store: store.contains(ids(0, 1), ids(5, 5)),
    "entries": lambda store: store.entries(ids(0, 1, 2)),
    "create": lambda store: store.create(ids(2)),
    "drop": lambda store: store.drop(ids(1)),
    "remove": lambda store: store.remove(ids(1), ids(7)),
    "merge": lambda store: store.merge(1, ids(6, 8), 6),
    "begin_rebuild": lambda store: store.begin_rebuild(ids(1), 9),
    "commit_rebuild": lambda store: store.commit_rebuild(0, ids(3, 4), 3, 4),
    "load": lambda store: store.load(Ragged(ids(1, 2, 3), np.array([0, 1, 1, 3])), ids(0, NO_LIST, 0)),
    "clear": lambda store: store.clear(),
    "count": lambda store: store.count(),
}
SAME = ("push", "read", "horizons", "sizes", "contains", "entries", "commit_rebuild", "count")
"""What answers something that does not depend on where the lists are."""


def ids(*values: int) -> I32:
    return np.array(values, dtype=np.int32)


def with_lists(store):
    """Users 0 and 1 have lists, that of 0 is being made anew; user 2 has none."""
    store.create(ids(1))
    store.begin_rebuild(ids(0), 4)
    store.push(ids(0, 1, 1), ids(5, 5, 7))
    return store


def plain(answer):
    return [np.asarray(part).tolist() for part in answer] if isinstance(answer, tuple) else np.asarray(answer).tolist()


def all_of(store):
    everybody = np.arange(USERS, dtype=np.int32)
    return [plain(part) for part in (store.entries(everybody), store.horizons(everybody))]


@pytest.mark.parametrize("name", CALLS)
def test_the_call_that_fails_is_answered_as_if_it_had_not(name):
    server = flaky_ring(USERS, CAP)
    store, undisturbed = with_lists(Outliving(server, lambda: 7)), with_lists(RingStore(USERS, CAP))
    server.fails_from = 0
    answers = [CALLS[name](each) for each in (store, undisturbed)]
    assert (store.outage is not None) == (name != "clear"), "nothing of a list is lost when all are forgotten"
    if name in SAME:
        assert plain(answers[0]) == plain(answers[1])
    assert all_of(store) == all_of(undisturbed)


def test_every_call_that_asks_a_server_is_tried_here():
    assert set(CALLS) | {"keys", "stored"} == set(READING + CHANGING)


def test_a_lost_server_is_not_asked_again_and_what_was_lost_is_told(caplog):
    server, now_ns = flaky_ring(USERS, CAP), 7
    store = with_lists(Outliving(server, lambda: now_ns))
    server.fails_from = 0
    assert store.place == "sorted sets in a test"
    with caplog.at_level(logging.WARNING):
        store.sizes(ids(0))
    asked, now_ns = len(server.said), 8
    server.fails_from = None  # it is back; what it forgot meanwhile nobody knows
    all_of(store)
    store.push(ids(1), ids(8))
    assert len(server.said) == asked
    assert store.outage == (7, server.error)
    assert store.place == "numpy arrays in this process, and no longer sorted sets in a test"
    assert [record.getMessage() for record in caplog.records] == [
        f"{server.error} Its world goes on with its home lists in this process."
    ]


def test_who_looks_sees_the_lists_where_they_are():
    server = flaky_ring(USERS, CAP)
    server.inner = RedisStore(fakeredis.FakeRedis(server=fakeredis.FakeServer()), USERS, CAP, "w1:")
    store = with_lists(Outliving(server, lambda: 0))
    assert store.keys() == ["w1:tl:0", "w1:tl:1"]
    assert (store.key(1), store.stored(1).type, store.glance(ids(1)).tolist()) == ("w1:tl:1", "zset", [0])
    server.fails_from = 0
    assert store.stored(1).type == "int32 slots"
    assert (store.key(1), store.glance(ids(1)).tolist()) == ("timeline:1", [0])
    assert store.keys() == ["timeline:0", "timeline:1"]


@pytest.mark.parametrize("looks", ["read", "horizons"])
def test_a_page_that_was_begun_on_the_server_is_ended_in_the_copy(looks):
    """Horizons first, the page next: with an empty list in between, it would lack everything."""
    server = flaky_ring(USERS, CAP)
    store = with_lists(Outliving(server, lambda: 0))
    horizon = store.horizons(ids(1))
    server.fails_from = 0
    CALLS[looks](store)
    page = store.read(ids(1), 2, ids(99))
    assert (page.rows.tolist(), page.floors.tolist()) == ([[7, 5]], horizon.tolist())


def test_a_list_that_somebody_else_took_away_between_horizon_and_page_is_read_in_the_copy():
    server = flaky_ring(USERS, CAP)
    store = with_lists(Outliving(server, lambda: 0))
    store.horizons(ids(0, 1, 2))
    server.forget(1)
    page = store.read(ids(1, 2), 2, ids(99, 99))
    assert (page.rows[0].tolist(), page.floors.tolist()) == ([7, 5], [0, NO_LIST])


def test_a_list_that_somebody_else_took_away_is_none_for_the_copy_too():
    """Whoever is told that there is no list pushes nothing more to it: a copy that went on would have a hole."""
    server = flaky_ring(USERS, CAP)
    store = with_lists(Outliving(server, lambda: 0))
    server.forget(1)
    assert store.horizons(ids(1)).tolist() == [NO_LIST]
    server.fails_from = 0
    assert store.horizons(ids(1)).tolist() == [NO_LIST]
    assert store.push(ids(1), ids(8)).inserted.tolist() == [False], "no list of one post that counts as a whole one"
    assert store.horizons(ids(1, 0)).tolist() == [NO_LIST, 4]
    store.begin_rebuild(ids(1), 9)
    assert store.push(ids(1), ids(9)).inserted.tolist() == [True]
    assert store.horizons(ids(1)).tolist() == [9]


def test_a_list_that_came_back_from_the_past_is_none_either():
    server = flaky_ring(USERS, CAP)
    store = with_lists(Outliving(server, lambda: 0))
    server.inner.create(ids(2))
    assert store.horizons(ids(2)).tolist() == [NO_LIST]
    store.push(ids(1), ids(8))  # the next change drops it on the server
    assert server.inner.horizons(ids(2)).tolist() == [NO_LIST]


def test_what_a_server_is_told_twice_counts_once():
    store, once = with_lists(Outliving(flaky_ring(USERS, CAP, twice=1), lambda: 0)), with_lists(RingStore(USERS, CAP))
    results = [CALLS["push"](each) for each in (store, once)]
    assert plain(results[0]) == plain(results[1])
    assert not store.commit_rebuild(0, ids(3, 4), 3, 4), "the server dropped it: to be begun again"
    assert store.horizons(ids(0)).tolist() == [NO_LIST]


def test_who_opens_is_told_and_nothing_is_left_on_the_server():
    server = flaky_ring(USERS, CAP, fails_from=2)
    server.error = StoreFull("full")
    store = Outliving(server, lambda: 0)
    store.create(ids(0))
    opened(store)
    store.create(ids(1))
    store.create(ids(2))
    server.fails_from = None
    with pytest.raises(StoreFull, match=r"^full$"):
        opened(store)
    assert server.inner.count() == 0


def test_lists_in_this_process_need_no_copy():
    ring = RingStore(USERS, CAP)
    assert outliving(ring, lambda: 0) is ring
    opened(ring)
    assert isinstance(outliving(Flaky(ring), lambda: 0), Outliving)
