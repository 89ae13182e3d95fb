"""Why a copy that is on its way has not come: the line it stands in, the worker that holds it, a crash, a shard."""

import numpy as np
import pytest

from engine.observe.why import Cause
from tests.law.small import MS, S
from tests.live.helpers import small_config, small_world
from tests.observe.why import SLOW, STAR, logged, opens, said


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
