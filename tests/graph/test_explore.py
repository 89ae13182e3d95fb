"""Questions about the graph against brute force, networkx, and cases worked out by hand."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.graph import explore
from engine.graph.graph import Graph

N = 9
USERS = st.integers(0, N - 1)
LINKS = st.sets(st.tuples(USERS, USERS).filter(lambda pair: pair[0] != pair[1]), max_size=50)


def graph_of(links, n=N):
    pairs = np.array(sorted(links), np.int32).reshape(-1, 2)
    return Graph.from_edges(n, pairs[:, 0], pairs[:, 1])


def counts(*values):
    return np.array(values, np.int32)


# One person


@settings(deadline=None)
@given(links=LINKS, user=USERS)
def test_standing_and_mutuals_are_those_counted_by_hand(links, user):
    graph = graph_of(links)
    followers = {a for a, b in links if b == user}
    followees = {b for a, b in links if a == user}
    sizes = [sum(b == other for _, b in links) for other in range(N)]
    standing = explore.standing(graph, user)
    assert standing == (
        user,
        len(followers),
        len(followees),
        len(followers & followees),
        1 + sum(size > sizes[user] for size in sizes),
    )
    assert explore.mutuals(graph, user).tolist() == sorted(followers & followees)


def test_the_standing_follows_what_people_do():
    graph = graph_of({(0, 1)})
    graph.follow([1, 2], [0, 1])
    assert explore.standing(graph, 1) == (1, 2, 1, 1, 1)
    graph.unfollow([0], [1])
    assert explore.standing(graph, 1) == (1, 1, 1, 0, 1)


# The neighbourhood


@settings(deadline=None)
@given(links=LINKS, user=USERS)
def test_a_neighbourhood_with_room_for_all_is_that_of_networkx(links, user):
    drawn = explore.neighbourhood(graph_of(links), user, N)
    whole = nx.DiGraph(links)
    whole.add_node(user)
    expected = nx.ego_graph(whole, user, undirected=True)
    assert set(drawn) == set(expected)
    assert set(drawn.edges) == set(expected.edges)
    assert all(mutual == ((b, a) in links) for a, b, mutual in drawn.edges(data="mutual"))
    for other, node in drawn.nodes(data=True):
        assert (node["follows"], node["followed_by"]) == ((user, other) in links, (other, user) in links)
        assert (node["followers"], node["followees"]) == (
            sum(b == other for _, b in links),
            sum(a == other for a, _ in links),
        )
    assert drawn.graph == {"user": user, "neighbours": len(drawn) - 1}


def test_a_sample_takes_the_most_followed_in_turn_from_both_sides():
    """0 follows 1 to 4 and is followed by 5 to 8; 2 and 7 are the largest of theirs, 4 and 5 the next."""
    links = {(0, b) for b in (1, 2, 3, 4)} | {(a, 0) for a in (5, 6, 7, 8)}
    links |= {(9, 2), (10, 2), (9, 4), (9, 7), (10, 7), (9, 5)}
    graph = graph_of(links, 11)
    for limit, members in enumerate([{0}, {0, 2}, {0, 2, 7}, {0, 2, 7, 4}, {0, 2, 7, 4, 5}]):
        drawn = explore.neighbourhood(graph, 0, limit)
        assert set(drawn) == members
        assert drawn.graph["neighbours"] == 8
    assert set(explore.neighbourhood(graph, 0, 7)) == {0, 2, 7, 4, 5, 1, 6, 3}


@settings(deadline=None)
@given(links=LINKS, user=USERS, limit=st.integers(0, N))
def test_a_sample_has_as_many_as_there_is_room_for_and_all_follows_among_them(links, user, limit):
    drawn = explore.neighbourhood(graph_of(links), user, limit)
    assert len(drawn) == 1 + min(limit, drawn.graph["neighbours"])
    assert set(drawn.edges) == {(a, b) for a, b in links if a in drawn and b in drawn}


def test_clustering_is_the_share_of_pairs_that_are_linked():
    graph = graph_of({(0, 1), (2, 0), (0, 3), (3, 2), (2, 3)}, 4)
    drawn = explore.neighbourhood(graph, 0, 10)
    assert explore.clustering(drawn, 0) == pytest.approx(1 / 3)
    assert explore.clustering(drawn, 1) is None
    assert explore.clustering(explore.neighbourhood(graph_of(set(), 2), 0, 5), 0) is None


# Everybody


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_the_distribution_counts_accounts_with_at_least_so_many(values):
    found = explore.follower_distribution(counts(*values))
    assert found.followers.tolist() == sorted(set(values) - {0})
    assert found.accounts.tolist() == [sum(v >= x for v in values) for x in found.followers.tolist()]
    assert (found.users, found.links, found.median) == (len(values), sum(values), float(np.median(values)))


def test_the_top_is_one_in_a_hundred_and_at_least_one():
    found = explore.follower_distribution(counts(*([1] * 198), 101, 301))
    assert (found.top_accounts, found.top_from, found.top_share) == (2, 101, pytest.approx(402 / 600))
    alone = explore.follower_distribution(counts(3))
    assert (alone.top_accounts, alone.top_from, alone.top_share) == (1, 3, 1.0)


def test_the_exponent_of_a_power_law_is_found_and_where_there_is_no_tail_none():
    rng = np.random.default_rng(5)
    values = np.floor(explore.TAIL_FROM * rng.random(50_000) ** (-1 / 1.5)).clip(max=10**8).astype(np.int32)
    assert explore.follower_distribution(values).exponent == pytest.approx(2.5, abs=0.05)
    assert explore.follower_distribution(counts(1, 2, 3)).exponent is None
    assert explore.follower_distribution(counts(0, 0)).exponent is None


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), min_size=1, max_size=40),
    st.lists(st.integers(1, 25), max_size=6),
)
def test_celebrities_against_the_definition(accounts, thresholds):
    followers = np.array([size for size, _ in accounts], np.int32)
    posting = np.array([rate for _, rate in accounts], np.float64)
    found = explore.celebrities(followers, posting, thresholds)
    for threshold, line in zip(thresholds, found, strict=True):
        over = [(size, rate) for size, rate in accounts if size >= threshold]
        links, deliveries = sum(size for size, _ in accounts), sum(size * rate for size, rate in accounts)
        assert (line.threshold, line.accounts) == (threshold, len(over))
        assert line.silent == sum(rate == 0 for _, rate in over)
        assert line.links == pytest.approx(sum(size for size, _ in over) / links if links else 0)
        assert line.deliveries == pytest.approx(sum(a * b for a, b in over) / deliveries if deliveries else 0)
    assert explore.celebrities(followers, posting, []) == []


def test_a_threshold_is_reached_by_having_just_as_many():
    at, above = explore.celebrities(counts(1, 5, 10), np.array([1.0, 1.0, 0.0]), [5, 6])
    assert at == (5, 2, 15 / 16, 5 / 6, 1)
    assert above == (6, 1, 10 / 16, 0.0, 1)
