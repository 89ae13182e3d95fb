"""An estimate question as a value, and a family of them as data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lessons.estimates.numbers import Unit
from lessons.estimates.shown import shown, words

Given = Mapping[str, float]
"""The assumptions of one question, by name."""
LEVELS = {1: "Warm-up", 2: "Usual", 3: "Interview"}
"""What the levels are called; from one step of arithmetic to three."""


@dataclass(frozen=True)
class Worked:
    """An answer with the way to it."""

    value: float
    """In the unit of its question."""
    steps: tuple[str, ...]
    """One line of arithmetic each, in order."""
    slips: tuple[float, ...] = ()
    """What comes out where a step is forgotten, or taken the wrong way round."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What this engine has to run for an answer, and where the answer stands in what comes out."""

    figure: str
    """A name in `summary` of what `python -m engine run --json` prints; a dot goes one deeper."""
    strategy: str = "push"
    scenario: str = "steady"
    seconds: int = 30
    celebrity: float | None = None
    """Of all people, who follow the largest account."""
    seed: int = 7
    knobs: tuple[tuple[str, float | bool], ...] = ()
    scale: float = 1.0
    """Of the figure, so that it has the question's unit."""

    @property
    def command(self) -> str:
        """The same on the command line."""
        words = ["python -m engine run --world classroom", f"--strategy {self.strategy}", f"--seconds {self.seconds}"]
        words += [f"--scenario {self.scenario}"] if self.scenario != "steady" else []
        words += [f"--celebrity {self.celebrity:g}"] if self.celebrity is not None else []
        words += [
            f"--set {name}={str(value).lower() if isinstance(value, bool) else f'{value:g}'}"
            for name, value in self.knobs
        ]
        return " ".join([*words, f"--seed {self.seed}"])


@dataclass(frozen=True, kw_only=True)
class Family:
    """Questions that differ in their assumptions only."""

    name: str
    title: str
    level: int
    ask: str
    """With {names} of the assumptions; ends with the question."""
    given: Mapping[str, Sequence[float]]
    """For each assumption the values it may have: round, and near what has been published."""
    work: Callable[[Given], Worked]
    """The answer and its steps. Where the answer is measured: what one could have reckoned before."""
    unit: Unit
    noun: str = ""
    """What is counted."""
    rule: str
    """To remember, in a sentence."""
    link: str = "/capacity"
    """The page of this app to learn it on, as an address."""
    show: Mapping[str, Callable[[float], str]] = field(default_factory=dict)
    """How an assumption is said, where not simply as a number."""
    run: Callable[[Given], Run] | None = None
    """What is run for the answer; None: the answer is reckoned."""


@dataclass(frozen=True)
class Question:
    """One question, the same for whoever asks for this family, level and seed."""

    family: Family
    seed: int
    given: Given

    @property
    def id(self) -> str:
        """Its name among the events: "posts_per_s.7"."""
        return f"{self.family.name}.{self.seed}"

    @property
    def text(self) -> str:
        """What is asked, with all that it assumes."""
        say = self.family.show
        return self.family.ask.format(**{name: say.get(name, words)(value) for name, value in self.given.items()})

    @property
    def measured(self) -> bool:
        """Whether the answer comes from a run of this engine."""
        return self.family.run is not None

    @property
    def worked(self) -> Worked:
        """What pen and paper say."""
        return self.family.work(self.given)

    @property
    def run(self) -> Run | None:
        """What is run for the answer; None where it is reckoned."""
        return self.family.run(self.given) if self.family.run else None

    def shown(self, value: float) -> str:
        """A value with this question's unit."""
        return shown(value, self.family.unit, self.family.noun)
