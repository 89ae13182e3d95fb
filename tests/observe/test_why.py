"""Why somebody has not got a post: every cause is brought about, and said with the numbers of the world itself."""

import numpy as np
import pytest

from engine.domain import Op
from engine.errors import InvalidInput
from engine.observe.delivery_log import DeliveryLog
from engine.observe.inspect import RecipientStatus
from engine.observe.job_log import JobLog
from engine.observe.why import Cause
from engine.read_path.assemble import PageRules, assemble
from engine.read_path.gather import Readers
from engine.write_path.fanout import NOTHING_ARRIVING
from tests.law.small import MS, S, Small, everybody_follows
from tests.live.helpers import small_config, small_world

SLOW = {"costs.delivery_us": 300_000, "costs.poll_us": 0, "workers.count": 1, "fanout.chunk": 2, "workers.batch": 2}
"""One worker, 300 ms a copy, two copies a job."""
STAR = everybody_follows(0)


def logged(*args, **kwargs):
    """A world of a few people that keeps its logs."""
    small = Small(*args, **kwargs)
    small.world.deliveries, small.world.fanout.job_log = DeliveryLog(10_000), JobLog(1_000)
    return small


def opens(small, user):
    """Somebody opens home at once, through gateway and stations; time passes until they have been answered."""
    small.script.add(small.world.now_ns, Op.READ_HOME, user)
    small.step(200 * MS)


def said(small, user, row=None):
    """The answer; it must be short."""
    why = small.world.why(user, row)
    assert len(why.line.split()) <= 36
    assert why.user == user
    return why


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


# On its way


def test_queued_behind_as_many_as_are_really_taken_first():
    """Every waiting copy of a loaded world, and nothing new: its place and its turn come true to the nanosecond."""
    world = small_world(small_config(**{"load.posts_per_s": 45, "workers.count": 2, "fanout.chunk": 10}))
    world.step(5 * S)
    world.load_ends_ns = world.now_ns
    while len(world.gateway) + len(world.primary):
        world.step(100 * MS)
    now_ns = world.now_ns
    waiting, foretold = world.fanout.broker.waiting(), {}
    assert waiting.size > 50
    for i in range(0, waiting.size, 5):
        first = world.fanout.arena.gather(waiting.start[i : i + 1], np.ones(1, np.int64))
        foretold[int(waiting.key[i])] = (int(first[0]), world.why(int(first[0]), int(waiting.row[i])))
    taken = []
    work = world.fanout.broker.work

    def noting(until_ns):
        polled = work(until_ns)
        taken.extend(zip(polled.jobs.key.tolist(), polled.jobs.length.tolist(), polled.done_ns.tolist(), strict=True))
        return polled

    world.fanout.broker.work = noting
    while world.fanout.broker.waiting_jobs:
        world.step(100 * MS)
    world.step(2 * S)
    before = 0
    for key, length, done_ns in taken:
        if key in foretold:
            user, why = foretold[key]
            assert why.cause == Cause.QUEUED
            assert why.facts["copies_before"] == before
            assert why.facts["done_in_s"] == pytest.approx((done_ns - now_ns) / S, abs=1e-6)
            at_ns, _ = world.deliveries.find(user, why.row)
            assert 0 <= at_ns - done_ns < 50 * MS
        before += length


def test_the_estimate_reckons_with_the_close_lane_that_goes_on():
    """The last job of the lane behind, while mutual follows keep coming: foretold within a quarter."""
    config = small_config(**{"load.posts_per_s": 32, "workers.count": 1, "costs.poll_us": 0, "fanout.chunk": 50})
    world = small_world(config, users=60)  # of whom many follow each other
    world.step(10 * S)
    waiting = world.fanout.broker.waiting()
    last = int(np.flatnonzero(waiting.lane == 1)[-1])
    user = int(world.fanout.arena.gather(waiting.start[last : last + 1], np.ones(1, np.int64))[0])
    why, now_ns = world.why(user, int(waiting.row[last])), world.now_ns
    assert why.facts["close_share"] > 0.3
    while world.deliveries.find(user, why.row) is None:
        world.step(100 * MS)
    took_s = (world.deliveries.find(user, why.row)[0] - now_ns) / S
    assert took_s > 4
    assert why.facts["done_in_s"] < 0.75 * took_s, "as if nobody overtook it"
    assert why.facts["estimate_s"] == pytest.approx(took_s, rel=0.25)


