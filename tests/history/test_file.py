"""The file: whole or not there, shared by several processes, and left alone when it is not ours to use."""

import hashlib
import multiprocessing
import os
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import duckdb
import numpy as np
import pytest

from engine.errors import HistoryError, MurmurationError
from engine.experiments.history import RunHistory

ROOT = Path(__file__).parents[2]
CONFIG = {"world": "classroom", "strategy": "push", "scenario": "steady", "seconds": 1, "seed": 7}


def child(code: str, *arguments: object) -> "subprocess.Popen[str]":
    """Another process that works on a history."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, **pipes)


def refused(path: Path, says: str, *, also_reading: bool = True) -> None:
    """Writing and reading are refused with one sentence, and the file stays as it was."""
    before = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
    history = RunHistory(path, patience_s=0)
    for call in [lambda: history.begin(CONFIG, {}), *([history.runs] if also_reading else [])]:
        with pytest.raises(HistoryError, match=says) as refusal:
            call()
        assert str(refusal.value).endswith(".")
        assert "\n" not in str(refusal.value)
    assert (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None) == before
    assert not list(path.parent.glob("*.new")) + list(path.parent.glob("*.wal"))


def test_no_file_is_no_runs_and_makes_none(tmp_path):
    history = RunHistory(tmp_path / "history.duckdb")
    assert history.runs() == []
    assert history.studies() == []
    with pytest.raises(HistoryError, match="no run history"):
        history.run(1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"hello" * 2_000, b"SQLite format 3\0" + bytes(4_096)])
def test_not_a_duckdb_file(tmp_path, content):
    path = tmp_path / "history.duckdb"
    path.write_bytes(content)
    refused(path, "not a DuckDB file")


@pytest.mark.parametrize("tables", ["", "CREATE TABLE recipes (name VARCHAR)", "CREATE TABLE runs (run_id INTEGER)"])
def test_somebody_elses_database(tmp_path, tables):
    path = tmp_path / "history.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(tables or "SELECT 1")
    refused(path, "not a run history")


def test_another_format(history):
    with duckdb.connect(str(history.path)) as connection:
        connection.execute("UPDATE format SET version = 9")
    refused(history.path, "format 9; this program reads format 2")


@pytest.mark.parametrize("keep", [100, 4_096, 0.5, 0.9])
def test_truncated(history, keep):
    whole = history.path.read_bytes()
    history.path.write_bytes(whole[: keep if keep > 1 else int(keep * len(whole))])
    refused(history.path, "truncated or damaged")


def test_a_folder_and_a_folder_that_is_missing(tmp_path):
    refused(tmp_path, "is a folder")
    refused(tmp_path / "no" / "history.duckdb", "folder is missing", also_reading=False)


def test_a_read_only_file_is_read_and_not_written(history):
    history.path.chmod(0o444)
    refused(history.path, "read-only", also_reading=False)
    assert [run.run_id for run in history.runs()] == [2, 1]
    assert history.series(1)


HOLDS = """
import duckdb, sys
with duckdb.connect(sys.argv[1]) as connection:
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_locked_file_is_waited_for_and_then_refused(history):
    other = child(HOLDS, history.path)
    assert other.stdout.readline() == "held\n"
    patient = RunHistory(history.path, patience_s=10)
    try:
        with pytest.raises(HistoryError, match=r"in use by another program; close it and try again\.$"):
            RunHistory(history.path, patience_s=0.1).runs()
        letting_go = threading.Timer(0.2, other.communicate, ["\n"])
        letting_go.start()
        patient.pin(2)
        letting_go.join()
    finally:
        other.kill()
        other.wait()
    assert patient.run(2).pinned


WRITES = """
import sys
from engine.experiments.history import RunHistory
history = RunHistory(sys.argv[1], patience_s=60)
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    run_id = history.begin({"world": "classroom", "seed": number}, {})
    t_s = [float(n) for n in range(50)]
    history.finish(run_id, {"load": {"digest": sys.argv[3]}}, {"posts": (t_s, t_s), "reads": (t_s, t_s)})
"""


def test_two_processes_write_the_same_new_file_and_nothing_is_lost(tmp_path):
    path = tmp_path / "history.duckdb"
    other, history = child(WRITES, path, 3, "second"), RunHistory(path, patience_s=60)
    assert other.stdout.readline() == "ready\n"
    other.stdin.write("\n")
    other.stdin.flush()
    t_s = np.arange(50.0)
    for number in range(3):
        run_id = history.begin({**CONFIG, "seed": number}, {})
        history.finish(run_id, {"load": {"digest": "first"}}, {"posts": (t_s, t_s), "reads": (t_s, t_s)})
    assert other.wait(timeout=60) == 0
    other.communicate()
    runs = RunHistory(path).runs()
    assert sorted(run.run_id for run in runs) == list(range(1, 7))
    assert sorted(run.digest for run in runs) == ["first"] * 3 + ["second"] * 3
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM series").fetchone() == (6 * 100,)
    assert os.listdir(tmp_path) == ["history.duckdb"]


def test_threads_take_turns(tmp_path):
    history = RunHistory(tmp_path / "history.duckdb")
    threads = [threading.Thread(target=history.begin, args=(CONFIG, {})) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [run.run_id for run in history.runs()] == [4, 3, 2, 1]


def test_a_process_that_was_forked_writes_too(history):
    history.pin(2)
    forked = multiprocessing.get_context("fork").Process(target=history.begin, args=(CONFIG, {}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads, from Python 3.12 on
        forked.start()
    forked.join(timeout=30)
    assert forked.exitcode == 0
    assert [run.run_id for run in history.runs()] == [3, 2, 1]


def test_every_refusal_is_an_error_that_a_page_can_show():
    assert issubclass(HistoryError, MurmurationError)
