"""Worlds with some history, ready to be shown. Running a history takes seconds; copying one that was run does not.

A class opens thirty times the same world within a minute, and so does a reset.
"""

import copy
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

from datasets.worlds import build_population, find_world
from engine.clock import NS_PER_S, QUANTUM_NS
from engine.config import WorldConfig
from engine.errors import InvalidKnob
from engine.journal.journal import Journal
from engine.live.run import Run
from engine.live.twins import even_out
from engine.reopen import config_of, reopen
from engine.world import World

SMALL = 10_000
"""Up to so many people a world has the longer history, and is kept as a model for others."""
HISTORY_S = 90.0
HISTORY_LARGE_S = 10.0
MODELS = 4
"""Configurations of which a world is kept, the latest ones."""
LOGGED = 1 << 18
"""Single deliveries remembered, for the lens on one post: over two minutes of a classroom's."""
LOGGED_PER_USER = 20
MOST_LOGGED = 1 << 22
"""Ten seconds of a country's."""
EMBEDDED = "ring"
"""The backend that histories are run on."""

Build = Callable[[WorldConfig], World]


def build_world(config: WorldConfig) -> World:
    """A world as it is opened here."""
    population = build_population(config)
    logged = min(max(LOGGED, LOGGED_PER_USER * population.users), MOST_LOGGED)
    return World(config, population, logged_deliveries=logged)


class Openings:
    """Makes runs; thread-safe. `history_s`: virtual seconds of history; by the world's size if None."""

    def __init__(self, build: Build = build_world, history_s: float | None = None) -> None:
        self._build, self._history_s = build, history_s
        self._lock = Lock()
        self._models: OrderedDict[WorldConfig, _Model] = OrderedDict()

    def run(self, config: WorldConfig) -> Run:
        """A world of this configuration with its history behind it; nobody else's.

        Its history is run on the embedded backend, whatever the lists are kept in then: the same lists, made in a
        tenth of the time, and a model of it can be copied.

        Raises:
            InvalidKnob: a large world on another backend; its lists would take minutes to move.
        """
        users, backend = find_world(config.world).users, config.timeline.backend
        if users > SMALL and backend != EMBEDDED:
            raise InvalidKnob(
                f"timeline.backend is {backend!r} in a world of {users:,}; live worlds keep their lists in Redis "
                f"with up to {SMALL:,} people."
            )
        run = self._on_ring(config.with_knobs({"timeline.backend": EMBEDDED}))
        self._to_backend(run.world, config.timeline.backend)
        return run

    def _on_ring(self, config: WorldConfig) -> Run:
        with self._lock:
            model = self._models.setdefault(config, _Model())
            self._models.move_to_end(config)
            while len(self._models) > MODELS:
                self._models.popitem(last=False)
        with model.lock:  # whoever wants the same waits for it
            if model.run is not None:
                return twin(model.run)
            fresh = self._with_history(Run(self._build(config)))
            if fresh.world.population.users > SMALL:
                return fresh
            model.run = fresh
            return twin(fresh)

    def reopened(self, paths: Sequence[Path]) -> list[Run]:
        """The runs of a world that was closed, one for each side, from their journals, their last seconds run again.

        They stand at one instant, the latest that one of them had reached.

        Raises:
            JournalError: no journal there, damaged, or of another version.
        """
        runs: list[Run] = []
        try:
            runs.extend(self._reopened(path) for path in paths)
            even_out(runs)
        except BaseException:
            for run in runs:
                run.close()
            raise
        latest_ns = max(run.world.now_ns for run in runs)
        for run in runs:
            run.world.step(latest_ns - run.world.now_ns)
            run.catch_up()
            run.chronicle.reopened(latest_ns)
        return runs

    def _reopened(self, path: Path) -> Run:
        config = config_of(path)
        small = find_world(config.world).users <= SMALL
        inhabited = reopen(path, build=self._on_embedded, rerun_s=HISTORY_S if small else HISTORY_LARGE_S)
        try:
            self._to_backend(inhabited.world, config.timeline.backend)
        except BaseException:
            inhabited.journal.close()
            raise
        return Run(inhabited.world, inhabited.people)

    def _on_embedded(self, config: WorldConfig) -> World:
        return self._build(config.with_knobs({"timeline.backend": EMBEDDED}))

    def _to_backend(self, world: World, backend: str) -> None:
        if backend != EMBEDDED:
            world.move_lists(backend, os.environ.get("REDIS_URL"))

    def _with_history(self, run: Run) -> Run:
        seconds = self._history_s
        if seconds is None:
            seconds = HISTORY_S if run.world.population.users <= SMALL else HISTORY_LARGE_S
        end_ns = run.world.now_ns + round(seconds * NS_PER_S)
        while run.world.now_ns < end_ns:
            run.step(QUANTUM_NS, pooled=False)
        run.catch_up()
        return run


class _Model:
    """A run that is never stepped again, once it is there."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.run: Run | None = None


def twin(run: Run) -> Run:
    """A run in the same state, going its own way. They share the population and the audience, which nobody changes."""
    graph, population = run.world.tables.graph, run.world.population
    shared = (population, population.graph, run.world.load.audience)
    memo: dict[int, object] = {id(part): part for part in shared}
    # the graph hands out live views of its own arrays, which a deep copy would cut loose
    memo[id(graph)] = graph.copy()
    memo |= {id(run.people): None, id(run.requests): None}  # an open journal cannot be copied
    other = copy.deepcopy(run, memo)
    other.move_in(Journal.in_memory())
    return other
