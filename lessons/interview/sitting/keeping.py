"""The runs of one interview's design, each in a file of its own; a file is there whole, or not at all."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from engine.errors import InvalidInput
from lessons.interview.base import as_tuples
from lessons.interview.measured import UNFORESEEN, Runs
from lessons.interview.runs import Ran, together
from lessons.interview.sitting.log import SittingError

_LAST = "last"


class Keeping:
    """A folder of runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, ran: Sequence[Ran]) -> None:
        """Keep runs; one of the same scope is replaced.

        Raises:
            InvalidInput: a scope that is no name, or numbers that JSON does not have.
            SittingError: the folder cannot be written.
        """
        for one in ran:
            self._write(_name(one.scope), one.to_json())

    def keep_last(self, runs: Runs) -> None:
        """Keep what is run for the debrief alone.

        Raises:
            SittingError: the folder cannot be written.
        """
        self._write(_LAST, runs.model_dump(mode="json", exclude_unset=True, exclude_none=True))

    def ran(self, scope: str) -> Ran | None:
        """One run; None where there is none, or none that can be read."""
        told = self._read(_name(scope))
        try:
            return None if told is None else Ran.of_json(told)
        except (ValidationError, KeyError, TypeError, ValueError, AttributeError):
            return None

    def runs(self) -> Runs:
        """All of them, as the grader reads them. What can be read counts, whatever else lies there."""
        scopes = ("base", "change_before", "change_after", *UNFORESEEN, "shard_down")
        return together({name: one for name in scopes if (one := self.ran(name)) is not None}, self._last())

    def _last(self) -> Runs:
        told = self._read(_LAST)
        try:
            return Runs() if told is None else Runs.model_validate(as_tuples(told))
        except (ValidationError, RecursionError):
            return Runs()

    def _write(self, name: str, told: dict[str, Any]) -> None:
        """Under another name first: whoever reads finds the old one or the new one."""
        try:
            content = json.dumps(told, allow_nan=False, separators=(",", ":")).encode()
        except (TypeError, ValueError) as wrong:
            raise InvalidInput(f"The run {name!r} cannot be kept: {wrong}.") from wrong
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            beside = self._folder / f".{name}.{uuid4().hex}"
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._folder / f"{name}.json")
            sync(self._folder)
        except OSError as failed:
            raise SittingError(f"The run {name!r} could not be written: {failed.strerror or failed}.") from failed

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            told = json.loads((self._folder / f"{name}.json").read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return told if isinstance(told, dict) else None


def sync(folder: Path) -> None:
    """Names in a folder are on the disk when this returns."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _name(scope: str) -> str:
    if not scope or len(scope) > 60 or scope == _LAST or not scope.replace("_", "").isalnum() or not scope.isascii():
        raise InvalidInput(f"{scope!r} is no scope of a run; allowed: letters, digits and _, and not 'last'.")
    return scope
