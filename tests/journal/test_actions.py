"""Every action survives the way through JSON, and nothing else is taken for one."""

import json

import pytest

from engine.errors import JournalError
from engine.journal import actions
from engine.journal.actions import ACTIONS, parse_action

EXAMPLES = [
    actions.Posted(1, "hello"),
    actions.Posted(1, "so true", reply_to=2**60, media=("a.png", "b.png")),
    actions.Posted(1, "", repost_of=-5),
    actions.Liked(1, 2),
    actions.Unliked(1, 2),
    actions.Followed(1, 2),
    actions.Unfollowed(1, 2),
    actions.Deleted(1, 2),
    actions.Restored(1, 2),
    actions.Blocked(1, 2),
    actions.Unblocked(1, 2),
    actions.Muted(1, 2),
    actions.Unmuted(1, 2),
    actions.KnobsChanged({"workers.count": 8, "timeline.backend": "ring"}),
    actions.StrategyChanged("hybrid:threshold=300"),
    actions.Injected("celebrity", 3),
    actions.Broke("shard_slow", 20_000_000_001, 10_000_000_000, 10.0, 3),
    actions.Rejected("posted", "The post is empty; allowed: 1 to 280 characters."),
    actions.Elsewhere(),
]


@pytest.mark.parametrize("action", EXAMPLES, ids=lambda action: action.kind)
def test_an_action_survives_json(action):
    assert parse_action(action.kind, json.loads(json.dumps(action.to_json()))) == action


def test_every_kind_has_an_example():
    assert {action.kind for action in EXAMPLES} == set(ACTIONS)
    assert len(ACTIONS) == 17


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("sung", {}),
        ("liked", {"user": 1}),
        ("liked", {"user": 1, "post": 2, "extra": 3}),
        ("liked", {"user": 1, "post": "2"}),
        ("liked", {"user": True, "post": 2}),
        ("posted", {"user": 1, "text": "x", "reply_to": "y", "repost_of": None, "media": []}),
        ("posted", {"user": 1, "text": "x", "reply_to": None, "repost_of": None, "media": [3]}),
        ("knobs_changed", {"changes": [1]}),
    ],
)
def test_what_is_no_action_is_refused(kind, body):
    with pytest.raises(JournalError, match=kind):
        parse_action(kind, body)
