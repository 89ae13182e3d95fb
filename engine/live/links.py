"""Links that carry an experiment: world, seed, strategy, settings, and what happens first.

`world=classroom&seed=7&strategy=hybrid&scenario=celebrity&workers.count=8`: every setting that is not the world's own
stands under its public name. `load=twitter-2012` stands for the settings of a named load.
"""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from datasets.worlds import WORLDS, preset_config
from engine.config import KNOBS, WorldConfig
from engine.errors import InvalidKnob, UnknownName
from engine.load.named import named_load
from engine.load.scenarios import SCENARIOS
from engine.write_path.strategies import with_strategy

STEADY = "steady"
"""Nothing happens but the load."""


class Experiment(NamedTuple):
    """What a link reproduces. `scenario` is started when the world opens; None: nothing happens but the load."""

    config: WorldConfig
    scenario: str | None = None

    def to_query(self) -> str:
        """As the query of an address."""
        preset = with_strategy(preset_config(self.config.world), self.config.strategy.name)
        named = {"world": self.config.world, "seed": self.config.seed, "strategy": self.config.strategy.name}
        if self.scenario is not None:
            named["scenario"] = self.scenario
        own = {
            name: self.config.knob(name)
            for name in KNOBS
            if name not in ("seed", "tick_ms") and self.config.knob(name) != preset.knob(name)
        }
        return urlencode(named | own)


def experiment_in(query: Mapping[str, str]) -> Experiment | None:
    """The experiment that the query of an address names; None if it names none. Other parameters are not its business.

    Raises:
        UnknownName, InvalidKnob: it names one that cannot be.
    """
    if query.get("world") not in WORLDS:
        return None
    config = preset_config(query["world"], **(named_load(query["load"]) if "load" in query else {}))
    if "strategy" in query:
        config = with_strategy(config, query["strategy"])
    unknown = sorted(name for name in query if "." in name and name not in KNOBS)
    if unknown:
        raise InvalidKnob(f"There is no setting {unknown[0]!r}; `python -m engine knobs` lists them all.")
    config = config.with_knobs({name: value for name, value in query.items() if name in KNOBS})
    scenario = query.get("scenario", STEADY)
    events = [slug for slug, declared in SCENARIOS.items() if declared.injections]
    if scenario not in (STEADY, *events):
        raise UnknownName(f"There is no scenario {scenario!r} for a link; allowed: {', '.join([STEADY, *events])}.")
    return Experiment(config, None if scenario == STEADY else scenario)
