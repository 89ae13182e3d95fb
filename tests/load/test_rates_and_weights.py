"""How much arrives, and from whom. All rulers are in standard errors, or p-values above 1 in 10,000."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from engine.clock import NS_PER_S
from engine.domain import Op
from engine.load.recording import Load
from engine.load.streams import Weighted, ordered_uniforms, stream
from tests.load.conftest import CONFIG, MUTED, SILENT_READERS
from tests.load.helpers import assert_poisson, only, recorded

FROM, TO = 40, 240
SECONDS = TO - FROM


@pytest.fixture(scope="module")
def arrivals(load):
    """Two hundred seconds in which recent posts were always at hand."""
    return recorded(load, TO, FROM)


@pytest.mark.parametrize(
    ("ops", "rate_per_s"),
    [
        ((Op.POST, Op.REPLY, Op.REPOST), 40),
        ((Op.REPLY,), 40 * 0.2),
        ((Op.REPOST,), 40 * 0.15),
        ((Op.LIKE,), 25),
        ((Op.FOLLOW,), 8),
        ((Op.UNFOLLOW,), 5),
        ((Op.READ_HOME,), 120),
    ],
)
def test_each_stream_arrives_at_its_rate(arrivals, ops, rate_per_s):
    assert_poisson(len(only(arrivals, *ops)), rate_per_s * SECONDS)


def test_the_ruler_can_say_no():
    with pytest.raises(AssertionError):
        assert_poisson(8_400, 8_000)


def test_counts_per_second_scatter_as_poisson(load):
    reads = np.array([len(only(load.block(k), Op.READ_HOME)) for k in range(FROM, TO)])
    dispersion = ((reads - 120) ** 2).sum() / 120
    assert stats.chi2.sf(dispersion, SECONDS) > 1e-4
    assert stats.chi2.cdf(dispersion, SECONDS) > 1e-4


def test_a_burst_second_has_so_many_times_the_mean_and_the_mean_stays(audience):
    bursting = Load(audience, replace(CONFIG, posts_per_s=200, burst_factor=2.6, burst_every_s=15), seed=7)
    posts = np.array([only(bursting.block(k), Op.POST, Op.REPLY, Op.REPOST).at_ns.size for k in range(150)])
    burst = np.arange(150) % 15 == 14
    assert_poisson(int(posts[burst].sum()), 10 * 2.6 * 200)
    assert_poisson(int(posts.sum()), 150 * 200)


@pytest.mark.parametrize("op", [Op.POST, Op.LIKE, Op.READ_HOME])
def test_instants_are_uniform_in_their_second(arrivals, op):
    within = (only(arrivals, op).at_ns % NS_PER_S) / NS_PER_S
    assert stats.kstest(within, "uniform").pvalue > 1e-4


def assert_shares(actors, weight):
    """Users appear in proportion to their weight; those of weight 0 not at all."""
    seen = np.bincount(actors, minlength=len(weight))
    assert not seen[weight == 0].any()
    expected = weight[weight > 0] / weight.sum() * len(actors)
    assert stats.chisquare(seen[weight > 0], expected).pvalue > 1e-4


def test_authors_of_originals_follow_their_weights(audience, arrivals):
    assert_shares(only(arrivals, Op.POST).actor, audience.author_weight)
    assert not np.isin(audience.largest[:MUTED], only(arrivals, Op.POST).actor).any()


def test_the_exponent_raises_the_rate_of_large_accounts(audience):
    load = Load(audience, replace(CONFIG, author_exponent=0.5), seed=7)
    posts = only(recorded(load, TO, FROM), Op.POST)
    assert_shares(posts.actor, audience.author_weight * audience.follower_counts**0.5)


def test_readers_follow_their_weights_and_the_rest_are_people_who_return(audience, arrivals):
    readers = only(arrivals, Op.READ_HOME).actor
    returned = np.isin(readers, audience.away)
    # Users 0..49 never read by themselves; the people who return (10..29) are among them.
    assert set(audience.away) <= set(range(SILENT_READERS))
    assert abs(returned.mean() - 0.1) < 4 * np.sqrt(0.1 * 0.9 / len(readers))
    assert_shares(readers[~returned], audience.reader_weight)
    share = np.zeros(audience.users)
    share[audience.away] = 1
    assert_shares(readers[returned], share)


def test_who_reads_has_nothing_to_do_with_when(arrivals):
    reads = only(arrivals, Op.READ_HOME)
    assert stats.spearmanr(reads.at_ns % NS_PER_S, reads.actor).pvalue > 1e-4


def test_follows_prefer_the_popular_and_never_oneself(audience, arrivals):
    follows = only(arrivals, Op.FOLLOW)
    assert (follows.actor != follows.target).all()
    assert stats.chisquare(np.bincount(follows.actor // 60, minlength=10)).pvalue > 1e-4
    chosen, usual = audience.follower_counts[follows.target], audience.follower_counts
    size_biased = (usual.astype(float) ** 2).sum() / usual.sum()
    # Half by follower count, half two steps away, which is popular too (or uniform, from those who follow nobody).
    assert chosen.mean() > (size_biased + usual.mean()) / 2


def test_unfollows_are_edges_of_the_base_graph(audience, arrivals):
    unfollows = only(arrivals, Op.UNFOLLOW)
    assert audience.graph.follows(unfollows.actor, unfollows.target).all()


def test_weighted_draws_equal_numpys_definition():
    weight = np.array([0.0, 3.0, 0.0, 1.0, 6.0, 0.0])
    drawn = Weighted.of(weight).draw(stream(1, "test", 0), 50_000)
    assert_shares(drawn, weight)
    assert stats.spearmanr(np.arange(50_000), drawn).pvalue > 1e-4


@pytest.mark.parametrize("weight", [[0.0, 0.0], [1.0, -1.0], [1.0, np.nan], [np.inf, 1.0]])
def test_weights_that_mean_nothing_are_refused(weight):
    with pytest.raises(ValueError, match="Weights"):
        Weighted.of(np.array(weight))


def test_ordered_uniforms_are_sorted_uniforms():
    drawn = ordered_uniforms(stream(1, "test", 0), 20_000)
    assert (np.diff(drawn) >= 0).all()
    assert stats.kstest(drawn, "uniform").pvalue > 1e-4
    assert len(ordered_uniforms(stream(1, "test", 0), 0)) == 0


def test_streams_are_told_apart_by_seed_name_and_block():
    draws = [stream(*name).random(4).tobytes() for name in ((1, "a", 0), (2, "a", 0), (1, "b", 0), (1, "a", 1))]
    assert len(set(draws)) == 4
    assert stream(1, "a", 0).random(4).tobytes() == draws[0]


def test_blocks_of_a_stream_do_not_overlap():
    draws = np.concatenate([stream(1, "a", block).random(1_000) for block in range(20)])
    assert len(np.unique(draws)) == len(draws)


def test_a_stream_is_the_same_on_every_machine():
    """Captured when the load was first written; a change here changes every recording and digest."""
    assert stream(7, "posts", 3).integers(0, 1000, 5).tolist() == GOLDEN


GOLDEN = [67, 347, 539, 339, 440]
