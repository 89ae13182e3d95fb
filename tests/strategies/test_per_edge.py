"""Push or pull per edge: by the paper's inequality, and readers pull exactly the edges that are not pushed to them."""

import numpy as np
import pytest

from engine.clock import NS_PER_S
from engine.domain import NO_ROW, Op
from engine.edges import CLASSES, Edges
from engine.observe.metric import Metric
from engine.tables import Unpushed
from engine.write_path.strategies.base import Rates, Seen, Writers
from engine.write_path.strategies.per_edge import PerEdge
from tests.conformance.runs import ROOMY, differs, run
from tests.law.small import MS, S, Small, everybody_follows
from tests.law.test_rules import assert_lawful

SPEC = "per_edge:ratio=2,memory=2"
FAST = {"costs.delivery_us": 1_000, "costs.poll_us": 0, "costs.list_write_us": 0}
SLOW = {"costs.delivery_us": 300_000, "workers.count": 1, "fanout.chunk": 2, "costs.poll_us": 0}


def writers(*authors: int) -> Writers:
    n = len(authors)
    return Writers(np.array(authors, np.int32), np.ones(n, np.int32), np.zeros(n, np.int64))


def test_an_edge_is_pushed_iff_reads_per_post_exceed_the_ratio_of_costs():
    strategy = PerEdge(push_pull_ratio=4.0, rate_memory_s=100.0)
    reads = np.array([0.0, 1.0, 2.0, 8.0])
    strategy.meet(Rates(posts=np.array([0.0, 0.25, 0.5, 3.0]), reads=reads))
    reached = strategy.reaches(writers(0, 1, 2, 3), reads)
    by_hand = [[q > 4.0 * w for q in (0, 1, 2, 8)] for w in (0, 0.25, 0.5, 3)]
    assert reached.tolist() == by_hand
    assert strategy.pushes(writers(0, 1, 2, 3)).tolist() == [True, True, True, False]


def test_a_rate_is_the_sum_of_what_is_left_of_each_post():
    memory_s = 10.0
    strategy = PerEdge(1.0, memory_s)
    strategy.meet(Rates(np.array([0.3, 0.0]), np.ones(2)))
    strategy.observe(Seen(0, 0, np.zeros(0, np.int32)))
    strategy.observe(Seen(2 * NS_PER_S, 0, np.array([1, 1], np.int32)))
    strategy.observe(Seen(5 * NS_PER_S, 0, np.array([0], np.int32)))
    expected = [0.3 * np.exp(-0.5) + 0.1, 0.2 * np.exp(-0.3)]
    assert strategy.posts_per_s(np.array([0, 1])) == pytest.approx(expected, rel=1e-12)


