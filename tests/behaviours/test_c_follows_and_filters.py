"""C. Follow, unfollow, filters."""

import pytest

from engine.errors import NotAllowed
from tests.law.small import MS, Small, everybody_follows

SLOW = {"costs.delivery_us": 300_000, "workers.count": 1}


def page(small: Small, reader: int = 0) -> list[int]:
    """What a reader sees once all is delivered."""
    small.settle()
    return small.home(reader)


def test_row_21_a_follow_brings_the_posts_of_before(strategy):
    small = Small(strategy, {(0, 1)}, {"timeline.cap": 4})
    theirs = [small.post(2) for _ in range(3)]
    mine = small.post(1)
    assert page(small) == [mine]
    small.people.follow(0, 2)
    assert small.home(0) == [mine, *reversed(theirs)]


def test_row_22_follow_is_idempotent_and_refused_for_oneself_and_the_blocked():
    small = Small("push", {(0, 1)})
    graph = small.world.tables.graph
    assert small.people.follow(0, 1) is False
    assert (graph.follower_counts[1], graph.followee_counts[0]) == (1, 1)
    small.people.block(3, 2)
    for follower, followee in ((0, 0), (2, 3), (3, 2)):
        with pytest.raises(NotAllowed):
            small.people.follow(follower, followee)
    assert graph.follower_counts.sum() == 1


def test_row_23_unfollow_takes_exactly_that_author_s_entries(strategy):
    small = Small(strategy, {(0, 1), (0, 2), (0, 3)}, {"read.context": 0})
    foreign = small.post(5)
    by_one, by_two = small.post(1), small.post(2)
    small.repost(1, foreign)
    through_three = small.repost(3, by_one)
    assert len(page(small)) == 4
    small.people.unfollow(0, 1)
    assert page(small) == [through_three, by_two]


def test_row_25_a_fan_out_in_flight_leaves_nothing_behind_an_unfollow(strategy):
    small = Small(strategy, everybody_follows(1), SLOW)
    row = small.post(1)
    small.step(700 * MS)
    for user in (3, 7):
        small.people.unfollow(user, 1)
    small.settle()
    assert [small.home(user) for user in range(8)] == [[] if user in (3, 7) else [row] for user in range(8)]
    assert (small.list_of(3), small.list_of(7)) == ([], [])


def test_row_27_replies_are_kept_only_to_me_to_the_author_or_to_somebody_i_follow(strategy):
    small = Small(strategy, {(0, 1), (0, 2)})
    by_me, by_friend, by_stranger = small.post(0), small.post(2), small.post(5)
    to_stranger = small.reply(1, by_stranger)
    to_friend, to_me, to_himself = small.reply(1, by_friend), small.reply(1, by_me), small.reply(1, to_stranger)
    mine = small.reply(0, by_stranger)
    assert page(small) == [mine, to_himself, to_me, to_friend, by_friend, by_me]
    small.people.follow(0, 5)
    assert to_stranger in page(small)


def test_row_27_a_repost_of_a_reply_is_not_filtered_as_a_reply(strategy):
    small = Small(strategy, {(0, 1)})
    answer = small.reply(4, small.post(5))
    repost = small.repost(1, answer)
    assert page(small) == [repost]


@pytest.mark.parametrize("verb", ["block", "blocked by", "mute"])
def test_row_28_four_parties_hide_a_post(strategy, verb):
    """The author, whom he answers, whose post he passes on, and whom that one had answered. 3 is not to be seen."""
    follows = {(0, 1), (0, 2), (0, 3)}
    for party in ("author", "parent", "root", "root's parent"):
        small = Small(strategy, follows)
        other = small.post(2)
        by_three = small.post(3)
        match party:
            case "author":
                small.repost(3, small.post(5))
            case "parent":
                small.reply(1, by_three)
            case "root":
                small.repost(1, by_three)
            case _:
                small.repost(1, small.reply(5, by_three))
        assert len(page(small)) > 1
        match verb:
            case "block":
                small.people.block(0, 3)
            case "blocked by":
                small.people.block(3, 0)
            case _:
                small.people.mute(0, 3)
        assert page(small) == [other], party
        if verb == "mute":
            small.people.unmute(0, 3)
            assert len(page(small)) > 1


def test_row_28_one_s_own_answer_to_somebody_blocked_stays_one_s_own_repost_of_him_goes(strategy):
    small = Small(strategy, {(0, 3)})
    by_three = small.post(3)
    answer = small.reply(0, by_three)
    small.repost(0, small.post(3))
    small.people.block(0, 3)
    assert page(small) == [answer]


def test_row_30_a_block_hides_what_is_stored_and_keeps_the_order_of_the_rest(strategy):
    small = Small(strategy, {(0, 1), (0, 2), (0, 3)}, {"read.context": 0})
    rows = [small.post(author) for author in (1, 3, 2, 3, 1)]
    about = small.repost(1, rows[1])
    small.people.block(0, 3)
    assert page(small) == [rows[4], rows[2], rows[0]]
    assert small.people.unblock(0, 3)
    assert page(small) == [about, rows[4], rows[2], rows[0]], "the follow has ended"
    small.people.follow(0, 3)
    assert page(small) == [about, *rows[::-1]]
