"""Faults and mitigations while knobs, strategy and numbers of servers change."""

import numpy as np
import pytest

from engine.clock import NS_PER_MS, NS_PER_S
from engine.domain import NO_LIST, Op
from engine.faults import parse_fault
from engine.observe.metric import Metric
from engine.queueing.hashing import shard_of
from tests.law.small import Small, everybody_follows

MS = NS_PER_MS
EVERYBODY = np.arange(40, dtype=np.int32)
STAR = {(user, 0) for user in range(1, 40)}


def broken(*faults, strategy="push", knobs=None, follows=STAR):
    small = Small(strategy, follows, knobs or {}, n=40)
    small.post(0)
    small.settle()
    small.world.schedule(parse_fault(fault, now_ns=small.world.now_ns) for fault in faults)
    small.world.step(200 * MS)
    return small


def on_shard(number, shards):
    return shard_of(EVERYBODY, shards) == number


def without_list(small):
    return small.world.tables.lists.horizons(EVERYBODY) == NO_LIST


def total(small, metric):
    return small.world.metrics.total(metric)


def test_another_number_of_shards_puts_others_out_of_reach_and_all_lists_there_are_lost():
    small = broken("shard_down+10#1")
    first, then = on_shard(1, 8), on_shard(1, 3)
    assert (small.world.tables.out_of_reach == first).all()
    assert (without_list(small) == first).all()
    small.world.set_knobs({"timeline.shards": 3})
    assert (small.world.tables.out_of_reach == then).all()
    assert (without_list(small) == (first | then)).all()
    small.world.step(10 * NS_PER_S)
    assert small.world.tables.out_of_reach is None
    small.settle()
    assert small.audit().missing == 0


def test_a_change_of_strategy_gives_nobody_a_list_on_a_shard_that_is_down():
    small = broken("shard_down+10#1", strategy="pull")
    assert not small.world.tables.out_of_reach.any(), "who pulls needs no list"
    small.world.set_strategy("push")
    small.world.step(100 * MS)
    assert (without_list(small) == on_shard(1, 8)).all()
    assert (small.world.tables.out_of_reach == on_shard(1, 8)).all()
    small.world.step(10 * NS_PER_S)
    assert (without_list(small) == on_shard(1, 8)).all(), "it comes back empty"
    small.world.set_strategy("pull")
    small.world.step(100 * MS)
    assert without_list(small).all()


def test_a_list_that_was_being_made_is_not_made_on_a_shard_that_is_down():
    small = broken()
    user = int(np.flatnonzero(on_shard(1, 8))[1])
    small.world.evict(user)
    small.home(user)
    assert len(small.world.rebuilds) == 1
    small.world.schedule([parse_fault("shard_down+5#1", now_ns=small.world.now_ns)])
    small.world.step(NS_PER_S)
    assert small.horizon(user) == NO_LIST
    small.world.step(5 * NS_PER_S)
    small.home(user)
    small.settle()
    assert small.horizon(user) != NO_LIST


@pytest.mark.parametrize(
    ("fault", "knob"),
    [
        ("shard_slow+5x10#0", "timeline.shards"),
        ("database_slow+5x10", "stations.replicas"),
        ("database_slow+5x10", "stations.indexes"),
        ("database_slow+5x10#0", "stations.primaries"),
    ],
)
def test_servers_that_are_slow_stay_so_when_their_number_changes(fault, knob):
    small = broken(fault)
    world, more = small.world, small.world.config.knob(knob) + 3
    world.set_knobs({knob: more})
    reads = world.reads.stations
    station = {
        "timeline.shards": world.fanout.shards, "stations.replicas": reads.replicas,
        "stations.indexes": reads.indexes, "stations.primaries": world.primary.station,
    }[knob]  # fmt: skip
    late_ns = np.full(more, world.now_ns + NS_PER_S)

    def served():
        return (station.serve(np.arange(more), late_ns, 7) - late_ns).tolist()

    assert served() == ([70, *[7] * (more - 1)] if fault.endswith("#0") else [70] * more)
    world.step(10 * NS_PER_S)
    late_ns += 10 * NS_PER_S
    assert served() == [7] * more