def test_the_line_says_where_it_waits():
    small = logged("push", STAR, SLOW)
    row = small.post(0)
    small.step(100 * MS)
    why = said(small, 7, row)
    assert why.line == (
        "Chunk 4 of 4 waits as the first in lane rest of partition 3; workers make 4 before it, written in about 2.0 s."
    )
    assert (why.facts["copies_ahead"], why.facts["copies_before"]) == (0, 4)
    assert why.facts["turn_in_s"] == pytest.approx(1.7)
    small.step(1700 * MS)
    assert said(small, 7, row).cause == Cause.QUEUED, "its turn is at this instant, which is not worked on yet"
    small.step(MS)
    assert said(small, 7, row).cause == Cause.IN_BATCH


def test_in_a_batch_until_it_ends():
    small = logged("push", STAR, {**SLOW, "workers.batch": 4})
    row = small.post(0)
    small.step(500 * MS)
    why = said(small, 3, row)
    assert why.cause == Cause.QUEUED, "chunks are spread over partitions, and a batch is of one line"
    why = said(small, 1, row)
    assert why.line == "Worker 0 is writing chunk 1 of 4 now: batch of 2 copies, done in 0.10 s."
    assert (why.facts["worker"], why.facts["batch_copies"], why.facts["done_in_s"]) == (0, 2, 0.1)
    small.step(100 * MS)
    assert said(small, 1, row).cause != Cause.RECEIVED, "readable at 600 ms and the shard's time"
    small.step(100 * MS)
    assert said(small, 1, row).facts["received_at_s"] == pytest.approx(0.6, abs=0.001)


def test_at_a_timeline_shard():
    small = logged("push", STAR, {"costs.list_write_us": 900_000, "timeline.shards": 2, "costs.poll_us": 0})
    row = small.post(0)
    small.step(S)
    found = [why for user in range(1, 8) if (why := said(small, user, row)).cause == Cause.AT_SHARD]
    assert len(found) >= 4
    for why in found:
        assert f"timeline shard {why.facts['shard']}" in why.line
        assert why.facts["shard"] in (0, 1)
    small.settle()
    for why in found:
        at_ns, _ = small.world.deliveries.find(why.user, row)
        assert at_ns / S == pytest.approx(1 + why.facts["readable_in_s"], abs=1e-6)


def test_a_crash_is_known_when_it_has_happened_and_not_before():
    """Fails at every attempt: in a batch, handed out again later, in a batch again, and given up."""
    knobs = {**SLOW, "fanout.fail_rate": 1.0, "fanout.max_attempts": 2, "fanout.chunk": 10, "workers.batch": 10}
    small = logged("push", STAR, {**knobs, "costs.delivery_us": 50_000, "fanout.retry_base_ms": 2_000})
    row = small.post(0)
    causes, lines, status = [], [], []
    for _ in range(80):
        small.step(50 * MS)
        why = said(small, 4, row)
        if not causes or causes[-1] != why.cause:
            causes.append(why.cause)
            lines.append(why.line)
            status.append(why.facts)
    assert causes == [Cause.IN_BATCH, Cause.RETRY, Cause.IN_BATCH, Cause.DEAD_LETTER]
    assert lines[0] == "Worker 0 is writing chunk 1 of 1 now: batch of 7 copies, done in 0.30 s."
    assert lines[1].startswith(
        "The worker that held chunk 1 of 1 crashed at 00:00:00 (attempt 1); the chunk is handed out"
    )
    assert status[1]["crashed_at_s"] == pytest.approx(0.35)
    given_up_s = status[3]["given_up_at_s"]
    record = small.world.fanout.job_log.of(row)
    assert [record.done_ns[0] / S, record.done_ns[1] / S] == [status[1]["crashed_at_s"], given_up_s]
    assert record.again_ns[0] / S == pytest.approx(0.35 + status[1]["again_in_s"]), "seen at the instant it crashed"
    assert status[3]["attempts"] == 2
    assert "given up" in lines[3]


