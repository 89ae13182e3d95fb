"""What a person inside a live world may ask in JSON, by `perform`, and what they are told."""

import numpy as np
import pytest

from engine.domain import NO_LIST
from engine.live.faces import user_face
from engine.live.guests import NEWS
from engine.observe.metric import Metric
from engine.requests import ACTS
from engine.write_path.strategies import with_strategy
from tests.live.guests import HUGE, QUIET, STAR, USERS, Asked
from tests.live.helpers import ask, small_config

POST = {
    "id", "row", "snowflake", "author", "name", "kind", "text", "at_s", "media", "likes", "reposts", "replies",
    "liked", "reposted", "mine", "deleted", "root",
}  # fmt: skip
USER = {"user", "name", "followers", "followees", "posts", "away_days", "celebrity", "view", "list"}
BETWEEN = {"follows", "followed_by", "blocks", "mutes"}
TRACE = {"id", "what", "user", "name", "at_s", "done", "total_ms", "summary", "row", "hops", "keys"}
HOP = {"hop", "label", "facts", "state", "kind", "start_ms", "end_ms", "wait_ms", "service_ms"}
KEY = {"key", "type", "size", "rows", "note"}


# Acting and reading


def test_an_act_answers_with_the_post_and_its_trace(say):
    answer = say("act", what="post", user=STAR, text=" hello ", picture=True)
    assert set(answer) == {"type", "do", "what", "changed", "post", "trace"}
    assert (answer["type"], answer["what"], answer["changed"]) == ("acted", "post", True)
    assert set(answer["post"]) == POST
    assert answer["post"]["text"] == "hello"
    assert answer["post"]["media"] is not None
    assert answer["post"]["mine"] is True
    assert set(answer["trace"]) == TRACE
    assert all(set(hop) == HOP for hop in answer["trace"]["hops"])
    assert all(set(key) == KEY for key in answer["trace"]["keys"])
    assert answer["trace"]["done"] is False
    assert answer["trace"]["total_ms"] is None


def test_every_act_can_be_done_and_undone(say):
    root = say.post()
    steps = [
        ("reply", {"text": "well", "post": root["id"]}), ("repost", {"post": root["id"]}),
        ("undo_repost", {"post": root["id"]}), ("like", {"post": root["id"]}), ("unlike", {"post": root["id"]}),
        ("follow", {"other": 299}), ("unfollow", {"other": 299}), ("block", {"other": 7}), ("unblock", {"other": 7}),
        ("mute", {"other": 7}), ("unmute", {"other": 7}),
    ]  # fmt: skip
    say("act", what="unfollow", user=5, other=299)
    for what, fields in steps:
        answer = say("act", what=what, user=5, **fields)
        assert answer["changed"] is True, what
        assert (answer["post"] is None) == ("other" in fields)
        if what not in ("reply", "repost"):
            assert say("act", what=what, user=5, **fields)["changed"] is False
    for what in ("delete", "restore"):
        assert say("act", what=what, user=STAR, post=root["id"])["post"]["deleted"] is (what == "delete")
    assert {what for what, _ in steps} | {"post", "delete", "restore"} == set(ACTS)


def test_a_page_goes_on_by_its_cursor(say):
    ids = [say.post(text=f"number {n}")["id"] for n in range(25)]
    say.step(30_000)
    first = say("page", what="home", user=5)
    assert set(first) == {"type", "do", "what", "posts", "next", "mark", "trace"}
    assert len(first["posts"]) == 20
    assert first["mark"] == say.world().tables.posts.size
    assert first["trace"]["what"] == "home"
    second = say("page", what="home", user=5, cursor=first["next"], limit=100)
    assert [post["id"] for post in [*first["posts"], *second["posts"]]][:25] == ids[::-1]
    profile = say("page", what="profile", user=5, author=STAR, limit=3)
    assert [post["id"] for post in profile["posts"]] == ids[:-4:-1]
    say("act", what="reply", user=7, post=ids[3], text="well")
    replies = say("page", what="replies", user=5, post=ids[3])
    assert [post["text"] for post in replies["posts"]] == ["well"]
    assert replies["next"] is None


