"""Studies for pages: begun in a queue, looked at while they run, cancelled, forgotten, and never a traceback."""

import json
import shlex
from concurrent.futures import Executor
from dataclasses import replace

import pytest

from engine.__main__ import _parser
from engine.errors import InvalidField, InvalidInput, TooManyStudies, UnknownName, UnknownStudy
from engine.experiments.arguments import run_request
from engine.experiments.compare import CompareRequest
from engine.experiments.grid import VARIABLE, parse_axis, suggested
from engine.experiments.replicate import Played
from engine.experiments.studies import (
    Setting,
    Studies,
    Study,
    command_of,
    comparison_asked,
    difference_rows,
    measure_rows,
    pairs_of,
    promise_rows,
    report_of,
    sweep_asked,
    sweep_rows,
    wins_in_words,
)
from engine.experiments.studies.registry import KEPT_S, MOST_WAITING
from engine.experiments.threshold import why_not_everyone
from tests.experiments.executors import Scripted, Synchronous

SETTING = Setting(seconds=1, replications=3)
COSTS = {"pull": 1.0, "push": 3.0, "hybrid": 2.0}


class Clock:
    """Stands still until somebody turns it."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def now_s(self) -> float:
        return self.at_s

    def sleep_s(self, seconds: float) -> None:
        self.at_s += seconds


class Later(Executor):
    """Turns that are given by hand: what was submitted is done by `give`."""

    def __init__(self) -> None:
        self.calls = []

    def submit(self, fn, /, *args, **kwargs):
        self.calls.append(lambda: fn(*args, **kwargs))

    def give(self) -> None:
        self.calls.pop(0)()


def figures(task) -> dict[str, float]:
    cost = COSTS[task.request.config.strategy.name]
    noise = 0.01 * (task.replication % 3)
    return {
        "machine_s": cost + noise,
        "write_cost_s": cost + noise,
        "home_p99_ms": 10 - cost,
        "visible_lag_p99_ms": cost,
    }


def studies(executor: Executor | None = None, turns: Executor | None = None) -> tuple[Studies, Clock]:
    clock = Clock()
    return Studies(clock, executor or Scripted(figures), turns or Synchronous()), clock


def comparison(*strategies: str, **changes) -> CompareRequest:
    return comparison_asked(replace(SETTING, **changes), strategies or ("pull", "push"))


def test_a_study_is_run_and_found_again_by_an_id_that_cannot_be_guessed():
    registry, _ = studies()
    one, other = registry.start(comparison()), registry.start(comparison())
    assert len({one.id, other.id}) == 2
    assert min(len(one.id), len(other.id)) >= 16
    look = registry.find(one.id).look()
    assert (look.state, look.done, look.total) == ("done", 6, 6)
    assert look.over
    assert "pull takes the least machine time" in look.found.text
    with pytest.raises(UnknownStudy, match="for an hour"):
        registry.find("0" * 16)


def test_one_is_at_work_a_few_wait_and_the_next_is_refused_in_a_sentence():
    turns = Later()
    registry, _ = studies(turns=turns)
    waiting = [registry.start(comparison()) for _ in range(MOST_WAITING)]
    assert [study.look().ahead for study in waiting] == [0, 1, 2]
    assert {study.look().state for study in waiting} == {"waiting"}
    with pytest.raises(TooManyStudies, match="try again when"):
        registry.start(comparison())
    registry.cancel(waiting[1].id)
    assert [study.look().ahead for study in waiting] == [0, 1, 1]
    registry.start(comparison())
    turns.give()
    turns.give()
    assert [study.look().state for study in waiting] == ["done", "cancelled", "waiting"]


def test_what_has_ended_is_seen_while_it_runs_and_kept_when_it_is_cancelled():
    seen = []

    class Watched(Scripted):
        def submit(self, fn, /, *args, **kwargs):
            (study,) = registry._jobs.values()
            seen.append(study.look())
            if len(seen) == 4:
                registry.cancel(study.id)
            return super().submit(fn, *args, **kwargs)

    registry, _ = studies(Watched(figures))
    study = registry.start(comparison())
    assert [(look.state, look.done) for look in seen] == [("running", done) for done in range(4)]
    assert seen[0].found is None
    assert seen[2].found.text.startswith("So far, 2 of 6 runs.")
    assert seen[2].what == "push, replication 1"
    look = study.look()
    assert (look.state, look.done, look.total) == ("cancelled", 4, 6)
    assert look.found.text.startswith("Stopped after 4 of 6 runs.")
    assert look.found.cancelled


def test_a_sweep_too_is_drawn_from_what_has_ended():
    registry, _ = studies()

    class Stopped(Scripted):
        def submit(self, fn, /, *args, **kwargs):
            future = super().submit(fn, *args, **kwargs)
            if self.submitted == 5:
                registry.close()
            return future

    registry._executor = Stopped(figures)
    vary = [("workers.count", "2,4,8")]
    study = registry.start(sweep_asked(SETTING, ["push", "pull"], vary))
    look = study.look()
    assert (look.state, look.done, look.total) == ("cancelled", 5, 18)
    assert [row["Replications"] for row in sweep_rows(look.found)] == ["1", "1", "0"]
    assert [row["Wins"] for row in sweep_rows(look.found)] == ["pull ?", "pull ?", "…"]
    assert wins_in_words(look.found).startswith("Of three points: 3 open (machine time")
    with pytest.raises(TooManyStudies):
        registry.start(comparison())


def test_it_is_forgotten_an_hour_after_the_last_look():
    registry, clock = studies()
    study = registry.start(comparison())
    for _ in range(3):
        clock.at_s += KEPT_S - 1
        assert registry.find(study.id) is study
    clock.at_s += KEPT_S + 1
    with pytest.raises(UnknownStudy):
        registry.find(study.id)


def test_one_that_nobody_looks_at_is_stopped():
    registry, clock = studies()

    class Slow(Scripted):
        def submit(self, fn, /, *args, **kwargs):
            clock.at_s += KEPT_S / 3
            return super().submit(fn, *args, **kwargs)

    registry._executor = Slow(figures)
    assert registry.start(comparison(replications=50)).look().state == "cancelled"


@pytest.mark.parametrize("error", [ValueError("a\nb"), KeyError("x"), UnknownName("There is no such thing.")])
def test_an_error_is_one_sentence_of_the_study(error):
    class Broken(Synchronous):
        def submit(self, fn, /, *args, **kwargs):
            return super().submit(self._fail)

        def _fail(self) -> Played:
            raise error

    look = studies(Broken())[0].start(comparison()).look()
    assert look.state == "failed"
    assert str(error).splitlines()[0] in look.error
    assert "Traceback" not in look.error


def test_one_that_fails_midway_keeps_what_had_ended():
    def fails(task) -> dict[str, float]:
        if task.replication == 1:
            raise ValueError("no more")
        return figures(task)

    look = studies(Scripted(fails))[0].start(comparison()).look()
    assert (look.state, look.done, look.total) == ("failed", 2, 6)
    assert "no more" in look.error
    assert look.found.text.startswith("Stopped after 2 of 6 runs.")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (lambda: comparison("push"), "at least two"),
        (lambda: comparison("push", " push "), "named twice"),
        (lambda: comparison("push", "pusch"), "no strategy 'pusch'"),
        (lambda: comparison("push", "hybrid:thresold=5"), "allowed: threshold"),
        (lambda: comparison("push", "hybrid:threshold=x"), "whole number"),
        (lambda: comparison("push", "x.py:Mine"), "no strategy"),
        (lambda: comparison("push", ""), "no strategy ''"),
        (lambda: comparison(world="country"), "allowed: classroom, city"),
        (lambda: comparison(scenario="flood"), "no scenario 'flood'"),
        (lambda: comparison(seconds=0), "from 1 to 600"),
        (lambda: comparison(seconds=None), "from 1 to 600"),
        (lambda: comparison(replications=51), "from 1 to 50"),
        (lambda: comparison(seconds=600, replications=50, seed=0, world="city"), None),
        (lambda: comparison("push", "pull", "hybrid", seconds=600, replications=50), "up to 1,000 runs"),
        (lambda: sweep_asked(SETTING, ["push"], []), "one or two"),
        (lambda: sweep_asked(SETTING, [], [("workers.count", "2")]), "No strategy to sweep"),
        (lambda: sweep_asked(SETTING, ["push"], [("workers.count", "")]), "none are given"),
        (lambda: sweep_asked(SETTING, ["push"], [("workers.count", "2")] * 2), "varied twice"),
        (lambda: sweep_asked(SETTING, ["push"], [("workers.count", "2")], "speed"), "no measure 'speed'"),
        (lambda: sweep_asked(SETTING, ["push"], [("celebrity_share", "0.01")]), "from 0.15"),
        (
            lambda: sweep_asked(SETTING, ["push"], [("workers.count", "1:200:200"), ("load.posts_per_s", "1,2")]),
            "1,200",
        ),
    ],
)
def test_what_may_not_be_asked_for_is_refused_before_anything_runs(asked, says):
    if says is None:
        asked()
        return
    with pytest.raises(InvalidInput) as told:
        asked()
    assert says in str(told.value)


ONE = [("workers.count", "2")]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (lambda: comparison("push"), "strategies"),
        (lambda: comparison("push", "pusch"), "strategies"),
        (lambda: comparison(world="country"), "world"),
        (lambda: comparison(scenario="flood"), "scenario"),
        (lambda: comparison(seconds=0), "seconds"),
        (lambda: comparison(replications=51), "replications"),
        (lambda: comparison(seed=-1), "seed"),
        (lambda: comparison("push", "pull", "hybrid", seconds=600, replications=50), "replications"),
        (lambda: sweep_asked(SETTING, ["push"], []), "values"),
        (lambda: sweep_asked(SETTING, ["push"], [("workers.count", "banana")]), "values"),
        (lambda: sweep_asked(SETTING, ["push"], [("celebrity_share", "0.01")]), "values"),
        (lambda: sweep_asked(SETTING, ["push"], [*ONE, ("read.limit", "")]), "second_values"),
        (lambda: sweep_asked(SETTING, ["push"], [*ONE, ("celebrity_share", "0.01")]), "second_values"),
        (lambda: sweep_asked(SETTING, ["push"], ONE * 2), "second"),
        (lambda: sweep_asked(SETTING, ["pusch"], ONE), "strategies"),
        (lambda: sweep_asked(SETTING, ["push"], ONE, "speed"), "measure"),
        (lambda: sweep_asked(SETTING, ["push"], [("no.knob", "1")]), "values"),
    ],
)
def test_what_is_refused_names_its_field(asked, field):
    with pytest.raises(InvalidField) as told:
        asked()
    assert told.value.field == field


@pytest.mark.parametrize("name", VARIABLE)
def test_of_everything_that_can_be_varied_values_are_suggested(name):
    assert len(parse_axis(f"{name}={suggested(name)}").values) >= 2


def test_the_command_line_does_the_same():
    setting = Setting(world="city", scenario="viral", seconds=9, replications=4, seed=11)
    compared = comparison_asked(setting, ["push", "hybrid:threshold=50"])
    vary = [("strategy.threshold", "10:1000:3:log"), ("fanout.lanes", "on,off")]
    swept = sweep_asked(setting, ["push"], vary, "home_p99_ms", keep_promises=True)
    for request in (compared, swept):
        command = shlex.split(command_of(request))
        assert command[:3] == ["python", "-m", "engine"]
        options = _parser().parse_args(command[3:])
        assert run_request(options, "push") == replace(request.run, redis_url=options.redis)
        assert tuple(options.strategy) == request.strategies
        assert options.replications == request.replications
    assert tuple(parse_axis(text) for text in options.vary) == swept.vary
    assert (options.measure, options.keep_promises) == ("home_p99_ms", True)


@pytest.fixture(scope="module")
def compared() -> Study:
    return studies()[0].start(comparison("pull", "push", "hybrid"))


def test_rows_hold_every_measure_and_say_what_cannot_be_told(compared):
    found = compared.look().found
    rows = {row["Measure"]: row for row in measure_rows(found)}
    assert (
        rows["machine time, all stations"] | {"pull": "1.01 ± 0.0248", "Kind": "modelled"}
        == rows["machine time, all stations"]
    )
    assert {row["Kind"] for row in rows.values()} == {"real", "measured", "modelled"}
    assert promise_rows(found) == [
        {"Promise": "within: 5,000 ms", "pull": "3 of 3", "push": "3 of 3", "hybrid": "3 of 3"}
    ]
    assert pairs_of(found) == [("pull", "push"), ("pull", "hybrid"), ("push", "hybrid")]
    between = {row["Measure"]: row for row in difference_rows(found, "pull", "push")}
    assert between["machine time, all stations"]["Difference"] == "+2"
    assert between["machine time, all stations"]["Says"] == "push has more"
    assert between["rows read"]["Says"] == "no difference that three replications can tell"


def test_what_is_taken_away_is_whole(compared):
    found = compared.look().found
    assert json.loads(json.dumps(found.to_json()))["digest"] == found.digest
    page = report_of(found)
    assert page.startswith("<!doctype html>") or page.startswith("<!DOCTYPE html>")
    assert found.text in page


def answered(*columns: tuple[float, float, float], cheapest: float) -> str:
    """At thresholds 10, 100, ...: (writing, reading, home p99 in ms)."""
    runs = [
        [
            {"write_cost_s": w, "read_cost_s": r, "machine_s": w + r, "home_p99_ms": h + 0.01 * replication}
            for w, r, h in columns
        ]
        for replication in range(3)
    ]
    return why_not_everyone("hybrid", [10.0 * 10**i for i in range(len(columns))], runs, [cheapest])


def test_why_not_for_everyone_is_answered_from_the_figures():
    dearer = answered((1, 90, 20), (20, 10, 9), (80, 5, 8), cheapest=100.0)
    assert dearer == (
        "Because readers would pay more than writers save: under hybrid with the threshold at 10 instead of 100, "
        "fan-out falls from 20 to 1 machine s, but home reads rise from 10 to 90."
    )
    slower = answered((1, 50, 20), (80, 5, 8), cheapest=10.0)
    assert slower.startswith("Because of what readers wait")
    assert slower.endswith("from 85 to 51 machine s, but home p99 rises from 8.01 ms to 20 ms.")
    assert answered((1, 50, 8), (80, 5, 8), cheapest=10.0).startswith("Here nothing that three replications can tell")
    assert answered((1, 50, 8), cheapest=10.0) == ""
