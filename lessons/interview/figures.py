"""Numbers of a run by their path (`home_ms.p99`, `stations.workers.util`), with units, in real units."""

from collections.abc import Mapping
from typing import Any

from lessons.interview.measured import Part
from lessons.interview.units import FIGURES, IN_SUMMARY, SCALED


def figure(part: Part | None, path: str, scale: float = 1.0) -> float | None:
    """One number of a run, in real units; None if it was not measured."""
    if part is None:
        return None
    unit = FIGURES.get(path, "")
    value: Any = part.summary if path in IN_SUMMARY else part
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    if not unit or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value * scale if unit in SCALED else float(value)


def measured(part: Part) -> bool:
    """Whether anything was: a run that is there but empty is none."""
    return bool(part.model_fields_set - {"config", "load"})


def told(value: float | None, unit: str = "", missing: str = "not measured") -> str:
    """A number as a report shows it, with its unit; `missing`: what is said of none."""
    if value is None:
        return missing
    shown = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{shown} {unit}".rstrip()
