"""Comparisons: what they count, what they call a difference, what they say, and the command."""

import json
from dataclasses import replace

import pytest

from datasets.worlds import preset_config
from engine.__main__ import main
from engine.errors import InvalidInput, InvalidKnob, UnknownName
from engine.experiments.compare import CompareRequest, compare, differences_of
from engine.experiments.intervals import Estimate, estimate
from engine.experiments.machine_price import M7G_LARGE, MachinePrice
from engine.experiments.measures import MEASURES
from engine.experiments.pareto import front
from engine.experiments.replicate import Variant, replicate
from engine.experiments.run import run
from engine.experiments.sentence import number, shown
from tests.experiments.executors import Scripted, Synchronous
from tests.experiments.small import GRAPH, small

STRATEGIES = ("push", "pull", "cached_pull", "hybrid", "push_active")
NEVER = "hybrid:threshold=10000000"
"""Nobody is that large: push by another name."""


def request(*strategies: str, seconds: int = 1, replications: int = 3, **knobs) -> CompareRequest:
    return CompareRequest(run=small(seconds, **knobs), strategies=strategies or STRATEGIES, replications=replications)


@pytest.fixture(scope="module")
def everything():
    return compare(request(seconds=2), executor=Synchronous())


def test_every_strategy_is_measured_on_the_same_recordings(everything):
    assert [column.strategy for column in everything.columns] == list(STRATEGIES)
    digests = {(run["seed"], run["load"]["digest"]) for run in everything.runs}
    assert digests == set(everything.digests.items())
    assert len(digests) == 3
    assert len(everything.runs) == 15
    assert everything.digest == everything.digests[7]


def test_its_figures_are_those_of_the_runs(everything):
    report = run(request(seconds=2).run).report  # push, seed 7
    mine = next(one for one in everything.runs if (one["strategy"], one["seed"]) == ("push", 7))
    for part in ("summary", "slo", "cost", "audit", "load", "config"):
        assert mine[part] == report[part]
    cost, measures = report["cost"], mine["measures"]
    assert measures["visible_lag_p99_ms"] == report["summary"]["visible_lag_ms"]["p99"]
    assert measures["machine_s"] == pytest.approx(sum(cost[name] for name in cost if name.endswith("_s")), abs=1e-5)
    assert measures["machine_s"] == pytest.approx(
        sum(measures[f"{part}_cost_s"] for part in ("write", "read", "common"))
    )
    assert measures["usd_per_day"] == pytest.approx(measures["machine_s"] / 2 * 24 * M7G_LARGE.usd_per_hour)
    assert list(measures) == list(MEASURES)


def test_who_causes_it_pays_for_it(everything):
    pull, push = everything.column("pull").estimates, everything.column("push").estimates
    assert pull["write_cost_s"].mean == pull["list_bytes"].mean == pull["deliveries"].mean == 0
    prices = preset_config("classroom").costs
    copies = push["deliveries"].mean * (prices.delivery_us + prices.list_write_us) / 1e6
    assert push["write_cost_s"].mean == pytest.approx(copies, rel=0.2)  # and the polls
    assert push["write_cost_s"].mean > copies
    reads = sum(one["load"]["reads"] for one in everything.runs[:3]) / 3
    assert push["read_cost_s"].mean == pytest.approx(reads * prices.list_read_us / 1e6)  # its readers ask no author


def test_each_difference_is_of_pairs_and_says_so(everything):
    assert len(everything.differences) == 10 * len(MEASURES)
    found = {(d.a, d.b, d.measure): d for d in everything.differences}
    lag = found["push", "pull", "visible_lag_mean_ms"]
    by_seed = {(one["strategy"], one["seed"]): one["measures"] for one in everything.runs}
    pairs = [by_seed["pull", s]["visible_lag_mean_ms"] - by_seed["push", s]["visible_lag_mean_ms"] for s in (7, 8, 9)]
    assert lag.estimate == estimate(pairs)
    assert lag.estimate.verdict == "lower"
    assert "pull" in lag.text
    assert "less than push" in lag.text
    never = found["push", "pull", "fanout_lag_p99_ms"]
    assert (never.estimate.mean, never.estimate.verdict) == (None, "unknown")
    same = found["push", "pull", "post_p99_ms"]
    assert same.text.endswith("no difference that three replications can tell.")


