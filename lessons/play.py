"""A lesson's experiment, played: each of its runs on the same load, with every figure that the lesson reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from engine import preset_config, with_strategy
from engine.clock import NS_PER_S
from engine.config import KNOBS, WorldConfig
from engine.errors import InvalidInput
from engine.experiments.acts import parse_act
from engine.experiments.machine_price import M7G_LARGE
from engine.experiments.measures import with_money
from engine.experiments.replicate import Played, Task, play
from engine.experiments.run import RunRequest, opening
from engine.faults.fault import parse_fault
from engine.faults.kinds import KINDS
from engine.load.named import named_load
from engine.observe.metric import Metric
from lessons.figure import Series, figure, spoken
from lessons.lesson import Experiment, Front, Read, Scalar, Setup

SEED = 7
_SERIES = tuple(map(str, Metric))


def requests(
    front: Front, seed: int = SEED, *, withheld: bool = False, change: Scalar | None = None
) -> dict[str, RunRequest]:
    """The runs of a lesson by variant: as they are, without its mechanism, or with the learner's change in one of them.

    Raises:
        InvalidInput: a name or value that the engine does not have.
    """
    made = {}
    for variant in front.experiment.runs:
        layers: list[Setup] = [front.experiment, variant]
        if withheld and (not front.withheld.only or variant.name in front.withheld.only):
            layers.append(front.withheld)
        if change is not None and front.change and front.change.of == variant.name:
            layers.append(Setup(knobs={front.change.knob: change}))
        made[variant.name] = _request(front.experiment, layers, seed)
    return made


def _request(experiment: Experiment, layers: list[Setup], seed: int) -> RunRequest:
    """The last layer that says something about a matter is right; settings add up."""
    said: Setup = layers[0]
    for layer in layers[1:]:
        news = {name: getattr(layer, name) for name in Setup.model_fields if getattr(layer, name) not in (None, {})}
        knobs = {**said.knobs, **layer.knobs}
        said = said.model_copy(update={**news, "knobs": knobs})
    config = with_strategy(_loaded(preset_config(experiment.world), said.load), said.strategy or "push")
    return RunRequest(
        config=config.with_knobs({**said.knobs, "seed": seed}),
        scenario=said.scenario or "steady",
        seconds=experiment.seconds,
        celebrity_share=said.celebrity_share,
        faults=tuple(sorted(parse_fault(text) for text in said.faults or ())),
        acts=tuple(sorted(parse_act(text) for text in said.acts or ())),
    )


def _loaded(config: WorldConfig, load: str | None) -> WorldConfig:
    return config if load is None else config.with_knobs(named_load(load))


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came out of a lesson's runs; plain data."""

    front: Front
    asked: Mapping[str, RunRequest]
    ran: Mapping[str, Played]

    def value(self, read: Read) -> float | None:
        """A figure of the lesson; None where nothing was counted, or where it would be divided by nothing."""
        value = self._of(read.of, read.read)
        other = self._of(read.over or read.minus or read.of, read.read)
        if value is None or other is None:
            return None
        if read.over:
            return value / other if other else None
        return value - other if read.minus else value

    def _of(self, variant: str, read: str) -> float | None:
        played = self.ran[variant]
        measures = with_money(played.figures, M7G_LARGE, self.asked[variant].seconds)
        return figure(read).of(played.report, measures, self.series[variant])

    def said(self, read: Read) -> str:
        """The same as people read it."""
        return spoken(self.value(read), unit_of(read))

    @cached_property
    def series(self) -> dict[str, Series]:
        """By variant: the series that came along, of each metric."""
        return {
            name: {metric: _arrays(*played.series[metric]) for metric in Metric if metric in played.series}
            for name, played in self.ran.items()
        }

    def same_load(self, other: "Outcome", variant: str) -> bool:
        """Whether a run here and there had the same recording."""
        ours, theirs = (outcome.ran[variant].report["load"]["digest"] for outcome in (self, other))
        return bool(ours == theirs)


def _arrays(seconds: list[float], values: list[float]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(seconds, np.float64), np.array(values, np.float64)


def unit_of(read: Read) -> str:
    """Of a figure: a quotient is a factor."""
    if read.unit is not None:
        return read.unit
    return "x" if read.over else figure(read.read).unit


def marks(request: RunRequest) -> list[tuple[float, float, str]]:
    """What happens in a run: (from, until, what) in virtual seconds; equal where it is over at once."""
    played = opening(request)
    events = [(injection.at_s, injection.at_s, played.title) for injection in played.injections]
    faults = [(fault.at_ns / NS_PER_S, fault.until_ns / NS_PER_S, KINDS[fault.kind].title) for fault in request.faults]
    acts = [(float(act.at_s), float(act.at_s), f"{act.verb} {act.count:,} posts") for act in request.acts]
    return sorted(events + faults + acts)


def play_lesson(
    front: Front, seed: int = SEED, *, change: Scalar | None = None, told: Callable[[float], None] | None = None
) -> Outcome:
    """Play all runs of a lesson; `told`: the share that is done, from 0 to 1.

    Raises:
        InvalidInput: a seed out of bounds, or a change that the lesson does not offer.
    """
    if change is not None and (front.change is None or change not in front.change.values):
        allowed = ", ".join(map(str, front.change.values)) if front.change else "none"
        raise InvalidInput(f"This lesson does not offer to change anything to {change!r}; allowed: {allowed}.")
    asked = requests(front, seed, change=change)
    ran = {}
    for number, (name, request) in enumerate(asked.items()):
        at = partial(_share, told, number, len(asked), request.seconds) if told else None
        ran[name] = play(Task(number, 0, request, _SERIES), at)
    return Outcome(front, asked, ran)


def _share(told: Callable[[float], None], run: int, runs: int, seconds: int, at_s: float) -> None:
    """So far: all of the runs before this one, and of this one what has passed; its drain takes no part."""
    told((run + min(at_s / seconds, 1.0)) / runs)


def command(request: RunRequest) -> str:
    """The command line that makes one run of a lesson again."""
    config = request.config
    usual = with_strategy(preset_config(config.world), config.strategy.name)
    changed = {name: config.knob(name) for name in KNOBS if name not in ("seed", "strategy.name")}
    parts = [f"python -m engine run --world {config.world} --strategy {config.strategy.name}"]
    parts.append(f"--scenario {request.scenario} --seconds {request.seconds} --seed {config.seed}")
    parts += [f"--celebrity {request.celebrity_share:g}"] if request.celebrity_share is not None else []
    parts += [f"--fault {fault}" for fault in request.faults]
    parts += [f"--act {act}" for act in request.acts]
    parts += [f"--set {name}={value}" for name, value in changed.items() if value != usual.knob(name)]
    return " ".join([*parts, "--json"])
