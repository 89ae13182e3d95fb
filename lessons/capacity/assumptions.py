"""What a design assumes, each declared once: label, unit, default, bounds, and where the number comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Literal

from engine.errors import InvalidField
from lessons.capacity.figures import figure
from lessons.capacity.prices import PRICES
from lessons.capacity.units import Unit, parse_unit

Group = Literal["main", "posts", "reads", "lists", "money", "tiers"]
_ON, _OFF = ("on", "true", "1"), ("off", "false", "0")


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One assumption as data."""

    name: str
    label: str
    """A short noun phrase: it stands in formulas, too."""
    unit: str
    dimension: str
    """The unit as algebra needs it, where people would write a shorter one."""
    default: float | bool
    lo: float
    hi: float
    group: Group
    source: str
    help: str = ""

    @property
    def switch(self) -> bool:
        """On or off, and no number."""
        return isinstance(self.default, bool)

    @property
    def allowed(self) -> str:
        """In words: "from 1 to 10 billion people"."""
        if self.switch:
            return "on, off"
        return f"from {figure(self.lo)} to {figure(self.hi)} {self.unit}".rstrip()

    def check(self, value: float | bool) -> float | bool:
        """The value itself.

        Raises:
            InvalidField: out of bounds, or of the wrong kind; `field` is the name.
        """
        fits = isinstance(value, bool) if self.switch else not isinstance(value, bool) and self.lo <= value <= self.hi
        if not fits:
            shown = value if self.switch else figure(value)
            raise InvalidField(
                self.name, f"{self.label[:1].upper()}{self.label[1:]}: {shown}; allowed: {self.allowed}."
            )
        return value

    def parse(self, text: str) -> float | bool:
        """A value as written in an address or on a command line.

        Raises:
            InvalidField: no number, or one out of bounds.
        """
        if self.switch:
            word = text.strip().lower()
            if word not in (*_ON, *_OFF):
                raise InvalidField(self.name, f"{self.name} is {text!r}; allowed: on, off.")
            return word in _ON
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if value != value:
            raise InvalidField(self.name, f"{self.name} is {text!r}; allowed: a number {self.allowed}.")
        return self.check(value)


def _number(
    default: float, label: str, unit: str, lo: float, hi: float, group: Group, source: str, *,
    dimension: str | None = None, help: str = "",
) -> Any:  # fmt: skip
    return field(
        default=default,
        metadata={
            "label": label, "unit": unit, "dimension": unit if dimension is None else dimension, "lo": lo, "hi": hi,
            "group": group, "source": source, "help": help,
        },
    )  # fmt: skip


