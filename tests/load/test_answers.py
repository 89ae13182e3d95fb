"""Replies, reposts and likes: aimed at recent posts, by people who follow the author."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from engine.clock import NS_PER_S
from engine.domain import Op
from engine.graph.graph import Graph
from engine.load.audience import Audience, pick
from engine.load.recording import Load
from engine.load.streams import stream
from tests.load.conftest import CONFIG
from tests.load.helpers import only, recorded

ANSWERS = (Op.REPLY, Op.REPOST, Op.LIKE)


@pytest.fixture(scope="module")
def run(load):
    return recorded(load, 90)


@pytest.fixture(scope="module")
def answered(run):
    """Answers, and for each the place of its target among the originals."""
    originals, answers = only(run, Op.POST), only(run, *ANSWERS)
    order = np.argsort(originals.key)
    at = np.searchsorted(originals.key[order], answers.target)
    np.testing.assert_array_equal(originals.key[order][at], answers.target)  # every target exists
    return answers, originals, order[at]


def test_targets_are_originals_recorded_more_than_a_second_earlier(answered):
    answers, originals, at = answered
    age_ns = answers.at_ns - originals.at_ns[at]
    assert age_ns.min() > NS_PER_S
    assert age_ns.max() < 31 * NS_PER_S


def test_targets_are_spread_over_all_recent_blocks(answered):
    answers, originals, at = answered
    late = answers.at_ns >= 40 * NS_PER_S
    blocks_ago = answers.at_ns[late] // NS_PER_S - originals.at_ns[at][late] // NS_PER_S
    assert set(blocks_ago) == set(range(2, 31))


def test_whoever_answers_follows_the_author(answered, audience):
    answers, originals, at = answered
    assert audience.graph.follows(answers.actor, originals.actor[at]).all()


def test_every_follower_is_picked_equally_often(audience):
    author = audience.largest[0]
    drawn = pick(audience.followers, np.full(20_000, author), stream(1, "test", 0).random(20_000))
    followers = audience.graph.followers([author]).values
    assert set(drawn) == set(followers)
    assert stats.chisquare(np.bincount(drawn)[followers]).pvalue > 1e-4


def test_only_answers_and_follows_have_targets(run):
    assert (only(run, Op.POST, Op.READ_HOME).target == -1).all()


def test_before_there_is_anything_to_answer_everybody_writes_originals(load):
    start = recorded(load, 2)
    assert len(only(start, Op.POST)) > 0
    assert len(only(start, *ANSWERS)) == 0


def test_posts_that_nobody_follows_are_never_answered():
    """A graph with one follower only: all answers are theirs, to the one account they follow."""
    graph = Graph.from_edges(4, [1], [0])
    ones = np.ones(4)
    none = np.empty(0, dtype=np.int32)
    audience = Audience(graph=graph, author_weight=ones, reader_weight=ones, away=none, largest=none, users=4)
    answers = only(recorded(Load(audience, CONFIG, seed=7), 40), *ANSWERS)
    assert len(answers) > 100
    assert (answers.actor == 1).all()


def test_without_any_edge_there_are_posts_and_reads_only():
    graph = Graph.from_edges(3, [], [])
    ones = np.ones(3)
    none = np.empty(0, dtype=np.int32)
    audience = Audience(graph=graph, author_weight=ones, reader_weight=ones, away=none, largest=none, users=3)
    run = recorded(Load(audience, replace(CONFIG, author_exponent=0.5), seed=7), 40)
    assert set(run.op) == {Op.POST, Op.READ_HOME, Op.FOLLOW}


def test_an_audience_with_weights_of_the_wrong_length_is_refused():
    graph = Graph.from_edges(3, [], [])
    none = np.empty(0, dtype=np.int32)
    with pytest.raises(ValueError, match="author_weight"):
        Audience(graph=graph, author_weight=np.ones(2), reader_weight=np.ones(3), away=none, largest=none, users=3)
