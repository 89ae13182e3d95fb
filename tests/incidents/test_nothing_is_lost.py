"""Whatever breaks, and however much at once: no accepted post is lost, and at rest all see the oracle's pages."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_S
from engine.domain import Op
from engine.errors import ListOutOfReach
from engine.faults import KINDS, Fault, parse_fault
from engine.observe.metric import Metric
from tests import oracle
from tests.law.small import Small

USERS, SHARDS, LAST_S = 8, 3, 6
STRATEGIES = ("push", "hybrid:threshold=3", "cached_pull:ttl=1", "pull", "push_active:days=30", "per_edge:ratio=2")
SMALL_SIZES = {
    "worker_crash": (1, 3), "poison_job": (1, 4), "deliveries_reordered": (1, 2_000), "hot_key": (1, 300),
    "shard_slow": (2, 5), "database_slow": (2, 5), "retry_storm": (2, 5),
}  # fmt: skip
"""Bounds of sizes that matter among eight people, whose product is no matter of hours; the others are the kind's."""
USUAL = {
    "timeline.cap": 6, "timeline.shards": SHARDS, "workers.count": 2, "workers.batch": 4, "fanout.chunk": 2,
    "costs.delivery_us": 60_000, "fanout.max_attempts": 3, "cache.posts": 4, "read.limit": 4, "read.context": 4,
}  # fmt: skip
SWITCHES = (
    "coalescing", "soft_ttl", "ttl_jitter", "cache_warming", "fallback", "stale_if_error", "back_pressure", "shedding",
    "retry_budget", "circuit_breaker", "hot_key_copies", "autoscaling", "celebrity_circuit",
)  # fmt: skip
LIMITS = {
    "mitigations.queue_bound": 4, "mitigations.shed_above_ms": 1, "mitigations.break_above_ms": 1,
    "mitigations.scale_above_ms": 100, "mitigations.circuit_above": 4, "mitigations.circuit_followers": 3,
    "clients.timeout_ms": 300,
}  # fmt: skip
"""So low that they are passed."""

users = st.integers(0, USERS - 1)
instants = st.integers(0, LAST_S * NS_PER_S)


@st.composite
def faults(draw):
    """One fault within the first six seconds, at any nanosecond, for up to four."""
    kind = KINDS[draw(st.sampled_from(sorted(KINDS)))]
    lo, hi = SMALL_SIZES.get(kind.name, (kind.size.lo, kind.size.hi) if kind.size else (0, 0))
    size = float(draw(st.integers(int(lo), int(hi)))) if lo >= 1 else draw(st.floats(lo, hi)) if kind.size else 0.0
    lasts_ns = draw(st.integers(1, 4 * NS_PER_S)) if kind.lasts_s else 0
    servers = st.integers(0, SHARDS - 1)
    server = draw(servers | st.none() if kind.all_servers else servers) if kind.servers else None
    return Fault(draw(instants), kind.name, lasts_ns, size, server)


loads = st.lists(
    st.one_of(
        st.tuples(instants, st.just(Op.POST), users),
        st.tuples(instants, st.just(Op.READ_HOME), users),
        st.tuples(instants, st.sampled_from([Op.FOLLOW, Op.UNFOLLOW]), users, users),
    ),
    min_size=10,
    max_size=60,
)
turns = st.lists(
    st.tuples(
        instants,
        st.one_of(
            st.sampled_from(["evict", "redrive", "post", "look"]),
            st.sampled_from(STRATEGIES).map(lambda spec: f"strategy {spec}"),
            st.sampled_from(SWITCHES).map(lambda name: f"mitigations.{name}"),
            st.sampled_from(["timeline.shards 2", "timeline.shards 5", "workers.count 1", "workers.count 5"]),
            st.sampled_from(
                ["stations.primaries 1", "stations.replicas 40", "read.limit 7", "mitigations.dead_letters off"]
            ),
        ),
    ),
    max_size=8,
)
"""What people and operators do meanwhile."""


