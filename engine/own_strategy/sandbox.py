"""Run somebody's code in a process of its own, and believe nothing that it says but plain data of a limited size."""

import json
import os
import signal
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from engine.apart import Ended, Patience, run_apart
from engine.errors import OwnCodeFailed
from engine.own_strategy.policy import Limits
from engine.own_strategy.work import TIME_IS_UP, Work

_ROOT = Path(__file__).parents[2]
_START_S = 30.0
"""For Python, the engine and a first small world, before the code's own time begins."""
_GRACE_S = 3.0
"""After its time is over it is told so inside; then it is killed."""
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1",
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"),
}  # fmt: skip
"""All that it sees of ours."""


class Ran(NamedTuple):
    """What came back."""

    answer: dict[str, Any]
    printed: str
    """The beginning of what the code printed."""
    isolation: tuple[str, ...]
    """What held it in its place, a sentence each."""


def play_apart(mode: str, source: str, work: Work, limits: Limits, stopped: Callable[[], bool] | None = None) -> Ran:
    """Let a child process do the work with the source; `mode`: check or measure.

    `stopped`: asked now and then whether somebody still waits for it.

    Raises:
        OwnCodeFailed: the code failed, took too much or was stopped, or its process answered nothing that can be read.
    """
    job = {"mode": mode, "source": source, "work": asdict(work), "wall_s": limits.wall_s, "memory_mb": limits.memory_mb}
    job["cpu_s"] = limits.processor_s
    with tempfile.TemporaryDirectory(prefix="own-") as empty:
        os.chmod(empty, 0o500)
        ended = _play(json.dumps(job).encode(), Path(empty), limits, stopped)
    answer = _read(ended, limits)
    printed = ended.printed.decode(errors="replace")
    if "error" in answer:
        line = answer.get("line")
        raise OwnCodeFailed(str(answer["error"])[:1_000], line if isinstance(line, int) else None, printed)
    isolation = answer.get("isolation")
    return Ran(answer, printed, tuple(str(said) for said in isolation) if isinstance(isolation, list) else ())


def _play(job: bytes, folder: Path, limits: Limits, stopped: Callable[[], bool] | None) -> Ended:
    patience = Patience(
        start_s=_START_S,
        seconds=limits.wall_s + _GRACE_S,
        answer_bytes=limits.report_bytes,
        printed_bytes=limits.printed_bytes,
    )
    path = f"import sys; sys.path.insert(0, {str(_ROOT)!r})"
    return run_apart(
        lambda answer_fd: ["-s", "-P", "-c", f"{path}; from engine.own_strategy.child import main; main({answer_fd})"],
        job,
        patience,
        folder=folder,
        environment=_ENVIRONMENT,
        stopped=stopped,
    )


def _read(ended: Ended, limits: Limits) -> dict[str, Any]:
    if ended.stopped:
        raise OwnCodeFailed("The code was stopped: nobody waits for its answer any more.")
    if ended.late and not ended.begun:
        raise OwnCodeFailed("The code was not run: this machine is too busy to start it.")
    if ended.late or ended.status in (TIME_IS_UP, -signal.SIGXCPU):
        raise OwnCodeFailed(f"The code went on after its {limits.wall_s:g} s were over, and was killed.")
    if len(ended.answered) > limits.report_bytes:
        raise OwnCodeFailed(f"The report has more than {limits.report_bytes:,} bytes.")
    try:
        answer = json.loads(ended.answered)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        how = f"by signal {signal.Signals(-ended.status).name}" if ended.status < 0 else f"with status {ended.status}"
        raise OwnCodeFailed(f"The process of the code ended {how} before it had an answer.")
    return answer
