"""Several faults of one kind at once: of what is slow the strongest counts, of what is away each takes its share."""

import numpy as np
import pytest

from engine.faults import parse_fault
from engine.faults.broken import Broken
from tests.law.small import Small


def slowed(*faults):
    """By server of the database's replicas, how many times as long; and of the timeline shards."""
    small = Small()
    broken = Broken.by([parse_fault(text, now_ns=0) for text in faults], small.world.fanout.shards.servers)
    broken.tell(small.world)
    return small.world.reads.stations.replicas._slowed, small.world.fanout.shards._slowed


def test_of_two_slow_faults_the_stronger_counts():
    replicas, _ = slowed("database_slow+9x10", "database_slow+9x4")
    assert set(replicas.tolist()) == {10}
    _, shards = slowed("shard_slow+9x3#2", "shard_slow+9x7#2")
    assert shards[2] == 7
    assert shards.sum() == 7 + len(shards) - 1


def test_one_partition_may_be_slower_than_all():
    replicas, _ = slowed("database_slow+9x10", "database_slow+9x20#0", "retry_storm+9x3")
    assert sorted(set(replicas.tolist())) == [10, 20]


@pytest.mark.parametrize("many", [30])
def test_however_many_there_are_no_time_overflows(many):
    replicas, _ = slowed(*["database_slow+9x1000"] * many)
    assert np.array_equal(np.unique(replicas), [1000])
