"""Paired replications: the same recording for everybody, in any executor, and what is left after a cancel."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from types import ModuleType

import numpy as np
import psutil
import pytest

from datasets.worlds import preset_config
from engine import cores
from engine.errors import ExperimentFailed, InvalidGraph, InvalidInput
from engine.experiments.pool import own_pool, workers_for
from engine.experiments.replicate import Variant, play, replicate
from engine.experiments.run import RunRequest, run
from engine.write_path.strategies import with_strategy
from tests.experiments.executors import Elsewhere, Scripted, Synchronous
from tests.experiments.small import small


def variant(strategy: str = "push", seconds: int = 1, **knobs) -> Variant:
    request = small(seconds, **knobs)
    return Variant(strategy, replace(request, config=with_strategy(request.config, strategy)))


DESIGNS = [variant("push"), variant("pull"), variant("hybrid:threshold=60")]


def without_wall_time(report):
    return {key: value for key, value in report.items() if key not in ("wall_seconds", "build_seconds")}


def test_replication_r_has_the_seed_base_plus_r_and_one_digest_for_all():
    got = replicate(DESIGNS, 2, executor=Synchronous())
    seeds = [[played.seed for played in got.of(number)] for number in range(3)]
    assert seeds == [[7, 8]] * 3
    digests = [got.digests(number) for number in range(3)]
    assert digests[0] == digests[1] == digests[2]
    assert len(set(digests[0].values())) == 2
    assert (got.done, got.total, got.cancelled) == (6, 6, False)


def test_a_shared_recording_changes_nothing_in_a_run():
    got = replicate(DESIGNS, 1, executor=Synchronous())
    for number, design in enumerate(DESIGNS):
        alone = run(design.request).report
        assert without_wall_time(got.of(number)[0].report) == without_wall_time(alone)


@pytest.fixture(scope="module")
def expected():
    return replicate(DESIGNS[:2], 2, executor=Synchronous())


@pytest.mark.parametrize("kind", ["threads", "processes", "elsewhere", "own"])
def test_any_executor_gives_the_same(kind, expected, tmp_path, monkeypatch):
    if kind == "own":
        program = ModuleType("__main__")  # a page or a script, which no worker may run again
        program.__file__ = str(tmp_path / "app.py")
        (tmp_path / "app.py").write_text("raise SystemExit('run once more')")
        monkeypatch.setitem(sys.modules, "__main__", program)
        got = replicate(DESIGNS[:2], 2)
        assert sys.modules["__main__"] is program
    else:
        executor = EXECUTORS[kind]()
        got = replicate(DESIGNS[:2], 2, executor=executor)
        assert executor.submit(len, "it goes on").result() == 10
        executor.shutdown()
    for number in range(2):
        for mine, theirs in zip(got.of(number), expected.of(number), strict=True):
            assert mine.figures == theirs.figures
            assert without_wall_time(mine.report) == without_wall_time(theirs.report)


SPAWN = multiprocessing.get_context("spawn")
EXECUTORS = {
    "threads": lambda: ThreadPoolExecutor(2),
    "processes": lambda: ProcessPoolExecutor(1, mp_context=SPAWN),
    "elsewhere": Elsewhere,
}


def test_series_come_along_if_asked_for():
    got = replicate(DESIGNS[:1], 1, executor=Elsewhere(), series=("reads", "home_latency"))
    series = got.of(0)[0].series
    assert list(series) == ["reads", "home_latency"]
    assert len(series["reads"][0]) == len(series["reads"][1]) > 0


@pytest.mark.parametrize("threads", [1, 2])
def test_a_cancel_midway_keeps_whole_replications_of_everything(threads):
    cancelled = threading.Event()

    def after_four(done: int, total: int, what: str) -> None:
        if done >= 4:
            cancelled.set()

    with ThreadPoolExecutor(threads) as executor:
        got = replicate(DESIGNS, 50, executor=executor, progress=after_four, cancelled=cancelled)
    assert got.cancelled
    assert 4 <= got.done < got.total  # how many more depends on how busy this thread's core is
    counts = [len(got.of(number)) for number in range(3)]
    assert max(counts) - min(counts) <= threads
    assert len(got.both(0, 1)) >= 1


def test_a_cancel_in_the_callers_own_thread_begins_nothing_more():
    cancelled = threading.Event()
    executor = Scripted(lambda task: {})
    got = replicate(DESIGNS, 9, executor=executor, progress=lambda *_: cancelled.set(), cancelled=cancelled)
    assert (got.done, executor.submitted) == (1, 1)


def test_what_ended_while_nobody_looked_is_kept_after_a_cancel():
    cancelled, waiting = threading.Event(), []

    class AtOnce(Scripted):
        """Everything ends in the moment of the cancel, but for the last run."""

        def submit(self, fn, /, *args, **kwargs):
            waiting.append((Future(), super().submit(fn, *args, **kwargs)))
            if len(waiting) == 6:
                for future, played in waiting[:-1]:
                    future.set_result(played.result())
                cancelled.set()
            return waiting[-1][0]

    got = replicate(DESIGNS, 2, executor=AtOnce(lambda task: {}), cancelled=cancelled)
    assert (got.done, got.cancelled) == (5, True)
    assert waiting[-1][0].cancelled()


def test_a_cancel_ends_the_own_pool_and_what_it_is_at():
    cancelled = threading.Event()
    long = [variant("push"), variant("push:", seconds=86_400)]  # the second takes minutes
    began_s = time.monotonic()
    got = replicate(long, 1, progress=lambda *_: cancelled.set(), cancelled=cancelled)
    assert (got.done, got.cancelled) == (1, True)
    assert time.monotonic() - began_s < 20


def test_progress_counts_every_run_and_names_it():
    told = []
    replicate(DESIGNS, 2, executor=Scripted(lambda task: {}), progress=lambda *what: told.append(what))
    assert [done for done, _, _ in told] == [1, 2, 3, 4, 5, 6]
    assert told[0] == (1, 6, "push, replication 1")
    assert told[-1] == (6, 6, "hybrid:threshold=60, replication 2")


def test_runs_that_saw_another_load_are_not_compared():
    with pytest.raises(ExperimentFailed, match="Seed 7 was recorded twice and differently"):
        replicate(DESIGNS, 1, executor=Scripted(lambda task: {}, digest=lambda task: f"d{task.variant}"))


def test_another_load_may_be_another_recording():
    other = variant("push", **{"load.reads_per_s": 100.0})
    got = replicate([DESIGNS[0], other], 1, executor=Synchronous())
    assert got.digests(0) != got.digests(1)


def test_a_worker_that_dies_is_told_in_one_sentence():
    class Dying(ProcessPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            return super().submit(os._exit, 1)

    with Dying(1, mp_context=SPAWN) as executor, pytest.raises(ExperimentFailed, match="A worker process died"):
        replicate(DESIGNS, 1, executor=executor)


def test_what_a_run_refuses_is_told_as_it_is(tmp_path):
    graph = tmp_path / "bad.csv"
    graph.write_text("1,2\n2,x\n")
    with pytest.raises(InvalidGraph, match="line 2"):
        replicate([Variant("a", RunRequest(config=preset_config("classroom"), graph=graph))], 1, executor=Elsewhere())


@pytest.mark.parametrize("replications", [0, -1, 1_001])
def test_replications_have_bounds(replications):
    with pytest.raises(InvalidInput, match="from 1 to 1,000"):
        replicate(DESIGNS, replications, executor=Synchronous())


def test_common_random_numbers_really_make_a_difference_less_noisy():
    got = replicate([variant("push"), variant("push_active")], 8, executor=Synchronous())
    for measure in ("machine_s", "home_mean_ms", "rows_read"):
        push, active = (np.array([played.figures[measure] for played in got.of(number)]) for number in (0, 1))
        strangers = np.var(push, ddof=1) + np.var(active, ddof=1)
        assert np.var(active - push, ddof=1) < 0.5 * strangers, measure


def test_a_world_that_takes_much_memory_gets_fewer_workers():
    country = RunRequest(config=preset_config("country"))
    assert workers_for([country], free_gb=9.0) == 1
    assert workers_for([country], free_gb=1.0) == 1  # and is refused there, with the reason
    assert workers_for([DESIGNS[0].request], free_gb=0.1) >= 1


def shared_cores() -> int:
    return cores.CORES


def began_by() -> int:
    return os.getppid()


def test_workers_leave_each_other_the_cores():
    before = cores.CORES
    with own_pool([DESIGNS[0].request]) as (pool, _):
        assert pool.submit(shared_cores).result() == 1
    assert before == cores.CORES, "the caller's own are as many as they were"


@pytest.mark.skipif(sys.platform != "linux", reason="only there a program forks")
@pytest.mark.parametrize("hidden", [None, "duckdb"])
def test_only_a_program_without_other_threads_forks(monkeypatch, hidden):
    for name in ("duckdb", "pyarrow", "streamlit"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    if hidden:
        monkeypatch.setitem(sys.modules, hidden, ModuleType(hidden))
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    with own_pool([DESIGNS[0].request]) as (pool, _):
        parent = pool.submit(began_by).result()
    assert (parent == os.getpid()) == (hidden is None)
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    with own_pool([DESIGNS[0].request]) as (pool, _):
        parent = pool.submit(began_by).result()
    assert parent != os.getpid(), "a lock that another thread holds would be held for ever"


def test_the_command_line_begins_with_nothing_that_forbids_to_fork():
    ready = "from engine.__main__ import _parser; import sys; _parser(['compare'])"
    loaded = f"{ready}; sys.exit(len({{'duckdb', 'pyarrow', 'streamlit'}} & {{*sys.modules}}))"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0


@pytest.mark.parametrize("threads", [1, 2])
def test_however_workers_begin_they_play_the_same(monkeypatch, threads):
    for name in ("duckdb", "pyarrow", "streamlit"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(threading, "active_count", lambda: threads)
    got = replicate(DESIGNS[:2], 1)
    for number in range(2):
        alone = run(got.variants[number].request).report
        assert without_wall_time(got.of(number)[0].report) == without_wall_time(alone)


def test_a_task_is_played_by_a_function_that_any_worker_can_find():
    assert play.__module__ == "engine.experiments.replicate"
    assert play.__qualname__ == "play"


@pytest.mark.parametrize("threads", [0, 1], ids=["forked", "by a fork server"])
def test_no_worker_outlives_a_caller_that_was_killed(threads):
    script = f"""
import os, sys, threading, time
from engine.experiments.pool import own_pool
for _ in range({threads}):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
with own_pool([]) as (pool, _):
    tasks = [pool.submit(time.sleep, 60) for _ in range(2)]
    while not (pool._processes and all(task.running() for task in tasks)):
        time.sleep(0.01)
    print(*pool._processes, flush=True)
    time.sleep(60)
"""
    caller = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert caller.stdout is not None
    with caller.stdout as said:
        workers = [psutil.Process(int(pid)) for pid in said.readline().split()]
    assert workers
    caller.kill()
    caller.wait()
    _, left = psutil.wait_procs(workers, timeout=10)
    for worker in left:
        worker.kill()
    assert left == []
