"""Lossy timelines: what is dropped depends on seed, post and follower only, is as much as said, and is counted."""

import numpy as np
import pytest

from engine.observe import audit as audit_module
from engine.observe.metric import Metric
from engine.observe.why import Cause
from engine.queueing.hashing import uniform
from engine.tables import Dropped
from engine.world import World
from engine.write_path.strategies.lossy import Lossy
from tests import oracle
from tests.conformance.runs import ROOMY, USERS, differs, run
from tests.law.small import LOSSY, S, Small

LIMIT = 2_000


@pytest.mark.parametrize(("follows", "share"), [(1, 1.0), (2_000, 1.0), (4_000, 0.5), (8_000, 0.25), (200_000, 0.01)])
def test_a_copy_is_made_with_probability_limit_over_follows(follows, share):
    n = 200_000
    chance = uniform(7, "lossy", np.arange(n), np.full(n, 3))
    kept = Lossy(LIMIT).keeps(np.full(n, follows, np.int32), chance).mean()
    assert abs(kept - share) <= 4 * np.sqrt(share * (1 - share) / n)


def busy(spec: str = LOSSY, seconds_apart: float = 0.0, **knobs) -> Small:
    """User 7 follows 0 to 5, three times as many as the limit; user 6 follows one."""
    small = Small(spec, {(7, author) for author in range(6)} | {(6, 0)}, knobs)
    for _ in range(20):
        for author in range(6):
            small.post(author)
        small.step(round(seconds_apart * S))
    small.settle()
    return small


def test_the_audit_tells_what_is_lost_by_design_from_what_is_lost():
    small = busy()
    found = small.audit()
    made = len(small.list_of(7))
    assert (found.missing, found.lost_by_design) == (0, 120 - made)
    assert 120 / 3 - 4 * np.sqrt(120 * 2 / 9) < made < 120 / 3 + 4 * np.sqrt(120 * 2 / 9)
    assert found.lost_share == round((120 - made) / (120 + 20 + 120), 6), "of two readers' and the authors' own rows"
    assert len(small.list_of(6)) == 20, "who follows few loses nothing"
    assert small.world.metrics.total(Metric.DROPPED) == 120 - made
    reader = np.array([7], np.int32)
    small.world.tables.lists.remove(reader, np.array(small.list_of(7)[:1], np.int32))
    assert (small.audit().missing, small.audit().lost_by_design) == (1, 120 - made)


def test_a_dropped_copy_is_nobody_s_fresh_pair_and_stays_in_the_denominator():
    small = busy()
    metrics, dropped = small.world.metrics, small.world.metrics.total(Metric.DROPPED)
    assert metrics.total(Metric.PAIRS) == 140
    assert metrics.histogram(Metric.VISIBLE_LAG).count == 140 - dropped
    assert metrics.total(Metric.FRESH_PAIRS) <= 140 - dropped


def test_the_same_copies_are_dropped_whatever_the_order_and_others_by_another_seed():
    lists = [busy(**knobs).list_of(7) for knobs in ({}, {"tick_ms": 30, "workers.count": 1}, {"seed": 8})]
    assert lists[0] == lists[1] != lists[2]


def test_pages_lack_nothing_but_what_was_dropped():
    small = busy()
    shown = {row for page in small.pages(7, 4) for row in page}
    everything = {row for page in oracle.pages(oracle.facts_of(small.world), 7, 4, 40) for row in page}
    dropped = {int(pair) & 0xFFFFFFFF for pair in small.world.tables.dropped.pairs()}
    assert shown == everything - dropped


@pytest.mark.parametrize("spec", ["push", "hybrid:threshold=3", "pull"])
def test_another_strategy_makes_lists_whole(spec):
    small = busy()
    small.world.set_strategy(spec)
    small.settle()
    assert (small.audit().missing, small.audit().lost_by_design) == (0, 0)
    for user in (6, 7):
        assert small.pages(user, 3) == oracle.pages(oracle.facts_of(small.world), user, 3, 40)


def test_a_follow_brings_everything_of_its_author():
    small = busy()
    small.people.unfollow(7, 3)
    small.people.follow(7, 3)
    posts = small.world.tables.posts
    assert sum(posts.author[row] == 3 for row in small.list_of(7)) == 20


def test_why_says_that_it_was_dropped():
    small = Small(LOSSY, {(7, author) for author in range(6)})
    small.world = World(small.world.config, small.world.population, logged_deliveries=100)
    small.people = type(small.people)(small.world, small.people.journal)
    rows = [small.post(author) for author in range(6) for _ in range(3)]
    small.step(2 * S)
    causes = {small.world.why(7, row).cause for row in rows}
    assert causes == {Cause.RECEIVED, Cause.DROPPED}
    lost = next(row for row in rows if small.world.why(7, row).cause == Cause.DROPPED)
    assert "on purpose: they follow 6 accounts" in small.world.why(7, lost).line


def test_what_has_left_a_list_s_reach_is_forgotten(monkeypatch):
    monkeypatch.setattr("engine.tables._DROPPED_AT_FIRST", 4)
    small = busy(seconds_apart=1.0, **{"timeline.cap": 6})
    dropped = small.world.tables.dropped
    assert isinstance(dropped, Dropped)
    assert len(dropped.pairs()) < small.world.metrics.total(Metric.DROPPED) / 2
    assert (small.audit().missing, small.audit().duplicate) == (0, 0)
    assert {row for page in small.pages(7, 5) for row in page if row < small.horizon(7)} == {
        row for page in oracle.pages(oracle.facts_of(small.world), 7, 5, 40) for row in page if row < small.horizon(7)
    }, "below the list everything is pulled"


def test_chance_by_order_of_calls_depends_on_the_tick(population, monkeypatch):
    whole = run(population, "lossy:limit=12", ROOMY, 500)
    assert whole.seen[Metric.DROPPED] > 100
    assert whole.seen["audit"]["lost_by_design"] > 0
    assert whole.seen["audit"]["missing"] == 0
    assert whole.seen["audit"]["users"] == USERS
    rng = np.random.default_rng(1)
    monkeypatch.setattr("engine.write_path.plan.uniform", lambda seed, name, *by: rng.random(len(by[0])) ** len(by[0]))
    assert "lists" in differs(population, "lossy:limit=12", ROOMY)


def test_an_audit_that_forgets_the_design_calls_it_a_fault(monkeypatch):
    small = busy()
    lost = small.audit().lost_by_design
    monkeypatch.setattr(audit_module, "among", lambda keys, others: np.isin(keys, others) & (len(others) != lost))
    assert small.audit().missing == lost
