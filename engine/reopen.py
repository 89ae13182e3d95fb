"""Worlds with a journal: opening one, and opening it again.

Load is regenerated from its blocks, and only as far as posts and graph go: gateway and commit, no fan-out, no
reads. What people did is applied at its virtual instant. Home lists start dropped and are rebuilt when their owners
read, or are made anew for everybody; the timeline law makes both correct.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from datasets.population import Population
from datasets.worlds import build_population, find_world
from engine.clock import NS_PER_S
from engine.config import KNOBS, WorldConfig
from engine.errors import InvalidInput, JournalError
from engine.journal.journal import Entry, Journal, Origin
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
    origin = origin_of(config)
    if path and path.exists():
        raise JournalError(f"{path} exists already; reopen it, or choose another file for a new world.")
    journal = Journal.open(path, create=True, origin=origin) if path else Journal.in_memory(origin)
    world = World(config, population or build_population(config), opening, logged_deliveries=logged_deliveries)
    return Inhabited(world, People(world, journal), journal)


def reopen(
    path: Path,
    population: Population | None = None,
    *,
    build: Callable[[WorldConfig], World] | None = None,
    rerun_s: float = 0.0,
) -> Inhabited:
    """The world that the journal at `path` remembers, at the instant it had reached.

    `build` makes the world that is then filled; by default a plain one over `population`. With `rerun_s`, that many
    last virtual seconds are run in full, fan-out and reads too, on lists made for everybody at their beginning: a
    world that people look at then comes back with queues, caches and charts, not only with posts and graph.

    Raises:
        JournalError: no journal there, damaged, or of another version; the file is untouched.
    """
    config = config_of(path)
    journal = Journal.open(path, origin=Origin(config={}, generator=GENERATOR))
    try:
        world = build(config) if build else World(config, population or build_population(config))
        people = People(world, journal)
        reached_ns = journal.reached_ns
        full_from_ns = reached_ns - round(rerun_s * NS_PER_S) if rerun_s else reached_ns
        entries = journal.entries()
        everyone = np.arange(world.tables.graph.n, dtype=np.int32)
        world.tables.lists.drop(everyone)  # nothing to be kept up to date meanwhile
        rest = _replay(world, people, entries, max(0, full_from_ns))
        world.tables.lists.drop(everyone)  # a change of strategy has made some
        if rerun_s:
            world.awake()
            _rerun(world, people, rest, reached_ns)
        return Inhabited(world, people, journal)
    except BaseException:
        journal.leave()
        raise


def _replay(world: World, people: People, entries: Iterator[Entry], until_ns: int) -> Iterator[Entry]:
    """Posts and graph only, up to an instant; the entries that come later."""
    later: list[Entry] = []
    for entry in entries:
        if entry.at_ns > until_ns:
            later.append(entry)
            break
        world.step_writes(entry.at_ns - world.now_ns)
        _apply(people, entry, fan_out=False)
    world.step_writes(until_ns - world.now_ns)
    return chain(later, entries)


def _rerun(world: World, people: People, entries: Iterator[Entry], until_ns: int) -> None:
    """Everything, up to an instant."""
    for entry in entries:
        world.step(entry.at_ns - world.now_ns)
        _apply(people, entry)
    world.step(until_ns - world.now_ns)


def _apply(people: People, entry: Entry, fan_out: bool = True) -> None:
    which = f"{entry.seq} of {people.journal.name}"
    try:
        people.apply(entry.action(), entry.seq, fan_out)
    except JournalError as error:
        raise JournalError(f"In entry {which}: {error}") from error
    except (InvalidInput, IndexError) as error:  # a post, a person or a setting that is not there
        raise JournalError(f"Entry {which} does not fit its world; restore a copy.") from error


def origin_of(config: WorldConfig) -> Origin:
    """What a journal of a world of this configuration begins with."""
    return Origin(config=_to_json(config), generator=GENERATOR)


def _to_json(config: WorldConfig) -> dict[str, Any]:
    return {"world": config.world, "strategy": config.strategy.name} | {name: config.knob(name) for name in KNOBS}


def config_of(path: Path) -> WorldConfig:
    """The configuration with which the world of a journal began.

    Raises:
        JournalError: no journal there, a damaged one, or one of a world that this version cannot make.
    """
    values = Journal.peek(path).config
    try:
        find_world(values["world"])
        return _from_json(values)
    except (KeyError, TypeError, AttributeError, InvalidInput) as error:
        raise JournalError(f"{path} describes a world that this version cannot make; open a new one.") from error


def _from_json(values: Any) -> WorldConfig:
    knobs = {name: value for name, value in values.items() if name in KNOBS}
    return with_strategy(WorldConfig(world=values["world"]), values["strategy"]).with_knobs(knobs)
