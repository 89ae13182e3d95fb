"""Claims that are arithmetic: rates and sizes out of the seeds' own assumptions."""

from engine.experiments.claims.claim import Figure, Finding
from engine.experiments.claims.scenes import Runs

DAY_S = 86_400
PEAK = 10
"""Peak over mean that seeds 001 and 004 assume."""


def per_s(per_day: float) -> float:
    """A mean rate per second."""
    return per_day / DAY_S


def _with_peak(per_day: float, unit: str) -> tuple[Figure, ...]:
    mean = per_s(per_day)
    return Figure(mean, unit), Figure(PEAK * mean, unit, "at peak")


def c08(_: Runs) -> Finding:
    """500M posts/day (seed 001, NFR4) / 86,400 s; ten times that at peak."""
    return Finding(formula=_with_peak(500e6, "posts/s"))


def c11(_: Runs) -> Finding:
    """300M posts/day (seed 004, estimates) / 86,400 s; ten times that at peak."""
    return Finding(formula=_with_peak(300e6, "posts/s"))


def c12(_: Runs) -> Finding:
    """50B home reads/day (seed 004, estimates) / 86,400 s; its peak of 3-5M/s over that mean."""
    mean = per_s(50e9)
    low, high = Figure(3e6 / mean, "x", "mean at 3M/s"), Figure(5e6 / mean, "x", "mean at 5M/s")
    return Finding(
        formula=(Figure(mean, "reads/s"), low, high),
        why="The same text lets posts peak at 10 x; its reads peak at 5 to 9 x.",
    )


def c15(_: Runs) -> Finding:
    """300M posts/day x 1 KB (seed 004, storage), kept three times; 1 KB = 1,000 bytes, as the seed counts."""
    day_gb = 300e6 * 1_000 / 1e9
    return Finding(
        formula=(Figure(day_gb, "GB/day"), Figure(3 * day_gb, "GB/day", "kept 3 times")),
        why="Posts only: home lists, indexes and pictures come on top.",
    )


def c13_inserts_per_day() -> float:
    """300M posts/day x 200 followers each (seed 004, fan-out)."""
    return 300e6 * 200
