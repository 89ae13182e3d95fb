"""Generated graphs have the shape that was asked for, and the same one for the same stream."""

import numpy as np
import pytest

from engine.graph import generate
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
    return links.graph()


def test_people_follow_as_many_as_asked_for(graph):
    assert graph.followee_counts.mean() == pytest.approx(30, rel=0.02)


def test_the_largest_and_the_stars_have_exactly_their_followers(graph):
    assert np.sort(graph.follower_counts)[::-1][:3].tolist() == [6_000, 4_000, 3_000]
    assert np.sort(graph.follower_counts)[-4] < 2_200


@pytest.mark.parametrize("seed", range(12))
def test_stars_are_exact_in_any_community(seed):
    links = make(seed, n=300, mean=10, communities=60, stars=(90, 80, 70), tail_cap=40)
    graph = links.graph()
    assert np.sort(graph.follower_counts)[::-1][:3].tolist() == [90, 80, 70]


def test_the_tail_and_the_share_of_returned_links_are_about_as_asked_for(graph):
    assert tail_exponent(graph.follower_counts, 50) == pytest.approx(2.3, abs=0.25)
    assert reciprocity(graph) == pytest.approx(0.4, abs=0.03)


def test_communities_are_numbered_one_after_the_other_and_hold_most_follows(links, graph):
    assert (np.diff(links.community) >= 0).all()
    assert links.community[-1] == 39
    follower, followee = graph.edges()
    assert (links.community[follower] == links.community[followee]).mean() > 0.55


@pytest.mark.parametrize(("local_share", "at_home"), [(0.0, (0.0, 0.1)), (1.0, (0.6, 1.0))])
def test_nobody_or_everybody_may_be_followed_for_being_near(local_share, at_home):
    links = make(3, n=4_000, mean=15, local_share=local_share)
    follower, followee = links.graph().edges()
    least, most = at_home
    assert least <= (links.community[follower] == links.community[followee]).mean() <= most
    assert links.graph().followee_counts.mean() == pytest.approx(15, rel=0.05)


def test_the_same_stream_makes_the_same_graph_and_another_one_another(links):
    stars = {"largest_share": 0.3, "stars": (4_000, 3_000)}
    assert same(make(1, **stars), links)
    assert not same(make(2, **stars), links)


def same(one, other):
    parts = zip([one.bounds, *one.keys, one.community], [other.bounds, *other.keys, other.community], strict=True)
    return all(np.array_equal(a, b) for a, b in parts)


@pytest.fixture(scope="module")
def in_blocks():
    """As `links`, by blocks of a quarter of the people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "_BLOCK_USERS", 5_000)
        yield make(1, largest_share=0.3, stars=(4_000, 3_000))


def test_a_graph_made_in_blocks_has_the_same_shape(in_blocks, graph):
    assert len(in_blocks.keys) == 4
    made = in_blocks.graph()
    assert np.sort(made.follower_counts)[::-1][:3].tolist() == [6_000, 4_000, 3_000]
    assert made.followee_counts.mean() == pytest.approx(graph.followee_counts.mean(), rel=0.01)
    assert reciprocity(made) == pytest.approx(reciprocity(graph), abs=0.01)
    assert tail_exponent(made.follower_counts, 50) == pytest.approx(tail_exponent(graph.follower_counts, 50), abs=0.05)
    first, second = (keys[0] >> 32 for keys in in_blocks.keys[:2])
    assert first < 5_000 <= second < 10_000


def test_a_graph_of_blocks_is_that_of_all_links_at_once(in_blocks):
    made, everything = in_blocks.graph(), np.concatenate(in_blocks.keys)
    whole = Graph.from_edges(20_000, everything >> 32, everything & 0xFFFFFFFF)
    everybody = np.arange(20_000)
    for one, other in zip(made.edges(), whole.edges(), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(made.followees(everybody).values, whole.followees(everybody).values)
    mutual = [graph.close(everybody, graph.followers(everybody)) for graph in (made, whole)]
    np.testing.assert_array_equal(*mutual)


@pytest.mark.parametrize("cores", [1, 3])
def test_however_many_cores_the_blocks_are_the_same(in_blocks, monkeypatch, cores):
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    monkeypatch.setattr(generate, "_BLOCK_USERS", 5_000)
    assert same(make(1, largest_share=0.3, stars=(4_000, 3_000)), in_blocks)


def test_tiny_graphs_can_be_made():
    links = make(3, n=30, mean=4, communities=3, tail_cap=None)
    assert links.graph().followee_counts.sum() > 60
