"""Workers that fail, jobs that come twice, shards that serve readers too: the fan-out against its definition, to 0 ns.

What comes back waits for the quantum, so nothing that a segment does can reach into that segment itself: the cuts are
random, but for the multiples of the quantum, which no segment straddles.
"""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_MS, NS_PER_S, QUANTUM_NS
from engine.config import WorldConfig
from engine.queueing.broker import JobBatch
from engine.write_path.fanout import Fanout, ListReads, Stage
from tests.conformance.fanout_reference import QUANTUM, Copy, Job, Rules, Story, fan_out, outstanding

UNITS_NS = (5 * NS_PER_MS, 7 * NS_PER_MS + 1)
"""What instants and prices are multiples of: one that meets the quantum often, and one that does not."""
MS = NS_PER_MS


def config_of(rules):
    return WorldConfig().with_knobs(
        {
            "seed": rules.seed, "workers.count": rules.workers, "workers.batch": rules.batch,
            "fanout.partitions": rules.partitions, "fanout.fail_rate": rules.fail_rate,
            "fanout.redeliver_rate": rules.redeliver_rate, "fanout.max_attempts": rules.attempts,
            "fanout.retry_base_ms": rules.backoff / MS, "timeline.shards": rules.shards,
            "costs.poll_us": rules.poll / 1_000, "costs.delivery_us": rules.delivery / 1_000,
            "costs.list_write_us": rules.write / 1_000,
        }
    )  # fmt: skip


def batch_of(jobs, fanout):
    """These jobs for the first time, their followers in the arena; a job's key names its post."""
    enqueued, key, lane, partition = (np.array(column, np.int64) for column in list(zip(*jobs, strict=True))[:4])
    return JobBatch(
        row=(key >> 24).astype(np.int32), lane=lane.astype(np.int8), partition=partition.astype(np.int32),
        start=np.array([fanout.arena.append(np.array(job.owners, np.int32)) for job in jobs], np.int64),
        length=np.array([len(job.owners) for job in jobs], np.int32), enqueued_ns=enqueued,
        attempt=np.ones(len(jobs), np.int32), key=key, duplicate=np.zeros(len(jobs), np.bool_),
    )  # fmt: skip


def reads_of(reads):
    at_ns, user = (np.array([read[i] for read in reads], kind) for i, kind in enumerate((np.int64, np.int32)))
    number = np.arange(len(reads))
    return ListReads(at_ns, user, number, number)


def copies_of(columns, key_of):
    """Copies as the reference tells them; `columns`: at, owner, row, lane and perhaps first."""
    entries = zip(*(column.tolist() for column in columns), strict=True)
    return [Copy(at, key_of[row], owner, *rest) for at, owner, row, *rest in entries]


