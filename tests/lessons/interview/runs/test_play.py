"""What a run tells of a design; each law over runs of the small world."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest

from lessons.interview.figures import figure
from lessons.interview.runs import Ran, design_of
from lessons.interview.runs import course as courses
from lessons.interview.runs.looks import Watching
from lessons.interview.runs.play import Job, play
from lessons.interview.sheet import Alarm
from tests.lessons.interview.candidates import made

PUSH = (("steps.3.structured.strategy", "push"), ("steps.3.structured.celebrity", "none"))


@lru_cache
def ran(scope: str, changes: tuple[tuple[str, Any], ...] = (), alarms: tuple[Alarm, ...] = ()) -> Ran:
    design = design_of(made(dict(changes)), seed=7)
    course = {
        "short": lambda: courses.short(design),
        "base": lambda: courses.base(design),
        "shard_down": lambda: courses.shard_down(design),
    }.get(scope) or (
        (lambda: courses.unforeseen(design, scope)) if scope[0] == "U"
        else (lambda: courses.changed(design, scope, "senior", scope))
    )  # fmt: skip
    return play(Job(course(), 7, Watching(99, alarms, design.scale), design.knobs))


@pytest.fixture(scope="module")
def base() -> Ran:
    """The base run of the made-up senior's design."""
    return ran("base")


def test_the_base_run_has_all_that_criteria_ask_of_it(base):
    part = base.part
    assert part.stations["workers"].util == pytest.approx(4_630 * 75 / (600 * 800), rel=0.1)
    assert part.paging.repeats == 0
    assert part.paging.skips == 0
    assert part.own_posts.unseen == 0
    assert part.deleted.served == 0
    assert part.audit.missing == part.audit.duplicate == 0
    top, small = part.by_followers
    assert top.followers == 30_000
    assert small.post_p99_ms == pytest.approx(part.summary.post_ms.p99, rel=0.02)  # not of the peak after it
    assert top.post_p99_ms == pytest.approx(2.1, rel=0.1)  # its one post: gateway and commit
    assert part.summary.write_amplification == pytest.approx(75, rel=0.1)
    assert {"visible_lag", "home_latency", "queue_rest"} <= set(base.series)


def test_a_queue_drains_in_the_time_of_the_closed_form(base):
    """Backlog over capacity less arrivals; arrivals of a minute vary by some ten in a hundred."""
    backlog, capacity_s = base.part.peak.queue_depth_peak, 600 * 800 / 1_000
    arrivals_s = 4.63 * 75
    assert base.part.peak.extrapolated
    assert base.part.peak.drain_s == pytest.approx(backlog / (capacity_s - arrivals_s), rel=0.4)


def test_pages_by_offset_show_posts_twice(base):
    design = design_of(made({"steps.2.structured.paging": "offset"}), seed=7)
    course = replace(courses.base(design), seconds=60, stretches=courses.base(design).stretches[:1], judged_s=None,
                     peak_ends_s=None)  # fmt: skip
    part = play(Job(course, 7, Watching(), design.knobs)).part
    assert part.paging.repeats
    assert base.part.paging.repeats == 0


def test_the_largest_account_stops_whoever_pushes_to_all_of_its_followers():
    pushed, apart = ran("short", PUSH), ran("short")
    assert figure(pushed.part, "visible_lag_ms.p99") > 10 * figure(apart.part, "visible_lag_ms.p99")
    assert pushed.part.by_followers[0].lag_p99_ms > 20_000
    assert apart.part.by_followers[0].lag_p99_ms == 0
    assert pushed.part.stations["workers"].breached_at_s is not None
    assert apart.part.stations["workers"].breached_at_s is None


def test_a_run_is_the_same_every_time():
    design = design_of(made(), seed=7)
    job = Job(courses.unforeseen(design, "U3"), 7, Watching(), design.knobs)
    assert play(job).to_json() == play(job).to_json() == ran("U3").to_json()


def test_redelivery_doubles_nothing_and_crossing_loses_nothing():
    for scope in ("U3", "U5"):
        audit = ran(scope).part.audit
        assert (audit.missing, audit.duplicate, audit.foreign, audit.out_of_order) == (0, 0, 0, 0)


def test_a_limit_on_posts_keeps_spam_from_the_others():
    open_door = ran("U4", (("steps.6.structured.limits", None),))
    limited = ran("U4")
    assert figure(limited.part, "visible_lag_ms.p99") < figure(open_door.part, "visible_lag_ms.p99")


def test_a_deleted_post_goes_at_once_where_pages_filter_and_late_where_lists_are_cleaned():
    assert ran("V4").part.deleted.longest_s == 0
    assert ran("V4", (("steps.6.structured.deletes", "remove"),)).part.deleted.longest_s > 0.5


def test_alarms_fire_when_their_limit_is_passed_and_only_then():
    alarms = (Alarm(metric="visible_lag_p99", above=3_000.0), Alarm(metric="hit_rate", above=0.0),
              Alarm(metric="queue_depth"))  # fmt: skip
    fired = ran("short", PUSH, alarms).part.alarms
    assert 20 <= fired["visible_lag_p99"][0] <= 30
    assert fired["hit_rate"] == ()
    assert "queue_depth" not in fired
    assert ran("short", (), alarms).part.alarms["visible_lag_p99"] == ()


def test_the_cheaper_way_for_few_reads_keeps_its_promises():
    few = (("steps.3.structured.strategy", "pull"), ("steps.1.structured.assume.home_reads_per_day", 4e8))
    assert figure(ran("short", few).part, "home_ms.p99") < 300
    assert figure(ran("short", few[:1]).part, "home_ms.p99") > 300


def test_a_queue_that_was_seen_to_empty_is_not_extrapolated():
    assert ran("U1").part.peak.extrapolated is False


def test_what_a_run_tells_survives_json(base):
    told = Ran.of_json(base.to_json())
    assert told.part == base.part
    assert told.marks == base.marks
    assert told.series.keys() == base.series.keys()
