"""What each mitigation of a story moves: switched on, or off, alone, on the same recording."""

from collections.abc import Collection, Iterator
from concurrent.futures import BrokenExecutor, Executor
from contextlib import contextmanager
from dataclasses import dataclass
from math import log

from engine.errors import ExperimentFailed
from engine.experiments.stories.debrief import FIGURES, amount
from engine.experiments.stories.story import MITIGATIONS, Story
from engine.experiments.stories.tell import tell

Figures = dict[str, float]


@dataclass(frozen=True)
class Effect:
    """What one mitigation did to the figure, of those that a story cares for, that it moved most."""

    mitigation: str
    figure: str
    unit: str
    without: float
    with_: float
    sentence: str

    @property
    def weight(self) -> float:
        """How far it helped: 0.69 for half of the harm, -0.69 for double; 0 for not at all."""
        return log((self.without + 1) / (self.with_ + 1))


@dataclass(frozen=True)
class Measured:
    """The figures of one run, and of which load."""

    digest: str
    figures: Figures


def measured(story: Story, on: frozenset[str], seed: int) -> Measured:
    """The figures of a story told; in whatever process."""
    told = tell(story, on, seed)
    told.world.close()
    return Measured(told.digest, dict(told.debrief.figures))


def moved(
    story: Story, on: Collection[str] = (), seed: int = 7, executor: Executor | None = None
) -> tuple[Effect, ...]:
    """Each mitigation of a story against the same run without it (or with it, if it is on), what helps most first.

    Raises:
        UnknownName, InvalidKnob: as `tell`.
        ExperimentFailed: a worker died, or two runs saw different loads.
    """
    base = frozenset(on)
    story.request(base, seed)
    switched = {name: base ^ {name} for name in story.mitigations}
    try:
        with _pool(story, executor) as pool:
            futures = {on: pool.submit(measured, story, on, seed) for on in [base, *switched.values()]}
            runs = {on: future.result() for on, future in futures.items()}
    except BrokenExecutor as error:
        raise ExperimentFailed("A worker process died, perhaps for want of memory; try again.") from error
    if len({run.digest for run in runs.values()}) > 1:
        raise ExperimentFailed(f"The runs of {story.name} saw different loads and cannot be compared.")
    effects = [
        effect(story, name, *(runs[on].figures for on in sorted((base, other), key=lambda on: name in on)))
        for name, other in switched.items()
    ]
    return tuple(sorted(effects, key=lambda effect: -effect.weight))


@contextmanager
def _pool(story: Story, executor: Executor | None) -> Iterator[Executor]:
    if executor is not None:
        yield executor
        return
    from engine.experiments.pool import own_pool  # processes, which a story alone does not need

    with own_pool([story.request()]) as (pool, _):
        yield pool


def effect(story: Story, mitigation: str, without: Figures, with_: Figures) -> Effect:
    """Of the figures that the story cares for, the one that moved most."""
    effects = [_of(mitigation, name, without[name], with_[name]) for name in story.harm]
    return max(effects, key=lambda effect: abs(effect.weight))


def _of(mitigation: str, name: str, without: float, with_: float) -> Effect:
    figure, title = FIGURES[name], MITIGATIONS[mitigation].title
    if without == with_:
        sentence = f"{title} changes nothing here."
    else:
        before, after = amount(without, figure.unit), amount(with_, figure.unit)
        sentence = f"{title}: {figure.label}, {before} without it and {after} with it ({figure.kind})."
    return Effect(mitigation, name, figure.unit, without, with_, sentence)
