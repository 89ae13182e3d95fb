"""The process in which somebody's code runs: reads one job, raises the fence, does it, answers on its own pipe.

`python -c "... main(ANSWER_FD)"`, started by sandbox.py, which trusts nothing that comes back.
"""

import json
import math
import os
import resource
import signal
import site
import sys
import sysconfig
import threading
from pathlib import Path
from typing import Any

from engine.cores import on_all_cores
from engine.errors import InvalidInput, OwnCodeFailed
from engine.experiments.measures import figures
from engine.experiments.run import RunRequest, run
from engine.own_strategy.fence import raise_fence
from engine.own_strategy.histories import Played, history
from engine.own_strategy.law import check_law
from engine.own_strategy.template import TEMPLATE
from engine.own_strategy.work import FILE, TIME_IS_UP, Work, config_of
from engine.write_path.strategies import load_own
from engine.write_path.strategies.own import line_of

_ENGINE = Path(__file__).parents[1]


class _TimeIsUp(BaseException):
    """Not an Exception, so that ordinary code does not swallow it."""


def main(answer_fd: int) -> None:
    """Do the job on standard input; one JSON object on `answer_fd`."""
    job = json.loads(sys.stdin.buffer.read())
    work = Work(**job["work"])
    _warm_up(work, job["mode"])
    raised = raise_fence(_code_folders(), job["wall_s"], _own_cpu_s() + job["cpu_s"], job["memory_mb"], _time_is_up)
    os.write(answer_fd, b"\n")  # its time begins
    answer: dict[str, Any] = {"isolation": raised}
    try:
        answer |= _check(job["source"], work) if job["mode"] == "check" else _measure(job["source"], work)
    except _TimeIsUp as error:
        of_processor = error.args == (signal.SIGXCPU,)
        most = f"{job['cpu_s']} s of processor time" if of_processor else f"{job['wall_s']:g} s"
        answer |= _stopped(f"took more than {most}", line_of(error, FILE))
    except MemoryError as error:
        answer |= _stopped(f"took more than {job['memory_mb']:,} MB", line_of(error, FILE))
    except InvalidInput as error:
        answer |= {"error": str(error), "line": getattr(error, "line", None)}
    sys.stdout.flush()
    left = memoryview(json.dumps(answer).encode())
    while left:
        left = left[os.write(answer_fd, left) :]
    os._exit(0)


def _check(source: str, work: Work) -> dict[str, Any]:
    verdict = check_law(lambda: load_own(source, FILE, work.name), work.seed, work.histories)
    return {
        "verdict": verdict.to_json(),
        "name": load_own(source, FILE, work.name).type.__name__ if verdict.lawful else None,
    }


def _measure(source: str, work: Work) -> dict[str, Any]:
    own = load_own(source, FILE, work.name)
    result = run(RunRequest(config=config_of(work, own), scenario=work.scenario, seconds=work.seconds))
    return {"report": result.report, "figures": figures(result.report, result.world), "name": own.type.__name__}


def _stopped(why: str, line: int | None) -> dict[str, Any]:
    where = FILE if line is None else f"{FILE}, line {line}"
    return {"error": f"{where}: it {why} and was stopped.", "line": line}


def _own_cpu_s() -> int:
    """Whole seconds of processor time that this process has taken, before the code's own first line."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return math.ceil(used.ru_utime + used.ru_stime)


def _time_is_up(number: int, *_: object) -> None:
    """Said once, where the code can be told apart by its line; whoever swallows that is out at the next signal."""
    if _told:
        os._exit(TIME_IS_UP)
    _told.append(True)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    raise _TimeIsUp(number)


_told: list[bool] = []


def _warm_up(work: Work, mode: str) -> None:
    """Import what is imported late, and start the threads that there may be: afterwards neither is possible."""
    Played(config_of(work, load_own(TEMPLATE, FILE)), history(0, 0)._replace(acts=()))
    threads = os.cpu_count() or 1
    together = threading.Barrier(threads)
    on_all_cores([together.wait] * threads)
    if mode == "measure":
        run(RunRequest(config=config_of(work, load_own(TEMPLATE, FILE)), scenario=work.scenario, seconds=1))


def _code_folders() -> tuple[Path, ...]:
    """Whose files imports read: Python, what is installed, and the engine's code; no data of worlds."""
    found = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    found |= {*site.getsitepackages(), str(_ENGINE), str(_ENGINE.parent / "datasets")}
    return tuple(Path(path) for path in found)


__all__ = ["OwnCodeFailed", "main"]
