"""The tables of datasets/README.md, so that what tests compare with is what people read.

test_measure.py holds the tables to what the command measures; the real rows only where the real files are.
"""

from pathlib import Path

import numpy as np

from engine.domain import F64

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
README = ROOT / "datasets" / "README.md"


def table(first_column: str) -> dict[str, dict[str, str]]:
    """The table whose first column has this name: its rows by their first cell, cells by their column."""
    lines = iter(README.read_text().splitlines())
    columns = next(_cells(line) for line in lines if line.startswith(f"| {first_column} |"))
    next(lines)  # the ruled line
    rows = {}
    for line in lines:
        if not line.startswith("|"):
            break
        name, *cells = _cells(line)
        rows[name] = dict(zip(columns[1:], cells, strict=True))
    return rows


def number(cell: str) -> float:
    """What a cell says: `1,234`, `45%`, `2.6 h`, `x 5.1`."""
    bare = cell.replace(",", "").removesuffix(" h").removeprefix("x ")
    return float(bare[:-1]) / 100 if bare.endswith("%") else float(bare)


def real_cascades(column: str) -> F64:
    """One column over the 16 real cascades, shape (16,)."""
    return np.array([number(row[column]) for name, row in table("cascade").items() if name.startswith("RT")])


def real_hours() -> F64:
    """The median days of the four volume files, shape (4, 24)."""
    rows = table("level in hour")
    return np.array([[number(cell) for cell in row.values()] for name, row in rows.items() if name.endswith(".csv")])


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
