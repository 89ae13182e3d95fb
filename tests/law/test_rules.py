"""The 13 rules of docs/timeline-law.md, each as the shortest history that goes wrong without it."""

import numpy as np
import pytest

from engine.domain import NO_LIST, Op
from tests import oracle
from tests.law.small import MS, STRATEGIES, S, Small, everybody_follows

SLOW = {"costs.delivery_us": 300_000, "workers.count": 1, "fanout.chunk": 2, "costs.poll_us": 0}
"""One worker, 300 ms a copy, two copies a job."""
TINY = {"timeline.cap": 4, "read.limit": 3, "read.context": 2, "read.per_author": 2}
DOOMED = {"fanout.fail_rate": 1.0, "fanout.max_attempts": 1}
"""Every job goes to the dead letters at its first attempt."""


def assert_lawful(small: Small) -> None:
    """At rest everybody sees the oracle's pages; and again when lists that this asked for are there."""
    for _ in range(2):
        small.settle()
        facts = oracle.facts_of(small.world)
        for user in range(small.n):
            for limit in (1, 3):
                expected = oracle.pages(facts, user, limit, small.world.config.read.context)
                assert small.pages(user, limit) == expected, f"user {user}"
        assert set(small.audit().to_json().values()) == {0, small.n}


# 1 Lists are raw, pages are judged


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_1_hidden_reposts_count_in_the_windows_of_others(strategy):
    """Windows are counted over visible entries, not over shown ones: what is hidden depends on nothing hidden."""
    small = Small(strategy, {(0, 1), (0, 2)}, {"read.context": 2})
    x, y = small.post(1), small.post(1)
    of_y = small.repost(2, y)
    of_x = small.repost(2, x)  # the two next older are of_y, which is hidden, and y
    small.settle()
    assert small.home(0) == [of_x, y, x]
    small.delete(of_y)
    assert small.home(0) == [y, x]
    assert_lawful(small)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_1_what_was_deleted_in_flight_comes_back_when_it_is_restored(strategy):
    small = Small(strategy, everybody_follows(0), SLOW)
    row = small.post(0)
    small.delete(row)
    small.settle()
    assert [small.home(user) for user in range(8)] == [[]] * 8
    small.restore(row)
    assert [small.home(user) for user in range(8)] == [[row]] * 8


# 2 The horizon


def test_2_a_late_row_that_was_trimmed_meanwhile_stays_out_even_when_there_is_room_again():
    small = Small("push", {(0, 1), (0, 2), (0, 3)}, {**TINY, **SLOW})
    rows = [small.post(author) for author in (1, 2, 2, 2, 3, 3, 3)]
    small.settle()
    assert (small.list_of(0), small.horizon(0)) == (rows[3:], rows[3])
    small.people.unfollow(0, 3)
    small.world.tables.lists.push(np.array([0, 0], np.int32), np.array([rows[0], rows[2]], np.int32))
    assert (small.list_of(0), small.horizon(0)) == ([rows[3]], rows[3])
    assert_lawful(small)


def test_2_a_copy_that_comes_to_an_evicted_list_makes_no_list():
    small = Small("push", {(0, 1)}, SLOW)
    old = small.post(1)
    small.settle()
    new = small.post(1)
    small.world.evict(0)
    small.settle()
    assert small.horizon(0) == NO_LIST
    assert small.home(0) == [new, old]


def test_2_an_unfollow_leaves_the_horizon_where_it_is():
    small = Small("push", {(0, 1), (0, 2)}, TINY)
    early = [small.post(2), small.post(1)]
    for _ in range(4):
        small.post(1)
    small.settle()
    horizon = small.horizon(0)
    small.people.unfollow(0, 1)
    assert (small.list_of(0), small.horizon(0)) == ([], horizon)
    assert small.home(0) == [early[0]]
    assert_lawful(small)


