"""The candidate's design, run: in a small world, on the load that follows from their own assumptions."""

from lessons.interview.runs.design import Design, config_diff, design_of
from lessons.interview.runs.drawn import NEW_REQUIREMENTS, UNFORESEEN_LOADS, VARIANTS, Drawn, Variant, drawn
from lessons.interview.runs.moves import MOVES, Move
from lessons.interview.runs.ran import First, Mark, Points, Ran
from lessons.interview.runs.stages import Told, config_of_change, first, last, second, together

__all__ = [
    "MOVES",
    "NEW_REQUIREMENTS",
    "UNFORESEEN_LOADS",
    "VARIANTS",
    "Design",
    "Drawn",
    "First",
    "Mark",
    "Move",
    "Points",
    "Ran",
    "Told",
    "Variant",
    "config_diff",
    "config_of_change",
    "design_of",
    "drawn",
    "first",
    "last",
    "second",
    "together",
]
