"""Figures made of others, and of how long something lasted."""

from types import MappingProxyType

import numpy as np
import pytest

from engine.errors import InvalidInput
from engine.observe.metric import Metric
from lessons.figure import Series, figure

_ENDS = np.array([1.0, 2.0, 3.0])
_SERIES: Series = MappingProxyType(
    {Metric.PAIRS: (_ENDS, np.array([10.0, 20.0, 30.0])), Metric.FRESH_PAIRS: (_ENDS, np.array([10.0, 15.0, 20.0]))}
)


@pytest.mark.parametrize(
    ("read", "value", "unit"),
    [
        ("pairs.total - fresh_pairs.total", 15.0, "pairs"),
        ("pairs.total@1-2 - fresh_pairs.total@1-2", 5.0, "pairs"),
        ("fresh_pairs.total / pairs.total", 0.75, "x"),
        ("summary.deliveries / load.posts", 40.0, "x"),
        ("pairs.total / load.posts", 30.0, ""),
        ("pairs.total / pairs.mean", 3.0, "s"),
        ("pairs.total / pairs.mean / home_p50_ms", 1.5, "x"),
        ("home_p50_ms / summary.wait_s", 0.5, "x"),
        ("summary.wait_s / summary.wait_s", 1.0, "x"),
        ("pairs.total - fresh_pairs.total - load.posts", 13.0, "pairs"),
    ],
)
def test_two_figures_of_a_run_make_one(read: str, value: float, unit: str) -> None:
    made = figure(read)
    report = {"summary": {"deliveries": 80, "wait_s": 4.0}, "load": {"posts": 2}}
    assert made.of(report, {"home_p50_ms": 2_000.0}, _SERIES) == value
    assert made.unit == unit


def test_both_series_are_named() -> None:
    assert figure("pairs.total - fresh_pairs.total").metrics == {Metric.PAIRS, Metric.FRESH_PAIRS}
    assert figure("summary.deliveries / pairs.total").metrics == {Metric.PAIRS}


def test_divided_by_nothing_is_nothing() -> None:
    assert figure("summary.a / summary.b").of({"summary": {"a": 1, "b": 0}}, {}, {}) is None


def test_a_missing_part_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidInput, match=r"'no\.such'"):
        figure("pairs.total - no.such")


def test_a_total_adds_up_rates_over_the_time_that_each_of_them_lasted() -> None:
    halves: Series = {Metric.POSTS: (np.array([0.5, 1.0, 1.5]), np.array([20.0, 28.0, 38.0]))}
    assert figure("posts.total").of({}, {}, halves) == 43.0
    assert figure("posts.total@0-1").of({}, {}, halves) == 24.0


def test_the_time_over_a_value_is_in_seconds_and_leaves_gaps_out() -> None:
    lag: Series = {Metric.FANOUT_LAG: (np.array([0.5, 1.0, 1.5, 2.0]), np.array([900.0, 6000.0, np.nan, 5000.5]))}
    made = figure("fanout_lag.over_5000")
    assert made.of({}, {}, lag) == 1.0
    assert made.unit == "s"
    assert figure("fanout_lag.over_5000@0-1").of({}, {}, lag) == 0.5
    assert figure("fanout_lag.over_9000").of({}, {}, lag) == 0.0
