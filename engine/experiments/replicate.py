"""Paired replications: several designs, each on the very same recordings, side by side in any executor.

Replication r of every design has the seed base + r, so all designs of one replication see the same recording: common
random numbers (engine/experiments/intervals.py). That is checked by digest, not believed. What goes to a worker is a
`Task`, what comes back a `Played`: plain data, never a world. A worker keeps the last recording it drew, and tasks are
ordered by replication, so that most runs need not draw theirs again.

    replicate(variants, 5)                                      # a pool of this machine's cores
    replicate(variants, 5, executor=ThreadPoolExecutor(2))      # any concurrent.futures.Executor
    replicate(variants, 5, executor=Client("tcp://...").get_executor())     # a Dask cluster: dask.distributed

Of an executor nothing is asked but `submit(play, task) -> Future`, so that one over Ray actors is ten lines. Workers of
a cluster need this version of the package and, for graph and trace files, the same paths.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from engine.errors import ExperimentFailed, InvalidInput
from engine.experiments.intervals import get_ready
from engine.experiments.measures import Figures, figures
from engine.experiments.pool import own_pool
from engine.experiments.run import Json, Recording, RunRequest, record, run, series_of

MOST_REPLICATIONS = 1_000
_POLL_S = 0.1
"""How soon a cancel is noticed while all workers are busy."""

Progress = Callable[[int, int, str], None]
"""Told (runs done, runs in all, what was done last) after each run."""
Points = tuple[list[float], list[float]]
"""(virtual seconds, values in the metric's unit), of one length."""


class Flag(Protocol):
    """Says that one shall stop: a `threading.Event` is one."""

    def is_set(self) -> bool: ...


@dataclass(frozen=True)
class Variant:
    """One design: what to run, but for the seed of each replication, and what to call it."""

    label: str
    request: RunRequest


@dataclass(frozen=True)
class Task:
    """One run for a worker."""

    variant: int
    replication: int
    request: RunRequest
    series: tuple[str, ...]


@dataclass(frozen=True)
class Played:
    """What became of a task."""

    variant: int
    replication: int
    seed: int
    report: Json
    figures: Figures
    series: dict[str, Points]


@dataclass
class Replications:
    """What was played of `asked` replications of each variant; all of it, unless somebody cancelled."""

    variants: list[Variant]
    asked: int
    cancelled: bool = False
    played: list[dict[int, Played]] = field(default_factory=list)
    """By variant: replication -> what became of it."""

    def of(self, variant: int) -> list[Played]:
        """All that was played of a variant, by replication."""
        return [self.played[variant][r] for r in sorted(self.played[variant])]

    def both(self, a: int, b: int) -> list[tuple[Played, Played]]:
        """The replications that both variants have, paired."""
        shared = sorted(self.played[a].keys() & self.played[b].keys())
        return [(self.played[a][r], self.played[b][r]) for r in shared]

    def so_far(self) -> "Replications":
        """What has ended by now: a copy that stays, while this goes on being filled in another thread."""
        return replace(self, played=[dict(by_replication) for by_replication in self.played])

    @property
    def done(self) -> int:
        """Runs that ended."""
        return sum(len(by_replication) for by_replication in self.played)

    @property
    def total(self) -> int:
        """Runs asked for."""
        return len(self.variants) * self.asked

    def digests(self, variant: int = 0) -> dict[int, str]:
        """Seed -> digest of its recording."""
        return {played.seed: played.report["load"]["digest"] for played in self.of(variant)}


def replicate(
    variants: Sequence[Variant],
    replications: int,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancelled: Flag | None = None,
    series: tuple[str, ...] = (),
    filled: Callable[[Replications], None] | None = None,
) -> Replications:
    """Play every variant `replications` times, replication r with the seed of its request + r.

    An executor of one's own is left running; what was not begun there when somebody cancelled is not begun any more.
    The pool that is made without one is closed, and after a cancel its processes are ended at once.

    Args:
        series: names of metrics whose series come along with each run.
        filled: given once, before the first run, what will be filled and returned; for `so_far`.

    Raises:
        InvalidInput: a bad number of replications, or what a run refuses.
        ExperimentFailed: a worker died, or two variants that should have seen one recording did not.
    """
    if not 1 <= replications <= MOST_REPLICATIONS:
        raise InvalidInput(f"replications is {replications}; allowed: a whole number from 1 to {MOST_REPLICATIONS:,}.")
    tasks = list(_tasks(variants, replications, series))
    result = Replications(list(variants), replications, played=[{} for _ in variants])
    recordings: dict[Any, str] = {}
    if filled:
        filled(result)

    def take(played: Played) -> None:
        _check_digest(recordings, tasks[played.replication * len(variants) + played.variant], played)
        result.played[played.variant][played.replication] = played
        if progress:
            progress(
                result.done, result.total, f"{variants[played.variant].label}, replication {played.replication + 1}"
            )

    if executor is not None:
        _work_off(executor, tasks, take, cancelled)
    else:
        with own_pool([variant.request for variant in variants]) as (pool, end_now):
            _work_off(pool, tasks, take, cancelled)
            if result.done < result.total:
                end_now()
    result.cancelled = result.done < result.total
    return result


def play(task: Task, told: Callable[[float], None] | None = None) -> Played:
    """One run in a worker, on the recording that is at hand or a new one. `told`: as of `run`."""
    result = run(task.request, recording=_recording(task.request), told=told)
    counted = figures(result.report, result.world)
    every = series_of(result.world) if task.series else {}
    chosen = {name: (every[name][0].tolist(), every[name][1].tolist()) for name in task.series}
    result.world.close()
    return Played(task.variant, task.replication, task.request.config.seed, result.report, counted, chosen)


def recording_key(request: RunRequest) -> tuple[Any, ...]:
    """Requests with equal keys have the same people, who do the same."""
    config = request.config
    files = tuple(_version(path) for path in (request.graph, request.trace))
    return config.world, config.seed, config.load, request.scenario, request.seconds, request.celebrity_share, files


_AT_HAND = threading.local()


def _recording(request: RunRequest) -> Recording:
    """Kept for the next run of this worker: a thread has its own, for a load remembers what it drew."""
    key = recording_key(request)
    if getattr(_AT_HAND, "key", None) != key:
        _AT_HAND.key = _AT_HAND.recording = None  # two of a large world would not fit
        _AT_HAND.recording = record(request)
        _AT_HAND.key = key
    recording: Recording = _AT_HAND.recording
    return recording


def _version(path: Any) -> tuple[str, int, int] | None:
    """Of a file that may change between two runs."""
    if path is None or not path.exists():
        return None
    stat = path.stat()
    return str(path), stat.st_mtime_ns, stat.st_size


def _tasks(variants: Sequence[Variant], replications: int, series: tuple[str, ...]) -> Iterator[Task]:
    """By replication: who stops early has fewer replications of everything, and not everything of some."""
    for r in range(replications):
        for number, variant in enumerate(variants):
            config = variant.request.config
            seeded = replace(variant.request, config=config.with_knobs({"seed": config.seed + r}))
            yield Task(number, r, seeded, series)


def _work_off(
    executor: Executor, tasks: Sequence[Task], take: Callable[[Played], None], cancelled: Flag | None
) -> None:
    """Have all tasks played; results are taken as they come, in whatever order."""
    waiting: set[Future[Played]] = set()
    try:
        for task in tasks:
            if cancelled and cancelled.is_set():
                break
            future = executor.submit(play, task)
            if future.done():  # an executor that works in the caller
                take(future.result())
            else:
                waiting.add(future)
        if waiting:
            get_ready()
        while waiting and not (cancelled and cancelled.is_set()):
            done, _ = wait(waiting, _POLL_S, FIRST_COMPLETED)
            waiting -= done
            for future in done:
                take(future.result())
    except BrokenExecutor as error:
        raise ExperimentFailed(
            "A worker process died, perhaps for want of memory; take a smaller world or an executor with fewer workers."
        ) from error
    finally:
        for future in waiting:
            future.cancel()
    for future in waiting:
        if future.done() and not future.cancelled():
            take(future.result())


def _check_digest(recordings: dict[Any, str], task: Task, played: Played) -> None:
    """Every run of one recording must have been given that recording."""
    digest = played.report["load"]["digest"]
    expected = recordings.setdefault(recording_key(task.request), digest)
    if digest != expected:
        raise ExperimentFailed(
            f"Seed {played.seed} was recorded twice and differently ({expected[:12]} and {digest[:12]}): these runs "
            "cannot be compared; check that all workers run the same version."
        )
