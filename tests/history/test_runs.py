"""Kept runs: whole, found again, never half there."""

import os
import signal
from datetime import timedelta

import duckdb
import numpy as np
import pytest

from engine.errors import HistoryError, InvalidInput, UnknownRun
from engine.experiments.history import RunHistory, RunState, Wanted, difference, overlay, run_and_keep
from engine.experiments.history import code as code_module
from engine.experiments.history.rows import PARTS, ProcessMark
from engine.experiments.history.studies import title_of
from engine.experiments.run import config_of, series_of
from tests.history.conftest import asked
from tests.history.test_file import CONFIG, child


def numbers(history: RunHistory, **wanted) -> list[int]:
    return [run.run_id for run in history.runs(Wanted(**wanted))]


def test_a_run_comes_back_as_it_was_printed_with_its_series(history, recorded):
    for run_id, result in recorded.results.items():
        run = history.run(run_id)
        assert {part: getattr(run, part) for part in PARTS} == {part: result.report[part] for part in PARTS}
        assert run.virtual_seconds == result.report["virtual_seconds"]
        assert run.state is RunState.FINISHED
        assert run.ended_at >= run.began_at
        found = history.series(run_id)
        for metric, (t_s, value) in series_of(result.world).items():
            np.testing.assert_array_equal(found[metric][0], t_s)
            np.testing.assert_array_equal(found[metric][1], value)


def test_runs_are_found_by_what_they_were(history):
    first, digest = history.run(1), history.run(1).digest
    later = history.run(2).began_at
    history.begin({**CONFIG, "world": "city"}, {})
    assert numbers(history) == [3, 2, 1]
    assert numbers(history, world="city") == [3]
    assert numbers(history, strategy="hybrid") == [2]
    assert numbers(history, scenario="celebrity") == [2, 1]
    assert numbers(history, digest=digest[:6]) == [2, 1]
    assert numbers(history, pinned=True) == [1]
    assert numbers(history, state=RunState.RUNNING) == [3]
    assert numbers(history, since=later, until=later) == [2]
    assert numbers(history, until=first.began_at - timedelta(seconds=1)) == []
    assert numbers(history, limit=1, state=RunState.FINISHED) == [2]
    with pytest.raises(InvalidInput, match="1 or more"):
        Wanted(limit=0)


