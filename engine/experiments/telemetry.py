"""The history of runs in one DuckDB file: what was run, what came out, and its series, ready for SQL.

One run, one transaction. Series go in as whole numpy columns (a row at a time DuckDB takes 1,100 a second). A DuckDB
file has one writing process at a time; within this process calls take turns.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from engine.clock import wall_epoch_s
from engine.domain import F64
from engine.errors import MurmurationError

FORMAT = 1
_JSON_PARTS = ("config", "load", "summary", "slo", "audit", "cost")
_NUMBERS = ("virtual_seconds", "wall_seconds", "build_seconds")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS format (version INTEGER);
CREATE TABLE IF NOT EXISTS runs (
    run_id BIGINT PRIMARY KEY, recorded_at TIMESTAMP NOT NULL, code_version VARCHAR,
    config JSON, load JSON, summary JSON, slo JSON, audit JSON, cost JSON,
    virtual_seconds DOUBLE, wall_seconds DOUBLE, build_seconds DOUBLE);
CREATE TABLE IF NOT EXISTS series (run_id BIGINT NOT NULL, metric VARCHAR NOT NULL, t_s DOUBLE NOT NULL, value DOUBLE);
"""
_turn = threading.Lock()


def record_run(path: Path | str, run: Mapping[str, Any]) -> int:
    """Write one run, all of it or nothing; returns its number (1, 2, 3, ...).

    `run`: the object that the command line prints (docs: config, load, summary, slo, audit, cost, *_seconds; what is
    absent is null), and optionally `code_version` and `series`: {metric: (t_s, value)} with arrays of shape (points,).
    NaN is stored as null. The file is made where there is none.

    Raises:
        MurmurationError: a file that is not a run history, is locked or cannot be written, or a run that is not JSON.
    """
    row = [run.get("code_version"), *(_json(run, part) for part in _JSON_PARTS), *(run.get(name) for name in _NUMBERS)]
    at = datetime.fromtimestamp(wall_epoch_s(), UTC).replace(tzinfo=None)
    with _connected(path) as connection:
        connection.execute("BEGIN")
        _prepare(connection, path)
        (run_id,) = connection.execute("SELECT coalesce(max(run_id), 0) + 1 FROM runs").fetchone() or (1,)
        marks = ", ".join("?" * (2 + len(row)))
        connection.execute(f"INSERT INTO runs VALUES ({marks})", [run_id, at, *row])
        for metric, (t_s, value) in run.get("series", {}).items():
            _insert_series(connection, run_id, str(metric), t_s, value)
        connection.execute("COMMIT")
    return int(run_id)


def runs(path: Path | str) -> list[dict[str, Any]]:
    """All runs, newest first, as given to `record_run`, with `run_id` and `recorded_at` (UTC); [] without a file."""
    if not Path(path).exists():
        return []
    names = ("run_id", "recorded_at", "code_version", *_JSON_PARTS, *_NUMBERS)
    with _connected(path) as connection:
        _check_format(connection, path)
        rows = connection.execute(f"SELECT {', '.join(names)} FROM runs ORDER BY run_id DESC").fetchall()
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for run in found:
        run.update({part: json.loads(run[part]) for part in _JSON_PARTS if run[part] is not None})
    return found


def series(path: Path | str, run_id: int) -> dict[str, tuple[F64, F64]]:
    """The series of one run by metric: (t_s, value), shape (points,) each, NaN where nothing was measured."""
    if not Path(path).exists():
        return {}
    with _connected(path) as connection:
        _check_format(connection, path)
        columns = connection.execute(
            "SELECT metric, t_s, coalesce(value, 'nan') AS value FROM series WHERE run_id = ? ORDER BY metric, t_s",
            [run_id],
        ).fetchnumpy()
    names = np.asarray(columns["metric"], dtype=object)
    t_s, value = (np.asarray(columns[name], dtype=np.float64) for name in ("t_s", "value"))
    return {str(name): (t_s[names == name], value[names == name]) for name in dict.fromkeys(names)}


def _insert_series(connection: duckdb.DuckDBPyConnection, run_id: int, metric: str, t_s: F64, value: F64) -> None:
    columns = {"t_s": np.ascontiguousarray(t_s, np.float64), "value": np.ascontiguousarray(value, np.float64)}
    if len(columns["t_s"]) == 0:
        return
    connection.register("columns_in", columns)
    connection.execute(
        "INSERT INTO series SELECT ?, ?, t_s, CASE WHEN isnan(value) THEN NULL ELSE value END FROM columns_in",
        [run_id, metric],
    )
    connection.unregister("columns_in")


def _prepare(connection: duckdb.DuckDBPyConnection, path: Path | str) -> None:
    connection.execute(_SCHEMA)
    if connection.execute("SELECT 1 FROM format").fetchone() is None:
        connection.execute("INSERT INTO format VALUES (?)", [FORMAT])
    _check_format(connection, path)


def _check_format(connection: duckdb.DuckDBPyConnection, path: Path | str) -> None:
    (version,) = connection.execute("SELECT version FROM format").fetchone() or (None,)
    if version != FORMAT:
        raise MurmurationError(f"{path} is a run history of format {version}; this program reads format {FORMAT}.")


def _json(run: Mapping[str, Any], part: str) -> str | None:
    if run.get(part) is None:
        return None
    try:
        return json.dumps(run[part], allow_nan=False)
    except (TypeError, ValueError) as error:
        raise MurmurationError(f"The run's {part} cannot be recorded: {error}.") from error


@contextmanager
def _connected(path: Path | str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for one call; what DuckDB raises becomes one sentence, and nothing half-written stays."""
    with _turn:
        try:
            connection = duckdb.connect(str(path))
        except duckdb.Error as error:
            raise MurmurationError(f"The run history {path} cannot be opened: {_first_line(error)}") from error
        try:
            yield connection
        except duckdb.CatalogException as error:
            raise MurmurationError(f"{path} is a DuckDB file, but not a run history: {_first_line(error)}") from error
        except duckdb.Error as error:
            raise MurmurationError(f"The run history {path} cannot be used: {_first_line(error)}") from error
        finally:
            connection.close()


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