# 3 Order of writes


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_3_a_post_and_a_follow_at_one_instant_never_miss_each_other(strategy):
    small = Small(strategy, {(0, 1)}, SLOW)
    before = small.post(2)
    small.people.follow(0, 2)
    after = small.post(2)
    assert_lawful(small)
    assert small.home(0) == [after, before]


def test_3_whether_a_post_is_pushed_is_decided_once():
    """It was pushed when its author was small; that he is big before the worker comes changes nothing."""
    small = Small("hybrid:threshold=3", {(0, 1), (2, 1)}, SLOW)
    row = small.post(1)
    for user in (3, 4, 5):
        small.people.follow(user, 1)
    small.settle()
    assert small.world.tables.posts.pushed[row]
    assert [small.list_of(user) for user in (0, 2, 3, 4, 5)] == [[row]] * 5
    assert small.world.tables.unpushed.last[1] < row
    assert_lawful(small)


# 4 What a reader pulls


@pytest.mark.parametrize("spec", ["hybrid:threshold=2", "push"])
def test_4_a_celebrity_who_becomes_small_keeps_the_posts_that_were_not_pushed(spec):
    small = Small("hybrid:threshold=2", {(0, 1), (2, 1)}, SLOW)
    big = small.post(1)
    small.people.unfollow(2, 1)
    little = small.post(1)
    small.world.set_strategy(spec)
    assert_lawful(small)
    assert small.home(0) == [little, big]


def test_4_readers_pull_what_was_given_up():
    small = Small("push", everybody_follows(1, 4), {**SLOW, **DOOMED}, n=4)
    row = small.post(1)
    small.settle()
    assert len(small.world.fanout.dead_letters) == 2
    assert small.list_of(0) == []
    assert small.home(0) == [row]
    assert_lawful(small)


def test_4_a_redrive_after_all_delivers_what_was_given_up_once():
    small = Small("push", everybody_follows(1, 4), {**SLOW, **DOOMED}, n=4)
    row = small.post(1)
    small.settle()
    small.world.set_knobs({"fanout.fail_rate": 0})
    assert small.world.redrive() == 2
    small.settle()
    assert [small.list_of(user) for user in range(4)] == [[row]] * 4
    assert small.world.redrive() == 0
    assert small.world.queue_copies() == (0, 0)
    assert_lawful(small)


# 5 What applying checks


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_5_a_copy_on_its_way_when_the_follow_ends_leaves_no_residue(strategy):
    small = Small(strategy, everybody_follows(1), SLOW)
    row = small.post(1)
    small.step(700 * MS)
    small.people.unfollow(7, 1)
    small.settle()
    assert small.list_of(7) == []
    small.people.follow(7, 1)
    assert small.home(7) == [row]
    assert_lawful(small)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_5_a_copy_on_its_way_when_its_author_is_muted_is_there_when_he_is_heard_again(strategy):
    small = Small(strategy, {(0, 1)}, SLOW)
    row = small.post(1)
    small.people.mute(0, 1)
    small.settle()
    assert small.home(0) == []
    small.people.unmute(0, 1)
    assert small.home(0) == [row]


# 6 Follow and refollow


@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_6_following_somebody_with_more_posts_than_the_cap_shows_them_all(strategy, others):
    """Also where the list was empty, so that nothing has to be trimmed: its horizon rises all the same."""
    small = Small(strategy, {(0, 1)}, TINY)
    rows = [small.post(1) for _ in range(others)] + [small.post(2) for _ in range(7)]
    small.settle()
    small.people.follow(0, 2)
    if small.horizon(0) != NO_LIST:
        assert (small.list_of(0), small.horizon(0)) == (rows[-4:], rows[-4])
    assert_lawful(small)
    assert small.home(0) == rows[::-1]


