"""A lesson as a value: a question, a bet, an experiment on the running engine, and claims that can turn out wrong.

Ask, predict, run, be surprised, explain, change one thing. Every number in a lesson's text is read from the learner's
own run; what the text says of it in words is a claim with an interval, and `python -m lessons check` holds it over
several seeds, and sees it fail where the lesson's mechanism is taken away.
"""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from engine.observe.metric import Metric

Scalar = bool | int | float | str
"""What a setting is set to, as the command line takes it after `=`."""
Knobs = dict[str, Scalar]
Level = Literal["first steps", "mid", "senior", "staff"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Sentence = Annotated[str, AfterValidator(str.strip), Field(min_length=1, max_length=400)]
SECTIONS = ("Before", "What you saw", "Why", "Change one thing", "Say it in the interview")
"""Headings of a lesson's text, in their order: the first is read before the run, the others after it."""
_SECONDS = (5, 180)


class Part(BaseModel):
    """Anything in a lesson's front matter: what it does not know it refuses."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Read(Part):
    """A figure of the runs: `read` of the variant `of`; divided by, or less, the same of another variant.

    `read`: see lessons/figure.py. `unit` is given where the engine knows none.
    """

    of: Name
    read: str
    over: Name | None = None
    minus: Name | None = None
    unit: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Read":
        if self.over and self.minus:
            raise ValueError("`over` and `minus` together; allowed: one of them")
        return self

    @property
    def variants(self) -> tuple[str, ...]:
        """Those it needs."""
        return tuple(name for name in (self.of, self.over, self.minus) if name)


class Setup(Part):
    """What is run, or how a run differs from the one that it is a variant of; None: as there."""

    strategy: str | None = None
    """`name` or `name:param=value,...`."""
    scenario: str | None = None
    load: str | None = None
    faults: tuple[str, ...] | None = None
    """As `--fault` takes them."""
    acts: tuple[str, ...] | None = None
    """What people do, as `--act` takes it: `delete@8x500`."""
    celebrity_share: float | None = None
    """Of all people, how many follow the largest account."""
    knobs: Knobs = {}


class Variant(Setup):
    """One run of the experiment, by the name under which its figures are read."""

    name: Name
    label: Sentence


class Experiment(Setup):
    """Runs of one world, side by side. Without variants there is one, named `run`."""

    world: str = "classroom"
    seconds: Annotated[int, Field(ge=_SECONDS[0], le=_SECONDS[1])] = 60
    watch: Annotated[tuple[Metric, ...], Field(min_length=1, max_length=4)]
    """The charts."""
    variants: tuple[Variant, ...] = ()

    @model_validator(mode="after")
    def _named_once(self) -> "Experiment":
        names = [variant.name for variant in self.variants]
        if len(set(names)) != len(names):
            raise ValueError(f"variants with the same name: {', '.join(names)}")
        return self

    @property
    def runs(self) -> tuple[Variant, ...]:
        """What is run, one after the other."""
        return self.variants or (Variant(name="run", label="This run"),)


class Option(Part):
    """One answer: figures below `below`, and not below that of the option before it."""

    key: Name
    label: Sentence
    below: float | None = None
    """None: however large."""


class Prediction(Part):
    """What is asked before the run. The run answers it: right is the option into which its figure falls."""

    ask: Sentence
    figure: Read
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=5)]
    chart: Metric | None = None
    """Where the bet is drawn; a figure over time has its own chart."""

    @model_validator(mode="after")
    def _in_order(self) -> "Prediction":
        bounds = [option.below for option in self.options]
        rising = [bound for bound in bounds[:-1] if bound is not None]
        if len(rising) != len(bounds) - 1 or bounds[-1] is not None or any(a >= b for a, b in pairwise(rising)):
            raise ValueError("options have to rise: each but the last with a larger `below`, the last with none")
        if len({option.key for option in self.options}) != len(self.options):
            raise ValueError("two options have the same key")
        return self

    def answer(self, value: float) -> Option:
        """The option that a figure falls into."""
        return next(option for option in self.options if option.below is None or value < option.below)

    def span(self, key: str) -> tuple[float | None, float | None]:
        """The figures that an option stands for: (from, below); None: no bound."""
        place = [option.key for option in self.options].index(key)
        return (self.options[place - 1].below if place else None), self.options[place].below


class Claim(Part):
    """What the text says, as an interval in which a figure of every run lies."""

    id: Name
    says: Sentence
    figure: Read
    low: float | None = None
    high: float | None = None
    control: bool = False
    """It would hold without the lesson's mechanism too: it says that nothing else has changed."""

    @model_validator(mode="after")
    def _can_fail(self) -> "Claim":
        if self.low is None and self.high is None:
            raise ValueError("a claim needs `low` or `high`; else nothing could disprove it")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self

    def holds(self, value: float | None) -> bool:
        """Whether a figure lies within; nothing counted is no proof."""
        if value is None or value != value:
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


class Withheld(Setup):
    """The lesson's mechanism taken away: how every run, or those named in `only`, is set up instead."""

    what: Sentence
    only: tuple[Name, ...] = ()


class Change(Part):
    """One setting of one variant that the learner may change, on the same load."""

    ask: Sentence
    of: Name
    knob: str
    values: Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=6)]


