"""A claim is what a text says, what arithmetic says, and what this engine measures, on one line."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from engine.experiments.claims.scenes import Runs


@dataclass(frozen=True)
class Figure:
    """A number with its unit; `what` tells several figures of one claim apart."""

    value: float
    unit: str
    what: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (number(self.value), self.unit, self.what) if part)


def number(value: float) -> str:
    """As people write it: whole from 1,000 on, 99.99 as it is, else three digits: 0.174."""
    if value == int(value) or abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:g}" if value == round(value, 2) else f"{value:.3g}"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a text claims, in our words; `source` is the seed's number."""

    id: str
    source: str
    says: str
    figure: str
    """The text's own figure; "" where it states none."""
    missing: str = ""
    """What this engine still lacks to check it, or all of it."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What became of a claim. `run` says which world was run, and is there iff something was measured."""

    formula: tuple[Figure, ...] = ()
    measured: tuple[Figure, ...] = ()
    run: str = ""
    why: str = ""
    """Where the measured figure differs from the text's: what is to be learned from that."""


@dataclass(frozen=True)
class Claim:
    """One row of the table."""

    declared: Declared
    finding: Finding

    @property
    def id(self) -> str:
        """C01 to C30."""
        return self.declared.id

    @property
    def not_yet(self) -> str:
        """What is missing, as the table prints it; "" where nothing is."""
        return f"not yet: {self.declared.missing}" if self.declared.missing else ""

    def to_json(self) -> dict[str, Any]:
        """All of it, JSON types."""
        declared, finding = self.declared, self.finding
        return {
            "id": declared.id,
            "claim": declared.says,
            "source": f"seed {declared.source}",
            "seed": declared.figure,
            "formula": [asdict(figure) for figure in finding.formula],
            "measured": [asdict(figure) for figure in finding.measured],
            "run": finding.run,
            "why": finding.why,
            "not_yet": declared.missing,
        }


Check = Callable[[Runs], Finding]
"""Finds out about one claim; its docstring holds the formula and where the figures come from."""
