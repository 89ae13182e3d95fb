"""Price lists: what each step of the request path costs, as a value that is loaded, checked, applied and saved.

A list names some of the `costs.*_us` knobs; those it does not name stay as the world has them. Two are built in
(BUILT_IN); `python -m engine calibrate` writes one for the machine it runs on.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.config import KNOBS, WorldConfig
from engine.errors import InvalidPrices

PRICES = tuple(name for name in KNOBS if name.startswith("costs.") and name.endswith("_us"))
"""What can have a price; `costs.scale` is not one."""


@dataclass(frozen=True, kw_only=True)
class PriceList:
    """One price list. `prices`: knob -> microseconds; `sources`: for any of them, one sentence on where it is from."""

    name: str
    date: str
    """ISO 8601: when it was measured, or written down."""
    prices: Mapping[str, float]
    sources: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)
    """What it was measured on; empty for lists from elsewhere."""
    kept: tuple[str, ...] = ()
    """Prices that it leaves alone, for people who read it."""

    def __post_init__(self) -> None:
        for part, kind, words in _PARTS:
            if not isinstance(getattr(self, part), kind):
                raise InvalidPrices(f"{part!r} is {getattr(self, part)!r}; it must be {words}.")
        if not self.name.strip():
            raise InvalidPrices("'name' is empty; a price list needs one, for the results that are made with it.")
        try:
            date.fromisoformat(self.date)
        except ValueError as error:
            raise InvalidPrices(f"'date' is {self.date!r}; it must be a day like 2026-11-21.") from error
        if not self.prices:
            raise InvalidPrices(f"'prices' is empty; allowed: {', '.join(PRICES)}.")
        for name, price in self.prices.items():
            _check_price(name, price)
        for part, names in (("sources", self.sources), ("kept", self.kept)):
            for name in names:
                if name not in PRICES:
                    raise InvalidPrices(f"{part!r} names {name!r}; allowed: {', '.join(PRICES)}.")
        for name, source in self.sources.items():
            if not isinstance(source, str):
                raise InvalidPrices(f"The source of {name} is {source!r}; it must be a text.")

    def apply(self, config: WorldConfig) -> WorldConfig:
        """The configuration with these prices; everything else, also `costs.scale`, as it was."""
        return config.with_knobs(self.prices)

    def label(self, config: WorldConfig) -> dict[str, Any]:
        """What a result says about the list it was made with; `overridden`: prices that a run has differently."""
        overridden = [name for name, price in self.prices.items() if config.knob(name) != price]
        return {"name": self.name, "date": self.date, "overridden": overridden}

    def to_json(self) -> str:
        """As a file holds it."""
        return json.dumps({**asdict(self), "kept": list(self.kept)}, indent=2, ensure_ascii=False) + "\n"


_OBJECT = "an object of names and values"
_PARTS: tuple[tuple[str, type, str], ...] = (
    ("name", str, "a text"),
    ("date", str, "a day like 2026-11-21"),
    ("prices", Mapping, _OBJECT),
    ("sources", Mapping, _OBJECT),
    ("machine", Mapping, _OBJECT),
    ("kept", tuple, "a list of names"),
)


def _check_price(name: str, price: Any) -> None:
    if name not in PRICES:
        raise InvalidPrices(f"There is no price {name!r}; allowed: {', '.join(PRICES)}.")
    knob = KNOBS[name]
    assert knob.lo is not None
    assert knob.hi is not None
    number = isinstance(price, int | float) and not isinstance(price, bool)
    if not number or not knob.lo <= price <= knob.hi:
        raise InvalidPrices(f"{name} is {price!r}; allowed: {knob.allowed}.")


def find_prices(name: str) -> PriceList:
    """The built-in list of this name, else the one in the file of this name (`./seed` for a file called seed).

    Raises:
        InvalidPrices: neither of them, or a file that is not a price list; names file and reason.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    if not Path(name).exists():
        raise InvalidPrices(f"There is no price list {name!r}; allowed: {', '.join(BUILT_IN)}, or a JSON file.")
    return load_prices(Path(name))


def load_prices(path: Path) -> PriceList:
    """The price list in a JSON file.

    Raises:
        InvalidPrices: a file that cannot be read or is not a price list; names file and reason.
    """
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidPrices(f"{path}: not UTF-8; a price list is a JSON text.") from error
    except OSError as error:
        raise InvalidPrices(f"{path}: cannot be read: {error.strerror or error}.") from error
    try:
        return _from_json(json.loads(text, object_pairs_hook=_once))
    except json.JSONDecodeError as error:
        raise InvalidPrices(f"{path}, line {error.lineno}: not JSON: {error.msg}.") from error
    except (RecursionError, ValueError) as error:  # what the parser of JSON has limits for
        raise InvalidPrices(
            f"{path}: nested too deeply or a number too long; a price list is a small thing."
        ) from error
    except InvalidPrices as error:
        raise InvalidPrices(f"{path}: {error}") from error


