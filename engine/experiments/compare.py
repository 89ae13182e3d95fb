"""Which fan-out, for this world and this load, and how sure are we: several strategies on the same recordings."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Protocol

from engine.errors import InvalidInput
from engine.experiments.intervals import CONFIDENCE, METHOD, Estimate, difference, estimate
from engine.experiments.machine_price import M7G_LARGE, MachinePrice
from engine.experiments.measures import MEASURES, Figures, with_money
from engine.experiments.pareto import front
from engine.experiments.replicate import Flag, Played, Points, Progress, Replications, Variant, replicate
from engine.experiments.run import Json, RunRequest, opening
from engine.experiments.sentence import told, verdict_in_words
from engine.observe.metric import Metric
from engine.write_path.strategies import with_strategy

FRONT = ("write_cost_s", "home_p99_ms")
"""The two that a fan-out trades for each other: what writing costs, and how long readers wait."""
_FEWEST_STRATEGIES = 2


@dataclass(frozen=True, kw_only=True)
class CompareRequest:
    """What to compare.

    run: world, scenario, load and length; its strategy is replaced by each of `strategies`, its seed is the first.
    strategies: `name` or `name:param=value,...`; a parameter named here wins over that of `run`.
    series: names of metrics (engine/observe/metric.py) whose series come along with each run.
    own: strategies may also be somebody's own code, `FILE.py:Class`, which then runs here and in the workers. For the
        command line only: never for what comes from a page, a link or another machine.
    """

    run: RunRequest
    strategies: tuple[str, ...]
    replications: int = 5
    machine: MachinePrice = M7G_LARGE
    series: tuple[str, ...] = ()
    own: bool = False


@dataclass(frozen=True)
class Difference:
    """How much more of a measure `b` has than `a`."""

    measure: str
    a: str
    b: str
    estimate: Estimate
    text: str

    def to_json(self) -> Json:
        """{"measure", "a", "b", "mean", "low", "high", "n", "verdict", "text"}: b - a, verdict of b."""
        of = {"measure": self.measure, "a": self.a, "b": self.b}
        return {**of, **self.estimate.to_json(), "verdict": self.estimate.verdict, "text": self.text}


@dataclass(frozen=True)
class Promise:
    """One promise under one strategy: in how many of the replications in which it could be judged it was kept."""

    name: str
    label: str
    target: float
    unit: str
    kept: int
    judged: int
    measured: Estimate

    @property
    def met(self) -> bool | None:
        """Kept in all of them; None if none could be judged."""
        return self.kept == self.judged if self.judged else None

    def to_json(self) -> Json:
        """All fields, JSON types, and `met`."""
        words = {"label": self.label, "target": self.target, "unit": self.unit}
        return {**words, "measured": self.measured.to_json(), "kept": self.kept, "of": self.judged, "met": self.met}


@dataclass(frozen=True)
class Column:
    """One strategy over its replications."""

    strategy: str
    estimates: Mapping[str, Estimate]
    promises: tuple[Promise, ...]
    stations_s: Mapping[str, Estimate]
    """Modelled machine seconds by station."""
    on_front: bool | None = None
    """Whether no other strategy is better in one of FRONT and not told to be worse in the other; None: no run ended."""

    def to_json(self) -> Json:
        """{"strategy", "measures", "slo", "stations_s", "pareto"}."""
        return {
            "strategy": self.strategy,
            "measures": {name: found.to_json() for name, found in self.estimates.items()},
            "slo": {promise.name: promise.to_json() for promise in self.promises},
            "stations_s": {name: found.to_json() for name, found in self.stations_s.items()},
            "pareto": self.on_front,
        }


class Answer(Protocol):
    """What replications were played for, all or some of them."""

    @property
    def cancelled(self) -> bool: ...
    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...


@dataclass(frozen=True)
class Comparison:
    """What came out; plain data. With `cancelled`, of those runs that ended."""

    request: CompareRequest
    digests: Mapping[int, str]
    """Seed -> digest of the recording that all strategies were given."""
    columns: tuple[Column, ...]
    differences: tuple[Difference, ...]
    runs: tuple[Json, ...]
    """Each run: "strategy", "replication", "seed", "measures", "series" if asked for, and its report."""
    cancelled: bool
    done: int
    total: int
    text: str = field(default="")

    @property
    def digest(self) -> str | None:
        """Of the recording of the first seed that was played: what `run` prints of it."""
        return next(iter(self.digests.values()), None)

    def column(self, strategy: str) -> Column:
        """That of a strategy, by the name it was asked for with."""
        return next(column for column in self.columns if column.strategy == strategy)

    def to_json(self) -> Json:
        """As `python -m engine compare --json` prints it."""
        return {
            "digest": self.digest,
            "digests": {str(seed): digest for seed, digest in self.digests.items()},
            "text": self.text,
            "strategies": [column.to_json() for column in self.columns],
            "differences": [found.to_json() for found in self.differences],
            "pareto": pareto_json(self.columns),
            **in_common(self, self.request.replications, self.request.machine),
            "runs": list(self.runs),
        }


def compare(
    request: CompareRequest,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancelled: Flag | None = None,
) -> Comparison:
    """Play every strategy on the same recordings and say what differs, and how sure that is.

    Args:
        executor: any concurrent.futures.Executor; None: a pool of this machine's cores, for this call.
        progress: told (runs done, runs in all, what was done last) after each run, in this thread.
        cancelled: asked between runs; once set, what has ended by then is compared.

    Raises:
        InvalidInput: fewer than two strategies, or what a run would refuse; nothing was run.
        ExperimentFailed: a worker died.
    """
    played = replicate(
        designs(request), request.replications,
        executor=executor, progress=progress, cancelled=cancelled, series=request.series,
    )  # fmt: skip
    return of_replications(request, played)


def designs(request: CompareRequest) -> list[Variant]:
    """What will be played.

    Raises:
        InvalidInput: as `compare`.
    """
    variants = variants_of(request.run, request.strategies, own=request.own)
    if len(variants) < _FEWEST_STRATEGIES:
        raise InvalidInput(f"{len(variants)} strategy to compare; allowed: at least two (one alone is a `run`).")
    check_series(request.series)
    return variants


def of_replications(request: CompareRequest, played: Replications) -> Comparison:
    """The comparison of runs that were played, all or some of them."""
    price, seconds = request.machine, request.run.seconds
    columns = [column_of(played, number, price, seconds) for number in range(len(played.variants))]
    pairs = list(combinations(range(len(columns)), 2))
    differences = [found for a, b in pairs for found in differences_of(played, a, b, price, seconds)]
    on_front = front([column.estimates for column in columns], _verdicts(played, differences), FRONT)
    columns = [replace(column, on_front=is_on) for column, is_on in zip(columns, on_front, strict=True)]
    fullest = max(range(len(columns)), key=lambda number: len(played.of(number)))
    return Comparison(
        request=request,
        digests=played.digests(fullest),
        columns=tuple(columns),
        differences=tuple(differences),
        runs=tuple(
            _run_json(played, one, price, seconds) for number in range(len(columns)) for one in played.of(number)
        ),
        cancelled=played.cancelled,
        done=played.done,
        total=played.total,
        text=told(columns, differences, played.done, played.total, stopped=played.cancelled),
    )


def variants_of(base: RunRequest, strategies: Sequence[str], *, own: bool = False) -> list[Variant]:
    """One variant for each strategy; `own`: as of CompareRequest.

    Raises:
        InvalidInput: an unknown strategy or scenario, a parameter out of bounds, a strategy named twice.
    """
    twice = next((spec for number, spec in enumerate(strategies) if spec in strategies[:number]), None)
    if twice is not None:
        raise InvalidInput(f"Strategy {twice!r} is named twice; allowed: each strategy once.")
    opening(base)  # an unknown scenario is refused here, not in a worker
    return [Variant(spec, replace(base, config=with_strategy(base.config, spec, own=own))) for spec in strategies]


def check_series(names: Sequence[str]) -> None:
    """Raises InvalidInput for a series that there is not."""
    unknown = [name for name in names if name not in set(Metric)]
    if unknown:
        raise InvalidInput(f"There is no series {unknown[0]!r}; allowed: {', '.join(Metric)}.")


def column_of(played: Replications, number: int, price: MachinePrice, seconds: float) -> Column:
    """One variant over its replications."""
    runs = played.of(number)
    counted = [with_money(one.figures, price, seconds) for one in runs]
    estimates = {name: estimate([figures[name] for figures in counted]) for name in MEASURES}
    stations = [name for name in runs[0].report["cost"] if name.endswith("_s")] if runs else []
    stations_s = {name: estimate([one.report["cost"][name] for one in runs]) for name in stations}
    return Column(played.variants[number].label, estimates, _promises(runs), stations_s)


def differences_of(
    played: Replications, a: int, b: int, price: MachinePrice, seconds: float, measures: Iterable[str] = MEASURES
) -> list[Difference]:
    """b - a in every measure asked for, over the replications that both have."""
    pairs = played.both(a, b)
    first = [with_money(one.figures, price, seconds) for one, _ in pairs]
    second = [with_money(one.figures, price, seconds) for _, one in pairs]
    labels = played.variants[a].label, played.variants[b].label
    return [_difference(name, labels, first, second) for name in measures]


def in_common(answer: Answer, replications: int, machine: MachinePrice) -> Json:
    """What a comparison and a sweep say alike: the measures, how sure they are, at what price, and how much was played.

    {"measures", "replications", "confidence", "method", "machine", "cancelled", "done", "total"}.
    """
    return {
        "measures": {name: measure.to_json() for name, measure in MEASURES.items()},
        "replications": replications,
        "confidence": CONFIDENCE,
        "method": METHOD if replications > 1 else "One replication: there are no intervals.",
        "machine": machine.to_json(),
        "cancelled": answer.cancelled,
        "done": answer.done,
        "total": answer.total,
    }


def pareto_json(columns: Sequence[Column]) -> Json:
    """{"x", "y", "points": [{"strategy", "x", "y", "on_front"}]}; x and y as means with intervals."""
    points = [
        {
            "strategy": column.strategy,
            "x": column.estimates[FRONT[0]].to_json(),
            "y": column.estimates[FRONT[1]].to_json(),
            "on_front": column.on_front,
        }
        for column in columns
    ]
    return {"x": FRONT[0], "y": FRONT[1], "points": points}


def _difference(name: str, labels: tuple[str, str], a: Sequence[Figures], b: Sequence[Figures]) -> Difference:
    found = difference([figures[name] for figures in a], [figures[name] for figures in b])
    return Difference(name, *labels, found, verdict_in_words(MEASURES[name], *labels, found))


def _verdicts(played: Replications, differences: Sequence[Difference]) -> dict[tuple[int, int, str], str]:
    """(a, b, measure) -> the verdict on b, with a and b as numbers of variants."""
    number = {variant.label: i for i, variant in enumerate(played.variants)}
    return {(number[d.a], number[d.b], d.measure): d.estimate.verdict for d in differences}


def _promises(runs: Sequence[Played]) -> tuple[Promise, ...]:
    if not runs:
        return ()
    found = []
    for name, first in runs[0].report["slo"].items():
        states = [one.report["slo"][name] for one in runs]
        judged = [state["met"] for state in states if state["met"] is not None]
        measured = estimate([state["measured"] for state in states])
        found.append(Promise(name, first["label"], first["target"], first["unit"], sum(judged), len(judged), measured))
    return tuple(found)


def _run_json(played: Replications, one: Played, price: MachinePrice, seconds: float) -> dict[str, Any]:
    series: dict[str, Points] = one.series
    return {
        "strategy": played.variants[one.variant].label,
        "replication": one.replication,
        "seed": one.seed,
        "measures": with_money(one.figures, price, seconds),
        **({"series": {name: {"t": t, "values": v} for name, (t, v) in series.items()}} if series else {}),
        **one.report,
    }
