"""What is done with a piece of own code: the load that it is measured on, the histories that it is checked with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from datasets.worlds import WORLDS, find_world, preset_config
from engine.config import WorldConfig
from engine.errors import InvalidInput, InvalidKnob
from engine.load.scenarios import scenario
from engine.own_strategy.law import HISTORIES
from engine.write_path.strategies import OwnClass

FILE = "mine.py"
"""What messages call the source, which has no file."""
TIME_IS_UP = 124
"""Exit status of a process whose code went on after its time."""
_MOST_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class Work:
    """A load, as a run has it, and what the check draws; plain data, for another process."""

    world: str = "classroom"
    scenario: str = "celebrity"
    seconds: int = 20
    seed: int = 7
    knobs: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = None
    """Of the class; None: the only one in the source."""
    histories: int = HISTORIES

    def checked(self) -> "Work":
        """This work, if it can be done.

        Raises:
            InvalidInput: unknown names, knobs out of bounds, a world too large for a process with limits.
        """
        if find_world(self.world).memory_gb:
            small = ", ".join(slug for slug, world in WORLDS.items() if not world.memory_gb)
            raise InvalidInput(f"Own code is measured in small worlds; {self.world!r} is none: allowed: {small}.")
        for name, most in (("seconds", _MOST_SECONDS), ("histories", 1_000)):
            if not 1 <= getattr(self, name) <= most:
                raise InvalidKnob(f"{name} is {getattr(self, name)}; allowed: a whole number from 1 to {most}.")
        if self.knobs.get("timeline.backend", "ring") != "ring":
            raise InvalidKnob("timeline.backend: own code reaches no server; allowed: ring.")
        scenario(self.scenario)
        preset_config(self.world).with_knobs({"seed": self.seed, **self.knobs})
        return self


def config_of(work: Work, own: OwnClass) -> WorldConfig:
    """The configuration of a run of this code."""
    return config_named(work, own.type.__name__)


def config_named(work: Work, name: str) -> WorldConfig:
    """The configuration of a run of the class of this name."""
    config = preset_config(work.world).with_knobs({"seed": work.seed, **work.knobs})
    return replace(config, strategy=replace(config.strategy, name=f"{FILE}:{name}"))
