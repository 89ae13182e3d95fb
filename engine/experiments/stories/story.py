"""A story as a value: what breaks under which load, what one is asked before, and what may be switched on."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from datasets.worlds import preset_config
from engine.config import KNOBS, WorldConfig
from engine.errors import UnknownName
from engine.experiments.run import RunRequest
from engine.experiments.stories.debrief import Debrief
from engine.faults.fault import parse_fault
from engine.load.scenarios import scenario
from engine.observe.metric import Metric
from engine.write_path.strategies import with_strategy

WORLD = "classroom"


@dataclass(frozen=True)
class Mitigation:
    """A switch that may help."""

    name: str
    title: str
    knob: str

    @property
    def text(self) -> str:
        """What it does."""
        return KNOBS[self.knob].doc


def _mitigation(name: str, title: str, knob: str = "") -> Mitigation:
    return Mitigation(name, title, knob or f"mitigations.{name}")


MITIGATIONS: Mapping[str, Mitigation] = MappingProxyType(
    {
        one.name: one
        for one in (
            _mitigation("coalescing", "Request coalescing"),
            _mitigation("soft_ttl", "Soft TTL"),
            _mitigation("ttl_jitter", "TTL jitter"),
            _mitigation("cache_warming", "Cache warming"),
            _mitigation("fallback", "Fallback to pull"),
            _mitigation("stale_if_error", "Stale if error"),
            _mitigation("lanes", "Lanes", "fanout.lanes"),
            _mitigation("back_pressure", "Back-pressure"),
            _mitigation("shedding", "Load shedding"),
            _mitigation("retry_budget", "Retry budget"),
            _mitigation("circuit_breaker", "Circuit breaker"),
            _mitigation("hot_key_copies", "Copies of hot keys"),
            _mitigation("autoscaling", "Autoscaling"),
            _mitigation("dead_letters", "Dead letters"),
            _mitigation("celebrity_circuit", "Celebrity circuit"),
        )
    }
)
"""All of them by name."""


def find_mitigation(name: str) -> Mitigation:
    """The mitigation of this name.

    Raises:
        UnknownName: there is none.
    """
    if name not in MITIGATIONS:
        raise UnknownName(f"There is no mitigation {name!r}; allowed: {', '.join(MITIGATIONS)}.")
    return MITIGATIONS[name]


@dataclass(frozen=True)
class Option:
    """One answer to a story's question."""

    key: str
    label: str


class Answer(Protocol):
    """The rule by which a run answers a story's question."""

    def __call__(self, debrief: Debrief) -> str:
        """The key of the option that this run turned out to be."""

    def because(self, debrief: Debrief) -> str:
        """The sentence of the run that says so."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """Something goes wrong in a classroom; at first no mitigation is on."""

    name: str
    title: str
    what: str
    """What happens, in a sentence or two."""
    question: str
    """To be answered before the run."""
    options: tuple[Option, ...]
    answer: Answer
    scenario: str
    faults: tuple[str, ...]
    """As `--fault` takes them."""
    seconds: int
    """Virtual seconds under load."""
    mitigations: tuple[str, ...]
    """Names of those that the story offers."""
    watch: tuple[Metric, ...]
    """The charts in which it is to be seen."""
    harm: tuple[str, ...]
    """Names of the figures (debrief.FIGURES) by which a mitigation is judged."""
    strategy: str = "push"
    knobs: Mapping[str, Any]
    """Beside those of the classroom."""

    @property
    def events(self) -> tuple[tuple[float, str], ...]:
        """What its load has in it beside the everyday: (virtual second, what), in order of time."""
        parts = [scenario(slug).fitted(self.seconds) for slug in self.scenario.split("+")]
        return tuple(sorted((event.at_s, part.title) for part in parts for event in part.injections))

    def request(self, on: frozenset[str] = frozenset(), seed: int = 7) -> RunRequest:
        """The run of this story with these mitigations on, and no others.

        Raises:
            UnknownName: a mitigation that this story does not offer.
            InvalidKnob: a seed out of bounds.
        """
        strange = sorted(on - set(self.mitigations))
        if strange:
            offered = ", ".join(self.mitigations)
            raise UnknownName(f"The story {self.name!r} does not offer {strange[0]!r}; allowed: {offered}.")
        switches = {one.knob: one.name in on for one in MITIGATIONS.values()}
        config = self._config().with_knobs({"seed": seed, **switches})
        faults = tuple(sorted(parse_fault(text) for text in self.faults))
        return RunRequest(config=config, scenario=self.scenario, seconds=self.seconds, faults=faults)

    def _config(self) -> WorldConfig:
        return with_strategy(preset_config(WORLD), self.strategy).with_knobs(self.knobs)

    def command(self, on: frozenset[str] = frozenset(), seed: int = 7) -> str:
        """The command line that tells the same."""
        switches = "".join(f" --on {name}" for name in self.mitigations if name in on)
        return f"python -m engine story {self.name}{switches}{f' --seed {seed}' if seed != 7 else ''}"
