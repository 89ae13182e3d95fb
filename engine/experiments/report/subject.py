"""What a report is about: one run, some runs side by side, or a comparison with what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.domain import F64
from engine.errors import InvalidInput
from engine.experiments.history.history import RunHistory
from engine.experiments.history.rows import Json, KeptRun
from engine.experiments.history.studies import title_of

MOST_RUNS = 12
"""Lines that one chart can carry and a reader can tell apart; a study shows its first runs in charts."""


@dataclass(frozen=True)
class Subject:
    """`series`: one mapping for each run, metric -> (t_s, value). `study`: what a comparison printed, if it is one."""

    title: str
    runs: tuple[KeptRun, ...]
    series: tuple[Mapping[str, tuple[F64, F64]], ...]
    study: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """A short name for each run, different for each."""
        return [f"run {run.run_id}: {run.config.get('strategy')}, seed {run.config.get('seed')}" for run in self.runs]

    @property
    def charted(self) -> "Subject":
        """The runs that charts show."""
        return Subject(self.title, self.runs[:MOST_RUNS], self.series[:MOST_RUNS], self.study)


def subject_of_runs(history: RunHistory, run_ids: Sequence[int]) -> Subject:
    """Kept runs, in this order.

    Raises:
        UnknownRun: one of them does not exist.
        InvalidInput: none is named, or one has no result.
    """
    runs = tuple(history.run(run_id) for run_id in run_ids)
    if not runs:
        raise InvalidInput("No run is named; a report is about one run or more.")
    for run in runs:
        if run.summary is None:
            raise InvalidInput(f"Run {run.run_id} is {run.state} and has no result to report.")
    title = runs[0].title if len(runs) == 1 else f"{len(runs)} runs side by side"
    return Subject(title, runs, tuple(history.series(run.run_id) for run in runs))


def subject_of_study(history: RunHistory, study_id: int) -> Subject:
    """A kept comparison or sweep.

    Raises:
        UnknownRun: there is none of this number.
    """
    result, run_ids = history.study(study_id)
    runs = tuple(history.run(run_id) for run_id in run_ids)
    return Subject(title_of(result), runs, tuple(history.series(run_id) for run_id in run_ids[:MOST_RUNS]), result)


def subject_of_comparison(result: Json) -> Subject:
    """What `compare` printed, without a history: its statements, and no charts."""
    return Subject(title_of(result), (), (), result)
