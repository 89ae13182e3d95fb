"""A lesson's file: TOML front matter between two lines of +++, then Markdown in sections.

+++
title = "The celebrity"
...
+++
## Before
...
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from engine.errors import InvalidInput, UnknownName
from lessons.lesson import SECTIONS, Front, Lesson

CONTENT = Path(__file__).parent / "content"
OWN = Path("var/lessons")
"""Lessons of the people who run this installation, beside those that come with it."""
FILE = "lesson.md"
_FENCE = "+++"
_HEADING = re.compile(r"^## (.+?)\s*$", re.MULTILINE)


class InvalidLesson(InvalidInput):
    """A lesson that cannot be read; names the file, the place in it, and what is allowed."""


def read_lesson(folder: Path) -> Lesson:
    """The lesson of a folder.

    Raises:
        InvalidLesson: there is no file, or something in it is not as it has to be.
    """
    path = folder / FILE
    try:
        written = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidLesson(f"{path} cannot be read as text: {_reason(error)}.") from error
    front, text = _parted(written, path)
    try:
        return Lesson(name=folder.resolve().name, front=_front(front, path), text=_sections(text, path))
    except ValidationError as error:
        raise InvalidLesson(f"{path}: {_first(error)}") from error


def read_lessons(root: Path = CONTENT) -> Mapping[str, Lesson]:
    """All lessons of a folder of folders, by name, in their order.

    Raises:
        InvalidLesson: one of them cannot be read.
    """
    found = [read_lesson(path.parent) for path in sorted(root.glob(f"*/{FILE}"))]
    return {lesson.name: lesson for lesson in found}


def find_lesson(name: str, known: Mapping[str, Lesson]) -> Lesson:
    """The lesson of this name, with or without its number.

    Raises:
        UnknownName: there is none.
    """
    for lesson in known.values():
        if name in (lesson.name, lesson.name.partition("-")[2]):
            return lesson
    raise UnknownName(f"There is no lesson {name[:60]!r}; allowed: {', '.join(known)}.")


def _parted(written: str, path: Path) -> tuple[str, str]:
    lines = written.splitlines()
    fences = [number for number, line in enumerate(lines) if line.strip() == _FENCE]
    if len(fences) < 2 or fences[0] != 0:
        raise InvalidLesson(
            f"{path} has no front matter; allowed: TOML between two lines of {_FENCE}, at its beginning."
        )
    # as many lines as in the file, so that an error names the file's own line
    return "\n".join(["", *lines[1 : fences[1]]]), "\n".join(lines[fences[1] + 1 :])


def _front(written: str, path: Path) -> Front:
    try:
        return Front.model_validate(tomllib.loads(written))
    except tomllib.TOMLDecodeError as error:
        raise InvalidLesson(f"{path}: the front matter is no TOML: {error}.") from error


def _sections(text: str, path: Path) -> dict[str, str]:
    parts = _HEADING.split(text)
    sections = {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}
    strange = [name for name in sections if name not in SECTIONS]
    missing = [name for name in SECTIONS if not sections.get(name)]
    if strange or missing:
        wrong = f"there is a section {strange[0]!r}" if strange else f"the section {missing[0]!r} is missing or empty"
        raise InvalidLesson(f"{path}: {wrong}; allowed: all of {', '.join(SECTIONS)}.")
    if len(parts[1::2]) != len(sections):
        raise InvalidLesson(f"{path}: a section is there twice; allowed: each of {', '.join(SECTIONS)} once.")
    return sections


def _first(error: ValidationError) -> str:
    """The first thing that is wrong, with the place of it."""
    found = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in found["loc"])
    return f"{place + ': ' if place else ''}{found['msg'].removeprefix('Value error, ')}."


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
