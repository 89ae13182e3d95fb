"""A world that was closed, however that came, is opened again from its journal as it was."""

import sqlite3
import threading

import fakeredis
import numpy as np
import pytest
import redis

from engine.errors import JournalError, UnknownName
from engine.live import LiveWorlds
from engine.live.commands import perform
from engine.live.worlds import IDLE_S
from engine.observe.metric import Metric
from engine.write_path.strategies import with_strategy
from tests.live.helpers import Client, Wall, ask, small_config, small_world, unthreaded

STAR, S, MS = 0, 1_000_000_000, 1_000_000
LOAD = {"load.follows_per_s": 5, "load.unfollows_per_s": 3, "load.reply_share": 0.3, "load.repost_share": 0.2}
READERS = range(0, 300, 7)


RERUN_S = 5.0
"""Seconds that are run again here; in earnest 90."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("engine.live.openings.HISTORY_S", RERUN_S)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "worlds"


@pytest.fixture
def clock():
    return Wall()


@pytest.fixture
def worlds(clock, folder):
    registry = unthreaded(clock, folder=folder)
    yield registry
    registry.stop()


def say(worlds, live, do, **message):
    return ask(worlds, perform, live, {"do": do, **message})


def advance(live, seconds):
    for _ in range(round(seconds * 10)):
        for side in live._stage.sides:
            side.run.step(100 * MS, pooled=False)


def lived(worlds, config=None, *others):
    """A world in which everything has happened that can."""
    live = worlds.open_twin(config, *others) if others else worlds.open(config or small_config(**LOAD))
    side = {"side": 1} if others else {}
    advance(live, 1.0)
    first = say(worlds, live, "act", what="post", user=STAR, text="a post that must survive", picture=True)["post"]
    gone = say(worlds, live, "act", what="post", user=STAR, text="a post that goes")["post"]
    say(worlds, live, "act", what="like", user=5, post=first["id"])
    say(worlds, live, "act", what="like", user=6, post=first["id"])
    say(worlds, live, "act", what="unlike", user=6, post=first["id"])
    say(worlds, live, "page", what="home", user=5)
    advance(live, 1.3)
    say(worlds, live, "inject", name="celebrity")
    say(worlds, live, "knobs", set={"workers.count": 3, "cache.posts": 500}, **side)
    say(worlds, live, "act", what="reply", user=7, post=first["id"], text="well")
    advance(live, 0.7)
    say(worlds, live, "strategy", name="hybrid:threshold=150", **side)
    say(worlds, live, "act", what="repost", user=8, post=first["id"])
    say(worlds, live, "act", what="delete", user=STAR, post=gone["id"])
    say(worlds, live, "act", what="follow", user=5, other=299)
    say(worlds, live, "act", what="block", user=9, other=STAR)
    say(worlds, live, "act", what="mute", user=14, other=STAR)
    say(worlds, live, "knobs", set={"load.posts_per_s": 20}, **side)
    advance(live, 2.2)
    return live


def seen(live, side=0):
    """What can be seen of a world once all has arrived, and no more load comes."""
    run = live._stage.sides[side].run
    world, people = run.world, run.people
    world.load_ends_ns = world.now_ns
    while not world.at_rest:
        world.step(100 * MS)
    tables, relations = world.tables, world.tables.relations
    posts = tables.posts
    return {
        "homes": {user: every_page(people, user) for user in READERS},
        "profile": people.profile(5, STAR, None, 100).posts,
        "posts": {
            name: getattr(posts, name)[: posts.size].tolist()
            for name in ("key", "author", "accepted_ns", "kind", "ref", "flags", "likes", "reposts", "replies")
        },
        "texts": dict(posts.text),
        "media": dict(posts.media),
        "liked": [people.likes(user, key) for user in (5, 6) for key in posts.key[: posts.size].tolist()],
        "graph": [column.tolist() for column in tables.graph.edges()],
        "hidden": [sorted(relations.hidden(user)) for user in (9, 14, STAR)],
        "config": world.config,
        "journal": list(people.journal.entries()),
    }


def every_page(people, user):
    found, cursor = [], None
    while True:
        page = people.home(user, cursor, 100)
        found += page.posts
        cursor = page.next
        if cursor is None or len(found) >= 200:
            return found


def same(before, after):
    assert {name for name in before if before[name] != after[name]} == set()


def by_closing(worlds, clock, live):
    worlds.close(live.id)


def by_idling(worlds, clock, live):
    ask(worlds, live.pause)
    for _ in range(20):
        clock.at_s += IDLE_S / 10
        worlds.scheduler.round()
    assert len(worlds) == 0


def by_stopping(worlds, clock, live):
    worlds.stop()


CLOSED = {"closed": by_closing, "idle": by_idling, "stopped": by_stopping}


@pytest.mark.parametrize("how", CLOSED)
def test_a_closed_world_comes_back_as_it_was(worlds, clock, how):
    live, beside = lived(worlds), lived(worlds)
    reached_ns, world_id, expected = live._stage.run.world.now_ns, live.id, seen(beside)
    worlds.close(beside.id)
    CLOSED[how](worlds, clock, live)
    with pytest.raises(UnknownName):
        worlds.get(world_id)
    again = worlds.reopen(world_id)
    assert again.id == world_id
    assert worlds.get(world_id) is again
    run = again._stage.run
    if how != "idle":  # a pause goes on to the end of the half second
        assert run.world.now_ns == reached_ns
        same(expected, seen(again))
    assert 0 <= run.world.now_ns - reached_ns < S
    assert again.config.strategy.name == "hybrid"
    assert (again.config.workers.count, again.config.cache.posts) == (3, 500)
    assert not again.paused
    assert len(expected["journal"]) > 10


def test_a_world_that_was_killed_comes_back_to_its_last_watermark_or_act(clock, folder):
    killed = unthreaded(clock, folder=folder)
    live = lived(killed)
    beside = lived(killed)
    marked_ns = live._stage.run.world.now_ns
    live.note_progress()
    expected = seen(beside)
    advance(live, 0.9)  # and then the process dies: nothing is closed
    worlds = unthreaded(clock, folder=folder)
    again = worlds.reopen(live.id)
    assert again._stage.run.world.now_ns == marked_ns
    same(expected, seen(again))
    worlds.stop()
    killed.stop()


def test_an_act_after_the_last_watermark_is_not_lost(clock, folder):
    killed = unthreaded(clock, folder=folder)
    live = killed.open(small_config(**LOAD))
    live.note_progress()
    advance(live, 0.55)
    post = say(killed, live, "act", what="post", user=5, text="the last words")["post"]
    at_ns = live._stage.run.world.now_ns
    worlds = unthreaded(clock, folder=folder)
    again = worlds.reopen(live.id)
    assert again._stage.run.world.now_ns == at_ns
    (first, *_) = say(worlds, again, "page", what="profile", user=5, author=5)["posts"]
    assert (first["text"], first["id"], first["at_s"]) == ("the last words", post["id"], at_ns / S)
    worlds.stop()
    killed.stop()


def test_the_scheduler_notes_the_progress_about_once_a_second(worlds, clock):
    live, client = worlds.open(small_config()), Client()
    ask(worlds, live.subscribe, client.box)
    for _ in range(100):
        clock.at_s += 0.05
        worlds.scheduler.round()
    run = live._stage.run
    assert run.world.now_ns > 4 * S
    assert run.world.now_ns - run.people.journal.reached_ns <= 1.2 * S


@pytest.mark.parametrize("after_s", [0.0, 1.7, 12.0])
def test_what_is_acted_on_goes_on_where_it_was(worlds, after_s):
    """Longer ago than what is run again, and shorter."""
    live = worlds.open(small_config(**LOAD))
    post = say(worlds, live, "act", what="post", user=STAR, text="before")["post"]
    advance(live, after_s)
    worlds.close(live.id)
    again = worlds.reopen(live.id)
    assert say(worlds, again, "act", what="like", user=5, post=post["id"])["post"]["likes"] == 1
    second = say(worlds, again, "act", what="post", user=STAR, text="after")
    assert second["post"]["id"] > post["id"]
    advance(again, 5)
    assert say(worlds, again, "trace", id=second["trace"]["id"])["trace"]["done"]
    world = again._stage.run.world
    assert world.recorder.depth[0] >= 0 <= world.recorder.depth[1]
    newest = [view.text for view in again._stage.run.people.profile(5, STAR).posts[:2]]
    assert newest == ["after", "before"]
    worlds.close(again.id)
    third = worlds.reopen(again.id)
    assert [view.text for view in third._stage.run.people.profile(5, STAR).posts[:2]] == ["after", "before"]


def test_what_was_posted_long_ago_is_no_burst_when_the_world_comes_back(worlds):
    """Posts from before the seconds that are run again get no copies: lists are made with them in it."""
    live = worlds.open(small_config(**LOAD))
    say(worlds, live, "strategy", name="hybrid:threshold=500")  # which makes lists
    for number in range(30):
        say(worlds, live, "act", what="post", user=STAR, text=f"number {number}")
    advance(live, 30)
    worlds.close(live.id)
    again = worlds.reopen(live.id)
    world = again._stage.run.world
    assert world.recorder.depth_peak < 2_000, "224 copies for each of 30 posts would be more"
    assert world.metrics.histogram(Metric.VISIBLE_LAG).max < 3 * S
    assert world.metrics.total(Metric.POSTS) < 2 * RERUN_S * 8, "those of the load in what was run again"
    profile = again._stage.run.people.profile(5, STAR, None, 100).posts
    assert [view.text for view in profile][:30] == [f"number {number}" for number in range(29, -1, -1)]


def test_a_world_comes_back_with_its_charts_and_a_flag_that_says_so(worlds, monkeypatch):
    monkeypatch.setattr("engine.live.openings.HISTORY_S", 90.0)
    live = lived(worlds)
    advance(live, 3)
    full = ask(worlds, live.full)
    worlds.close(live.id)
    again = ask(worlds, worlds.reopen(live.id).full)
    assert again["flags"][-1]["label"] == "Reopened"
    assert again["world"] == full["world"]
    assert again["series"]["t"] == full["series"]["t"]
    for name in ("deliveries_per_s", "queue_close", "queue_rest"):
        assert again["series"][name][-4:] == pytest.approx(full["series"][name][-4:], rel=0.5, abs=200)
    assert not again["tick"]["paused"]


def test_a_reset_begins_the_journal_again(worlds):
    live = lived(worlds)
    ask(worlds, live.reset)
    run = live._stage.run
    assert run.people.journal.last_seq == 0
    assert run.people.journal.reached_ns == run.world.now_ns == S
    post = say(worlds, live, "act", what="post", user=5, text="anew")["post"]
    advance(live, 0.5)
    config = live.config
    worlds.close(live.id)
    again = worlds.reopen(live.id)
    people = again._stage.run.people
    assert again.config == config
    assert again._stage.run.world.now_ns == 1.5 * S
    assert people.journal.last_seq == 1
    assert people.view(people.row(post["id"])).text == "anew"
    star = people.profile(5, STAR, None, 100).posts
    assert "a post that must survive" not in [view.text for view in star]


def test_two_threads_that_reopen_at_once_get_one_world(worlds, monkeypatch):
    live = lived(worlds)
    worlds.close(live.id)
    built = []
    reopened = worlds._openings.reopened
    monkeypatch.setattr(worlds._openings, "reopened", lambda paths: built.append(paths) or reopened(paths))
    found, start = [], threading.Barrier(4)

    def reopen():
        start.wait()
        found.append(worlds.reopen(live.id))

    threads = [threading.Thread(target=reopen) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == len(built) == len(worlds) == 1


def test_reopening_a_world_that_runs_is_finding_it(worlds):
    live = worlds.open(small_config())
    assert worlds.reopen(live.id) is live


# What cannot be opened again


def spoiled(path, how):
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    match how:
        case "empty":
            path.write_bytes(b"")
        case "garbage":
            path.write_bytes(b"no database at all" * 100)
        case "cut":
            path.write_bytes(path.read_bytes()[:5_000])
        case "half":
            path.write_bytes(path.read_bytes()[:50])
        case "zeroed":
            raw = bytearray(path.read_bytes())
            raw[4_096:] = bytes(len(raw) - 4_096)
            path.write_bytes(bytes(raw))
        case _:
            with sqlite3.connect(path) as connection:
                connection.execute(how)
            connection.close()


@pytest.mark.parametrize(
    "how",
    [
        "empty", "garbage", "cut", "half", "zeroed",
        "PRAGMA user_version=99",
        "PRAGMA application_id=7",
        "UPDATE meta SET value='2' WHERE name='generator'",
        "UPDATE meta SET value='{}' WHERE name='config'",
        "UPDATE meta SET value='[1]' WHERE name='config'",
        "UPDATE meta SET value='nonsense' WHERE name='config'",
        "DELETE FROM meta",
        "UPDATE meta SET value=replace(value, 'classroom', 'atlantis') WHERE name='config'",
        "UPDATE meta SET value=replace(value, '\"push\"', '\"telepathy\"') WHERE name='config'",
        "UPDATE meta SET value=replace(value, '\"seed\":7', '\"seed\":-7') WHERE name='config'",
        "UPDATE entries SET kind='sung' WHERE seq=2",
        "UPDATE entries SET body='{}' WHERE seq=2",
        "UPDATE entries SET body='nonsense' WHERE seq=2",
        "UPDATE entries SET kind='followed', body='{\"other\":1,\"user\":5000}' WHERE seq=2",
        "UPDATE entries SET body='{\"post\":5,\"user\":5}' WHERE seq=2",
        "UPDATE entries SET kind='knobs_changed', body='{\"changes\":{\"no.such\":1}}' WHERE seq=2",
        "DELETE FROM entries WHERE seq=1",
        "DROP TABLE entries",
    ],
)  # fmt: skip
def test_a_damaged_or_foreign_journal_is_a_sentence_and_takes_no_place(worlds, folder, how):
    live = worlds.open(small_config())
    say(worlds, live, "act", what="post", user=5, text="one")
    say(worlds, live, "act", what="like", user=5, post=7 << 48 | 1)
    say(worlds, live, "act", what="post", user=5, text="three")
    worlds.close(live.id)
    path = folder / live.id / "a.journal"
    spoiled(path, how)
    before = path.read_bytes()
    with pytest.raises(JournalError) as refused:
        worlds.reopen(live.id)
    text = str(refused.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 400
    assert path.read_bytes() == before
    assert len(worlds) == 0
    assert worlds._opening == []


@pytest.mark.parametrize("world_id", ["../x", "", "x" * 1_000, "0123456789abcdef", "a\x00", "../../etc/passwd"])
def test_an_id_from_outside_is_unknown_and_finds_nothing(worlds, world_id):
    with pytest.raises(UnknownName, match="There is no world"):
        worlds.reopen(world_id)


def test_worlds_in_memory_are_gone_when_they_are_closed(clock):
    worlds = unthreaded(clock)
    live = worlds.open(small_config())
    worlds.close(live.id)
    with pytest.raises(UnknownName, match="no journal to open it again from"):
        worlds.reopen(live.id)


def test_an_unknown_scenario_opens_nothing_and_leaves_nothing(worlds, folder):
    with pytest.raises(UnknownName):
        worlds.open(small_config(), "no such scenario")
    assert len(worlds) == 0
    assert not folder.exists() or list(folder.iterdir()) == []


def test_opening_forgets_the_oldest_journals_but_none_of_a_running_world(worlds, folder, monkeypatch):
    monkeypatch.setattr("engine.live.archive.KEPT", 2)
    running = worlds.open(small_config())
    closed = []
    for _ in range(4):
        live = worlds.open(small_config())
        worlds.close(live.id)
        closed.append(live.id)
    names = {home.name for home in folder.iterdir()}
    assert running.id in names
    assert closed[-1] in names
    assert closed[0] not in names
    assert len(names) <= 4


# Twins


def test_a_twin_comes_back_with_both_sides_at_one_instant(worlds, clock):
    config = small_config(**LOAD)
    live, beside = (lived(worlds, config, with_strategy(config, "pull")) for _ in range(2))
    expected = [seen(beside, side) for side in (0, 1)]
    at_ns = live._stage.run.world.now_ns
    worlds.close(live.id)
    again = worlds.reopen(live.id)
    assert again.sides == 2
    assert {side.run.world.now_ns for side in again._stage.sides} == {at_ns}
    assert [one.strategy.name for one in again.configs] == ["push", "hybrid"]
    for side in (0, 1):
        same(expected[side], seen(again, side))


def test_a_twin_that_was_killed_after_one_side_was_changed_comes_back_at_one_instant(clock, folder):
    killed = unthreaded(clock, folder=folder)
    config = small_config()
    live = killed.open_twin(config, with_strategy(config, "pull"))
    live.note_progress()
    advance(live, 0.7)
    say(killed, live, "knobs", set={"workers.count": 2}, side=1)
    live._stage.sides[1].run.people.journal.watermark(9 * S)  # killed between the one side's watermark and the other's
    worlds = unthreaded(clock, folder=folder)
    again = worlds.reopen(live.id)
    assert [side.run.world.now_ns for side in again._stage.sides] == [9 * S, 9 * S]
    assert [one.workers.count for one in again.configs] == [1, 2]
    post = say(worlds, again, "act", what="post", user=5, text="on both")["post"]
    assert say(worlds, again, "act", what="like", user=6, post=post["id"])["changed"]
    worlds.stop()
    killed.stop()


def test_a_twin_of_which_one_journal_is_damaged_opens_nothing(worlds, folder):
    config = small_config()
    live = worlds.open_twin(config, config)
    worlds.close(live.id)
    spoiled(folder / live.id / "b.journal", "garbage")
    with pytest.raises(JournalError):
        worlds.reopen(live.id)
    assert len(worlds) == 0


# Lists on a server


@pytest.fixture
def server(monkeypatch):
    """One Redis server for all worlds, as an operator would have; imitated."""
    shared = fakeredis.FakeServer()
    monkeypatch.setattr(redis.Redis, "from_url", lambda _url, **_patience: fakeredis.FakeRedis(server=shared))
    monkeypatch.setenv("REDIS_URL", "redis://example:6379")
    return fakeredis.FakeRedis(server=shared)


def test_no_key_is_left_on_a_server_after_closing_resetting_or_leaving(worlds, clock, server):
    config = small_config(**{"timeline.backend": "redis"})
    first, second = worlds.open(config), worlds.open(config)
    assert len(server.keys()) == 600
    ask(worlds, first.reset)
    assert len(server.keys()) == 600
    worlds.close(first.id)
    assert len(server.keys()) == 300
    by_idling(worlds, clock, second)
    assert server.keys() == []


def test_a_world_on_a_server_comes_back_there(worlds, server):
    config = small_config(**{"timeline.backend": "redis"})
    live = worlds.open(config)
    post = say(worlds, live, "act", what="post", user=STAR, text="hello")["post"]
    advance(live, 5)
    worlds.close(live.id)
    assert server.keys() == []
    again = worlds.reopen(live.id)
    world = again._stage.run.world
    assert world.tables.lists.place == "sorted sets in the Redis server at example:6379"
    assert again.config.timeline.backend == "redis"
    assert len(server.keys()) == 300
    row = again._stage.run.people.row(post["id"])
    assert row in world.tables.lists.entries(np.array([5], np.int32)).values
    worlds.close(again.id)
    assert server.keys() == []


def test_it_works_with_the_thread_too(folder):
    worlds = LiveWorlds(build=small_world, history_s=0.5, folder=folder)
    live = worlds.open(small_config())
    post = perform(live, {"do": "act", "what": "post", "user": 5, "text": "hello"})["post"]
    worlds.stop()
    again = worlds.reopen(live.id)
    assert perform(again, {"do": "act", "what": "like", "user": 6, "post": post["id"]})["post"]["likes"] == 1
    worlds.stop()
