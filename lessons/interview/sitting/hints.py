"""Hints for practice: for each criterion a narrower question, the concept, and a worked answer with its lesson."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from lessons.interview.base import Model

MOST_HINTS = 5
Grade = Literal["H1", "H2", "H3"]
GRADES: tuple[Grade, ...] = ("H1", "H2", "H3")
_FILE = Path(__file__).with_name("hints.toml")


class Texts(Model):
    """Of one criterion: the three grades, and the lesson that the worked answer comes from."""

    H1: str
    H2: str
    H3: str
    lesson: str


@dataclass(frozen=True)
class Hint:
    """A hint that was taken. `lesson`: the name of a lesson, with a worked answer only."""

    criterion: str
    grade: Grade
    text: str
    lesson: str | None = None


@cache
def all_hints() -> dict[str, Texts]:
    """By criterion."""
    table = tomllib.loads(_FILE.read_text("utf-8"))
    return TypeAdapter(dict[str, Texts]).validate_python(table["hints"])


def told(criterion: str, grade: Grade) -> Hint:
    """One hint."""
    texts = all_hints().get(criterion)
    if texts is None:
        return Hint(criterion, grade, "")
    return Hint(criterion, grade, getattr(texts, grade), texts.lesson if grade == "H3" else None)
