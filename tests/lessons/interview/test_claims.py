"""Readings against the run: tolerances, scopes, causes, and what costs nothing."""

import pytest

from lessons.interview.claims import check
from tests.lessons.interview.candidates import made

LAG = "visible_lag_ms.p99"
"""900 ms in the base run, 8,000 before and 1,400 after the change, 900 in the unforeseen loads."""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ({"metric": LAG, "value": 900.0}, "true"),
        ({"metric": LAG, "value": 1125.0}, "true"),
        ({"metric": LAG, "value": 1126.0}, "near"),
        ({"metric": LAG, "value": 450.0}, "near"),
        ({"metric": LAG, "value": 449.0}, "contradicted"),
        ({"metric": "stations.workers.util", "value": 0.35}, "true"),
        ({"metric": "stations.workers.util", "value": 0.34}, "near"),
        ({"metric": "stations.workers.util", "value": 0.1}, "contradicted"),
        ({"metric": LAG, "op": "above", "value": 800.0}, "true"),
        ({"metric": LAG, "op": "above", "value": 930.0}, "near"),
        ({"metric": LAG, "op": "above", "value": 1000.0}, "contradicted"),
        ({"metric": LAG, "op": "at_most", "value": 900.0}, "true"),
        ({"metric": LAG, "op": "below", "value": 300.0}, "contradicted"),
        ({"metric": LAG, "op": "above", "other": "home_ms.p99"}, "true"),
        ({"metric": LAG, "op": "below", "other": "home_ms.p99"}, "contradicted"),
        ({"metric": LAG, "op": "above", "other": "fanout_lag_ms.p99"}, "near"),
        ({"metric": LAG, "value": 900.0, "cause": "workers"}, "true"),
        ({"metric": LAG, "value": 900.0, "cause": "replicas"}, "contradicted"),
        ({"metric": "peak.drain_s", "value": 29.0}, "true"),
        ({"metric": "queue_depth_peak", "value": 700_000.0}, "true"),
        ({"metric": "trims", "value": 3.0}, "not measured"),
    ],
)  # fmt: skip
def test_a_claim_about_the_base_run(claim, verdict):
    """Counts are claimed in real units: 700 copies of the run are 700,000."""
    (checked,) = check(made({"claims": [{"scope": "base", **claim}]}))
    assert checked.verdict == verdict


def test_a_comparison_within_the_noise_is_neither_right_nor_wrong():
    claim = {"scope": "base", "metric": LAG, "op": "above", "value": 1000.0}
    assert check(made({"claims": [claim]}))[0].verdict == "contradicted"
    assert check(made({"claims": [claim], "run.base.noise": {LAG: 60.0}}))[0].verdict == "near"


def test_a_claim_without_a_scope_is_wrong_only_if_every_run_says_so():
    assert check(made({"claims": [{"metric": LAG, "value": 8000.0}]}))[0].scope == "change_before"
    assert check(made({"claims": [{"metric": LAG, "value": 100.0}]}))[0].verdict == "contradicted"
    assert check(made({"claims": [{"metric": LAG, "value": 8000.0, "scope": "base"}]}))[0].verdict == "contradicted"


def test_a_scope_that_was_not_run_decides_nothing():
    assert check(made({"claims": [{"metric": LAG, "value": 1.0, "scope": "U1"}]}))[0].verdict == "not measured"


@pytest.mark.parametrize(
    ("extra", "against"),
    [({}, True), ({"retracted": True}, False), ({"text": "The lag might be 100 ms."}, False),
     ({"text": "The lag is 100 ms."}, True)],
)  # fmt: skip
def test_what_was_taken_back_or_hedged_does_not_count_against(extra, against):
    (checked,) = check(made({"claims": [{"metric": LAG, "value": 100.0, **extra}]}))
    assert checked.verdict == "contradicted"
    assert checked.counts_against is against


def test_the_same_claim_twice_counts_once():
    claim = {"metric": LAG, "value": 100.0}
    assert len(check(made({"claims": [claim, {**claim, "text": "again"}]}))) == 1
