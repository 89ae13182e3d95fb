"""Half-written answers to the interviewer: kept beside the interview, so that a reload loses nothing; they count for
nothing before they are given."""

import json
import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.errors import MurmurationError
from lessons.interview.base import Model
from lessons.interview.transcript import Answer

_FILE = "drafts.json"
_LONGEST = 20_000


class DraftError(MurmurationError):
    """A draft cannot be written."""


def read_draft(folder: Path, question: str) -> tuple[Answer, str]:
    """What was begun in answer to a question of the interview in `folder`; empty where nothing is, or can be read."""
    told = _read(folder).get(question)
    try:
        return Answer.model_validate_json(json.dumps(told["answer"])), str(told["text"])  # type: ignore[index]
    except (ValidationError, TypeError, KeyError):
        return Answer(), ""


def keep_draft(folder: Path, question: str, answer: Model, text: str) -> None:
    """Keep it; whoever reads meanwhile finds the old one or the new one.

    Raises:
        DraftError: the folder cannot be written.
    """
    told = {"answer": answer.model_dump(mode="json", exclude_none=True), "text": text[:_LONGEST]}
    whole = json.dumps({**_read(folder), question: told}, ensure_ascii=True)
    beside = folder / f".{_FILE}.{os.getpid()}"
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(whole)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / _FILE)
    except OSError as failed:
        raise DraftError(f"The answer could not be kept: {failed.strerror or failed}.") from failed


def _read(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / _FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