def test_the_sentence_names_who_wins_on_what_and_the_price(everything):
    text = everything.text
    assert "cached_pull takes the least machine time" in text
    assert "pull" in text.split(" shows posts soonest")[0].split(" show posts soonest")[0]
    cheap, fresh = everything.column("cached_pull").estimates, everything.column("pull").estimates
    assert f"{number(fresh['machine_s'].mean / cheap['machine_s'].mean)} times the machine time of cached_pull" in text


def test_the_front_is_whom_nobody_beats(everything):
    flags = {point["strategy"]: point["on_front"] for point in everything.to_json()["pareto"]["points"]}
    assert flags["cached_pull"]
    assert not flags["pull"]  # writes nothing, as cached_pull does, and makes readers wait longer


def test_designs_that_do_the_same_do_not_differ_in_anything():
    found = compare(request("push", NEVER), executor=Synchronous())
    assert {d.estimate.verdict for d in found.differences} == {"none"}
    assert found.text.startswith(
        "no difference can be told in visible lag, p99; no difference can be told in home page"
    )


HOME = ("costs.list_read_us", "costs.hydrate_us", "costs.body_us", "costs.miss_us", "costs.miss_row_us")


def test_a_planted_5_percent_slow_down_of_home_is_found():
    base = request("push").run
    slower = {name: 1.05 * base.config.knob(name) for name in (*HOME, "costs.gateway_us")}
    variants = [Variant("as is", base), Variant("slower", replace(base, config=base.config.with_knobs(slower)))]
    played = replicate(variants, 4, executor=Synchronous())
    (home,) = differences_of(played, 0, 1, M7G_LARGE, 1, ["home_mean_ms"])
    before = estimate([one.figures["home_mean_ms"] for one in played.of(0)])
    assert home.estimate.verdict == "higher"
    assert home.estimate.mean / before.mean == pytest.approx(0.05, abs=0.015)
    assert home.estimate.half_width < before.half_width / 3  # what the load scatters cancels out
    (lag,) = differences_of(played, 0, 1, M7G_LARGE, 1, ["deliveries"])
    assert lag.estimate.verdict == "none"


def scripted(values):
    """A comparison of two designs whose machine time and lag are written down: strategy -> values by replication."""
    names = list(values)

    def figures(task):
        machine_s, lag_ms = values[names[task.variant]][task.replication]
        return {"machine_s": machine_s, "visible_lag_p99_ms": lag_ms, "home_p99_ms": 1.0, "write_cost_s": machine_s}

    wanted = request(*names, replications=len(values[names[0]]))
    return compare(wanted, executor=Scripted(figures))


def test_a_difference_inside_the_noise_is_said_to_be_none():
    noisy = scripted({"push": [(10, 1), (12, 1), (9, 1)], "pull": [(11, 1), (11, 1), (10, 1)]})
    machine = next(d for d in noisy.differences if d.measure == "machine_s")
    assert machine.estimate.verdict == "none"
    assert "no difference that three replications can tell" in machine.text
    assert noisy.text.startswith("no difference can be told in visible lag, p99;")
    assert "no difference can be told in machine time" in noisy.text
    assert all(column.on_front for column in noisy.columns)


def test_of_several_those_that_cannot_be_told_from_the_best_win_together():
    lags = {"push": [(5, 9), (6, 8)], "pull": [(5, 1), (6, 1)], "hybrid": [(5, 1), (6, 1)]}
    found = scripted(lags)
    assert found.text.startswith("pull and hybrid show posts soonest")
    assert "no difference can be told in machine time" in found.text