def test_after_a_crash_it_waits_again():
    crashed = logged("push", {(1, 0), (2, 0), (3, 5)}, {**SLOW, "fanout.retry_base_ms": 100, "fanout.fail_rate": 1.0})
    first = crashed.post(0)
    crashed.step(100 * MS)  # the one worker holds it, and will crash at 600 ms
    crashed.world.set_knobs({"fanout.fail_rate": 0.0})
    for _ in range(20):
        crashed.post(5)
    crashed.step(900 * MS)
    why = said(crashed, 1, first)
    assert (why.cause, why.facts["waits_again"]) == (Cause.RETRY, True)
    assert why.line.startswith("The worker that held chunk 1 of 1 crashed at 00:00:00 (attempt 1); it waits again ")
    assert (why.facts["attempt"], why.facts["crashes"]) == (2, 1)
    ahead = crashed.world.fanout.broker.waiting()
    assert why.facts["copies_before"] == sum(ahead.length[ahead.row != first].tolist()) > 0


def test_dead_letters_are_told_then_pulled_then_handed_out_once_more():
    knobs = {"fanout.fail_rate": 1.0, "fanout.max_attempts": 1, "costs.delivery_us": 10_000, "costs.poll_us": 0}
    small = logged("push", {(1, 0), (2, 0)}, knobs)
    row = small.post(0)
    small.step(50 * MS)
    why = said(small, 1, row)
    assert (why.cause, "readers are told" in why.line) == (Cause.DEAD_LETTER, True)
    small.step(150 * MS)
    why = said(small, 1, row)
    assert why.line == (
        "Chunk 1 of 1 was given up at 00:00:00 after 1 attempt; it is pulled, and they have not opened home since."
    )
    assert (why.facts["attempts"], why.facts["given_up_at_s"], why.facts["redriven"]) == (1, 0.02, False)
    opens(small, 1)
    assert "they have opened home since" in said(small, 1, row).line
    small.world.set_knobs({"fanout.fail_rate": 0.0, "costs.delivery_us": 1_000_000})
    assert small.world.redrive() == 1
    small.step(500 * MS)
    why = said(small, 1, row)
    assert (why.cause, why.facts["redriven"]) == (Cause.DEAD_LETTER, True)
    small.settle()
    assert said(small, 1, row).cause == Cause.RECEIVED


# Pulled


def test_pulled_because_of_the_threshold_and_then_opened():
    small = logged("hybrid:threshold=3", STAR | {(1, 2)})
    opens(small, 1)
    small.step(S)
    row, near = small.post(0), small.post(2)
    small.step(3 * S)
    assert said(small, 1, near).cause == Cause.RECEIVED
    why, never = said(small, 1, row), said(small, 4, row)
    assert (why.cause, never.cause) == (Cause.PULLED, Cause.PULLED)
    assert (why.facts["followers"], why.facts["threshold"], why.facts["strategy"]) == (7, 3, "hybrid")
    last_s = (small.world.now_ns - small.world.reads.last_ns[1]) / S
    assert why.line == (
        "This post is pulled, not pushed: Nova had 7 followers, the threshold is 3."
        f" Ines has not opened home since; last {last_s:.1f} s ago."
    )
    assert never.line.endswith("has not opened home yet.")
    opens(small, 1)
    why = said(small, 1, row)
    assert (why.cause, why.facts["opened"]) == (Cause.PULLED_AND_OPENED, True)
    assert why.facts["last_opened_at_s"] == pytest.approx(small.world.reads.last_ns[1] / S, abs=1e-6)
    assert "opened home at 00:00:04, 3.0 s after it was posted" in why.line


def test_pulled_as_all_are_and_after_a_change_of_strategy():
    small = logged("push", {(1, 0)}, SLOW)
    pushed = small.post(0)
    small.world.set_strategy("pull")
    pulled = small.post(0)
    why = said(small, 1, pulled)
    assert (why.cause, why.facts["strategy"]) == (Cause.PULLED, "pull")
    assert "like all under Pull" in why.line
    why = said(small, 1, pushed)
    assert (why.cause, why.facts["pushed"]) == (Cause.PULLED, True)
    assert "Under Pull nobody keeps a list" in why.line


