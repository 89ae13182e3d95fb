"""A block depends on seed, stream, block number and knobs; on nothing else."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from engine.clock import NS_PER_S
from engine.domain import Op
from engine.load import recording
from engine.load.arrivals import Arrivals, Stream, content_keys
from engine.load.recording import Load
from engine.load.scenarios import scenario
from engine.load.streams import stream
from tests.load.conftest import CONFIG, make_audience
from tests.load.helpers import assert_same, differ, only, recorded

POSTS = (Op.POST, Op.REPLY, Op.REPOST)


def test_the_order_in_which_blocks_are_asked_for_does_not_matter(audience):
    asked = [0, 90, 5, 40, 39, 5, 41, 0, 90, 7]
    forwards = Load(audience, CONFIG, seed=7)
    blocks = {k: forwards.block(k) for k in range(91)}
    elsewhere = Load(audience, CONFIG, seed=7)
    for k in asked:
        assert_same(elsewhere.block(k), blocks[k])


def test_a_rebuilt_audience_and_load_give_the_same_arrivals(load):
    again = Load(make_audience(), CONFIG, seed=7)
    assert_same(again.block(33), load.block(33))


def test_live_follows_do_not_reach_the_load():
    audience = make_audience()
    live = Load(audience, CONFIG, seed=7)
    calm = Load(make_audience(), CONFIG, seed=7)
    audience.graph.follow(np.arange(0, 500), np.arange(1, 501))
    audience.graph.unfollow(np.repeat(np.arange(600), 600), np.tile(np.arange(600), 600))
    for k in (10, 40):
        assert_same(live.block(k), calm.block(k))
    assert_same(live.inject("viral", 0, 1), calm.inject("viral", 0, 1))


@pytest.mark.parametrize("cuts_ns", [[1], [NS_PER_S // 3, NS_PER_S], [50_000_000 * i for i in range(1, 60)]])
def test_cutting_a_run_into_pieces_changes_nothing(load, cuts_ns):
    edges = [0, *cuts_ns, 3 * NS_PER_S]
    pieces = [load.between(a, b) for a, b in pairwise(edges)]
    assert_same(Arrivals.concat(pieces), recorded(load, 3))
    for piece, (start, end) in zip(pieces, pairwise(edges), strict=True):
        assert ((piece.at_ns >= start) & (piece.at_ns < end)).all()


def test_another_seed_is_another_load(audience, load):
    assert differ(Load(audience, CONFIG, seed=8).block(3), load.block(3))


def test_blocks_of_one_stream_differ(load):
    assert not np.array_equal(load.block(3).at_ns % NS_PER_S, load.block(4).at_ns % NS_PER_S)


def test_no_generator_is_used_twice(audience, monkeypatch):
    """Every stream of every block has its own draws, else they would be secretly alike."""
    used = []

    def noted(seed, name, block):
        used.append((name, block))
        return stream(seed, name, block)

    monkeypatch.setattr(recording, "stream", noted)
    fresh = Load(audience, CONFIG, seed=7)
    for k in range(40):
        fresh.block(k)
    assert len(used) > 40 * 5
    assert len(set(used)) == len(used)


@pytest.mark.parametrize(
    ("change", "untouched"),
    [
        ({"reads_per_s": 300.0}, (*POSTS, Op.LIKE, Op.FOLLOW, Op.UNFOLLOW)),
        ({"return_share": 0.7}, (*POSTS, Op.LIKE, Op.FOLLOW, Op.UNFOLLOW)),
        ({"likes_per_s": 3.0}, (*POSTS, Op.FOLLOW, Op.UNFOLLOW, Op.READ_HOME)),
        ({"follows_per_s": 80.0}, (*POSTS, Op.LIKE, Op.UNFOLLOW, Op.READ_HOME)),
        ({"unfollows_per_s": 80.0}, (*POSTS, Op.LIKE, Op.FOLLOW, Op.READ_HOME)),
        ({"posts_per_s": 10.0}, (Op.FOLLOW, Op.UNFOLLOW, Op.READ_HOME)),
    ],
)
def test_a_knob_of_one_stream_leaves_the_others_alone(audience, load, change, untouched):
    changed = Load(audience, replace(CONFIG, **change), seed=7)
    assert_same(only(recorded(changed, 40, 35), *untouched), only(recorded(load, 40, 35), *untouched))
    assert differ(recorded(changed, 40, 35), recorded(load, 40, 35))


def test_reads_keep_their_instants_when_more_of_them_are_by_people_who_return(audience, load):
    changed = Load(audience, replace(CONFIG, return_share=0.7), seed=7)
    np.testing.assert_array_equal(changed.block(4).at_ns, load.block(4).at_ns)


def test_a_knob_changed_from_a_block_on_leaves_earlier_blocks_as_they_were(audience, load):
    busier = replace(CONFIG, posts_per_s=90.0, reply_share=0.4)
    changed = load.with_config(busier, from_block=50)
    for k in (49, 0):
        assert_same(changed.block(k), load.block(k))
    assert changed.config_of(49) == CONFIG
    assert changed.config_of(50) == busier
    # Far enough that all targets were written under the new knobs: the old ones are forgotten.
    assert_same(changed.block(80), Load(audience, busier, seed=7).block(80))
    assert differ(changed.block(50), load.block(50))
    again = Load(audience, CONFIG, seed=7).with_config(busier, from_block=50)
    assert_same(again.block(55), changed.block(55))


def test_a_later_change_of_an_earlier_block_replaces_what_came_after(audience, load):
    twice = load.with_config(replace(CONFIG, posts_per_s=1.0), 60).with_config(replace(CONFIG, posts_per_s=5.0), 50)
    assert twice.config_of(70).posts_per_s == 5.0
    whole = load.with_config(replace(CONFIG, posts_per_s=5.0), 0)
    assert_same(whole.block(3), Load(audience, replace(CONFIG, posts_per_s=5.0), seed=7).block(3))


def test_arrivals_are_sorted_inside_their_second_and_keys_are_unique(audience):
    eventful = Load(audience, CONFIG, 7, scenario("celebrity+viral+herd"))
    blocks = [eventful.block(k) for k in range(60)]
    for k, block in enumerate(blocks):
        assert ((block.at_ns >= k * NS_PER_S) & (block.at_ns < (k + 1) * NS_PER_S)).all()
        np.testing.assert_array_equal(np.lexsort((block.key, block.at_ns)), np.arange(len(block)))
    keys = np.concatenate([block.key for block in blocks])
    assert len(np.unique(keys)) == len(keys)


def test_arrivals_at_the_same_instant_are_ordered_by_key_however_they_are_merged():
    def part(source: Stream, at_ns: list[int]) -> Arrivals:
        actor = np.zeros(len(at_ns), dtype=np.int32)
        return Arrivals.of(Op.POST, np.array(at_ns), actor, content_keys(source, 2, len(at_ns)))

    posts, likes, reads = part(Stream.POSTS, [5, 5, 9]), part(Stream.LIKES, [1, 5]), part(Stream.READS, [5, 9])
    merged = Arrivals.concat([reads, posts, likes])
    assert_same(merged, Arrivals.concat([likes, Arrivals.concat([posts, reads])]))
    np.testing.assert_array_equal(merged.at_ns, [1, 5, 5, 5, 5, 9, 9])
    np.testing.assert_array_equal(merged.key >> 48, [2, 1, 1, 2, 3, 1, 3])


def test_what_is_handed_out_cannot_be_changed(load):
    with pytest.raises(ValueError, match="read-only"):
        load.block(3).actor[0] = 0


def test_a_load_without_any_rate_is_empty(audience):
    nothing = replace(CONFIG, posts_per_s=0, reads_per_s=0, likes_per_s=0, follows_per_s=0, unfollows_per_s=0)
    assert len(recorded(Load(audience, nothing, seed=7), 40)) == 0


def test_time_before_the_load_began_is_refused(load):
    with pytest.raises(ValueError, match="0 and later"):
        load.block(-1)


@pytest.mark.parametrize(("block", "count"), [(-1, 1), (1 << 24, 1), (0, (1 << 24) + 1)])
def test_keys_refuse_what_does_not_fit(block, count):
    with pytest.raises(ValueError, match="24 bits"):
        content_keys(Stream.POSTS, block, count)


def test_the_digest_is_stable_and_tells_everything(audience, load):
    digest = load.digest(20)
    assert digest == Load(make_audience(), CONFIG, seed=7).digest(20)
    others = [
        load.digest(21),
        Load(audience, CONFIG, seed=8).digest(20),
        Load(audience, replace(CONFIG, return_share=0.2), seed=7).digest(20),
        Load(audience, CONFIG, 7, scenario("celebrity").fitted(20)).digest(20),
    ]
    assert len({digest, *others}) == 5
    assert len(digest) == 64


def test_counts_are_of_the_recorded_arrivals(load):
    everything = recorded(load, 12)
    counts = load.counts(12)
    assert counts["posts"] == len(only(everything, *POSTS))
    assert counts["replies"] == len(only(everything, Op.REPLY)) > 0
    assert counts["reposts"] == len(only(everything, Op.REPOST)) > 0
    rest = [counts[name] for name in ("posts", "likes", "follows", "unfollows", "reads")]
    assert sum(rest) == len(everything)
