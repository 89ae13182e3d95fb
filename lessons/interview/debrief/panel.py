"""A study group scores one interview: one answers, the others score the same criteria as the grader, each for
themselves; then all are laid side by side.

Each person's scores are one file, <folder>/<id>/panel/<name>.json, written whole and renamed.
"""

import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from engine.errors import InvalidInput, MurmurationError
from lessons.interview.base import Model
from lessons.interview.debrief.agreement import CATEGORIES, Agreement, agreement
from lessons.interview.report import Line, Report
from lessons.interview.rubric import Rubric, standard

GRADER = "grader"
"""Under this name stands the grader among the people."""
MOST_PEOPLE = 40
_MOST_LETTERS = 40
_MOST_BYTES = 200_000
_BESIDE_LETTERS = " -_"
_FOLDER = "panel"
_SHOWN = 40


class PanelError(MurmurationError):
    """The scores of a panel cannot be read or written."""


def _credit(value: float) -> float:
    if value not in CATEGORIES:
        raise ValueError("0, 0.5 or 1")
    return value


class Score(Model):
    """Of one criterion. `credit` None: not judged."""

    credit: Annotated[float, AfterValidator(_credit)] | None = None
    note: str = Field(default="", max_length=2_000)


class Scores(Model):
    """All that one person scored, by criterion."""

    name: str
    scores: dict[str, Score] = Field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """One criterion over all who judged it: `credits` and `notes` by name, the grader's first."""

    criterion: str
    title: str
    credits: Mapping[str, float]
    notes: Mapping[str, str]
    gap: float
    """Between the highest and the lowest credit."""
    discuss: str


@dataclass(frozen=True)
class Pair:
    """Two of them."""

    first: str
    second: str
    agreement: Agreement


@dataclass(frozen=True)
class Beside:
    """All of them side by side: differences, the largest first, and agreement by pairs, with the grader first."""

    people: tuple[str, ...]
    differences: tuple[Difference, ...]
    pairs: tuple[Pair, ...]


class Panel:
    """The scores of one interview, in a folder of files."""

    def __init__(self, folder: Path, rubric: Rubric) -> None:
        self._folder = folder
        self._rubric = rubric

    @classmethod
    def of(cls, folder: Path, interview: str, rubric: Rubric | None = None) -> "Panel":
        """The panel of the interview of this id, in the folder in which interviews are kept.

        Raises:
            InvalidInput: no id that can be the name of a folder.
        """
        if not interview or not all(one.isascii() and (one.isalnum() or one in "-_") for one in interview):
            raise InvalidInput(f"{_told(interview)} is no id of an interview; allowed: letters, digits, - and _.")
        return cls(folder / interview / _FOLDER, rubric or standard())

    def names(self) -> tuple[str, ...]:
        """Who has scored, in order."""
        found = (_checked_or_none(path.stem) for path in self._folder.glob("*.json"))
        return tuple(sorted(name for name in found if name is not None))

    def read(self, name: str) -> Scores:
        """What somebody scored; nothing yet, where there is no file.

        Raises:
            InvalidInput: a name that is not allowed. PanelError: a file that cannot be read.
        """
        name = checked_name(name)
        path = self._file(name)
        try:
            written = path.read_bytes() if path.exists() else b""
            if not written:
                return Scores(name=name)
            if len(written) > _MOST_BYTES:
                raise PanelError(f"The scores of {name} have {len(written):,} bytes; allowed: up to {_MOST_BYTES:,}.")
            return self._known(Scores.model_validate_json(written).model_copy(update={"name": name}))
        except (OSError, ValidationError, InvalidInput) as wrong:
            raise PanelError(f"The scores of {name} cannot be read; score again, or remove their file.") from wrong

    def write(self, scores: Scores) -> None:
        """Keep what somebody scored, whole; when this returns it is on the disk.

        Raises:
            InvalidInput: a name or criterion that is not allowed, or too many people. PanelError: it cannot be written.
        """
        name = checked_name(scores.name)
        told = self._known(scores).model_copy(update={"name": name}).model_dump_json()
        if name not in (names := self.names()) and len(names) >= MOST_PEOPLE:
            raise InvalidInput(f"{len(names)} people have scored; allowed: up to {MOST_PEOPLE}.")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _write_whole(self._file(name), told)
        except OSError as failed:
            raise PanelError(f"The scores of {name} cannot be written: {failed.strerror or failed}.") from failed

    def all(self) -> tuple[Scores, ...]:
        """What everybody scored, in order of their names.

        Raises:
            PanelError: a file that cannot be read.
        """
        return tuple(self.read(name) for name in self.names())

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _known(self, scores: Scores) -> Scores:
        strange = [name for name in scores.scores if name not in self._rubric.criteria]
        if strange:
            raise InvalidInput(
                f"There is no criterion {_told(strange[0])}; allowed: {', '.join(self._rubric.criteria)}."
            )
        return scores


