"""What broke first, and the single change that moved it most, by runs that were made."""

import pytest

from lessons.interview.debrief.broke import broke_sentences, first_broken
from tests.lessons.interview.candidates import made, part, silent

LATE = {"run.base.summary.visible_lag_ms.p99": 9000.0, "run.base.stations.workers.breached_at_s": 31.0,
        "run.base.stations.workers.util": 1.4}  # fmt: skip


def lag(value, **more):
    return part(summary={"visible_lag_ms": {"p99": value}}, **more)


def test_the_first_run_with_a_broken_promise_decides():
    one = first_broken(made(LATE))
    assert (one.promise.scope, one.promise.found, one.promise.promised) == ("base", 9000, 5000)
    assert (one.at_s, one.station, one.util) == (31, "workers", 1.4)
    usual = first_broken(made())
    assert (usual.promise.scope, usual.at_s, usual.station) == ("change_before", 20, "workers")


def test_the_changed_design_comes_last_whatever_its_place_among_the_runs():
    both = {"run.change_before": part(), "run.change_after": lag(7000.0), "run.unforeseen.U5": lag(6000.0)}
    assert first_broken(made(both)).promise.scope == "U5"


def test_of_two_broken_promises_the_one_that_broke_more():
    both = {**LATE, "run.base.summary.home_ms.p99": 900.0}
    assert first_broken(made(both)).promise.path == "home_ms.p99"


def test_the_single_change_that_moved_it_most_is_taken_from_the_runs():
    one = first_broken(made(LATE)).moved
    assert (one.before, one.after) == (9000, 520)
    assert one.again.which == "the run of the next step"
    slower = {**LATE, "run.next": lag(8000.0), "run.ablation.coalescing.base": lag(4000.0)}
    assert first_broken(made(slower)).moved.again.which == "a run of the ablation"


def test_under_the_new_requirement_the_settings_of_the_change_are_tried_one_by_one():
    singles = {"change.structured.config_diff": {"workers.count": 8, "timeline.cap": 400},
               "run.change_single": {"workers.count": lag(2000.0), "timeline.cap": lag(7500.0)}}  # fmt: skip
    one = first_broken(made(singles))
    assert one.tried == 2
    assert (one.moved.again.what, one.moved.after) == ("workers.count at 8", 2000)
    assert "which keeps the promise" in broke_sentences(made(singles))[-1]


def test_a_change_of_one_setting_is_a_single_change():
    assert first_broken(made()).moved.again.which == "the run after the change"


def test_a_whole_change_of_several_settings_is_none():
    several = {"change.structured.config_diff": {"workers.count": 8, "timeline.cap": 400}}
    assert first_broken(made(several)).tried == 0
    assert broke_sentences(made(several))[-1] == (
        "No run has a single change under this load. The whole change took lag p99 from 8,000 ms to 1,400 ms "
        "(measured)."
    )
    assert "no change can be named" in broke_sentences(made({**several, "run.change_after": None}))[-1]


def test_a_sweep_is_held_against_its_own_point_and_not_against_the_longer_base_run():
    points = [{"knob": "workers.count", "value": value, **lag(ms)} for value, ms in ((4.0, 3000.0), (8.0, 2900.0))]
    alone = {**LATE, "run.next": None, "run.ablation": None}
    assert first_broken(made({**alone, "run.sweep": points})).moved is None
    points[1] |= lag(300.0)
    moved = first_broken(made({**alone, "run.sweep": points})).moved
    assert (moved.again.what, moved.before, moved.after) == ("workers.count at 8", 3000, 300)


def test_where_nothing_was_run_again_that_is_said():
    alone = {**LATE, "run.next": None, "run.sweep": None, "run.ablation": None}
    assert first_broken(made(alone)).moved is None
    assert "No run has a single change under this load" in broke_sentences(made(alone))[-1]


def test_where_no_change_helped_that_is_said():
    worse = {**LATE, "run.next": lag(9900.0), "run.ablation": None, "run.sweep": None}
    assert "run 1 time under this load, and none lowered" in broke_sentences(made(worse))[-1]


def test_where_nothing_broke_the_nearest_is_told():
    (sentence,) = broke_sentences(made({"run.change_before": part()}))
    assert sentence == (
        "No promise broke in 7 runs. Lag p99 came nearest, in the run after the change: 1,400 ms (measured), and "
        "5,000 ms were promised."
    )


@pytest.mark.parametrize("transcript", [silent(), made({"run": None})])
def test_without_a_run_nothing_broke(transcript):
    assert broke_sentences(transcript) == ("No design was run, so nothing was measured.",)


def test_a_run_without_stations_or_times_leaves_them_out():
    bare = {"run.base": {"summary": {"visible_lag_ms": {"p99": 9000.0}}}}
    told = broke_sentences(made(bare))
    assert told[0].startswith("In the base run the promise broke: lag p99 was 9,000 ms (measured)")
    assert told[1] == "No station was measured in that run."
