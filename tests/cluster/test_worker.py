"""Workers: what dies is taken over, what cannot be done is given up and pulled, and comes back with redrive."""

import time

import pytest

from engine.errors import StoreError
from engine.journal.actions import Followed, Posted, Unfollowed
from tests.cluster.place import everybody_follows, ring

pytestmark = pytest.mark.redis_server


def test_jobs_of_a_dead_worker_are_taken_over_and_nothing_comes_twice(place):
    world = place(everybody_follows(8))
    world.did(Posted(0, "a"), Posted(0, "b"))
    world.relay_all()
    held = world.queue.take("dies", 4, 1)
    half = held[0].job
    followers = [user for user in range(1, 8) if half.after < user <= half.upto]
    for user in followers:  # it had written one job when it died
        world.client.zadd(world.lists.key(user), {str(half.row): half.row})
    done = world.worker("heir").run()
    assert done.taken_over == 4
    assert done.entered == 14 - len(followers)
    assert world.audit().clean


def test_a_job_is_not_taken_over_while_its_worker_may_be_at_it(place):
    world = place(everybody_follows(4))
    world.did(Posted(0, "a"))
    world.relay_all()
    assert len(world.queue.take("slow", 1, 1)) == 1
    assert world.queue.claim("other", 60_000, 10) == ("0-0", [])
    world.queue.done([job.id for job in world.queue.claim("other", 0, 10)[1]], {})
    assert world.queue.depth().jobs == 0


def test_a_worker_that_comes_too_late_counts_nothing(place):
    world = place(everybody_follows(4))
    world.did(Posted(0, "a"))
    world.relay_all()
    (slow,) = world.queue.take("slow", 1, 1)
    world.worker("heir").run()
    counted = world.queue.told()
    assert counted["entered"] == 3
    assert world.queue.done([slow.id], {"entered": 3}) == 0
    assert world.queue.told() == counted


def test_a_follow_that_ends_while_its_copy_is_queued_leaves_nothing(place):
    world = place(everybody_follows(5))
    world.did(Posted(0, "a"))
    world.relay_all()
    world.did(Unfollowed(2, 0), Unfollowed(3, 0), Followed(3, 0))
    world.drain()
    assert {user: len(rows) for user, rows in world.stored().items()} == {0: 1, 1: 1, 2: 0, 3: 1, 4: 1}
    assert world.audit().clean


def test_a_follow_is_asked_for_in_the_very_step_that_writes(place):
    """A worker that has read its page of followers, and then is overtaken by an unfollow."""
    world = place(everybody_follows(3))
    world.did(Posted(0, "a"))
    world.relay_all()
    (taken,) = world.queue.take("w", 1, 1)
    followers = world.edges.followers([(0, -1, 9)], 10)[0]
    world.did(Unfollowed(1, 0))
    world.relay_all()
    owners, ones = followers, followers * 0
    assert world.lists.push_followed(owners, ones + taken.job.row, ones).inserted.tolist() == [False, True]


def test_followers_are_read_page_by_page(place, monkeypatch):
    monkeypatch.setattr("engine.cluster.worker._FOLLOWERS_AT_ONCE", 2)
    world = place(everybody_follows(30), knobs={"fanout.chunk": 10})
    world.did(Posted(0, "a"))
    assert world.drain().copies == 29
    assert world.audit().clean


def test_who_follows_after_the_plan_is_reached_too(place):
    world = place(ring(40, (1,)), knobs={"fanout.chunk": 1})
    world.did(Posted(5, "a"))
    world.relay_all()
    world.did(*(Followed(user, 5) for user in (0, 6, 39)))
    assert world.drain().copies == 4  # also by its jobs, not only by back-fill
    assert [user for user, rows in world.stored().items() if 0 in rows] == [0, 4, 5, 6, 39]
    assert world.audit().clean


