"""A debrief as plain data: ten sections of blocks, in their order, and the parts that a page draws in its own way.

All strings are plain text, never markup; whoever draws them escapes them.
"""

from dataclasses import dataclass

from lessons.interview.base import Level
from lessons.interview.debrief.practices import Practice


@dataclass(frozen=True)
class Paragraph:
    """One or a few sentences."""

    text: str


@dataclass(frozen=True)
class Listed:
    """Lines of equal rank."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells, each row as long as `columns`."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Scale:
    """The score on the way from 0 to 100 points, its interval, and where the bands begin."""

    score: float
    low: float
    high: float
    band: str
    borders: tuple[tuple[str, float], ...]
    text: str
    """The same in words."""


@dataclass(frozen=True)
class Bar:
    """`value` of `of`, in points; `text`: the same in words."""

    label: str
    value: float
    of: float
    text: str


@dataclass(frozen=True)
class Bars:
    """A bar for each part of a whole."""

    caption: str
    rows: tuple[Bar, ...]


@dataclass(frozen=True)
class Ratio:
    """How far off an estimate is: log10(estimate / reference), above 0 too high."""

    label: str
    off: float
    text: str


@dataclass(frozen=True)
class Ratios:
    """Estimates around their references, on a scale of powers of ten."""

    caption: str
    rows: tuple[Ratio, ...]


@dataclass(frozen=True)
class Way:
    """One way through the design: boxes from left to right, each (name, what is known of it)."""

    label: str
    boxes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Flow:
    """The design as a diagram."""

    caption: str
    ways: tuple[Way, ...]


Block = Paragraph | Listed | Table | Scale | Bars | Ratios | Flow


@dataclass(frozen=True)
class Section:
    """`key`: its name for pages and addresses."""

    key: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Number:
    """One number of the base run beside what was promised of it. `met`: None where either is missing."""

    label: str
    value: str
    promise: str
    met: bool | None


@dataclass(frozen=True)
class Loss:
    """What was lost in one criterion, in four parts: the criterion with its credit, the evidence, the consequence in
    the run, the next action."""

    criterion: str
    title: str
    credit: str
    points: float
    """Lost, of the 100."""
    evidence: str
    consequence: str
    action: str

    @property
    def text(self) -> str:
        """All of it in one line."""
        return f"{self.criterion}, {self.credit}. {self.evidence} {self.consequence} {self.action}"


@dataclass(frozen=True)
class Debrief:
    """Everything. Same transcript, same report: the same, byte for byte."""

    interview: str
    level: Level
    mode: str
    title: str
    scale: Scale
    numbers: tuple[Number, ...]
    losses: tuple[Loss, ...]
    practices: tuple[Practice, ...]
    sections: tuple[Section, ...]
    versions: str
    """Of rubric and reader, for whoever compares two debriefs."""
