"""What single mitigations do to single requests, counted by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.clock import NS_PER_MS, NS_PER_S, QUANTUM_NS
from engine.config import WorldConfig
from engine.domain import NO_LIST, Op
from engine.faults import parse_fault
from engine.faults.mitigations import Mitigations
from engine.gateway import Gateway
from engine.load.arrivals import NO_TARGET, Arrivals
from engine.observe.metric import Metric
from engine.read_path.home import NewReads
from tests.law.small import Small, everybody_follows

MS = NS_PER_MS
STAR = everybody_follows(0, 40)


def total(small, metric):
    return small.world.metrics.total(metric)


# Back-pressure: a door that lets in what there is room for


def arrivals(*writes):
    """(ms, op, actor) of each, by key."""
    parts = [
        Arrivals.of(op, np.array([at_ms * MS]), np.array([actor], np.int32), np.array([key]), NO_TARGET)
        for key, (at_ms, op, actor) in enumerate(writes)
    ]
    return Arrivals.concat(parts)


FOLLOWERS = np.array([0, 3, 5, 100], np.int32)


def through(steps_ms, rooms, *writes):
    """(ms, key) of the writes that come through the door; each 100 ms there is so much room."""
    gateway, found, now_ms = Gateway(WorldConfig().with_knobs({"costs.gateway_us": 0})), [], 0
    for window, room in enumerate(rooms):
        gateway.open_door(room, FOLLOWERS, window * QUANTUM_NS)
        while now_ms < 100 * (window + 1):
            until_ms = min(now_ms + steps_ms, 100 * (window + 1))
            gateway.admit(arrivals(*writes).between(now_ms * MS, until_ms * MS), None, until_ms * MS)
            let_in = gateway.writes(until_ms * MS)
            found += [(at // MS, key) for at, key in zip(let_in.at_ns.tolist(), let_in.key.tolist(), strict=True)]
            now_ms = until_ms
    return found, len(gateway)


@pytest.mark.parametrize("steps_ms", [1, 7, 50, 100])
def test_writes_wait_in_their_order_until_there_is_room(steps_ms):
    writes = [
        (5, Op.POST, 1),
        (10, Op.LIKE, 3),
        (20, Op.POST, 2),
        (30, Op.REPLY, 1),
        (40, Op.LIKE, 0),
        (120, Op.POST, 3),
    ]
    assert through(steps_ms, [None, None], *writes) == ([(at, key) for key, (at, *_) in enumerate(writes)], 0)
    assert through(steps_ms, [0], *writes)[0] == []
    assert through(steps_ms, [4, 0, 1, None], *writes) == (
        [(5, 0), (10, 1), (20, 2), (200, 3), (300, 4), (300, 5)], 0,
    )  # fmt: skip


def test_the_queue_stays_near_its_bound_and_nothing_is_refused():
    def deepest(on):
        knobs = {"mitigations.back_pressure": on, "mitigations.queue_bound": 50, "costs.delivery_us": 10_000}
        small = Small("push", STAR, knobs, n=40)
        for i in range(60):
            small.script.add(i * 20 * MS, Op.POST, 0)
        depth = []
        for _ in range(40):
            small.world.step(QUANTUM_NS)
            depth.append(sum(small.world.queue_copies()))
        small.settle()
        assert total(small, Metric.POSTS) == 60
        assert total(small, Metric.DELIVERIES) == 60 * 39
        return max(depth)

    assert deepest(on=True) < 50 + 39 * 2
    assert deepest(on=False) > 500


# Shedding: who is turned away first


def shed(level, reads, away=(), strategy="push"):
    """Who is let in at a level: (ms, user) of each read."""
    small = Small(strategy, STAR, {"mitigations.shedding": True}, n=40)
    world = small.world
    small.post(0)
    for user in away:
        world.evict(user)
    world.incidents.mitigations._level = lambda _: level
    for at_ms, user in reads:
        small.script.add(at_ms * MS, Op.READ_HOME, user)
    world.step(max(at_ms for at_ms, _ in reads) * MS + NS_PER_S)
    assert total(small, Metric.READS) + total(small, Metric.REFUSED_READS) == len(reads)
    assert world.at_rest
    return total(small, Metric.REFUSED_READS)


@pytest.mark.parametrize(
    ("level", "refused"),
    [(0, 0), (1, 3), (2, 4)],
)
def test_first_those_who_have_just_read_are_turned_away_then_those_without_a_list(level, refused):
    reads = [(10, 1), (12, 1), (30, 2), (29_000, 1), (29_500, 2), (31_500, 1), (31_600, 9)]
    assert shed(level, reads, away=[9]) == refused


@pytest.mark.parametrize("strategy", ["pull", "cached_pull:ttl=2"])
def test_where_nobody_is_made_a_list_nobody_is_turned_away_for_having_none(strategy):
    assert shed(2, [(10, 1), (30, 2), (60, 3)], strategy=strategy) == 0


def refused_one_by_one(level, users, at_ns, last_ns, listless):
    """Who is turned away, by the rule as it would be told: somebody who is let in has just read."""
    refused = []
    for user, now_ns in zip(users, at_ns, strict=True):
        just = last_ns[user] >= 0 and now_ns - last_ns[user] < 30 * NS_PER_S
        refused.append(level > 0 and (just or (level == 2 and user in listless)))
        if not refused[-1]:
            last_ns = last_ns | {user: now_ns}
    return refused


HALF_MINUTE = 30 * NS_PER_S
SEGMENT = st.integers(0, 500 * MS - 1)


@given(
    level=st.integers(0, 2),
    reads=st.lists(st.tuples(SEGMENT, st.integers(0, 5)), max_size=30),
    ages=st.lists(st.none() | st.integers(-500 * MS, 2 * NS_PER_S), min_size=6, max_size=6),
    listless=st.sets(st.integers(0, 5)),
)
@example(level=1, reads=[(5, 0), (6, 0), (7, 0)], ages=[-6, *[None] * 5], listless=set())
def test_all_at_once_the_same_are_turned_away_as_one_by_one(level, reads, ages, listless):
    """`ages`: how long more than half a minute ago each read last, at the begin of the segment; None: never."""
    begin_ns = 40 * NS_PER_S
    reads = sorted(reads)
    users, at_ns = [user for _, user in reads], [begin_ns + at for at, _ in reads]
    last_ns = [-1 if age is None else begin_ns - HALF_MINUTE - age for age in ages]
    world = SimpleNamespace(
        now_ns=begin_ns, strategy=None,
        reads=SimpleNamespace(
            last_ns=np.array(last_ns), without_list=lambda users, *_: np.isin(users, list(listless))
        ),
    )  # fmt: skip
    mitigations = Mitigations()
    mitigations._shed_level = level
    columns = np.array(users, np.int32), np.array(at_ns, np.int64), np.arange(len(users))
    found = mitigations.refused(world, NewReads(*columns)).tolist()
    assert found == refused_one_by_one(level, users, at_ns, dict(enumerate(last_ns)), listless)


# Circuit breaker: what is not fetched is not remembered


def test_bodies_that_the_database_is_not_asked_for_are_lacking_and_stay_so():
    small = Small("push", STAR, {"cache.posts": 1}, n=40)
    for _ in range(3):
        small.post(0)
    small.settle()
    small.world.reads.database_asked = False
    small.world.incidents.mitigations.quantum = lambda world: None
    for user in range(1, 6):
        small.script.add(small.world.now_ns + user * MS, Op.READ_HOME, user)
    asked = small.world.reads.stations.replicas.served
    small.world.step(NS_PER_S)
    assert total(small, Metric.INCOMPLETE_READS) == 5
    assert total(small, Metric.FAILED_HYDRATIONS) == 5 * 2
    assert small.world.reads.stations.replicas.served == asked


# Warming


def test_lists_that_were_lost_are_made_for_those_who_should_have_one_and_for_nobody_else():
    away = dict.fromkeys(range(30, 40), 60.0)
    small = Small("push_active:days=30", STAR, {"mitigations.cache_warming": True}, n=40, away_days=away)
    small.post(0)
    small.world.schedule([parse_fault("cache_flushed@1.05")])
    small.world.step(4 * NS_PER_S)
    has = small.world.tables.lists.horizons(np.arange(40, dtype=np.int32)) != NO_LIST
    assert has.tolist() == [True] * 30 + [False] * 10
    assert small.audit().missing == 0


def test_lists_are_warmed_at_their_rate():
    small = Small("push", STAR, {"mitigations.cache_warming": True, "mitigations.warm_per_s": 20}, n=40)
    small.world.schedule([parse_fault("cache_flushed@1.05")])
    small.world.step(2 * NS_PER_S + 50 * MS)
    has = small.world.tables.lists.horizons(np.arange(40, dtype=np.int32)) != NO_LIST
    assert 16 <= has.sum() <= 20


# While the post cache is down


@pytest.mark.parametrize(("coalescing", "fetched"), [(False, 10), (True, 4)])
def test_bodies_that_several_ask_for_at_once_are_fetched_once(coalescing, fetched):
    small = Small("push", STAR, {"mitigations.coalescing": coalescing}, n=40)
    small.post(0)
    small.post(0)
    small.settle()
    small.world.schedule([parse_fault("post_cache_down+5", now_ns=small.world.now_ns)])
    start_ms = small.world.now_ns // MS
    for at_ms, user in ((10, 1), (20, 2), (90, 3), (110, 4), (190, 5)):
        small.script.add((start_ms + at_ms) * MS, Op.READ_HOME, user)
    small.world.step(NS_PER_S)
    assert total(small, Metric.BODY_MISSES) == fetched


def test_a_post_of_a_person_is_not_in_a_cache_that_is_down():
    small = Small("push", STAR, n=40)
    small.world.schedule([parse_fault("post_cache_down@0+5")])
    small.world.step(MS)
    row = small.post(0)
    assert small.world.hydrate(np.array([row], np.int32)) == 1
    assert small.world.hydrate(np.array([row], np.int32)) == 1
    small.world.step(6 * NS_PER_S)
    assert [small.world.hydrate(np.array([row], np.int32)) for _ in range(2)] == [1, 0]


# What breaks at a whole half second does not tear the charts


def test_the_counters_of_stations_go_on_where_something_breaks():
    small = Small("push", STAR, n=40)
    small.world.schedule([parse_fault("shard_slow@5+2x10"), parse_fault("cache_flushed@6")])
    small.world.step(8 * NS_PER_S)
    assert small.world.stations.lately(5)[0]["gateways"].seconds == 5
