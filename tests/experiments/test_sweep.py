"""Sweeps: what may be varied, who wins where, where two curves cross, and the command."""

import json
import math
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from datasets.worlds import build_population, preset_config
from engine.__main__ import main
from engine.errors import InvalidInput, InvalidKnob, UnknownName
from engine.experiments.crossing import crossing
from engine.experiments.grid import Axis, parse_axis, placed, points
from engine.experiments.run import RunRequest, run
from engine.experiments.sweep import SweepRequest, sweep
from tests.experiments.executors import Scripted, Synchronous
from tests.experiments.small import GRAPH, small

CLASSROOM = RunRequest(config=preset_config("classroom"))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("workers.count=2,4,8", (2, 4, 8)),
        ("workers.count=8", (8,)),
        ("strategy.threshold=50:1500:3", (50, 775, 1500)),
        ("strategy.threshold=10:1000:3:log", (10, 100, 1000)),
        ("workers.count=1:3:9", (1, 2, 3)),
        ("cache.ttl_s=0.5:1.5:3", (0.5, 1.0, 1.5)),
        ("cache.ttl_s=2:2:1", (2.0,)),
        ("fanout.lanes=on,off", (True, False)),
        ("timeline.backend=ring,fakeredis", ("ring", "fakeredis")),
        ("reads_per_post=1,10", (1.0, 10.0)),
        ("celebrity_share=0.2:0.8:4", (0.2, 0.4, 0.6, 0.8)),
    ],
)
def test_an_axis_is_listed_or_spread(text, values):
    assert parse_axis(text).values == values


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("workers.cuont=1,2", "did you mean workers.count"),
        ("celebrity_shar=0.5", "did you mean celebrity_share"),
        ("workers.count", "has no values"),
        ("workers.count=", "Values of workers.count: none are given; write numbers with commas"),
        ("workers.count=,", "none are given"),
        (
            "workers.count=banana",
            "Values of workers.count: 'banana' is not a number; write numbers with commas, or from:to:steps.",
        ),
        ("workers.count=2,4.5", "'4.5' is not allowed; allowed: a whole number from 1 to 10,000 workers"),
        ("fanout.lanes=maybe", "'maybe' is not allowed; allowed: on, off"),
        ("workers.count=0,2", "from 1 to 10,000 workers"),
        ("workers.count=8:2:3", "8 to 2 runs downwards; write the smaller end first"),
        ("workers.count=2:8:0", "'0' steps; allowed: a whole number from 1 to 200"),
        ("workers.count=2:8:-1", "from 1 to 200"),
        ("workers.count=2:8:9999999999", "from 1 to 200"),
        ("workers.count=2:8", "is no range"),
        ("workers.count=2:8:x", "'x' steps; allowed"),
        ("workers.count=2:8:2.5", "'2.5' steps; allowed"),
        ("workers.count=two:8:3", "'two' is not a number"),
        ("workers.count=nan:8:3", "'nan' is not a number"),
        ("workers.count=2:inf:3", "from 1 to 10,000 workers"),
        ("fanout.fail_rate=0:1:3:log", "begin above 0"),
        ("fanout.fail_rate=0:1:3:cubic", "is no range"),
        ("fanout.lanes=0:1:2", "is no range"),
        ("seed=1,2", "replications vary it"),
        ("tick_ms=10,50", "never changes a result"),
    ],
)
def test_a_bad_axis_is_told_with_what_is_allowed(text, says):
    with pytest.raises(InvalidKnob) as told:
        parse_axis(text)
    assert says in str(told.value)


def test_the_last_axis_runs_fastest():
    axes = (Axis("a", (1, 2)), Axis("b", ("x", "y")))
    assert [tuple(at.values()) for at in points(axes)] == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]


def test_reads_per_post_counts_on_the_points_own_posts():
    request = placed(CLASSROOM, {"reads_per_post": 20.0, "load.posts_per_s": 5.0})
    assert request.config.load.reads_per_s == 100


@pytest.mark.parametrize("share", [0.2, 0.9])
def test_celebrity_share_is_how_many_follow_the_largest_account(share):
    request = placed(CLASSROOM, {"celebrity_share": share})
    graph = build_population(request.config, celebrity_share=request.celebrity_share).graph
    counts = np.asarray(graph.follower_counts)
    assert counts.max() == round(share * graph.n)
    assert counts.mean() == pytest.approx(40.5, rel=0.02)
    report = run(replace(request, seconds=1)).report
    assert report["config"]["celebrity_share"] == share


