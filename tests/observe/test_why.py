"""Why somebody has not got a post: every cause is brought about, and said with the numbers of the world itself.

Copies on their way and posts that are pulled are in test_why_on_its_way.py and test_why_pulled.py; any copy at any
instant is in test_why_any_copy.py.
"""

import pytest

from engine.errors import InvalidInput
from engine.observe.delivery_log import DeliveryLog
from engine.observe.why import Cause
from tests.law.small import MS, S, Small
from tests.live.helpers import small_world
from tests.observe.why import SLOW, STAR, logged, said

# Those whom it does not concern


def test_the_author_and_a_stranger():
    small = logged("push", {(1, 0)})
    row = small.post(0)
    own, stranger = said(small, 0, row), said(small, 3, row)
    assert (own.cause, stranger.cause) == (Cause.OWN, Cause.NOT_FOLLOWER)
    assert own.line == "It is Nova's own post, in their own home since the instant it was accepted."
    assert stranger.line == "Maya does not follow Nova."
    assert stranger.facts["copy_on_its_way"] is False


def test_somebody_who_left_is_told_that_the_copy_will_be_dropped():
    small = logged("push", STAR, SLOW)
    row = small.post(0)
    small.people.unfollow(7, 0)
    why = said(small, 7, row)
    assert (why.cause, why.facts["copy_on_its_way"]) == (Cause.NOT_FOLLOWER, True)
    assert "will be dropped" in why.line
    small.settle()
    assert small.list_of(7) == []
    assert said(small, 7, row).facts["copy_on_its_way"] is False


# Received


