"""What is said of posts and people under these strategies is what is: causes, statuses, cards."""

import numpy as np
import pytest

from engine.live.faces import user_face
from engine.observe.why import Cause
from tests.live.helpers import small_config, small_world
from tests.observe.why import NASTY, causes_seen
from tests.requests.helpers import STAR, Scene

WANTED = {
    "adaptive:threshold=40,half=50": {Cause.RECEIVED, Cause.PULLED, Cause.PULLED_AND_OPENED},
    "delayed:threshold=24,delay=0.5": {Cause.RECEIVED, Cause.PULLED_AND_OPENED},
    "per_edge:ratio=1,memory=5": {Cause.RECEIVED, Cause.PULLED, Cause.PULLED_AND_OPENED},
    "lossy:limit=8": {Cause.RECEIVED, Cause.DROPPED},
}


@pytest.mark.parametrize("strategy", WANTED)
def test_the_cause_agrees_with_where_every_copy_is(strategy):
    """As tests/observe/test_why_any_copy.py has it for the others: crashes, duplicates, trims, follows, evictions."""
    rng = np.random.default_rng(5)
    world = small_world(small_config(**NASTY), users=120)
    world.set_strategy(strategy)
    assert causes_seen(world, rng, 5) >= WANTED[strategy]


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        ("adaptive:threshold=120", "under the line of 120 that the queue draws now, so each post is copied"),
        ("adaptive:threshold=119", "not under the line of 119 that the queue draws now, so readers fetch them."),
        ("delayed:threshold=119,delay=3", "not under the threshold of 119, so readers fetch these posts for 3.0 s."),
        ("delayed:threshold=120", "under the threshold of 120, so each post is copied into their lists."),
        ("per_edge:ratio=0.001", "no copies are made"),  # nobody reads in that world
        ("lossy:limit=50", "each post is copied into their lists; of those who follow over 50, into some."),
    ],
)
def test_a_card_says_what_the_strategy_makes_of_an_author(strategy, said):
    scene = Scene(strategy)
    face = user_face(scene.world, STAR)
    assert said in face["view"]
    row = scene.post().trace.row
    assert bool(scene.world.tables.posts.pushed[row]) == ("copied" in said) == (not face["celebrity"])


def test_a_post_whose_fan_out_was_put_off_says_when_it_begins():
    scene = Scene("delayed:threshold=100,delay=3")
    row = scene.post().trace.row
    scene.step(100)
    why = scene.world.why(3, row)
    assert why.cause == Cause.PULLED
    assert "Its copies are made from 00:00:03 on." in why.line
    assert scene.world.behind().max() == 0, "nobody waits for what they can fetch"
    scene.step(3_200)
    assert (
        "Its copies are being made" in scene.world.why(110, row).line or scene.world.why(110, row).cause == "received"
    )
    scene.step(60_000)
    assert scene.world.why(3, row).cause == Cause.RECEIVED
