"""The log of the fan-out, against what the broker handed out and what became of it."""

import numpy as np
import pytest

from engine.config import WorldConfig
from engine.observe.job_log import Fate, JobLog, chunk_of
from engine.observe.metric import Metric
from engine.world import World
from engine.write_path import fanout as fanout_module
from engine.write_path.attempts import judge
from tests.live.helpers import small_config, small_world

S = 1_000_000_000
NASTY = {"fanout.fail_rate": 0.25, "fanout.redeliver_rate": 0.2, "fanout.max_attempts": 3, "fanout.chunk": 7}


@pytest.fixture
def seen(monkeypatch):
    """Every attempt as the workers made it, taken down beside the log: (job, polled, done, worker, fate, followers)."""
    records = []

    def noting(polled, *rules):
        outcome = judge(polled, *rules)
        fates = [
            Fate.WRITTEN if ok else Fate.DEAD if dead else Fate.FAILED
            for ok, dead in zip(outcome.ok, outcome.dead, strict=True)
        ]
        for i, fate in enumerate(fates):
            job = tuple(int(column[i]) for column in polled.jobs)
            polls = (int(polled.polled_ns[i]), int(polled.done_ns[i]), int(polled.worker[i]))
            records.append((*job, *polls, int(fate), int(outcome.again_at_ns[i])))
        return outcome

    monkeypatch.setattr(fanout_module, "judge", noting)
    return records


def as_records(log):
    """A slice of the log in the form of `seen`."""
    names = (
        "row", "lane", "partition", "start", "length", "enqueued_ns", "attempt", "key", "duplicate", "polled_ns",
        "done_ns", "worker", "fate", "again_ns",
    )  # fmt: skip
    return list(zip(*(getattr(log, name).astype(int).tolist() for name in names), strict=True))


def test_every_attempt_is_recorded_as_it_was_made(seen):
    world = small_world(small_config(**NASTY))
    world.step(6 * S)
    rows = sorted({record[0] for record in seen})
    assert len(seen) > 300
    assert {record[-2] for record in seen} == set(Fate)
    for row in rows:
        assert as_records(world.fanout.job_log.of(row)) == [record for record in seen if record[0] == row]
    key = seen[100][7]
    assert as_records(world.fanout.job_log.attempts_at(key)) == [record for record in seen if record[7] == key]


def test_the_ring_keeps_the_newest_in_order(seen):
    world = small_world(small_config(**NASTY))
    world.fanout.job_log = JobLog(64)
    world.step(4 * S)
    newest = seen[-64:]
    assert len(seen) > 3 * 64
    kept = [record for row in sorted({r[0] for r in seen}) for record in as_records(world.fanout.job_log.of(row))]
    assert sorted(kept) == sorted(newest)
    for row in {record[0] for record in newest}:
        assert as_records(world.fanout.job_log.of(row)) == [record for record in newest if record[0] == row]


def test_one_call_may_bring_more_than_the_ring_holds(seen):
    world = small_world(small_config(**{**NASTY, "load.posts_per_s": 60, "workers.count": 50}))
    world.fanout.job_log = JobLog(3)
    world.step(S)
    rows = {record[0] for record in seen}
    kept = [record for row in rows for record in as_records(world.fanout.job_log.of(row))]
    assert sorted(kept) == sorted(seen[-3:])


def test_who_was_in_a_chunk_can_be_told_after_its_followers_were_forgotten():
    world = small_world(small_config(**{**NASTY, "fanout.max_attempts": 20}))  # dead letters are never forgotten
    held = {}
    enqueue = world.fanout.enqueue

    def noting(jobs):
        for i in range(jobs.size):
            ids = world.fanout.arena.gather(jobs.start[i : i + 1], jobs.length[i : i + 1].astype(np.int64))
            held[int(jobs.key[i])] = set(ids.tolist())
        enqueue(jobs)

    world.fanout.enqueue = noting
    world.step(6 * S)
    released = world.fanout.arena.end - len(world.fanout.arena)
    found = 0
    for row in {key >> 24 for key in held}:
        log = world.fanout.job_log.of(row)
        owner, _ = world.deliveries.of(row)
        for user, lane in zip(owner.tolist(), world.deliveries.lane_of(row).tolist(), strict=True):
            spans = (log.lane == lane) & (log.first_owner <= user) & (user <= log.last_owner)
            keys = set(log.key[spans & (log.fate == Fate.WRITTEN)].tolist())
            assert len(keys) == 1
            assert user in held[keys.pop()]
            found += bool(log.start[spans][0] < released)
    assert found > 300, "of chunks that the arena has forgotten"


