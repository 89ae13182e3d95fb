"""`compare` and `sweep`: kept with their runs where that is asked for, and with somebody's own strategy."""

import json
import shlex
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

from engine import CompareRequest, SweepRequest, compare, parse_axis, sweep
from engine.__main__ import main
from engine.clock import SystemWallClock
from engine.errors import ExperimentFailed, RunCancelled, UnknownName, UnknownRun
from engine.experiments.history import (
    RunHistory,
    RunJob,
    changed_settings,
    command_of,
    difference,
    run_again,
    run_and_keep,
)
from engine.experiments.report import report_html, subject_of_study
from engine.experiments.studies import Studies
from engine.observe.metric import Metric
from engine.own_strategy import TEMPLATE, Verdict
from tests.experiments.executors import Synchronous
from tests.experiments.small import GRAPH, small
from tests.experiments.test_studies import Later
from tests.history.conftest import asked

BRIEF = ["--graph", str(GRAPH), "--seconds", "1", "--replications", "1", "--scenario", "celebrity", "--json"]


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """No pool of processes for runs of a second."""
    for name, play in (("compare", compare), ("sweep", sweep)):

        def alone(request, play=play, **kwargs):
            return play(request, Synchronous(), **kwargs)

        monkeypatch.setattr(f"engine.experiments.commands.{name}", alone)


@pytest.fixture
def mine(tmp_path):
    """The template, which is lawful, in a folder whose name is nobody's business."""
    file = tmp_path / "private" / "my.py"
    file.parent.mkdir()
    file.write_text(TEMPLATE)
    return file


