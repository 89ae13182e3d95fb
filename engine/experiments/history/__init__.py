"""The run history: kept runs in one DuckDB file, found, laid over each other, made again."""

from engine.experiments.history.again import (
    Changed,
    changed_settings,
    command_of,
    request_of,
    run_again,
    run_and_keep,
)
from engine.experiments.history.background import Make, RunJob
from engine.experiments.history.code import code_version
from engine.experiments.history.figures import FIGURES, Figure
from engine.experiments.history.history import RunHistory
from engine.experiments.history.inputs import inputs_of
from engine.experiments.history.overlay import Difference, Overlay, difference, overlay
from engine.experiments.history.rows import KeptRun, RunState, Wanted
from engine.experiments.history.studies import KeptStudy
from engine.experiments.history.values import shown, unit_shown, with_unit
from engine.experiments.place import DEFAULT_PATH, history_path

__all__ = [
    "DEFAULT_PATH",
    "FIGURES",
    "Changed",
    "Difference",
    "Figure",
    "KeptRun",
    "KeptStudy",
    "Make",
    "Overlay",
    "RunHistory",
    "RunJob",
    "RunState",
    "Wanted",
    "changed_settings",
    "code_version",
    "command_of",
    "difference",
    "history_path",
    "inputs_of",
    "overlay",
    "request_of",
    "run_again",
    "run_and_keep",
    "shown",
    "unit_shown",
    "with_unit",
]