def test_a_kept_page_is_from_before_the_post():
    small = logged("cached_pull:ttl=3", {(1, 0)})
    opens(small, 1)
    made_ns = int(small.world.reads.last_ns[1])
    row = small.post(0)
    small.step(S)
    why = said(small, 1, row)
    assert why.cause == Cause.KEPT_LIST
    assert why.facts["kept_age_s"] == pytest.approx((small.world.now_ns - made_ns) / S, abs=1e-6)
    assert why.facts["valid_s"] == pytest.approx((made_ns + 3 * S - small.world.now_ns) / S, abs=1e-6)
    opens(small, 1)
    assert (said(small, 1, row).cause, small.home(1)) == (Cause.KEPT_LIST, []), "served again as it is"
    small.step(2 * S)
    why = said(small, 1, row)
    assert (why.cause, "served a page kept from before" in why.line) == (Cause.PULLED, True)
    opens(small, 1)
    assert (said(small, 1, row).cause, small.home(1)) == (Cause.PULLED_AND_OPENED, [row])


def test_no_list_because_they_are_away():
    small = logged("push_active:days=30", {(1, 0), (2, 0)}, away_days={1: 41})
    row = small.post(0)
    small.step(S)
    assert said(small, 2, row).cause == Cause.RECEIVED
    why = said(small, 1, row)
    assert (why.cause, why.facts["list"], why.facts["active_days"]) == (Cause.NO_LIST, "away", 30)
    assert why.facts["away_days"] == pytest.approx(41, abs=0.001)
    assert "has been away for 41 days" in why.line
    opens(small, 1)
    assert said(small, 1, row).cause == Cause.PULLED_AND_OPENED
    small.settle()
    why = said(small, 1, row)
    assert (why.cause, why.facts["lag_s"]) == (Cause.RECEIVED, None), "in the list that was made"


def test_no_list_because_it_was_dropped_and_while_it_is_made_again():
    small = logged("push", {(1, 0)}, SLOW)
    opened_before = small.world.now_ns
    small.world.evict(1)
    small.script.add(opened_before, Op.READ_HOME, 1)
    small.step(10 * MS)  # the read asks for a list; the post comes after it
    row = small.post(0)
    why = said(small, 1, row)
    assert (why.cause, why.facts["list"]) == (Cause.NO_LIST, "being made")
    ready_s = why.facts["ready_at_s"]
    seen = []
    while small.world.now_ns < ready_s * S:
        small.step(10 * MS)
        seen.append(said(small, 1, row))
    assert {why.cause for why in seen} == {Cause.NO_LIST}
    small.step(10 * MS)
    assert said(small, 1, row).cause == Cause.RECEIVED, "ready when it was said to be"
    small.world.evict(1)
    why = said(small, 1, small.post(0))
    assert (why.cause, why.facts["list"]) == (Cause.NO_LIST, "dropped")
    assert "it was dropped" in why.line


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


# Any copy at any instant


WAITS = {Cause.QUEUED, Cause.IN_BATCH, Cause.AT_SHARD, Cause.RETRY}
ALLOWED = {
    RecipientStatus.WAITING: WAITS | {Cause.DEAD_LETTER},
    RecipientStatus.RECEIVED: {Cause.RECEIVED, Cause.TRIMMED},
    RecipientStatus.DEAD: {Cause.DEAD_LETTER},
    RecipientStatus.DROPPED: {Cause.DROPPED, Cause.DEAD_LETTER},
    RecipientStatus.PULLED: {Cause.PULLED, Cause.NO_LIST, Cause.TRIMMED, Cause.KEPT_LIST, Cause.DEAD_LETTER},
    RecipientStatus.OPENED: {
        Cause.PULLED_AND_OPENED, Cause.TRIMMED, Cause.DEAD_LETTER, Cause.KEPT_LIST, Cause.PULLED,
    },
}  # fmt: skip
NASTY = {
    "load.posts_per_s": 60, "load.reads_per_s": 100, "load.follows_per_s": 5, "load.unfollows_per_s": 5,
    "load.reply_share": 0.3, "load.repost_share": 0.3, "fanout.fail_rate": 0.3, "fanout.redeliver_rate": 0.2,
    "fanout.max_attempts": 2, "fanout.chunk": 6, "workers.count": 2, "timeline.cap": 12, "costs.list_write_us": 9_000,
    "cache.ttl_s": 0.5, "strategy.threshold": 24,
}  # fmt: skip


