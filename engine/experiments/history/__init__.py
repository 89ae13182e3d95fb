"""The run history: kept runs in one DuckDB file, found, laid over each other, made again."""

from engine.experiments.history.again import command_of, request_of, run_again, run_and_keep
from engine.experiments.history.code import code_version
from engine.experiments.history.figures import FIGURES, Figure
from engine.experiments.history.history import DEFAULT_PATH, RunHistory
from engine.experiments.history.inputs import inputs_of
from engine.experiments.history.overlay import Difference, Overlay, difference, overlay
from engine.experiments.history.rows import KeptRun, RunState, Wanted

__all__ = [
    "DEFAULT_PATH",
    "FIGURES",
    "Difference",
    "Figure",
    "KeptRun",
    "Overlay",
    "RunHistory",
    "RunState",
    "Wanted",
    "code_version",
    "command_of",
    "difference",
    "inputs_of",
    "overlay",
    "request_of",
    "run_again",
    "run_and_keep",
]
