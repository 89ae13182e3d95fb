"""What a comparison says, in words that are composed of its figures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.experiments.intervals import Estimate
from engine.experiments.measures import MEASURES, Measure

if TYPE_CHECKING:
    from engine.experiments.compare import Column, Difference

_FRESH, _FAST, _CHEAP = "visible_lag_p99_ms", "home_p99_ms", "machine_s"
_WINS = (
    (_FRESH, "shows posts soonest", "show posts soonest", "visible to 99 in 100 followers within"),
    (_FAST, "answers home fastest", "answer home fastest", "99 in 100 pages within"),
    (_CHEAP, "takes the least machine time", "take the least machine time", "modelled,"),
)
"""What one wants of a fan-out: the measure, in words of one and of several, and how to read its figure."""
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def in_words(count: int) -> str:
    """A count as one reads it: "five", "12"."""
    return _SMALL[count] if count < len(_SMALL) else f"{count:,}"


def number(value: float) -> str:
    """Three significant digits, with commas: "0.0816", "12.3", "86,800"."""
    if value == 0:
        return "0"
    if abs(value) >= 1_000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.2g}"


def shown(value: float, unit: str) -> str:
    """A value with its unit; long waits in seconds, shares in per cent."""
    if unit == "ms" and abs(value) >= 1_000:
        return f"{number(value / 1_000)} s"
    if unit == "share":
        return f"{number(100 * value)} %"
    return f"{number(value)} {unit}"


def verdict_in_words(measure: Measure, a: str, b: str, found: Estimate) -> str:
    """One difference, b against a, as a sentence: how much, how sure, or that there is none."""
    if found.mean is None:
        return f"{measure.label}: nothing to measure under {a} or under {b}."
    size = shown(abs(found.mean), measure.unit)
    way = "more" if found.mean > 0 else "less"
    if found.low is None or found.high is None:
        if found.mean == 0:
            return f"{measure.label}: {b} as {a} in one replication; it takes two to tell."
        return f"{measure.label}: {b} {size} {way} than {a} in one replication; it takes two to tell."
    if found.verdict == "none":
        return f"{measure.label}: {b} against {a}: no difference that {in_words(found.n)} replications can tell."
    ends = sorted((abs(found.low), abs(found.high)))
    return f"{measure.label}: {b} {size} {way} than {a} ({number(_unit(ends[0], measure, size))} to " + (
        f"{number(_unit(ends[1], measure, size))})."
    )


def told(
    columns: Sequence["Column"], differences: Sequence["Difference"], done: int, total: int, *, stopped: bool
) -> str:
    """What wins on what, and what that costs: one plain sentence; who keeps what is promised; and what is in doubt."""
    seen = [column for column in columns if column.estimates[_CHEAP].mean is not None]
    if not seen:
        return "Nothing was compared: no run ended."
    parts = [_win(seen, differences, *words) for words in _WINS]
    sentence = "; ".join(part for part in parts if part) + _price(seen, differences) + "."
    before = f"{'Stopped after' if stopped else 'So far,'} {done} of {total} runs. " if done < total else ""
    sure = any(found.estimate.low is not None for found in differences)
    after = "" if sure else " Fewer than two replications: nobody can say how sure that is."
    return f"{before}{sentence} {_keepers(seen)}{after}"


def winners(columns: Sequence["Column"], differences: Sequence["Difference"], name: str) -> list[str]:
    """Who is best in a measure, the best first: its mean, and all whose difference from it is not told."""
    measured = [(found, column.strategy) for column in columns if (found := column.estimates[name].mean) is not None]
    if not measured:
        return []
    best = (min if MEASURES[name].better == "lower" else max)(measured, key=lambda pair: pair[0])[1]
    near = {d.a if d.b == best else d.b for d in differences if d.measure == name and best in (d.a, d.b) and _same(d)}
    return [best, *(column.strategy for column in columns if column.strategy in near)]


def _same(found: "Difference") -> bool:
    """No difference that can be told; without intervals, none at all."""
    verdict = found.estimate.verdict
    return verdict == "none" or (verdict == "unknown" and found.estimate.mean == 0)


def _win(
    columns: Sequence["Column"], differences: Sequence["Difference"], name: str, one: str, several: str, reading: str
) -> str:
    best = winners(columns, differences, name)
    if not best:
        return ""
    mean = next(column.estimates[name].mean for column in columns if column.strategy == best[0])
    assert mean is not None
    if len(best) == len(columns) > 1:
        return f"no difference can be told in {MEASURES[name].label}"
    verb = one if len(best) == 1 else several
    return f"{_listed(best)} {verb} ({reading} {shown(mean, MEASURES[name].unit)})"


def _price(columns: Sequence["Column"], differences: Sequence["Difference"]) -> str:
    """What the freshest costs over the cheapest, and what the cheapest makes followers wait."""
    fresh, cheap = winners(columns, differences, _FRESH), winners(columns, differences, _CHEAP)
    if not fresh or set(fresh) & set(cheap):
        return ""
    by_name = {column.strategy: column.estimates for column in columns}
    cheapest = by_name[cheap[0]]
    dearer = min((name for name in fresh), key=lambda name: by_name[name][_CHEAP].mean or 0.0)
    much, little = by_name[dearer][_CHEAP].mean, cheapest[_CHEAP].mean
    soon, late = by_name[dearer][_FRESH].mean, cheapest[_FRESH].mean
    if not much or not little or soon is None or late is None:
        return ""
    dollars = [by_name[name]["usd_per_day"].mean or 0.0 for name in (dearer, cheap[0])]
    return (
        f": {dearer} costs {number(much / little)} times the machine time of {cheap[0]}"
        f" ({number(dollars[0])} against {number(dollars[1])} USD a day, modelled),"
        f" and what 99 in 100 followers wait at most is {shown(soon, 'ms')} instead of {shown(late, 'ms')}"
    )


def _keepers(columns: Sequence["Column"]) -> str:
    """Who keeps every promise in every replication in which it could be judged."""
    able = [c.strategy for c in columns if c.promises and all(promise.met is not False for promise in c.promises)]
    if not able:
        return "None of them keeps every promise in every replication."
    if len(able) == len(columns):
        return "All of them keep every promise in every replication."
    verb = "keeps" if len(able) == 1 else "keep"
    return f"Only {_listed(able)} {verb} every promise in every replication."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _unit(value: float, measure: Measure, size: str) -> float:
    """The value in the unit that the size beside it is shown in."""
    if measure.unit == "ms" and size.endswith(" s"):
        return value / 1_000
    return 100 * value if measure.unit == "share" else value
