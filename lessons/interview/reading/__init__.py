"""Free text without a model: what a candidate wrote, as claims with their places in the text, and what they earn."""

from lessons.interview.reading.claims import Claim
from lessons.interview.reading.guards import Opposed, built_only
from lessons.interview.reading.patterns import Credit, Part, Pattern, Shape, credit, patterns
from lessons.interview.reading.quantities import Quantity
from lessons.interview.reading.reading import Reading, Unread, read
from lessons.interview.reading.sources import Shingles, school, shingles_of
from lessons.interview.reading.tables import digest

__all__ = [
    "Claim",
    "Credit",
    "Opposed",
    "Part",
    "Pattern",
    "Quantity",
    "Reading",
    "Shape",
    "Shingles",
    "Unread",
    "built_only",
    "credit",
    "digest",
    "patterns",
    "read",
    "school",
    "shingles_of",
]