def test_a_trace_fills_in_as_it_is_asked_again(say):
    trace = say("act", what="post", user=STAR, text="hello")["trace"]
    assert not trace["done"]
    say.step(10_000)
    later = say("trace", id=trace["id"])
    assert later["type"] == "trace"
    assert later["trace"]["done"]
    assert later["trace"]["total_ms"] == max(h["end_ms"] for h in later["trace"]["hops"] if h["end_ms"] is not None)
    assert [t.id for t in ask(say.worlds, say.live.traces, f"post {trace['name']}")] == [trace["id"]]


# Faces


def test_a_post_is_seen_with_ones_own_eyes(say):
    root = say.post()
    repost = say("act", what="repost", user=5, post=root["id"])["post"]
    reply = say("act", what="reply", user=6, post=root["id"], text="well")["post"]
    say("act", what="like", user=5, post=repost["id"])
    assert (repost["kind"], repost["text"], repost["root"]["id"]) == ("repost", "", root["id"])
    assert (reply["kind"], reply["root"]["id"], reply["root"]["text"]) == ("reply", root["id"], "hello")
    assert set(repost["root"]) == POST
    assert reply["root"]["root"] is None

    def seen(viewer, author):
        return {post["id"]: post for post in say("page", what="profile", user=viewer, author=author)["posts"]}

    own, others = seen(5, STAR)[root["id"]], seen(6, STAR)[root["id"]]
    assert (own["liked"], own["reposted"], own["mine"]) == (True, True, False)
    assert (others["liked"], others["reposted"], others["mine"]) == (False, False, False)
    assert (own["likes"], own["reposts"], own["replies"]) == (1, 1, 1)
    assert seen(STAR, STAR)[root["id"]]["mine"] is True
    shown = seen(5, 5)[repost["id"]]
    assert (shown["liked"], shown["reposted"], shown["mine"]) == (True, True, True)
    assert (shown["root"]["liked"], shown["root"]["likes"]) == (True, 1)
    say("act", what="undo_repost", user=5, post=root["id"])
    assert seen(5, STAR)[root["id"]]["reposted"] is False
    assert seen(5, STAR)[root["id"]]["reposts"] == 0
    gone = say("act", what="delete", user=STAR, post=root["id"])["post"]
    assert gone["deleted"] is True
    assert root["id"] not in seen(5, STAR)


@pytest.mark.parametrize(
    ("spec", "celebrities"),
    [("push", 0), ("hybrid:threshold=200", 1), ("hybrid:threshold=10000", 0), ("pull", USERS), ("push_active", 0)],
)
def test_a_celebrity_is_whoever_the_strategy_leaves_to_the_readers(spec, celebrities):
    say = Asked(with_strategy(small_config(**QUIET), spec))
    faces = [user_face(say.world(), user) for user in range(USERS)]
    counts = say.world().tables.graph.follower_counts
    assert sum(face["celebrity"] for face in faces) == celebrities
    assert [face["followers"] for face in faces] == [int(counts[face["user"]]) for face in faces]
    assert say("user", user=STAR)["user"] == faces[STAR]
    assert faces[STAR]["celebrity"] is (celebrities > 0)


def test_a_person_is_seen_with_ones_own_eyes(say):
    say("act", what="follow", user=5, other=9)
    say("act", what="unfollow", user=9, other=5)
    say("act", what="mute", user=5, other=9)
    alone = say("user", user=9)["user"]
    assert set(alone) == USER
    face = say("user", user=9, viewer=5)["user"]
    assert set(face) == USER | BETWEEN
    assert {name: face[name] for name in BETWEEN} == {
        "follows": True, "followed_by": False, "blocks": False, "mutes": True,
    }  # fmt: skip
    back = say("user", user=5, viewer=9)["user"]
    assert {name: back[name] for name in BETWEEN} == {
        "follows": False, "followed_by": True, "blocks": False, "mutes": False,
    }  # fmt: skip
    say("act", what="block", user=5, other=9)
    face = say("user", user=9, viewer=5)["user"]
    assert (face["follows"], face["blocks"]) == (False, True)
    assert say("user", user=5, viewer=9)["user"]["blocks"] is False
    assert set(say("user", user=5, viewer=5)["user"]) == USER
    tables = say.world().tables
    assert face["followees"] == tables.graph.followee_counts[9]
    assert face["posts"] == len(tables.posts.rows_of(9))
    assert face["list"] == tables.lists.stored(9).size
    say.world().evict(9)
    assert say("user", user=9)["user"]["list"] is None


# News