def test_servers_that_come_while_a_partition_is_down_are_down_too_if_they_are_of_it():
    small = broken("database_down+5#1")
    until_ns = small.world.now_ns - 200 * MS + 5 * NS_PER_S
    partitions = small.world.config.stations.primaries
    small.world.set_knobs({"stations.replicas": 5 * partitions})
    down = small.world.reads.stations.replicas.backlog_ns(0) >= until_ns
    assert np.flatnonzero(down).tolist() == list(range(1, 5 * partitions, partitions))


def test_workers_that_come_while_the_broker_pauses_wait_too():
    small = broken("broker_paused+5")
    row = small.post(0)
    small.world.set_knobs({"workers.count": 50})
    small.world.step(4 * NS_PER_S)
    assert len(small.on_its_way()) == 39
    assert total(small, Metric.DELIVERIES) == 39
    small.settle()
    assert row in small.list_of(7)


def test_workers_that_crash_while_the_broker_pauses_do_not_end_the_pause():
    small = broken("broker_paused+5", "worker_crash+0x99")
    small.post(0)
    small.world.schedule([parse_fault("worker_crash+0x99", now_ns=small.world.now_ns)])
    small.world.step(4 * NS_PER_S)
    assert len(small.on_its_way()) == 39


def test_a_longer_page_may_be_asked_for_while_older_pages_are_shown():
    reads = {"mitigations.stale_if_error": True, "read.limit": 3, "timeline.shards": 1}
    small = Small("push", STAR, reads, n=40)
    rows = [small.post(0) for _ in range(6)]
    for at_s in (1, 3, 5):
        for user in range(1, 40):
            small.script.add(at_s * NS_PER_S, Op.READ_HOME, user)
    small.world.step(2 * NS_PER_S)
    small.world.set_knobs({"read.limit": 5})
    small.world.schedule([parse_fault("shard_down+2", now_ns=small.world.now_ns)])
    small.world.step(NS_PER_S + 500 * MS)
    assert total(small, Metric.STALE_READS) == 39
    assert small.home(7, 10) == rows[: -3 - 1 : -1], "as long as it was"
    small.world.set_knobs({"read.limit": 2})
    assert small.home(7, 10) == rows[: -2 - 1 : -1]
    small.world.step(5 * NS_PER_S)
    assert total(small, Metric.FAILED_READS) == 0


@pytest.mark.parametrize("name", ["circuit_breaker", "shedding", "autoscaling", "celebrity_circuit", "back_pressure"])
def test_what_a_mitigation_has_done_ends_at_the_quantum_after_it_is_switched_off(name):
    """Else a world would go on as it was steered last, until somebody looks."""
    small = broken("database_slow+20x1000", "workers_gone+20x0.75", knobs={
        f"mitigations.{name}": True, "mitigations.break_above_ms": 1, "mitigations.shed_above_ms": 1, "tick_ms": 500,
        "mitigations.scale_above_ms": 100, "mitigations.circuit_above": 1, "mitigations.queue_bound": 1,
        "costs.delivery_us": 500_000, "cache.posts": 1, "stations.replicas": 1, "costs.miss_us": 20_000,
    })  # fmt: skip
    world = small.world
    for user in (0, 0, 1):
        small.post(user)
    for user in range(1, 40):
        small.script.add(world.now_ns + 5 * MS, Op.READ_HOME, user)
    world.step(2_333 * MS)

    def acting():
        mitigations = world.incidents.mitigations
        return {
            "circuit_breaker": not world.reads.database_asked, "shedding": mitigations._shed_level > 0,
            "autoscaling": world.fanout.more_workers > 0, "back_pressure": world.gateway.room is not None,
            "celebrity_circuit": mitigations.largest_pushed is not None,
        }[name]  # fmt: skip

    assert acting()
    world.set_knobs({f"mitigations.{name}": False})
    world.step(400 * MS)
    assert not acting()
    assert not world.incidents.mitigations.steers(world)


def test_lists_that_were_served_once_more_are_not_when_that_is_switched_off():
    small = Small("cached_pull:ttl=1", everybody_follows(0), {"mitigations.soft_ttl": True})
    first = small.post(0)
    small.script.add(MS, Op.READ_HOME, 5)
    small.world.step(500 * MS)
    second = small.post(0)
    small.world.step(NS_PER_S)
    assert small.home(5) == [first]
    small.world.set_knobs({"mitigations.soft_ttl": False})
    assert small.home(5) == [second, first]
