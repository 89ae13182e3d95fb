"""`python -m engine history` and `run --keep`."""

import json

import pytest

from engine.__main__ import main
from engine.experiments.history import RunHistory, command_of


@pytest.fixture
def told(history, capsys):
    """Runs a command on a copy of the history; gives its output."""

    def run(command: str, *arguments: object) -> str:
        assert main(["history", command, "--history", str(history.path), *map(str, arguments)]) == 0
        return capsys.readouterr().out

    return run


def test_a_run_leaves_nothing_behind_unless_it_is_asked_to(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MURMURATION_HISTORY", raising=False)
    assert main(["run", "--seconds", "1", "--json"]) == 0
    assert list(tmp_path.iterdir()) == []
    plain = json.loads(capsys.readouterr().out)
    assert main(["run", "--seconds", "1", "--json", "--keep"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["summary"] == plain["summary"]
    assert "kept as run 1 in var/history.duckdb" in captured.err
    monkeypatch.setenv("MURMURATION_HISTORY", str(tmp_path / "elsewhere.duckdb"))
    assert main(["run", "--seconds", "1", "--keep"]) == 0
    assert main(["run", "--seconds", "1", "--keep", "--telemetry", "x.duckdb"]) == 2
    assert [len(RunHistory(place).runs()) for place in ("var/history.duckdb", "elsewhere.duckdb")] == [1, 1]
    capsys.readouterr()
    assert main(["history", "list"]) == 0
    assert capsys.readouterr().out.split()[0] == "1"


def test_bad_input_is_not_kept(tmp_path, capsys):
    place = tmp_path / "history.duckdb"
    assert main(["run", "--graph", "nowhere.csv", "--telemetry", str(place)]) == 2
    assert "nowhere.csv" in capsys.readouterr().err
    assert RunHistory(place).runs() == []


def test_runs_are_listed_shown_pinned_and_deleted(told):
    assert [line.split()[0] for line in told("list").splitlines()] == ["2", "1"]
    assert "(baseline)" in told("list", "--pinned", "--world", "classroom", "--state", "finished")
    assert [run["run_id"] for run in json.loads(told("list", "--strategy", "hybrid", "--json"))] == [2]
    assert "no runs" in told("list", "--until", "2020-01-01")
    assert "visible_lag_p99_ms" in told("show", 2)
    assert json.loads(told("show", 2, "--json"))["config"]["strategy.threshold"] == 100
    told("pin", 2)
    told("unpin", 1)
    assert [run["run_id"] for run in json.loads(told("list", "--pinned", "--json"))] == [2]
    told("delete", 1)
    assert [run["run_id"] for run in json.loads(told("list", "--json"))] == [2]


def test_runs_are_laid_side_by_side_and_made_again(told, history):
    assert told("command", 2).strip() == command_of(history.run(2))
    assert "strategy  push -> hybrid" in told("diff", 2)
    assert json.loads(told("diff", 2, 1, "--json"))["runs"] == [1, 2]
    again = told("rerun", 2)
    assert "Figures that differ: none." in again
    assert history.run(3).summary == history.run(2).summary


def test_a_report_and_a_study_by_command(told, history, study, tmp_path):
    history.keep_study("comparison", study)
    assert "Comparison of push, hybrid, 2 runs" in told("studies")
    assert json.loads(told("studies", "--json"))[0]["run_ids"] == [3, 4]
    told("report", 1, 2, "--out", tmp_path / "runs.csv")
    told("report", "--study", 1, "--figures", "--out", tmp_path / "study.csv")
    assert (tmp_path / "runs.csv").read_text().startswith("run_id,t_s,")
    assert len((tmp_path / "study.csv").read_text().splitlines()) == 3


def test_sql_by_command(told):
    assert told("sql", "SELECT run_id, strategy FROM runs ORDER BY 1") == "run_id\tstrategy\n1\tpush\n2\thybrid\n"
    assert json.loads(told("sql", "--ready", "strategies", "--json"))["rows"]
    there = told("sql")
    assert "visible_lag_p99_ms [ms]" in there
    assert "--ready promises  Which promises were broken, and by how much?" in there


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["show", "9"], 2, "There is no run 9"),
        (["delete", "1"], 2, "unpin it first"),
        (["diff", "1"], 2, "no baseline for run 1"),
        (["list", "--since", "yesterday"], 2, "write it like 2026-11-22"),
        (["list", "--limit", "0"], 2, "1 or more"),
        (["report", "--out", "x.html"], 2, "name runs, or --study"),
        (["sql", "--ready", "all"], 2, "allowed: runs"),
        (["show"], 2, "run"),
    ],
)
def test_bad_input_is_one_sentence(history, capsys, arguments, status, says):
    command, *rest = arguments
    assert main(["history", command, "--history", str(history.path), *rest]) == status
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: ")
    assert says in last


def test_a_history_that_cannot_be_used_is_status_1(tmp_path, capsys):
    (tmp_path / "text.duckdb").write_text("hello" * 2_000)
    assert main(["history", "list", "--history", str(tmp_path / "text.duckdb")]) == 1
    assert "not a DuckDB file" in capsys.readouterr().err