def test_a_job_that_always_fails_is_given_up_and_its_post_is_pulled(place):
    world = place(everybody_follows(8))
    world.did(Posted(0, "fine"))
    world.drain()
    poisoned = world.lists.key(5)
    good = world.client.dump(poisoned)
    world.client.delete(poisoned)
    world.client.set(poisoned, "not a list")
    world.did(Posted(0, "poison for one of three jobs"), Posted(3, "fine"))
    world.relay_all()
    done = world.worker().run()
    assert (done.dead, done.taken_over) == (1, 4)  # five attempts
    ((_, job, why),) = world.queue.dead_letters()
    assert (job.row, why.split()[:3]) == (1, ["The", "timeline", "store"])
    assert "WRONGTYPE" in why

    world.client.delete(poisoned)
    world.client.restore(poisoned, 0, good)
    world.relay.note()
    assert world.served.tables.unpushed.last[0] == 1  # readers pull it
    found = world.audit()
    assert (found.dead_letters, found.lists.missing) == (1, 0)
    assert 1 not in world.stored()[5]

    assert world.queue.redrive() == 1
    assert world.queue.depth().dead == 0
    assert world.queue.done_up_to() == 1  # it stands last, and counts as what it is
    world.worker().run()
    assert 1 in world.stored()[5]
    assert world.audit().clean


def test_a_job_that_kills_its_workers_is_given_up(place):
    world = place(everybody_follows(3))
    world.did(Posted(0, "a"))
    world.relay_all()
    world.queue.take("dies", 1, 1)
    for turn in range(4):
        time.sleep(0.005)
        _, (again,) = world.queue.claim(f"dies too {turn}", 1, 9)
        assert again.attempt == turn + 2
    world.worker(min_idle_ms=5).run()
    ((_, _, why),) = world.queue.dead_letters()
    assert why == "handed out 5 times, and never done"


def test_a_worker_that_is_told_to_end_finishes_its_batch_and_leaves(place):
    world = place(everybody_follows(20))
    world.did(*(Posted(0, "a") for _ in range(5)))
    world.relay_all()
    asked = iter([False, False, False])  # ends in the middle of its second turn
    world.worker("ends", stop=lambda: next(asked, True), batch=3).run()
    assert world.queue.depth().taken == 0
    assert [one["name"] for one in world.client.xinfo_consumers(world.keys.jobs, "fanout")] == []
    world.drain()
    assert world.audit().clean


def test_a_worker_without_a_world_says_so_after_its_patience(place):
    world = place(ring(4))
    world.queue.forget()
    with pytest.raises(StoreError, match=r"^No world '.*' is served there; start `python -m engine serve-world`"):
        world.worker(patience_s=0.1, stop=lambda: False).run()


def test_workers_that_were_killed_are_forgotten_once_nothing_is_in_their_name(place):
    world = place(everybody_follows(4))
    world.did(Posted(0, "a"))
    world.relay_all()
    world.queue.take("idle", 1, 1)
    world.queue.done([world.queue.claim("holds", 0, 9)[1][0].id], {})
    world.did(Posted(0, "b"))
    world.relay_all()
    world.queue.take("holds", 1, 1)
    time.sleep(0.02)
    world.queue.forget_gone(60_000)
    assert _workers(world) == {b"idle", b"holds"}
    world.queue.forget_gone(5)
    assert _workers(world) == {b"holds"}
    assert world.worker().run().taken_over == 1


def _workers(world):
    return {one["name"] for one in world.client.xinfo_consumers(world.keys.jobs, "fanout")}


def test_redrive_needs_a_world(place):
    world = place(ring(4))
    world.queue.forget()
    with pytest.raises(StoreError, match=r"^No world '.*' is served there; allowed: the --name of one that is\.$"):
        world.queue.redrive()


def test_lags_are_those_of_copies_that_were_let_in(place):
    world = place(everybody_follows(8))
    world.did(Posted(0, "a"))
    world.drain()
    told = world.queue.told()
    assert sum(count for name, count in told.items() if name.startswith("lag:")) == 7
    world.did(Unfollowed(1, 0))
    world.relay_all()
    world.did(Posted(0, "b"))
    world.drain()
    told = world.queue.told()
    assert sum(count for name, count in told.items() if name.startswith("lag:")) == 13
