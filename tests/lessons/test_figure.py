"""Figures by name: measures, paths into the report, and series; with their units."""

import numpy as np
import pytest

from engine.errors import InvalidInput
from engine.observe.metric import Metric
from lessons.figure import figure, spoken

SECONDS = np.arange(1.0, 11.0)
SERIES = {Metric.QUEUE_REST: (SECONDS, np.arange(10.0)), Metric.DELIVERIES: (SECONDS, np.full(10, 4.0))}
SERIES[Metric.FANOUT_LAG] = (SECONDS, np.array([np.nan, np.nan, 5.0, 7.0, 6.0, *[np.nan] * 5]))
REPORT = {"summary": {"failed_reads": 3, "fanout_lag_ms": {"p99": 12.5, "max": None}}, "config": {"strategy": "push"}}


def value(read):
    return figure(read).of(REPORT, {"home_p99_ms": 21.0}, SERIES)


@pytest.mark.parametrize(
    ("read", "expected", "unit"),
    [
        ("home_p99_ms", 21.0, "ms"),
        ("summary.failed_reads", 3.0, ""),
        ("summary.fanout_lag_ms.p99", 12.5, "ms"),
        ("summary.fanout_lag_ms.max", None, "ms"),
        ("queue_rest.max", 9.0, "copies"),
        ("queue_rest.mean@2-4", 2.5, "copies"),
        ("queue_rest.last", 9.0, "copies"),
        ("queue_rest.min", 0.0, "copies"),
        ("deliveries.total", 40.0, "copies"),
        ("deliveries.mean", 4.0, "copies/s"),
        ("fanout_lag.max", 7.0, "ms"),
        ("fanout_lag.last", 6.0, "ms"),
        ("fanout_lag.max@6-9", None, "ms"),
    ],
)
def test_what_is_read_and_in_which_unit(read, expected, unit):
    assert value(read) == expected
    assert figure(read).unit == unit


@pytest.mark.parametrize("read", ["home", "queue_rest.median", "queue.max", "nothing.here", "queue_rest.max@5", ""])
def test_a_figure_that_there_is_not(read):
    with pytest.raises(InvalidInput, match="There is no figure"):
        figure(read)


def test_only_counts_have_a_total():
    with pytest.raises(InvalidInput, match="only what is counted has a total"):
        figure("fanout_lag.total")


@pytest.mark.parametrize("read", ["summary.nothing", "config.strategy"])
def test_a_path_that_leads_to_no_number(read):
    with pytest.raises(InvalidInput):
        value(read)


@pytest.mark.parametrize(
    ("number", "unit", "told"),
    [
        (7130.0, "ms", "7.1 s"), (14.2, "ms", "14 ms"), (0.973, "share", "97 %"), (38.4, "x", "38x"),
        (12000.0, "copies", "12,000 copies"), (1653.2, "copies/s", "1,650 copies/s"), (None, "ms", "nothing"),
        (float("nan"), "s", "nothing"), (3.0, "", "3"), (2.25, "rows", "2.25 rows"),
    ],
)  # fmt: skip
def test_as_people_read_it(number, unit, told):
    assert spoken(number, unit) == told
