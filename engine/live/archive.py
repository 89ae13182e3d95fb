"""Where the journals of live worlds are, one folder a world: what a world that was closed is opened again from."""

import re
import shutil
from contextlib import suppress
from pathlib import Path

from engine.config import WorldConfig
from engine.errors import UnknownName
from engine.journal.journal import Journal
from engine.reopen import origin_of

KEPT = 200
"""Worlds whose journals are kept; those written to longest ago go first."""
_ID = re.compile(r"[0-9a-f]{4,32}")
_SIDES = "ab"


class Archive:
    """Journals by world id, below a folder; without one they live in memory, and nothing can be opened again."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def new(self, world_id: str, side: int, config: WorldConfig) -> Journal:
        """The journal of one side of a new world.

        Raises:
            JournalError: the folder cannot be written.
        """
        origin = origin_of(config)
        if self._folder is None:
            return Journal.in_memory(origin)
        home = self._folder / world_id
        with suppress(OSError):  # opening the journal says why
            home.mkdir(parents=True, exist_ok=True)
        return Journal.open(home / f"{_SIDES[side]}.journal", create=True, origin=origin)

    def find(self, world_id: str) -> list[Path]:
        """The journals of a world, one for each side.

        Raises:
            UnknownName: there are none.
        """
        paths: list[Path] = []
        if self._folder is not None and _ID.fullmatch(world_id):  # an id from outside never leaves the folder
            paths = sorted((self._folder / world_id).glob("*.journal"))
        if not paths:
            raise UnknownName(f"There is no world {world_id!r}, and no journal to open it again from; open a new one.")
        return paths

    def forget_old(self, in_use: set[str]) -> None:
        """Remove the journals of all but the latest worlds; those in use stay."""
        if self._folder is None or not self._folder.is_dir():
            return
        homes = sorted((home for home in self._folder.iterdir() if home.is_dir()), key=_written, reverse=True)
        for home in homes[KEPT:]:
            if home.name not in in_use:
                shutil.rmtree(home, ignore_errors=True)


def _written(home: Path) -> float:
    """When something was last written there, in seconds since 1970."""
    latest_s = 0.0
    with suppress(FileNotFoundError):  # a journal that is being closed takes its log away
        for path in home.iterdir():
            latest_s = max(latest_s, path.stat().st_mtime)
    return latest_s
