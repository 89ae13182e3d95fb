"""A world reopened from its journal shows the same pages."""

import sqlite3

import numpy as np
import pytest

from datasets.worlds import build_population, preset_config
from engine.clock import NS_PER_MS, NS_PER_S
from engine.domain import NO_LIST
from engine.errors import InvalidPost, JournalError
from engine.reopen import Inhabited, inhabit, reopen
from engine.views import PostView

KNOBS = {"load.follows_per_s": 20.0, "load.unfollows_per_s": 10.0, "load.reply_share": 0.3, "load.repost_share": 0.2}
CONFIG = preset_config("classroom", **KNOBS)
READERS = range(0, 2_000, 13)


def settle(inhabited: Inhabited) -> None:
    """Let everything arrive, without new load."""
    world = inhabited.world
    world.load_ends_ns = world.now_ns
    while not world.at_rest:
        world.step(100 * NS_PER_MS)


def all_homes(inhabited: Inhabited) -> dict[int, list[PostView]]:
    homes: dict[int, list[PostView]] = {}
    for user in READERS:
        page = inhabited.people.home(user, limit=50)
        homes[user] = page.posts
        while page.next:
            page = inhabited.people.home(user, page.next, limit=50)
            homes[user] = homes[user] + page.posts
    return homes


def lived(path) -> Inhabited:
    """A world with load, people, changed knobs, another strategy and an injection."""
    inhabited = inhabit(CONFIG, path=path)
    world, people = inhabited.world, inhabited.people
    nova = int(world.population.largest[0])
    world.step(1_030 * NS_PER_MS)
    first = people.post(nova, "a post that must survive")
    people.follow(5, 9)
    people.block(13, nova)
    people.inject("celebrity")
    world.step(2 * NS_PER_S)
    answer = people.reply(26, first.id, "an answer")
    people.repost(39, answer.id)
    people.like(52, first.id)
    people.set_knobs({"load.posts_per_s": 60})
    people.set_strategy("hybrid:threshold=150")
    world.step(1_500 * NS_PER_MS)
    people.delete(nova, first.id)
    people.unfollow(5, 9)
    people.mute(65, 26)
    world.step(NS_PER_S)
    inhabited.journal.watermark(world.now_ns)
    return inhabited


def test_a_reopened_world_shows_the_same_pages(tmp_path):
    path = tmp_path / "world.journal"
    before = lived(path)
    settle(before)
    homes = all_homes(before)
    posts = before.world.tables.posts
    before.journal.close()

    after = reopen(path)
    assert after.world.config == before.world.config
    settle(after)
    assert after.world.tables.posts.size == posts.size
    assert all_homes(after) == homes
    assert sum(map(len, homes.values())) > 10_000
    after.journal.close()


def test_an_action_is_in_the_file_before_its_call_returns(tmp_path):
    path = tmp_path / "world.journal"
    inhabited = inhabit(CONFIG, build_population(CONFIG), path)
    post = inhabited.people.post(3, "durable")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as other:
        (body,) = other.execute("SELECT body FROM entries").fetchone()
    other.close()
    assert "durable" in body
    with pytest.raises(InvalidPost):
        inhabited.people.post(3, " ")
    assert inhabited.journal.last_seq == 1
    assert inhabited.people.view(post.row).text == "durable"
    inhabited.journal.close()


def test_a_reopened_world_goes_on_with_new_keys(tmp_path):
    path = tmp_path / "world.journal"
    first = inhabit(CONFIG, path=path)
    one = first.people.post(3, "one")
    first.journal.close()
    again = reopen(path)
    two = again.people.post(3, "two")
    assert two.id > one.id
    assert [post.text for post in again.people.profile(3, 3).posts[:2]] == ["two", "one"]
    again.journal.close()


def test_an_existing_file_is_never_taken_for_a_new_world(tmp_path):
    path = tmp_path / "world.journal"
    inhabit(CONFIG, path=path).journal.close()
    with pytest.raises(JournalError, match="exists already"):
        inhabit(CONFIG, path=path)
    with pytest.raises(JournalError):
        reopen(tmp_path / "absent.journal")
    assert not (tmp_path / "absent.journal").exists()


@pytest.mark.parametrize("rerun_s", [0.5, 2.0, 90.0])
def test_a_world_reopened_with_its_last_seconds_run_in_full_shows_the_same_pages(tmp_path, rerun_s):
    path = tmp_path / "world.journal"
    before = lived(path)
    settle(before)
    homes = all_homes(before)
    before.journal.close()

    after = reopen(path, rerun_s=rerun_s)
    assert after.world.now_ns == after.journal.reached_ns
    held = after.world.tables.lists.horizons(np.arange(2_000, dtype=np.int32)) != NO_LIST
    assert held.mean() > 0.9
    settle(after)
    assert all_homes(after) == homes
    after.journal.close()
