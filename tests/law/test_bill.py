"""The bill, to the entry: strategies show the same pages, and this is what each pays. Both sides of each line."""

import numpy as np
import pytest

from engine.domain import Op
from engine.observe.metric import Metric
from tests.law.small import MS, STRATEGIES, S, Small, everybody_follows

STAR, FOLLOWERS = 0, 7


def bill(small: Small, *metrics: Metric) -> tuple[int, ...]:
    """Totals of the run so far."""
    return tuple(small.world.metrics.total(metric) for metric in metrics)


def open_home(small: Small, *users: int) -> None:
    """These users open home through the front door, one after the other; and the world comes to rest."""
    for k, user in enumerate(users):
        small.script.add(small.world.now_ns + k * MS, Op.READ_HOME, user)
    small.settle()


# Writing


@pytest.mark.parametrize(
    ("strategy", "writes"),
    [
        ("pull", 0),
        ("cached_pull:ttl=2", 0),
        ("push", 7),
        ("hybrid:threshold=8", 7),
        ("hybrid:threshold=7", 0),
        ("push_active:days=30", 5),
        ("push_active:days=40", 6),
        ("push_active:days=50", 7),
    ],
)
def test_what_one_post_to_seven_followers_writes(strategy, writes):
    """Two of them have been away, for 40 and for 50 days."""
    small = Small(strategy, everybody_follows(STAR), away_days={3: 40.0, 4: 50.0})
    small.post(STAR)
    small.settle()
    assert bill(small, Metric.POSTS, Metric.PAIRS) == (1, FOLLOWERS)
    assert bill(small, Metric.PLANNED, Metric.DELIVERIES) == (writes, writes)
    assert small.world.metrics.total(Metric.FANOUT_LAG) == writes
    assert small.world.metrics.total(Metric.VISIBLE_LAG) == FOLLOWERS
    assert sum(small.list_of(user) == [0] for user in range(1, 8)) == writes


def test_somebody_seen_exactly_so_many_days_ago_is_active_and_a_moment_longer_is_not():
    for days, writes in ((30.0, 1), (30.001, 0)):
        small = Small("push_active:days=30", {(1, STAR)}, away_days={1: days})
        small.post(STAR)
        small.settle()
        assert bill(small, Metric.DELIVERIES) == (writes,)


def test_the_line_of_hybrid_is_drawn_at_each_post():
    small = Small("hybrid:threshold=3", {(1, STAR), (2, STAR)})
    small.post(STAR)
    small.people.follow(3, STAR)
    small.post(STAR)
    small.people.unfollow(2, STAR)
    small.post(STAR)
    small.settle()
    assert bill(small, Metric.PAIRS, Metric.PLANNED) == (2 + 3 + 2, 2 + 0 + 2)
    assert bill(small, Metric.DELIVERIES) == (3,), "one copy was on its way to somebody who does not follow any more"


