"""What a switch saves or costs: the bill before and after it, with everything else as it is."""

from dataclasses import dataclass

from lessons.capacity.assumptions import ASSUMED, Assumptions
from lessons.capacity.consequences import evaluate


@dataclass(frozen=True)
class Tier:
    """One switch; `saves` is the line of the bill that it moves."""

    switch: str
    title: str
    moves: tuple[str, ...]

    @property
    def text(self) -> str:
        """What it means for people."""
        return ASSUMED[self.switch].help


TIERS = (
    Tier("lists_for_active", "Lists for active people only", ("lists_usd",)),
    Tier("cold_posts", "Old posts kept cold", ("posts_usd",)),
    Tier("keep_copies", "Several copies of everything", ("lists_usd", "posts_usd")),
)


@dataclass(frozen=True)
class Bill:
    """All of a month's cost without and with one switch, in USD."""

    tier: Tier
    on: bool
    without_usd: float
    with_usd: float

    @property
    def change_usd(self) -> float:
        """What switching it on adds; negative: what it saves."""
        return self.with_usd - self.without_usd


def bills(assumptions: Assumptions) -> tuple[Bill, ...]:
    """One for each switch, in their order."""
    return tuple(_bill(assumptions, tier) for tier in TIERS)


def _bill(assumptions: Assumptions, tier: Tier) -> Bill:
    without, with_ = (
        evaluate(assumptions.with_changes({tier.switch: on})).value("total_usd") for on in (False, True)
    )  # fmt: skip
    return Bill(tier, bool(getattr(assumptions, tier.switch)), without, with_)
