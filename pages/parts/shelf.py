"""Work beside whoever asked for it: it takes its turn among the studies, and who asks for the same gets the same."""

import math
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Executor
from threading import Event, Lock
from typing import Any, Generic, TypeVar

from engine.errors import ExperimentFailed, MurmurationError, RunCancelled
from engine.experiments.studies import STUDIES, State

Found = TypeVar("Found")
MOST_KEPT = 12
"""Of all visitors together: a run is kept with its world, some 20 MB. Whoever comes back to a forgotten one has it made
again, the same to the last figure."""
Told = Callable[[float], None]
"""Is told how much has been done, from 0 to 1."""


class Telling(Generic[Found]):
    """One piece of work. It may be asked from any thread how it stands."""

    def __init__(self, title: str, make: Callable[[Told], Found]) -> None:
        self.id = secrets.token_hex(8)
        self.title = title
        self.share = 0.0
        """How much has been done, from 0 to 1."""
        self.seen_s = math.inf  # before the first look at it, it is not forgotten
        self.state: State = "waiting"
        self.ahead = 0
        self._make = make
        self._ended = Event()
        self._found: Found | None = None
        self._error: MurmurationError | None = None

    @property
    def over(self) -> bool:
        """Nothing will change any more."""
        return self._ended.is_set()

    @property
    def failed(self) -> bool:
        """It is over, and there is nothing to show."""
        return self._error is not None

    def wait(self, seconds: float) -> bool:
        """Give it some real seconds; whether it is over."""
        return self._ended.wait(seconds)

    def cancel(self) -> None:
        """Stop it if it has not begun: a few seconds at most are lost otherwise."""
        if self.state == "waiting":
            self._end("cancelled", RunCancelled(f"{self.title} was cancelled before its turn came."))

    def work(self, executor: Executor | None, between: Callable[[], None]) -> None:
        """Do it, in this thread."""
        if self.over:
            return
        self.state = "running"

        def told(share: float) -> None:
            self.share = share

        try:
            self._found = self._make(told)
            self._end("done")
        except MurmurationError as error:
            self._end("failed", error)
        except Exception as error:  # a page has to say something, whatever it was
            said = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            self._end("failed", ExperimentFailed(f"{self.title} failed: {said}"))

    def found(self) -> Found:
        """What came out.

        Raises:
            MurmurationError: why nothing did.
        """
        if self._error is not None:
            raise self._error
        if self._found is None:
            raise ExperimentFailed(f"{self.title} has not ended yet.")
        return self._found

    def forget(self) -> None:
        """Let go of what came out: the studies remember the work itself for an hour."""
        self._found, self._error = None, RunCancelled(f"{self.title} was forgotten; run it again.")

    def _end(self, state: State, error: MurmurationError | None = None) -> None:
        self.state, self._error = state, error
        self._ended.set()


class Shelf:
    """What was asked for last, by whoever: a room of thirty that runs the same has it run once."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._lock = Lock()
        self._works: OrderedDict[Hashable, Telling[Any]] = OrderedDict()

    def ask(self, key: Hashable, title: str, make: Callable[[Told], Found]) -> Telling[Found]:
        """The work of this key: as it stands, or begun now. What has failed is tried again.

        Raises:
            TooManyStudies: as many wait as may.
        """
        with self._lock:
            there = self._works.get(key)
            if there is None or there.failed:
                there = Telling(title, make)
                STUDIES.enter(there)
                self._works[key] = there
                self._forget_oldest()
            self._works.move_to_end(key)
        STUDIES.seen(there.id)  # so that it is not forgotten
        return there

    def there(self, key: Hashable) -> Telling[Any] | None:
        """The work of this key if somebody has asked for it."""
        with self._lock:
            return self._works.get(key)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._works.clear()

    def _forget_oldest(self) -> None:
        over = [key for key, work in self._works.items() if work.over]
        for key in over[: max(len(self._works) - self._most, 0)]:
            self._works.pop(key).forget()


SHELF = Shelf()
