"""A hunt's two runs on one recording: with the defect, and without it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.clock import NS_PER_S
from engine.defects import plant
from engine.domain import F64
from engine.experiments.run import Recording, RunRequest, drain, record
from engine.observe.audit import audit
from engine.observe.metric import Metric
from engine.world import World
from lessons.hunts.acts import BY_THEMSELVES, Cast
from lessons.hunts.hunt import Hunt

SEED = 7
LOGGED = 30_000
"""Deliveries remembered, for those who look at single posts."""
_DRAIN_FACTOR = 10

Told = Callable[[float], None]
"""Is told how much has been done, from 0 to 1."""


@dataclass(frozen=True, eq=False)
class Played:
    """One run, drained and audited."""

    hunt: Hunt
    request: RunRequest
    digest: str
    world: World
    """At rest."""
    cast: Cast
    audit: Mapping[str, Any]

    def series(self, metric: Metric) -> tuple[F64, F64]:
        """(seconds, values in the metric's unit), half a second each."""
        return self.world.metrics.series(metric, 0)


def play(
    hunt: Hunt, planted: bool, seed: int = SEED, recording: Recording | None = None, told: Told | None = None
) -> Played:
    """Run a hunt with its defect planted, or healthy.

    `recording`: of this hunt and seed, if it was drawn before.

    Raises:
        InvalidKnob: a seed out of bounds.
    """
    request = hunt.request(seed)
    recorded = recording or record(request)
    logged = LOGGED if planted or hunt.act not in BY_THEMSELVES else 0  # a log changes nothing, and takes its time
    world = World(request.config, recorded.population, recorded.load, logged_deliveries=logged)
    world.schedule(request.faults)
    if planted:
        plant(world, hunt.defect)
    cast = Cast(world)
    world.load_ends_ns = hunt.seconds * NS_PER_S
    for until_s in _instants(hunt, cast):
        _until(world, until_s, hunt.seconds, told)
    drain(world, _DRAIN_FACTOR * hunt.seconds * NS_PER_S)
    checked = audit(world.tables, world.strategy, world.now_ns, world.fanout.outstanding()).to_json()
    return Played(hunt, request, recorded.digest, world, cast, checked)


def _instants(hunt: Hunt, cast: Cast) -> Iterator[float]:
    """When somebody acts, and the end."""
    yield from hunt.act(cast)
    yield float(hunt.seconds)


def _until(world: World, until_s: float, seconds: int, told: Told | None) -> None:
    """Let time pass; told of each second."""
    end_ns = round(until_s * NS_PER_S)
    while world.now_ns < end_ns:
        world.step(min(end_ns - world.now_ns, NS_PER_S - world.now_ns % NS_PER_S))
        if told:
            told(min(1.0, world.now_ns / (seconds * NS_PER_S)))
