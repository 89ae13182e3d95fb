"""What a person inside a live world may ask in JSON: by `perform`, over HTTP and over the socket."""

import json
import threading

import numpy as np
import pytest

from engine.api import UNEXPECTED
from engine.domain import NO_LIST
from engine.errors import InvalidCursor, InvalidInput, MurmurationError, UnknownName, UnknownPost, UnknownUser
from engine.live.commands import perform
from engine.live.faces import user_face
from engine.live.guests import COMMANDS, NEWS
from engine.observe.metric import Metric
from engine.requests import ACTS
from engine.write_path.strategies import with_strategy
from tests.live.helpers import Wall, ask, small_config, unthreaded

STAR, USERS, HUGE = 0, 300, 2**70
QUIET = {f"load.{name}_per_s": 0 for name in ("posts", "reads", "likes", "follows", "unfollows")}
POST = {
    "id", "row", "snowflake", "author", "name", "kind", "text", "at_s", "media", "likes", "reposts", "replies",
    "liked", "reposted", "mine", "deleted", "root",
}  # fmt: skip
USER = {"user", "name", "followers", "followees", "posts", "away_days", "celebrity", "view", "list"}
BETWEEN = {"follows", "followed_by", "blocks", "mutes"}
TRACE = {"id", "what", "user", "name", "at_s", "done", "total_ms", "summary", "row", "hops", "keys"}
HOP = {"hop", "label", "facts", "state", "kind", "start_ms", "end_ms", "wait_ms", "service_ms"}
KEY = {"key", "type", "size", "rows", "note"}


class Asked:
    """A world that goes on only when told to, and short words for asking it in JSON."""

    def __init__(self, *configs, **options):
        self.worlds = unthreaded(Wall(), **options)
        opened = self.worlds.open if len(configs) == 1 else self.worlds.open_twin
        self.live = opened(*configs)

    def __call__(self, do, **message):
        answer = ask(self.worlds, perform, self.live, {"do": do, **message})
        assert answer["do"] == do
        assert json.loads(json.dumps(answer, allow_nan=False)) == answer
        return answer

    def world(self, side=0):
        return self.live._stage.sides[side].run.world

    def people(self, side=0):
        return self.live._stage.sides[side].run.people

    def step(self, ms):
        for side in self.live._stage.sides:
            side.run.world.step(ms * 1_000_000)

    def post(self, user=STAR, text="hello"):
        return self("act", what="post", user=user, text=text)["post"]


@pytest.fixture
def say():
    """A quiet world, in which only people do something."""
    return Asked(small_config(**QUIET))


@pytest.fixture(scope="module")
def busy():
    """A world with load, two seconds old; for asking only."""
    asked = Asked(small_config(**{"load.posts_per_s": 60}), history_s=2.0)
    asked("act", what="post", user=STAR, text="hello")
    return asked


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


# What is refused

NONSENSE = (None, True, "7", 1.5, [], {}, [1], float("nan"))
BAD_USERS = (-1, USERS, HUGE, -HUGE)
REFUSED = [
    *[({"do": "act", "what": "post", "text": "x", "user": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "act", "what": "post", "text": "x", "user": bad}, UnknownUser) for bad in BAD_USERS],
    *[({"do": "act", "what": bad, "user": 1}, InvalidInput) for bad in (*NONSENSE[:2], 1.5, [], "sing", "")],
    *[({"do": "act", "what": "post", "user": 1, "text": bad}, InvalidInput) for bad in (None, 7, [], "", "x" * 281)],
    *[({"do": "act", "what": "like", "user": 1, "post": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "act", "what": "like", "user": 1, "post": bad}, UnknownPost) for bad in (0, HUGE, -HUGE)],
    *[({"do": "act", "what": "follow", "user": 1, "other": bad}, InvalidInput) for bad in (*NONSENSE, 1)],
    *[({"do": "act", "what": "follow", "user": 1, "other": bad}, UnknownUser) for bad in BAD_USERS],
    ({"do": "act", "what": "post"}, InvalidInput),
    ({"do": "act", "user": 1}, InvalidInput),
    *[({"do": "page", "what": "home", "user": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "page", "what": "home", "user": bad}, UnknownUser) for bad in BAD_USERS],
    *[({"do": "page", "what": bad, "user": 1}, InvalidInput) for bad in (None, 3, "away", "post")],
    *[({"do": "page", "what": "home", "user": 1, "cursor": bad}, InvalidInput) for bad in (1, True, [], {}, 1.5)],
    *[({"do": "page", "what": "home", "user": 1, "cursor": bad}, InvalidCursor) for bad in ("", "x", "ü", "\ud800")],
    *[
        ({"do": "page", "what": "home", "user": 1, "limit": bad}, InvalidInput)
        for bad in (None, 0, -1, 101, HUGE, True, "20", 2.5, [])
    ],
    *[({"do": "page", "what": "profile", "user": 1, "author": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "page", "what": "profile", "user": 1, "author": bad}, UnknownUser) for bad in BAD_USERS],
    *[({"do": "page", "what": "replies", "user": 1, "post": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "page", "what": "replies", "user": 1, "post": bad}, UnknownPost) for bad in (3, HUGE)],
    *[({"do": "news", "user": 1, "mark": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "news", "user": bad, "mark": 0}, InvalidInput) for bad in NONSENSE],
    *[({"do": "news", "user": bad, "mark": mark}, UnknownUser) for bad in BAD_USERS for mark in (0, HUGE)],
    *[({"do": "trace", "id": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "trace", "id": bad}, UnknownName) for bad in (0, -1, 10**6, HUGE)],
    *[({"do": "find", "text": bad}, InvalidInput) for bad in (None, True, 7, [], {})],
    *[({"do": "user", "user": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "user", "user": bad}, UnknownUser) for bad in BAD_USERS],
    *[({"do": "user", "user": 1, "viewer": bad}, InvalidInput) for bad in NONSENSE[1:]],
    *[({"do": "user", "user": 1, "viewer": bad}, UnknownUser) for bad in BAD_USERS],
    *[({"do": "store", "user": bad}, InvalidInput) for bad in NONSENSE],
    *[({"do": "store", "user": bad}, UnknownUser) for bad in BAD_USERS],
    *[
        ({"do": do, "side": bad, **fields}, InvalidInput)
        for bad in (1, -1, "0", True, 1.5, HUGE)
        for do, fields in (
            ("page", {"what": "home", "user": 1}),
            ("news", {"user": 1, "mark": 0}),
            ("trace", {"id": 1}),
            ("find", {"text": "nova"}),
            ("shortcuts", {}),
            ("user", {"user": 1}),
            ("store", {"user": 1}),
        )
    ],
]


