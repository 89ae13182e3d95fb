"""An interval holds the truth as often as it says, and a difference inside the noise is none."""

import numpy as np
import pytest
from scipy import stats

from engine.experiments.intervals import difference, estimate

CASES, REPLICATIONS = 1_000, 5
TRUTH = 206.7


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.Generator(np.random.Philox(seed)).standard_normal(shape)


def share_that_hold(truth: float, cases: np.ndarray) -> float:
    found = [estimate(case.tolist()) for case in cases]
    return float(np.mean([interval.low <= truth <= interval.high for interval in found]))


@pytest.mark.parametrize("replications", [2, 3, REPLICATIONS, 30])
def test_a_95_percent_interval_holds_the_truth_in_93_to_97_of_100_cases(replications):
    cases = TRUTH + 12 * normal(replications, CASES, replications)
    assert 0.93 <= share_that_hold(TRUTH, cases) <= 0.97


def test_so_it_does_where_replications_are_means_of_skewed_waits():
    waits = np.random.Generator(np.random.Philox(5)).exponential(2.0, (CASES, 10, 400))
    assert 0.93 <= share_that_hold(2.0, waits.mean(axis=2)) <= 0.97


def test_two_identical_designs_are_told_apart_in_at_most_6_of_100_cases():
    load = 50 * normal(3, CASES, REPLICATIONS)  # what both of them suffer
    own = normal(4, 2, CASES, REPLICATIONS)
    verdicts = [
        difference((load[i] + own[0, i]).tolist(), (load[i] + own[1, i]).tolist()).verdict for i in range(CASES)
    ]
    assert 0.03 <= np.mean([verdict != "none" for verdict in verdicts]) <= 0.06


def test_a_planted_5_percent_is_found_under_a_load_that_scatters_more_than_that():
    load = 100 * (1 + 0.1 * normal(8, CASES, REPLICATIONS))
    slower = 1.05 * load + 0.5 * normal(9, CASES, REPLICATIONS)
    found = [difference(a.tolist(), b.tolist()).verdict for a, b in zip(load, slower, strict=True)]
    assert np.mean([verdict == "higher" for verdict in found]) >= 0.99


def test_an_interval_is_that_of_a_reference():
    values = [3.0, 4.5, 1.25, 8.0]
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    found = estimate(values)
    assert (found.mean, found.low, found.high) == pytest.approx((np.mean(values), low, high))
    assert found.half_width == pytest.approx((high - low) / 2)


def test_what_never_scatters_is_known_exactly():
    assert difference([1.0, 5.0, 2.0], [1.0, 5.0, 2.0]).verdict == "none"
    always = difference([1.0, 5.0, 2.0], [2.0, 6.0, 3.0])
    assert (always.mean, always.low, always.high, always.verdict) == (1.0, 1.0, 1.0, "higher")


def test_one_replication_has_a_mean_and_no_interval():
    found = estimate([3.0])
    assert (found.mean, found.low, found.high, found.n, found.verdict) == (3.0, None, None, 1, "unknown")


@pytest.mark.parametrize("values", [[], [None, None], [1.0, None, 2.0]])
def test_what_was_not_measured_in_every_replication_has_no_mean(values):
    found = estimate(values)
    assert (found.mean, found.verdict) == (None, "unknown")


def test_pairs_come_in_pairs():
    with pytest.raises(ValueError, match="shorter"):
        difference([1.0, 2.0], [1.0])