def test_the_estimate_of_a_steady_author_is_their_rate():
    strategy = PerEdge(1.0, 100.0)
    strategy.meet(Rates(np.array([0.0]), np.ones(1)))
    for tick in range(1, 20_001):
        strategy.observe(Seen(tick * NS_PER_S // 10, 0, np.zeros(int(tick % 5 == 0), np.int32)))
    assert strategy.posts_per_s(np.array([0]))[0] == pytest.approx(2.0, rel=0.01)


def one_author_two_kinds_of_readers(**knobs) -> tuple[Small, int, int]:
    """Everybody follows 0. After one post a second those of the rarest class pull, the others are pushed to."""
    small = Small(SPEC, everybody_follows(0), {**FAST, **knobs})
    first = small.post(0)
    small.step(100 * MS)
    second = small.post(0)
    small.settle()
    return small, first, second


def test_readers_pull_exactly_the_edges_that_were_not_pushed_to_them():
    small, first, second = one_author_two_kinds_of_readers()
    edges = small.world.tables.unpushed.edges
    rate = 8 / 15  # of the rarest class; ratio times estimate is 2 * 0.5
    assert edges.reads_per_s == pytest.approx([rate, 2 * rate, 3 * rate])
    for user in range(1, 8):
        rare = user % 3 == 0
        assert small.list_of(user) == ([first] if rare else [first, second])
        assert small.home(user) == [second, first]
        before = small.world.metrics.total(Metric.AUTHORS_ASKED)
        small.script.add(small.world.now_ns, Op.READ_HOME, user)
        small.step(10 * MS)
        assert small.world.metrics.total(Metric.AUTHORS_ASKED) - before == int(rare)
    assert small.audit().missing == 0
    assert_lawful(small)


def test_the_audit_sees_a_copy_lost_on_a_pushed_edge_although_others_pull_the_post():
    small, _, second = one_author_two_kinds_of_readers()
    reader = np.array([4], np.int32)
    small.world.tables.lists.remove(reader, np.array([second], np.int32))
    assert small.audit().missing == 1
    small.world.tables.lists.push(reader, np.array([second], np.int32))


def test_what_was_given_up_is_pulled_by_those_it_was_pushed_to_as_well():
    small = Small(SPEC, everybody_follows(0), {**SLOW, "fanout.fail_rate": 1.0, "fanout.max_attempts": 1})
    first = small.post(0)
    small.step(100 * MS)
    second = small.post(0)
    assert_lawful(small)
    assert small.list_of(4) == []
    assert small.home(4) == [second, first]


@pytest.mark.parametrize("spec", ["push", "hybrid:threshold=3", "delayed:threshold=3,delay=0.5", "cached_pull:ttl=1"])
def test_what_an_edge_lacks_is_known_under_the_next_strategy_and_the_one_after(spec):
    small, _, second = one_author_two_kinds_of_readers()
    small.world.set_strategy(spec)
    third = small.post(0)
    assert_lawful(small)
    small.world.set_strategy(SPEC)
    fourth = small.post(0)
    assert_lawful(small)
    assert small.home(3)[:3] == [fourth, third, second]


def test_a_follow_and_an_unfollow_of_a_pulled_edge():
    small, first, second = one_author_two_kinds_of_readers()
    small.people.unfollow(3, 0)
    assert small.home(3) == []
    small.people.follow(3, 0)
    assert (small.list_of(3), small.home(3)) == ([first, second], [second, first])
    assert_lawful(small)


def test_other_knobs_of_the_load_move_the_edges():
    small = Small(SPEC, everybody_follows(0), FAST)
    small.post(0)
    small.step(100 * MS)
    small.world.set_knobs({"load.reads_per_s": 80.0})
    row = small.post(0)
    small.settle()
    assert [small.list_of(user)[-1] for user in range(1, 8)] == [row] * 7, "everybody reads ten times as often"


def test_one_that_takes_over_later_begins_at_what_the_load_makes_people_do():
    small = Small("push", everybody_follows(0), {**FAST, "load.posts_per_s": 0.8})
    for _ in range(5):
        small.post(0)
        small.step(3 * S)
    small.world.set_strategy(SPEC)
    assert small.world.strategy.posts_per_s(np.arange(8)) == pytest.approx([0.1] * 8)
    small.post(0)
    small.step(100 * MS)
    small.step(1 * MS)
    expected = np.array([0.1 + 0.5] + [0.1] * 7) * np.exp(-0.05)  # told at this very instant, and a quantum later
    assert small.world.strategy.posts_per_s(np.arange(8)) == pytest.approx(expected)


@pytest.mark.parametrize("many", [1, 5, CLASSES, 1_000])
def test_classes_go_by_rate(many):
    reading = np.linspace(1.0, 50.0, many) ** 3 * (np.arange(many) != 3)
    edges = Edges(reading, np.full(many, NO_ROW, np.int32), 0)
    assert edges.count <= CLASSES
    assert (edges.count == many) == (many <= CLASSES)
    order = np.argsort(reading, kind="stable")
    assert (np.diff(edges.reader[order].astype(int)) >= 0).all()
    assert edges.reads_per_s @ np.bincount(edges.reader) == pytest.approx(reading.sum())
    if many == 1_000:
        assert edges.reader[3] == 0
        assert np.count_nonzero(edges.reader == 0) == 1, "who never reads is in a class of their own"


def test_a_decision_for_all_readers_alike_pulls_too_much(population, monkeypatch):
    spec = "per_edge:ratio=2,memory=5"
    whole = run(population, spec, ROOMY, 500)
    edges = whole.world.tables.unpushed.edges
    missed = edges._missed[: whole.world.tables.posts.size - edges.from_row]
    assert set(np.unique(missed)) >= {0, 1}, "posts reach some classes and not others"
    exact = whole.seen[Metric.AUTHORS_ASKED]
    monkeypatch.setattr(Unpushed, "as_of", lambda unpushed, authors, *rest: unpushed.last[authors])
    assert run(population, spec, ROOMY, 500).seen[Metric.AUTHORS_ASKED] > 1.2 * exact


def test_readers_that_know_of_edges_not_pushed_after_them_depend_on_the_tick(population, monkeypatch):
    monkeypatch.setattr(Unpushed, "as_of", lambda unpushed, authors, marks, readers: unpushed.of(authors, readers))
    assert Metric.AUTHORS_ASKED in differs(population, "per_edge:ratio=2,memory=5", ROOMY)


def test_readers_that_are_not_told_of_their_edges_lose_posts(monkeypatch):
    """The law says no when the mask is dropped."""
    monkeypatch.setattr(Edges, "miss", lambda *_: None)
    small, _, _ = one_author_two_kinds_of_readers()
    with pytest.raises(AssertionError):
        assert_lawful(small)


def test_a_slow_fan_out_is_lawful_at_every_step():
    small = Small(SPEC, everybody_follows(0), SLOW)
    for _ in range(12):
        small.post(0)
        small.step(230 * MS)
        assert small.audit().missing == small.audit().foreign == 0
    assert_lawful(small)
    assert small.world.now_ns > 2 * S
