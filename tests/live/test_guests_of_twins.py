"""People inside a twin: what they do reaches both sides, and a page is one side's."""

import pytest

from engine.errors import MurmurationError, UnknownPost
from engine.live.commands import perform
from engine.write_path.strategies import with_strategy
from tests.live.guests import QUIET, STAR, Asked
from tests.live.helpers import ask, small_config


def twin():
    config = small_config(**{"load.posts_per_s": 20})
    return Asked(config, with_strategy(config, "hybrid:threshold=100"))


def test_what_people_do_reaches_both_sides_of_a_twin():
    say = twin()
    root = say.post()
    say("act", what="like", user=5, post=root["id"])
    say("act", what="follow", user=5, other=299)
    say("act", what="block", user=7, other=8)
    for side in (0, 1):
        people, world = say.people(side), say.world(side)
        assert people.view(people.row(root["id"])).likes == 1
        assert people.likes(5, root["id"])
        assert world.tables.graph.follows([5], [299])[0]
        assert world.tables.relations.blocks(7, 8)
        assert people.journal.last_seq == 4
    assert say("page", what="profile", user=5, author=STAR, side=1)["posts"][0]["liked"] is True


def test_a_page_of_one_side_is_that_sides():
    """Rows are a side's own: where one commits slower, and in other lines, the same row is another post."""
    config = small_config(**{"load.posts_per_s": 60, "load.likes_per_s": 60})
    slow = config.with_knobs({"costs.commit_us": 60_000, "stations.primaries": 2})
    say = Asked(config, slow, history_s=3.0)
    assert say.world(0).tables.posts.size > say.world(1).tables.posts.size
    for side in (0, 1):
        world = say.world(side)
        posts = say("page", what="home", user=5, side=side)["posts"]
        for post in posts:
            assert post["id"] == world.tables.posts.key[post["row"]]
            assert post["likes"] == world.tables.posts.likes[post["row"]]
            if post["root"]:
                assert post["root"]["id"] == world.tables.posts.key[post["root"]["row"]]
        mark = say("page", what="home", user=5, side=side)["mark"]
        assert mark == world.tables.posts.size
        assert say("news", user=5, mark=mark - 1, side=side)["count"] <= 1
    keys = [say.world(side).tables.posts.key for side in (0, 1)]
    moved = next(row for row in range(say.world(1).tables.posts.size - 1, 0, -1) if keys[0][row] != keys[1][row])
    root = say.people(1).view(moved)
    say("act", what="repost", user=7, post=root.id)
    shown = say("page", what="profile", user=7, author=root.author, side=1)["posts"]
    assert [post["id"] for post in shown if post["reposted"]] == [root.id if root.root is None else shown[0]["id"]]
    here = {post["id"] for post in say("page", what="home", user=5, side=0)["posts"]}
    there = {post["id"] for post in say("page", what="home", user=5, side=1)["posts"]}
    assert here != there
    assert not say.live._stage._failed


def test_one_design_may_be_changed_and_people_still_mean_the_same_post_on_both_sides():
    """A post's key comes from the number of its journal entry, so both journals have to stay equally long."""
    say = twin()
    say("knobs", set={"workers.count": 3}, side=0)
    say("strategy", name="pull", side=1)
    say("strategy", name="push", side=1)
    first = say.post()
    assert say("act", what="like", user=5, post=first["id"])["changed"]
    say("knobs", set={"load.posts_per_s": 5, "workers.count": 2}, side=1)
    second = say.post(user=7)
    assert say("act", what="repost", user=5, post=second["id"])["changed"]
    say.world(1).follow(5, 299)  # as the load's follow that one side has committed already
    assert say("act", what="follow", user=5, other=299)["changed"]
    third = say.post(user=8)
    assert say("act", what="like", user=5, post=third["id"])["changed"]
    for post in (first, second, third):
        texts = {say.people(side).view(say.people(side).row(post["id"])).text for side in (0, 1)}
        assert texts == {"hello"}
    assert say.people(0).journal.last_seq == say.people(1).journal.last_seq


def test_what_only_one_side_has_accepted_so_far_is_refused_on_both():
    config = small_config(**{"load.posts_per_s": 60})
    slow = config.with_knobs({"costs.commit_us": 60_000, "stations.primaries": 1})
    say = Asked(config, slow, history_s=3.0)
    newest = int(say.world(0).tables.posts.key[say.world(0).tables.posts.size - 1])
    with pytest.raises(UnknownPost):
        say("act", what="like", user=5, post=newest)
    assert say.world(0).tables.posts.likes[say.world(0).tables.posts.size - 1] == 0
    assert say("find", text="nova")["users"], "it runs on"


def test_a_world_that_broke_says_so():
    say = Asked(small_config(**QUIET))
    say.live._stage._fail()
    for message in ({"do": "act", "what": "post", "user": 1, "text": "x"}, {"do": "news", "user": 1, "mark": 0}):
        with pytest.raises(MurmurationError, match="reset starts it anew"):
            ask(say.worlds, perform, say.live, message)
