"""Measures on cases that can be worked out by hand, and on draws from a known law."""

import networkx as nx
import numpy as np
import pytest
from scipy import special, stats

from engine.graph import measures
from engine.graph.graph import Graph


def counts(*values):
    return np.array(values, dtype=np.int32)


def test_top_share_counts_at_least_one_account():
    assert measures.top_share(counts(6, 2, 1, 1)) == 0.6
    assert measures.top_share(counts(6, 2, 1, 1), share=0.5) == 0.8
    assert measures.top_share(counts(0, 0)) == 0.0


def test_reciprocity_is_the_share_of_links_returned():
    assert measures.reciprocity(Graph.from_edges(3, [0, 1, 0], [1, 0, 2])) == pytest.approx(2 / 3)
    assert measures.reciprocity(Graph.from_edges(3, [], [])) == 0.0


def test_mean_fanout_of_an_account_and_of_a_post():
    followers = counts(1, 3)
    assert measures.mean_fanout_per_account(followers) == 2.0
    assert measures.mean_fanout_per_post(followers, measures.posting_weights(followers, 0.0)) == 2.0
    assert measures.mean_fanout_per_post(followers, measures.posting_weights(followers, 1.0)) == 2.5


def test_accounts_without_followers_post_a_little():
    weights = measures.posting_weights(counts(0, 1), 0.45)
    assert 0 < weights[0] < 0.1 * weights[1]


def test_gamma_is_found_and_impossible_targets_are_refused():
    followers = counts(1, 3)
    assert measures.gamma_for_mean_fanout(followers, 2.5) == pytest.approx(1.0)
    assert measures.gamma_for_mean_fanout(followers, 2.0) == pytest.approx(0.0, abs=1e-9)
    for target in (1.9, 3.1):
        with pytest.raises(ValueError, match="is not between"):
            measures.gamma_for_mean_fanout(followers, target)


@pytest.mark.parametrize("a", [1.01, 1.5, 2.2, 3.0, 10.0])
@pytest.mark.parametrize("first", [1, 10, 500])
def test_zeta_is_the_hurwitz_zeta(a, first):
    assert measures._zeta(a, first) == pytest.approx(special.zeta(a, first), rel=1e-8)


@pytest.mark.parametrize("exponent", [1.8, 2.2, 3.0])
def test_the_tail_exponent_of_a_power_law_is_found_within_four_standard_errors(exponent):
    drawn = stats.zipf.rvs(exponent, size=60_000, random_state=np.random.default_rng(8))
    drawn = np.minimum(drawn, 2**31 - 1).astype(np.int32)
    tail = drawn[drawn >= 5]
    error = (exponent - 1) / np.sqrt(len(tail))  # Clauset et al. (2009), eq. 3.6
    assert abs(measures.tail_exponent(drawn, 5) - exponent) < 4 * error
    assert abs(measures.tail_exponent(drawn, 5) - exponent * 1.1) > 4 * error


def test_no_tail_is_refused():
    for followers in (counts(1, 2), counts(10, 10, 10)):
        with pytest.raises(ValueError, match="no tail"):
            measures.tail_exponent(followers, 10)


def test_reciprocity_and_counts_agree_with_networkx():
    rng = np.random.Generator(np.random.Philox(11))
    follower, followee = rng.integers(0, 60, 900), rng.integers(0, 60, 900)
    graph = Graph.from_edges(60, follower, followee)
    independent = nx.DiGraph((a, b) for a, b in zip(follower.tolist(), followee.tolist(), strict=True) if a != b)
    independent.add_nodes_from(range(60))
    assert measures.reciprocity(graph) == pytest.approx(nx.overall_reciprocity(independent))
    assert graph.follower_counts.tolist() == [independent.in_degree(user) for user in range(60)]