def assert_agrees(world, row):
    """The cause of every follower against where `recipients` finds the post, and against the queues themselves."""
    recipients = world.recipients(row)
    given_up = world.fanout._given_up.peek()
    for user, status in zip(recipients.users.tolist(), recipients.status.tolist(), strict=True):
        why = world.why(user, row)
        where = f"{user} {row}: {why} but {RecipientStatus(status).name}"
        held = bool(world.tables.lists.contains(np.array([user], np.int32), np.array([row], np.int32))[0])
        if why.cause == Cause.RECEIVED and status != RecipientStatus.RECEIVED:
            assert held, where
            assert why.facts["lag_s"] is None, where
            assert not world.strategy.keep_ns, where
            continue
        assert why.cause in ALLOWED[RecipientStatus(status)], where
        if status == RecipientStatus.WAITING and why.cause == Cause.DEAD_LETTER:
            assert ((given_up["owner"] == user) & (given_up["row"] == row)).any(), where
        if status in (RecipientStatus.PULLED, RecipientStatus.OPENED) and why.cause == Cause.DEAD_LETTER:
            assert why.facts["redriven"], where
        if status == RecipientStatus.OPENED and why.cause == Cause.PULLED:
            assert world.strategy.keep_ns, where
        yield why


def assert_shown_as_said(world, why):
    """What has reached them is on their page, from there on, unless something hides it; then it is not."""
    readers = Readers(
        np.array([why.user], np.int32), np.array([world.now_ns]), np.array([world.tables.posts.size], np.int32),
        np.array([why.row + 1], np.int32),
    )  # fmt: skip
    rules = PageRules.of(world.config.read, 1)
    top = assemble(world.tables, world.strategy, readers, NOTHING_ARRIVING, rules).rows[0, 0]
    assert (top == why.row) == (why.facts["hidden"] is None), why


@pytest.mark.parametrize("strategy", ["pull", "cached_pull", "push", "hybrid", "push_active"])
def test_the_cause_agrees_with_where_every_copy_is(strategy):
    """A nasty run: crashes, duplicates, trims, follows, evictions, another strategy; random rows at odd instants."""
    rng = np.random.default_rng(5)
    world = small_world(small_config(**NASTY), users=120)
    world.tables.activity.seen_ns[:20] -= 50 * 86_400 * S  # away, until they read
    world.set_strategy("pull")
    world.set_strategy(strategy)
    first = world.tables.posts.size
    seen = set()
    for turn in range(10):
        world.step(int(rng.integers(30, 700)) * MS)
        world.evict(int(rng.integers(0, 120)))
        a, b = rng.integers(0, 120, 2).tolist()
        if a != b:
            world.tables.relations.mute(a, b)
        if turn == 5:
            world.redrive()
        if turn == 8:
            world.set_strategy("push")
        size = world.tables.posts.size
        for row in [*rng.integers(first, size, 2).tolist(), *rng.integers(max(first, size - 60), size, 3).tolist()]:
            for why in assert_agrees(world, row):
                seen.add(why.cause)
                if why.cause in (Cause.RECEIVED, Cause.PULLED, Cause.PULLED_AND_OPENED, Cause.TRIMMED):
                    assert_shown_as_said(world, why)
    assert Cause.LOST not in seen
    assert seen >= {
        "pull": {Cause.PULLED, Cause.PULLED_AND_OPENED},
        "cached_pull": {Cause.PULLED, Cause.PULLED_AND_OPENED, Cause.KEPT_LIST},
        "push": {Cause.RECEIVED, Cause.TRIMMED, Cause.DEAD_LETTER} | WAITS,
        "hybrid": {Cause.RECEIVED, Cause.TRIMMED, Cause.DEAD_LETTER, Cause.PULLED, Cause.PULLED_AND_OPENED} | WAITS,
        "push_active": {Cause.RECEIVED, Cause.TRIMMED, Cause.DEAD_LETTER, Cause.NO_LIST} | WAITS,
    }[strategy]  # fmt: skip


def test_the_oldest_is_the_one_the_lens_shows():
    world = small_world(small_config(**{"load.posts_per_s": 18, "fanout.fail_rate": 0.1}))
    world.step(5 * S)
    behind = world.behind()
    assert (behind > 0).any()
    assert (behind == 0).any()
    for user in range(0, 300, 7):
        why = world.why(user)
        age_ns = 0 if why.row is None else world.now_ns - int(world.tables.posts.accepted_ns[why.row])
        assert behind[user] == age_ns
        assert why.cause in (WAITS if why.row is not None else {Cause.NOTHING})
