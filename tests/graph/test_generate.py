"""Generated graphs have the shape that was asked for, and the same one for the same stream."""

import numpy as np
import pytest

from engine.graph.generate import communities
from engine.graph.graph import Graph
from engine.graph.measures import reciprocity, tail_exponent

SHAPE = {"exponent": 2.3, "communities": 40, "local_share": 0.8, "tail_cap": 2_000, "reciprocity": 0.4}


def make(seed, n=20_000, mean=30, **shape):
    return communities(n, mean, np.random.Generator(np.random.Philox(key=seed)), **{**SHAPE, **shape})


@pytest.fixture(scope="module")
def links():
    return make(1, largest_share=0.3, stars=(4_000, 3_000))


@pytest.fixture(scope="module")
def graph(links):
    return Graph.from_edges(20_000, links.follower, links.followee)


def test_people_follow_as_many_as_asked_for(graph):
    assert graph.followee_counts.mean() == pytest.approx(30, rel=0.02)


def test_the_largest_and_the_stars_have_exactly_their_followers(graph):
    assert np.sort(graph.follower_counts)[::-1][:3].tolist() == [6_000, 4_000, 3_000]
    assert np.sort(graph.follower_counts)[-4] < 2_200


@pytest.mark.parametrize("seed", range(12))
def test_stars_are_exact_in_any_community(seed):
    links = make(seed, n=300, mean=10, communities=60, stars=(90, 80, 70), tail_cap=40)
    graph = Graph.from_edges(300, links.follower, links.followee)
    assert np.sort(graph.follower_counts)[::-1][:3].tolist() == [90, 80, 70]


def test_the_tail_and_the_share_of_returned_links_are_about_as_asked_for(graph):
    assert tail_exponent(graph.follower_counts, 50) == pytest.approx(2.3, abs=0.25)
    assert reciprocity(graph) == pytest.approx(0.4, abs=0.03)


def test_communities_are_numbered_one_after_the_other_and_hold_most_follows(links):
    assert (np.diff(links.community) >= 0).all()
    assert links.community[-1] == 39
    local = links.community[links.follower] == links.community[links.followee]
    assert local.mean() > 0.55


def test_the_same_stream_makes_the_same_graph_and_another_one_another(links):
    again = make(1, largest_share=0.3, stars=(4_000, 3_000))
    for one, other in zip(links, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(links.followee[:1_000], make(2, largest_share=0.3, stars=(4_000, 3_000)).followee[:1_000])


def test_tiny_graphs_can_be_made():
    links = make(3, n=30, mean=4, communities=3, tail_cap=None)
    assert Graph.from_edges(30, links.follower, links.followee).followee_counts.sum() > 60
