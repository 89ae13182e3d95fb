"""What a change did, in one sentence of measured numbers, and the run before as a ghost under its event."""

import re

import pytest

from engine.live.chronicle import knobs_label
from engine.live.episodes import Episodes
from engine.live.run import Run
from engine.observe.metrics import Metric
from tests.live.helpers import advance, small_run, small_world

S = 1_000_000_000


def since(run):
    return run.chronicle.since(run.world.now_ns)


def test_nothing_is_claimed_before_a_change_or_right_after_it():
    run = small_run(seconds=12)
    assert since(run) is None
    run.set_knobs({"workers.count": 2})
    advance(run, 4)
    assert since(run) is None
    advance(run, 1.5)
    assert since(run).startswith("Since workers 1 → 2 (6 s ago): lag p99 ")


def test_a_change_that_changes_nothing_is_no_change():
    run = small_run(seconds=12)
    run.set_knobs({"workers.count": 1})
    run.set_strategy("push")
    assert run.chronicle.flags == []


def test_without_events_the_time_before_is_compared_with_the_time_since():
    run = small_run(seconds=20)
    metrics = run.world.metrics
    run.set_strategy("pull")
    change_ns = run.world.now_ns
    advance(run, 8)
    before, after = (metrics.latency_in(Metric.HOME_LATENCY, at, 6).quantile(0.99) for at in (change_ns, 28 * S))
    said = re.fullmatch(r"Since Pull \(8 s ago\): home read p99 ([\d.]+) → ([\d.]+) ms; no copies at all", since(run))
    assert float(said[1]) == pytest.approx(before / 1e6, rel=0.06)
    assert float(said[2]) == pytest.approx(after / 1e6, rel=0.06)


def test_two_events_of_a_kind_are_compared_over_the_same_span():
    run = small_run(seconds=10, **{"strategy.threshold": 100})
    run.inject("celebrity")
    advance(run, 15)
    run.set_strategy("hybrid")
    advance(run, 3)
    run.inject("celebrity")
    advance(run, 2)
    early = since(run)
    advance(run, 6)
    metrics = run.world.metrics
    before, after = (metrics.latency_in(Metric.FANOUT_LAG, at, 8).quantile(0.99) for at in (18 * S, 36 * S))
    assert before > 3 * S > after
    said = re.match(r"Since Hybrid \(11 s ago\): lag p99 ([\d.]+) → ([\d.]+) s; home read", since(run))
    assert float(said[1]) == pytest.approx(before / 1e9, rel=0.06)
    assert float(said[2]) == pytest.approx(after / 1e9, abs=0.06)
    assert re.search(r"copies [\d.]+x fewer$", since(run))
    assert early is None or "lag p99 7" not in early


def test_an_event_repeated_after_a_change_has_the_one_before_as_its_ghost():
    run = small_run(seconds=10)
    run.inject("celebrity")
    assert run.chronicle.ghost is None
    advance(run, 12)
    run.inject("celebrity")
    assert run.chronicle.ghost is None, "nothing was changed: the same design twice"
    advance(run, 12)
    run.set_knobs({"workers.count": 4})
    advance(run, 2)
    run.inject("herd")
    assert run.chronicle.ghost is None, "no herd before"
    run.inject("celebrity")
    ghost = run.chronicle.ghost
    assert ghost["label"] == "Push, 14 s ago"
    assert ghost["flag_t"] == 36.0
    points = run.series.between(17.0, 34.0)  # until the change, five seconds of lead
    assert ghost["t"] == [t - 22.0 + 36.0 for t in points["t"]]
    assert max(value for value in ghost["lag_p99"] if value is not None) == pytest.approx(
        max(points["lag_p99"]), rel=1e-3
    )
    assert ghost["queue"][-1] == points["queue_close"][-1] + points["queue_rest"][-1]
    assert len(ghost["home_p99"]) == len(ghost["t"])