def played(jobs, reads, rules, cuts, check=lambda fanout, until: None):
    """The engine's story of the same jobs and reads, in segments that end at the cuts and at every quantum."""
    fanout, story, key_of = Fanout(config_of(rules)), Story(), {job.key >> 24: job.key for job in jobs}
    end = max([job.enqueued for job in jobs] + [at for at, _ in reads], default=0)
    start = 0
    while start <= end or len(fanout):
        if start % QUANTUM_NS == 0:
            told = fanout.given_up(start)
            assert (told.at_ns == start).all()
            story.told += copies_of(told, key_of)
        until = min([cut for cut in cuts if cut > start] + [(start // QUANTUM_NS + 1) * QUANTUM_NS])
        new = [job for job in jobs if start <= job.enqueued < until]
        if new:
            fanout.enqueue(batch_of(new, fanout))
        retries, redeliveries = fanout.work(until)
        asking = reads_of([read for read in reads if start <= read[0] < until])
        ready, answered_ns = fanout.readable(until, asking, rules.read)
        in_turn = ready.owner.argsort(kind="stable")
        for one in np.split(ready.at_ns[in_turn], np.flatnonzero(np.diff(ready.owner[in_turn])) + 1):
            assert (one[1:] >= one[:-1]).all(), "each owner's copies come in order of time"
        story.readable += sorted(copies_of(ready, key_of), key=lambda copy: (copy.at, copy.key))
        story.answered += answered_ns.tolist()
        story.retries, story.redeliveries = story.retries + retries, story.redeliveries + redeliveries
        check(fanout, until)
        start = until
        assert start < end + 60 * NS_PER_S, "never at rest"
    story.dead = fanout.dead_letters.jobs.key.tolist()
    return story


@st.composite
def plays(draw):
    """(jobs, list reads, rules, cuts): keys are unique, and in no order; people are few, so shards have lines."""
    unit = draw(st.sampled_from(UNITS_NS))
    instants, prices = (st.integers(0, most).map(unit.__mul__) for most in (50, 4))
    owners = st.lists(st.integers(0, 30), min_size=1, max_size=5, unique=True).map(lambda ids: tuple(sorted(ids)))
    kinds = st.tuples(instants, st.integers(0, 1), st.integers(0, 4), owners)
    drawn = draw(st.lists(kinds, min_size=1, max_size=25))
    rows = draw(st.permutations(range(len(drawn))))
    jobs = [
        Job(at, row << 24 | lane << 23, lane, partition, people)
        for row, (at, lane, partition, people) in zip(rows, drawn, strict=True)
    ]
    rates = st.sampled_from([0.0, 0.3, 0.6, 1.0])
    rules = Rules(
        workers=draw(st.integers(1, 4)), batch=draw(st.integers(1, 12)), partitions=draw(st.integers(1, 3)),
        poll=draw(prices), delivery=draw(prices), seed=draw(st.integers(0, 99)), fail_rate=draw(rates),
        redeliver_rate=draw(rates), attempts=draw(st.integers(1, 4)), backoff=draw(st.integers(100, 400)) * MS,
        shards=draw(st.integers(1, 3)), write=draw(prices), read=draw(prices),
    )  # fmt: skip
    reads = sorted(draw(st.lists(st.tuples(instants, st.integers(0, 30)), max_size=10)))
    return jobs, reads, rules, draw(st.lists(instants, max_size=12))


BUSY_RULES = Rules(
    workers=2, batch=8, partitions=3, poll=2 * MS, delivery=3 * MS, seed=7, fail_rate=0.5, redeliver_rate=0.5,
    attempts=3, backoff=150 * MS, shards=2, write=MS, read=4 * MS,
)  # fmt: skip
BUSY = (
    [Job(i % 7 * 5 * MS, (40 - i) << 24 | i % 2 << 23, i % 2, i % 4, tuple(range(i % 5 + 1))) for i in range(40)],
    [(i * 20 * MS, i) for i in range(30)],
    BUSY_RULES,
    [],
)
"""Forty jobs at once, of which many fail, come back, come twice and are given up."""


def check_the_play(jobs, reads, rules, cuts):
    expected = fan_out(jobs, reads, rules)

    def check(fanout, until):
        owner, row = (column.tolist() for column in fanout.outstanding())
        left = outstanding(jobs, expected, until)
        assert sorted(zip(owner, row, strict=True)) == sorted((person, key >> 24) for person, key in left)

    assert played(jobs, reads, rules, cuts, check) == expected


@settings(deadline=None, max_examples=100)
@example(BUSY)
@example((*BUSY[:3], [1, 5 * MS, 33 * MS, 250 * MS + 1, 300 * MS - 1]))
@given(plays())
def test_what_fails_and_what_comes_twice_is_as_defined_at_any_tick(play):
    check_the_play(*play)


@pytest.mark.long
@settings(deadline=None, max_examples=2_000)
@given(plays())
def test_thousands_of_fan_outs_are_as_defined_at_any_tick(play):
    check_the_play(*play)


def test_the_busy_play_has_everything_in_it():
    """Equal stories without retries would say nothing."""
    story = fan_out(*BUSY[:3])
    assert min(story.retries, story.redeliveries, len(story.dead), len(story.told)) >= 3
    assert any(not copy.first for copy in story.readable)


def test_what_comes_back_comes_at_a_multiple_of_the_quantum():
    due_ns = set()

    def check(fanout, _):
        for job in BUSY[0]:
            due_ns.update(fanout.jobs_of(job.key >> 24)[Stage.AGAIN].enqueued_ns.tolist())

    told = {copy.at for copy in played(*BUSY, check).told}
    assert len(due_ns) > 3
    assert all(at % QUANTUM == 0 for at in due_ns | told)


CHANGES = {
    "a poll": {"poll": 2 * MS + 1},
    "a delivery": {"delivery": 3 * MS + 1},
    "a back-off": {"backoff": 450 * MS},
    "a write at a shard": {"write": MS + 1},
    "a list read": {"read": 4 * MS + 1},
    "a copy more in a batch": {"batch": 9},
    "an attempt more": {"attempts": 4},
    "another seed": {"seed": 8},
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_reference_refuses_a_fan_out_under_rules_a_little_different(change):
    jobs, reads, rules, cuts = BUSY
    assert played(jobs, reads, rules, cuts) != fan_out(jobs, reads, rules._replace(**CHANGES[change]))


def test_the_reference_refuses_feedback_that_does_not_wait_for_the_quantum():
    assert played(*BUSY) != fan_out(*BUSY[:3], quantum=1)


def test_workers_refuse_a_segment_so_long_that_what_it_feeds_back_is_due_in_it():
    jobs, _, rules, _ = BUSY
    fanout = Fanout(config_of(rules))
    fanout.enqueue(batch_of(jobs, fanout))
    fanout.work(5 * QUANTUM_NS)  # retries were due at 200 ms
    with pytest.raises(ValueError, match="workers have worked until"):
        fanout.work(6 * QUANTUM_NS)
