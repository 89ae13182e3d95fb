"""Learners' SQL: whatever is asked, one clear sentence or an answer, and nobody else pays for it."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from engine.errors import (
    HistoryError,
    InvalidInput,
    MurmurationError,
    QueryFailed,
    QueryRefused,
    QueryStopped,
    TooManyQueries,
)
from engine.experiments.console import READY, TABLES, Gate, Limits, ask, ready_query
from engine.experiments.console import child as child_module
from engine.experiments.history import FIGURES, run_and_keep
from engine.experiments.history.rows import ProcessMark
from engine.experiments.run import series_of
from engine.observe.metric import Metric
from tests.history.conftest import asked

CHILD = Path(child_module.__file__)
SNAPSHOTS = sys.modules[ask.__module__]._SNAPSHOTS
SHORT = Limits(seconds=0.25, memory_bytes=256 << 20)

NOT_ASKED = {
    "SELECT * FROM read_csv('/etc/passwd')": "read_csv",
    "FROM read_text('/etc/passwd')": "read_text",
    "FROM 'https://example.org/runs.parquet'": "no network",
    "SELECT * FROM glob('/*')": "glob",
    "COPY runs TO '/tmp/runs.csv'": "COPY",
    "EXPORT DATABASE '/tmp/copy'": "EXPORT",
    "ATTACH '/tmp/other.duckdb'": "ATTACH",
    "COPY (SELECT 1) TO '/dev/stdout'": "COPY",
    "ATTACH ':memory:' AS m": "ATTACH",
    "USE main": "not USE",
    "INSTALL httpfs": "not INSTALL",
    "LOAD httpfs": "not LOAD",
    "FORCE INSTALL httpfs FROM 'http://example.org'": "not FORCE",
    "CREATE TABLE t AS SELECT 1": "not CREATE",
    "CREATE SECRET (TYPE s3)": "not CREATE",
    "PREPARE x AS SELECT 1": "not PREPARE",
    "PIVOT runs ON strategy USING count(*)": "not PIVOT",
    "IMPORT DATABASE '/tmp/copy'": "not IMPORT",
    "/* SELECT */ DROP TABLE runs": "not DROP",
    "-- SELECT 1\nDROP TABLE runs": "not DROP",
    "SELECT 1 -- ;\n; DROP TABLE runs": "one query at a time; these are 2",
    "WITH r AS (FROM read_text('/etc/passwd')) FROM r": "read_text",
    "SELECT (FROM system.main.read_text('/etc/passwd') SELECT content)": "read_text",
    "SELECT * FROM system.main.duckdb_settings": "duckdb_settings",
    "SELECT * FROM duckdb_secrets()": "duckdb_secrets",
    "SELECT * FROM query_table('duckdb_settings')": "query_table",
    "SELECT * FROM json_execute_serialized_sql('{}')": "json_execute_serialized_sql",
    "SELECT * FROM repeat('x', 10000000000)": "repeat",
    "EXPLAIN COPY runs TO '/tmp/runs.csv'": "Only a SELECT",
    "EXPLAIN (FORMAT json) SELECT 1": "without options",
    "SET memory_limit = '100GB'": "SET",
    "PRAGMA database_list": "PRAGMA",
    "CALL pragma_version()": "CALL",
    "SELECT * FROM pragma_database_list()": "pragma_database_list",
    "SELECT * FROM duckdb_settings()": "duckdb_settings",
    "WITH duckdb_settings AS (SELECT 1) SELECT * FROM main.duckdb_settings": "duckdb_settings",
    "SELECT * FROM pg_catalog.pg_settings": "pg_settings",
    "EXPLAIN SELECT * FROM duckdb_databases()": "duckdb_databases",
    "SELECT (SELECT current_setting('temp_directory'))": "current_setting",
    "SELECT * FROM query('FROM duckdb_settings()')": "query",
    "SELECT pg_sleep(60)": "pg_sleep",
    "SELECT 1; SELECT 2": "one query at a time",
    "SELECT 1; DROP TABLE runs": "one query at a time",
    "-- nothing": "no query here but comments",
    "DROP TABLE runs": "DROP",
    "EXPLAIN DELETE FROM runs": "Only a SELECT",
    "WITH gone AS (DELETE FROM runs RETURNING *) SELECT * FROM gone": "cannot change anything",
    "SELECT now()": "time with a zone",
}
NOT_UNDERSTOOD = {
    "SELEC 1": "syntax error",
    "SELECT nothing FROM runs": "Candidate bindings",
    "FROM '/etc/passwd'": "DuckDB says: Table with name /etc/passwd does not exist. Did",
    "SELECT getenv('PATH')": "DuckDB says: Scalar Function with name getenv does not exist. Did",
    "SELECT/**/system.main.getenv('PATH')": "getenv does not exist",
    "SELECT repeat('x', 10000000000)": "maximum supported string size",
    "SELECT error('/boom!')": "DuckDB says: /boom",
    f"SELECT {'(' * 3_000}1{')' * 3_000}": "depth",
}
ENDLESS = "WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL SELECT x FROM a) SELECT count(*) FROM a"
TOO_MUCH = (
    pytest.param(ENDLESS, marks=pytest.mark.long),  # is asked by other tests here
    pytest.param(
        "SELECT regexp_replace(repeat('a', 30000000), '(a|a)*b', 'c', 'g') FROM range(100)", marks=pytest.mark.long
    ),
    "SELECT repeat('x', 100000000) FROM range(1000)",
    "SELECT count(*) FROM series a, series b, series c, series d",
    pytest.param("SELECT sleep_ms(100000)", marks=pytest.mark.long),
    pytest.param("SELECT lpad('x', 2000000000, 'y')", marks=pytest.mark.long),
    pytest.param("SELECT list_sum(range(100000000))", marks=pytest.mark.long),
    pytest.param("SELECT string_agg(repeat('x', 1000000), '') FROM range(10000)", marks=pytest.mark.long),
)


@pytest.fixture(scope="module")
def answered(recorded):
    """What the query's process says, without a process for each: the limits of the process have tests of their own."""
    snapshot = str(SNAPSHOTS.of(recorded.path))
    with child_module.connect(snapshot) as connection:
        limits = {"snapshot": snapshot, "rows": 500, "bytes": 2_000_000, "cell": 500}
        yield lambda sql, **fewer: child_module.answer(connection, {**limits, **fewer, "sql": sql})


