"""The run history: what was run, what came out and its series, kept in one file and found again.

A run is noted when it begins and gets its result in one transaction when it ends. What a crash leaves is a row that
says `running` with a process that is gone: the next one who looks marks it interrupted. Series come with the result, so
none is ever half there.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from engine.clock import WallClock
from engine.domain import F64
from engine.errors import UnknownRun
from engine.experiments.history.code import code_version
from engine.experiments.history.file import PATIENCE_S, Connection, HistoryFile
from engine.experiments.history.insert import (
    Series,
    as_json,
    insert_result,
    insert_run,
    next_number,
    now,
    series_in,
    without_series,
)
from engine.experiments.history.rows import (
    COLUMNS,
    GONE,
    Json,
    KeptRun,
    ProcessMark,
    RunState,
    Wanted,
    run_of,
)
from engine.experiments.history.studies import KeptStudy, listed, number_in
from engine.experiments.place import DEFAULT_PATH

_PATIENCE_WITH_A_RESULT_S = 60.0
"""A result that took minutes is worth waiting for whoever has the file open."""


class RunHistory:
    """The runs in one file. Every call opens it for a moment, so several processes can keep runs in the same one.

    All calls raise HistoryError for a file that cannot be used. `patience_s`: how long they wait for each other.
    """

    def __init__(
        self, path: Path | str = DEFAULT_PATH, *, wall: WallClock | None = None, patience_s: float = PATIENCE_S
    ) -> None:
        self._file = HistoryFile(Path(path), wall, patience_s)

    @property
    def path(self) -> Path:
        """The file; it is made with the first run."""
        return self._file.path

    # A run's life

    def begin(self, config: Json, inputs: Json, study_id: int | None = None) -> int:
        """Note a run that this process starts now; returns its number, which no other run ever has.

        `config`: as `config_of(request)`; `inputs`: as `inputs_of(request)`.
        """
        self._make_room()
        with self._file.writing() as connection:
            _settle(connection)
            run_id = insert_run(connection, config, inputs, study_id)
        return run_id

    def finish(self, run_id: int, report: Mapping[str, Any], series: Series) -> None:
        """Give a running run its result, all of it or nothing.

        `report`: what `python -m engine run --json` prints; what is absent is null.

        Raises:
            UnknownRun: it does not run (any more): it was deleted, or has a result.
        """
        with self._file.writing(_PATIENCE_WITH_A_RESULT_S) as connection:
            self._running(connection, run_id)
            insert_result(connection, run_id, report, series)

    def interrupt(self, run_id: int, note: str) -> None:
        """Say that a running run was given up, and why."""
        with self._file.writing() as connection:
            self._running(connection, run_id)
            connection.execute(
                "UPDATE runs SET state = ?, ended_at = ?, note = ? WHERE run_id = ?",
                [str(RunState.INTERRUPTED), now(), note, run_id],
            )

    def discard(self, run_id: int) -> None:
        """Forget a running run that turned out to be impossible to start."""
        with self._file.writing() as connection:
            self._running(connection, run_id)
            connection.execute("DELETE FROM runs WHERE run_id = ?", [run_id])

    # Looking

    def runs(self, wanted: Wanted | None = None) -> list[KeptRun]:
        """The runs that are wanted, newest first; [] where there is no file."""
        if not self._file.exists:
            return []
        where, values = (wanted or Wanted()).conditions()
        order = f"ORDER BY run_id DESC LIMIT {int((wanted or Wanted()).limit)}"
        with self._looking() as connection:
            found = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM runs WHERE {where} {order}", values)
            return [run_of(row) for row in found.fetchall()]

    def choices(self) -> dict[str, list[str]]:
        """Worlds, strategies and scenarios of the kept runs: {"world": [...], "strategy": [...], "scenario": [...]}."""
        names = ("world", "strategy", "scenario")
        if not self._file.exists:
            return {name: [] for name in names}
        columns = ", ".join(f"list_sort(list(DISTINCT config->>'{name}'))" for name in names)
        with self._file.reading() as connection:
            found = connection.execute(f"SELECT {columns} FROM runs").fetchone() or ()
        lists = [[value for value in values or [] if value is not None] for values in found]
        return dict(zip(names, lists, strict=True))

    def run(self, run_id: int) -> KeptRun:
        """One run.

        Raises:
            UnknownRun: there is none of this number.
        """
        with self._looking() as connection:
            return self._found(connection, run_id)

    def series(self, run_id: int) -> dict[str, tuple[F64, F64]]:
        """The series of one run, by metric; {} until it has finished.

        Raises:
            UnknownRun: there is no run of this number.
        """
        with self._file.reading() as connection:
            self._found(connection, run_id)
            columns = connection.execute(
                "SELECT metric, t_s, coalesce(value, 'nan') AS value FROM series WHERE run_id = ? ORDER BY metric, t_s",
                [run_id],
            ).fetchnumpy()
        names = np.asarray(columns["metric"], dtype=object)
        t_s, value = (np.asarray(columns[name], dtype=np.float64) for name in ("t_s", "value"))
        return {str(name): (t_s[names == name], value[names == name]) for name in dict.fromkeys(names)}

    def baseline_of(self, run: KeptRun) -> KeptRun | None:
        """What to compare a run with: the newest pinned run with the same load, else on the same world."""
        pinned = [other for other in self.runs(Wanted(pinned=True)) if other.run_id != run.run_id and other.summary]
        same_load = [other for other in pinned if other.digest == run.digest]
        same_world = [other for other in pinned if other.config["world"] == run.config["world"]]
        return next(iter([*same_load, *same_world]), None)

    def settle(self) -> None:
        """Mark runs whose process is gone as interrupted, as every look at the runs does too."""
        with self._looking():
            pass

    # Changing

    def pin(self, run_id: int, pinned: bool = True) -> None:
        """Make a finished run a baseline, or no longer.

        Raises:
            UnknownRun: there is no finished run of this number.
        """
        with self._file.writing() as connection:
            run = self._found(connection, run_id)
            if run.state is not RunState.FINISHED:
                raise UnknownRun(f"Run {run_id} is {run.state}; only a finished run can be a baseline.")
            connection.execute("UPDATE runs SET pinned = ? WHERE run_id = ?", [pinned, run_id])

    def delete(self, run_ids: Iterable[int]) -> None:
        """Remove runs and their series: all of them, or none.

        Raises:
            UnknownRun: one does not exist, still runs, or is pinned.
        """
        with self._file.writing() as connection:
            _settle(connection)
            self._delete_runs(connection, run_ids)

    # Studies: comparisons and sweeps

    def keep_study(
        self,
        kind: str,
        result: Json,
        runs: Sequence[Mapping[str, Any]] | None = None,
        inputs: Json | None = None,
        *,
        address: str | None = None,
    ) -> int:
        """Keep what a comparison or a sweep gave, and its runs, all of it or nothing; returns the study's number.

        From any thread. The whole `result` comes back from `study`, so whoever keeps a study may put into it what it
        takes to open it again; "strategies" and "axes" make its title, "digest" is what it is found by.

        Args:
            kind: "comparison" or "sweep".
            result: `Comparison.toas_json()` or `Sweep.toas_json()`, or more than that; plain values.
            runs: reports, each optionally with "series": {metric: {"t", "values"}}; None: those under "runs" of the
                result. `Comparison.runs` and `Sweep.runs` are such.
            inputs: of all of them, as `inputs_of(request)`.
            address: what a page found it by while it ran, and finds it by from now on (`study_at`); None: by
                `kept-NUMBER`.
        """
        self._make_room()
        runs = result.get("runs", []) if runs is None else runs
        stored = result | ({"runs": [without_series(run) for run in result["runs"]]} if "runs" in result else {})
        stored |= {} if address is None else {"address": address}
        with self._file.writing(_PATIENCE_WITH_A_RESULT_S) as connection:
            study_id = next_number(connection, "study_ids")
            connection.execute(
                "INSERT INTO studies VALUES (?, ?, ?, ?, ?, ?)",
                [study_id, kind, now(), code_version(), result.get("digest"), as_json("result", stored)],
            )
            for run in runs:
                run_id = insert_run(connection, run["config"], (inputs or {}) | run.get("inputs", {}), study_id)
                insert_result(connection, run_id, run, series_in(run))
        return study_id

    def studies(self) -> list[KeptStudy]:
        """All studies, newest first; [] where there is no file."""
        if not self._file.exists:
            return []
        with self._file.reading() as connection:
            return listed(connection)

    def study(self, study_id: int) -> tuple[Json, list[int]]:
        """What a study gave, and the numbers of its runs in their order.

        Raises:
            UnknownRun: there is no study of this number.
        """
        with self._file.reading() as connection:
            found = connection.execute("SELECT result FROM studies WHERE study_id = ?", [study_id]).fetchone()
            if found is None:
                raise UnknownRun(f"There is no study {study_id} in {self.path}; `history studies` shows what there is.")
            result: Json = json.loads(found[0])
            (study,) = listed(connection, "study_id = ?", [study_id])
            return result, list(study.run_ids)

    def study_at(self, address: str) -> KeptStudy | None:
        """The study that a page finds by this address; None where none is kept."""
        if not self._file.exists:
            return None
        with self._file.reading() as connection:
            study_id = number_in(connection, address)
            return None if study_id is None else next(iter(listed(connection, "study_id = ?", [study_id])), None)

    def delete_study(self, study_id: int, *, with_runs: bool = False) -> None:
        """Remove a study; its runs stay, on their own, or go with it.

        Raises:
            UnknownRun: there is no study of this number, or one of the runs that are to go is pinned.
        """
        _, run_ids = self.study(study_id)
        with self._file.writing() as connection:
            if with_runs:
                self._delete_runs(connection, run_ids)
            connection.execute("UPDATE runs SET study_id = NULL WHERE study_id = ?", [study_id])
            connection.execute("DELETE FROM studies WHERE study_id = ?", [study_id])

    # Inside

    def _delete_runs(self, connection: Connection, run_ids: Iterable[int]) -> None:
        for run_id in dict.fromkeys(run_ids):
            run = self._found(connection, run_id)
            if run.pinned:
                raise UnknownRun(f"Run {run_id} is pinned as a baseline; unpin it first.")
            if run.state is RunState.RUNNING:
                raise UnknownRun(f"Run {run_id} is still running; wait until it ends.")
            connection.execute("DELETE FROM series WHERE run_id = ?", [run_id])
            connection.execute("DELETE FROM runs WHERE run_id = ?", [run_id])

    def _make_room(self) -> None:
        if self.path == DEFAULT_PATH:
            self.path.parent.mkdir(exist_ok=True)

    def _found(self, connection: Connection, run_id: int) -> KeptRun:
        query = f"SELECT {', '.join(COLUMNS)} FROM runs WHERE run_id = ?"
        row = connection.execute(query, [run_id]).fetchone()
        if row is None:
            raise UnknownRun(f"There is no run {run_id} in {self.path}; `history list` shows what there is.")
        return run_of(row)

    def _running(self, connection: Connection, run_id: int) -> None:
        state = self._found(connection, run_id).state
        if state is not RunState.RUNNING:
            raise UnknownRun(f"Run {run_id} is {state}; only a running run can end.")

    @contextmanager
    def _looking(self) -> Iterator[Connection]:
        """A read-only connection, once runs whose process is gone are marked as interrupted.

        In a file that cannot be written they are only shown as what they are.
        """
        with self._file.reading() as connection:
            if not _gone(connection) or not self._file.writable:
                yield connection
                return
        with self._file.writing() as connection:
            _settle(connection)
        with self._file.reading() as connection:
            yield connection


def _gone(connection: Connection) -> list[int]:
    rows = connection.execute("SELECT run_id, pid, process_began_s FROM runs WHERE state = 'running'").fetchall()
    return [run_id for run_id, pid, began_s in rows if not ProcessMark(pid, began_s).alive]


def _settle(connection: Connection) -> None:
    for run_id in _gone(connection):
        connection.execute(
            "UPDATE runs SET state = ?, note = ? WHERE run_id = ?", [str(RunState.INTERRUPTED), GONE, run_id]
        )
