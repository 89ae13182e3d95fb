"""Worlds with a journal: opening one, and opening it again.

Load is regenerated from its blocks, and only as far as posts and graph go: gateway and commit, no fan-out, no
reads. What people did is applied at its virtual instant. Home lists start dropped and are rebuilt when their owners
read; the timeline law makes that correct.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from datasets.population import Population
from datasets.worlds import build_population
from engine.config import KNOBS, WorldConfig
from engine.errors import JournalError
from engine.journal.journal import Journal, Origin
from engine.load.scenarios import SCENARIOS, Scenario
from engine.people import People
from engine.world import World
from engine.write_path.strategies import with_strategy

GENERATOR = "1"
"""Version of what graph and load are drawn by; another version would make another world of the same seed."""


@dataclass(frozen=True)
class Inhabited:
    """A world, its people, and the journal that remembers what they did."""

    world: World
    people: People
    journal: Journal


def inhabit(
    config: WorldConfig,
    population: Population | None = None,
    path: Path | None = None,
    opening: Scenario = SCENARIOS["steady"],
    logged_deliveries: int = 0,
) -> Inhabited:
    """A new world with its people; its journal is a new file at `path`, or lives in memory.

    Raises:
        JournalError: the file exists or cannot be written; nothing was made.
    """
    origin = Origin(config=_to_json(config), generator=GENERATOR)
    if path and path.exists():
        raise JournalError(f"{path} exists already; reopen it, or choose another file for a new world.")
    journal = Journal.open(path, create=True, origin=origin) if path else Journal.in_memory(origin)
    world = World(config, population or build_population(config), opening, logged_deliveries=logged_deliveries)
    return Inhabited(world, People(world, journal), journal)


def reopen(path: Path, population: Population | None = None) -> Inhabited:
    """The world that the journal at `path` remembers, at the instant it had reached.

    Raises:
        JournalError: no journal there, damaged, or of another version; the file is untouched.
    """
    journal = Journal.open(path, origin=Origin(config={}, generator=GENERATOR))
    config = _from_json(journal.origin.config)
    world = World(config, population or build_population(config))
    people = People(world, journal)
    everyone = np.arange(world.tables.graph.n, dtype=np.int32)
    for entry in journal.entries():
        world.step_writes(entry.at_ns - world.now_ns)
        people.apply(entry.action(), entry.seq)
    world.step_writes(max(0, journal.reached_ns - world.now_ns))
    world.tables.lists.drop(everyone)
    return Inhabited(world, people, journal)


def _to_json(config: WorldConfig) -> dict[str, Any]:
    return {"world": config.world, "strategy": config.strategy.name} | {name: config.knob(name) for name in KNOBS}


def _from_json(values: Any) -> WorldConfig:
    knobs = {name: value for name, value in values.items() if name in KNOBS}
    return with_strategy(WorldConfig(world=values["world"]), values["strategy"]).with_knobs(knobs)
