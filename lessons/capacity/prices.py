"""The dated price list, read from prices.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.errors import InvalidPrices

LIST = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, kw_only=True)
class Price:
    """One price, in US dollars; `assumed`: nobody asks this price, it is a number to begin with."""

    name: str
    usd: float
    per: str
    date: str
    """ISO 8601: when it was asked, or assumed."""
    source: str
    assumed: bool

    def __str__(self) -> str:
        return f"{self.source} ({self.date})"


def load_prices(path: Path = LIST) -> Mapping[str, Price]:
    """All prices of a list by name.

    Raises:
        InvalidPrices: a file that cannot be read, or a price without usd, per, date, source and assumed; names it.
    """
    try:
        read = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidPrices(f"{path.name}: not a price list: {error}.") from error
    return MappingProxyType({name: _price(path, name, entry) for name, entry in read.items()})


def _price(path: Path, name: str, entry: Any) -> Price:
    try:
        price = Price(name=name, **entry)
        date.fromisoformat(price.date)
    except (TypeError, ValueError) as error:
        raise InvalidPrices(
            f"{path.name}: price {name!r} needs usd, per, date, source and assumed: {error}."
        ) from error
    if not isinstance(price.usd, int | float) or price.usd < 0:
        raise InvalidPrices(f"{path.name}: price {name!r} is {price.usd!r}; allowed: a number from 0 on.")
    return price


PRICES = load_prices()
