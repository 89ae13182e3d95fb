"""The claims as people read them, one line each, and as a program does."""

import json
from collections.abc import Sequence

from engine.experiments.claims.claim import Claim, Figure

HEADINGS = ("id", "claim", "seed says", "formula", "measured here", "run", "why it differs, what is missing")


def as_table(claims: Sequence[Claim]) -> str:
    """An aligned table, id first; a cell that has nothing to say is blank. Long lines: `| less -S`."""
    lines = [HEADINGS, *(_cells(claim) for claim in claims)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(line.rstrip() for line in padded)


def as_json(claims: Sequence[Claim]) -> str:
    """One object, {"claims": [...]}, in the same order."""
    return json.dumps({"claims": [claim.to_json() for claim in claims]})


def _cells(claim: Claim) -> tuple[str, ...]:
    declared, finding = claim.declared, claim.finding
    why = " ".join(part for part in (finding.why, claim.not_yet) if part)
    seed = f"{declared.figure} [{declared.source}]".strip()
    return (claim.id, declared.says, seed, _list(finding.formula), _list(finding.measured), finding.run, why)


def _list(figures: Sequence[Figure]) -> str:
    return "; ".join(str(figure) for figure in figures)
