"""What the rows of the short form usually come to: medians of five runs. A row at half of it has lost something.

Ratios, so that they move little from machine to machine; measured on 2 cores with AVX-512.
"""

from collections.abc import Mapping
from types import MappingProxyType

MEASURED = "2026-11-22"
TYPICAL: Mapping[str, float] = MappingProxyType(
    {"mm1": 220, "mm4": 23.4, "redis-lua": 135, "celebrity": 0.2, "small-posts": 0.38, "growth": 4.03}
)
"""By row; of growth, which is to be low, it is twice as much that is too much."""
