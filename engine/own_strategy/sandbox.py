"""Run somebody's code in a process of its own, and believe nothing that it says but plain data of a limited size."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from engine.clock import SystemWallClock
from engine.errors import OwnCodeFailed
from engine.own_strategy.policy import Limits
from engine.own_strategy.work import TIME_IS_UP, Work

_ROOT = Path(__file__).parents[2]
_START_S = 30.0
"""For Python, the engine and a first small world, before the code's own time begins."""
_GRACE_S = 3.0
"""After its time is over it is told so inside; then it is killed."""
_PIECE = 65_536
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


def run_apart(mode: str, source: str, work: Work, limits: Limits) -> Ran:
    """Let a child process do the work with the source; `mode`: check or measure.

    Raises:
        OwnCodeFailed: the code failed, took too much, or its process answered nothing that can be read.
    """
    job = {"mode": mode, "source": source, "work": asdict(work), "wall_s": limits.wall_s, "memory_mb": limits.memory_mb}
    with tempfile.TemporaryDirectory(prefix="own-") as empty:
        os.chmod(empty, 0o500)
        ended = _play(json.dumps(job).encode(), Path(empty), limits)
    answer = _read(ended, limits)
    printed = ended.printed.decode(errors="replace")
    if "error" in answer:
        line = answer.get("line")
        raise OwnCodeFailed(str(answer["error"])[:1_000], line if isinstance(line, int) else None, printed)
    isolation = answer.get("isolation")
    return Ran(answer, printed, tuple(str(said) for said in isolation) if isinstance(isolation, list) else ())


class _Ended(NamedTuple):
    status: int
    late: bool
    answered: bytes
    printed: bytes


def _play(job: bytes, folder: Path, limits: Limits) -> _Ended:
    theirs_read, theirs_write = os.pipe()
    path = f"import sys; sys.path.insert(0, {str(_ROOT)!r})"
    start = f"{path}; from engine.own_strategy.child import main; main({theirs_write})"
    try:
        child = subprocess.Popen(
            [sys.executable, "-s", "-P", "-c", start],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=(theirs_write,),
            cwd=folder, env=_ENVIRONMENT, start_new_session=True, close_fds=True,
        )  # fmt: skip
    finally:
        os.close(theirs_write)
    try:
        with contextlib.suppress(BrokenPipeError):
            assert child.stdin is not None
            child.stdin.write(job)
            child.stdin.close()
        return _listen(child, theirs_read, limits)
    finally:
        os.close(theirs_read)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # its own session: whatever it may have started
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def _listen(child: "subprocess.Popen[bytes]", answers: int, limits: Limits) -> _Ended:
    """Drain both pipes until they end or the time is over; keep no more than allowed."""
    assert child.stdout is not None
    wall, printed, answered = SystemWallClock(), bytearray(), bytearray()
    until_s = wall.now_s() + _START_S + limits.wall_s + _GRACE_S
    late = False
    with selectors.DefaultSelector() as pipes:
        pipes.register(child.stdout.fileno(), selectors.EVENT_READ, (printed, limits.printed_bytes))
        pipes.register(answers, selectors.EVENT_READ, (answered, limits.report_bytes + 1))
        while pipes.get_map():
            left_s = until_s - wall.now_s()
            if left_s <= 0:
                late = True
                break
            for key, _ in pipes.select(left_s):
                piece = os.read(key.fd, _PIECE)
                kept, most = key.data
                kept += piece[: most - len(kept)]
                if not piece:
                    pipes.unregister(key.fd)
    if late:
        os.killpg(child.pid, signal.SIGKILL)
    return _Ended(child.wait(), late, bytes(answered), bytes(printed))


def _read(ended: _Ended, limits: Limits) -> dict[str, Any]:
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
