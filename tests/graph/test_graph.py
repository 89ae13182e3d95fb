"""The graph against a set of pairs, under any sequence of changes; and what its callers rely on."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.domain import Ragged
from engine.graph import rows
from engine.graph.graph import Graph

N = 9
PAIRS = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)), max_size=25)
STEPS = st.lists(st.tuples(st.sampled_from(["follow", "unfollow", "fold", "copy"]), PAIRS), max_size=8)


@pytest.fixture(scope="module", params=["few one by one", "always together"])
def both_ways(request):
    """Few pairs are searched by a loop and many by arrays; examples are small, so they are tried both ways."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "always together":
            patch.setattr(rows, "_FEW", 0)
        yield


def columns(pairs):
    return np.array(pairs, dtype=np.int32).reshape(-1, 2).T


def lists(ragged):
    assert ragged.values.dtype == np.int32
    assert ragged.offsets.dtype == np.int64
    return [ragged.values[a:b].tolist() for a, b in zip(ragged.offsets[:-1], ragged.offsets[1:], strict=True)]


def expect_equal(graph, model):
    everybody = np.arange(graph.n, dtype=np.int32)
    followers = [sorted(a for a, b in model if b == user) for user in everybody]
    followees = [sorted(b for a, b in model if a == user) for user in everybody]
    assert lists(graph.followers(everybody)) == followers
    assert lists(graph.followees(everybody)) == followees
    assert graph.follower_counts.tolist() == [len(ids) for ids in followers]
    assert graph.followee_counts.tolist() == [len(ids) for ids in followees]
    a, b = np.divmod(np.arange(graph.n**2), graph.n)
    assert graph.follows(a, b).tolist() == [pair in model for pair in zip(a.tolist(), b.tolist(), strict=True)]
    back = [(user, fan) in model for user in everybody.tolist() for fan in followers[user]]
    assert graph.close(everybody, graph.followers(everybody)).tolist() == back
    assert set(zip(*(column.tolist() for column in graph.edges()), strict=True)) == model


def apply(graph, model, verb, pairs):
    """One step on graph and model; the graph's answers must be the model's."""
    if verb in ("fold", "copy"):
        graph.fold()
        return
    answers = []
    for a, b in pairs:
        new = (a, b) not in model and a != b
        answers.append(new if verb == "follow" else (a, b) in model)
        if answers[-1]:
            (model.add if verb == "follow" else model.discard)((a, b))
    assert getattr(graph, verb)(*columns(pairs)).tolist() == answers


@pytest.mark.usefixtures("both_ways")
@settings(max_examples=150, deadline=None)
@example(base=[], steps=[("follow", [(0, 1), (1, 0), (0, 1), (2, 2)]), ("unfollow", [(1, 0), (1, 0)])])
@example(base=[(0, 1), (1, 0)], steps=[("unfollow", [(0, 1), (1, 0)]), ("follow", [(1, 0)])])
@given(base=PAIRS, steps=STEPS)
def test_every_answer_is_that_of_a_set_of_pairs(base, steps):
    graph, model = Graph.from_edges(N, *columns(base)), {(a, b) for a, b in base if a != b}
    expect_equal(graph, model)
    for verb, pairs in steps:
        if verb == "copy":
            graph, left_behind = graph.copy(), graph
            left_behind.follow([0, 1], [2, 3])
            left_behind.unfollow([4], [5])
        apply(graph, model, verb, pairs)
        expect_equal(graph, model)


@settings(max_examples=50, deadline=None)
@given(base=PAIRS, steps=STEPS)
def test_packing_rows_at_every_change_changes_no_answer(base, steps):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "_DEAD_FLOOR", 0)
        patch.setattr(rows, "_DEAD_SHARE", 0.0)
        graph, model = Graph.from_edges(N, *columns(base)), {(a, b) for a, b in base if a != b}
        for verb, pairs in steps:
            apply(graph, model, verb, pairs)
        expect_equal(graph, model)


def random_graph(n, m, seed=3):
    rng = np.random.default_rng(seed)
    followee = (n * rng.random(m) ** 3).astype(np.int32)  # a few are followed by very many
    return Graph.from_edges(n, rng.integers(0, n, m, dtype=np.int32), followee)


