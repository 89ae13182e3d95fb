"""The processes that experiments run in by default: as many as this machine has cores, and memory for."""

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from copy import copy
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

import psutil

from datasets.worlds import find_world
from engine.cores import use_at_most
from engine.experiments.run import RunRequest
from engine.memory import keep_freed

_SAFE = ("forkserver", "spawn")
"""For whoever has threads, as a page has. A fork server loads the engine once for all workers to come."""
_BASE: Any = multiprocessing.get_context(next(way for way in _SAFE if way in multiprocessing.get_all_start_methods()))
if _BASE.get_start_method() == "forkserver":
    _BASE.set_forkserver_preload(["engine.experiments.replicate"])
_UNSEEN_THREADS = ("duckdb", "pyarrow", "streamlit")
"""Packages that work in threads of which the interpreter knows nothing."""
_YOUNG = 100_000
"""Objects made before the collector looks for cycles among them. A world makes few, and 700 costs a sixth of a run."""


class _Worker(_BASE.Process):  # type: ignore[misc]
    """A process that does not begin by running the program that started it once more.

    Tasks need nothing of it, and it may be a page, a notebook, or a script that would start processes of its own.
    """

    @staticmethod
    def _Popen(process: BaseProcess) -> Any:  # noqa: N802
        with _another_main():
            return _BASE.Process._Popen(process)


_CONTEXT = copy(_BASE)
_CONTEXT.Process = _Worker


@contextmanager
def _another_main() -> Iterator[None]:
    """For a moment the program is an empty module: what a new process is told to begin with."""
    program, empty = sys.modules["__main__"], ModuleType("__main__")
    sys.modules["__main__"] = empty
    try:
        yield
    finally:
        if sys.modules["__main__"] is empty:
            sys.modules["__main__"] = program


@contextmanager
def own_pool(requests: Sequence[RunRequest]) -> Iterator[tuple[Executor, Callable[[], None]]]:
    """A pool for these runs, and what ends its processes at once, whatever they are at."""
    workers = workers_for(requests)
    pool = ProcessPoolExecutor(workers, _context(), _warm, (max(1, _cores() // workers),))

    def end_now() -> None:
        for process in list((pool._processes or {}).values()):  # public from Python 3.14: terminate_workers
            process.terminate()

    try:
        yield pool, end_now
    finally:
        pool.shutdown(cancel_futures=True)


def workers_for(requests: Sequence[RunRequest], free_gb: float | None = None) -> int:
    """As many as there are cores; fewer where worlds need more memory than is free for all, but one at least."""
    cores = _cores()
    needed_gb = max((find_world(request.config.world).memory_gb for request in requests), default=0.0)
    if not needed_gb:
        return cores
    free_gb = psutil.virtual_memory().available / 1e9 if free_gb is None else free_gb
    return max(1, min(cores, int(free_gb / needed_gb)))


def _end_with(caller: Any) -> None:
    caller.join()
    os._exit(1)


def _context() -> Any:
    """How workers begin. A program of one thread, as the command line is, forks: nothing is loaded a second time."""
    alone = threading.active_count() == 1 and not any(name in sys.modules for name in _UNSEEN_THREADS)
    return multiprocessing.get_context("fork") if alone and sys.platform == "linux" else _CONTEXT


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _warm(cores: int) -> None:
    """A worker begins: what is loaded stays, the other cores are others', and Ctrl-C is the caller's business. It does
    not outlive its caller, however that ended: it may hold gigabytes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    caller = multiprocessing.parent_process()
    if caller is not None:
        threading.Thread(target=_end_with, args=(caller,), daemon=True).start()
    use_at_most(cores)
    keep_freed()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 50)
