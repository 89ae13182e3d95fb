"""One post's life, against the queues, the logs and the lists of the world that it was lived in."""

import json

import numpy as np
import pytest

from engine.domain import Op
from engine.observe.delivery_log import DeliveryLog
from engine.observe.inspect import RecipientStatus
from engine.observe.job_log import JobLog
from tests.law.small import MS, S, Small, everybody_follows
from tests.live.helpers import small_config, small_world

SLOW = {"costs.delivery_us": 300_000, "costs.poll_us": 0, "workers.count": 1, "fanout.chunk": 2, "workers.batch": 2}
STAR = everybody_follows(0)


def logged(*args, **kwargs):
    small = Small(*args, **kwargs)
    small.world.deliveries, small.world.fanout.job_log = DeliveryLog(10_000), JobLog(1_000)
    return small


def test_a_pushed_post_from_its_plan_to_its_readers():
    small = logged("push", STAR - {(7, 0)} | {(0, 1)}, {**SLOW, "costs.list_write_us": 0})
    small.step(100 * MS)
    row = small.post(0)
    small.step(1_000 * MS)
    life = small.world.life(row)
    assert (life.row, life.id, life.author, life.name, life.kind) == (row, small.key(row), 0, "Nova", "post")
    assert (life.accepted_ns, life.pushed, life.root) == (100 * MS, True, None)
    assert life.reason == "Pushed, as every post under Push."
    assert (life.planned.copies, life.planned.chunks, life.planned.followers) == ((1, 5), (1, 3), 6)
    told = [(c.lane, c.number, c.copies, c.first_user, c.last_user, c.state, c.received) for c in life.chunks]
    assert told == [
        ("close", 1, 1, 1, 1, "written", 1),
        ("rest", 1, 2, 2, 3, "written", 2),
        ("rest", 2, 2, 4, 5, "writing", 0),
        ("rest", 3, 1, 6, 6, "waiting", 0),
    ]
    first = life.chunks[1]
    (attempt,) = first.attempts
    assert (attempt.enqueued_ns, attempt.polled_ns, attempt.done_ns) == (100 * MS, 400 * MS, 1_000 * MS)
    assert (attempt.worker, attempt.attempt, attempt.outcome, attempt.again_ns) == (0, 1, "written", None)
    assert (first.first_ns, first.median_ns, first.last_ns) == (1_000 * MS, 1_000 * MS, 1_000 * MS)
    assert life.chunks[2].attempts[0].outcome == "writing"
    assert life.chunks[3].attempts == []
    assert life.counts == {"waiting": 3, "received": 3, "dead": 0, "pulled": 0, "opened": 0, "dropped": 0}
    assert life.lag_ns == {"p50": 900 * MS, "p95": 900 * MS, "p99": 900 * MS, "max": 900 * MS}
    assert (life.openers, life.opened) == (0, [])


def test_as_json_times_are_since_the_post():
    small = logged("push", STAR, {**SLOW, "costs.list_write_us": 0})
    small.step(100 * MS)
    row = small.post(0)
    small.step(700 * MS)
    told = json.loads(json.dumps(small.world.life(row).to_json()))
    assert (told["accepted_at_s"], told["age_ms"]) == (0.1, 700)
    assert told["planned"]["copies"] == {"close": 0, "rest": 7}
    assert told["planned"]["threshold"] is None
    attempt = told["chunks"][0]["attempts"][0]
    assert (attempt["enqueued_ms"], attempt["polled_ms"], attempt["done_ms"], attempt["again_ms"]) == (0, 0, 600, None)
    assert (told["chunks"][0]["first_ms"], told["chunks"][1]["first_ms"]) == (600, None)
    assert told["lag_ms"]["p50"] == 600


