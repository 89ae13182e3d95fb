"""All rows by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tests.bench import country, deliveries, fanout, growth, memory, queues
from tests.bench.row import Row, Skipped

Measure = Callable[[bool], Row | Skipped]
"""Measures a row; in the short form if true: fewer rounds of smaller pieces."""


ROWS: Mapping[str, Measure] = MappingProxyType(
    {
        "mm1": queues.mm1,
        "mm4": queues.mm4,
        "redis-lua": deliveries.lua,
        "redis-pipelined": deliveries.pipelined,
        "celebrity": fanout.celebrity,
        "small-posts": fanout.small_posts,
        "growth": growth.growth,
        "bytes-classroom": memory.in_classroom,
        "bytes-country": memory.in_country,
        "twitter-2012": lambda _: country.real_time("twitter-2012", floor=2, aim=4),
        "seed-004": lambda _: country.real_time("seed-004", floor=1, aim=2),
    }
)
SHORT = ("mm1", "mm4", "redis-lua", "celebrity", "small-posts", "growth")
"""What takes seconds together in the short form."""