@pytest.mark.parametrize(("request_", "says"), [(CLASSROOM, "from 0.15 to 0.95"), (small(), "with a graph file")])
def test_a_celebrity_that_a_world_cannot_have_is_refused(request_, says):
    with pytest.raises(InvalidInput, match=says):
        placed(request_, {"celebrity_share": 0.05})


def asked(*vary: str, strategies=("push", "pull"), replications=3, **more) -> SweepRequest:
    axes = tuple(parse_axis(text) for text in vary)
    return SweepRequest(run=small(), vary=axes, strategies=strategies, replications=replications, **more)


def scripted(machine_s, lag_ms=lambda *_: 1.0):
    """An executor whose runs take the machine time written down: (strategy, config, replication) -> seconds."""

    def figures(task):
        config = task.request.config
        seconds = machine_s(config.strategy.name, config, task.replication)
        return {"machine_s": seconds, "visible_lag_p99_ms": lag_ms(config.strategy.name)}

    return Scripted(figures)


def jitter(replication: int) -> float:
    return 0.01 * (replication % 3)


def test_at_each_point_somebody_wins_or_it_is_a_tie():
    def machine_s(name, config, r):
        if config.workers.count == 4:
            return {"push": (1, 3, 2), "pull": (2, 1, 3)}[name][r]  # nobody can tell
        return 10 * config.workers.count + (
            5 if name == ("push" if config.workers.count == 2 else "pull") else jitter(r)
        )

    found = sweep(asked("workers.count=2,4,8"), executor=scripted(machine_s))
    assert [point.winner.to_json()["strategy"] for point in found.points] == ["pull", None, "push"]
    assert [point.winner.tie for point in found.points] == [False, True, False]
    assert set(found.points[1].winner.best) == {"push", "pull"}
    assert found.points[0].columns[1].estimates["machine_s"].half_width > 0


def test_two_knobs_make_a_heat_map_of_who_wins():
    def machine_s(name, config, r):
        reads = config.load.reads_per_s / config.load.posts_per_s
        return {"push": 30, "pull": reads}[name] + config.workers.count + jitter(r + len(name))

    request = asked("reads_per_post=1,10,100", "workers.count=2,4")
    found = sweep(request, executor=scripted(machine_s))
    heat = [[winner.to_json()["strategy"] for winner in row] for row in found.grid()]
    assert heat == [["pull", "pull"], ["pull", "pull"], ["push", "push"]]
    assert found.curves == ()
    whole = found.to_json()
    assert [axis["knob"] for axis in whole["axes"]] == ["reads_per_post", "workers.count"]
    assert len(whole["points"]) == 6
    assert whole["points"][1]["at"] == {"reads_per_post": 1.0, "workers.count": 4}
    assert [[cell["strategy"] for cell in row] for row in whole["heat"]] == heat


def test_only_what_keeps_its_promises_can_win_if_that_is_asked():
    cheap_and_late = scripted(
        lambda name, _, r: {"push": 1, "pull": 2}[name] + jitter(r), lambda name: 9_000.0 if name == "push" else 1.0
    )
    plain = sweep(asked("workers.count=2"), executor=cheap_and_late)
    strict = sweep(asked("workers.count=2", keep_promises=True), executor=cheap_and_late)
    assert [found.points[0].winner.best for found in (plain, strict)] == [("push",), ("pull",)]
    nobody = sweep(asked("workers.count=2", strategies=("push",), keep_promises=True), executor=cheap_and_late)
    assert nobody.points[0].winner.best == ()
    assert not nobody.points[0].winner.sure


def test_without_a_second_replication_nobody_is_sure():
    found = sweep(
        asked("workers.count=2", replications=1), executor=scripted(lambda name, *_: {"push": 1.0, "pull": 2.0}[name])
    )
    winner = found.points[0].winner
    assert winner.best == ("push",)
    assert not winner.sure
    assert found.to_json()["method"] == "One replication: there are no intervals."


# Crossings

X = [10.0, 100.0, 1_000.0]


