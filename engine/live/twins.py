"""What holds the two sides of a twin together: it compares designs, not loads, so both get the same."""

from collections.abc import Sequence

from engine.config import KNOBS, WorldConfig
from engine.errors import InvalidKnob
from engine.journal import actions as act
from engine.live.run import Run


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


def even_out(runs: Sequence[Run]) -> None:
    """Give every side what another one has in its journal beyond its own, at the instant at which that happened.

    What is done to a twin reaches one side after the other, and a process may end between the two. What nobody was
    answered is then done on both; a reset that had reached one side is undone.
    """
    longest = max(runs, key=lambda run: run.people.journal.last_seq)
    for run in runs:
        for entry in longest.people.journal.entries(run.people.journal.last_seq):
            run.world.step(max(0, entry.at_ns - run.world.now_ns))
            action = entry.action()
            run.people.take_over(action if reaches_both(action) else act.Elsewhere())


def reaches_both(action: act.Action) -> bool:
    """Whether an action on one side of a twin was meant for the other as well: all but what makes two designs."""
    if isinstance(action, act.KnobsChanged):
        return all(is_load(name) for name in action.changes)
    return not isinstance(action, act.StrategyChanged | act.Elsewhere)
