"""Comparisons and sweeps for pages: asked for in texts, run in the background, looked at while they run.

    study = STUDIES.start(comparison_asked(Setting(), ["push", "pull"]))
    STUDIES.find(study.id).look()       # state, progress, and what is known by now; the id stands in the address

Read in this order: asked (from a form to a request), own (somebody's own strategy among those compared), study (one of
them, running), registry (who runs what, and when it is forgotten), kept (those in the run history), told (rows, command
line and files of what came out). `STUDIES` is a module's variable and therefore one per process.
"""

import json

from engine.clock import SystemWallClock
from engine.experiments.compare import CompareRequest, Comparison
from engine.experiments.grid import VARIABLE, Axis, suggested, unit_of
from engine.experiments.intervals import Estimate
from engine.experiments.measures import MEASURES, Measure
from engine.experiments.sentence import number, shown
from engine.experiments.studies.asked import (
    MOST_REPLICATIONS,
    MOST_SECONDS,
    SIZES,
    Setting,
    comparison_asked,
    sweep_asked,
)
from engine.experiments.studies.kept import InHistory
from engine.experiments.studies.own import OwnCode, OwnComparison
from engine.experiments.studies.registry import Job, Studies
from engine.experiments.studies.study import Look, State, Study
from engine.experiments.studies.told import (
    Row,
    banded,
    bill_rows,
    command_of,
    difference_rows,
    measure_rows,
    pairs_of,
    promise_rows,
    sweep_rows,
    value_in_words,
    winner_in_words,
    wins_in_words,
)
from engine.experiments.sweep import Curves, Point, Sweep, SweepRequest

STUDIES = Studies(SystemWallClock(), keeper=InHistory())

__all__ = [
    "MEASURES",
    "MOST_REPLICATIONS",
    "MOST_SECONDS",
    "SIZES",
    "STUDIES",
    "VARIABLE",
    "Axis",
    "CompareRequest",
    "Comparison",
    "Curves",
    "Estimate",
    "InHistory",
    "Job",
    "Look",
    "Measure",
    "OwnCode",
    "OwnComparison",
    "Point",
    "Row",
    "Setting",
    "State",
    "Studies",
    "Study",
    "Sweep",
    "SweepRequest",
    "banded",
    "bill_rows",
    "command_of",
    "comparison_asked",
    "difference_rows",
    "json_of",
    "measure_rows",
    "number",
    "pairs_of",
    "promise_rows",
    "report_of",
    "shown",
    "suggested",
    "sweep_asked",
    "sweep_rows",
    "unit_of",
    "value_in_words",
    "winner_in_words",
    "wins_in_words",
]


def json_of(found: Comparison | Sweep) -> str:
    """All figures of all runs, as the command prints them with --json: without series."""
    answer = found.to_json()
    if "runs" in answer:
        answer["runs"] = [{name: part for name, part in run.items() if name != "series"} for run in answer["runs"]]
    return json.dumps(answer)


def report_of(found: Comparison | Sweep) -> str:
    """One HTML file that needs nothing else."""
    from engine.experiments.report import report_html, subject_of_comparison  # a database and a drawing library

    return report_html(subject_of_comparison(found.to_json()))
