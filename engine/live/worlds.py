"""The live worlds of a process: opened, found, bounded in number and size, closed when nobody comes any more."""

import secrets
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from datasets.worlds import find_world
from engine.clock import SystemWallClock, WallClock
from engine.config import WorldConfig
from engine.errors import TooManyWorlds, UnknownName
from engine.live.archive import Archive
from engine.live.openings import Build, Openings, build_world
from engine.live.run import Run
from engine.live.scheduler import Scheduler
from engine.live.twins import check_twins
from engine.live.world import ASLEEP_S, LiveWorld
from engine.memory import give_back
from engine.reopen import config_of

MAX_WORLDS = 24
MAX_USERS = 250_000
"""People in all worlds together: two cities, or 24 classrooms beside one, or beside a country."""
MOST_COUNTED = 200_000
"""People of one world that count: a larger one keeps its lists closer together, and has told what memory it needs."""
IDLE_S = 600.0
"""Wall seconds without anybody after which a world is closed."""
GONE = "This world was closed after its last visitor had left."


class LiveWorlds:
    """The registry; `LIVE` is the one of this process. The scheduler's thread starts with the first world."""

    def __init__(
        self,
        max_worlds: int = MAX_WORLDS,
        max_users: int = MAX_USERS,
        build: Build = build_world,
        clock: WallClock | None = None,
        history_s: float | None = None,
        folder: Path | None = None,
    ) -> None:
        """`history_s`: virtual seconds of history that a world is opened with; by its size if None.

        `folder`: where journals are kept; None: in memory, so that a world that was closed is gone.
        """
        self._max_worlds, self._max_users = max_worlds, max_users
        self._openings = Openings(build, history_s)
        self._archive = Archive(folder)
        self._reopening = Lock()
        self._clock = clock or SystemWallClock()
        self._lock = Lock()
        self._worlds: dict[str, LiveWorld] = {}
        self._opening: list[int] = []
        """People of each world that is being built."""
        self.scheduler = Scheduler(self._all, self._evict, self._clock)

    def prepare(self, config: WorldConfig) -> None:
        """Have the history of such a world at hand, so that the next ones open at once."""
        self._openings.run(config).close()

    def open(self, config: WorldConfig, scenario: str | None = None) -> LiveWorld:
        """A new world with some history, running at 1x; with a `scenario`, that starts at its first instant.

        Built in the caller's thread.

        Raises:
            TooManyWorlds: and nobody has left one.
            UnknownName, InvalidKnob: the configuration or the scenario does not fit.
        """
        return self._open(config, scenario=scenario)

    def open_twin(self, config_a: WorldConfig, config_b: WorldConfig) -> LiveWorld:
        """Two worlds under one load and one pace, for comparing two designs; otherwise as `open`.

        Raises:
            TooManyWorlds, UnknownName, InvalidKnob: as `open`.
            InvalidKnob: they differ in people, seed or load.
        """
        check_twins(config_a, config_b)
        return self._open(config_a, config_b)

    def _open(self, *configs: WorldConfig, scenario: str | None = None) -> LiveWorld:
        world_id = secrets.token_hex(8)
        self._archive.forget_old(set(self._worlds))

        def build() -> list[Run]:
            runs: list[Run] = []
            try:
                for side, config in enumerate(configs):
                    run = self._openings.run(config)
                    runs.append(run)
                    if scenario is not None:
                        run.world.to_inject(scenario)  # refused before there is a journal
                    run.move_in(self._archive.new(world_id, side, run.world.config))
                    if scenario is not None:
                        run.inject(scenario)
            except BaseException:
                for run in runs:
                    run.close()
                raise
            return runs

        return self._start(world_id, [config.world for config in configs], build)

    def reopen(self, world_id: str) -> LiveWorld:
        """A world that was closed, as its journal remembers it, at the instant it had reached; if it is running, that.

        Posts, follows and all that people did are there; its last seconds are run again, with fan-out and reads.

        Raises:
            UnknownName: there is no journal of it. JournalError: it cannot be read.
            TooManyWorlds: and nobody has left one.
        """
        with self._reopening:  # two tabs at once find one world
            if world_id in self._worlds:
                return self._worlds[world_id]
            paths = self._archive.find(world_id)
            worlds = [config_of(path).world for path in paths]
            return self._start(world_id, worlds, lambda: self._openings.reopened(paths))

    def _start(self, world_id: str, presets: list[str], build: Callable[[], list[Run]]) -> LiveWorld:
        users = sum(_counted(find_world(preset).users) for preset in presets)
        self._reserve(users)
        try:
            run, *others = build()
            live = LiveWorld(world_id, run, self._run_again, self._clock, self.scheduler.wake, *others)
            with self._lock:
                self._worlds[live.id] = live
        finally:
            with self._lock:
                self._opening.remove(users)
        self.scheduler.start()
        self.scheduler.wake()
        return live

    def get(self, world_id: str) -> LiveWorld:
        """The world of this id.

        Raises:
            UnknownName: there is none, or none any more.
        """
        live = self._worlds.get(world_id)
        if live is None:
            raise UnknownName(
                f"There is no live world {world_id!r}: a world closes {IDLE_S / 60:.0f} minutes "
                "after its last visitor; reopen it, or open a new one."
            )
        return live

    def close(self, world_id: str) -> None:
        """Close a world; one that is gone already does nothing."""
        with self._lock:
            live = self._worlds.pop(world_id, None)
        if live is not None:
            live.close(GONE)
            give_back()

    def stop(self) -> None:
        """Stop the thread and close all worlds; opening one starts anew."""
        self.scheduler.stop()
        for live in self._all():
            self.close(live.id)

    def __len__(self) -> int:
        return len(self._worlds)

    def _all(self) -> list[LiveWorld]:
        with self._lock:
            return list(self._worlds.values())

    def _run_again(self, before: Run) -> Run:
        return self._openings.run(before.world.config)

    def _reserve(self, users: int) -> None:
        """Count a world that is being opened; make room for it by closing those that were left longest ago."""
        while True:
            with self._lock:
                refusal = self._refusal(users)
                if refusal is None:
                    self._opening.append(users)
                    return
            if not self._close_left():
                raise TooManyWorlds(refusal)

    def _refusal(self, users: int) -> str | None:
        """Why a world of so many people does not fit in; None if it does."""
        if len(self._worlds) + len(self._opening) >= self._max_worlds:
            return f"All {self._max_worlds} worlds of this server are in use; try again when somebody has left."
        there = sum(_counted(live.users) * live.sides for live in self._worlds.values()) + sum(self._opening)
        if there and there + users > self._max_users:
            return (
                f"The worlds of this server have {there:,} people, and {users:,} more would be over "
                f"{self._max_users:,}; open a smaller world."
            )
        return None

    def _close_left(self) -> bool:
        """Close the world that nobody has watched or asked for the longest time, if there is one; whether there was."""
        now_s = self._clock.now_s()
        left = [live for live in self._all() if live.unused_s(now_s) >= ASLEEP_S]
        if left:
            self.close(max(left, key=lambda live: live.unused_s(now_s)).id)
        return bool(left)

    def _evict(self) -> None:
        now_s = self._clock.now_s()
        for live in self._all():
            live.note_progress()
            if live.unused_s(now_s) >= IDLE_S:
                self.close(live.id)


def _counted(users: int) -> int:
    return min(users, MOST_COUNTED)
