"""How the answer depends on a setting: knobs over a grid, several strategies at each point, with bands and winners."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from engine.errors import InvalidInput
from engine.experiments.compare import Column, Difference, column_of, differences_of, in_common, variants_of
from engine.experiments.crossing import Crossing, crossing
from engine.experiments.grid import Axis, Value, placed, points
from engine.experiments.machine_price import M7G_LARGE, MachinePrice
from engine.experiments.measures import find_measure
from engine.experiments.replicate import Flag, Progress, Replications, Variant, replicate
from engine.experiments.run import Json, RunRequest
from engine.experiments.sentence import winners
from engine.experiments.threshold import THRESHOLD, why_not_everyone

MOST_RUNS = 10_000
_MOST_AXES = 2
_CURVES = ("write_cost_s", "read_cost_s")


@dataclass(frozen=True, kw_only=True)
class SweepRequest:
    """What to sweep.

    run: world, scenario, load and length at every point, but for what is varied; its seed is the first.
    vary: one axis or two (engine/experiments/grid.py).
    measure: by which strategies win (engine/experiments/measures.py).
    keep_promises: only strategies that keep every SLO in every replication can win.
    own: as of CompareRequest.
    """

    run: RunRequest
    vary: tuple[Axis, ...]
    strategies: tuple[str, ...]
    replications: int = 3
    measure: str = "machine_s"
    keep_promises: bool = False
    machine: MachinePrice = M7G_LARGE
    own: bool = False


@dataclass(frozen=True)
class Winner:
    """Who wins at one point.

    best: the best mean, and all that cannot be told from it; the best mean first. Empty if nobody may win.
    tie: more than one is best, so none of them wins.
    sure: there were replications to tell by.
    """

    best: tuple[str, ...]
    tie: bool
    sure: bool

    def to_json(self) -> Json:
        """{"strategy", "best", "tie", "sure"}: strategy is null at a tie, or where nobody may win."""
        alone = self.best[0] if self.best and not self.tie else None
        return {"strategy": alone, "best": list(self.best), "tie": self.tie, "sure": self.sure}


@dataclass(frozen=True)
class Point:
    """One point of the grid. Digests: seed -> that of the recording which all strategies here were given."""

    at: Mapping[str, Value]
    columns: tuple[Column, ...]
    winner: Winner
    digests: Mapping[int, str]
    replications: int
    """Of the strategy with the fewest that ended."""

    def to_json(self) -> Json:
        """{"at", "digests", "replications", "strategies", "winner"}."""
        return {
            "at": dict(self.at),
            "digests": {str(seed): digest for seed, digest in self.digests.items()},
            "replications": self.replications,
            "strategies": [column.to_json() for column in self.columns],
            "winner": self.winner.to_json(),
        }


@dataclass(frozen=True)
class Curves:
    """Of one strategy over one numeric axis: what writing costs and what reading costs, and where they cross."""

    strategy: str
    crossing: Crossing
    cheapest: tuple[Value, ...]
    """Where both together cost least, and the places that cannot be told from it; the lowest mean first."""
    text: str
    answer: str = ""
    """Of a sweep of the threshold: if celebrities skip fan-out, why not skip it for everyone?"""

    def to_json(self) -> Json:
        """{"strategy", "curves", "crossing", "cheapest", "text", "answer"}; the values are those of the points."""
        found = {"strategy": self.strategy, "curves": list(_CURVES), "crossing": self.crossing.to_json()}
        return {**found, "cheapest": list(self.cheapest), "text": self.text, "answer": self.answer}


@dataclass(frozen=True)
class Sweep:
    """What came out; plain data. With `cancelled`, of those runs that ended: fewer replications of the whole grid."""

    request: SweepRequest
    points: tuple[Point, ...]
    """In the order of `grid.points`: the last axis runs fastest."""
    curves: tuple[Curves, ...]
    """Of each strategy, if one numeric axis is varied."""
    cancelled: bool
    done: int
    total: int
    runs: tuple[Json, ...] = ()
    """The report of each run that ended, point by point; a history keeps them, nothing prints them."""

    def grid(self) -> list[list[Winner]]:
        """The heat map of winners: a row for each value of the first axis, a column for each of the second."""
        width = len(self.request.vary[-1].values) if len(self.request.vary) > 1 else 1
        flat = [point.winner for point in self.points]
        return [flat[start : start + width] for start in range(0, len(flat), width)]

    def to_json(self) -> Json:
        """As `python -m engine sweep --json` prints it."""
        measure = find_measure(self.request.measure)
        return {
            "axes": [{"knob": a.name, "unit": a.unit, "values": list(a.values)} for a in self.request.vary],
            "strategies": list(self.request.strategies),
            "wins_by": {"measure": measure.name, **measure.to_json(), "keep_promises": self.request.keep_promises},
            "points": [point.to_json() for point in self.points],
            "heat": [[winner.to_json() for winner in row] for row in self.grid()],
            "curves": [found.to_json() for found in self.curves],
            **in_common(self, self.request.replications, self.request.machine),
        }


def sweep(
    request: SweepRequest,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancelled: Flag | None = None,
) -> Sweep:
    """Play all strategies at every point of the grid, on the same seeds everywhere.

    Replications go round the whole grid before the next begins, so that a sweep that is cancelled is a whole grid of
    fewer replications. Arguments as of `compare`.

    Raises:
        InvalidInput: no axis or more than two, one of them twice, too many runs, or what a run would refuse; nothing
            was run.
        ExperimentFailed: a worker died.
    """
    played = replicate(
        designs(request), request.replications, executor=executor, progress=progress, cancelled=cancelled
    )
    return of_replications(request, played)


def designs(request: SweepRequest) -> list[Variant]:
    """What will be played: every strategy at every point, the strategies running fastest.

    Raises:
        InvalidInput: as `sweep`.
    """
    _check(request)
    chosen = variants_of(request.run, request.strategies, own=request.own)
    return [
        Variant(f"{one.label} at {_in_words(at)}", placed(one.request, at))
        for at in points(request.vary)
        for one in chosen
    ]


def of_replications(request: SweepRequest, played: Replications) -> Sweep:
    """The sweep of runs that were played, all or some of them."""
    places, count = points(request.vary), len(request.strategies)
    found = [_point(request, at, played, range(i * count, (i + 1) * count)) for i, at in enumerate(places)]
    one_line = len(request.vary) == 1 and request.vary[0].numeric
    curves = [_curves(request, played, number) for number in range(count)] if one_line else []
    reports = tuple(one.report for number in range(len(played.variants)) for one in played.of(number))
    return Sweep(request, tuple(found), tuple(curves), played.cancelled, played.done, played.total, reports)


def _check(request: SweepRequest) -> None:
    names = [axis.name for axis in request.vary]
    if not 1 <= len(names) <= _MOST_AXES:
        raise InvalidInput(f"{len(names)} knobs to vary; allowed: one or two.")
    if len(set(names)) < len(names):
        raise InvalidInput(f"Knob {names[0]} is varied twice; allowed: each knob once.")
    if not request.strategies:
        raise InvalidInput("No strategy to sweep; allowed: one or more.")
    find_measure(request.measure)
    runs = len(points(request.vary)) * len(request.strategies) * request.replications
    if runs > MOST_RUNS:
        raise InvalidInput(f"This sweep is {runs:,} runs; allowed: up to {MOST_RUNS:,}.")


def _point(request: SweepRequest, at: Mapping[str, Value], played: Replications, numbers: range) -> Point:
    price, seconds = request.machine, request.run.seconds
    columns = [
        replace(column_of(played, number, price, seconds), strategy=spec)
        for number, spec in zip(numbers, request.strategies, strict=True)
    ]
    fullest = max(numbers, key=lambda number: len(played.of(number)))
    fewest = min(len(played.of(number)) for number in numbers)
    return Point(at, tuple(columns), _winner(request, columns, played, numbers), played.digests(fullest), fewest)


def _winner(request: SweepRequest, columns: Sequence[Column], played: Replications, numbers: range) -> Winner:
    able = [
        (number, column)
        for number, column in zip(numbers, columns, strict=True)
        if column.estimates[request.measure].mean is not None
        and not (request.keep_promises and any(promise.met is False for promise in column.promises))
    ]
    found: list[Difference] = []
    for i, (a, first) in enumerate(able):
        for b, second in able[i + 1 :]:
            between = differences_of(played, a, b, request.machine, request.run.seconds, [request.measure])
            found += [replace(d, a=first.strategy, b=second.strategy) for d in between]
    best = winners([column for _, column in able], found, request.measure)
    sure = all(d.estimate.low is not None for d in found) and bool(able)
    return Winner(tuple(best), len(best) > 1, sure)


def _curves(request: SweepRequest, played: Replications, strategy: int) -> Curves:
    """Both curves of one strategy, over the replications that every point has."""
    axis, count = request.vary[0], len(request.strategies)
    order = sorted(range(len(axis.values)), key=lambda i: float(axis.values[i]))
    x = [float(axis.values[i]) for i in order]
    numbers = [i * count + strategy for i in order]
    shared = sorted(set.intersection(*(set(played.played[number]) for number in numbers)))
    write, read = (
        [[played.played[number][r].figures[name] or 0.0 for number in numbers] for r in shared] for name in _CURVES
    )
    found = crossing(x, write, read)
    values = [axis.values[i] for i in order]
    cheapest = _cheapest(request, played, numbers, values) if shared else ()
    spec = request.strategies[strategy]
    text = f"{spec}: writing and reading cost the same at {axis.name} = {found.text}" + (
        f"; all machines together cost least at {' or '.join(f'{value:g}' for value in cheapest)}." if cheapest else "."
    )
    answer = ""
    if axis.name == THRESHOLD and shared and spec.partition(":")[0] == "hybrid":
        figures = [[played.played[number][r].figures for number in numbers] for r in shared]
        answer = why_not_everyone(spec, x, figures, [float(value) for value in cheapest])
    return Curves(spec, found, cheapest, text, answer)


def _cheapest(
    request: SweepRequest, played: Replications, numbers: Sequence[int], values: Sequence[Value]
) -> tuple[Value, ...]:
    """Where machines cost least in all; and the places that replications cannot tell from there."""
    means = [column_of(played, n, request.machine, request.run.seconds).estimates["machine_s"].mean for n in numbers]
    known = [(mean, i) for i, mean in enumerate(means) if mean is not None]
    least = min(known)[1]
    near = []
    for _, i in known:
        if i != least:
            pair = (numbers[least], numbers[i])
            (between,) = differences_of(played, *pair, request.machine, request.run.seconds, ["machine_s"])
            near += [i] if between.estimate.verdict == "none" else []
    return (values[least], *(values[i] for i in near))


def _in_words(at: Mapping[str, Value]) -> str:
    return ", ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}" for name, value in at.items()
    )
