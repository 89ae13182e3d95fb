"""Promises: kept, broken, or nothing to say."""

import numpy as np

from engine.clock import NS_PER_S
from engine.config import SloConfig
from engine.observe.metrics import Metric, Metrics
from engine.observe.slo import slo_report, slo_states

MS = 10**6


def states(metrics, **window):
    return {state.name: state for state in slo_states(metrics, SloConfig(), **window)}


def test_without_measurements_no_promise_is_judged():
    assert {state.met for state in states(Metrics()).values()} == {None}


def test_promises_over_the_run_and_over_a_window():
    metrics = Metrics()
    early, late = np.array([0]), np.array([20 * NS_PER_S])
    metrics.observe(Metric.VISIBLE_LAG, early, np.array([9000 * MS]))
    metrics.observe(Metric.VISIBLE_LAG, late, np.array([100 * MS]))
    metrics.observe(Metric.HOME_LATENCY, late, np.array([400 * MS]))
    metrics.add(Metric.PAIRS, early, 100)
    metrics.add(Metric.PAIRS, late, 100)
    metrics.add(Metric.FRESH_PAIRS, late, 99)
    run = states(metrics)
    assert (run["visible_lag"].met, run["visible_lag"].measured, run["visible_lag"].target) == (False, 9000, 5000)
    assert (run["fresh_share"].met, run["fresh_share"].measured) == (False, 99 / 200)
    recent = states(metrics, now_ns=21 * NS_PER_S, window_s=10)
    assert (recent["visible_lag"].met, recent["visible_lag"].measured) == (True, 100)
    assert (recent["fresh_share"].met, recent["fresh_share"].measured) == (True, 0.99)
    assert (recent["home_latency"].met, recent["home_latency"].unit) == (False, "ms")
    assert recent["home_latency"].to_json()["measured"] == 400
    report = slo_report(metrics, SloConfig())
    assert list(report) == list(run)
    assert report["home_latency"] == {
        "label": "99 in 100 home pages within", "target": 300, "measured": 400, "unit": "ms", "met": False
    }  # fmt: skip
