"""The thirty claims of the design texts, grouped by what they are about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from engine.experiments.claims.check import check_claims
from engine.experiments.claims.claim import Claim, Figure
from engine.experiments.claims.declared import DECLARED
from lessons.capacity.consequences import CONSEQUENCES
from lessons.capacity.measuring import Told

TOPICS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "How much arrives": ("C03", "C08", "C11", "C12"),
        "Pushing a post": ("C04", "C05", "C07", "C13", "C14", "C18", "C29"),
        "Pulling a page, and choosing": ("C01", "C02", "C06", "C20", "C21"),
        "Storing and spreading": ("C10", "C15", "C19", "C22", "C30"),
        "Promises": ("C09", "C16", "C17", "C26"),
        "When something goes wrong": ("C23", "C24", "C25", "C27", "C28"),
    }
)
"""Ids under the question that they answer; each stands once."""


@dataclass(frozen=True)
class Line:
    """One claim as a table shows it; until it is checked, formula and measured say so."""

    id: str
    says: str
    text_says: str
    formula: str = "not yet"
    measured: str = "not yet"
    why: str = ""
    run: str = ""

    @property
    def consequences(self) -> tuple[str, ...]:
        """Names of this page's lines with the same figure."""
        return tuple(name for name, each in CONSEQUENCES.items() if self.id in each.claims)


def declared_lines() -> dict[str, Line]:
    """All claims as the texts make them, and what is missing to check them."""
    return {
        each.id: Line(each.id, each.says, _said(each.figure, each.source), why=_missing(each.missing))
        for each in DECLARED
    }


def checked_lines(claims: Sequence[Claim]) -> dict[str, Line]:
    """All claims with what came out of them."""
    return {claim.id: _checked(claim) for claim in claims}


def check(told: Told = lambda _: None) -> dict[str, Line]:
    """Compute and measure all of them, some ten seconds; the same at every call. `told`: as of `measure`."""
    return checked_lines(check_claims(_counted(told)))


def _counted(told: Told) -> Callable[[str], None]:
    """Tells the share of claims that were begun."""
    ids = [each.id for each in DECLARED]

    def progress(line: str) -> None:
        if line[:3] in ids:
            told(ids.index(line[:3]) / len(ids))

    return progress


def _checked(claim: Claim) -> Line:
    declared, finding = claim.declared, claim.finding
    return Line(
        id=claim.id,
        says=declared.says,
        text_says=_said(declared.figure, declared.source),
        formula=_figures(finding.formula) or "none",
        measured=_figures(finding.measured) or "not measured",
        why=" ".join(part for part in (finding.why, _missing(declared.missing)) if part),
        run=finding.run,
    )


def _said(figure: str, source: str) -> str:
    return f"{figure} (seed {source})" if figure else f"no figure (seed {source})"


def _missing(missing: str) -> str:
    return f"Not yet here: {missing}." if missing else ""


def _figures(figures: Sequence[Figure]) -> str:
    return "; ".join(map(str, figures))
