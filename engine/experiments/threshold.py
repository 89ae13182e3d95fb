"""If celebrities skip fan-out, why not skip it for everyone? Answered from the figures of a sweep of the threshold."""

from collections.abc import Sequence
from statistics import fmean

from engine.experiments.intervals import difference
from engine.experiments.measures import Figures
from engine.experiments.sentence import in_words, number, shown

THRESHOLD = "strategy.threshold"
_TOTAL, _WRITE, _READ, _HOME = "machine_s", "write_cost_s", "read_cost_s", "home_p99_ms"


def why_not_everyone(
    spec: str, thresholds: Sequence[float], figures: Sequence[Sequence[Figures]], cheapest: Sequence[float]
) -> str:
    """One sentence; "" where the range holds no second threshold to compare with.

    Args:
        thresholds: ascending; at the lowest nearly everyone's posts skip fan-out.
        figures: of every replication that all thresholds have, shape (replications, thresholds).
        cheapest: the thresholds at which machines cost least, and those that cannot be told from there; best first.
    """
    if len(thresholds) < 2 or not figures or not cheapest:
        return ""
    best, low = list(thresholds).index(cheapest[0]), f"{thresholds[0]:,g}"
    if thresholds[0] not in cheapest:
        write, read = (_step(figures, name, best, 0) for name in (_WRITE, _READ))
        return (
            f"Because readers would pay more than writers save: under {spec} with the threshold at {low} instead of "
            f"{thresholds[best]:,g}, fan-out falls from {write} machine s, but home reads rise from {read}."
        )
    high = len(thresholds) - 1
    now, then = ([run[place][_HOME] for run in figures] for place in (high, 0))
    found, total = difference(now, then), _step(figures, _TOTAL, high, 0)
    bill = (
        f"with the threshold at {low} instead of {thresholds[high]:,g} all machines together go from {total} machine s"
    )
    if found.mean is None:
        return f"Under {spec}, {bill}; nobody opened home, so what readers pay is not known."
    before, after = (shown(fmean(value or 0.0 for value in values), "ms") for values in (now, then))
    if found.verdict == "higher":
        return f"Because of what readers wait: under {spec}, {bill}, but home p99 rises from {before} to {after}."
    if found.verdict == "unknown":
        return (
            f"Under {spec}, {bill}, and home p99 goes from {before} to {after}; one replication cannot tell how sure "
            "that is."
        )
    if found.verdict == "lower":
        return f"Here nothing speaks against it: under {spec}, {bill}, and home p99 falls from {before} to {after}."
    return (
        f"Here nothing that {in_words(len(figures))} replications can tell speaks against it: under {spec}, {bill}, "
        f"and home p99 stays at {after}."
    )


def _step(figures: Sequence[Sequence[Figures]], name: str, before: int, after: int) -> str:
    """'118 to 12.3': means over the replications, at two thresholds."""
    means = (fmean(run[place][name] or 0.0 for run in figures) for place in (before, after))
    return " to ".join(number(mean) for mean in means)
