"""Capacity: from a design's assumptions to every rate, size and cost, beside the engine at the same ratios.

sheet = evaluate(PRESETS["seed-004"].assumptions)
sheet.shown("inserts_s")                            # "694,444 inserts/s"
measure(PRESETS["seed-004"].assumptions).rows       # the engine at the same ratios
"""

from lessons.capacity.apart import check_apart, measure_apart
from lessons.capacity.assumptions import ASSUMED, Assumptions, find_assumption
from lessons.capacity.claims import TOPICS, Line, declared_lines
from lessons.capacity.consequences import CONSEQUENCES, Consequence, Sheet, evaluate, shown_unit
from lessons.capacity.export import as_json, as_markdown, headline, measured_line, source_of, value_of
from lessons.capacity.figures import figure, room, with_unit
from lessons.capacity.link import PARAMS, PRESET, Asked, asked_in, of_preset
from lessons.capacity.measuring import BESIDE, Measured, Row, Told, basis, measure
from lessons.capacity.presets import FIRST, PRESETS
from lessons.capacity.prices import PRICES
from lessons.capacity.tiers import TIERS, Bill, bills

__all__ = [
    "ASSUMED",
    "BESIDE",
    "CONSEQUENCES",
    "FIRST",
    "PARAMS",
    "PRESET",
    "PRESETS",
    "PRICES",
    "TIERS",
    "TOPICS",
    "Asked",
    "Assumptions",
    "Bill",
    "Consequence",
    "Line",
    "Measured",
    "Row",
    "Sheet",
    "Told",
    "as_json",
    "as_markdown",
    "asked_in",
    "basis",
    "bills",
    "check_apart",
    "declared_lines",
    "evaluate",
    "figure",
    "find_assumption",
    "headline",
    "measure",
    "measure_apart",
    "measured_line",
    "of_preset",
    "room",
    "shown_unit",
    "source_of",
    "value_of",
    "with_unit",
]
