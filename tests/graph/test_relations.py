"""Blocks and mutes: who is hidden from whom."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import NotAllowed
from engine.graph.relations import Relations

USER = st.integers(0, 4)
ACTIONS = st.lists(st.tuples(st.sampled_from(["block", "unblock", "mute", "unmute"]), USER, USER), max_size=20)


def test_a_block_hides_both_from_each_other():
    relations = Relations(3)
    assert relations.block(0, 1)
    assert relations.hidden(0) == {1}
    assert relations.hidden(1) == {0}
    assert relations.blocks_either(1, 0)
    assert not relations.block(0, 1)


def test_a_mute_hides_one_way_and_is_no_block():
    relations = Relations(3)
    relations.mute(0, 1)
    assert relations.hidden(0) == {1}
    assert relations.hidden(1) == frozenset()
    assert not relations.blocks_either(0, 1)


@pytest.mark.parametrize("verb", ["block", "mute"])
def test_nobody_hides_from_themselves(verb):
    with pytest.raises(NotAllowed, match="yourself"):
        getattr(Relations(3), verb)(1, 1)


@settings(max_examples=100, deadline=None)
@given(actions=ACTIONS)
def test_what_is_hidden_is_what_the_sets_say(actions):
    relations, blocks, mutes = Relations(5), set(), set()
    for verb, a, b in actions:
        if a == b:
            continue
        pairs = blocks if verb.endswith("block") else mutes
        changed = ((a, b) in pairs) == verb.startswith("un")
        (pairs.discard if verb.startswith("un") else pairs.add)((a, b))
        assert getattr(relations, verb)(a, b) == changed
        for user in range(5):
            hidden = {y for x, y in blocks | mutes if x == user} | {x for x, y in blocks if y == user}
            assert relations.hidden(user) == hidden
            assert relations.has_hides[user] == bool(hidden)
            for other in range(5):
                assert relations.blocks_either(user, other) == bool({(user, other), (other, user)} & blocks)
                assert relations.blocks(user, other) == ((user, other) in blocks)
                assert relations.mutes(user, other) == ((user, other) in mutes)