def test_one_replication_has_no_intervals_and_says_so():
    single = scripted({"push": [(10, 1)], "pull": [(5, 2)]})
    machine = next(d for d in single.differences if d.measure == "machine_s")
    assert (machine.estimate.low, machine.estimate.verdict) == (None, "unknown")
    assert machine.text.endswith("in one replication; it takes two to tell.")
    assert single.text.endswith("Fewer than two replications: nobody can say how sure that is.")
    assert single.to_json()["method"] == "One replication: there are no intervals."
    assert single.columns[1].on_front


def test_a_promise_is_judged_in_every_replication():
    found = scripted({"push": [(1, 4_000), (1, 6_000)], "pull": [(1, 1), (1, 1)]})
    push, pull = (column.promises[0] for column in found.columns)
    assert found.text.endswith("Only pull keeps every promise in every replication.")
    assert (push.kept, push.judged, push.met) == (1, 2, False)
    assert (pull.kept, pull.judged, pull.met) == (2, 2, True)


class Once:
    """Set after some looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def is_set(self) -> bool:
        self.looks -= 1
        return self.looks < 0


@pytest.mark.parametrize("runs", [0, 1, 2, 3])
def test_what_a_cancelled_comparison_has_is_compared(runs):
    found = compare(request("push", "pull"), executor=Scripted(lambda task: {"machine_s": 1.0}), cancelled=Once(runs))
    assert (found.cancelled, found.done, found.total, len(found.runs)) == (True, runs, 6, runs)
    assert json.loads(json.dumps(found.to_json()))["cancelled"]
    if runs:
        assert found.text.startswith(f"Stopped after {runs} of 6 runs.")
    else:
        assert (found.digest, found.text) == (None, "Nothing was compared: no run ended.")


@pytest.mark.parametrize(
    ("bad", "error", "says"),
    [
        (request("push"), InvalidInput, "at least two"),
        (request("push", "push"), InvalidInput, "named twice"),
        (request("push", "psuh"), UnknownName, "allowed: pull"),
        (request("push", "hybrid:limit=3"), InvalidKnob, "allowed: threshold"),
        (replace(request("push", "pull"), run=replace(request().run, scenario="quake")), UnknownName, "celebrity"),
        (replace(request("push", "pull"), series=("luck",)), InvalidInput, "no series 'luck'"),
        (request("push", "pull", replications=0), InvalidInput, "1 to 1,000"),
    ],
)
def test_nothing_is_run_of_a_bad_request(bad, error, says):
    executor = Scripted(lambda task: {})
    with pytest.raises(error, match=says):
        compare(bad, executor=executor)
    assert executor.submitted == 0


def test_money_is_machine_time_at_a_price_with_date_and_source():
    price = MachinePrice(machine="m", usd_per_hour=0.5, date="2026-01-01", source="s")
    assert price.usd_per_day(machine_s=7_200, seconds=86_400) == 1.0
    assert price.to_json()["kind"] == "modelled"
    assert M7G_LARGE.date
    assert M7G_LARGE.source


def test_a_tie_in_one_measure_leaves_the_other_to_decide():
    equal, less = Estimate(1.0, 0.9, 1.1, 3), Estimate(0.5, 0.4, 0.6, 3)
    found = [{"x": equal, "y": equal}, {"x": equal, "y": less}, {"x": Estimate(None, None, None, 0), "y": less}]
    verdicts = {(0, 1, "x"): "none", (0, 1, "y"): "lower"}
    assert front(found, verdicts, ("x", "y")) == [False, True, None]


def test_values_are_shown_with_three_digits_and_their_unit():
    assert [number(value) for value in (0, 0.08161, 12.345, 86_826, 1_234_567, 0.000_123_4)] == [
        "0", "0.0816", "12.3", "86,800", "1,230,000", "0.00012",
    ]  # fmt: skip
    assert (shown(9_260.0, "ms"), shown(4.1, "ms"), shown(0.85, "share")) == ("9.26 s", "4.1 ms", "85 %")


# The command

BRIEF = ["--strategy", "push", "--strategy", "pull", "--graph", str(GRAPH), "--seconds", "1", "--replications", "2"]


def test_the_command_prints_one_json_object_and_progress_elsewhere(capsys):
    assert main(["compare", *BRIEF, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 1
    answer = json.loads(captured.out)
    assert set(answer) >= {"digest", "runs", "differences", "strategies", "pareto", "text", "machine", "cancelled"}
    assert [run["strategy"] for run in answer["runs"]] == ["push", "push", "pull", "pull"]
    assert {run["load"]["digest"] for run in answer["runs"] if run["seed"] == 7} == {answer["digest"]}
    assert set(answer["differences"][0]) == {"measure", "a", "b", "mean", "low", "high", "n", "verdict", "text"}
    assert captured.err.splitlines()[-1].startswith("4 of 4: ")


def test_without_json_it_is_a_table(capsys, monkeypatch):
    use_scripted(monkeypatch, "engine.experiments.commands.compare")
    assert main(["compare", *BRIEF]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["unit", "kind", "push", "pull"]
    assert any(line.startswith("machine time, all stations") and "modelled" in line for line in lines)
    assert any("2026-06-17" in line for line in lines)


def use_scripted(monkeypatch, where):
    """Let the command run without worlds."""
    from importlib import import_module

    module, _, name = where.rpartition(".")
    real = getattr(import_module(module), name)
    executor = Scripted(lambda task: {"machine_s": 1.0 + task.variant + 0.01 * task.replication})
    monkeypatch.setattr(where, lambda request, **kwargs: real(request, executor=executor, **kwargs))
    return executor


def test_a_parameter_of_one_strategy_is_not_that_of_the_next(capsys, monkeypatch):
    thresholds = []

    def figures(task):
        thresholds.append(task.request.config.strategy.threshold)
        return {}

    executor = Scripted(figures)
    monkeypatch.setattr(
        "engine.experiments.commands.compare", lambda request, **kwargs: compare(request, executor=executor)
    )
    given = ["--strategy", "hybrid:threshold=50", "--strategy", "hybrid", "--replications", "1"]
    assert main(["compare", *given]) == 0
    assert main(["compare", *given, "--set", "strategy.threshold=99"]) == 0
    assert thresholds == [50, preset_config("classroom").strategy.threshold, 50, 99]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--strategy", "push"], "at least two"),
        ([], "--strategy"),
        (["--strategy", "push", "--strategy", "psuh"], "allowed: pull"),
        ([*BRIEF, "--replications", "0"], "from 1 to 1,000"),
        ([*BRIEF, "--set", "workers.cuont=2"], "workers.count"),
        ([*BRIEF, "--world", "moon"], "allowed: classroom"),
        ([*BRIEF, "--seconds", "0"], "1 to 86400"),
        ([*BRIEF, "--celebrity", "0.01"], "from 0.15 to 0.95"),
        ([*BRIEF, "--celebrity", "0.5"], "with a graph file"),
        ([*BRIEF, "--graph", "nowhere.csv"], "nowhere.csv"),
        ([*BRIEF, "--costs", "nowhere.json"], "nowhere.json"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(arguments, says, capsys):
    assert main(["compare", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert captured.err.startswith("error: ")
    assert says in captured.err


def test_half_a_comparison_is_printed_and_is_not_status_0(capsys, monkeypatch):
    executor = Scripted(lambda task: {})
    monkeypatch.setattr(
        "engine.experiments.commands.compare",
        lambda request, progress, cancelled: compare(request, executor, progress, cancelled=Once(3)),
    )
    assert main(["compare", *BRIEF, "--json"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["done"] == 3
    assert captured.err.splitlines()[-1] == "error: Stopped after 3 of 4 runs; what was printed is of those."
