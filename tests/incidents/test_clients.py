"""Impatient apps: when they give up, how often they try again, how long they wait; the retry budget, counted."""

from collections import Counter

import numpy as np
import pytest

from engine.clock import NS_PER_MS, NS_PER_S, QUANTUM_NS
from engine.domain import Op
from engine.faults import parse_fault
from engine.observe.metric import Metric
from tests.law.small import Small, everybody_follows

MS = NS_PER_MS
SLOW = {"costs.miss_us": 400_000, "stations.replicas": 1, "cache.posts": 1, "clients.timeout_ms": 500}
"""A database that takes 0.4 s for each page: one reader at a time is served in time."""


def world(reads, knobs=None, **more):
    """Somebody's page asks for bodies that no cache has; `reads`: (ms, user)."""
    small = Small("push", everybody_follows(0), {**SLOW, **(knobs or {})}, **more)
    small.post(0)
    small.post(0)
    small.settle()
    for at_ms, user in reads:
        small.script.add(small.world.now_ns + at_ms * MS, Op.READ_HOME, user)
    return small


def total(small, metric):
    return small.world.metrics.total(metric)


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_each_read_that_is_given_up_is_sent_so_often_again(retries):
    small = world([(0, 1), (0, 2), (0, 3)], {"clients.retries": retries, "costs.miss_us": 10_000_000})
    small.settle()
    assert total(small, Metric.TIMEOUTS) == 3 * (1 + retries)
    assert total(small, Metric.REPEATED_READS) == 3 * retries
    assert total(small, Metric.READS) == 3 * (1 + retries)


def test_whoever_is_answered_in_time_is_not_given_up():
    small = world([(0, 1), (1_000, 2)])
    small.settle()
    assert total(small, Metric.READS) == 2
    assert total(small, Metric.TIMEOUTS) == 0


def test_apps_give_up_at_the_first_look_after_their_time():
    small = world([(30, 1)], {"costs.miss_us": 10_000_000, "clients.retries": 0})
    begin_ns = small.world.now_ns
    while total(small, Metric.TIMEOUTS) == 0:
        small.step(10 * MS)
    given_up_ns = small.world.now_ns - begin_ns - 10 * MS  # of the step that noted it
    assert given_up_ns == 600 * MS


def test_without_a_time_limit_nobody_gives_up_until_apps_lose_patience():
    small = world([(0, 1)], {"clients.timeout_ms": 0, "costs.miss_us": 3_000_000})
    small.step(2 * NS_PER_S)
    assert total(small, Metric.TIMEOUTS) == 0
    small.world.schedule([parse_fault(f"retry_storm@{small.world.now_ns / NS_PER_S + 0.05}+0.5x2")])
    small.step(NS_PER_S)
    assert total(small, Metric.TIMEOUTS) == 1


def sent_again(small):
    """(instant, user) of the reads that apps send again, as they are decided; the world goes on to its rest."""
    sent, clients = [], small.world.incidents.clients
    original = clients._send_again

    def noting(world, users, attempt, at_ns):
        at_ns = np.broadcast_to(at_ns, len(users))
        sent.extend(zip(at_ns.tolist(), users.tolist(), attempt.tolist(), [world.now_ns] * len(users), strict=True))
        original(world, users, attempt, at_ns)

    clients._send_again = noting
    small.settle()
    return sent


@pytest.mark.long
def test_the_budget_is_a_tenth_of_the_reads_of_ten_seconds():
    """Counted from the reads themselves, in every window of ten seconds that ends where apps decide."""
    reads = [(40 * i, 1 + i % 7) for i in range(600)]
    small = world(reads, {"mitigations.retry_budget": True, "clients.retries": 10})
    begin_ns = small.world.now_ns
    sent = sent_again(small)
    assert len(sent) > 20
    decided = Counter(decided_ns for *_, decided_ns in sent)
    arrived = [begin_ns + at_ms * MS for at_ms, _ in reads] + [at_ns for at_ns, *_ in sent]
    spent = 0
    for now_ns in sorted(decided):
        since_ns = now_ns - 10 * NS_PER_S
        lately = sum(since_ns <= at_ns < now_ns for at_ns in arrived)
        repeated = sum(count for at_ns, count in decided.items() if since_ns < at_ns <= now_ns)
        assert repeated <= lately / 10
        spent = max(spent, repeated / (lately / 10))
    assert spent > 0.9, "what there is, is spent"
    without = world(reads, {"clients.retries": 10})
    assert len(sent_again(without)) > 3 * len(sent)


def test_reads_from_before_apps_lost_patience_are_no_budget():
    small = world([(20 * i, 1 + i % 7) for i in range(400)], {"mitigations.retry_budget": True, "costs.miss_us": 1})
    small.world.set_knobs({"clients.timeout_ms": 0})
    small.step(7 * NS_PER_S)
    small.world.set_knobs({"clients.timeout_ms": 100, "costs.miss_us": 10_000_000})
    small.step(NS_PER_S)
    assert total(small, Metric.TIMEOUTS) > 20
    assert total(small, Metric.REPEATED_READS) <= 5, "a tenth of the fifty reads of this second"


def test_waits_before_trying_again_are_half_certain_and_double():
    small = world([(i, 1 + i % 7) for i in range(100)], {"mitigations.retry_budget": True})
    small.world.incidents.clients._reads.extend([10**6] * 5)  # the budget is not what is looked at
    timeout_ns, spread = 500 * MS, {}
    for at_ns, _, attempt, decided_ns in sent_again(small):
        longest_ns = timeout_ns << (attempt - 1)
        assert longest_ns / 2 <= at_ns - decided_ns < longest_ns
        spread.setdefault(attempt, set()).add(at_ns - decided_ns)
        assert decided_ns % QUANTUM_NS == 0
    assert spread.keys() == {1, 2, 3}
    assert all(len(waits) > 5 for waits in spread.values()), "not together"


def test_without_a_budget_they_come_back_at_once():
    small = world([(i, 1 + i % 7) for i in range(30)])
    sent = sent_again(small)
    assert len(sent) > 30
    assert all(at_ns == decided_ns for at_ns, *_, decided_ns in sent)
