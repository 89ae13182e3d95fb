"""The relay: whatever dies or is forgotten between a commit and a copy, no fan-out is lost."""

import numpy as np
import pytest

from engine.errors import StoreError
from engine.journal.actions import Followed, Posted, Unfollowed
from tests.cluster.place import everybody_follows, ring

pytestmark = pytest.mark.redis_server


def test_a_post_reaches_every_followers_list_and_its_authors_own(place):
    world = place(everybody_follows(8))
    world.did(Posted(0, "hello"), Posted(3, "to nobody"))
    done = world.drain()
    assert world.stored() == {0: [0], 3: [0, 1]} | {user: [0] for user in (1, 2, 4, 5, 6, 7)}
    assert (done.jobs, done.copies, done.entered) == (3, 7, 7)  # seven followers, three at a time
    assert world.audit().clean


def test_a_crash_between_commit_and_enqueue_loses_nothing(place):
    world = place(ring(6))
    world.did(*(Posted(user, "committed") for user in range(6)))
    world.restart()  # before the relay saw any of them
    world.drain()
    assert world.audit().clean
    assert sum(map(len, world.stored().values())) == 6 * 3


def test_mark_and_jobs_move_together_or_not_at_all(place):
    world = place(ring(6))
    world.did(Posted(1, "a"))
    world.relay_all()
    assert world.queue.mark().seq == 1
    assert world.queue.depth().jobs == 1
    assert not world.queue.enqueue([], expected=0, upto=9)  # somebody who has not looked
    assert world.queue.mark().seq == 1


def test_two_relays_lose_nothing_and_deliver_nothing_twice(place):
    world = place(ring(6))
    first = world.relay
    world.restart()
    for turn in range(6):
        world.did(Posted(turn, "a"), Followed(turn, (turn + 3) % 6))
        (first if turn % 2 else world.relay).step()
    first.look_again()
    world.drain()
    assert world.audit().clean


def test_what_redis_forgot_with_its_mark_is_planned_again(place):
    world = place(ring(6))
    world.did(Posted(1, "kept"))
    world.drain()
    before = world.memory()
    world.did(Posted(2, "forgotten"), Followed(1, 4), Posted(4, "forgotten too"), Unfollowed(2, 3))
    world.drain()
    world.forget(before)  # the last second of the append-only file: lists, links, jobs and mark
    assert not world.audit().clean
    world.did(Posted(5, "after"))
    world.drain()
    assert world.audit().clean
    assert world.relay.replanned_jobs > 0


def test_copies_that_were_forgotten_though_their_jobs_were_done_come_again(place):
    """As when the nodes of a cluster forget different things, or a replica takes over."""
    world = place(ring(6))
    world.relay.note()
    before = world.memory("tl:", "fo:", "fr:")
    world.did(Posted(2, "forgotten"), Followed(1, 4), Posted(4, "forgotten too"))
    world.drain()
    world.forget(before, "tl:", "fo:", "fr:")
    world.restart()
    world.drain()
    assert world.audit().lists.missing > 0  # nobody has noticed
    world.as_if_restarted()
    world.relay.note()
    world.drain()
    assert world.relay.rewinds == 1
    assert world.audit().clean


def test_a_rewind_goes_back_to_where_everything_was_done_by_then(place):
    world = place(ring(6))
    world.queue.note_low(1_000, 3)
    world.queue.note_low(9_000, 7)
    world.queue.note_low(10_000, 8)
    world.queue.note_low(12_000, 9)
    assert world.queue.low_before_last(0) == 9
    assert world.queue.low_before_last(2_500) == 7
    world.queue.note_low(11_000, 4)  # something old was queued again meanwhile
    assert world.queue.low_before_last(2_500) == 4
    assert world.queue.low_before_last(60_000) == 0


def test_done_up_to_never_passes_a_job_that_is_not_done_wherever_it_stands(place):
    world = place(ring(6))
    world.did(Posted(1, "a"), Posted(2, "b"), Posted(3, "c"))
    world.drain()
    assert world.queue.done_up_to() == 3
    world.did(Posted(1, "d"), Posted(2, "e"), Posted(3, "f"))
    world.relay_all()
    assert world.queue.done_up_to() == 3
    first, *_ = world.queue.take("w", 1, 1)
    world.queue.done([first.id], {})
    assert world.queue.done_up_to() == 4
    world.client.hset(world.keys.mark, "seq", 1)
    assert world.queue.done_up_to() == 1
    world.relay.look_again()
    world.relay_all()
    assert world.queue.done_up_to() == 1  # the jobs of entries 2 to 4 stand behind those of 5 and 6
    world.worker().run()
    assert world.queue.done_up_to() == 6