def test_a_comparison_is_kept_with_its_runs_and_their_series_only_if_asked(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    strategies = ["--strategy", "push", "--strategy", "hybrid:threshold=20"]
    assert main(["compare", *strategies, *BRIEF]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert list(tmp_path.iterdir()) == []
    assert main(["compare", *strategies, *BRIEF, "--telemetry", "kept.duckdb"]) == 0
    captured = capsys.readouterr()
    printed = json.loads(captured.out)
    assert [set(run) for run in printed["runs"]] == [set(run) for run in plain["runs"]], "series are kept, not printed"
    assert "kept as study 1 in kept.duckdb" in captured.err
    history = RunHistory("kept.duckdb")
    result, run_ids = history.study(1)
    assert result["differences"] == printed["differences"]
    assert [history.run(number).summary for number in run_ids] == [run["summary"] for run in printed["runs"]]
    assert set(history.series(run_ids[0])) == set(Metric)
    assert [(c.name, c.value) for c in changed_settings(history.run(run_ids[1]))] == [("strategy.threshold", 20)]


def test_a_sweep_is_kept_with_every_run_and_each_can_be_made_again(tmp_path, capsys):
    place = tmp_path / "kept.duckdb"
    vary = ["--vary", "celebrity_share=0.3,0.6", "--strategy", "push"]
    without_graph = ["--seconds", "1", "--replications", "1", "--json"]
    assert main(["sweep", *vary, *without_graph, "--telemetry", str(place)]) == 0
    history = RunHistory(place)
    result, run_ids = history.study(1)
    assert json.loads(capsys.readouterr().out) == result
    assert [history.run(number).config["celebrity_share"] for number in run_ids] == [0.3, 0.6]
    command = command_of(history.run(1))
    assert "--celebrity 0.3" in command
    assert main(shlex.split(command)[3:]) == 0
    assert json.loads(capsys.readouterr().out)["load"]["digest"] == history.run(1).digest != history.run(2).digest
    again, result = run_again(history, 1)
    assert result.report["config"]["celebrity_share"] == 0.3
    found = difference(history.run(1), history.run(again))
    assert found.repeats
    assert found.repeat_in_words.startswith("Run 3 repeats run 1: the same load (digest ")


def test_nothing_is_kept_of_a_bad_request(tmp_path, capsys):
    place = tmp_path / "kept.duckdb"
    assert main(["compare", "--strategy", "push", *BRIEF, "--telemetry", str(place)]) == 2
    assert main(["compare", "--strategy", "push", "--strategy", "pull", *BRIEF, "--keep", "--telemetry", "x"]) == 2
    assert not place.exists()


def test_ones_own_strategy_is_compared_and_swept_and_kept_without_its_place(mine, tmp_path, monkeypatch, capsys):
    held = Verdict(lawful=True, line="The law holds.", histories=1)  # that it is asked of, the next test shows
    monkeypatch.setattr(
        "engine.experiments.commands.require_lawful", lambda spec: held if spec.endswith(":Mine") else None
    )
    place = tmp_path / "kept.duckdb"
    own = ["--strategy", f"{mine}:Mine", "--strategy", "push"]
    assert main(["compare", *own, *BRIEF, "--telemetry", str(place)]) == 0
    captured = capsys.readouterr()
    assert f"{mine}:Mine: The law holds." in captured.err
    assert {run["load"]["digest"] for run in json.loads(captured.out)["runs"]} == {RunHistory(place).run(1).digest}
    assert main(["sweep", *own, *BRIEF, "--vary", "workers.count=2,4", "--telemetry", str(place)]) == 0
    history = RunHistory(place)
    for study_id in (1, 2):
        result, run_ids = history.study(study_id)
        assert "private" not in json.dumps(result)
        assert "my.py:Mine" in json.dumps(result)
        assert history.run(run_ids[0]).config["strategy"] == "my.py:Mine"
        assert history.run(run_ids[0]).inputs["strategy"]["place"] == str(mine)
    assert "private" not in report_html(subject_of_study(history, 1))


def test_one_that_breaks_the_law_is_neither_compared_nor_swept(mine, tmp_path, capsys):
    mine.write_text(TEMPLATE.replace("< 200", "< 3") + "\n    def pulls(self, last, floor):\n        return last < 0\n")
    own = ["--strategy", f"{mine}:Mine", "--strategy", "push", *BRIEF]
    for command in (["compare", *own], ["sweep", *own, "--vary", "workers.count=2"]):
        assert main(command) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.splitlines()[-1].startswith("error: Rule 4: person ")


def test_a_file_is_named_from_the_command_line_only(mine):
    mine.write_text("raise SystemExit('ran')")
    for request in (
        lambda: compare(CompareRequest(run=small(), strategies=(f"{mine}:Mine", "push")), Synchronous()),
        lambda: sweep(
            SweepRequest(run=small(), vary=(parse_axis("workers.count=2"),), strategies=(f"{mine}:Mine",)),
            Synchronous(),
        ),
    ):
        with pytest.raises(UnknownName):
            request()


# In the background, and in words


def test_a_run_takes_its_turn_among_the_studies_tells_how_far_it_is_and_is_kept(history):
    turns, seen = Later(), []
    studies = Studies(SystemWallClock(), turns=turns)
    job = RunJob("a run", partial(run_and_keep, asked(), history), 3)
    studies.enter(job)
    assert (job.state, job.over, job.share, studies.seen(job.id)) == ("waiting", False, 0.0, job)
    with pytest.raises(ExperimentFailed, match="a run has not ended yet"):
        job.run_id()
    forget = studies._forget
    studies._forget = lambda: (forget(), seen.append((job.state, round(job.share, 2))))
    turns.give()
    assert seen[:3] == [("running", 0.33), ("running", 0.67), ("running", 1.0)]
    assert (job.state, job.wait(0), job.run_id()) == ("done", True, 3)
    assert difference(history.run(1), history.run(3)).repeats, "second by second it is the same run"
    studies.close()


def test_a_run_that_is_cancelled_leaves_nothing(history):
    turns = Later()
    studies = Studies(SystemWallClock(), turns=turns)
    at_work, waiting = (RunJob("a run", partial(run_and_keep, asked(), history), 3) for _ in range(2))
    for job in (at_work, waiting):
        studies.enter(job)
    waiting.cancel()
    assert waiting.over
    told = []
    studies._forget = lambda: (told.append(at_work.virtual_s), at_work.cancel())
    turns.give()
    assert told == [1.0]
    for job, says in ((at_work, "after 1 s of virtual time"), (waiting, "before its turn came")):
        assert job.state == "cancelled"
        with pytest.raises(RunCancelled, match=says):
            job.run_id()
        job.cancel()
        assert job.state == "cancelled"
    assert [run.run_id for run in history.runs()] == [2, 1]
    studies.close()


def test_a_run_that_fails_says_why(history):
    def refuses(*, play):
        raise UnknownRun("There is no run 9.")

    for make, error, says in (
        (refuses, UnknownRun, r"^There is no run 9\.$"),
        (lambda *, play: 1 / 0, ExperimentFailed, r"^The run failed: ZeroDivisionError: division by zero$"),
    ):
        job = RunJob("a run", make, 3)
        job.work(None, lambda: None)
        assert job.state == "failed"
        with pytest.raises(error, match=says):
            job.run_id()


def test_two_runs_differ_in_a_sentence(history):
    push, hybrid = history.run(1), history.run(2)
    told = difference(push, hybrid).in_words
    assert told.startswith("Runs 1 and 2 were given the same recorded load. Run 2 (hybrid) against run 1 (push): ")
    assert "copies a post" in told
    assert "Every figure is the same." in difference(push, push).in_words
    other = replace(hybrid, load={**hybrid.load, "digest": "0"})
    assert difference(push, other).in_words.endswith("their figures cannot be compared.")
    assert "does not repeat run 1: another load; figures that differ:" in difference(push, other).repeat_in_words
    running = history.begin(push.config, {})
    assert "is running and has no figures" in difference(push, history.run(running)).in_words


def test_what_was_run_can_be_chosen_from_and_promises_are_judged_together(history):
    assert history.choices() == {"world": ["classroom"], "strategy": ["hybrid", "push"], "scenario": ["celebrity"]}
    assert RunHistory(history.path.with_name("none.duckdb")).choices()["world"] == []
    run = history.run(1)
    states = {"a": {"met": True}, "b": {"met": None}}
    assert [replace(run, slo=slo).promises_kept for slo in (states, {**states, "c": {"met": False}}, None)] == [
        True,
        False,
        None,
    ]
    run_id, _ = run_and_keep(
        replace(asked(), celebrity_share=0.5),
        history,
        play=lambda _: SimpleNamespace(
            report={}, world=SimpleNamespace(metrics=SimpleNamespace(series=lambda *_: ([], [])))
        ),
    )
    assert "--celebrity 0.5" in command_of(history.run(run_id))
