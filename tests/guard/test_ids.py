"""Snowflake ids: strictly increasing, and they come apart again."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis.strategies import integers

from datasets.worlds import preset_config
from engine.ids import MS_BITS, PER_MS, SHARDS, parts, snowflake
from engine.reopen import inhabit

MS = integers(0, (1 << MS_BITS) - 1)
SEQUENCE = integers(0, PER_MS - 1)
SHARD = integers(0, SHARDS - 1)


@given(ms=MS, sequence=SEQUENCE, shard=SHARD)
@example(ms=(1 << MS_BITS) - 1, sequence=PER_MS - 1, shard=SHARDS - 1)
def test_an_id_comes_apart_again_and_fits_63_bits(ms, sequence, shard):
    id_ = snowflake(ms, sequence, shard)
    assert parts(id_) == (ms, shard, sequence)
    assert 0 <= id_ < 1 << 63


@given(a=MS, b=MS, first=SEQUENCE, second=SEQUENCE, shard=SHARD)
@example(a=5, b=6, first=PER_MS - 1, second=0, shard=3)
@example(a=5, b=5, first=0, second=1, shard=3)
def test_ids_of_a_shard_sort_by_time_and_then_by_sequence(a, b, first, second, shard):
    assert (snowflake(a, first, shard) < snowflake(b, second, shard)) == ((a, first) < (b, second))


@pytest.mark.parametrize(
    ("ms", "sequence", "shard"), [(-1, 0, 0), (1 << MS_BITS, 0, 0), (0, PER_MS, 0), (0, 0, SHARDS)]
)
def test_what_does_not_fit_is_refused(ms, sequence, shard):
    with pytest.raises(ValueError, match="No id"):
        snowflake(ms, sequence, shard)


def test_the_ids_of_a_worlds_posts_rise_with_their_rows():
    inhabited = inhabit(preset_config("classroom", **{"load.posts_per_s": 2_000.0}))
    inhabited.people.post(3, "first of its millisecond")
    inhabited.people.post(4, "second of its millisecond")
    inhabited.world.step(300_000_000)
    size = inhabited.world.tables.posts.size
    ids = [inhabited.people.view(row).snowflake for row in range(0, size, 7)] + [
        inhabited.people.view(size - 1).snowflake
    ]
    assert (np.diff(ids) > 0).all()
