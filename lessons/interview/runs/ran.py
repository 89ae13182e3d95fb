"""One run of the candidate's design, with the series that its charts are drawn from; plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lessons.interview.base import as_tuples
from lessons.interview.measured import Part
from lessons.interview.transcript import Knobs

Points = tuple[list[float], list[float]]
"""(virtual seconds, values in the metric's unit), of one length; where nothing was counted the value is None in JSON
and NaN here."""
Mark = tuple[float, float, str]
"""(from, until, what) in virtual seconds; equal where it is over at once."""


@dataclass(frozen=True)
class Ran:
    """What came out of one run. `scope`: "base", "change_before", "change_after", "U1" to "U6", "shard_down"."""

    scope: str
    part: Part
    series: Mapping[str, Points] = field(default_factory=dict)
    """By name of the metric, in units of the small world."""
    marks: tuple[Mark, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "scope": self.scope,
            "part": self.part.model_dump(mode="json", exclude_none=True),
            "series": {name: [seconds, _gaps(values)] for name, (seconds, values) in self.series.items()},
            "marks": [list(mark) for mark in self.marks],
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> "Ran":
        """What `to_json` told."""
        series = {
            name: (list(seconds), [float("nan") if one is None else one for one in values])
            for name, (seconds, values) in told["series"].items()
        }
        marks = tuple((float(since), float(until), str(what)) for since, until, what in told["marks"])
        return cls(told["scope"], Part.model_validate(as_tuples(told["part"])), series, marks)


@dataclass(frozen=True)
class First:
    """What is run after step 5. `variant`: the new requirement that bites; `why`: how that was found."""

    knobs: Knobs
    """The design as settings of the small world."""
    scale: float
    notes: tuple[str, ...]
    """What the run had to assume, in sentences."""
    variant: str
    why: str
    ran: tuple[Ran, ...]


def _gaps(values: list[float]) -> list[float | None]:
    return [None if one != one else one for one in values]
