"""What grading gives: the score with all that it rests on, as plain data."""

from dataclasses import asdict, dataclass
from typing import Any

from lessons.interview.base import Level
from lessons.interview.rubric import Band


@dataclass(frozen=True)
class Line:
    """One criterion. Of `quote` (the candidate's words) and `figure` (a choice or number with its unit) at least one is
    there. `credit`: after questions and hints; `factor`: what those left of it. `points` of `worth` at this level."""

    criterion: str
    step: int
    title: str
    evidence: str
    expected: bool
    quote: str | None
    figure: str | None
    credit: float
    factor: float
    points: float
    worth: float
    reason: str
    confidence: str


@dataclass(frozen=True)
class StepScore:
    step: int
    points: float
    of: float


@dataclass(frozen=True)
class Deduction:
    """`points` as the rules say; all together take at most half of what was earned."""

    kind: str
    points: float
    figure: str
    reason: str


@dataclass(frozen=True)
class EstimateLine:
    """One estimate. `off`: log10(estimate / reference); `ratio`: None where it cannot be told."""

    name: str
    estimate: float
    reference: float | None
    unit: str
    source: str
    ratio: float | None
    off: float | None
    credit: float


@dataclass(frozen=True)
class ClaimLine:
    """One reading of the own run."""

    text: str
    scope: str
    verdict: str
    figure: str
    retracted: bool


@dataclass(frozen=True)
class Standing:
    """Score, interval and band at one level. `between`: the bands that the interval spans; one, if it spans none."""

    score: float
    interval: tuple[float, float]
    band: Band
    between: tuple[Band, ...]


@dataclass(frozen=True)
class Report:
    """Everything. Same transcript, same rubric, same reader: the same, byte for byte."""

    transcript: str
    level: Level
    score: float
    interval: tuple[float, float]
    band: Band
    between: tuple[Band, ...]
    summary: str
    earned: float
    deducted: float
    steps: tuple[StepScore, ...]
    deductions: tuple[Deduction, ...]
    caps: tuple[str, ...]
    """What keeps the band down, the lowest first."""
    failed_gates: tuple[tuple[str, ...], ...]
    """Of each gate that was not passed the criteria, of which one would have sufficed."""
    lines: tuple[Line, ...]
    estimates: tuple[EstimateLine, ...]
    bias: float | None
    """Median of log10(estimate / reference): above 0, too high."""
    spread: float | None
    claims: tuple[ClaimLine, ...]
    idle: tuple[str, ...]
    other_levels: dict[str, Standing]
    not_read: tuple[str, ...]
    not_judged: tuple[str, ...]
    limits: str
    rubric: str
    reader: str

    def to_json(self) -> dict[str, Any]:
        """JSON types, numbers rounded so that they are the same everywhere."""
        told: dict[str, Any] = _rounded(asdict(self))
        return told


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    if isinstance(value, float):
        return None if value in (float("inf"), float("-inf")) else round(value, 4)
    return value