def test_a_server_without_memory_gets_everything_anew(place):
    world = place(ring(6), knobs={"timeline.cap": 4})
    world.did(*(Posted(user % 6, "a") for user in range(20)), Followed(1, 4), Unfollowed(2, 3))
    world.drain()
    lists = world.stored()
    for key in world.memory():
        world.client.delete(key)
    world.relay.look_again()
    world.drain()
    assert world.relay.fills == 2
    assert world.stored() == lists
    assert world.audit().clean


@pytest.mark.parametrize("strategy", ["push", "hybrid:threshold=3", "push_active:days=30", "pull"])
def test_every_decision_is_the_same_after_a_restart(place, strategy):
    world = place(everybody_follows(6), strategy)
    world.did(Posted(0, "a"), Posted(1, "b"), Unfollowed(1, 0), Unfollowed(2, 0), Unfollowed(3, 0), Posted(0, "c"))
    world.drain()
    world.did(*(Followed(user, 0) for user in (1, 2, 3)), Posted(0, "d"))
    world.drain()
    pushed = world.served.tables.posts.pushed[:4].tolist()
    world.restart()
    world.relay_all()
    assert world.served.tables.posts.pushed[:4].tolist() == pushed
    assert world.audit().clean


def test_what_was_not_pushed_is_not_pushed_when_it_is_planned_again(place):
    world = place(everybody_follows(6), "hybrid:threshold=3")
    world.did(Posted(0, "pulled"))
    world.drain()
    world.did(*(Unfollowed(user, 0) for user in (1, 2, 3)))  # now there would be copies
    lists = world.stored()
    world.as_if_restarted()
    world.relay.look_again()
    assert world.drain().copies == 0
    assert world.relay.rewinds == 1
    assert world.stored() == lists == {0: [0]} | {user: [] for user in range(1, 6)}


def test_random_histories_end_in_the_lists_that_graph_and_journal_say(place):
    """Posts, follows, deaths, takeovers and forgetting in any order; then the plainest oracle there is."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        world = place(ring(7), knobs={"timeline.cap": 1_000})
        follows = {(user, (user + step) % 7) for user in range(7) for step in (1, 2)}
        authors: list[int] = []
        memory = None
        for _ in range(60):
            match rng.integers(11):
                case 0 | 1 | 2:
                    authors.append(int(rng.integers(7)))
                    world.did(Posted(authors[-1], "a"))
                case 3 | 4:
                    a, b = (int(user) for user in rng.choice(7, 2, replace=False))
                    change = Unfollowed(a, b) if (a, b) in follows else Followed(a, b)
                    (follows.discard if (a, b) in follows else follows.add)((a, b))
                    world.did(change)
                case 5 | 6:
                    world.relay.step()
                case 7:
                    left = [2]
                    world.worker(f"w{rng.integers(3)}", lambda left=left: left.append(0) or len(left) > 3).run()
                case 8:
                    world.queue.take("dies", int(rng.integers(1, 4)), 1) if world.queue.mark() else None
                    world.restart() if rng.integers(2) else None
                case 9 | 10 if memory is None:
                    world.relay.step()
                    world.relay.note()
                    memory = world.memory()
                case 9:  # the end of the one file that everything stands in
                    world.forget(memory)
                    memory = None
                case 10:  # what some nodes of a cluster had, and others had not
                    world.forget(memory, "tl:", "fo:", "fr:")
                    world.as_if_restarted()
                    world.relay.look_again()
                    memory = None
        world.drain()
        for user, rows in world.stored().items():
            expected = [row for row, author in enumerate(authors) if author == user or (user, author) in follows]
            assert rows == expected, f"seed {seed}, user {user}"
        assert world.audit().clean, f"seed {seed}"


def test_a_world_is_not_mixed_with_another_of_its_name(place):
    world, other = place(ring(6)), place(ring(6))
    world.relay_all()
    other.queue.keys = world.keys
    other.relay.look_again()
    with pytest.raises(StoreError, match=r"^Redis has another world under the name .*; allowed: another --name, or"):
        other.relay.step()


def test_a_journal_that_lost_its_end_is_not_served(place):
    world = place(ring(6))
    world.queue.rewind(5, world.queue.run())
    world.restart()
    with pytest.raises(StoreError, match=r"^Redis knows entry 5 of this world and its journal ends with 0; restore"):
        world.relay.step()
