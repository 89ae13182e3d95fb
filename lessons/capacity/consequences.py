"""What follows from the assumptions, each declared once: its formula is what is computed and what is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Literal, get_args

from lessons.capacity.assumptions import ASSUMED, UNITS, Assumptions
from lessons.capacity.figures import with_unit
from lessons.capacity.formula import Formula
from lessons.capacity.units import Unit, parse_unit

Part = Literal["How much arrives", "What push writes", "What reads touch", "What is stored", "Machines", "Money"]


@dataclass(frozen=True)
class Constant:
    """A number that nobody assumes."""

    label: str
    value: float
    unit: str


CONSTANTS: Mapping[str, Constant] = MappingProxyType(
    {
        "day_s": Constant("seconds a day", 86_400, "s/day"),
        "us_s": Constant("microseconds a second", 1e6, "us/s"),
        "us_ms": Constant("microseconds a millisecond", 1e3, "us/ms"),
        "whole": Constant("100 %", 100, "%"),
        "byte_gb": Constant("bytes a gigabyte", 1e9, "bytes/GB"),
        "day_year": Constant("days a year", 365, "days/year"),
        "min_month": Constant("minutes a month", 43_800, "min/month"),
        "h_month": Constant("hours a month", 730, "h/month"),
        "one_copy": Constant("one copy", 1, "x"),
        "body": Constant("one body a copy", 1, "post/copy"),
    }
)
"""By the names that formulas have for them."""


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """One line of the estimate. `unit`: as shown; its formula must come out at it."""

    name: str
    label: str
    unit: str
    formula: Formula
    part: Part
    claims: tuple[str, ...] = ()
    """Of claims.md, whose figure this is."""
    note: str = ""

    @property
    def words(self) -> str:
        """The formula in words."""
        return self.formula.written(LABELS)


def _then(
    part: Part, name: str, label: str, unit: str, formula: str, claims: str = "", note: str = ""
) -> Consequence:  # fmt: skip
    return Consequence(
        name=name, label=label, unit=unit, formula=Formula(formula), part=part, claims=tuple(claims.split()), note=note
    )


_arrives, _pushed, _read, _stored, _machines, _billed = (partial(_then, part) for part in get_args(Part))

DECLARED = (
    _arrives("posts_day", "posts a day", "posts/day", "people * posts_each", "C08 C11"),
    _arrives("posts_s", "posts a second", "posts/s", "posts_day / day_s", "C08 C11"),
    _arrives("posts_peak", "posts at peak", "posts/s", "posts_s * peak", "C03 C08 C11"),
    _arrives("reads_day", "home reads a day", "reads/day", "posts_day * reads_per_post", "C12"),
    _arrives("reads_s", "home reads a second", "reads/s", "reads_day / day_s", "C02 C12"),
    _arrives("reads_peak", "home reads at peak", "reads/s", "reads_s * read_peak", "C03 C12"),
    _arrives(
        "down_month", "time it may be down", "min/month",
        "min_month * (whole - availability) / whole", "C09",
    ),
    _arrives(
        "failed_day", "reads that may fail a day", "reads/day",
        "reads_day * (whole - availability) / whole", "C09",
    ),
    _pushed(
        "copies_post", "copies of a post", "copies/post", "follows * author_skew", "C13",
        "Write amplification. The mean is over posts, not over people.",
    ),
    _pushed("inserts_day", "inserts a day", "inserts/day", "posts_day * copies_post", "C13"),
    _pushed("inserts_s", "inserts a second", "inserts/s", "inserts_day / day_s", "C13"),
    _pushed("inserts_peak", "inserts at peak", "inserts/s", "inserts_s * peak", "C13"),
    _pushed(
        "hybrid_s", "inserts of a hybrid", "inserts/s",
        "inserts_s * (whole - pulled_share) / whole", "C14 C20", "Above the line a post costs no inserts.",
    ),
    _pushed(
        "drain_s", "inserts that these workers manage", "inserts/s", "workers * us_s / write_us",
        "C04 C07",
    ),
    _pushed(
        "largest_s", "one push of the largest account", "s/post", "largest / drain_s", "C05 C07 C18",
        "While nobody else posts.",
    ),
    _read(
        "rows_pull", "rows of a pulled page", "rows/read", "follows * recent", "C01",
        "No list is ready: all whom the reader follows are asked.",
    ),
    _read("pull_s", "rows a second if all is pulled", "rows/s", "rows_pull * reads_s", "C02"),
    _read(
        "push_s", "rows a second if lists are ready", "rows/s", "page * reads_s", "",
        "A ready list has the page's rows and no others.",
    ),
    _read(
        "rows_hybrid", "rows of a hybrid page", "rows/read", "page + celebrities * recent", "C06 C20"
    ),
    _read(
        "celebrity_ms", "time that celebrities add to a read", "worker ms/read",
        "celebrities * author_us / us_ms", "C06", "One after the other; asked in one request it is less.",
    ),
    _read(
        "even_reads", "reads a post where push and pull cost the same", "reads/post",
        "copies_post * write_us / (follows * author_us)", "C21", "With more reads than that, push is cheaper.",
    ),
    _read(
        "bodies_s", "bodies asked of the database", "rows/s",
        "push_s * (whole - hit_rate) / whole", "C22",
    ),
    _stored("posts_gb_day", "posts, one copy", "GB/day", "posts_day * payload / byte_gb", "C15"),
    _stored(
        "copies_kept", "copies kept", "x", "copies if keep_copies else one_copy", "C15"
    ),
    _stored("kept_gb_day", "posts, all copies", "GB/day", "posts_gb_day * copies_kept", "C15"),
    _stored(
        "hot_gb", "posts on fast disks", "GB",
        "kept_gb_day * day_year * (min(retention, cold_after) if cold_posts else retention)",
    ),
    _stored("cold_gb", "posts kept cold", "GB", "kept_gb_day * day_year * retention - hot_gb"),
    _stored(
        "bodies_gb_day", "bodies, if lists held them", "GB/day", "inserts_day * body * payload / byte_gb",
        "C22", "Kept apart, a body is stored once for all lists.",
    ),
    _stored("list_bytes", "one list", "bytes/person", "cap * entry_bytes", "C19"),
    _stored(
        "listed", "people with a list", "people",
        "accounts * active_share / whole if lists_for_active else accounts",
    ),
    _stored("lists_gb", "lists in memory", "GB", "listed * list_bytes / byte_gb * copies_kept", "C19"),
    _stored("follows_all", "follows", "follows", "accounts * follows"),
    _stored("graph_gb", "who follows whom", "GB", "follows_all * follow_bytes / byte_gb * copies_kept"),
    _machines(
        "workers_peak", "workers that write at peak", "workers", "inserts_peak * write_us / us_s", "C02 C07",
        "All of them busy all the time; leave room.",
    ),
    _machines("readers_peak", "machines that answer at peak", "workers", "reads_peak * read_us / us_s", "C02"),
    _billed(
        "machines_usd", "machines for the peak", "USD/month",
        "(workers_peak + readers_peak) * h_month * machine_usd", "", "As if both peaks came at once.",
    ),
    _billed("lists_usd", "lists in memory", "USD/month", "lists_gb * memory_usd"),
    _billed(
        "posts_usd", "posts stored", "USD/month",
        "hot_gb * disk_usd + cold_gb * cold_usd", "", "At the end of the years kept.",
    ),
    _billed(
        "total_usd", "the whole bill", "USD/month",
        "machines_usd + lists_usd + posts_usd", "", "No network, no pictures, no people to run it.",
    ),
)  # fmt: skip
"""In an order in which each needs only those above it."""

CONSEQUENCES: Mapping[str, Consequence] = MappingProxyType({each.name: each for each in DECLARED})
LABELS: Mapping[str, str] = MappingProxyType(
    {name: each.label for name, each in CONSTANTS.items()}
    | {name: each.label for name, each in ASSUMED.items()}
    | {name: each.label for name, each in CONSEQUENCES.items()}
)
"""Every name that stands in a formula, as people read it."""


@dataclass(frozen=True)
class Sheet:
    """All consequences of some assumptions."""

    assumptions: Assumptions
    values: Mapping[str, float]
    """By name; constants and assumptions among them."""

    def value(self, name: str) -> float:
        """Of one consequence, in its unit."""
        return self.values[name]

    def shown(self, name: str) -> str:
        """Value and unit, as people write them."""
        return with_unit(self.values[name], shown_unit(name))

    def filled(self, name: str) -> str:
        """The formula with its numbers in it."""
        return CONSEQUENCES[name].formula.written(self._numbers())

    def _numbers(self) -> dict[str, str]:
        return {name: self._number(name) for name in self.values}

    def _number(self, name: str) -> str:
        if name in ASSUMED and ASSUMED[name].switch:
            return LABELS[name]
        return with_unit(self.values[name], _unit_shown(name).removeprefix("x"))


def _unit_shown(name: str) -> str:
    if name in CONSTANTS:
        return CONSTANTS[name].unit
    return ASSUMED[name].unit if name in ASSUMED else shown_unit(name)


def evaluate(assumptions: Assumptions) -> Sheet:
    """Compute every consequence, from its formula and from nothing else."""
    values: dict[str, float] = {name: each.value for name, each in CONSTANTS.items()}
    values |= assumptions.values()
    for each in DECLARED:
        values[each.name] = each.formula.value(values)
    return Sheet(assumptions, MappingProxyType(values))


def shown_unit(name: str) -> str:
    """Of a consequence, as people write it: machine time of a read is time."""
    return CONSEQUENCES[name].unit.removeprefix("worker ")


def unit_of(name: str) -> Unit:
    """The unit that a consequence's formula comes out at, found by algebra from the units of what is in it."""
    units = {constant: parse_unit(each.unit) for constant, each in CONSTANTS.items()} | dict(UNITS)
    for each in DECLARED:
        units[each.name] = each.formula.unit(units)
        if each.name == name:
            break
    return units[name]