class Note(Part):
    """A mark in a chart, to which the text points by its number."""

    chart: Metric
    of: Name
    at: float | Literal["max", "min"]
    """Virtual seconds, or where the line is highest or lowest."""
    says: Annotated[str, Field(min_length=1, max_length=60)]


class Named(Part):
    """A figure that the text shows as {name}."""

    name: Name
    figure: Read


class Front(Part):
    """A lesson but for its text: the file's front matter."""

    title: Annotated[str, Field(min_length=3, max_length=60)]
    question: Sentence
    level: Level
    minutes: Annotated[int, Field(ge=1, le=20)]
    covers: tuple[Annotated[str, Field(pattern=r"^C\d\d$")], ...] = ()
    """Ids of the texts' claims (engine/experiments/claims)."""
    explains: tuple[Metric, ...] = ()
    """Metrics that the text explains, besides those that it measures or draws."""
    experiment: Experiment
    prediction: Prediction
    claim: Annotated[tuple[Claim, ...], Field(min_length=1)]
    withheld: Withheld
    change: Change | None = None
    note: tuple[Note, ...] = ()
    figure: tuple[Named, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> "Front":
        runs = {variant.name for variant in self.experiment.runs}
        for what, names in self._variants_named():
            strange = [name for name in names if name not in runs]
            if strange:
                raise ValueError(f"{what}: there is no variant {strange[0]!r}; allowed: {', '.join(sorted(runs))}")
        shown = [claim.id for claim in self.claim] + [named.name for named in self.figure]
        if len(set(shown)) != len(shown):
            raise ValueError(f"two claims or figures have the same name among {', '.join(shown)}")
        if all(claim.control for claim in self.claim):
            raise ValueError("every claim is a control; at least one has to fail without the mechanism")
        strange_charts = [str(note.chart) for note in self.note if note.chart not in self.experiment.watch]
        if strange_charts:
            raise ValueError(f"a note in {strange_charts[0]}, which `watch` does not draw")
        return self

    def _variants_named(self) -> list[tuple[str, tuple[str, ...]]]:
        named = [("prediction", self.prediction.figure.variants), ("withheld", self.withheld.only)]
        named += [(f"claim {claim.id}", claim.figure.variants) for claim in self.claim]
        named += [(f"figure {one.name}", one.figure.variants) for one in self.figure]
        named += [(f"note {note.says!r}", (note.of,)) for note in self.note]
        return named + ([("change", (self.change.of,))] if self.change else [])

    @property
    def figures(self) -> dict[str, Read]:
        """All that the text may show, by name; `predicted` is the one that was bet on."""
        claims = {claim.id: claim.figure for claim in self.claim}
        return {"predicted": self.prediction.figure, **claims, **{one.name: one.figure for one in self.figure}}


class Lesson(Part):
    """A whole lesson."""

    name: str
    """Of its folder: NN-name."""
    front: Front
    text: dict[str, str]
    """Markdown by section."""

    @property
    def number(self) -> int:
        """Its place among the lessons; 0 for one that has none."""
        place = self.name.partition("-")[0]
        return int(place) if place.isdecimal() else 0

    @property
    def link(self) -> str:
        """The page on which it is taken."""
        return f"/lessons?lesson={self.name}"
