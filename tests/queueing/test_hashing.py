"""Where ids go, and chance out of contents."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import ordering
from engine.ordering import stable_order
from engine.queueing.hashing import mix, shard_of, uniform


@pytest.mark.parametrize("servers", [2, 7, 8, 16, 100])
@pytest.mark.parametrize("ids", [np.arange(100_000), 64 * np.arange(100_000)], ids=["neighbours", "every 64th"])
def test_ids_spread_evenly(ids, servers):
    counts = np.bincount(shard_of(ids.astype(np.int32), servers), minlength=servers)
    expected = len(ids) / servers
    chi_square = ((counts - expected) ** 2 / expected).sum()
    assert abs(chi_square - (servers - 1)) < 4 * np.sqrt(2 * (servers - 1)) + 4


def test_neighbours_share_a_server_no_more_often_than_strangers():
    shard = shard_of(np.arange(100_000, dtype=np.int32), 8)
    assert np.mean(shard[1:] == shard[:-1]) == pytest.approx(1 / 8, abs=4 * np.sqrt(1 / 8 * 7 / 8 / 100_000))


def test_a_shard_is_the_same_for_ever():
    assert shard_of(np.arange(10, dtype=np.int32), 8).tolist() == [7, 4, 4, 0, 3, 3, 5, 3, 4, 5]
    assert shard_of(np.arange(10, dtype=np.int32), 1).tolist() == [0] * 10
    assert mix(np.zeros(1, np.int64)).tolist() == [0xE220A8397B1DCDAF]  # the first output of SplitMix64 from 0


def test_chance_is_even_and_differs_by_every_content():
    key, attempt = np.arange(50_000), np.full(50_000, 1)
    draws = [
        uniform(7, "fails", key, attempt),
        uniform(8, "fails", key, attempt),
        uniform(7, "jitter", key, attempt),
        uniform(7, "fails", key, attempt + 1),
        uniform(7, "fails", key + 50_000, attempt),
        uniform(7, "fails", attempt, key),
    ]
    for numbers in draws:
        assert 0 <= numbers.min() < numbers.max() < 1
        counts = np.bincount((numbers * 20).astype(int), minlength=20)
        assert ((counts - 2_500) ** 2 / 2_500).sum() < 19 + 4 * np.sqrt(38)
    for i in range(len(draws)):
        for j in range(i):
            assert abs(np.corrcoef(draws[i], draws[j])[0, 1]) < 4 / np.sqrt(50_000)


def test_chance_depends_on_contents_alone():
    key = np.arange(100)
    order = np.random.default_rng(1).permutation(100)
    assert np.array_equal(uniform(7, "fails", key)[order], uniform(7, "fails", key[order]))
    assert uniform(7, "fails", key[40:41])[0] == uniform(7, "fails", key)[40]


@given(st.lists(st.integers(-3, 3)), st.sampled_from([1, 10**9, 2**60]), st.sampled_from([0, ordering._FEW]))
def test_a_stable_order_is_stable(values, far, few):
    values = np.array(values, np.int64) * far
    low, high = -3 * far, 3 * far
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "_FEW", few)
        assert stable_order(values, low, high).tolist() == sorted(range(len(values)), key=lambda i: values[i])