def test_6_a_refollow_brings_back_what_was_swept():
    small = Small("push", {(0, 1), (0, 2)}, TINY)
    rows = [small.post(1), small.post(2), small.post(1)]
    small.settle()
    small.people.unfollow(0, 1)
    assert small.list_of(0) == [rows[1]]
    small.people.follow(0, 1)
    assert small.list_of(0) == rows


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_6_unfollow_takes_the_reposts_too_but_not_what_came_through_others(strategy):
    small = Small(strategy, {(0, 1), (0, 2)}, {"read.context": 0})
    post, foreign = small.post(1), small.post(3)
    theirs, through = small.repost(1, foreign), small.repost(2, post)
    small.settle()
    assert small.home(0) == [through, theirs, post]
    small.people.unfollow(0, 1)
    assert_lawful(small)
    assert small.home(0) == [through]


# 7 Chunks name followers


def test_7_packing_the_graph_amid_a_fan_out_moves_nobody_s_copies():
    small = Small("push", everybody_follows(0), SLOW)
    row = small.post(0)
    small.step(400 * MS)
    small.people.unfollow(1, 0)
    small.people.follow(1, 2)
    small.world.tables.graph.fold()
    small.settle()
    assert [small.list_of(user) for user in range(8)] == [[row], [], *[[row]] * 6]


# 8 Rebuild


def test_8_a_push_during_a_rebuild_is_not_lost():
    small = Small("push", {(0, 1)}, TINY)
    old = small.post(1)
    small.world.evict(0)
    small.home(0)
    small.step(50 * MS)
    assert small.horizon(0) == NO_LIST
    small.step(100 * MS)
    assert small.horizon(0) == 1  # begun: what comes from now on may land
    new = small.post(1)
    small.step(40 * MS)
    assert small.list_of(0) == [new]
    small.settle()
    assert (small.list_of(0), small.horizon(0)) == ([old, new], 0)


@pytest.mark.parametrize("change", ["follow", "unfollow"])
def test_8_a_follow_during_a_rebuild_starts_it_again(change):
    small = Small("push", {(0, 1), (0, 2)}, TINY)
    rows = [small.post(author) for author in (1, 2, 3)]
    small.settle()
    small.world.evict(0)
    small.home(0)
    small.step(150 * MS)
    assert len(small.world.rebuilds) == 1
    if change == "follow":
        small.people.follow(0, 3)
    else:
        small.people.unfollow(0, 2)
    small.settle()
    assert (small.list_of(0), small.horizon(0)) == (rows if change == "follow" else rows[:1], 0)
    assert_lawful(small)


def test_8_more_pushes_than_the_cap_during_a_rebuild_start_it_again():
    small = Small("push", {(0, 1)}, TINY | {"costs.delivery_us": 0})
    rows = [small.post(1)]
    small.settle()
    small.world.evict(0)
    small.home(0)
    small.step(110 * MS)
    rows += [small.post(1) for _ in range(5)]
    small.settle()
    assert (small.list_of(0), small.horizon(0)) == (rows[-4:], rows[-4])
    assert_lawful(small)


def test_8_a_list_evicted_during_its_rebuild_is_rebuilt_all_the_same():
    small = Small("push", {(0, 1)}, TINY)
    rows = [small.post(1)]
    small.settle()
    small.world.evict(0)
    small.home(0)
    small.step(150 * MS)
    small.world.evict(0)
    small.settle()
    assert (small.list_of(0), small.horizon(0)) == (rows, 0)


# 9 Inactive


def test_9_nothing_is_written_for_the_inactive_and_one_read_brings_their_list_back():
    small = Small("push_active:days=30", {(0, 1), (2, 1)}, away_days={0: 45.0})
    rows = [small.post(1)]
    small.settle()
    assert (small.horizon(0), small.list_of(0), small.list_of(2)) == (NO_LIST, [], rows)
    assert small.home(0) == rows
    small.settle()
    assert (small.horizon(0), small.list_of(0)) == (0, rows)
    rows.append(small.post(1))
    small.settle()
    assert small.list_of(0) == rows


