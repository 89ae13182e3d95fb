"""One chart to read: which run it is, its four explanations, and what the records say to each of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine import preset_config, with_strategy
from engine.errors import InvalidInput
from engine.experiments.run import RunRequest, run, series_of
from engine.faults.fault import parse_fault
from engine.observe.metric import Metric
from lessons.charts.cause import FAMILIES, Cause, Family, wanted
from lessons.drills.cards import Card
from lessons.figure import Series
from lessons.progress import Event

MOST_NUMBER = 999_999
_SECONDS = 60
_INSTANTS_S = (14, 28)


@dataclass(frozen=True)
class Puzzle:
    """A puzzle by its number: everything about it follows from that."""

    number: int

    def __post_init__(self) -> None:
        if not 0 <= self.number <= MOST_NUMBER:
            raise InvalidInput(f"There is no chart {self.number}; allowed: a whole number from 0 to {MOST_NUMBER:,}.")

    @property
    def id(self) -> str:
        """As a learner's file names it."""
        return f"chart-{self.number}"

    @property
    def link(self) -> str:
        """The page of it."""
        return f"/charts?chart={self.number}"

    @cached_property
    def _drawn(self) -> tuple[Family, Cause, float, tuple[Cause, ...]]:
        drawn = np.random.Generator(np.random.Philox(key=self.number))
        family = list(FAMILIES.values())[self.number % len(FAMILIES)]  # one kind after the other
        cause = family.causes[int(drawn.integers(len(family.causes)))]
        at_s = cause.at_s or float(drawn.integers(*_INSTANTS_S))
        order = drawn.permutation(len(family.causes))
        return family, cause, at_s, tuple(family.causes[int(place)] for place in order)

    @property
    def family(self) -> Family:
        """What it asks, and which charts it shows."""
        return self._drawn[0]

    @property
    def cause(self) -> Cause:
        """The right explanation."""
        return self._drawn[1]

    @property
    def at_s(self) -> float:
        """When it happened, in virtual seconds."""
        return self._drawn[2]

    @property
    def options(self) -> tuple[Cause, ...]:
        """The explanations, in an order of their own."""
        return self._drawn[3]

    def request(self) -> RunRequest:
        """The run that is shown."""
        config = with_strategy(preset_config("classroom"), self.cause.strategy)
        faults = (parse_fault(self.cause.fault(self.at_s)),) if self.cause.fault else ()
        seeded = config.with_knobs({**self.family.knobs, "seed": self.number})
        return RunRequest(config=seeded, scenario=self.cause.scenario, seconds=_SECONDS, faults=faults)


@dataclass(frozen=True, eq=False)
class Shown:
    """The run of a puzzle."""

    puzzle: Puzzle
    series: Series

    def against(self, option: Cause) -> str:
        """What the records say of an explanation: for the right one what speaks for it, else what it lacks."""
        at_s = self.puzzle.at_s
        if option is self.puzzle.cause:
            return " ".join([option.why, *(seen.told(self.series, at_s) for seen in option.sign)])
        missing = option.missing(self.series, at_s)
        if missing is None:  # the records do not tell them apart; a test sees to it that this does not happen
            return "The records of this run do not speak against it."
        return f"Then {wanted(missing)}. {missing.told(self.series, at_s)}"


def show(puzzle: Puzzle, told: Callable[[float], None] | None = None) -> Shown:
    """Play the run of a puzzle; `told`: the share that is done, from 0 to 1."""
    request = puzzle.request()
    result = run(request, told=(lambda at_s: told(min(at_s / request.seconds, 1.0))) if told else None)
    every: Mapping[str, tuple[np.ndarray, np.ndarray]] = series_of(result.world)
    result.world.close()
    return Shown(puzzle, {metric: every[metric] for metric in Metric})


def card_of_chart(event: Event) -> Card | None:
    """A chart that was misread, as a question for later; None if it was read right."""
    if event.data["right"]:
        return None
    puzzle = Puzzle(int(event.data["number"]))
    signs = ", ".join(sorted({seen.metric.label.lower() for seen in puzzle.cause.sign}))
    return Card(
        id=f"chart:{puzzle.family.key}:{puzzle.cause.key}",
        source="Chart",
        question=f"{puzzle.family.question} In the charts: {puzzle.cause.why}",
        options=tuple((cause.key, cause.label) for cause in puzzle.options),
        answer=puzzle.cause.key,
        because=f"{puzzle.cause.label}. Look at {signs}.",
        link=puzzle.link,
    )