def test_after_a_reset_the_run_before_is_the_ghost():
    run = small_run(seconds=5)
    run.inject("celebrity")
    advance(run, 10)
    again = Run(small_world(run.world.config))
    again.chronicle.comes_after(run.chronicle)
    advance(again, 7)
    again.inject("celebrity")
    ghost = again.chronicle.ghost
    assert ghost["label"] == "before the reset, Push"
    assert ghost["flag_t"] == 7.0
    assert ghost["t"][0] == 2.5


def test_flags_are_bounded_and_none_is_told_twice():
    run = small_run(seconds=0)
    for workers in range(2, 302):
        run.set_knobs({"workers.count": workers})
    assert len(run.chronicle.flags) == 200
    assert [flag.label for flag in run.chronicle.flags_after(298)] == ["workers 299 → 300", "workers 300 → 301"]
    assert run.chronicle.flags_after(300) == []


@pytest.mark.parametrize(
    ("changed", "label"),
    [
        ({"workers.count": (4, 8)}, "workers 4 → 8"),
        ({"load.posts_per_s": (30.0, 60.0)}, "posts 30 → 60"),
        ({"fanout.lanes": (True, False)}, "lanes on → off"),
        ({"cache.posts": (1_500, 20_000), "cache.ttl_s": (10.0, 2.5)}, "posts 1,500 → 20,000, ttl s 10 → 2.5"),
        ({f"load.{name}": (1, 2) for name in ("a", "b", "c")}, "a 1 → 2, b 1 → 2 and 1 more"),
    ],
)
def test_changed_knobs_are_named_with_old_and_new_value(changed, label):
    assert knobs_label(changed) == label


# Episodes


def test_an_episode_is_told_with_its_peak_and_its_recovery():
    run = small_run(seconds=10)
    run.inject("celebrity")
    run.inject("celebrity")
    advance(run, 4)
    assert run.pulse.vitals(False).recovered_for_s is None
    advance(run, 30)
    vitals = run.pulse.vitals(False)
    oldest = max(run.series.columns["lag_oldest"]) / 1000
    completed = max(value for value in run.series.columns["lag_p99"] if value == value) / 1000
    assert vitals.peak_lag_s == pytest.approx(max(oldest, completed))
    assert vitals.peak_lag_s > 5
    well_ns = run.world.metrics.recovered_at(Metric.FANOUT_LAG, 10 * S, until_ns=run.world.now_ns)
    assert vitals.recovery_s == pytest.approx(well_ns / S - 10, abs=2)
    assert 5 < vitals.recovery_s < 25
    assert vitals.recovered_for_s > 0
    assert 0 < vitals.late_share < 1


def test_lag_that_keeps_its_promise_is_no_episode():
    run, episodes = small_run(seconds=1), Episodes(slo_s=5.0)
    for second, lag_s in enumerate([0.2, 2.0, 4.9, 3.0, 0.5]):
        episodes.see(run.world.metrics, second * S, lag_s)
    assert episodes.latest is None
    episodes.see(run.world.metrics, 6 * S, 5.1)
    assert episodes.latest.peak_s == 5.1
    assert episodes.latest.over_ns is None


def test_a_herd_is_told_while_its_reads_stand_in_line():
    run = small_run(seconds=10, **{"timeline.shards": 2, "costs.list_read_us": 15_000})
    calm = run.pulse.vitals(False)
    assert calm.herd_people == 0
    run.inject("herd")
    advance(run, 2.5)
    crowded = run.pulse.vitals(False)
    assert crowded.herd_people == pytest.approx(240, rel=0.25)
    slowest = run.world.metrics.latency_in(Metric.HOME_LATENCY, run.world.now_ns, 2).quantile(0.99) / 1e6
    assert 0.5 * slowest < crowded.read_wait_ms < slowest
    assert crowded.hottest_station == "the timeline store"
    advance(run, 20)
    assert run.pulse.vitals(False).herd_people == 0


def test_copies_given_up_are_counted_with_the_people_they_were_for():
    run = small_run(seconds=2, **{"fanout.fail_rate": 1.0, "fanout.max_attempts": 1})
    run.inject("celebrity")
    advance(run, 12)
    vitals = run.pulse.vitals(False)
    assert vitals.given_up > 1_000
    assert 200 < vitals.people_missing <= 300