# 10 Merging


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_10_a_page_of_prolific_and_quiet_authors_is_complete(strategy):
    """Each source answers two rows at a time; a page goes only as deep as the shallowest answer, then asks again."""
    small = Small(strategy, {(0, 1), (0, 2), (0, 3), (4, 1), (5, 1), (4, 2), (5, 2)}, TINY)
    rows = [small.post(author) for author in (3, 1, 1, 1, 2, 1, 2, 2, 2, 1, 1, 1, 3)]
    assert_lawful(small)
    assert small.home(0) == rows[::-1]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_10_rows_that_do_not_fit_into_one_round_are_not_forgotten(strategy):
    """Six authors answer with more rows than a round is wide, and all but the oldest are filtered."""
    small = Small(strategy, {(0, author) for author in range(1, 7)}, {"read.limit": 3, "read.context": 2})
    good, strange = small.post(1), small.post(7)
    for k in range(60):
        small.reply(1 + k % 6, strange)
    small.settle()
    small.world.evict(0)
    assert small.home(0, 3) == [good]
    assert_lawful(small)


# 11 Pages


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_11_a_page_is_full_until_the_true_end_however_much_is_filtered(strategy):
    small = Small(strategy, {(0, 1), (0, 2)}, TINY)
    good = [small.post(1) for _ in range(4)]
    strange = small.post(7)
    for _ in range(40):
        small.reply(2, strange)
    small.settle()
    assert small.pages(0, 3) == [[good[3], good[2], good[1]], [good[0]]]
    assert_lawful(small)


# 12 Kept lists


def kept_by_a_read(follows: set[tuple[int, int]]) -> Small:
    """User 0 has just opened home through the front door, so a list is kept for two seconds."""
    small = Small("cached_pull:ttl=2", follows)
    small.script.add(50 * MS, Op.READ_HOME, 0)
    small.old = small.post(1)
    small.step(100 * MS)
    return small


def test_12_a_kept_list_hides_what_others_wrote_since_until_it_expires():
    small = kept_by_a_read({(0, 1)})
    new = small.post(1)
    assert small.home(0) == [small.old]
    small.step(1_949 * MS)
    assert small.home(0) == [small.old]
    small.step(1 * MS)
    assert small.home(0) == [new, small.old]


def test_12_own_posts_are_written_through():
    small = kept_by_a_read({(0, 1)})
    own = small.post(0)
    assert small.home(0) == [own, small.old]


def test_12_a_follow_or_unfollow_drops_the_kept_list():
    small = kept_by_a_read({(0, 1)})
    hidden = small.post(1)
    small.people.follow(0, 2)
    assert small.home(0) == [hidden, small.old]
    small = kept_by_a_read({(0, 1)})
    small.people.unfollow(0, 1)
    assert small.home(0) == []


def test_12_what_others_deleted_since_is_gone_from_a_kept_list():
    small = kept_by_a_read({(0, 1)})
    small.delete(small.old)
    assert small.home(0) == []


@pytest.mark.parametrize("strategy", ["push", "hybrid:threshold=3", "pull"])
def test_12_a_kept_list_does_not_outlive_its_strategy(strategy):
    """It was not swept at the unfollow, since it was dropped: nobody must take it for a timeline afterwards."""
    small = kept_by_a_read({(0, 1)})
    small.people.unfollow(0, 1)
    small.world.set_strategy(strategy)
    assert small.home(0) == []
    assert_lawful(small)


# 13 One's own


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_13_one_s_own_post_is_there_when_post_returns(strategy):
    small = Small(strategy, everybody_follows(0), SLOW)
    row = small.post(0)
    assert small.home(0) == [row]
    if small.horizon(0) != NO_LIST:
        assert small.list_of(0) == [row]
    assert small.audit().missing == 0
    small.step(1 * S)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_13_and_so_is_one_that_came_through_the_front_door_once_it_is_accepted(strategy):
    small = Small(strategy, everybody_follows(0), SLOW)
    small.script.add(0, Op.POST, 0)
    small.step(50 * MS)
    assert small.home(0) == [0]
    assert small.audit().missing == 0
    assert small.list_of(0) == ([0] if small.horizon(0) != NO_LIST else [])