def test_news_are_exactly_the_entries_that_home_shows_above_the_mark(busy):
    """Against reading every page and counting."""
    newest = busy.world().tables.posts.size
    everything = {}
    for user in range(0, USERS, 30):
        rows, cursor = [], None
        while True:
            page = busy("page", what="home", user=user, limit=100, **({"cursor": cursor} if cursor else {}))
            rows += [post["row"] for post in page["posts"]]
            cursor = page["next"]
            if cursor is None or len(rows) > 200:
                break
        everything[user] = rows
    counted = 0
    for user, rows in everything.items():
        for mark in (newest, newest - 5, newest - 40, newest - 400, 0, -1, HUGE, -HUGE):
            expected = sum(row >= mark for row in rows)
            news = busy("news", user=user, mark=mark)
            assert news == {
                "type": "news", "do": "news", "count": min(expected, NEWS), "capped": expected >= NEWS,
            }  # fmt: skip
            counted += expected
    assert counted > 100


def test_news_leave_out_what_is_hidden_and_count_nothing_among_reads(say):
    mark = say("page", what="home", user=5)["mark"]
    say.post()
    gone = say.post()
    say("act", what="delete", user=STAR, post=gone["id"])
    say.step(5_000)
    reads = say.world().metrics.total(Metric.READS)
    assert say("news", user=5, mark=mark)["count"] == 1
    say("act", what="mute", user=5, other=STAR)
    assert say("news", user=5, mark=mark)["count"] == 0
    assert say.world().metrics.total(Metric.READS) == reads == 1


# Finding people


def test_find_knows_names_handles_and_numbers(busy):
    name = busy.world().population.name(42)
    for text in (name, f"@{name.lstrip('@')}", name.upper(), "42", f"  {name} "):
        found = busy("find", text=text)
        assert found["type"] == "found"
        assert found["users"][0]["user"] == 42, text
        assert all(set(user) == USER for user in found["users"])
    assert 1 <= len(busy("find", text=name.lstrip("@")[:1])["users"]) <= 8
    for nothing in ("", "@", " ", "no such person", "300", "-1", "9" * 4_000, "\ud800", "\x00", "x" * 60_000):
        assert busy("find", text=nothing)["users"] == []


def test_shortcuts_are_who_they_say(busy):
    answer = busy("shortcuts")
    assert answer["type"] == "shortcuts"
    people = {one["label"]: one for one in answer["users"]}
    assert list(people) == ["Newcomer", "Normal", "Celebrity", "Lurker"]
    world = busy.world()
    base, graph = world.population.graph, world.tables.graph
    newcomer, normal, celebrity, lurker = (one["user"]["user"] for one in answer["users"])
    assert base.followee_counts[newcomer] == base.followee_counts.min()
    assert people["Newcomer"]["why"] == f"follows {graph.followee_counts[newcomer]:,}, the fewest"
    assert base.follower_counts[celebrity] == base.follower_counts.max()
    assert (base.follower_counts <= base.follower_counts[normal]).mean() >= 0.5
    assert (base.follower_counts >= base.follower_counts[normal]).mean() >= 0.5
    everybody = np.arange(USERS, dtype=np.int32)
    away = world.tables.activity.members(everybody, world.now_ns).away_days
    assert away[lurker] == away.max()
    assert all(set(one) == {"label", "why", "user"} and set(one["user"]) == USER for one in answer["users"])


def test_the_store_is_the_backends_own_content(say):
    say.post()
    say.step(5_000)
    stored = say("store", user=5)
    assert (stored["type"], stored["backend"]) == ("store", "ring")
    (key,) = stored["keys"]
    assert set(key) == KEY
    entries = say.world().tables.lists.entries(np.array([5], np.int32)).values.tolist()
    assert key["size"] == len(entries)
    assert key["rows"] == entries[::-1][:10]
    redis = Asked(small_config(**QUIET, **{"timeline.backend": "redis"}))
    redis.post()
    redis.step(5_000)
    told = redis("store", user=5)
    assert told["backend"] == "redis"
    assert (told["keys"][0]["type"], told["keys"][0]["rows"]) == ("zset", key["rows"])
    say.world().evict(5)
    assert say("store", user=5)["keys"][0]["size"] == 0
    assert say.world().tables.lists.horizons(np.array([5], np.int32))[0] == NO_LIST
