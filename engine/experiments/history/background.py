"""Runs that are made beside whoever asked for them: a page does not stand still while a world is run."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.errors import ExperimentFailed, MurmurationError, TooManyWorlds
from engine.experiments.run import RunResult


@dataclass
class Underway:
    """A run in its own thread. `again`: the run that it repeats, if it does."""

    title: str
    again: int | None = None
    _ended: threading.Event = field(default_factory=threading.Event)
    _run_id: int | None = None
    _error: MurmurationError | None = None

    @property
    def ended(self) -> bool:
        """Whether it has its result, or failed."""
        return self._ended.is_set()

    def wait(self, seconds: float) -> bool:
        """Give it some real seconds; whether it has ended."""
        return self._ended.wait(seconds)

    def run_id(self) -> int:
        """The number under which it was kept.

        Raises:
            MurmurationError: why it was not made.
        """
        if self._error is not None:
            raise self._error
        if self._run_id is None:
            raise ExperimentFailed(f"{self.title} has not ended yet.")
        return self._run_id

    def _work(self, make: Callable[[], tuple[int, RunResult]], free: Callable[[], None]) -> None:
        try:
            self._run_id, result = make()
            result.world.close()
        except MurmurationError as error:
            self._error = error
        except Exception as error:
            said = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            self._error = ExperimentFailed(f"The run failed: {said}")
        finally:
            free()
            self._ended.set()


class Background:
    """One run at a time: a second would only make both slower."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def begin(self, title: str, make: Callable[[], tuple[int, RunResult]], again: int | None = None) -> Underway:
        """Have a run made and kept, as by `run_and_keep` or `run_again`.

        Raises:
            TooManyWorlds: one is under way.
        """
        if not self._turn.acquire(blocking=False):
            raise TooManyWorlds("Another run is being made here; try again when it has ended.")
        begun = Underway(title, again)
        threading.Thread(target=begun._work, args=(make, self._turn.release), name="run-and-keep", daemon=True).start()
        return begun


HERE = Background()
"""Of this process."""