def save_prices(prices: PriceList, path: Path) -> None:
    """Write a price list as JSON; `InvalidPrices` where that is not possible."""
    try:
        path.write_text(prices.to_json(), "utf-8")
    except OSError as error:
        raise InvalidPrices(f"{path}: cannot be written: {error.strerror or error}.") from error


def _from_json(read: Any) -> PriceList:
    parts = [part for part, _, _ in _PARTS]
    if not isinstance(read, dict):
        raise InvalidPrices(f"A price list is an object with {', '.join(parts)}; this is not an object.")
    for part in read:
        if part not in parts:
            raise InvalidPrices(f"There is no part {part!r} in a price list; allowed: {', '.join(parts)}.")
    for part in ("name", "date", "prices"):
        if part not in read:
            raise InvalidPrices(f"{part!r} is missing; a price list has name, date and prices.")
    kept = read.get("kept", [])
    return PriceList(**{**read, "kept": tuple(kept) if isinstance(kept, list) else kept})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON in which nothing is said twice."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise InvalidPrices(f"{name!r} is given twice; each name may stand once.")
        made[name] = value
    return made


_DEAN = "J. Dean's latency numbers, as kept by J. Bonér (gist 2841832, 2012)"

_SEED = PriceList(
    name="seed",
    date="2026-11-21",
    prices={
        "costs.delivery_us": 1_000.0,
        "costs.list_write_us": 0.0,
        "costs.pull_us": 0.0,
        "costs.author_us": 1_000.0,
        "costs.row_us": 0.0,
    },
    sources={
        "costs.delivery_us": "1 ms a write, so 5,000 followers take 5 s (claim C07).",
        "costs.list_write_us": "Derived: it is part of the 1 ms of claim C07, and must not be charged twice.",
        "costs.pull_us": "Derived: the 20 x 1 ms of claim C06 leave nothing for the request itself.",
        "costs.author_us": "Pulling 20 celebrities adds 20 ms, so 1 ms each in sequence (claim C06).",
        "costs.row_us": "Derived: the 20 x 1 ms of claim C06 leave nothing for the rows.",
    },
)
"""What the design that interviews start from charges. Its batches (500 copies in 5 ms, C04) are 10 us a copy."""

_DATACENTRE = PriceList(
    name="datacentre",
    date="2026-11-21",
    prices={
        "costs.commit_us": 550.0,
        "costs.poll_us": 500.0,
        "costs.delivery_us": 5.0,
        "costs.list_write_us": 2.8,
        "costs.list_read_us": 21.0,
        "costs.pull_us": 500.0,
        "costs.author_us": 21.0,
        "costs.hydrate_us": 500.0,
        "costs.body_us": 2.3,
        "costs.miss_us": 500.0,
        "costs.miss_row_us": 150.0,
    },
    sources={
        "costs.commit_us": "Derived: a round trip of 500 us to a replica, and 12-58 us for an fsync on SSDs with "
        f"power-loss protection (smalldatum.blogspot.com 2026-01-07, second-hand); {_DEAN}.",
        "costs.poll_us": f"One round trip within a data centre: {_DEAN}.",
        "costs.delivery_us": "Derived: one round trip of 500 us shared by 100 copies, the chunk of Stream-Framework; "
        f"{_DEAN}.",
        "costs.list_write_us": "LPUSH at 360,101 a second, 16 in a pipeline, one server (S. Sanfilippo, gist 1892983, "
        "2012); the server's own time, without the round trip.",
        "costs.list_read_us": "LRANGE of 100 at 47,619 a second (gist docapotamus/ec5bf4806456712d56c6, 2014), so at "
        "most this for 20; the server's own time, without the round trip.",
        "costs.pull_us": f"One round trip within a data centre: {_DEAN}.",
        "costs.author_us": "Derived: the newest 50 posts of an author read like LRANGE of 100, at most "
        "(gist docapotamus/ec5bf4806456712d56c6, 2014).",
        "costs.hydrate_us": f"One round trip within a data centre: {_DEAN}.",
        "costs.body_us": "Derived: 230 bytes, the median object of Twitter's caches (Yang and others, OSDI 2020), at "
        f"10 us for 1 kB over 1 Gbit/s; {_DEAN}.",
        "costs.miss_us": f"One round trip within a data centre: {_DEAN}.",
        "costs.miss_row_us": f"4 kB read at random from an SSD: {_DEAN}.",
    },
    kept=("costs.gateway_us", "costs.row_us", "costs.timeout_us"),
)
"""Published figures, older and rounder than any machine; nobody published a gateway's time or that of one index row."""

BUILT_IN: Mapping[str, PriceList] = MappingProxyType({listed.name: listed for listed in (_SEED, _DATACENTRE)})
"""The lists that can be named on the command line."""
