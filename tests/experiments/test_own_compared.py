"""Somebody's own strategy in a comparison: on the same load, behind its fence, stopped with the comparison."""

import threading
import time
from dataclasses import replace

import pytest

from engine.clock import SystemWallClock
from engine.errors import InvalidField, NotAllowed, OwnCodeFailed
from engine.experiments.measures import MEASURES
from engine.experiments.studies import OwnCode, Setting, Studies, comparison_asked, own
from engine.own_strategy import TEMPLATE, Limits, OwnCodePolicy, Work, measure
from engine.own_strategy.believed import figures_in, report_in
from tests.experiments.executors import Synchronous

HERE = OwnCodePolicy(shared=False)
MINE = OwnCode(source=TEMPLATE, name="Mine", policy=HERE)
BRIEF = Setting(seconds=2, replications=1)


def asked(code: OwnCode = MINE, setting: Setting = BRIEF, *more: str):
    return comparison_asked(setting, ["push", code.spec, *more], code)


def test_it_meets_the_load_that_the_others_meet_and_says_every_measure():
    look = Studies(SystemWallClock(), Synchronous(), Synchronous()).start(asked()).look()
    assert (look.state, look.error, look.done) == ("done", None, 2)
    mine, push = look.found.column("mine.py:Mine"), look.found.column("push")
    assert mine.estimates["rows_read"].mean != push.estimates["rows_read"].mean
    assert mine.stations_s.keys() == push.stations_s.keys()
    assert [promise.label for promise in mine.promises] == [promise.label for promise in push.promises]
    assert len({run["load"]["digest"] for run in look.found.runs}) == 1
    (run,) = [run for run in look.found.runs if run["strategy"] == "mine.py:Mine"]
    assert run["config"]["strategy"] == "mine.py:Mine"
    assert run["inputs"]["strategy"]["sha256"] == MINE.sha256


def test_another_load_than_that_of_the_others_is_noticed(monkeypatch):
    def another(source, work, **how):
        return measure(source, replace(work, seed=work.seed + 1), **how)

    monkeypatch.setattr(own, "measure", another)
    look = Studies(SystemWallClock(), Synchronous(), Synchronous()).start(asked()).look()
    assert look.state == "failed"
    assert "recorded twice and differently" in look.error


def test_a_cancel_stops_the_code_at_once():
    answer = "return posts.followers < 200"
    endless = TEMPLATE.replace(answer, f"while len(posts.author): pass\n        {answer}")
    registry = Studies(SystemWallClock(), Synchronous())
    study = registry.start(asked(replace(MINE, source=endless)))
    began = time.monotonic()
    while study.look().done < 1 and time.monotonic() - began < 30:
        time.sleep(0.1)
    time.sleep(3)
    assert not study.over
    stopped = time.monotonic()
    registry.close()
    assert time.monotonic() - stopped < 5
    assert (study.look().state, study.look().done) == ("cancelled", 1)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("own-code")]


def test_what_is_stopped_with_a_comparison_is_no_failure(monkeypatch):
    def stopped_soon(source, work, *, stopped, **how):
        begun.set()
        while not stopped():
            time.sleep(0.001)
        raise OwnCodeFailed("The code was stopped.")

    begun = threading.Event()
    monkeypatch.setattr(own, "measure", stopped_soon)
    registry = Studies(SystemWallClock(), Synchronous())
    study = registry.start(asked())
    assert begun.wait(20)
    registry.close()
    look = study.look()
    assert (look.state, look.error, look.done) == ("cancelled", None, 1)


def test_where_it_is_off_nothing_is_asked_of_it():
    with pytest.raises(InvalidField, match="off in a shared room"):
        asked(replace(MINE, policy=OwnCodePolicy(shared=True)))
    with pytest.raises(NotAllowed):
        own.own_designs(replace(asked(), code=replace(MINE, policy=OwnCodePolicy(shared=True))))


def test_only_what_was_checked_is_taken_for_it_and_the_others_are_checked_as_always():
    for strategies, says in ((["push", "mine.py:Other"], "no strategy 'mine.py'"), ([MINE.spec], "at least two")):
        with pytest.raises(InvalidField, match=says):
            comparison_asked(BRIEF, strategies, MINE)
    with pytest.raises(InvalidField, match="named twice"):
        asked(MINE, BRIEF, "push")
    with pytest.raises(InvalidField, match="named twice"):
        asked(MINE, BRIEF, MINE.spec)
    with pytest.raises(InvalidField, match="classroom only"):
        asked(MINE, replace(BRIEF, world="city"))


@pytest.fixture(scope="module")
def answered():
    return measure(TEMPLATE, Work(scenario="steady", seconds=1), policy=HERE, limits=Limits(wall_s=60))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("load",), None), (("load", "digest"), "abc"), (("load", "digest"), 7), (("slo", "visible_lag"), {}),
        (("slo", "visible_lag", "label"), 1), (("slo", "visible_lag", "measured"), "x"), (("slo",), []),
        (("slo", "visible_lag", "met"), 1), (("cost", "workers_s"), None), (("cost", "workers_s"), float("inf")),
        (("summary", "x"), {"a": {"b": {"c": {}}}}), (("audit", "x"), "y" * 1_000), (("audit", "x" * 1_000), 1),
        (("summary",), {str(i): i for i in range(1_000)}), (("virtual_seconds",), "long"), (("load", "x"), [1]),
    ],
)  # fmt: skip
def test_a_forged_report_is_refused_by_its_form(answered, path, value):
    assert report_in(answered.report)
    with pytest.raises(OwnCodeFailed, match="report"):
        report_in(changed(answered.report, path, value))


@pytest.mark.parametrize("told", [None, [], {}, {"machine_s": 1.0}, "figures"])
def test_forged_figures_are_refused_by_their_form(answered, told):
    assert set(figures_in(answered.figures)) == set(MEASURES) - {"usd_per_day"}
    with pytest.raises(OwnCodeFailed, match="figures"):
        figures_in(told)


@pytest.mark.parametrize("value", ["1", True, float("nan"), [1]])
def test_a_forged_figure_is_refused(answered, value):
    with pytest.raises(OwnCodeFailed, match="figures"):
        figures_in(answered.figures | {"machine_s": value})


def changed(report, path, value):
    name, *rest = path
    return {**report, name: changed(report[name], rest, value) if rest else value}