def test_a_pulled_post_and_who_opened_home_since():
    small = logged("hybrid:threshold=3", STAR)
    small.script.add(0, Op.READ_HOME, 5)
    small.step(S)
    row = small.post(0)
    for at_ns, user in ((3 * S, 4), (2 * S, 6), (4 * S, 7)):
        small.script.add(at_ns, Op.READ_HOME, user)
    small.step(5 * S)
    life = small.world.life(row)
    assert (life.pushed, life.chunks, life.lag_ns) == (False, [], None)
    assert life.reason == "Pulled by Hybrid: 7 followers, and the threshold is 3."
    assert life.to_json()["planned"]["threshold"] == 3
    assert life.counts == {"waiting": 0, "received": 0, "dead": 0, "pulled": 4, "opened": 3, "dropped": 0}
    assert [user for user, _, _ in life.opened] == [6, 4, 7]
    assert [at for _, _, at in life.opened] == small.world.reads.last_ns[[6, 4, 7]].tolist()
    assert (life.openers, life.opened[0][1]) == (3, small.world.population.name(6))


def test_a_chunk_that_fails_until_it_is_given_up():
    knobs = {"fanout.fail_rate": 1.0, "fanout.max_attempts": 2, "costs.delivery_us": 50_000, "costs.poll_us": 0}
    small = logged("push", {(1, 0), (2, 0)}, knobs)
    row, states = small.post(0), []
    for _ in range(20):
        small.step(50 * MS)
        (chunk,) = small.world.life(row).chunks
        if not states or states[-1] != chunk.state:
            states.append(chunk.state)
        if chunk.state == "again":
            assert chunk.attempts[0].outcome == "failed"
            assert chunk.enqueued_ns == chunk.attempts[0].again_ns >= small.world.now_ns
    assert states == ["writing", "again", "writing", "dead"]
    assert [attempt.outcome for attempt in chunk.attempts] == ["failed", "dead"]
    assert small.world.life(row).counts["dead"] == 2
    small.world.set_knobs({"fanout.fail_rate": 0.0})
    small.world.redrive()
    small.settle()
    (chunk,) = small.world.life(row).chunks
    assert (chunk.state, chunk.received) == ("written", 2)
    assert [(attempt.attempt, attempt.duplicate) for attempt in chunk.attempts] == [(1, False), (2, False), (1, True)]


def test_a_post_from_before_the_world():
    world = small_world()
    life = world.life(10)
    assert (life.planned, life.chunks, life.reason) == (None, [], "Older than the world.")
    assert json.dumps(life.to_json())


@pytest.mark.parametrize("spec", ["push", "hybrid:threshold=24"])
def test_the_chunks_add_up_in_a_nasty_run(spec):
    """Copies planned, waiting, written and received, by brute force, at odd instants."""
    knobs = {
        "fanout.fail_rate": 0.3, "fanout.redeliver_rate": 0.2, "fanout.max_attempts": 2, "fanout.chunk": 6,
        "load.posts_per_s": 40, "load.follows_per_s": 0, "workers.count": 2,
    }  # fmt: skip
    world = small_world(small_config(**knobs), users=120)
    world.set_strategy(spec)
    first = world.tables.posts.size
    rng = np.random.default_rng(3)
    states = set()
    for _ in range(8):
        world.step(int(rng.integers(200, 900)) * MS)
        for row in rng.integers(first, world.tables.posts.size, 12).tolist():
            life = world.life(row)
            recipients = world.recipients(row)
            for status in RecipientStatus:
                assert life.counts[status.name.lower()] == (recipients.status == status).sum()
            for lane, name in enumerate(("close", "rest")):
                chunks = [chunk for chunk in life.chunks if chunk.lane == name]
                assert [chunk.number for chunk in chunks] == list(range(1, life.planned.chunks[lane] + 1))
                assert sum(chunk.copies for chunk in chunks) == life.planned.copies[lane]
            owner, at_ns = world.deliveries.of(row)
            assert sum(chunk.received for chunk in life.chunks) == len(owner) == life.counts["received"]
            lags = np.sort(at_ns - life.accepted_ns)
            if len(lags):
                assert life.lag_ns["max"] == lags[-1]
                assert life.lag_ns["p50"] == lags[(len(lags) - 1) // 2]
            not_received = life.counts["waiting"] + life.counts["dead"]
            assert not_received == sum(chunk.copies - chunk.received for chunk in life.chunks)
            for chunk in life.chunks:
                states.add(chunk.state)
                if chunk.state in ("waiting", "again", "writing", "dead"):
                    assert chunk.received == 0
                if chunk.state == "written":
                    assert any(a.outcome == "written" and a.done_ns <= world.now_ns for a in chunk.attempts)
    assert states == {"waiting", "again", "writing", "written", "dead"}