def test_curves_cross_where_a_straight_line_between_points_says_over_log_x():
    found = crossing(X, [[1.0, 3.0, 5.0]], [[5.0, 3.0, 1.0]])
    assert found.at.mean == pytest.approx(100)
    between = crossing(X, [[0.0, 2.0, 4.0]], [[1.0, 1.0, 1.0]])
    assert between.at.mean == pytest.approx(10**1.5)
    assert crossing([1.0, 2.0], [[0.0, 4.0]], [[1.0, 1.0]]).at.mean == pytest.approx(1.25)


def test_a_crossing_has_an_interval_over_replications():
    true = 200.0
    rng = np.random.Generator(np.random.Philox(2))
    hold = 0
    for _ in range(400):
        shift = rng.normal(0, 20, 5)
        a = [[100.0, 300.0]] * len(shift)
        b = [[true + s, true + s] for s in shift]
        found = crossing([100.0, 300.0], a, b)
        hold += found.at.low <= true <= found.at.high
    assert 0.92 <= hold / 400 <= 0.98


def test_curves_that_never_cross_cross_nowhere():
    none = crossing(X, [[1.0, 1.0, 1.0]] * 3, [[2.0, 3.0, 4.0]] * 3)
    assert (none.at.mean, none.text) == (None, "none in this range")
    assert crossing(X, [[1.0, 1.0, 1.0]], [[1.0, 1.0, 1.0]]).text == "none in this range"
    assert crossing([1.0], [[1.0]], [[2.0]]).text == "none in this range"


def test_a_crossing_in_some_replications_only_has_no_interval():
    above, up, down = [9.0, 9.0, 9.0], [1.0, 3.0, 5.0], [5.0, 3.0, 1.0]
    some = crossing(X, [up, above, up], [down, up, down])
    assert (some.crossed, some.of, some.at.low) == (2, 3, None)
    assert "in 2 of 3 replications only" in some.text


def test_the_threshold_sweep_draws_both_bills_and_where_they_cross():
    request = asked("strategy.threshold=5,20,60,10000", strategies=("hybrid",), replications=2)
    found = sweep(replace(request, run=small(2, **{"costs.delivery_us": 300.0})), executor=Synchronous())
    write, read = (
        [point.columns[0].estimates[name].mean for point in found.points] for name in ("write_cost_s", "read_cost_s")
    )
    assert write == sorted(write)
    assert read == sorted(read, reverse=True)
    assert write[0] < read[0]
    assert write[-1] > read[-1]
    (curves,) = found.curves
    assert 5 < curves.crossing.at.mean < 10_000
    assert curves.crossing.at.low <= curves.crossing.at.mean <= curves.crossing.at.high
    assert f"strategy.threshold = {curves.crossing.text}" in curves.text
    totals = [point.columns[0].estimates["machine_s"].mean for point in found.points]
    assert curves.cheapest[0] == (5, 20, 60, 10_000)[int(np.argmin(totals))]
    digests = {tuple(point.digests.items()) for point in found.points}
    assert len(digests) == 1, "a threshold does not change what people do"


@pytest.mark.parametrize("listed", ["10,1000", "1000,10"])
def test_curves_run_from_the_lowest_value_to_the_highest_however_they_are_listed(listed):
    def figures(task):
        return {"write_cost_s": math.log10(task.request.config.strategy.threshold), "read_cost_s": 2.0}

    found = sweep(asked(f"strategy.threshold={listed}", strategies=("hybrid",)), executor=Scripted(figures))
    assert found.curves[0].crossing.at.mean == pytest.approx(100)
    assert [point.at["strategy.threshold"] for point in found.points] == [int(value) for value in listed.split(",")]


def test_a_sweep_of_the_load_has_a_recording_of_its_own_at_each_point():
    found = sweep(asked("load.reads_per_s=50,100", replications=2), executor=Synchronous())
    assert found.points[0].digests != found.points[1].digests
    assert [list(point.digests) for point in found.points] == [[7, 8], [7, 8]]


def test_a_cancelled_sweep_is_a_whole_grid_of_fewer_replications():
    cancelled = threading.Event()
    executor = scripted(lambda name, config, r: len(name) + config.workers.count + jitter(r))

    def after_nine(done: int, *_) -> None:
        if done == 9:
            cancelled.set()

    found = sweep(asked("workers.count=2,4"), executor=executor, progress=after_nine, cancelled=cancelled)
    assert (found.cancelled, found.done, found.total) == (True, 9, 12)
    assert [point.replications for point in found.points] == [2, 2]
    assert found.points[0].winner.sure
    assert json.loads(json.dumps(found.to_json()))["cancelled"]


