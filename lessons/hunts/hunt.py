"""A bug hunt as a value: what readers complained about, the run in which it happens, and what may be named."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datasets.worlds import preset_config
from engine.defects import DEFECTS, Defect
from engine.experiments.run import RunRequest
from engine.faults.fault import parse_fault
from engine.observe.metric import Metric
from engine.write_path.strategies import with_strategy
from lessons.hunts.acts import Act, nobody

WORLD = "classroom"
LEVELS = {1: "In plain sight", 2: "Look closer", 3: "Well hidden"}


@dataclass(frozen=True)
class Diagnosis:
    """What is to be said about one defect, once it is known."""

    cause: str
    """What is wrong, as one of several that are offered."""
    fix: str
    """What would mend it, likewise."""
    because: str
    """Why it does what was seen."""
    right: str
    """The rule that holds in the engine."""
    code: str
    """Where the engine does it right: module and name."""


@dataclass(frozen=True, kw_only=True)
class Hunt:
    """One hunt. The run is the same with and without the defect, but for the defect."""

    name: str
    title: str
    level: int
    defect: str
    """Its name; what is right follows from it."""
    symptom: str
    """What readers or operators complain about; no cause."""
    figure: str
    """Name of the figure in which it shows (lessons/hunts/figures.py)."""
    hints: tuple[str, str, str]
    decoys: tuple[str, ...]
    """Other defects, whose causes and fixes are offered beside the right ones."""
    watch: tuple[Metric, ...]
    strategy: str = "push"
    faults: tuple[str, ...] = ()
    knobs: Mapping[str, Any] = field(default_factory=dict)
    act: Act = nobody
    scenario: str = "steady"
    seconds: int = 12

    @property
    def planted(self) -> Defect:
        """The defect itself."""
        return DEFECTS[self.defect]

    def request(self, seed: int) -> RunRequest:
        """The run, without the defect.

        Raises:
            InvalidKnob: a seed out of bounds.
        """
        config = with_strategy(preset_config(WORLD), self.strategy).with_knobs({**self.knobs, "seed": seed})
        faults = tuple(sorted(parse_fault(text) for text in self.faults))
        return RunRequest(config=config, scenario=self.scenario, seconds=self.seconds, faults=faults)