def _switch(default: bool, label: str, help: str, source: str) -> Any:
    return field(
        default=default,
        metadata={
            "label": label, "unit": "", "dimension": "", "lo": 0, "hi": 1, "group": "tiers", "source": source,
            "help": help,
        },
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """One design's numbers; the defaults are those of seed 004.

    Raises InvalidField for a value out of bounds.
    """

    people: float = _number(
        100e6, "people a day", "people", 1, 1e10, "main", "seed 004, scale",
        help="Daily active users (DAU): who opens the app on a day.",
    )  # fmt: skip
    posts_each: float = _number(
        3, "posts each", "posts/person/day", 1e-4, 1e4, "main", "seed 004: 300M posts of 100M people",
        help="Times the people a day: all posts of a day.",
    )  # fmt: skip
    reads_per_post: float = _number(
        500 / 3, "reads a post", "reads/post", 0.01, 1e4, "main", "seed 004: 50B reads for 300M posts",
        help="The read:write ratio: home pages opened for each post.",
    )  # fmt: skip
    follows: float = _number(
        200, "follows a person", "accounts", 1, 1e5, "main", "seed 004 (C13)", dimension="follows/person",
        help="Mean over people. It is the mean number of followers, too: every follow has two ends.",
    )  # fmt: skip
    payload: float = _number(
        1_000, "size of a post", "bytes/post", 1, 1e6, "main", "seed 004, storage (C15); 1 KB as 1,000 bytes"
    )
    peak: float = _number(
        10, "peak of posts", "x", 1, 100, "main", "seeds 001 and 004 (C03)",
        help="Posts in the busiest second over posts in a mean one.",
    )  # fmt: skip
    retention: float = _number(5, "years kept", "years", 0.1, 100, "main", "assumed: no seed says; change it")
    machine_usd: float = _number(
        PRICES["machine"].usd, "price of a machine", PRICES["machine"].per, 0, 1_000, "main", str(PRICES["machine"]),
        dimension="USD/worker/h",
    )  # fmt: skip

    author_skew: float = _number(
        1, "followers of posts over followers of people", "x", 0.01, 100, "posts",
        "seed 004 takes both for the same (C13)", dimension="person/post",
        help="Above 1 where those with many followers post more: fan-out multiplies by followers of a *post*.",
    )  # fmt: skip
    write_us: float = _number(
        25.1, "time of one insert", "us", 0.1, 1e6, "posts",
        "Redis documentation, 10,000 commands in one pipeline in 0.251 s (C04); seed 001 says 1,000 us",
        dimension="worker us/copy", help="Machine time of a worker to write one copy.",
    )  # fmt: skip
    workers: float = _number(
        100, "workers on one push", "workers", 1, 1e6, "posts", "assumed, as in C05; change it"
    )  # fmt: skip
    largest: float = _number(
        10e6, "followers of the largest account", "followers", 1, 1e10, "posts", "seed 004: 10M and more",
        dimension="copies/post",
    )  # fmt: skip
    pulled_share: float = _number(
        50, "share of copies above the line", "%", 0, 100, "posts",
        "three real graphs: the top 1 % of accounts hold 45 to 60 % of follows",
        help="Hybrid: these accounts are not pushed; their readers fetch them.",
    )  # fmt: skip

    read_peak: float = _number(
        8.64, "peak of reads", "x", 1, 100, "reads", "seed 004: 5M reads/s over a mean of 579K (C12)"
    )
    recent: float = _number(
        50, "posts fetched of an account", "rows", 1, 1_000, "reads", "seed 001 (C01)",
        dimension="rows person/follow/read",
    )  # fmt: skip
    page: float = _number(20, "posts on a page", "rows/read", 1, 1_000, "reads", "seed 001, limit=20")
    celebrities: float = _number(
        20, "celebrities a reader follows", "accounts", 0, 1e4, "reads", "seed 001 (C06)", dimension="follows/person"
    )
    author_us: float = _number(
        21, "time to ask one account", "us", 0.1, 1e6, "reads",
        "this engine's price list `datacentre`; seed 001 says 1,000 us (C06)",
        dimension="worker us person/follow/read",
    )  # fmt: skip
    read_us: float = _number(
        767, "time of one ready page", "us", 0.1, 1e6, "reads",
        "this engine's price list `datacentre`: list 21, bodies 546, and 200 at the gateway",
        dimension="worker us/read", help="Machine time of a page that is made from the ready list.",
    )  # fmt: skip
    hit_rate: float = _number(96.4, "bodies found in memory", "%", 0, 100, "reads", "Facebook TAO, 2013 (second-hand)")
    availability: float = _number(99.99, "availability", "%", 0, 100, "reads", "seed 001 (C09)")

    cap: float = _number(
        800, "entries in a list", "entries", 1, 1e5, "lists", "seed 003 (C19); Twitter, 2013",
        dimension="entries/person",
    )  # fmt: skip
    entry_bytes: float = _number(
        20, "size of an entry", "bytes/entry", 1, 1e4, "lists",
        "Twitter, 2013: ids of post and author, 8 bytes each, and 4 of flags",
    )  # fmt: skip
    accounts: float = _number(
        500e6, "accounts", "people", 1, 1e11, "lists", "assumed: five for each person a day; change it"
    )
    active_share: float = _number(
        30, "accounts that are active", "%", 0, 100, "lists", "Twitter, 2012: 150M of 505M accounts"
    )
    follow_bytes: float = _number(16, "size of a follow", "bytes/follow", 1, 1e4, "lists", "two ids of 8 bytes")
    copies: float = _number(3, "copies", "x", 1, 100, "lists", "seed 004 (C15); Twitter's lists, 2013")
    cold_after: float = _number(1, "years until a post is cold", "years", 0, 100, "lists", "seed 003, cost")

    memory_usd: float = _number(
        PRICES["memory"].usd, "price of memory", PRICES["memory"].per, 0, 1e4, "money", str(PRICES["memory"])
    )
    disk_usd: float = _number(
        PRICES["disk"].usd, "price of fast disks", PRICES["disk"].per, 0, 1e4, "money", str(PRICES["disk"])
    )
    cold_usd: float = _number(
        PRICES["cold"].usd, "price of cold storage", PRICES["cold"].per, 0, 1e4, "money", str(PRICES["cold"])
    )

    keep_copies: bool = _switch(
        True, "several copies are kept", "One copy is lost with its disk; this is what not losing it costs.", "seed 004"
    )
    lists_for_active: bool = _switch(
        False, "lists are kept for active people only",
        "Who comes back after a long time has a list made on the first read.", "seed 003; Twitter, 2013",
    )  # fmt: skip
    cold_posts: bool = _switch(
        False, "old posts are kept cold", "They are read so seldom that slow and cheap is enough.", "seed 003"
    )

    def __post_init__(self) -> None:
        for declared in ASSUMED.values():
            declared.check(getattr(self, declared.name))

    def values(self) -> dict[str, float | bool]:
        """All of them by name."""
        return {name: getattr(self, name) for name in ASSUMED}

    def with_changes(self, changes: Mapping[str, float | bool]) -> "Assumptions":
        """A copy with some of them changed.

        Raises:
            InvalidField: a name that does not exist, or a value out of bounds.
        """
        for name in changes:
            find_assumption(name)
        return replace(self, **changes)  # type: ignore[arg-type]


def _declared() -> dict[str, Declared]:
    specs: list[tuple[str, Any, Mapping[str, Any]]] = [(s.name, s.default, s.metadata) for s in fields(Assumptions)]
    return {name: Declared(name=name, default=default, **about) for name, default, about in specs}


ASSUMED: Mapping[str, Declared] = MappingProxyType(_declared())
"""All assumptions by name, in their order."""
UNITS: Mapping[str, Unit] = MappingProxyType({name: parse_unit(each.dimension) for name, each in ASSUMED.items()})


def find_assumption(name: str) -> Declared:
    """The assumption of this name.

    Raises:
        InvalidField: there is none; the message lists those there are.
    """
    if name not in ASSUMED:
        raise InvalidField(name, f"There is no assumption {name!r}; allowed: {', '.join(ASSUMED)}.")
    return ASSUMED[name]