def test_follows_finds_every_link_and_nothing_else_in_long_rows():
    graph = random_graph(2_000, 60_000)
    follower, followee = graph.edges()
    assert graph.follows(follower, followee).all()
    links = set(zip(follower.tolist(), followee.tolist(), strict=True))
    rng = np.random.default_rng(4)
    a, b = rng.integers(0, 2_000, (2, 20_000))
    assert graph.follows(a, b).tolist() == [pair in links for pair in zip(a.tolist(), b.tolist(), strict=True)]


def test_many_changes_are_folded_and_nothing_handed_out_ever_moves():
    graph = random_graph(2_000, 20_000)
    model = set(zip(*(column.tolist() for column in graph.edges()), strict=True))
    before, one = graph.followers(np.arange(2_000)), graph.followers([0])
    kept = [before.values.copy(), before.offsets.copy(), one.values.copy()]
    rng = np.random.default_rng(5)
    for _ in range(60):
        a, b = rng.integers(0, 2_000, (2, 300))
        graph.follow(a, b)
        model |= {(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True) if x != y}
        graph.unfollow(b, a)
        model -= set(zip(b.tolist(), a.tolist(), strict=True))
    assert set(zip(*(column.tolist() for column in graph.edges()), strict=True)) == model
    follower, followee = graph.edges()
    everybody = np.arange(2_000)
    back = [(y, x) in model for x, y in zip(follower.tolist(), followee.tolist(), strict=True)]
    assert graph.close(everybody, graph.followers(everybody)).tolist() == back
    for array, copy in zip([before.values, before.offsets, one.values], kept, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_lists_handed_out_stay_when_a_follower_leaves():
    graph = Graph.from_edges(4, [1, 2, 3], [0, 0, 0])
    one, several = graph.followers([0]), graph.followers([0, 1])
    graph.unfollow([1], [0])
    assert lists(one) == [[1, 2, 3]]
    assert lists(several) == [[1, 2, 3], []]


def test_counts_are_live_and_cannot_be_written():
    graph = Graph.from_edges(3, [0], [1])
    followers, followees = graph.follower_counts, graph.followee_counts
    graph.follow([2], [1])
    graph.fold()
    assert followers.tolist() == [0, 2, 0]
    assert followees.tolist() == [1, 0, 1]
    assert followers.dtype == np.int32
    with pytest.raises(ValueError, match="read-only"):
        followers[0] = 1


def test_close_answers_for_any_part_of_the_followers():
    graph = Graph.from_edges(4, [1, 2, 3, 0], [0, 0, 0, 2])
    assert graph.close([0], graph.followers([0])).tolist() == [False, True, False]
    part = Ragged(np.array([2, 3], dtype=np.int32), np.array([0, 2], dtype=np.int64))
    assert graph.close([0], part).tolist() == [True, False]
    same_length = Ragged(np.array([3, 2, 1], dtype=np.int32), np.array([0, 3], dtype=np.int64))
    assert graph.close([0], same_length).tolist() == [False, True, False]


def test_the_same_user_may_be_asked_for_twice():
    graph = Graph.from_edges(3, [1, 2], [0, 0])
    assert lists(graph.followers([0, 1, 0])) == [[1, 2], [], [1, 2]]
    assert lists(graph.followers([])) == []


def test_duplicates_and_self_loops_are_dropped():
    graph = Graph.from_edges(3, [0, 0, 1, 2, 0], [1, 1, 1, 2, 2])
    assert lists(graph.followees([0, 1, 2])) == [[1, 2], [], []]


@pytest.mark.parametrize(("follower", "followee"), [([3], [0]), ([0], [3]), ([-1], [0])])
def test_ids_outside_the_graph_are_refused(follower, followee):
    with pytest.raises(ValueError, match="0 to 2"):
        Graph.from_edges(3, follower, followee)


def test_a_graph_without_links_answers():
    graph = Graph.from_edges(2, [], [])
    assert graph.follows([0, 1], [1, 1]).tolist() == [False, False]
    assert graph.close([0, 1], graph.followers([0, 1])).tolist() == []
    assert graph.follow([0], [1]).tolist() == [True]
    assert graph.follows([0], [1]).tolist() == [True]
