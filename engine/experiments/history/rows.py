"""What the history holds of a run: its row, its state, what to look for, and what it was started with."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import psutil

from engine.errors import InvalidInput

Json = dict[str, Any]

PARTS = ("config", "load", "summary", "slo", "audit", "cost")
"""The objects of a run's report."""
SECONDS = ("virtual_seconds", "wall_seconds", "build_seconds")
"""The durations of a run's report."""
_SAME_START_S = 2.0
"""A process is the one that was noted if it started at the noted second; clocks are set by less than this."""


class RunState(StrEnum):
    """`running`: a process is at it; `finished`: it has a result; `interrupted`: its process died or gave up."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, kw_only=True)
class KeptRun:
    """One run. The objects are those of the report that `python -m engine run --json` prints; None until it finished.

    `began_at`, `ended_at`: UTC, without a zone. `note`: why it was interrupted. `inputs`: files and price list that it
    was started with, by hash and by place; the place is for this machine only and in nothing that is handed out.
    """

    run_id: int
    state: RunState
    began_at: datetime
    ended_at: datetime | None
    pinned: bool
    note: str | None
    study_id: int | None
    code_version: str
    inputs: Json
    config: Json
    load: Json | None = None
    summary: Json | None = None
    slo: Json | None = None
    audit: Json | None = None
    cost: Json | None = None
    virtual_seconds: float | None = None
    wall_seconds: float | None = None
    build_seconds: float | None = None

    @property
    def digest(self) -> str | None:
        """SHA-256 of the recorded load; runs with the same digest were given the same load."""
        return self.load["digest"] if self.load else None

    @property
    def promises_kept(self) -> bool | None:
        """Whether every promise (SLO) that could be judged was kept; None if none could."""
        judged = [state["met"] for state in (self.slo or {}).values() if state["met"] is not None]
        return all(judged) if judged else None

    @property
    def title(self) -> str:
        """What was run, in a few words."""
        config = self.config
        parts = [f"{config.get('strategy')} on {config.get('graph') or config.get('world')}", config.get("scenario")]
        return ", ".join([*map(str, parts), f"{config.get('seconds')} s, seed {config.get('seed')}"])

    def to_json(self) -> Json:
        """JSON types, for people and programs; of files only name and hash."""
        row = asdict(self)
        for name in ("began_at", "ended_at"):
            row[name] = row[name] and row[name].isoformat(sep=" ", timespec="seconds")
        row["inputs"] = {kind: _without_place(given) for kind, given in self.inputs.items()}
        return row


def _without_place(given: Any) -> Any:
    return {key: value for key, value in given.items() if key != "place"} if isinstance(given, dict) else given


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which runs to list; what is None does not matter. `digest`: its first digits; times are UTC, without a zone."""

    world: str | None = None
    strategy: str | None = None
    scenario: str | None = None
    digest: str | None = None
    pinned: bool | None = None
    state: RunState | None = None
    study_id: int | None = None
    in_study: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 200

    def __post_init__(self) -> None:
        if self.limit < 1:
            raise InvalidInput(f"The number of runs to list is {self.limit}; allowed: 1 or more.")

    def conditions(self) -> tuple[str, list[Any]]:
        """As a WHERE clause and its parameters."""
        tests = {
            "config->>'world' = ?": self.world,
            "config->>'strategy' = ?": self.strategy,
            "config->>'scenario' = ?": self.scenario,
            "starts_with(load->>'digest', ?)": self.digest,
            "pinned = ?": self.pinned,
            "state = ?": self.state and str(self.state),
            "study_id = ?": self.study_id,
            "(study_id IS NOT NULL) = ?": self.in_study,
            "began_at >= ?": self.since,
            "began_at <= ?": self.until,
        }
        asked = {test: value for test, value in tests.items() if value is not None}
        return " AND ".join(["true", *asked]), list(asked.values())


@dataclass(frozen=True)
class ProcessMark:
    """A process, by number and start (seconds since 1970): numbers are used again, both together are not."""

    pid: int
    began_s: float

    @classmethod
    def own(cls) -> "ProcessMark":
        """This process."""
        process = psutil.Process()
        return cls(process.pid, process.create_time())

    @property
    def alive(self) -> bool:
        """Whether it still runs on this machine."""
        try:
            process = psutil.Process(self.pid)
            began_s, status = process.create_time(), process.status()
        except psutil.Error:
            return False
        return abs(began_s - self.began_s) < _SAME_START_S and status != psutil.STATUS_ZOMBIE


COLUMNS = (
    *("run_id", "state", "began_at", "ended_at", "pinned", "note", "study_id", "code_version", "inputs"),
    *PARTS,
    *SECONDS,
    *("pid", "process_began_s"),
)


def run_of(row: tuple[Any, ...]) -> KeptRun:
    """A run from the values of COLUMNS. One whose process is gone is interrupted, whoever gets to note it."""
    values: Json = dict(zip(COLUMNS, row, strict=True))
    mark = ProcessMark(values.pop("pid"), values.pop("process_began_s"))
    for name in ("inputs", *PARTS):
        values[name] = json.loads(values[name]) if values[name] is not None else None
    run = KeptRun(**{**values, "state": RunState(values["state"])})
    if run.state is RunState.RUNNING and not mark.alive:
        return replace(run, state=RunState.INTERRUPTED, note=GONE)
    return run


GONE = "Its process ended before the run did."
