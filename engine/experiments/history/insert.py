"""Rows into the tables of the run history: a run as it begins, its result, its series."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from engine.clock import wall_epoch_s
from engine.domain import F64
from engine.errors import HistoryError
from engine.experiments.history.code import code_version
from engine.experiments.history.file import Connection
from engine.experiments.history.inputs import own_code, without_place
from engine.experiments.history.rows import PARTS, SECONDS, Json, ProcessMark, RunState

Series = Mapping[str, tuple[F64, F64]]
"""By metric: (t_s, value), shape (points,) each; NaN where nothing was measured."""


def insert_run(connection: Connection, config: Json, inputs: Json, study_id: int | None) -> int:
    """A run that this process is at, from now. Of a strategy that is in the inputs already no file is read."""
    given = inputs if "strategy" in inputs else inputs | own_code(config)
    run_id, mark = next_number(connection, "run_ids"), ProcessMark.own()
    connection.execute(
        "INSERT INTO runs (run_id, state, began_at, pinned, study_id, code_version, pid, process_began_s, inputs, "
        "config) VALUES (?, ?, ?, false, ?, ?, ?, ?, ?, ?)",
        [
            *(run_id, str(RunState.RUNNING), now(), study_id, code_version(), mark.pid, mark.began_s),
            *(as_json("inputs", given), as_json("config", without_place(config))),
        ],
    )
    return run_id


def insert_result(connection: Connection, run_id: int, report: Mapping[str, Any], series: Series) -> None:
    """Its report and series; it is finished with that."""
    given = {part: report[part] for part in PARTS if report.get(part) is not None}
    if "config" in given:
        given["config"] = without_place(given["config"])
    parts = {part: as_json(part, value) for part, value in given.items()}
    values = [*parts.values(), *(report.get(name) for name in SECONDS)]
    sets = ", ".join(f"{name} = ?" for name in (*parts, *SECONDS))
    connection.execute(
        f"UPDATE runs SET state = ?, ended_at = ?, {sets} WHERE run_id = ?",
        [str(RunState.FINISHED), now(), *values, run_id],
    )
    _insert_series(connection, run_id, series)


def _insert_series(connection: Connection, run_id: int, series: Series) -> None:
    """All of a run as three whole columns: a row at a time DuckDB takes 1,100 a second."""
    kept = {str(metric): points for metric, points in series.items() if len(points[0])}
    if not kept:
        return
    columns = {
        "metric": np.repeat(np.arange(1, len(kept) + 1), [len(t_s) for t_s, _ in kept.values()]),
        "t_s": np.concatenate([np.asarray(t_s, np.float64) for t_s, _ in kept.values()]),
        "value": np.concatenate([np.asarray(value, np.float64) for _, value in kept.values()]),
    }
    connection.register("columns_in", columns)
    connection.execute(
        "INSERT INTO series SELECT ?, list_extract(?::VARCHAR[], metric), t_s, "
        "CASE WHEN isnan(value) THEN NULL ELSE value END FROM columns_in",
        [run_id, list(kept)],
    )
    connection.unregister("columns_in")


def without_series(run: Mapping[str, Any]) -> Json:
    """A study's run as the study itself keeps it."""
    return {name: value for name, value in run.items() if name != "series"}


def series_in(run: Mapping[str, Any]) -> Series:
    """The series that a study's run brings along, where null means that nothing was measured."""
    found = run.get("series", {})
    return {
        name: (np.asarray(points["t"], np.float64), np.asarray(points["values"], np.float64))
        for name, points in found.items()
    }


def next_number(connection: Connection, sequence: str) -> int:
    """`run_ids` or `study_ids`: what no other run or study ever has."""
    (number,) = connection.execute(f"SELECT nextval('{sequence}')").fetchone() or (0,)
    return int(number)


def now() -> datetime:
    """UTC, without a zone: what DuckDB's TIMESTAMP holds."""
    return datetime.fromtimestamp(wall_epoch_s(), UTC).replace(tzinfo=None)


def as_json(part: str, value: Mapping[str, Any]) -> str:
    """A part of a run or study as text.

    Raises:
        HistoryError: it is no plain data.
    """
    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise HistoryError(f"The run's {part} cannot be kept: {error}.") from error
