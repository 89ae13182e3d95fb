"""A run that is made beside whoever asked for it, and kept: a page follows it, and can stop it."""

import math
import secrets
from collections.abc import Callable
from concurrent.futures import Executor
from threading import Event
from typing import Literal, Protocol

from engine.errors import ExperimentFailed, MurmurationError, RunCancelled
from engine.experiments.run import RunRequest, RunResult, run

State = Literal["waiting", "running", "done", "cancelled", "failed"]
"""The last three are ends; only the first of them leaves a run."""
Play = Callable[[RunRequest], RunResult]


class Make(Protocol):
    """`run_and_keep` or `run_again`, but for `play`."""

    def __call__(self, *, play: Play) -> tuple[int, RunResult]: ...


class RunJob:
    """One run that takes its turn among the studies (`STUDIES.enter`). It may be asked from any thread how it stands.

    Args:
        title: what is run, in a few words.
        make: makes and keeps it.
        seconds: of virtual time, how long its load arrives.
        again: the run that it repeats, if it does.
    """

    def __init__(self, title: str, make: Make, seconds: float, *, again: int | None = None) -> None:
        self.id = secrets.token_hex(8)
        self.title, self.seconds, self.again = title, seconds, again
        self.seen_s = math.inf  # before the first look at it, it is not forgotten
        self.state: State = "waiting"
        self.ahead = 0
        self.virtual_s = 0.0
        self._make = make
        self._stop, self._ended = Event(), Event()
        self._run_id: int | None = None
        self._error: MurmurationError | None = None

    @property
    def over(self) -> bool:
        """Nothing will change any more."""
        return self._ended.is_set()

    @property
    def share(self) -> float:
        """How much of its load has arrived, from 0 to 1; afterwards its queues are emptied."""
        return min(self.virtual_s / self.seconds, 1.0)

    def wait(self, seconds: float) -> bool:
        """Give it some real seconds; whether it is over."""
        return self._ended.wait(seconds)

    def cancel(self) -> None:
        """Stop; nothing of it is kept. Of one that is over, nothing changes."""
        self._stop.set()
        if self.state == "waiting":
            self._end("cancelled", RunCancelled("Cancelled before its turn came; nothing is kept."))

    def work(self, executor: Executor | None, between: Callable[[], None]) -> None:
        """Make it, in this thread; `between` is called after each virtual second. One run alone needs no executor."""
        if self.over:
            return
        self.state = "running"

        def told(virtual_s: float) -> None:
            self.virtual_s = virtual_s
            between()
            if self._stop.is_set():
                raise RunCancelled(f"Cancelled after {virtual_s:,.0f} s of virtual time; nothing is kept.")

        try:
            self._run_id, result = self._make(play=lambda request: run(request, told=told))
            result.world.close()
            self._end("done")
        except RunCancelled as stopped:
            self._end("cancelled", stopped)
        except MurmurationError as error:
            self._end("failed", error)
        except Exception as error:  # a page has to say something, whatever it was
            said = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            self._end("failed", ExperimentFailed(f"The run failed: {said}"))

    def run_id(self) -> int:
        """The number under which it is kept.

        Raises:
            MurmurationError: why it is not.
        """
        if self._error is not None:
            raise self._error
        if self._run_id is None:
            raise ExperimentFailed(f"{self.title} has not ended yet.")
        return self._run_id

    def _end(self, state: State, error: MurmurationError | None = None) -> None:
        self.state, self._error = state, error
        self._ended.set()
