"""What a comparison or a sweep says, as rows of texts for a page, and as the command line that does the same."""

import shlex
from itertools import combinations

from datasets.worlds import preset_config
from engine.config import KNOBS
from engine.experiments.compare import CompareRequest, Comparison
from engine.experiments.grid import Value
from engine.experiments.intervals import Estimate
from engine.experiments.measures import MEASURES, Measure
from engine.experiments.run import RunRequest
from engine.experiments.sentence import in_words, number
from engine.experiments.sweep import Point, Sweep, SweepRequest

Row = dict[str, str]
_NOTHING = "–"


def banded(found: Estimate, measure: Measure) -> str:
    """'9,370 ± 837', in the measure's unit; shares in per cent."""
    if found.mean is None:
        return _NOTHING
    scale = 100 if measure.unit == "share" else 1
    half = f" ± {number(scale * found.half_width)}" if found.half_width else ""
    return f"{number(scale * found.mean)}{half}"


def measure_rows(found: Comparison) -> list[Row]:
    """A row for each measure, a column for each strategy."""
    return [
        {"Measure": measure.label, "Unit": _unit(measure), "Kind": measure.kind}
        | {column.strategy: banded(column.estimates[measure.name], measure) for column in found.columns}
        for measure in MEASURES.values()
    ]


def promise_rows(found: Comparison) -> list[Row]:
    """A row for each promise, a column for each strategy: in how many replications it was kept."""
    first = next((column.promises for column in found.columns if column.promises), ())
    rows = []
    for promise in first:
        kept = {
            column.strategy: next(
                (f"{p.kept} of {p.judged}" for p in column.promises if p.name == promise.name), _NOTHING
            )
            for column in found.columns
        }
        scale, unit = (100, "%") if promise.unit == "share" else (1, promise.unit)
        rows.append({"Promise": f"{promise.label}: {number(scale * promise.target)} {unit}"} | kept)
    return rows


def pairs_of(found: Comparison) -> list[tuple[str, str]]:
    """(a, b) of every two strategies, in the order in which they were named."""
    return list(combinations([column.strategy for column in found.columns], 2))


def difference_rows(found: Comparison, a: str, b: str) -> list[Row]:
    """How much more of each measure b has than a, and how sure that is."""
    return [
        {
            "Measure": MEASURES[d.measure].label,
            "Difference": _signed(d.estimate, MEASURES[d.measure]),
            "95 % interval": _interval(d.estimate, MEASURES[d.measure]),
            "Unit": _unit(MEASURES[d.measure]),
            "Says": _verdict(d.estimate, b),
            "Kind": MEASURES[d.measure].kind,
        }
        for d in found.differences
        if (d.a, d.b) == (a, b)
    ]


def sweep_rows(found: Sweep) -> list[Row]:
    """A row for each point: where it is, the measure under each strategy, who wins, of how many replications."""
    measure = MEASURES[found.request.measure]
    return [
        {name: value_in_words(value) for name, value in point.at.items()}
        | {column.strategy: banded(column.estimates[measure.name], measure) for column in point.columns}
        | ({"Wins": winner_in_words(point)} if len(point.columns) > 1 else {})
        | {"Replications": str(point.replications)}
        for point in found.points
    ]


def bill_rows(found: Sweep, spec: str) -> list[Row]:
    """Of a sweep of one knob, a row for each value: what writing and reading cost under one strategy, and the wait."""
    (axis,) = found.request.vary
    place = found.request.strategies.index(spec)
    return [
        {axis.name: value_in_words(point.at[axis.name])}
        | {
            f"{MEASURES[name].label} ({_unit(MEASURES[name])})": banded(
                point.columns[place].estimates[name], MEASURES[name]
            )
            for name in ("write_cost_s", "read_cost_s", "machine_s", "home_p99_ms")
        }
        for point in found.points
    ]


def winner_in_words(point: Point) -> str:
    """'hybrid'; '=' joins what cannot be told apart, '?' says that there is no telling yet."""
    if not point.replications:
        return "…"
    return (" = ".join(point.winner.best) or "nobody") + ("" if point.winner.sure else " ?")


def wins_in_words(found: Sweep) -> str:
    """How many points each strategy wins, how many are ties, in one sentence."""
    measure = MEASURES[found.request.measure]
    sure = [point.winner for point in found.points if point.replications and point.winner.sure]
    ties, nobody, doubt = sum(w.tie for w in sure), sum(not w.best for w in sure), len(found.points) - len(sure)
    alone = {spec: sum(not w.tie and w.best[:1] == (spec,) for w in sure) for spec in found.request.strategies}
    parts = [f"{spec} wins {count}" for spec, count in alone.items() if count]
    parts += [f"{ties} tied"] if ties else []
    parts += [f"{nobody} where nobody may win"] if nobody else []
    parts += [f"{doubt} open"] if doubt else []
    by = f"{measure.label}, in {_unit(measure)}, {measure.kind}; {measure.better} is better"
    points = "point" if len(found.points) == 1 else "points"
    return f"Of {in_words(len(found.points))} {points}: {', '.join(parts)} ({by})."


def value_in_words(value: Value) -> str:
    """A value of a knob as one reads it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else value


def command_of(request: CompareRequest | SweepRequest, *, keep: bool = False) -> str:
    """The command line that does the same; of somebody's own code, once it is in its file."""
    words = ["python", "-m", "engine", "compare" if isinstance(request, CompareRequest) else "sweep"]
    words += _run_words(request.run)
    for spec in request.strategies:
        words += ["--strategy", spec]
    words += ["--replications", str(request.replications)]
    if isinstance(request, SweepRequest):
        for axis in request.vary:
            words += ["--vary", f"{axis.name}={','.join(map(_plain, axis.values))}"]
        words += ["--measure", request.measure]
        words += ["--keep-promises"] if request.keep_promises else []
    return shlex.join([*words, "--keep"] if keep else words)


def _run_words(run: RunRequest) -> list[str]:
    config, preset = run.config, preset_config(run.config.world)
    words = ["--world", config.world, "--scenario", run.scenario]
    words += ["--seconds", str(run.seconds), "--seed", str(config.knob("seed"))]
    changed = [name for name in KNOBS if name != "seed" and config.knob(name) != preset.knob(name)]
    for name in changed:
        words += ["--set", f"{name}={_plain(config.knob(name))}"]
    return words


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _signed(found: Estimate, measure: Measure) -> str:
    if found.mean is None:
        return _NOTHING
    scale = 100 if measure.unit == "share" else 1
    return _with_sign(scale * found.mean)


def _interval(found: Estimate, measure: Measure) -> str:
    if found.low is None or found.high is None:
        return _NOTHING
    scale = 100 if measure.unit == "share" else 1
    if found.low == found.high:
        return "always the same"
    return f"{_with_sign(scale * found.low)} to {_with_sign(scale * found.high)}"


def _with_sign(value: float) -> str:
    return f"{'−' if value < 0 else '+' if value > 0 else ''}{number(abs(value))}"


def _verdict(found: Estimate, b: str) -> str:
    if found.mean is None:
        return "nothing to compare"
    if found.verdict == "none":
        return f"no difference that {in_words(found.n)} replications can tell"
    if found.verdict == "unknown":
        return "one replication cannot tell"
    return f"{b} has {'less' if found.verdict == 'lower' else 'more'}"


def _unit(measure: Measure) -> str:
    return "%" if measure.unit == "share" else measure.unit
