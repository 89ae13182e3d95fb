"""A strategy of somebody's own among those compared: its runs are played behind a fence, all others as always.

The code never runs in this process: a configuration only names it, and each of its runs is a process of its own
(engine/own_strategy). That it meets the same load is checked by digest, as of every run.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

from engine.config import KNOBS
from engine.errors import InvalidInput, OwnCodeFailed
from engine.experiments.compare import CompareRequest, variants_of
from engine.experiments.pool import own_pool
from engine.experiments.replicate import Played, Task, Variant
from engine.experiments.run import RunRequest
from engine.own_strategy import FILE, Limits, OwnCodePolicy, Work, measure

_LIMITS = Limits(wall_s=120.0, memory_mb=768)
"""Of one run of ten virtual minutes on a busy machine."""
_WAIT_S = 300.0
"""For a turn among those who have their code checked."""
WORLD = "classroom"
"""Others need more memory than such a process may have."""


@dataclass(frozen=True, kw_only=True)
class OwnCode:
    """Somebody's source, the name of its class, and what allows it to run here."""

    source: str
    name: str
    policy: OwnCodePolicy

    @property
    def spec(self) -> str:
        """As the command line takes it, once the source is in a file of that name."""
        return f"{FILE}:{self.name}"

    @property
    def sha256(self) -> str:
        """Of the source, in hexadecimal digits."""
        return hashlib.sha256(self.source.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class OwnComparison(CompareRequest):
    """A comparison in which one of the strategies, by its `spec`, is somebody's own code."""

    code: OwnCode


def own_designs(request: OwnComparison) -> list[Variant]:
    """What will be played, in the order of the strategies.

    Raises:
        InvalidInput: as `compare.designs`, or a world that own code is not measured in.
        NotAllowed: own code is off here.
    """
    request.code.policy.require()
    if request.run.config.world != WORLD:
        raise InvalidInput(f"Your own strategy is measured in the world {WORLD} only: its process has little memory.")
    if request.strategies.count(request.code.spec) > 1:
        raise InvalidInput(f"Strategy {request.code.spec!r} is named twice; allowed: each strategy once.")
    ours = iter(variants_of(request.run, [spec for spec in request.strategies if spec != request.code.spec]))
    mine = Variant(request.code.spec, _named(request.run, request.code))
    return [mine if spec == request.code.spec else next(ours) for spec in request.strategies]


def _named(run: RunRequest, code: OwnCode) -> RunRequest:
    """The run under this code, which nobody but its own process can make a strategy of."""
    return replace(run, config=replace(run.config, strategy=replace(run.config.strategy, name=code.spec)))


@contextmanager
def played_beside(
    code: OwnCode, variants: Sequence[Variant], executor: Executor | None, stop: Event
) -> Iterator[Executor]:
    """An executor that has this code played behind its fence, and all else by `executor` or a pool of this machine."""
    over = Event()
    with ThreadPoolExecutor(1, thread_name_prefix="own-code") as apart:
        try:
            if executor is not None:
                yield _Beside(executor, apart, code, lambda: stop.is_set() or over.is_set())
                return
            with own_pool([variant.request for variant in variants]) as (pool, end_now):
                yield _Beside(pool, apart, code, lambda: stop.is_set() or over.is_set())
                if stop.is_set():
                    end_now()
        finally:
            over.set()


class _Beside(Executor):
    """Sends each run where it belongs."""

    def __init__(self, ours: Executor, apart: Executor, code: OwnCode, stopped: Callable[[], bool]) -> None:
        self._ours, self._apart, self._code, self._stopped = ours, apart, code, stopped

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        (task,) = args
        if task.request.config.strategy.name == self._code.spec:
            return self._apart.submit(_play_apart, task, self._code, self._stopped)
        return self._ours.submit(fn, *args, **kwargs)


def _play_apart(task: Task, code: OwnCode, stopped: Callable[[], bool]) -> Played:
    """One run of the code in a process of its own, on the load of its seed."""
    run = task.request
    work = Work(
        world=run.config.world,
        scenario=run.scenario,
        seconds=run.seconds,
        seed=run.config.seed,
        knobs={name: run.config.knob(name) for name in KNOBS if name != "seed"},
        name=code.name,
    )
    try:
        found = measure(code.source, work, policy=code.policy, limits=_LIMITS, wait_s=_WAIT_S, stopped=stopped)
    except OwnCodeFailed as error:
        said = f"{code.spec} failed under the load of seed {run.config.seed}. {error}"
        raise OwnCodeFailed(said, error.line, error.printed) from None
    report = found.report | {"inputs": {"strategy": {"name": FILE, "sha256": code.sha256, "place": FILE}}}
    return Played(task.variant, task.replication, run.config.seed, report, found.figures, {})