def sentence(error: pytest.ExceptionInfo[MurmurationError] | str, path: Path) -> str:
    """What is told: one line, and nothing about this machine."""
    told = error if isinstance(error, str) else str(error.value)
    assert "\n" not in told
    assert "!" not in told
    for place in (str(path.parent), "/tmp/murmuration", str(Path.home()), sys.prefix):
        assert place not in told
    return told


@pytest.mark.parametrize(("sql", "says"), NOT_ASKED.items())
def test_what_is_no_question_about_the_history_is_refused(answered, recorded, sql, says):
    assert says in sentence(answered(sql)["refused"], recorded.path)


@pytest.mark.parametrize(("sql", "says"), NOT_UNDERSTOOD.items())
def test_what_makes_no_sense_is_told_in_duckdbs_words(answered, recorded, sql, says):
    assert says in sentence(answered(sql)["failed"], recorded.path)


@pytest.mark.parametrize(
    ("error", "sql"),
    [
        (QueryRefused, "COPY runs TO '/tmp/runs.csv'"),
        (QueryFailed, "SELECT nothing FROM runs"),
    ],
)
def test_whoever_asks_gets_a_typed_error_with_that_sentence(recorded, error, sql):
    with pytest.raises(error) as refusal:
        ask(sql, recorded.path)
    assert sentence(refusal, recorded.path)


LOCKED = (
    "COPY runs TO '/tmp/runs.csv'",
    "ATTACH '/tmp/other.duckdb'",
    "SET memory_limit = '100GB'",
    "SET enable_external_access = true",
    "DROP TABLE runs",
    "DELETE FROM runs",
    "INSTALL httpfs",
    "FROM read_text('/etc/passwd')",
    "FROM glob('/*')",
)


@pytest.mark.parametrize("sql", LOCKED)
def test_duckdb_itself_refuses_what_would_get_past_the_parser(answered, recorded, sql, monkeypatch):
    monkeypatch.setattr(child_module, "_checked", lambda _connection, sql: sql)
    said = answered(sql)
    assert sentence(said.get("refused") or said["failed"], recorded.path)


def test_duckdbs_settings_would_not_tell_who_runs_it_where(answered, monkeypatch):
    monkeypatch.setattr(child_module, "_checked", lambda _connection, sql: sql)
    settings = str(answered("FROM duckdb_settings()")["rows"])
    assert "temp_directory" in settings
    for place in (str(Path.home()), str(Path.cwd()), sys.prefix):
        assert place not in settings


