"""An instructor's file: weights and points of the rubric, and questions of their own.

[weights]
3c = 4
[points]
senior = [10, 6, 28, 12, 18, 12, 14]
[[probes]]
id = "I1"
after = 5
missing = "lanes"                  # of the sheet of that step; without it the question is always asked
open = "Who waits when the queue is full?"
directed = "Which lane never waits?"
fields = ["drain_s"]               # of an answer; with a criterion, those of its step
criterion = "5e"                   # what the answer counts for, as with other questions; may be missing
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from engine.errors import InvalidInput
from lessons.interview.answers import STEP_OF
from lessons.interview.base import Model, Name, as_tuples
from lessons.interview.rubric import Criterion, Rubric, overridden
from lessons.interview.sheet import Steps
from lessons.interview.transcript import Answer, ProbeId

MOST_WORDS = 25
"""In one line of the interviewer."""
MOST_PROBES = 20
_Line = Annotated[str, Field(min_length=3, max_length=300)]


class Added(Model):
    """A question of the instructor's. `missing`: a field of the step's sheet that has to be empty."""

    id: ProbeId
    after: Annotated[int, Field(ge=1, le=6)]
    missing: Name | None = None
    open: _Line
    directed: _Line
    fields: tuple[Name, ...] = ()
    criterion: Name | None = None


@dataclass(frozen=True)
class Instructor:
    """A file that was read and checked."""

    table: Mapping[str, Any]
    """As it stood there."""
    rubric: Rubric
    probes: tuple[Added, ...]

    @classmethod
    def kept(cls, table: Mapping[str, Any] | None) -> "Instructor | None":
        """That of an interview under way; None where it has none, or none that can be read any more."""
        if table is None:
            return None
        try:
            return of_table("the instructor's file", table)
        except InvalidInput:
            return None


def read(path: Path) -> Instructor:
    """A file.

    Raises:
        InvalidInput: what stands where is not allowed; one sentence that names the place.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path.name}: cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    return of_text(text, path.name)


def of_text(text: str, source: str) -> Instructor:
    """The same, of a text. `source`: what an error calls it.

    Raises:
        InvalidInput: as `read`.
    """
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidInput(f"{source}: is no TOML: {error}.") from error
    return of_table(source, table)


def of_table(source: str, table: Mapping[str, Any]) -> Instructor:
    """The same, of a table.

    Raises:
        InvalidInput: as `read`.
    """
    for name in table:
        if name not in ("weights", "points", "probes"):
            raise InvalidInput(f"{source}: {name} cannot be set here; allowed: weights, points, probes.")
    rubric = overridden(source, {name: part for name, part in table.items() if name != "probes"})
    listed = table.get("probes", ())
    if not isinstance(listed, list | tuple) or len(listed) > MOST_PROBES:
        raise InvalidInput(f"{source}: probes has to be a list of up to {MOST_PROBES} tables, each under [[probes]].")
    probes = tuple(_added(source, number, entry, rubric) for number, entry in enumerate(listed, 1))
    ids = [probe.id for probe in probes]
    for one in ids:
        if ids.count(one) > 1:
            raise InvalidInput(f"{source}: {one} is the id of two probes; allowed: each once.")
    return Instructor(table, rubric, probes)


def _added(source: str, number: int, entry: Any, rubric: Rubric) -> Added:
    place = f"{source}: probe {number}"
    try:
        probe = TypeAdapter(Added).validate_python(as_tuples(entry))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "it"
        raise InvalidInput(f"{place}: {field} is not allowed as it is: {first['msg'].lower()}.") from error
    if not probe.id.startswith("I"):
        raise InvalidInput(f"{place}: id is {probe.id}; allowed: I1 to I99.")
    for name, line in (("open", probe.open), ("directed", probe.directed)):
        if len(line.split()) > MOST_WORDS:
            raise InvalidInput(f"{place}: {name} has {len(line.split())} words; allowed: {MOST_WORDS} at most.")
    sheet = sheet_fields(probe.after)
    if probe.missing is not None and probe.missing not in sheet:
        raise InvalidInput(f"{place}: missing is {probe.missing!r}; allowed: {', '.join(sheet)}.")
    for name in probe.fields:
        if name not in Answer.model_fields:
            raise InvalidInput(f"{place}: fields has {name!r}; allowed: {', '.join(Answer.model_fields)}.")
    if probe.criterion is not None:
        _counts(place, probe, probe.criterion, rubric)
    return probe


def _counts(place: str, probe: Added, name: str, rubric: Rubric) -> None:
    """Whether an answer can count for a criterion at all: through a field of its step, or through its text."""
    criterion: Criterion | None = rubric.criteria.get(name)
    if criterion is None:
        raise InvalidInput(f"{place}: criterion is {name!r}; allowed: {', '.join(rubric.criteria)}.")
    fitting = [field for field, step in STEP_OF.items() if step == criterion.step]
    strangers = [field for field in probe.fields if field not in fitting]
    if strangers or not (probe.fields or criterion.by_text):
        allowed = ", ".join(fitting) or "none, so no criterion"
        raise InvalidInput(f"{place}: an answer counts for {name} through fields of step {criterion.step}: {allowed}.")


def sheet_fields(step: int) -> tuple[str, ...]:
    """The fields of a step's sheet."""
    entry = getattr(Steps(), f"s{step}")
    return tuple(type(entry.structured).model_fields)
