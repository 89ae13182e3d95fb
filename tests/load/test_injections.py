"""Celebrity, viral and herd: what each causes, on a schedule and in a running world."""

import numpy as np
import pytest

from engine.clock import NS_PER_S
from engine.domain import Op
from engine.graph.graph import Graph
from engine.load.arrivals import Arrivals
from engine.load.audience import Audience
from engine.load.injections import CelebrityBurst, Herd, Viral
from tests.load.conftest import make_audience
from tests.load.helpers import assert_same, differ, only

START_NS = 37 * NS_PER_S + 123
INJECTIONS = [CelebrityBurst(at_s=20), Viral(at_s=10), Herd(at_s=20)]


@pytest.fixture(scope="module")
def cascade(audience):
    arrivals = Viral(at_s=10).arrivals(audience, 7, 16, START_NS)
    return only(arrivals, Op.POST), only(arrivals, Op.REPOST)


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda injection: type(injection).__name__)
def test_an_injection_is_pure_and_starts_at_its_instant(audience, injection):
    arrivals = injection.arrivals(audience, 7, 16, START_NS)
    assert_same(arrivals, injection.arrivals(make_audience(), 7, 16, START_NS))
    assert differ(arrivals, injection.arrivals(audience, 8, 16, START_NS))
    assert differ(arrivals, injection.arrivals(audience, 7, 32, START_NS))
    assert arrivals.at_ns[0] >= START_NS
    np.testing.assert_array_equal(np.lexsort((arrivals.key, arrivals.at_ns)), np.arange(len(arrivals)))
    assert len(np.unique(arrivals.key)) == len(arrivals)


def test_a_celebrity_writes_eight_originals_within_a_second(audience):
    burst = CelebrityBurst(at_s=20).arrivals(audience, 7, 16, START_NS)
    assert len(burst) == 8
    assert (burst.actor == audience.largest[0]).all()
    assert (burst.op == Op.POST).all()
    assert burst.at_ns[-1] < START_NS + NS_PER_S


def test_other_celebrities_are_named_by_rank(audience):
    burst = CelebrityBurst(at_s=20, rank=2, posts=3, spread_s=0.5).arrivals(audience, 7, 16, START_NS)
    assert burst.actor.tolist() == [audience.largest[2]] * 3
    assert burst.at_ns[-1] < START_NS + NS_PER_S // 2


def test_a_herd_is_four_readers_of_five_once_each_within_two_seconds(audience):
    herd = Herd(at_s=20).arrivals(audience, 7, 16, START_NS)
    readers = np.flatnonzero(audience.reader_weight)
    assert len(herd) == round(0.8 * len(readers))
    assert len(np.unique(herd.actor)) == len(herd)
    assert np.isin(herd.actor, readers).all()
    assert (herd.op == Op.READ_HOME).all()
    assert herd.at_ns[-1] < START_NS + 2 * NS_PER_S


def test_a_cascade_has_its_size_and_everybody_reposts_the_root_once(audience, cascade):
    root, reposts = cascade
    assert len(root) == 1
    assert len(reposts) == round(0.15 * audience.users)
    assert (reposts.target == root.key[0]).all()
    assert len(np.unique(reposts.actor)) == len(reposts)
    assert root.actor[0] not in reposts.actor


def test_everybody_in_a_cascade_follows_somebody_who_had_it_before(audience, cascade):
    had_it = Arrivals.concat(cascade)
    followees = audience.graph.followees(had_it.actor[1:])
    for i, at_ns in enumerate(had_it.at_ns[1:]):
        followed = followees.values[followees.offsets[i] : followees.offsets[i + 1]]
        earlier = had_it.actor[had_it.at_ns < at_ns]
        assert np.isin(followed, earlier).any()


def test_half_of_a_cascade_has_come_at_its_half_time_and_nobody_reposts_at_once(cascade):
    root, reposts = cascade
    delay_s = (reposts.at_ns - root.at_ns[0]) / NS_PER_S
    assert delay_s.min() > 1
    assert np.median(delay_s) == pytest.approx(6.0, abs=1e-6)
    per_s = np.bincount(delay_s.astype(int), minlength=40)
    assert per_s[:12].sum() > 2 * per_s[12:24].sum()  # it fades


def test_the_root_of_a_cascade_is_a_mid_size_account(audience):
    counts = audience.follower_counts
    roots = [Viral(at_s=10).arrivals(audience, 7, number, 0).actor[0] for number in range(16, 320, 16)]
    share_below = np.array([(counts[counts > 0] < counts[root]).mean() for root in roots])
    assert (share_below > 0.9).all()
    assert (share_below < 0.98).all()
    assert len(set(roots)) > 3


def test_a_cascade_is_limited_and_ends_where_the_graph_ends(audience):
    assert len(Viral(at_s=10, most=17).arrivals(audience, 7, 16, 0)) == 18
    # 0 <- 1 <- 2 <- 3: reaching everybody takes three generations of one.
    chain = Graph.from_edges(5, [1, 2, 3], [0, 1, 2])
    ones, none = np.ones(5), np.empty(0, dtype=np.int32)
    small = Audience(graph=chain, author_weight=ones, reader_weight=ones, away=none, largest=none, users=5)
    for number in range(16):
        cascade = Viral(at_s=10, reach=1.0).arrivals(small, 7, number, 0)
        root = cascade.actor[0]
        assert cascade.actor.tolist() == list(range(root, 4))


def test_a_post_without_any_reader_is_not_reposted():
    lonely = Graph.from_edges(3, [], [])
    ones, none = np.ones(3), np.empty(0, dtype=np.int32)
    audience = Audience(graph=lonely, author_weight=ones, reader_weight=ones, away=none, largest=none, users=3)
    assert Viral(at_s=10).arrivals(audience, 7, 0, 0).op.tolist() == [Op.POST]