def test_a_baseline_is_found_and_not_deleted_and_no_number_comes_twice(history):
    assert history.baseline_of(history.run(2)).run_id == 1
    with pytest.raises(UnknownRun, match="unpin it first"):
        history.delete([2, 1])
    assert numbers(history) == [2, 1]
    assert history.series(2)
    history.pin(1, pinned=False)
    assert history.baseline_of(history.run(2)) is None
    history.delete([2, 1])
    assert numbers(history) == []
    with duckdb.connect(str(history.path), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM series").fetchone() == (0,)
    assert history.begin(CONFIG, {}) == 3
    for call in (lambda: history.pin(3), lambda: history.delete([3]), lambda: history.pin(9), lambda: history.run(1)):
        with pytest.raises(UnknownRun):
            call()


CRASHES = """
import os, sys, time
from datasets.worlds import preset_config
from engine.experiments.history import RunHistory, run_and_keep
from engine.experiments.history import insert as module
from engine.experiments.run import RunRequest, run

def play(request):
    if sys.argv[2] == "running":
        print("there", flush=True)
        time.sleep(60)
    return run(request)

def half(*_):
    insert(*_)
    print("there", flush=True)
    time.sleep(60)

insert, module._insert_series = module._insert_series, half
run_and_keep(RunRequest(config=preset_config("classroom"), seconds=1), RunHistory(sys.argv[1]), play=play)
"""


@pytest.mark.parametrize("moment", [pytest.param("running", marks=pytest.mark.long), "writing"])
def test_a_run_whose_process_is_killed_is_interrupted_and_nothing_of_it_is_half_there(tmp_path, moment):
    path = tmp_path / "history.duckdb"
    process = child(CRASHES, path, moment)
    assert process.stdout.readline() == "there\n"
    if moment == "running":
        assert RunHistory(path).run(1).state is RunState.RUNNING
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    (run,) = RunHistory(path).runs()
    assert (run.state, run.note) == (RunState.INTERRUPTED, "Its process ended before the run did.")
    assert run.config["world"] == "classroom"
    assert (run.summary, run.ended_at) == (None, None)
    assert RunHistory(path).series(1) == {}
    assert numbers(RunHistory(path), state=RunState.INTERRUPTED) == [1]
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT state FROM runs").fetchall() == [("interrupted",)]
        assert connection.execute("SELECT count(*) FROM series").fetchone() == (0,)
    RunHistory(path).delete([1])


def test_a_number_that_another_process_has_now_is_not_the_one_that_was_noted():
    own = ProcessMark.own()
    assert own.alive
    assert not ProcessMark(own.pid, own.began_s - 60).alive
    assert not ProcessMark(2**22 + 1, own.began_s).alive


def test_a_result_is_written_whole_or_not_at_all(history, recorded):
    run_id, report = history.begin(CONFIG, {}), recorded.results[1].report
    broken = {"posts": (np.arange(3.0), np.arange(3.0)), "reads": (np.arange(3.0), np.arange(4.0))}
    with pytest.raises(HistoryError):
        history.finish(run_id, report, broken)
    with pytest.raises(HistoryError, match="cost cannot be kept"):
        history.finish(run_id, {**report, "cost": {"x": object()}}, {})
    run = history.run(run_id)
    assert (run.state, run.summary) == (RunState.RUNNING, None)
    assert history.series(run_id) == {}
    history.finish(run_id, report, {})
    with pytest.raises(UnknownRun, match="is finished; only a running run can end"):
        history.finish(run_id, report, {})


def test_a_run_that_fails_says_so_and_one_that_cannot_start_leaves_nothing(history):
    def fails(_request):
        raise RuntimeError("out of luck\nat line 7")

    with pytest.raises(RuntimeError):
        run_and_keep(asked(), history, play=fails)
    assert (history.run(3).state, history.run(3).note) == (RunState.INTERRUPTED, "RuntimeError: out of luck")

    def refuses(_request):
        raise InvalidInput("no.")

    with pytest.raises(InvalidInput):
        run_and_keep(asked(), history, play=refuses)
    assert numbers(history) == [3, 2, 1]


def test_a_study_is_kept_with_its_runs(history, study):
    study_id = history.keep_study("comparison", study)
    result, run_ids = history.study(study_id)
    assert run_ids == [3, 4]
    assert "series" not in result["runs"][0]
    assert {**result, "runs": None} == {**study, "runs": None}
    assert numbers(history, study_id=study_id) == [4, 3]
    assert history.run(3).summary == study["runs"][0]["summary"]
    t_s, value = history.series(3)["visible_lag"]
    np.testing.assert_array_equal(t_s, [0.5, 1.0])
    assert np.isnan(value[0])
    (listed,) = history.studies()
    assert (listed.kind, listed.digest, listed.run_ids) == ("comparison", study["digest"], (3, 4))
    assert listed.title == title_of(study) == "Comparison of push, hybrid"
    history.delete_study(study_id)
    assert history.studies() == []
    assert numbers(history) == [4, 3, 2, 1]
    with pytest.raises(UnknownRun, match="no study 1"):
        history.study(study_id)


def test_a_study_is_found_again_by_its_address(history, study):
    swept = {"strategies": ["push", "pull"], "axes": [{"knob": "workers.count"}, {"knob": "tick_ms"}]}
    assert history.study_at("ab12") is None
    for number, (kind, result, address) in enumerate(
        [("comparison", study, "ab12"), ("sweep", swept, None), ("sweep", {}, "ab12' OR true --")], 1
    ):
        assert history.keep_study(kind, result, [], address=address) == number
    found = [history.study_at(address) for address in ("ab12", "kept-2", "ab12' OR true --")]
    assert [study.study_id for study in found] == [1, 2, 3]
    assert [study.address for study in found] == ["ab12", "kept-2", "ab12' OR true --"]
    assert found[1].title == title_of(swept) == "Sweep of workers.count x tick_ms: push, pull"
    assert found == history.studies()[::-1]
    for address in ("kept-4", "kept-", "kept-2x", "", "2"):
        assert history.study_at(address) is None
    assert RunHistory(history.path.with_name("none.duckdb")).study_at("ab12") is None


def test_a_study_goes_with_its_runs_if_that_is_asked_and_none_is_pinned(history, study):
    study_id = history.keep_study("comparison", study)
    history.pin(4)
    with pytest.raises(UnknownRun, match="Run 4 is pinned"):
        history.delete_study(study_id, with_runs=True)
    assert (len(history.studies()), numbers(history)) == (1, [4, 3, 2, 1]), "all of it or nothing"
    history.pin(4, pinned=False)
    history.delete_study(study_id, with_runs=True)
    assert (history.studies(), numbers(history)) == ([], [2, 1])
    assert history.series(2)


def test_half_a_study_is_none(history, study):
    with pytest.raises(HistoryError):
        history.keep_study("comparison", {**study, "runs": [study["runs"][0], {"config": {}, "cost": {"x": object()}}]})
    assert history.studies() == []
    assert numbers(history) == [2, 1]


def test_two_runs_lie_on_one_time_axis():
    first = {"posts": (np.array([0.5, 1.0]), np.array([1.0, 2.0]))}
    second = {"posts": (np.array([1.0, 1.5]), np.array([3.0, 4.0])), "reads": (np.array([0.5]), np.array([9.0]))}
    posts, reads = overlay(first, second)
    np.testing.assert_array_equal(posts.t_s, [0.5, 1.0, 1.5])
    np.testing.assert_array_equal(posts.values, [[1, 2, np.nan], [np.nan, 3, 4]])
    np.testing.assert_array_equal(reads.values, [[np.nan], [9]])


def test_what_differs_between_two_runs(history):
    found = difference(history.run(1), history.run(2))
    assert found.same_load
    assert found.settings == {"strategy": ("push", "hybrid"), "strategy.threshold": (200, 100)}
    deliveries = next(part for part in found.figures if part.figure.name == "deliveries")
    assert deliveries.change == deliveries.second - deliveries.first < 0
    assert found.sentence == "Runs 1 and 2 were given the same recorded load."
    other = history.begin(config_of(asked()), {})
    assert "cannot be compared" in difference(history.run(1), history.run(other)).sentence


def test_the_code_version_is_that_of_the_sources_and_of_nothing_else(tmp_path):
    for place in ("a", "b"):
        (tmp_path / place / "engine").mkdir(parents=True)
        (tmp_path / place / "engine" / "world.py").write_text("x = 1\n")
    first, same = (code_module._hash_of(tmp_path / place) for place in ("a", "b"))
    assert first == same
    (tmp_path / "b" / "engine" / "world.py").write_text("x = 2\n")
    assert code_module._hash_of(tmp_path / "b") != first
    (tmp_path / "a" / "engine" / "world.py").rename(tmp_path / "a" / "engine" / "word.py")
    assert code_module._hash_of(tmp_path / "a") != first
