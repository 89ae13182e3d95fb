"""The histogram against sorted lists: quantiles within 2 %, everything else exact."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.observe.histogram import BUCKETS, TOP_NS, Histogram, bucket_of

ERROR = 0.02
VALUES = st.lists(st.integers(0, TOP_NS), min_size=1, max_size=60)


def of(values, weights=None):
    histogram = Histogram()
    weights = None if weights is None else np.array(weights, dtype=np.int64)
    histogram.add(np.array(values, dtype=np.int64), weights)
    return histogram


def by_rank(values, q):
    return sorted(values)[max(math.ceil(q * len(values) - 1e-9), 1) - 1]


@given(VALUES, st.floats(0.001, 1))
@example([TOP_NS], 0.5)
@example(list(range(100)), 0.07)
@example([0, 0, 1], 0.5)
def test_a_quantile_is_within_two_percent_of_the_sorted_list(values, q):
    expected = by_rank(values, q)
    assert of(values).quantile(q) == pytest.approx(expected, rel=ERROR, abs=0)


def test_no_value_is_further_than_two_percent_from_its_bucket():
    edges = np.unique(np.round(2.0 ** np.linspace(0, np.log2(TOP_NS), 50_000)).astype(np.int64))
    buckets = bucket_of(edges)
    histogram = Histogram()
    histogram.add(edges)
    midpoints, _ = histogram.buckets()
    taken_for = midpoints[buckets - buckets[0]]
    worst = np.max(np.abs(taken_for - edges) / edges)
    assert 0.01 < worst < 0.016  # and the ruler is not blind: there is an error to be seen


def test_buckets_grow_with_the_value_and_zero_has_its_own():
    values = np.concatenate([np.arange(3000), np.geomspace(3000, TOP_NS, 3000).astype(np.int64)])
    buckets = bucket_of(values)
    assert np.all(np.diff(buckets) >= 0)
    assert buckets[0] == 0
    assert buckets[1] == 1
    assert buckets[-1] == BUCKETS - 1


def test_small_whole_numbers_are_exact():
    for value in range(64):
        assert of([value, value, 10**9]).quantile(0.5) == value


def test_beyond_the_top_the_maximum_is_still_exact():
    histogram = of([5 * TOP_NS, 10])
    assert histogram.max == 5 * TOP_NS
    assert histogram.quantile(1.0) == 5 * TOP_NS


@given(st.lists(st.tuples(st.integers(0, TOP_NS), st.integers(0, 5)), min_size=1, max_size=40), st.floats(0.01, 1))
def test_a_weight_is_as_many_values(pairs, q):
    weighted = of(*map(list, zip(*pairs, strict=True)))
    repeated = of([value for value, weight in pairs for _ in range(weight)])
    assert (weighted.count, weighted.max, weighted.mean) == (repeated.count, repeated.max, repeated.mean)
    assert weighted.quantile(q) == repeated.quantile(q)


@given(VALUES, VALUES)
def test_merging_is_adding_everything(left, right):
    merged, together = of(left), of(left + right)
    merged.merge(of(right))
    assert (merged.count, merged.max, merged.mean) == (together.count, together.max, together.mean)
    assert all(merged.quantile(q) == together.quantile(q) for q in (0.1, 0.5, 0.99))


def test_the_mean_is_exact_even_where_int64_would_overflow():
    weights = [10**6, 10**6, 1]
    values = [TOP_NS, TOP_NS - 1, 3]
    exact = sum(v * w for v, w in zip(values, weights, strict=True))
    assert exact > 2**63
    histogram = of(values, weights)
    assert histogram.mean == exact / histogram.count


def test_an_empty_histogram_knows_nothing():
    empty = Histogram()
    assert (empty.count, empty.max, empty.mean, empty.quantile(0.5), empty.share_within(5)) == (0, 0, None, None, None)
    empty.merge(Histogram())
    empty.add(np.array([], dtype=np.int64))
    empty.add(np.array([3], dtype=np.int64), np.array([0]))
    assert empty.count == 0


def test_the_share_within_a_limit():
    histogram = of(list(range(1, 11)))
    assert histogram.share_within(3) == 0.3
    assert histogram.share_within(0) == 0.0
    assert histogram.share_within(10**9) == 1.0


def test_the_quantiles_of_an_exponential_are_those_of_the_formula():
    rng = np.random.default_rng(3)
    mean = 2e9
    samples = [of(rng.exponential(mean, 4000).astype(np.int64)).quantile(0.9) for _ in range(20)]
    error = np.std(samples, ddof=1) / math.sqrt(len(samples))
    # four standard errors of the sampling, and the bucket's own error
    assert abs(np.mean(samples) - mean * math.log(10)) < 4 * error + ERROR * mean * math.log(10)
