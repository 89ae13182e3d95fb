"""Series, windows and totals; and that only (instant, value) matter, never how they were batched."""

import csv
import io
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_S
from engine.observe.derived import DERIVED, POST_HIT_RATE, QUEUE_DEPTH, WRITE_AMPLIFICATION
from engine.observe.export import to_csv
from engine.observe.metrics import Metric, Metrics, Peak

MS = 10**6
SLOT = 500 * MS


def ns(*seconds):
    return np.array([round(s * NS_PER_S) for s in seconds], dtype=np.int64)


def test_every_metric_has_a_definition_and_says_whether_it_is_measured():
    assert len(Metric) == 38
    for metric in Metric:
        assert metric.kind in {"latency", "count", "level"}
        assert metric.unit
        assert metric.label
        assert "easured" in metric.text
        assert ("modelled" in metric.text) == (metric.kind == "latency")
    assert f"{Metric.FANOUT_LAG}" == "fanout_lag"


def test_a_series_has_latencies_in_ms_counts_per_second_and_levels_repeated():
    metrics = Metrics()
    metrics.observe(Metric.FANOUT_LAG, ns(0.1, 1.2), np.array([20 * MS, 40 * MS]))
    metrics.add(Metric.POSTS, ns(0.1, 0.2, 1.4))
    metrics.level(Metric.QUEUE_REST, NS_PER_S // 2, 7.0)
    metrics.level(Metric.QUEUE_REST, 3 * NS_PER_S // 2, 9.0)
    t_s, lag = metrics.series(Metric.FANOUT_LAG, 0)
    assert t_s.tolist() == [0.5, 1.0, 1.5]
    assert lag == pytest.approx([20, np.nan, 40], rel=0.02, nan_ok=True)
    assert metrics.series(Metric.POSTS, 0)[1].tolist() == [4, 0, 2]
    assert metrics.series(Metric.QUEUE_REST, 0)[1].tolist() == [7, 7, 9]
    assert metrics.series(Metric.QUEUE_JOBS, 0)[1] == pytest.approx([np.nan] * 3, nan_ok=True)


def test_new_points_continue_where_the_last_ended_and_unfinished_slots_wait():
    metrics = Metrics()
    metrics.add(Metric.READS, ns(0.1, 0.7, 1.1))
    t_s, _ = metrics.series(Metric.READS, 0, until_ns=round(1.2 * NS_PER_S))
    assert t_s.tolist() == [0.5, 1.0]
    t_s, _ = metrics.series(Metric.READS, round(t_s[-1] * NS_PER_S), until_ns=round(1.5 * NS_PER_S))
    assert t_s.tolist() == [1.5]


def test_a_level_at_the_end_of_a_slot_is_its_own_and_the_last_in_it_stands():
    metrics = Metrics()
    for at_ms, value in ((100, 1), (500, 5), (400, 4), (600, 6)):
        metrics.level(Metric.QUEUE_JOBS, at_ms * MS, value)
    assert metrics.series(Metric.QUEUE_JOBS, 0)[1].tolist() == [5, 6]


def test_a_window_is_the_last_whole_slots():
    metrics = Metrics()
    metrics.add(Metric.POSTS, ns(0.2, 0.7, 1.2, 1.7))
    metrics.observe(Metric.HOME_LATENCY, ns(0.2, 0.7, 1.2, 1.7), np.array([1, 2, 3, 4]))
    now = round(1.9 * NS_PER_S)
    assert metrics.window(Metric.POSTS, now, 1) == 2
    window = metrics.window(Metric.HOME_LATENCY, now, 1)
    assert (window.count, window.max, window.mean) == (2, 3, 2.5)
    assert metrics.window(Metric.POSTS, 100 * NS_PER_S, 1) == 0


def test_the_run_remembers_what_the_slots_forget():
    metrics = Metrics(keep_slots=4)
    metrics.add(Metric.POSTS, ns(*range(100)), 3)
    metrics.observe(Metric.POST_LATENCY, ns(*range(100)), np.arange(100))
    metrics.add(Metric.POSTS, ns(2))  # long forgotten
    assert metrics.total(Metric.POSTS) == 301
    assert metrics.total(Metric.POST_LATENCY) == metrics.histogram(Metric.POST_LATENCY).count == 100
    assert metrics.series(Metric.POSTS, 0)[0].tolist() == [98, 98.5, 99, 99.5]
    assert metrics.series(Metric.POSTS, 0)[1].tolist() == [0, 6, 0, 6]
    metrics.level(Metric.QUEUE_REST, 10 * NS_PER_S, 5)
    metrics.level(Metric.QUEUE_REST, 500 * NS_PER_S, 6)
    assert metrics.series(Metric.QUEUE_REST, 0)[1].tolist() == [5, 5, 5, 6]


def test_memory_is_bounded():
    metrics = Metrics(keep_slots=10)
    for slot in range(200):
        at = np.array([slot * SLOT])
        metrics.observe(Metric.FANOUT_LAG, at, np.array([5]))
        metrics.add(Metric.POSTS, at)
        metrics.level(Metric.QUEUE_REST, slot * SLOT, 1)
    stored = [*metrics._slots.values(), *metrics._amounts.values(), *metrics._levels.values()]
    assert max(len(kept) for kept in stored) <= 12


EVENTS = st.lists(
    st.tuples(st.integers(-SLOT, 8 * SLOT), st.integers(0, 10**12), st.integers(0, 4)), min_size=1, max_size=40
)


@settings(max_examples=60)
@given(EVENTS, st.lists(st.integers(0, 40), max_size=6))
def test_how_events_are_batched_cannot_be_seen(events, cuts):
    def record(batches):
        metrics = Metrics(keep_slots=6)
        for batch in batches:
            at, value, weight = (np.array([e[i] for e in batch], dtype=np.int64) for i in range(3))
            metrics.observe(Metric.VISIBLE_LAG, at, value, weight)
            metrics.add(Metric.PAIRS, at, weight)
            metrics.add(Metric.READS, at)
        return metrics

    edges = [0, *sorted(min(cut, len(events)) for cut in cuts), len(events)]
    split = record([events[a:b] for a, b in itertools.pairwise(edges)])
    whole = record([sorted(events)])
    assert to_csv(split) == to_csv(whole)
    for metrics in (split, whole):
        assert metrics.total(Metric.PAIRS) == sum(weight for _, _, weight in events)
    assert split.histogram(Metric.VISIBLE_LAG).mean == whole.histogram(Metric.VISIBLE_LAG).mean
    for seconds in (1, 2.5):
        left, right = (m.window(Metric.VISIBLE_LAG, 8 * SLOT, seconds) for m in (split, whole))
        assert (left.count, left.mean, left.quantile(0.9)) == (right.count, right.mean, right.quantile(0.9))


def lag_by_second(values_s):
    metrics = Metrics()
    for second, value in enumerate(values_s):
        if value is not None:
            at = ns(second + 0.2, second + 0.8)
            metrics.observe(Metric.FANOUT_LAG, at, np.full(2, round(value * NS_PER_S)))
    metrics.add(Metric.READS, ns(len(values_s)))  # time goes on
    return metrics


def recovered_s(metrics, since_s=0, **options):
    at = metrics.recovered_at(Metric.FANOUT_LAG, since_s * NS_PER_S, **options)
    return None if at is None else at / NS_PER_S


def test_recovered_is_five_seconds_on_end_after_the_trouble():
    assert recovered_s(lag_by_second([0.1, 3, 4, 0.5, 2, *[0.9] * 5])) == 5
    assert recovered_s(lag_by_second([0.1, 3, 4, 0.5, 2, *[0.9] * 4])) is None
    assert recovered_s(lag_by_second([0.1] * 5)) == 0
    assert recovered_s(lag_by_second([0.1, 3, *[0.9] * 5, 7])) == 2
    assert recovered_s(lag_by_second([0.1, 3, *[0.9] * 5]), until_ns=6 * NS_PER_S) is None
    assert recovered_s(lag_by_second([9, 0.1, 3, *[0.9] * 5]), since_s=1) == 3


def test_a_second_without_deliveries_is_well_only_if_nothing_waited():
    silent = lag_by_second([3, None, None, None, None, None])
    assert recovered_s(silent) == 1
    silent.level(Metric.QUEUE_REST, 2 * NS_PER_S, 40)
    assert recovered_s(silent) is None


def test_the_peak_is_the_worst_slot():
    metrics = lag_by_second([0.1, 3, 7, 2])
    peak = metrics.peak(Metric.FANOUT_LAG, 0)
    assert isinstance(peak, Peak)
    assert peak.at_ns == round(2.5 * NS_PER_S)
    assert peak.value == pytest.approx(7000, rel=0.02)
    assert metrics.peak(Metric.HOME_LATENCY, 0) is None
    assert Metrics().peak(Metric.HOME_LATENCY, 0) is None


def test_shares_are_counted_in_the_window():
    metrics = Metrics()
    metrics.add(Metric.BODY_HITS, ns(0.1, 0.9), np.array([9, 5]))
    metrics.add(Metric.BODY_MISSES, ns(0.2, 0.9), np.array([1, 15]))
    assert metrics.ratio(Metric.BODY_HITS, Metric.BODY_MISSES, NS_PER_S, 0.5) == 0.25
    assert metrics.ratio(Metric.TIMELINE_HITS, Metric.TIMELINE_MISSES, NS_PER_S, 0.5) is None
    assert POST_HIT_RATE.value(metrics, NS_PER_S, 0.5) == 0.25
    assert POST_HIT_RATE.total(metrics) == 14 / 30
    assert POST_HIT_RATE.series(metrics, 0)[1].tolist() == [0.9, 0.25]
    assert WRITE_AMPLIFICATION.total(metrics) is None
    assert WRITE_AMPLIFICATION.series(metrics, 0)[1] == pytest.approx([np.nan] * 2, nan_ok=True)


def test_queue_depth_is_both_lanes():
    metrics = Metrics()
    metrics.level(Metric.QUEUE_CLOSE, SLOT, 3)
    metrics.level(Metric.QUEUE_REST, SLOT, 4)
    assert QUEUE_DEPTH.series(metrics, 0)[1].tolist() == [7]


def test_derived_measures_have_definitions():
    for derived in DERIVED:
        assert derived.text.endswith("Measured.")
        assert derived.label


def test_the_table_has_a_line_for_each_slot_and_units_in_its_names():
    metrics = lag_by_second([0.1, None, 2])
    rows = list(csv.DictReader(io.StringIO(to_csv(metrics))))
    assert [row["t_s"] for row in rows] == ["0.5", "1", "1.5", "2", "2.5", "3", "3.5"]
    assert float(rows[0]["fanout_lag p99 (ms)"]) == pytest.approx(100, rel=0.02)
    assert rows[2]["fanout_lag p99 (ms)"] == ""
    assert rows[6]["reads (reads/s)"] == "2"
    assert len(rows[0]) == 1 + 4 * 3 + 34 + len(DERIVED)
    assert to_csv(Metrics()).count("\n") == 1