def test_nothing_at_all_is_a_sweep_too():
    cancelled = threading.Event()
    cancelled.set()
    found = sweep(asked("workers.count=2,4"), executor=scripted(lambda *_: 1.0), cancelled=cancelled)
    assert (found.done, found.points[0].winner.best, found.points[0].digests) == (0, (), {})
    assert found.curves[0].crossing.text == "none in this range"


def test_any_executor_fits():
    request = asked("strategy.threshold=20,60", strategies=("hybrid",), replications=1)
    with ThreadPoolExecutor(2) as executor:
        threads = sweep(request, executor=executor).to_json()
    assert threads == sweep(request, executor=Synchronous()).to_json()


@pytest.mark.parametrize(
    ("bad", "error", "says"),
    [
        (asked(), InvalidInput, "allowed: one or two"),
        (asked("workers.count=1", "cache.ttl_s=1", "read.limit=9"), InvalidInput, "3 knobs to vary"),
        (asked("workers.count=1", "workers.count=2"), InvalidInput, "varied twice"),
        (asked("workers.count=1", strategies=()), InvalidInput, "No strategy"),
        (asked("workers.count=1", strategies=("psuh",)), UnknownName, "allowed: pull"),
        (asked("workers.count=1", measure="luck"), UnknownName, "no measure 'luck'"),
        (asked("workers.count=1:200:200", "read.limit=1:100:100"), InvalidInput, "120,000 runs"),
        (asked("workers.count=1", replications=0), InvalidInput, "1 to 1,000"),
    ],
)
def test_nothing_is_run_of_a_bad_request(bad, error, says):
    executor = scripted(lambda *_: 1.0)
    with pytest.raises(error, match=says):
        sweep(bad, executor=executor)
    assert executor.submitted == 0


# The command

BRIEF = ["--graph", str(GRAPH), "--seconds", "1", "--replications", "2", "--strategy", "hybrid"]


def test_the_command_prints_one_json_object(capsys, monkeypatch):
    monkeypatch.setattr(
        "engine.experiments.commands.sweep", lambda request, **kwargs: sweep(request, executor=Synchronous(), **kwargs)
    )
    assert main(["sweep", *BRIEF, "--vary", "strategy.threshold=20,60", "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 1
    answer = json.loads(captured.out)
    assert set(answer) >= {"axes", "points", "heat", "curves", "wins_by", "measures", "replications", "cancelled"}
    assert [point["at"]["strategy.threshold"] for point in answer["points"]] == [20, 60]
    band = answer["points"][0]["strategies"][0]["measures"]["machine_s"]
    assert band["low"] < band["mean"] < band["high"]
    assert captured.err.splitlines()[0].startswith("1 of 4: hybrid at strategy.threshold=20")


@pytest.mark.parametrize("vary", [["workers.count=2,4"], ["workers.count=2,4", "reads_per_post=1,10"]])
def test_without_json_it_is_a_table(vary, capsys, monkeypatch):
    executor = scripted(lambda name, config, r: len(name) + config.workers.count + jitter(r))
    monkeypatch.setattr(
        "engine.experiments.commands.sweep", lambda request, **kwargs: sweep(request, executor=executor, **kwargs)
    )
    assert main(["sweep", *BRIEF, *(part for text in vary for part in ("--vary", text))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "machine time, all stations (machine s, modelled), lower is better" in lines[0]
    assert lines[1].startswith("workers.count")
    assert all("hybrid" in line for line in lines[2:4])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "--vary"),
        (["--vary", "workers.cuont=1,2"], "workers.count"),
        (["--vary", "workers.count="], "none are given"),
        (["--vary", "workers.count=8:2:3"], "the smaller end first"),
        (["--vary", "workers.count=2:8:0"], "from 1 to 200"),
        (["--vary", "workers.count=1", "--vary", "read.limit=9", "--vary", "cache.ttl_s=1"], "one or two"),
        (["--vary", "celebrity_share=0.5"], "with a graph file"),
        (["--vary", "workers.count=1", "--measure", "luck"], "no measure"),
        (["--vary", "workers.count=1", "--replications", "0"], "from 1 to 1,000"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(arguments, says, capsys):
    assert main(["sweep", *BRIEF, *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert captured.err.startswith("error: ")
    assert says in captured.err
