"""What a person's card says of their audience, and what stands under the keys of a post while it is on its way."""

import pytest

from engine.live import LiveWorlds
from engine.live.commands import perform
from engine.live.faces import user_face
from tests.live.helpers import small_config, small_world
from tests.requests.helpers import STAR, Scene

STAR_FOLLOWERS = 119


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        ("push", "119 followers: each post is copied into their lists."),
        ("hybrid:threshold=120", "119 followers: under the threshold of 120, so each post is copied into their lists."),
        ("hybrid:threshold=119", "119 followers: not under the threshold of 119, so readers fetch these posts."),
        ("pull", "119 followers: no copies are made; they fetch these posts when they open home."),
        ("cached_pull", "119 followers: no copies are made; they fetch these posts when they open home."),
        (
            "push_active:days=30",
            "119 followers: each post is copied into the lists of those seen within 30 days.",
        ),
    ],
)
def test_a_card_says_what_the_strategy_makes_of_an_author(strategy: str, said: str) -> None:
    scene = Scene(strategy)
    face = user_face(scene.world, STAR)
    assert face["followers"] == STAR_FOLLOWERS
    assert face["view"] == said
    row = scene.post().trace.row  # what is said is what happens
    assert row is not None
    assert bool(scene.world.tables.posts.pushed[row]) == ("copied" in said) == (not face["celebrity"])


def test_one_follower_is_spoken_of_as_one() -> None:
    scene = Scene(follows={(1, STAR)})
    assert user_face(scene.world, STAR)["view"] == "1 follower: each post is copied into their lists."


def test_a_followers_list_shows_the_post_once_it_has_arrived() -> None:
    scene = Scene("push")
    trace = scene.post().trace
    reader = int(scene.world.tables.graph.followers([STAR]).values[0])
    key = next(key.key for key in trace.keys if key.key == scene.world.tables.lists.stored(reader).key)

    def rows() -> list[int]:
        content = next(each for each in scene.requests.trace(trace.id).keys if each.key == key)
        return [entry["row"] for entry in content.rows]

    assert trace.row not in rows()
    scene.finished(trace)
    assert trace.row in rows()


def test_news_counts_what_is_shown_above_a_mark_and_says_when_there_is_more() -> None:
    worlds = LiveWorlds(build=small_world, history_s=0.5)
    try:
        live = worlds.open(small_config(**{"load.posts_per_s": 0.0}))
        live.pause()
        before = perform(live, {"do": "page", "what": "home", "user": 5})["mark"]
        assert perform(live, {"do": "news", "user": 5, "mark": before}) == {
            "type": "news", "do": "news", "count": 0, "capped": False,
        }  # fmt: skip
        for n in range(81):
            perform(live, {"do": "act", "what": "post", "user": 5, "text": f"number {n}"})
            if n in (0, 11):
                assert perform(live, {"do": "news", "user": 5, "mark": before})["count"] == n + 1
        told = perform(live, {"do": "news", "user": 5, "mark": before})
        assert (told["count"], told["capped"]) == (80, True)
    finally:
        worlds.stop()