@pytest.mark.parametrize("close", range(8))
@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_each_lane_has_as_many_jobs_as_chunks_fit(close, chunk):
    follows = everybody_follows(STAR) | {(STAR, user) for user in range(1, 1 + close)}
    for lanes in (True, False):
        small = Small("push", follows, {"fanout.chunk": chunk, "fanout.lanes": lanes})
        small.post(STAR)
        groups = [close, FOLLOWERS - close] if lanes else [0, FOLLOWERS]
        jobs = small.world.fanout.broker.waiting()
        assert np.bincount(jobs.lane, minlength=2).tolist() == [-(-size // chunk) for size in groups]
        assert np.bincount(jobs.lane, jobs.length, minlength=2).tolist() == groups
        assert small.world.queue_copies() == tuple(groups)
        for lane, size in enumerate(groups):
            lengths = jobs.length[jobs.lane == lane].tolist()
            assert lengths == ([chunk] * (size // chunk) + [size % chunk] * (size % chunk > 0))


def test_a_redelivery_and_a_retry_are_no_deliveries():
    knobs = {"fanout.redeliver_rate": 1.0, "fanout.max_attempts": 3, "fanout.chunk": 100}
    small = Small("push", everybody_follows(STAR), knobs)
    small.post(STAR)
    small.settle()
    assert bill(small, Metric.DELIVERIES, Metric.REDELIVERIES, Metric.RETRIES) == (FOLLOWERS, 2, 0)
    small = Small("push", everybody_follows(STAR), {"fanout.fail_rate": 1.0, **knobs})
    small.post(STAR)
    small.settle()
    assert bill(small, Metric.DELIVERIES, Metric.REDELIVERIES, Metric.RETRIES) == (0, 0, 2)
    assert bill(small, Metric.DEAD_LETTERED, Metric.VISIBLE_LAG) == (FOLLOWERS, FOLLOWERS)


def test_what_the_cap_drops_is_counted_once():
    small = Small("push", {(1, STAR)}, {"timeline.cap": 4})
    for _ in range(6):
        small.post(STAR)
    small.settle()
    assert bill(small, Metric.DELIVERIES, Metric.TRIMS) == (6, 2 + 2)  # the author's own list is trimmed as well


# Reading


def three_authors(strategy: str, **options) -> Small:
    """User 4 follows 1, 2 and 3, who have written one, two and three posts; 3 has one more follower than the others."""
    small = Small(strategy, {(4, 1), (4, 2), (4, 3), (5, 3)}, **options)
    for author in (1, 2, 2, 3, 3, 3):
        small.post(author)
    small.settle()
    return small


READ = (Metric.TIMELINE_HITS, Metric.TIMELINE_MISSES, Metric.AUTHORS_ASKED, Metric.ROWS_READ)


@pytest.mark.parametrize(
    ("strategy", "hits", "misses", "asked", "rows"),
    [
        ("pull", 0, 1, 4, 6),  # all three, and oneself
        ("cached_pull:ttl=2", 0, 1, 4, 6),
        ("push", 1, 0, 0, 6),
        ("hybrid:threshold=3", 1, 0, 0, 6),
        ("hybrid:threshold=2", 1, 0, 1, 3 + 3),  # the three posts of the largest are fetched
        ("hybrid:threshold=1", 1, 0, 3, 6),
        ("push_active:days=30", 1, 0, 0, 6),
    ],
)
def test_what_one_page_reads(strategy, hits, misses, asked, rows):
    small = three_authors(strategy)
    open_home(small, 4)
    assert bill(small, *READ) == (hits, misses, asked, rows)
    assert bill(small, Metric.READS, Metric.HOME_LATENCY) == (1, 1)


def test_a_kept_list_is_paid_for_once():
    small = three_authors("cached_pull:ttl=2")
    small.script.add(small.world.now_ns, Op.READ_HOME, 4)
    small.step(100 * MS)
    assert bill(small, *READ) == (0, 1, 4, 6)
    small.script.add(small.world.now_ns + 1_899 * MS, Op.READ_HOME, 4)
    small.step(1_900 * MS)
    assert bill(small, *READ) == (1, 1, 4, 12)
    small.script.add(small.world.now_ns, Op.READ_HOME, 4)
    small.step(100 * MS)
    assert bill(small, *READ) == (1, 2, 8, 18)


def test_one_who_comes_back_pays_once_and_gets_one_rebuild_however_often_they_look():
    small = three_authors("push_active:days=30", away_days={4: 90.0})
    open_home(small, 4, 4, 4)
    assert bill(small, *READ, Metric.REBUILDS) == (0, 3, 12, 18, 1)
    open_home(small, 4)
    assert bill(small, *READ, Metric.REBUILDS) == (1, 3, 12, 24, 1)


def test_a_celebrity_s_old_posts_are_not_asked_for_once_the_page_lies_above_them():
    small = Small(
        "hybrid:threshold=2", {(4, 1), (4, 3), (5, 3)}, {"timeline.cap": 4, "read.context": 0, "read.ahead": 12}
    )
    small.post(3)
    for _ in range(30):
        small.post(1)
    small.settle()
    open_home(small, 4)
    before = bill(small, *READ)
    assert before[2] == 3, "the page reaches below a list of four: everybody is asked"
    small = Small("hybrid:threshold=2", {(4, 1), (4, 3), (5, 3)}, {"read.context": 0, "read.ahead": 12})
    small.post(3)
    for _ in range(40):
        small.post(1)
    small.settle()
    open_home(small, 4)
    assert bill(small, *READ)[:3] == (1, 0, 0)


def test_bodies_come_from_the_cache_in_the_order_in_which_they_were_put_there():
    """Two places; three posts of history, so the oldest has gone: it misses, and puts the next one out."""
    small = Small("push", {(4, 1)}, {"cache.posts": 2})
    for _ in range(3):
        small.post(1)
    small.settle()
    open_home(small, 4)  # newest first: hit, hit, miss
    assert bill(small, Metric.BODY_HITS, Metric.BODY_MISSES) == (2, 1)
    open_home(small, 4)  # held: newest and oldest; the middle one misses and puts the newest out; the oldest is held
    assert bill(small, Metric.BODY_HITS, Metric.BODY_MISSES) == (2 + 2, 1 + 1)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_fresh_pair_is_one_that_was_visible_in_time(strategy):
    """Seven followers: the slow worker needs 300 ms for each; the promise is one second."""
    knobs = {
        "costs.delivery_us": 300_000, "costs.poll_us": 0, "costs.list_write_us": 0, "workers.count": 1,
        "fanout.chunk": 1, "workers.batch": 1, "slo.lag_ms": 1_000,
    }  # fmt: skip
    small = Small(strategy, everybody_follows(STAR), knobs)
    small.post(STAR)
    small.settle()
    pushed = strategy.startswith(("push", "per_edge"))  # whoever has not posted yet is pushed to everybody
    assert bill(small, Metric.FRESH_PAIRS) == (3 if pushed else FOLLOWERS,)


def test_a_kept_list_makes_a_post_visible_to_its_reader_when_it_expires():
    small = Small("cached_pull:ttl=2", everybody_follows(STAR))
    small.script.add(50 * MS, Op.READ_HOME, 3)
    small.step(1 * S)
    small.post(STAR)
    lag = small.world.metrics.histogram(Metric.VISIBLE_LAG)
    assert (lag.count, lag.max, lag.mean) == (FOLLOWERS, 1_050 * MS, 1_050 * MS / FOLLOWERS)
