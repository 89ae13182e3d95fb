"""Units as people write them ("posts/person/day"), and the algebra that finds a formula's unit."""

from collections import Counter
from dataclasses import dataclass

_SAME = {
    "posts": "post", "reads": "read", "people": "person", "rows": "row", "workers": "worker", "bytes": "byte",
    "years": "year", "days": "day", "entries": "entry", "copies": "copy", "inserts": "copy", "followers": "copy",
    "accounts": "copy", "follows": "copy", "insert": "copy", "follower": "copy", "account": "copy", "follow": "copy",
}  # fmt: skip
"""One thing under several names: a follow brings one copy of each post, and that is one insert into one list."""
_NONE = ("", "x")


@dataclass(frozen=True)
class Unit:
    """A product of powers; the power 0 is left out."""

    powers: tuple[tuple[str, int], ...] = ()

    def __mul__(self, other: "Unit") -> "Unit":
        return _unit(self, other, 1)

    def __truediv__(self, other: "Unit") -> "Unit":
        return _unit(self, other, -1)

    def __str__(self) -> str:
        above = " ".join(name for name, power in self.powers for _ in range(power))
        below = "".join(f"/{name}" for name, power in self.powers for _ in range(-power))
        return (above or "1") + below if self.powers else "x"


def parse_unit(text: str) -> Unit:
    """ "worker us/copy" -> worker us per copy; "" and "x" have no unit.

    Raises:
        ValueError: an empty part, as in "posts//s".
    """
    if text in _NONE:
        return Unit()
    above, *below = text.split("/")
    powers: Counter[str] = Counter()
    for part, sign in [(above, 1), *((each, -1) for each in below)]:
        names = part.split()
        if not names:
            raise ValueError(f"{text!r} is no unit: one of its parts is empty.")
        for name in names:
            powers[_SAME.get(name, name)] += sign
    powers.pop("1", None)
    return _of(powers)


def _unit(left: Unit, right: Unit, sign: int) -> Unit:
    powers = Counter(dict(left.powers))
    for name, power in right.powers:
        powers[name] += sign * power
    return _of(powers)


def _of(powers: Counter[str]) -> Unit:
    return Unit(tuple(sorted((name, power) for name, power in powers.items() if power)))