@pytest.mark.parametrize("sql", TOO_MUCH)
def test_what_takes_too_much_is_stopped(recorded, sql):
    with pytest.raises(QueryStopped) as refusal:
        ask(sql, recorded.path, SHORT)
    assert sentence(refusal, recorded.path).startswith("The query was stopped: ")
    assert ask("SELECT 42", recorded.path).rows == ((42,),)


def test_a_query_that_is_too_long_is_not_even_parsed(recorded):
    with pytest.raises(QueryRefused, match="allowed: 20,000"):
        ask("SELECT 1" + " " * 20_000, recorded.path)


def test_an_answer_has_typed_values_and_ends_where_it_is_too_long(answered, recorded):
    answer = ask(
        "SELECT 1 AS n, 1.5 AS x, 'größe' AS t, true AS b, NULL AS nothing, DATE '2026-11-22' AS d, [1, 2] AS l",
        recorded.path,
    )
    assert answer.columns == ("n", "x", "t", "b", "nothing", "d", "l")
    assert answer.rows == ((1, "1.5", "größe", True, None, "2026-11-22", "[1, 2]"),)
    assert not answer.truncated
    assert answer.took_ms > 0
    assert answered("FROM range(100000)", rows=3)["rows"] == [[0], [1], [2]]
    wide = ask("SELECT repeat('x', 1000) FROM range(100)", recorded.path, Limits(cell_chars=50, answer_bytes=500))
    assert wide.truncated
    assert wide.rows[0] == ("x" * 50 + "…",)
    assert len(wide.rows) < 10
    assert "Seq Scan" in answered("EXPLAIN SELECT * FROM runs")["rows"][0][1]
    assert not answered("FROM range(500)")["truncated"]
    assert answered("FROM range(501)")["truncated"]
    with pytest.raises(InvalidInput, match="more than 0"):
        Limits(rows=0)


@pytest.mark.parametrize("slug", READY)
def test_every_ready_query_answers_its_question(answered, slug):
    query = ready_query(slug)
    assert query.question.endswith("?")
    assert answered(query.sql)["rows"]


def test_learners_see_what_the_runs_gave(answered, recorded):
    rows = answered("SELECT run_id, deliveries, visible_lag_p99_ms, digest FROM runs ORDER BY 1")["rows"]
    reports = [recorded.results[run_id].report for run_id in (1, 2)]
    summaries = [report["summary"] for report in reports]
    assert [row[1] for row in rows] == [summary["deliveries"] for summary in summaries]
    assert [row[2] for row in rows] == [summary["visible_lag_ms"]["p99"] for summary in summaries]
    assert [row[3] for row in rows] == [report["load"]["digest"] for report in reports]
    _, value = series_of(recorded.results[2].world)[Metric.POSTS]
    posts = answered("SELECT sum(value), any_value(unit) FROM series WHERE run_id = 2 AND metric = 'posts'")["rows"]
    assert posts == [[value.sum(), "posts/s"]]
    knob = answered("SELECT number, unit FROM knobs WHERE run_id = 2 AND knob = 'strategy.threshold'")["rows"]
    assert knob == [[100.0, "followers"]]


def test_every_column_is_explained_and_every_figure_is_there(answered, recorded):
    explained, there = (
        {tuple(row) for row in answered(f"SELECT table_name, column_name FROM {place}")["rows"]}
        for place in ('"columns"', "information_schema.columns")
    )
    assert there - explained == {("columns", name) for name in ("table_name", "column_name", "unit", "meaning")}
    assert {("runs", figure.name) for figure in FIGURES} <= there
    assert {path[0] for path in (figure.path for figure in FIGURES)} == set(recorded.results[1].report["summary"])
    assert {table for table, _ in there} == {table.name for table in TABLES}


def test_a_new_run_is_seen_and_a_dead_one_is_not_running(history, monkeypatch):
    with child_module.connect(str(SNAPSHOTS.of(history.path))) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (2,)
    monkeypatch.setattr(ProcessMark, "own", lambda: ProcessMark(2**22 + 1, 0.0))
    history.begin({}, {})
    assert ask("SELECT run_id, state FROM runs WHERE state <> 'finished'", history.path).rows == ((3, "interrupted"),)


