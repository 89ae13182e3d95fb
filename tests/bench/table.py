"""The rows as a table for a terminal, or as JSON; ahead of them what the machine is."""

import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.experiments.calibrate import machine
from tests.bench.row import Row, Skipped

_HEAD = ("row", "ratio", "spread", "floor", "aim", "", "ours", "reference", "unit")
_HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
_WIDE = 118


def surroundings() -> dict[str, Any]:
    """What ratios depend on: processor, cores, SIMD level (the widest that numpy uses last), huge pages."""
    pages = _HUGE_PAGES.read_text("utf-8").strip() if _HUGE_PAGES.exists() else "unknown"
    return {**machine(), "huge_pages": pages}


def as_json(rows: Sequence[Row | Skipped], clock: str) -> str:
    """Everything as one JSON object."""
    told = [{**asdict(row), "holds": row.holds} if isinstance(row, Row) else asdict(row) for row in rows]
    return json.dumps({"machine": surroundings(), "clock": clock, "rows": told})


def as_table(rows: Sequence[Row | Skipped], clock: str) -> str:
    """One line for each row, and below what each compares."""
    cells = [_HEAD, *map(_cells, rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(_HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    here = surroundings()
    simd = here["simd"].split()[-1] if here["simd"] else "none"
    head = f"{here['cpu']}, {here['cores']} cores, numpy {here['numpy']} with {simd}, huge pages {here['huge_pages']}"
    return "\n".join([head, f"{clock}; the best of several rounds in turns", "", *lines, "", *map(_told, rows)])


def _cells(row: Row | Skipped) -> tuple[str, ...]:
    if isinstance(row, Skipped):
        return (row.name, "-", "", "", "", "skipped", "", "", "")
    bound = "<=" if row.at_most else ">="
    return (
        row.name,
        short(row.ratio),
        f"{short(row.spread[0])} - {short(row.spread[1])}",
        f"{bound} {row.floor:g}",
        f"{bound} {row.aim:g}" if row.aim is not None else "",
        "holds" if row.holds else "DOES NOT HOLD",
        short(row.ours),
        short(row.reference),
        row.unit,
    )


def _told(row: Row | Skipped) -> str:
    if isinstance(row, Skipped):
        told = f"{row.name}: skipped, {row.reason}."
    else:
        told = f"{row.name}: {row.what}." + (f" WRONG: {row.wrong}." if row.wrong else "")
    return textwrap.fill(told, _WIDE, subsequent_indent="  ")


def short(number: float) -> str:
    """Three figures: `12.3M`, `187k`, `0.413`."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g}{letter}" if number < 1e3 * size else f"{number / size:,.0f}{letter}"
    return f"{number:.3g}"