def test_batches_of_one_poll_are_counted_together(seen):
    world = small_world(small_config(**{**NASTY, "load.posts_per_s": 40}))
    world.step(3 * S)
    batches = {}
    for record in seen:
        batches.setdefault((record[11], record[9]), []).append(record[4])
    assert max(len(lengths) for lengths in batches.values()) > 2
    for (worker, polled_ns), lengths in batches.items():
        assert world.fanout.job_log.batch_copies(worker, polled_ns) == sum(lengths)


def test_plans_are_kept_with_the_strategy_of_their_instant():
    world = small_world(small_config(**{"strategy.threshold": 21, "fanout.chunk": 7}))
    planned = {}
    enqueue = world.fanout.enqueue

    def noting(jobs):
        for row, lane, length in zip(jobs.row.tolist(), jobs.lane.tolist(), jobs.length.tolist(), strict=True):
            plan = planned.setdefault(row, [[0, 0], [0, 0]])
            plan[0][lane] += length
            plan[1][lane] += 1
        enqueue(jobs)

    world.fanout.enqueue = noting
    before = world.tables.posts.size
    world.step(2 * S)
    changed = world.tables.posts.size
    world.set_strategy("hybrid:threshold=21")
    world.step(2 * S)
    posts, log = world.tables.posts, world.fanout.job_log
    assert log.plan_of(before - 1) is None, "it is older than the world"
    assert log.plan_of(posts.size) is None
    assert log.plan_of(-1) is None
    for row in range(before, posts.size):
        plan = log.plan_of(row)
        followers = int(world.tables.graph.follower_counts[posts.author[row]])  # nobody follows or unfollows here
        assert plan.strategy.slug == ("push" if row < changed else "hybrid")
        assert (plan.row, plan.followers, plan.pushed) == (row, followers, row < changed or followers < 21)
        copies, chunks = planned.get(row, ([0, 0], [0, 0]))
        assert (plan.copies, plan.chunks) == (tuple(copies), tuple(chunks))
    for lane in (0, 1):
        totals = [planned.get(row, ([0, 0], [0, 0])) for row in range(changed, posts.size)]
        expected = (sum(copies[lane] for copies, _ in totals), sum(chunks[lane] for _, chunks in totals))
        assert log.planned_since(changed, lane) == expected
        assert expected[0] > 0


def test_old_plans_make_room():
    world = small_world(small_config(**{"load.posts_per_s": 60}))
    world.fanout.job_log = JobLog(16)
    world.step(2 * S)
    size = world.tables.posts.size
    known = [row for row in range(size) if world.fanout.job_log.plan_of(row)]
    assert known == list(range(size - 16, size))


def test_a_key_is_taken_apart():
    assert chunk_of(77 << 24 | 1 << 23 | 12) == (1, 12)
    assert chunk_of(77 << 24 | 12) == (0, 12)


def test_a_world_that_is_watched_runs_as_one_that_is_not():
    watched = small_world(small_config(**NASTY))
    unwatched = World(WorldConfig().with_knobs({}), watched.population)
    assert unwatched.fanout.job_log is None
    unwatched = World(watched.config, watched.population)
    for world in (watched, unwatched):
        world.step(5 * S)
    everybody = np.arange(watched.population.users, dtype=np.int32)
    ours, theirs = (world.tables.lists.entries(everybody) for world in (watched, unwatched))
    assert np.array_equal(ours.values, theirs.values)
    assert np.array_equal(ours.offsets, theirs.offsets)
    for metric in (Metric.DELIVERIES, Metric.RETRIES, Metric.DEAD_LETTERED, Metric.REDELIVERIES):
        assert watched.metrics.total(metric) == unwatched.metrics.total(metric)
