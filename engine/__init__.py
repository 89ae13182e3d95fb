"""Murmuration's engine: a Twitter that really runs, in virtual time.

Everything that pages, command line, API and lessons need is here, in `engine.live` (worlds paced against the wall
clock) and in `engine.api` (HTTP on the same worlds). Names are loaded when they are first asked for: the parts of the
engine import each other through this package, and datasets/ builds worlds out of some of those parts.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datasets.worlds import WORLDS, build_population, preset_config
    from engine.config import KNOBS, Knob, WorldConfig, find_knob
    from engine.errors import InvalidInput, MurmurationError
    from engine.experiments.compare import CompareRequest, Comparison, compare
    from engine.experiments.grid import Axis, parse_axis
    from engine.experiments.run import RunRequest, RunResult, run
    from engine.experiments.sweep import Sweep, SweepRequest, sweep
    from engine.load.scenarios import SCENARIOS, Scenario
    from engine.observe.metric import Metric
    from engine.people import People
    from engine.reopen import Inhabited, inhabit, reopen
    from engine.views import PageView, PostView
    from engine.world import World
    from engine.write_path.strategies import STRATEGIES, Strategy, with_strategy

_HOMES = {
    "datasets.worlds": ("WORLDS", "build_population", "preset_config"),
    "engine.config": ("KNOBS", "Knob", "WorldConfig", "find_knob"),
    "engine.errors": ("InvalidInput", "MurmurationError"),
    "engine.experiments.compare": ("CompareRequest", "Comparison", "compare"),
    "engine.experiments.grid": ("Axis", "parse_axis"),
    "engine.experiments.sweep": ("Sweep", "SweepRequest", "sweep"),
    "engine.experiments.run": ("RunRequest", "RunResult", "run"),
    "engine.load.scenarios": ("SCENARIOS", "Scenario"),
    "engine.observe.metric": ("Metric",),
    "engine.people": ("People",),
    "engine.views": ("PageView", "PostView"),
    "engine.reopen": ("Inhabited", "inhabit", "reopen"),
    "engine.world": ("World",),
    "engine.write_path.strategies": ("STRATEGIES", "Strategy", "with_strategy"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "KNOBS",
    "SCENARIOS",
    "STRATEGIES",
    "WORLDS",
    "Axis",
    "CompareRequest",
    "Comparison",
    "Inhabited",
    "InvalidInput",
    "Knob",
    "Metric",
    "MurmurationError",
    "PageView",
    "People",
    "PostView",
    "RunRequest",
    "RunResult",
    "Scenario",
    "Strategy",
    "Sweep",
    "SweepRequest",
    "World",
    "WorldConfig",
    "build_population",
    "compare",
    "find_knob",
    "inhabit",
    "parse_axis",
    "preset_config",
    "reopen",
    "run",
    "sweep",
    "with_strategy",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)