def play(strategy, follows, timetable, load, turns, knobs):
    """Six seconds in which all this happens, and then until everything is whole and at rest; the keys of its posts."""
    small = Small(strategy, follows, {**USUAL, **LIMITS, **knobs}, n=USERS, away_days={7: 90.0})
    world = small.world
    for _ in range(2):
        for author in range(USERS):
            small.post(author)
    world.schedule(timetable)
    keys = {small.script.add(at_ns, op, *who) for at_ns, op, *who in load if op == Op.POST}
    for at_ns, op, *who in load:
        if op != Op.POST and (len(who) == 1 or who[0] != who[1]):
            small.script.add(at_ns, op, *who)
    for at_ns, what in sorted(turns):
        world.step(at_ns - world.now_ns)
        take_turn(small, what)
    world.step(max(0, LAST_S * NS_PER_S - world.now_ns))
    while not world.whole:
        world.step(NS_PER_S)
    world.set_knobs({"costs.delivery_us": 2_400})
    small.settle()
    return small, keys


def take_turn(small, what):
    world, verb = small.world, what.split()
    match verb[0]:
        case "evict":
            world.evict(2)
        case "redrive":
            world.redrive()
        case "post":
            small.post(1)
        case "look":
            try:
                small.home(3)
            except ListOutOfReach:
                assert world.tables.out_of_reach is not None
        case "strategy":
            world.set_strategy(verb[1])
        case name:
            world.set_knobs({name: verb[1] if len(verb) > 1 else not world.config.knob(name)})


def check(small, keys):
    """Nothing is lost, doubled, foreign or out of order; and pages are the oracle's."""
    world = small.world
    small.step(2 * NS_PER_S)  # kept lists may be served once more
    small.settle()
    assert world.at_rest
    assert world.queue_copies() == (0, 0)
    posts = world.tables.posts
    accepted = posts.key[: posts.size].tolist()
    assert keys <= set(accepted), "a post is lost"
    assert len(set(accepted)) == len(accepted)
    assert (np.diff(posts.accepted_ns[: posts.size]) >= 0).all(), "rows are in the order of acceptance"
    for _ in range(2):  # looking makes lists
        found = small.audit()
        assert (found.missing, found.duplicate, found.foreign, found.out_of_order) == (0, 0, 0, 0)
        facts = oracle.facts_of(world)
        for user in range(USERS):
            assert small.pages(user, 3) == oracle.pages(facts, user, 3, world.config.read.context), f"user {user}"
        small.step(3 * NS_PER_S)
        small.settle()


def examples(count):
    return settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))


any_history = given(
    strategy=st.sampled_from(STRATEGIES),
    follows=st.sets(st.tuples(users, users).filter(lambda pair: pair[0] != pair[1]), min_size=8, max_size=40),
    timetable=st.lists(faults(), min_size=1, max_size=6),
    load=loads,
    turns=turns,
    knobs=st.fixed_dictionaries({f"mitigations.{name}": st.booleans() for name in SWITCHES}),
)


@examples(24)
@any_history
def test_any_timetable_of_faults_ends_in_the_pages_of_the_oracle(strategy, follows, timetable, load, turns, knobs):
    check(*play(strategy, follows, timetable, load, turns, knobs))


@pytest.mark.long
@examples(3_000)
@any_history
def test_thousands_of_timetables_end_in_the_pages_of_the_oracle(strategy, follows, timetable, load, turns, knobs):
    check(*play(strategy, follows, timetable, load, turns, knobs))


ALONE = [
    pytest.param(kind, strategy, marks=[] if j in {i % n, (i + n // 2) % n} else [pytest.mark.long])
    for n in [len(STRATEGIES)]
    for i, kind in enumerate(KINDS)
    for j, strategy in enumerate(STRATEGIES)
]
"""In the gate each kind under two strategies, in turn."""


@pytest.mark.parametrize(("kind", "strategy"), ALONE)
def test_each_fault_alone_ends_in_the_pages_of_the_oracle(kind, strategy):
    sizes = {"poison_job": "x1", "worker_crash": "x2", "broker_redelivers": "x1"}
    lasts = "+2.2" if KINDS[kind].lasts_s else ""
    timetable = [parse_fault(f"{kind}@1.033000001{lasts}{sizes.get(kind, '')}")]
    follows = {(a, b) for a in range(USERS) for b in range(USERS) if (a * 3 + b) % 4 and a != b}
    load = [(137_000_001 * i, (Op.POST, Op.READ_HOME)[i % 2], (i * 5) % USERS) for i in range(40)]
    small, keys = play(strategy, follows, timetable, load, [], {})
    assert len(keys) == 20
    assert small.world.metrics.total(Metric.READS) == 20 + small.world.metrics.total(Metric.REPEATED_READS)
    check(small, keys)