def test_received_with_its_lag_and_its_chunk():
    small = logged("push", STAR, SLOW)
    row = small.post(0)
    small.settle()
    owner, at_ns = small.world.deliveries.of(row)
    assert len(owner) == 7
    for user, at in zip(owner.tolist(), at_ns.tolist(), strict=True):
        why = said(small, user, row)
        assert why.cause == Cause.RECEIVED
        assert why.facts["lag_s"] == pytest.approx(at / S, abs=1e-6), "it was posted at 0"
        assert (why.facts["chunk"], why.facts["chunks"], why.facts["lane"]) == ((user + 1) // 2, 4, "rest")
        assert why.facts["hidden"] is None
    assert (
        said(small, 3, row).line
        == "It reached Maya at 00:00:01, 1.2 s after it was posted, in chunk 2 of 4 by worker 0."
    )


def test_what_came_by_back_fill_was_not_delivered():
    small = logged("push", {(1, 0)})
    row = small.post(0)
    small.people.follow(2, 0)
    why = said(small, 2, row)
    assert (why.cause, why.facts["lag_s"]) == (Cause.RECEIVED, None)
    assert "not by fan-out" in why.line


def test_what_the_delivery_log_forgot_is_said_to_be_forgotten():
    small = logged("push", {(1, 0)})
    small.world.deliveries = DeliveryLog(4)
    rows = []
    for _ in range(6):
        rows.append(small.post(0))
        small.step(S)
    assert "no longer recorded" in said(small, 1, rows[0]).line
    assert said(small, 1, rows[-1]).facts["lag_s"] > 0


def test_what_was_in_the_lists_when_the_world_opened():
    world = small_world()
    row = int(world.last_posts(5, 1)[0])
    reader = int(world.tables.graph.followers([5]).values[0])
    why = world.why(reader, row)
    assert (why.cause, why.facts["accepted_at_s"] < 0) == (Cause.RECEIVED, True)
    assert why.line.endswith("when the world was opened.")


def hidden_cases():
    """(people's acts on a world where 0 follows 1 and 2, returning the row that 0 does not see; reason; words)."""

    def deleted(small):
        row = small.post(1)
        small.delete(row)
        return row

    def mutes(small):
        row = small.post(1)
        small.people.mute(0, 1)
        return row

    def blocks(small):  # a block ends follows: what is left are reposts by others
        row = small.repost(1, small.post(3))
        small.people.block(0, 3)
        return row

    def blocked(small):
        row = small.repost(1, small.post(3))
        small.people.block(3, 0)
        return row

    def reply(small):
        return small.reply(1, small.post(3))

    def repeat(small):
        return small.repost(2, small.post(1))

    def root_deleted(small):
        root = small.post(3)
        row = small.repost(1, root)
        small.delete(root)
        return row

    def second_repost(small):
        root = small.post(3)
        small.repost(1, root)
        return small.repost(2, root)

    return [
        (deleted, "deleted", "it was deleted"),
        (mutes, "mutes", "mutes"),
        (blocks, "blocks", "Nova blocks Maya"),
        (blocked, "blocked", "Maya blocks Nova"),
        (reply, "reply", "answers Maya, whom Nova does not follow"),
        (repeat, "repeat", "older entry"),
        (root_deleted, "deleted", "it was deleted"),
        (second_repost, "repeat", "older entry"),
    ]


@pytest.mark.parametrize(("act", "reason", "word"), hidden_cases(), ids=lambda case: getattr(case, "__name__", ""))
def test_received_and_not_shown(act, reason, word):
    small = logged("push", {(0, 1), (0, 2)})
    row = act(small)
    small.settle()
    assert row not in small.home(0)
    why = said(small, 0, row)
    assert (why.cause, why.facts["hidden"]) == (Cause.RECEIVED, reason)
    assert "They do not see it" in why.line
    assert word in why.line


def test_an_answer_to_them_is_shown():
    small = logged("push", {(0, 1)})
    row = small.reply(1, small.post(0))
    small.settle()
    assert row in small.home(0)
    assert said(small, 0, row).facts["hidden"] is None


def test_windows_of_repeats_count_hidden_reposts():
    small = logged("push", {(0, 1), (0, 2)}, {"read.context": 2})
    x, y = small.post(1), small.post(1)
    of_y = small.repost(2, y)
    of_x = small.repost(2, x)  # the two next older are of_y, which is hidden, and y
    small.settle()
    assert small.home(0) == [of_x, y, x]
    assert [said(small, 0, row).facts["hidden"] for row in (of_x, of_y)] == [None, "repeat"]


def test_the_chunk_is_told_also_where_lanes_interleave():
    """1, 3, 5 and 7 are followed back: their copies go in the other lane, of ids that overlap."""
    small = logged("push", STAR | {(0, user) for user in (1, 3, 5, 7)}, SLOW)
    row = small.post(0)
    small.settle()
    told = [tuple(said(small, user, row).facts[name] for name in ("lane", "chunk", "chunks")) for user in range(1, 8)]
    close, rest = [("close", 1, 2), ("close", 1, 2), ("close", 2, 2), ("close", 2, 2)], [("rest", 1, 2)] * 2
    assert told[::2] == close
    assert told[1::2] == [*rest, ("rest", 2, 2)]


def test_a_deleted_post_on_its_way_would_not_be_seen():
    small = logged("push", STAR, SLOW)
    row = small.post(0)
    small.delete(row)
    small.step(100 * MS)
    why = said(small, 7, row)
    assert why.cause == Cause.QUEUED
    assert why.line.endswith("They would not see it: it was deleted.")


def test_trimmed_after_it_came_and_before():
    small = logged("push", {(0, 1), (0, 2)}, {"timeline.cap": 3})
    rows = [small.post(1) for _ in range(5)]
    small.settle()
    why = said(small, 0, rows[1])
    assert (why.cause, why.facts["lag_s"] > 0) == (Cause.TRIMMED, True)
    assert (why.facts["cap"], why.facts["list_from_row"]) == (3, small.horizon(0))
    small.people.follow(4, 1)  # a back-fill of three rows
    why = said(small, 4, rows[1])
    assert (why.cause, "lag_s" in why.facts) == (Cause.TRIMMED, False)
    assert why.facts["list_from_row"] == small.horizon(4) == rows[2]
    assert small.home(4) == rows[::-1], "pulled when they page down"


# Without a post


def test_the_oldest_that_waits():
    small = logged("push", STAR, SLOW)
    first, second = small.post(0), small.post(0)
    small.step(100 * MS)
    why = said(small, 7)
    assert (why.row, why.cause) == (first, Cause.QUEUED)
    nothing = said(small, 0)
    assert (nothing.row, nothing.cause, nothing.line) == (None, Cause.NOTHING, "Nothing waits for Nova.")
    small.people.unfollow(7, 0)
    assert said(small, 7).cause == Cause.NOT_FOLLOWER, "the lens shows the copy that will be dropped"
    small.people.follow(7, 1)
    third = small.post(1)
    assert said(small, 7).row == third, "it comes after what they do not lack"
    small.settle()
    assert said(small, 1).cause == Cause.NOTHING
    assert second in small.list_of(1)


def test_a_world_without_logs_refuses():
    small = Small("push", {(1, 0)})
    row = small.post(0)
    for question in (lambda: small.world.why(1, row), lambda: small.world.why(1), lambda: small.world.life(row)):
        with pytest.raises(InvalidInput, match="keeps no log"):
            question()
