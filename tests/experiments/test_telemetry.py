"""Runs written to DuckDB come back as they were."""

import threading

import duckdb
import numpy as np
import pytest

from engine.errors import MurmurationError
from engine.experiments.telemetry import record_run, runs, series

RUN = {
    "code_version": "abc123",
    "config": {"seed": 7, "load": {"posts_per_s": 30.0}},
    "load": {"posts": 10, "digest": "ff"},
    "summary": {"fanout_lag_ms": {"p99": 7.1}, "visible_lag_ms": None},
    "virtual_seconds": 60.0,
    "wall_seconds": 1.5,
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.duckdb"


def test_no_file_is_no_runs_and_makes_none(path):
    assert runs(path) == []
    assert series(path, 1) == {}
    assert not path.exists()


def test_a_run_comes_back_with_its_series(path):
    t_s = np.arange(1200) / 2
    lag = np.where(t_s < 1, np.nan, t_s * 3)
    queue = np.arange(1200)
    assert (
        record_run(path, {**RUN, "series": {"fanout_lag": (t_s, lag), "queue_rest": (t_s, queue), "none": ([], [])}})
        == 1
    )
    (run,) = runs(path)
    assert {name: run[name] for name in RUN} == RUN
    assert run["run_id"] == 1
    assert run["audit"] is None
    found = series(path, 1)
    assert sorted(found) == ["fanout_lag", "queue_rest"]
    np.testing.assert_array_equal(found["fanout_lag"][0], t_s)
    np.testing.assert_array_equal(found["fanout_lag"][1], lag)
    np.testing.assert_array_equal(found["queue_rest"][1], queue)
    assert series(path, 2) == {}


def test_runs_are_numbered_and_the_newest_comes_first(path):
    assert [record_run(path, RUN) for _ in range(3)] == [1, 2, 3]
    assert [run["run_id"] for run in runs(path)] == [3, 2, 1]
    assert runs(path)[0]["recorded_at"] >= runs(path)[-1]["recorded_at"]


def test_it_can_be_asked_in_sql(path):
    record_run(path, {**RUN, "series": {"fanout_lag": (np.array([0.5, 1.0]), np.array([np.nan, 4.0]))}})
    with duckdb.connect(str(path)) as connection:
        row = connection.execute(
            "SELECT summary->>'$.fanout_lag_ms.p99', (SELECT max(value) FROM series), (SELECT count(value) FROM series)"
            " FROM runs"
        ).fetchone()
    assert row == ("7.1", 4.0, 1)


def test_a_run_is_written_whole_or_not_at_all(path):
    record_run(path, RUN)
    broken = {"fanout_lag": (np.arange(3.0), np.arange(3.0)), "home": (np.arange(3.0), np.arange(4.0))}
    with pytest.raises(MurmurationError):
        record_run(path, {**RUN, "series": broken})
    with pytest.raises(MurmurationError, match="config cannot be recorded"):
        record_run(path, {**RUN, "config": {"x": object()}})
    assert len(runs(path)) == 1
    assert series(path, 2) == {}
    assert record_run(path, RUN) == 2


def test_threads_take_turns(path):
    threads = [threading.Thread(target=record_run, args=(path, RUN)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [run["run_id"] for run in runs(path)] == [4, 3, 2, 1]


def test_what_is_no_run_history_is_refused_in_one_sentence(tmp_path):
    text = tmp_path / "text.duckdb"
    text.write_text("hello" * 2000)
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("CREATE TABLE recipes (name VARCHAR)")
    for call in (
        lambda: record_run(text, RUN),
        lambda: runs(text),
        lambda: runs(other),
        lambda: record_run(tmp_path / "no" / "folder", RUN),
    ):
        with pytest.raises(MurmurationError) as refusal:
            call()
        assert "\n" not in str(refusal.value)
    assert text.read_text() == "hello" * 2000


def test_another_format_is_refused(path):
    record_run(path, RUN)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE format SET version = 9")
    for call in (lambda: record_run(path, RUN), lambda: runs(path)):
        with pytest.raises(MurmurationError, match="format 9; this program reads format 1"):
            call()