def _write_whole(path: Path, text: str) -> None:
    """Beside its place, on the disk, then renamed: whoever reads finds the old file or the new one."""
    with NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as file:
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except OSError:
            Path(file.name).unlink(missing_ok=True)
            raise


def checked_name(name: str) -> str:
    """A person's name as it may be the name of a file.

    Raises:
        InvalidInput: it may not.
    """
    said = unicodedata.normalize("NFC", " ".join(name.split()))
    letters = said and said[0].isalnum() and all(one.isalnum() or one in _BESIDE_LETTERS for one in said)
    if not letters or len(said) > _MOST_LETTERS or len(said.encode()) > 4 * _MOST_LETTERS or said.lower() == GRADER:
        raise InvalidInput(
            f"{_told(name)} cannot be a name here; allowed: 1 to {_MOST_LETTERS} letters, digits, spaces, - and _, "
            f"beginning with a letter or digit, and not {GRADER}."
        )
    return said


def half(credit: float) -> float:
    """The nearest of 0, 0.5 and 1, since a question or hint may have left another share; in the middle the lower."""
    return min(CATEGORIES, key=lambda one: (abs(one - credit), one))


def beside(report: Report, panel: Sequence[Scores], rubric: Rubric | None = None) -> Beside:
    """The grader and all people side by side, over the criteria that this level expects."""
    rubric = rubric or standard()
    lines = {line.criterion: line for line in report.lines if line.expected}
    given = {GRADER: {name: half(line.credit) for name, line in lines.items()}}
    for one in panel:
        given[one.name] = {name: score.credit for name, score in one.scores.items()
                           if score.credit is not None and name in lines}  # fmt: skip
    differences = [_difference(line, given, panel, rubric) for line in lines.values()]
    counted = [one for one in differences if len(one.credits) > 1]
    return Beside(
        tuple(given),
        tuple(sorted(counted, key=lambda one: (-one.gap, -_disagree(one.credits.values())))),
        tuple(_pairs(given)),
    )


def _difference(
    line: Line, given: Mapping[str, Mapping[str, float]], panel: Sequence[Scores], rubric: Rubric
) -> Difference:
    credits = {name: by[line.criterion] for name, by in given.items() if line.criterion in by}
    notes = {one.name: one.scores[line.criterion].note.strip() for one in panel
             if line.criterion in one.scores and one.scores[line.criterion].note.strip()}  # fmt: skip
    gap = max(credits.values()) - min(credits.values())
    return Difference(line.criterion, line.title, credits, notes, gap, _discuss(line, credits, gap, rubric))


def _discuss(line: Line, credits: Mapping[str, float], gap: float, rubric: Rubric) -> str:
    """What to talk about: which words decided, and what the rubric calls wrong."""
    people = [credit for name, credit in credits.items() if name != GRADER]
    if not gap:
        return "All agree; nothing to discuss."
    if people and len(set(people)) == 1:
        way = "more" if people[0] > credits[GRADER] else "less"
        return f"All people give {way} than the grader. Which words of the answer does its reason miss: {line.reason}"
    wrong = rubric.criteria[line.criterion].wrong
    size = "a whole credit" if gap == 1 else "half a credit"
    return f"People differ by {size}. Show the words or the number that decided. The rubric calls this wrong: {wrong}"


def _pairs(given: Mapping[str, Mapping[str, float]]) -> Iterable[Pair]:
    for first, second in combinations(given, 2):
        both = [name for name in given[first] if name in given[second]]
        found = agreement([given[first][name] for name in both], [given[second][name] for name in both])
        if found is not None:
            yield Pair(first, second, found)


def _disagree(credits: Iterable[float]) -> float:
    """The spread of all, for an order among equal gaps."""
    known = list(credits)
    mean = sum(known) / len(known)
    return sum((one - mean) ** 2 for one in known) / len(known)


def _checked_or_none(name: str) -> str | None:
    try:
        return checked_name(name) if checked_name(name) == name else None
    except InvalidInput:
        return None


def _told(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
