"""Executors of other kinds than a pool of processes, and one that plays nothing but knows what would come out."""

import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from engine.experiments.measures import MEASURES
from engine.experiments.replicate import Played, Task, play


class Synchronous(Executor):
    """Does everything in the caller, at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Elsewhere(Synchronous):
    """What a cluster asks of whoever uses it (Dask, Ray): all that goes out and comes back is bytes, and the function
    is found again by its name."""

    def submit(self, fn, /, *args, **kwargs):
        fn, args, kwargs = pickle.loads(pickle.dumps((fn, args, kwargs)))
        future = super().submit(fn, *args, **kwargs)
        if future.exception() is None:
            whole = future.result()
            future = Future()
            future.set_result(pickle.loads(pickle.dumps(whole)))
        return future


class Scripted(Synchronous):
    """Plays nothing: `figures(task)` says what a run measures, the rest of its report is made up to fit."""

    def __init__(self, figures: Callable[[Task], dict[str, float | None]], digest=lambda task: "d") -> None:
        self.figures, self.digest, self.submitted = figures, digest, 0

    def submit(self, fn, /, *args, **kwargs):
        assert fn is play
        self.submitted += 1
        return super().submit(self._made_up, *args)

    def _made_up(self, task: Task) -> Played:
        figures = {name: 0.0 for name in MEASURES if name != "usd_per_day"} | self.figures(task)
        seed = task.request.config.seed
        digest = f"{self.digest(task)}{seed}"
        slo = {"visible_lag": {"label": "within", "target": 5_000.0, "unit": "ms"}}
        measured = figures["visible_lag_p99_ms"]
        slo["visible_lag"] |= {"measured": measured, "met": None if measured is None else measured <= 5_000}
        report = {"load": {"digest": digest}, "slo": slo, "cost": {"kind": "modelled", "workers_s": 1.0}}
        return Played(task.variant, task.replication, seed, report, figures, {})