def test_nonsense_is_answered_with_one_sentence_and_changes_nothing(busy):
    world, people = busy.world(), busy.people()
    before = people.journal.last_seq, world.tables.posts.size, [c.tolist() for c in world.tables.graph.edges()]
    assert {message["do"] for message, _ in REFUSED} == set(COMMANDS)
    for message, error in REFUSED:
        with pytest.raises(error) as refused:
            ask(busy.worlds, perform, busy.live, message)
        text = str(refused.value)
        assert text.endswith("."), message
        assert len(text) < 300, message
        assert "\n" not in text, message
    after = people.journal.last_seq, world.tables.posts.size, [c.tolist() for c in world.tables.graph.edges()]
    assert after == before
    assert not busy.live._stage._failed


def test_cursors_of_others_are_refused(busy):
    mine = busy("page", what="home", user=5, limit=1)["next"]
    assert mine is not None
    profile = busy("page", what="profile", user=5, author=7, limit=1)["next"]
    assert busy("page", what="home", user=5, cursor=mine)["posts"]
    assert busy("page", what="profile", user=9, author=7, cursor=profile)["posts"], "a profile is everybody's"
    for message in (
        {"what": "home", "user": 6, "cursor": mine},
        {"what": "profile", "user": 5, "author": 7, "cursor": mine},
        {"what": "home", "user": 5, "cursor": profile},
        {"what": "home", "user": 5, "cursor": mine + mine},
        {"what": "profile", "user": 5, "author": 8, "cursor": profile},
    ):
        with pytest.raises(InvalidCursor):
            busy("page", **message)


# Twins


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


# Over the wire


def over_socket(http, live, command):
    with http.websocket_connect(f"/worlds/{live.id}/live") as socket:
        socket.send_text(json.dumps(command))
        while True:
            received = socket.receive()
            text = received.get("text")
            if text is not None and json.loads(text)["type"] not in ("full", "tick"):
                return json.loads(text)


def over_http(http, live, command):
    return http.post(f"/worlds/{live.id}/do", content=json.dumps(command))


COMPLETE = [
    ({"do": "act", "what": "post", "user": 5, "text": "über 🐦"}, "acted"),
    ({"do": "page", "what": "home", "user": 5}, "page"),
    ({"do": "news", "user": 5, "mark": 0}, "news"),
    ({"do": "trace", "id": 1}, "trace"),
    ({"do": "find", "text": "nova"}, "found"),
    ({"do": "shortcuts"}, "shortcuts"),
    ({"do": "user", "user": 5, "viewer": 6}, "user"),
    ({"do": "store", "user": 5}, "store"),
]


def test_every_command_is_answered_alike_over_http_and_the_socket(http, live):
    live.pause()
    assert {command["do"] for command, _ in COMPLETE} == set(COMMANDS)
    for command, kind in COMPLETE:
        sent, asked = over_http(http, live, command), over_socket(http, live, command)
        assert sent.status_code == 200
        assert (sent.json()["type"], sent.json()["do"]) == (kind, command["do"])
        assert set(asked) == set(sent.json())
        if command["do"] not in ("act", "page"):
            assert asked == sent.json()
    post = over_http(http, live, COMPLETE[0][0]).json()["post"]
    assert post["text"] == "über 🐦"
    assert post["snowflake"].isdecimal(), "a text, for JavaScript would round it"
    assert post["id"] < 2**53


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ({"do": "act", "what": "post", "user": 5}, 400),
        ({"do": "act", "what": "follow", "user": 5, "other": 5}, 403),
        ({"do": "act", "what": "sing", "user": 5}, 404),
        ({"do": "act", "what": "like", "user": 5, "post": HUGE}, 400),
        ({"do": "page", "what": "home", "user": 10**4_000}, 400),
        ({"do": "news", "user": 5, "mark": 1e400}, 400),
        ({"do": "trace", "id": 10**9}, 404),
        ({"do": "user", "user": 300}, 400),
    ],
)
def test_refusals_over_the_wire_are_one_sentence(http, live, command, status):
    text = json.dumps(command) if status else ""
    refused = http.post(f"/worlds/{live.id}/do", content=text)
    assert refused.status_code == status
    told = over_socket(http, live, command)
    assert told["message"] == refused.json()["message"]
    assert told["type"] == "error"
    assert told["do"] == command["do"]
    assert told["message"] != UNEXPECTED


def test_many_at_once_are_all_answered(http, live):
    answers = []

    def post(number):
        answers.append(over_http(http, live, {"do": "act", "what": "post", "user": number, "text": "x"}).json())

    threads = [threading.Thread(target=post, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer["post"]["id"] for answer in answers}) == 20
    assert sorted(answer["trace"]["id"] for answer in answers) == list(range(1, 21))
