"""Comparisons and sweeps as tables for a terminal."""

from collections.abc import Sequence

from engine.experiments.compare import Column, Comparison
from engine.experiments.intervals import CONFIDENCE, Estimate
from engine.experiments.measures import MEASURES, Measure
from engine.experiments.sentence import number
from engine.experiments.sweep import Sweep, Winner

_NOTHING = "–"


def comparison_table(found: Comparison) -> str:
    """A line for each measure, a column for each strategy, then what is promised, and the sentence."""
    count = found.request.replications
    head = ["", "unit", "kind", *(column.strategy for column in found.columns)]
    apart = _apart(found)
    lines = [_line(measure, found.columns, apart) for measure in MEASURES.values()]
    promises = _promises(found.columns)
    pareto = ["nobody beats it: writing cost, home p99", "", "", *(_yes(column.on_front) for column in found.columns)]
    digests = f"recording {(found.digest or 'none')[:12]}, and {max(0, len(found.digests) - 1)} more seeds"
    bands = f"+- is half of a {100 * CONFIDENCE:.0f} % interval" if count > 1 else "one replication: no intervals"
    price = found.request.machine
    money = f"USD: {price.usd_per_hour} an hour of {price.machine}, {price.date} ({price.source}); busy time only"
    notes = [f"{digests}; {bands}; * differs from the first column", money, found.text]
    return "\n".join([*_aligned([head, *lines, *promises, pareto]), "", *notes])


def sweep_table(found: Sweep) -> str:
    """Of one knob a line for each value; of two a grid of winners, a tie marked by ="""
    name = found.request.measure
    measure = MEASURES[name]
    by = f"{measure.label} ({measure.unit}, {measure.kind}), {measure.better} is better"
    if len(found.request.vary) == 1:
        axis = found.request.vary[0]
        head = [axis.name, *found.request.strategies, "wins"]
        rows = [
            [
                _value(point.at[axis.name]),
                *(_shown(column.estimates[name]) for column in point.columns),
                _winner(point.winner),
            ]
            for point in found.points
        ]
        return "\n".join([by, *_aligned([head, *rows]), *(curves.text for curves in found.curves)])
    down, across = found.request.vary
    head = [f"{down.name} \\ {across.name}", *(_value(value) for value in across.values)]
    cells = [[_winner(winner) for winner in row] for row in found.grid()]
    rows = [[_value(value), *row] for value, row in zip(down.values, cells, strict=True)]
    return "\n".join([f"wins by {by}; = joins what cannot be told apart", *_aligned([head, *rows])])


def _line(measure: Measure, columns: Sequence[Column], apart: set[tuple[str, str]]) -> list[str]:
    cells = (
        _shown(column.estimates[measure.name]) + " *" * ((measure.name, column.strategy) in apart) for column in columns
    )
    return [measure.label, measure.unit, measure.kind, *cells]


def _apart(found: Comparison) -> set[tuple[str, str]]:
    """(measure, strategy) of what is told apart from the first strategy."""
    first = found.columns[0].strategy
    return {(d.measure, d.b) for d in found.differences if d.a == first and d.estimate.verdict in ("lower", "higher")}


def _promises(columns: Sequence[Column]) -> list[list[str]]:
    first = columns[0].promises if columns else ()
    return [
        [
            f"{promise.label} {number(promise.target)}",
            promise.unit,
            "",
            *(f"kept in {column.promises[i].kept} of {column.promises[i].judged}" for column in columns),
        ]
        for i, promise in enumerate(first)
        if all(len(column.promises) > i for column in columns)
    ]


def _shown(found: Estimate) -> str:
    if found.mean is None:
        return _NOTHING
    return number(found.mean) + (f" +- {number(found.half_width)}" if found.half_width else "")


def _winner(winner: Winner) -> str:
    return ("=".join(winner.best) or "nobody") + ("" if winner.sure else " ?")


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _yes(on_front: bool | None) -> str:
    return _NOTHING if on_front is None else "yes" if on_front else "no"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns of equal width."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
