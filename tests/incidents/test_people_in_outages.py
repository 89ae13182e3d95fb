"""What a person sees whose home list is out of reach: a sentence, what a pull brings, or the page seen last."""

import numpy as np
import pytest

from engine.clock import NS_PER_S
from engine.errors import ListOutOfReach
from engine.faults import parse_fault
from engine.queueing.hashing import shard_of
from tests import oracle
from tests.law.small import Small, everybody_follows
from tests.live.guests import QUIET, STAR, Asked
from tests.live.helpers import small_config
from tests.requests.helpers import Scene, hop

READER, SHARDS = 3, 8
SHARD = int(shard_of(np.array([READER]), SHARDS)[0])
ELSEWHERE = next(user for user in range(1, 8) if shard_of(np.array([user]), SHARDS)[0] != SHARD)
LISTED = ("push", "hybrid:threshold=3", "cached_pull:ttl=100", "push_active:days=30", "per_edge:ratio=2")


def scene(strategy="push", **switches):
    """The reader has seen a page; then a post comes, and their shard goes down for ten seconds."""
    knobs = {f"mitigations.{name}": on for name, on in switches.items()}
    small = Small(strategy, everybody_follows(0) | {(READER, 1)}, knobs)
    small.posts = [small.post(0), small.post(1)]
    small.settle()
    small.seen = small.home(READER)
    small.posts.append(small.post(0))
    small.world.step(2 * NS_PER_S)
    small.world.schedule([parse_fault(f"shard_down+10#{SHARD}", now_ns=small.world.now_ns)])
    small.world.step(NS_PER_S // 2)
    return small


@pytest.mark.parametrize("strategy", LISTED)
def test_without_help_it_is_one_sentence_and_only_theirs(strategy):
    small = scene(strategy)
    with pytest.raises(ListOutOfReach) as refused:
        small.home(READER)
    told = str(refused.value)
    assert f"user {READER}" in told
    assert "shard is down" in told
    assert small.home(ELSEWHERE)[0] == small.posts[-1]
    assert small.people.profile(READER, 0).posts, "a profile needs no list"
    small.world.step(10 * NS_PER_S)
    assert small.home(READER) == small.posts[::-1]


@pytest.mark.parametrize("strategy", LISTED)
def test_with_fallback_it_is_the_whole_page(strategy):
    small = scene(strategy, fallback=True)
    assert small.home(READER) == small.posts[::-1]
    assert small.pages(READER, 2) == oracle.pages(oracle.facts_of(small.world), READER, 2, 40)
    small.world.step(NS_PER_S)
    assert not small.world.tables.holders(np.array([READER], np.int32))[0], "no list is made on a shard that is down"
    assert len(small.world.rebuilds) == 0


@pytest.mark.parametrize("strategy", LISTED)
def test_with_stale_if_error_it_is_the_page_they_saw_last(strategy):
    small = scene(strategy, stale_if_error=True)
    assert small.home(READER) == small.seen == small.posts[1::-1]
    assert small.home(READER, 1) == small.seen[:1]
    page = small.people.home(READER, None, 1)
    with pytest.raises(ListOutOfReach):
        small.people.home(READER, page.next, 1)
    small.world.step(10 * NS_PER_S)
    assert [view.row for view in small.people.home(READER, page.next, 1).posts] == small.seen[1:]
    assert small.home(READER) == small.posts[::-1]


def test_whoever_has_seen_nothing_yet_is_told_so():
    small = scene(stale_if_error=True)
    small.world.reads._last_pages[READER] = -1
    with pytest.raises(ListOutOfReach):
        small.home(READER)


def test_an_older_page_shows_nothing_that_was_deleted_or_hidden_since():
    small = scene(stale_if_error=True)
    first, second = small.posts[:2]
    small.delete(first)
    assert small.home(READER) == [second]
    small.people.block(READER, 1)
    with pytest.raises(ListOutOfReach):
        small.home(READER)
    small.people.unblock(READER, 1)
    small.restore(first)
    assert small.home(READER) == small.seen


def test_pull_needs_no_lists_and_is_not_hurt():
    small = scene("pull")
    assert small.home(READER) == small.posts[::-1]
    small.world.set_strategy("push")
    small.world.step(NS_PER_S)
    with pytest.raises(ListOutOfReach):
        small.home(READER)
    small.world.set_strategy("pull")
    small.world.step(NS_PER_S)
    assert small.home(READER) == small.posts[::-1]


def test_the_trace_of_an_older_page_says_so():
    scene = Scene("push", **{"mitigations.stale_if_error": True})
    user = next(user for user in range(1, 80) if shard_of(np.array([user]), SHARDS)[0] == SHARD)
    scene.post()
    scene.step(3_000)
    scene.finished(scene.page("home", user).trace)
    scene.world.schedule([parse_fault(f"shard_down+10#{SHARD}", now_ns=scene.world.now_ns)])
    scene.step(100)
    paged = scene.page("home", user)
    trace = scene.finished(paged.trace)
    assert len(paged.page.posts) == 1
    assert "seen last" in trace.summary
    assert "seen last" in " ".join(map(str, [hop(trace, "list").facts]))


def live(**switches):
    """A live world in which somebody's shard is down: (asked, somebody)."""
    knobs = {f"mitigations.{name}": on for name, on in switches.items()}
    asked = Asked(small_config(**QUIET, **knobs))
    user = next(user for user in range(1, 200) if shard_of(np.array([user]), SHARDS)[0] == SHARD)
    asked("page", what="home", user=user)
    asked.world().schedule([parse_fault(f"shard_down+10#{SHARD}", now_ns=asked.world().now_ns)])
    asked.step(100)
    return asked, user


def test_a_live_world_answers_in_one_sentence_and_tells_no_news(asked_world):
    asked, user = asked_world()
    with pytest.raises(ListOutOfReach):
        asked("page", what="home", user=user)
    assert asked("news", user=user, mark=0)["count"] == 0
    assert asked("page", what="profile", user=user, author=STAR)["what"] == "profile"


def test_a_live_world_shows_the_page_seen_last_and_counting_news_is_no_seeing(asked_world):
    asked, user = asked_world(stale_if_error=True)
    assert len(asked("page", what="home", user=user)["posts"]) == 20
    asked.step(11_000)
    new = asked.post()["row"]
    asked.step(3_000)
    assert asked("news", user=user, mark=new)["count"] == 1
    asked.world().schedule([parse_fault(f"shard_down#{SHARD}", now_ns=asked.world().now_ns)])
    asked.step(100)
    assert new not in [post["row"] for post in asked("page", what="home", user=user)["posts"]]


@pytest.fixture
def asked_world():
    opened = []

    def open_one(**switches):
        opened.append(live(**switches))
        return opened[-1]

    yield open_one
    for asked, _ in opened:
        asked.worlds.stop()
