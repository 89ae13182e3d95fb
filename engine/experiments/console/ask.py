"""SQL over the run history, asked by anybody: one query, one limited process, one clear sentence if it is not to be.

In-process limits are not enough: a regular expression over a long text, or a text repeated a hundred million times,
does not stop when DuckDB is told to. So the process is killed, and takes nothing with it.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.apart import Patience, run_apart
from engine.clock import SystemWallClock, WallClock
from engine.errors import InvalidInput, QueryFailed, QueryRefused, QueryStopped, TooManyQueries
from engine.experiments.console.snapshot import Snapshots

_CHILD = Path(__file__).with_name("child.py")
_START_S = 20.0
"""How long that may take on a busy machine."""
_SPARE_S = 1
"""Processor seconds that starting takes, on top of the query's own."""
_MOST_TIMES = 8
"""Bytes of JSON for each character of an answer, at most: escapes, names of columns, commas."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one query may take, and how many may run and wait at once in this process."""

    seconds: float = 3.0
    rows: int = 500
    answer_bytes: int = 2_000_000
    cell_chars: int = 500
    memory_bytes: int = 768 << 20
    sql_chars: int = 20_000

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            if getattr(self, name) <= 0:
                raise InvalidInput(f"The limit {name} is {getattr(self, name)}; allowed: more than 0.")


class Gate:
    """Lets `at_once` queries run and `waiting` more wait for their turn; the next one is refused at once."""

    def __init__(self, at_once: int = 2, waiting: int = 6) -> None:
        self._at_once, self._waiting = at_once, waiting
        self._running = threading.Semaphore(at_once)
        self._inside = threading.Semaphore(at_once + waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold a place while a query runs.

        Raises:
            TooManyQueries: all places to run and to wait are taken.
        """
        if not self._inside.acquire(blocking=False):
            raise TooManyQueries(
                f"{self._at_once} queries are running and {self._waiting} are waiting; try again in a few seconds."
            )
        try:
            with self._running:
                yield
        finally:
            self._inside.release()


@dataclass(frozen=True)
class Answer:
    """What a query gave. `rows`: values by column, of JSON types (times and lists as text); long texts end in "…".

    `truncated`: there was more. `took_ms`: real time, the start of the query's process included.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool
    took_ms: float


GATE = Gate()
"""Of this process."""
_SNAPSHOTS = Snapshots()


def ask(
    sql: str, history: Path | str, limits: Limits | None = None, *, gate: Gate = GATE, wall: WallClock | None = None
) -> Answer:
    """Answer one SELECT or EXPLAIN over the tables of a run history; `columns` is the table that explains them.

    Raises:
        QueryRefused: it is something else, or names what is not the history's; nothing was run.
        QueryFailed: DuckDB cannot make sense of it.
        QueryStopped: it took more time or memory than it may.
        TooManyQueries: too many others run and wait.
        HistoryError: there is no history, or it cannot be read.
    """
    limits, wall = limits or Limits(), wall or SystemWallClock()
    if len(sql) > limits.sql_chars:
        raise QueryRefused(f"The query has {len(sql):,} characters; allowed: {limits.sql_chars:,}.")
    began_s = wall.now_s()
    with gate.turn():
        said = _said({"snapshot": str(_SNAPSHOTS.of(Path(history))), "sql": sql}, limits)
    if "refused" in said:
        raise QueryRefused(said["refused"])
    if "failed" in said:
        raise QueryFailed(said["failed"])
    if "stopped" in said:
        raise QueryStopped(f"The query was stopped: it needs more than {limits.memory_bytes >> 20:,} MB of memory.")
    rows = tuple(tuple(row) for row in said["rows"])
    return Answer(tuple(said["columns"]), rows, said["truncated"], 1_000 * (wall.now_s() - began_s))


def _said(asked: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """What the query's own process answers."""
    asked |= {
        "rows": limits.rows,
        "bytes": limits.answer_bytes,
        "cell": limits.cell_chars,
        "cpu_s": int(limits.seconds) + _SPARE_S,
        "memory_bytes": limits.memory_bytes,
    }
    patience = Patience(start_s=_START_S, seconds=limits.seconds, answer_bytes=_MOST_TIMES * limits.answer_bytes)
    ended = run_apart(
        lambda answer_fd: ["-I", str(_CHILD), str(answer_fd)],
        json.dumps(asked).encode(),
        patience,
        folder=Path("/"),
        environment={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    if ended.late and not ended.begun:
        raise QueryStopped("The query was not run: this machine is too busy to start it.")
    if ended.late:
        raise QueryStopped(f"The query was stopped: it took longer than {limits.seconds:g} s.")
    if not ended.answered:
        raise QueryStopped("The query was stopped: its process was ended by a limit of time or memory.")
    if len(ended.answered) > patience.answer_bytes:
        raise QueryStopped(f"The query was stopped: its answer has more than {patience.answer_bytes:,} bytes.")
    said: dict[str, Any] = json.loads(ended.answered)
    return said