def test_places_of_files_are_not_in_what_queries_see(history, tmp_path):
    graph = tmp_path / "secret-place" / "follows.csv"
    graph.parent.mkdir()
    graph.write_text("".join(f"{a},{a * 7 % 50}\n" for a in range(60)))
    request = asked()
    run_and_keep(type(request)(config=request.config, graph=graph, seconds=1), history)
    snapshot = SNAPSHOTS.of(history.path)
    with child_module.connect(str(snapshot)) as connection:
        assert connection.execute("SELECT graph FROM runs WHERE run_id = 3").fetchone() == ("follows.csv",)
    assert b"follows.csv" in snapshot.read_bytes()
    assert b"secret-place" not in snapshot.read_bytes()


def test_queries_leave_the_history_as_it_was_and_need_one(recorded, tmp_path):
    before = hashlib.sha256(recorded.path.read_bytes()).hexdigest()
    ask("SELECT count(*) FROM series", recorded.path)
    assert hashlib.sha256(recorded.path.read_bytes()).hexdigest() == before
    with pytest.raises(HistoryError, match="no run history"):
        ask("SELECT 1", tmp_path / "none.duckdb")


def test_a_hostile_query_does_not_keep_others_waiting_and_too_many_are_refused(recorded):
    gate, outcomes = Gate(at_once=2, waiting=0), []

    def hostile():
        with pytest.raises(QueryStopped):
            ask(ENDLESS, recorded.path, Limits(seconds=0.6), gate=gate)
        outcomes.append("stopped")

    SNAPSHOTS.of(recorded.path)
    attacker = threading.Thread(target=hostile)
    attacker.start()
    assert ask("SELECT 42", recorded.path, gate=gate).rows == ((42,),)
    assert outcomes == []
    with gate.turn(), pytest.raises(TooManyQueries, match="2 queries are running and 0 are waiting"):
        ask("SELECT 1", recorded.path, gate=gate)
    attacker.join()
    assert outcomes == ["stopped"]
    assert ask("SELECT 1", recorded.path, gate=gate).rows == ((1,),)


TRIES = """
import json, os, resource, runpy, socket, sys
child = runpy.run_path(sys.argv[1])

def tries(connection, asked):
    found = {}
    for name, what in (("read", lambda: open("/etc/passwd")), ("network", socket.socket), ("fork", os.pipe)):
        try:
            what()
            found[name] = "through"
        except OSError as error:
            found[name] = error.strerror
    try:
        bytearray(10**9)
        found["memory"] = "through"
    except MemoryError:
        found["memory"] = "refused"
    found["limits"] = [resource.getrlimit(what) for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_CPU)]
    try:
        connection.execute("CREATE TABLE t AS SELECT 1")
        found["write"] = "through"
    except Exception as error:
        found["write"] = type(error).__name__
    return found

child["main"].__globals__["answer"] = tries
child["main"](1)
"""


def test_the_process_itself_can_open_nothing_even_if_duckdb_let_it(recorded):
    snapshot = SNAPSHOTS.of(recorded.path)
    given = {"snapshot": str(snapshot), "sql": "", "cpu_s": 2, "memory_bytes": 64 << 20}
    done = subprocess.run(
        [sys.executable, "-I", "-c", TRIES, str(CHILD)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        env={},
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["read"] == found["network"] == found["fork"] == os.strerror(24)
    assert found["memory"] == "refused"
    assert found["write"] == "InvalidInputException"
    assert found["limits"] == [[0, 0], [2, 2]]


def test_a_query_is_told_nothing_of_the_environment(recorded, tmp_path, monkeypatch):
    script = tmp_path / "tells.py"
    script.write_text(
        "import json, os, sys\n"
        "said = json.dumps({'columns': [os.getcwd()], 'rows': [list(os.environ)], 'truncated': False})\n"
        "os.write(int(sys.argv[1]), b'\\n' + said.encode())"
    )
    monkeypatch.setattr(sys.modules[ask.__module__], "_CHILD", script)
    monkeypatch.setenv("REDIS_PASSWORD", "secret")
    told = ask("SELECT 1", recorded.path)
    assert set(told.rows[0]) <= {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LC_CTYPE"}
    assert told.columns == ("/",)


def test_nothing_is_left_of_queries(recorded):
    before = set(psutil.Process().children())
    ask("SELECT 1", recorded.path)
    with pytest.raises(QueryStopped):
        ask(ENDLESS, recorded.path, Limits(seconds=0.2))
    assert set(psutil.Process().children()) <= before, "neither running nor waiting to be asked how it ended"


def test_an_unknown_ready_query_is_named(recorded):
    with pytest.raises(InvalidInput, match="allowed: runs, strategies"):
        ready_query("everything")
