"""A row of the table: two things measured in turns in one run, and what one is to the other."""

import time
from collections.abc import Callable
from dataclasses import dataclass

Rate = Callable[[int], float]
"""Does a piece of work, given the number of its round, and says how much of it was done in a second."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure of the engine beside one of the reference; the more the ratio, the better, but for `at_most`."""

    name: str
    what: str
    """Who is compared with what, and what the time includes."""
    ours: float
    reference: float
    unit: str
    """Of both."""
    ratio: float
    spread: tuple[float, float]
    """The lowest and the highest ratio of one round, if `what` says nothing else."""
    floor: float
    """What the ratio must not be below; with `at_most`, above."""
    aim: float | None = None
    at_most: bool = False
    wrong: str = ""
    """What speaks against the measurement itself; a row with that does not hold."""

    @property
    def holds(self) -> bool:
        """Whether the ratio keeps to its floor, and can be believed."""
        return not self.wrong and (self.ratio <= self.floor if self.at_most else self.ratio >= self.floor)


@dataclass(frozen=True)
class Skipped:
    """A row that could not be measured here."""

    name: str
    reason: str


@dataclass(frozen=True)
class Pair:
    """The best rates of both sides, and the spread of their ratio from round to round."""

    ours: float
    reference: float
    spread: tuple[float, float]

    @property
    def ratio(self) -> float:
        """Ours to the reference, of the best of each."""
        return self.ours / self.reference


def in_turns(ours: Rate, reference: Rate, rounds: int) -> Pair:
    """Measure ours, the reference, ours, the reference ...; round 0 goes ahead and does not count.

    The best of each counts: whatever else the machine does can only make a round slower.
    """
    ours(0)
    reference(0)
    pairs = [(ours(number), reference(number)) for number in range(1, rounds + 1)]
    ratios = [mine / theirs for mine, theirs in pairs]
    best_ours, best_reference = (max(side) for side in zip(*pairs, strict=True))
    return Pair(best_ours, best_reference, (min(ratios), max(ratios)))


class Timer:
    """`with Timer() as timer:` ... and then `timer.seconds` of real time.

    In the short form of processor time of this process, its threads together: other processes do not lengthen that.
    """

    def __init__(self, short: bool = False) -> None:
        self.seconds = 0.0
        self._now_s = time.process_time if short else time.perf_counter

    def __enter__(self) -> "Timer":
        self._began_s = self._now_s()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = self._now_s() - self._began_s
