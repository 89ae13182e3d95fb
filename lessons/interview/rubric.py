"""The rubric: criteria, points, bands, gates, deductions and tolerances, read from rubric.toml and checked.

An instructor's file may override weights and points:

    [weights]
    3c = 4
    [points]
    senior = [10, 6, 28, 12, 18, 12, 14]
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.errors import InvalidInput
from lessons.interview.base import LEVELS, Level

FILE = Path(__file__).with_name("rubric.toml")
STEPS = 7
TOTAL = 100
TEXT_MOST = 20.0
"""Points that free text alone may decide at any level."""

Band = Literal["Not yet", "Developing", "Borderline", "Meets", "Exceeds"]
BANDS: tuple[Band, ...] = ("Not yet", "Developing", "Borderline", "Meets", "Exceeds")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Positive = Annotated[float, Field(gt=0, le=100)]
Factor = Annotated[float, Field(ge=0, le=1)]
Seven = Annotated[tuple[Annotated[float, Field(ge=0, le=TOTAL)], ...], Field(min_length=STEPS, max_length=STEPS)]


class Criterion(_Part):
    """One observable thing. `weight`: inside its step."""

    id: str
    title: str
    evidence: str
    level: Level
    weight: Positive
    weaker: str = ""
    """The form in which a lower level is expected to have it, and which level: `mid: naming it suffices`."""
    factor: float | None = None
    """How far an estimate may be off for full credit."""
    wrong: str
    over: str

    @property
    def step(self) -> int:
        """1 to 7."""
        return int(self.id[0])

    @property
    def by_text(self) -> bool:
        """Whether a reason in free text is evidence for it."""
        return "T" in self.evidence

    def expected(self, level: Level) -> bool:
        """Whether this level is expected to have it, if only in its weaker form."""
        first = self.weaker.partition(":")[0] or self.level
        return level in LEVELS[[str(one) for one in LEVELS].index(first) :]


class Minutes(_Part):
    steps: Seven
    change: Positive


class Deductions(_Part):
    idle_free: dict[Level, int]
    idle_each: float
    idle_most: float
    idle_cap: int
    services_first: float
    product_as_reason: float
    skew_ignored: float
    contradiction_each: float
    contradictions_most: float
    share_of_earned: Factor


class Factors(_Part):
    beyond_level: Factor
    open: dict[Level, Factor]
    directed: dict[Level, Factor]
    closed_after_text: dict[Level, Factor]
    hint: dict[Literal["H1", "H2", "H3"], Factor]


class Tolerances(_Part):
    read_off: float
    derived: float
    gap: float
    noise_sd: float
    idle_change: float
    over_provisioned: float


class Rubric(_Part):
    """All of it, as a value."""

    version: int
    points: dict[Level, Seven]
    minutes: dict[Level, Minutes]
    bands: dict[Band, float]
    gates: dict[Level, tuple[tuple[str, ...], ...]]
    exceeds: dict[Level, int]
    deductions: Deductions
    factors: Factors
    tolerances: Tolerances
    criteria: dict[str, Criterion]

    @property
    def hash(self) -> str:
        """Of everything that decides a score; the same for the same rubric."""
        told = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def of_step(self, step: int) -> list[Criterion]:
        """The criteria of one step, 1 to 7, in order."""
        return [criterion for criterion in self.criteria.values() if criterion.step == step]

    def weight_expected(self, step: int, level: Level) -> float:
        """The sum of weights that full points of a step stand for."""
        return sum(criterion.weight for criterion in self.of_step(step) if criterion.expected(level))

    def worth(self, criterion: Criterion, level: Level) -> float:
        """Points of full credit, at a level that is expected to have it; a share of them beyond that."""
        share = 1.0 if criterion.expected(level) else self.factors.beyond_level
        points = self.points[level][criterion.step - 1]
        return share * points * criterion.weight / self.weight_expected(criterion.step, level)

    def text_points(self, level: Level) -> float:
        """Points that free text can decide, of the criteria that the level is expected to meet."""
        return sum(self.worth(one, level) for one in self.criteria.values() if one.by_text and one.expected(level))


@lru_cache(maxsize=1)
def standard() -> Rubric:
    """The rubric of rubric.toml."""
    return _checked(FILE.name, _table(FILE))


def with_overrides(path: Path) -> Rubric:
    """The standard rubric with an instructor's weights and points.

    Raises:
        InvalidInput: a file that cannot be read, a criterion or level that does not exist, points that do not sum to
            100, weights with which text could decide more than 20 points; one sentence that names the place.
    """
    return overridden(path.name, _table(path))


def overridden(source: str, own: Mapping[str, Any]) -> Rubric:
    """The same, of a table. `source`: what an error calls it. The questions of an instructor are read elsewhere.

    Raises:
        InvalidInput: as `with_overrides`.
    """
    rubric = standard().model_dump(mode="json")
    for name in own:
        if name not in ("weights", "points", "probes"):
            raise InvalidInput(f"{source}: {name} cannot be set here; allowed: weights, points.")
    for name, weight in _pairs(source, own, "weights", rubric["criteria"]):
        rubric["criteria"][name]["weight"] = weight
    for level, points in _pairs(source, own, "points", rubric["points"]):
        rubric["points"][level] = points
    return _checked(source, rubric)


def _pairs(source: str, own: Mapping[str, Any], part: str, known: Mapping[str, Any]) -> list[tuple[str, Any]]:
    given = own.get(part, {})
    if not isinstance(given, dict):
        raise InvalidInput(f"{source}: {part} is {given!r}; allowed: a table.")
    for name in given:
        if name not in known:
            raise InvalidInput(f"{source}: {part} has {name!r}; allowed: {', '.join(known)}.")
    return list(given.items())


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{path.name}: cannot be read as a rubric: {error}.") from error


def _checked(source: str, table: dict[str, Any]) -> Rubric:
    criteria = {name: {**entry, "id": name} for name, entry in table.get("criteria", {}).items()}
    try:
        rubric = Rubric.model_validate({**table, "criteria": criteria})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{source}: {place} is {first['input']!r}: {first['msg'].lower()}.") from error
    _whole(source, rubric)
    return rubric


def _whole(source: str, rubric: Rubric) -> None:
    """What a single entry cannot tell."""
    for level in LEVELS:
        _sums(source, f"points.{level}", sum(rubric.points[level]), TOTAL)
        minutes = rubric.minutes[level]
        _sums(source, f"minutes.{level}", sum(minutes.steps) + minutes.change, 45)
        text = rubric.text_points(level)
        if text > TEXT_MOST:
            raise InvalidInput(
                f"{source}: free text could decide {text:.1f} points at level {level}; allowed: {TEXT_MOST:g} at most."
            )
    unknown = sorted({one for gates in rubric.gates.values() for gate in gates for one in gate} - set(rubric.criteria))
    if unknown:
        raise InvalidInput(f"{source}: gates name {unknown[0]!r}, which is no criterion.")


def _sums(source: str, place: str, found: float, allowed: float) -> None:
    if abs(found - allowed) > 1e-9:
        raise InvalidInput(f"{source}: {place} sum to {found:g}; allowed: {allowed:g}.")
