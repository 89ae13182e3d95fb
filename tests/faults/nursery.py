"""Processes to be killed, at little cost: forked from one that has imported everything and opened nothing.

nursery = Nursery()
child = nursery.born("lives.acting", folder=..., seed=7)     # a function of a module here, and its keywords
for told in child.tells(): ...                       # what it says on its pipe, until it ends
child.kill(); child.ended() -> Ended(signal=9, status=0, cpu_s=0.2)
"""

import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LONGEST_S = 120
"""Wall seconds after which a child that hangs ends itself."""
_MOST = 1 << 16


class Ended(NamedTuple):
    """How a process ended."""

    signal: int
    """That ended it; 0 if none did."""
    status: int
    cpu_s: float


class Child:
    """One process, until it has ended."""

    def __init__(self, nursery: "Nursery", pid: int, pipe: int) -> None:
        self._nursery, self._pid = nursery, pid
        self._pipe = os.fdopen(pipe, "rb")

    def tells(self) -> Iterator[Any]:
        """What it says, line by line, until its end; a line that it did not finish was not said."""
        for line in self._pipe:
            if line.endswith(b"\n"):
                yield json.loads(line)

    def kill(self) -> None:
        """`kill -9`. It is not reaped before `ended`, so this reaches nobody else."""
        os.kill(self._pid, signal.SIGKILL)

    def ended(self) -> Ended:
        """Wait for its end."""
        self._pipe.close()
        return Ended(*self._nursery.ask({"wait": self._pid}))


class Nursery:
    """The process that all children are forked from, in the hand of the tests."""

    def __init__(self) -> None:
        self._link, theirs = socket.socketpair()
        arguments = [sys.executable, "-m", "tests.faults.nursery", str(theirs.fileno())]
        one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # threads do not outlive a fork
        self._process = subprocess.Popen(
            arguments, cwd=ROOT, env={**os.environ, **one_thread}, pass_fds=[theirs.fileno()]
        )
        theirs.close()
        self.cpu_s = 0.0
        """Processor time of all children that have ended."""

    def born(self, life: str, **told: Any) -> Child:
        """A child that lives `life(say, **told)`, named with its module; `told` is made JSON."""
        ours, theirs = os.pipe()
        message = json.dumps({"life": life, "told": told}, default=os.fspath).encode()
        socket.send_fds(self._link, [message], [theirs])
        os.close(theirs)
        return Child(self, self._answer(), ours)

    def told_by(self, life: str, **told: Any) -> Any:
        """The last that such a child says; it has to end well."""
        child = self.born(life, **told)
        said = list(child.tells())
        ended = child.ended()
        assert ended[:2] == (0, 0), f"{life} ended with {ended}; its last words: {said[-1:]}"
        return said[-1]

    def ask(self, question: dict[str, Any]) -> Any:
        """Send a question and wait for the answer."""
        self._link.sendall(json.dumps(question).encode())
        answer = self._answer()
        self.cpu_s += answer[2]
        return answer

    def close(self) -> None:
        """End it."""
        self._link.close()
        self._process.wait()

    def _answer(self) -> Any:
        answer = self._link.recv(_MOST)
        assert answer, "the nursery has ended"
        return json.loads(answer)


def serve(link: socket.socket) -> None:
    """Fork a child for each life that is asked for, until nobody asks any more. Questions come one at a time."""
    importlib.import_module("tests.faults.hardships")  # and with it the engine
    while True:
        message, pipes, *_ = socket.recv_fds(link, _MOST, 1)
        if not message:
            return
        asked = json.loads(message)
        if "wait" in asked:
            _, status, used = os.wait4(asked["wait"], 0)
            ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
            answer = [ended, os.WEXITSTATUS(status) if not ended else 0, used.ru_utime + used.ru_stime]
        else:
            answer = os.fork()
            if answer == 0:
                link.close()
                signal.alarm(LONGEST_S)
                os._exit(lived(asked["life"], asked["told"], pipes[0]))
            os.close(pipes[0])
        link.sendall(json.dumps(answer).encode())


def lived(life: str, told: dict[str, Any], pipe: int) -> int:
    """Live a life to its end; the exit status."""

    def say(what: Any) -> None:
        os.write(pipe, json.dumps(what).encode() + b"\n")  # at once: nothing is told later than it happened

    module, name = life.split(".")
    try:
        getattr(importlib.import_module(f"tests.faults.{module}"), name)(say, **told)
    except BaseException:
        say({"failed": traceback.format_exc()})
        return 1
    return 0


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
