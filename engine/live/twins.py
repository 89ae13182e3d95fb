"""Which two configurations may stand beside each other: a twin compares designs, not loads."""

from engine.config import KNOBS, WorldConfig
from engine.errors import InvalidKnob


def is_load(knob: str) -> bool:
    """Whether a setting says what arrives, and not how it is dealt with."""
    return knob.startswith("load.")


def check_twins(a: WorldConfig, b: WorldConfig) -> None:
    """Check that two worlds get the same people, the same load and the same instants.

    Raises:
        InvalidKnob: the first thing in which they must not differ.
    """
    shared = {"world": (a.world, b.world)}
    shared |= {name: (a.knob(name), b.knob(name)) for name in KNOBS if name == "seed" or is_load(name)}
    for name, (first, second) in shared.items():
        if first != second:
            raise InvalidKnob(
                f"{name} is {first} in A and {second} in B; a twin compares designs, not loads, so it must be equal."
            )
