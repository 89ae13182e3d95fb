"""A process apart, for what nobody trusts: started, given its job, listened to for a while, killed with all it began.

What limits it from the inside (memory, processor time, files, network) the process raises itself, before it touches
what it was given: engine/experiments/console/child.py for queries, engine/own_strategy/fence.py for code. Here is what
holds it from the outside, whatever it does: a clock, an environment and a folder that tell nothing, a session of its
own that can be killed as one, and no more bytes from it than are wanted.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from engine.clock import SystemWallClock, WallClock

_PIECE = 65_536
_POLL_S = 0.2
"""How soon it is noticed that nobody waits any more."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long it is listened to, in real seconds, and how much of what it says is kept.

    start_s: until it says that it begins; how long a busy machine takes to start a process is not held against it.
    seconds: from then on.
    """

    start_s: float
    seconds: float
    answer_bytes: int
    printed_bytes: int = 0


class Ended(NamedTuple):
    """What came of it. Of an answer that was too long there is one byte more than was wanted."""

    status: int
    """Of its end; of one that was killed, minus the number of the signal."""
    begun: bool
    """It said that it begins."""
    late: bool
    """Its time was over, so it was killed."""
    stopped: bool
    """Nobody waited for it any more, so it was killed."""
    answered: bytes
    """Without the new line with which it began."""
    printed: bytes
    """The beginning of what came on its standard output and error."""


def run_apart(
    python: Callable[[int], Sequence[str]],
    given: bytes,
    patience: Patience,
    *,
    folder: Path,
    environment: Mapping[str, str],
    stopped: Callable[[], bool] | None = None,
    wall: WallClock | None = None,
) -> Ended:
    """Run Python in a process of its own, to its end or to the end of our patience; none of its processes is left.

    Args:
        python: arguments of the interpreter, by the number of the descriptor to answer on. The process writes a new
            line there when it begins what it was given, and its answer when it has one.
        given: on its standard input.
        folder: where it is.
        environment: all that it sees of ours.
        stopped: asked now and then whether nobody waits for it any more.
    """
    answers, theirs = os.pipe()
    try:
        with tempfile.TemporaryFile() as stdin:  # unlike a pipe, it never keeps us waiting for who does not read
            stdin.write(given)
            stdin.seek(0)
            child = subprocess.Popen(
                [sys.executable, *python(theirs)],
                stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=(theirs,),
                cwd=folder, env=dict(environment), start_new_session=True,
            )  # fmt: skip
    except BaseException:
        os.close(answers)
        raise
    finally:
        os.close(theirs)
    try:
        heard = _listen(child, answers, patience, stopped, wall or SystemWallClock())
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)  # before it is waited for: until then nobody else has its number
        child.wait()
        os.close(answers)
        assert child.stdout is not None
        child.stdout.close()
    return Ended(child.returncode, *heard)


def _listen(
    child: "subprocess.Popen[bytes]",
    answers: int,
    patience: Patience,
    stopped: Callable[[], bool] | None,
    wall: WallClock,
) -> tuple[bool, bool, bool, bytes, bytes]:
    """All of `Ended` but the status: drain both pipes until they end or its time is over; keep what is wanted."""
    assert child.stdout is not None
    answered, printed, begun, late, gone = bytearray(), bytearray(), False, False, False
    until_s = wall.now_s() + patience.start_s
    with selectors.DefaultSelector() as pipes:
        pipes.register(answers, selectors.EVENT_READ, (answered, patience.answer_bytes + 2))
        pipes.register(child.stdout.fileno(), selectors.EVENT_READ, (printed, patience.printed_bytes))
        while pipes.get_map() and not late and not gone:
            left_s = until_s - wall.now_s()
            for key, _ in pipes.select(min(left_s, _POLL_S) if stopped else left_s):
                piece = os.read(key.fd, _PIECE)
                kept, most = key.data
                kept += piece[: most - len(kept)]
                if not piece:
                    pipes.unregister(key.fd)
            if answered and not begun:
                begun, until_s = True, wall.now_s() + patience.seconds
            if pipes.get_map():
                late, gone = wall.now_s() >= until_s, stopped is not None and stopped()
    return begun, late, gone, bytes(answered[1:]), bytes(printed)
