"""Arrays on disk that are mapped, not read: what a large world is opened from in a moment.

A folder of `.npy` files, never changed once they are there. What is made is first written beside and then renamed, so
that a process that is killed leaves nothing half done.
"""

import mmap
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import StoreError

Arrays = Mapping[str, NDArray[Any]]


class Frozen:
    """Named groups of arrays below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def group(self, name: str, make: Callable[[], Arrays]) -> dict[str, NDArray[Any]]:
        """The arrays of a group, made, and kept, where they are not there yet.

        They are mapped for the caller alone: what is written to them is in memory only, and nobody else sees it.

        Raises:
            StoreError: the folder cannot be written.
        """
        place = self.folder / name
        if not place.is_dir():
            self._keep(place, make())
        mapped = {path.stem: np.load(path, mmap_mode="c") for path in sorted(place.glob("*.npy"))}
        for array in mapped.values():
            array._mmap.madvise(mmap.MADV_WILLNEED)
        return {name: array.view(np.ndarray) for name, array in mapped.items()}  # the subclass makes each index dearer

    def _keep(self, place: Path, arrays: Arrays) -> None:
        beside = place.parent / f".making-{os.getpid()}-{place.name}"
        try:
            beside.mkdir(parents=True, exist_ok=True)
            for name, array in arrays.items():
                np.save(beside / f"{name}.npy", array)
            os.rename(beside, place)
        except OSError as error:
            shutil.rmtree(beside, ignore_errors=True)
            if not place.is_dir():  # else another process was faster
                raise StoreError(f"Folder {place.parent} cannot keep a large world: {error.strerror}.") from error
