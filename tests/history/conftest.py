"""One history with real runs for all tests here: recorded once in each test process, copied for whoever changes it."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from datasets.worlds import preset_config
from engine.experiments.history import RunHistory, run_and_keep
from engine.experiments.run import RunRequest, RunResult, series_of
from engine.write_path.strategies import with_strategy

SECONDS = 3


def asked(spec: str = "push", **knobs: object) -> RunRequest:
    """A short run of a classroom that a celebrity sets on fire."""
    config = with_strategy(preset_config("classroom"), spec).with_knobs(knobs)
    return RunRequest(config=config, scenario="celebrity", seconds=SECONDS)


class Recorded(NamedTuple):
    """A history, and what its two finished runs gave: run 1 (push) and run 2 (hybrid); run 1 is the baseline."""

    path: Path
    results: dict[int, RunResult]


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    path = tmp_path_factory.mktemp("recorded") / "history.duckdb"
    history = RunHistory(path)
    results = dict(run_and_keep(asked(spec), history) for spec in ("push", "hybrid:threshold=100"))
    history.pin(1)
    return Recorded(path, results)


@pytest.fixture
def history(recorded: Recorded, tmp_path: Path) -> RunHistory:
    """A copy that a test may change."""
    return RunHistory(shutil.copy(recorded.path, tmp_path / "history.duckdb"))


@pytest.fixture
def study(recorded: Recorded) -> dict:
    """What a comparison prints, as far as the history and a report look at it."""
    runs = [
        {
            **result.report,
            "strategy": result.report["config"]["strategy"],
            "series": {
                "visible_lag": {
                    "t": [0.5, 1.0],
                    "values": [None, float(series_of(result.world)["visible_lag"][1][2])],
                }
            },
        }
        for result in recorded.results.values()
    ]
    found = {"mean": 4.0, "low": 3.0, "high": 5.0, "n": 2, "verdict": "higher"}
    return {
        "digest": runs[0]["load"]["digest"],
        "text": "hybrid shows posts soonest.",
        "strategies": [
            {"strategy": run["strategy"], "measures": {"home_p99_ms": found}, "slo": {}, "pareto": True} for run in runs
        ],
        "measures": {"home_p99_ms": {"label": "home page, p99", "unit": "ms", "better": "lower", "kind": "measured"}},
        "differences": [{"measure": "home_p99_ms", "a": "push", "b": "hybrid", **found, "text": "hybrid 4 ms more."}],
        "replications": 2,
        "runs": runs,
    }
