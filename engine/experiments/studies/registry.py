"""Who runs what: comparisons and sweeps in the background, one at a time, seen by whoever knows their id."""

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Lock
from typing import Literal

from engine.clock import WallClock
from engine.errors import MurmurationError, TooManyStudies, UnknownStudy
from engine.experiments import compare, sweep
from engine.experiments.compare import CompareRequest, Comparison
from engine.experiments.replicate import Replications, Variant, replicate
from engine.experiments.sweep import Sweep, SweepRequest

Request = CompareRequest | SweepRequest
Found = Comparison | Sweep
State = Literal["waiting", "running", "done", "cancelled", "failed"]
"""The last three are ends. Cancelled, and failed too, keep what had come out by then."""

MOST_WAITING = 3
KEPT_S = 3_600.0
"""After this long without anybody looking at it a study is forgotten."""


@dataclass(frozen=True)
class Look:
    """A study at one instant.

    what: the run that ended last; "" before the first. found: what is known by now; None before the first run ended.
    error: one sentence, of a study that failed. ahead: of one that waits, how many come before it.
    """

    state: State
    done: int
    total: int
    what: str
    found: Found | None
    error: str | None
    ahead: int

    @property
    def over(self) -> bool:
        """Nothing will change any more."""
        return self.state in ("done", "cancelled", "failed")


class Study:
    """One comparison or sweep. What it says may be asked for from any thread."""

    def __init__(self, request: Request, variants: Sequence[Variant], now_s: float) -> None:
        self.id = secrets.token_hex(8)
        self.request = request
        self.seen_s = now_s
        self.state: State = "waiting"
        self.ahead = 0
        self._variants = variants
        self._stop = Event()
        self._lock = Lock()
        self._played: Replications | None = None
        self._what = ""
        self._error: str | None = None
        self._made: tuple[int, bool, Found] | None = None

    @property
    def over(self) -> bool:
        """Nothing will change any more."""
        return self.state in ("done", "cancelled", "failed")

    def cancel(self) -> None:
        """Stop; what has ended by then is kept. Of one that is over, nothing changes."""
        self._stop.set()
        if self.state == "waiting":
            self.state = "cancelled"

    def look(self) -> Look:
        """How it stands."""
        state, ahead = self.state, self.ahead  # first: what is found by then belongs to no earlier state
        played = self._played.so_far() if self._played else None
        done = played.done if played else 0
        total = len(self._variants) * self.request.replications
        return Look(state, done, total, self._what, self._found(played, state), self._error, ahead)

    def work(self, executor: Executor | None, between: Callable[[], None]) -> None:
        """Run it to its end, in this thread; `between` is called after each run."""
        if self._stop.is_set():
            self.state = "cancelled"
            return
        self.state = "running"

        def told(_done: int, _total: int, what: str) -> None:
            self._what = what
            between()

        def filled(played: Replications) -> None:
            self._played = played

        try:
            played = replicate(
                self._variants, self.request.replications,
                executor=executor, progress=told, cancelled=self._stop, filled=filled,
            )  # fmt: skip
            self.state = "cancelled" if played.cancelled else "done"
        except MurmurationError as error:
            self._fail(str(error))
        except Exception as error:  # a page has to say something, whatever it was
            self._fail(f"The study ended with an error of the program: {type(error).__name__}: {error}"[:300])

    def _fail(self, sentence: str) -> None:
        self._error = sentence
        self.state = "failed"

    def _found(self, played: Replications | None, state: State) -> Found | None:
        """Of what was played; made once for each number of runs."""
        if played is None or not played.done:
            return None
        played.cancelled = state in ("cancelled", "failed")
        with self._lock:
            if self._made is None or self._made[:2] != (played.done, played.cancelled):
                self._made = (played.done, played.cancelled, self._of(played))
            return self._made[2]

    def _of(self, played: Replications) -> Found:
        if isinstance(self.request, CompareRequest):
            return compare.of_replications(self.request, played)
        return sweep.of_replications(self.request, played)


class Studies:
    """All studies of a process. One is at work, a few wait, the others are over.

    Args:
        wall: for forgetting.
        executor: plays the runs; None: a pool of this machine's cores for each study.
        turns: gives the studies their turn, one at a time; None: a thread of its own.
    """

    def __init__(self, wall: WallClock, executor: Executor | None = None, turns: Executor | None = None) -> None:
        self._wall, self._executor = wall, executor
        self._turns = turns or ThreadPoolExecutor(1, thread_name_prefix="studies")
        self._lock = Lock()
        self._studies: dict[str, Study] = {}
        self._closed = False

    def start(self, request: Request) -> Study:
        """Begin a study, or have it wait for its turn.

        Raises:
            InvalidInput: what the request asks for is not allowed; nothing was begun.
            TooManyStudies: as many wait as may.
        """
        comparing = isinstance(request, CompareRequest)
        variants = compare.designs(request) if comparing else sweep.designs(request)  # type: ignore[arg-type]
        self._forget()
        with self._lock:
            waiting = sum(study.state == "waiting" for study in self._studies.values())
            if self._closed or waiting >= MOST_WAITING:
                raise TooManyStudies(
                    f"One study is at work and {waiting} wait for their turn, as many as may; try again when one of "
                    "them is over, or cancel yours."
                )
            study = Study(request, variants, self._wall.now_s())
            self._studies[study.id] = study
            self._count_ahead()
        self._turns.submit(self._work, study)
        return study

    def find(self, study_id: str) -> Study:
        """A study by its id; it is remembered for another hour.

        Raises:
            UnknownStudy: there is none, or not any more.
        """
        self._forget()
        with self._lock:
            study = self._studies.get(study_id)
            if study is None:
                raise UnknownStudy(
                    "The study of this address is not here any more: one is kept for an hour after the last look at "
                    "it, and until the server ends."
                )
            study.seen_s = self._wall.now_s()
            return study

    def cancel(self, study_id: str) -> None:
        """Stop one; what has ended by then is kept.

        Raises:
            UnknownStudy: there is none.
        """
        study = self.find(study_id)
        study.cancel()
        with self._lock:
            self._count_ahead()

    def close(self) -> None:
        """Stop all of them, with the server. Afterwards none can be started."""
        with self._lock:
            self._closed = True
            studies = list(self._studies.values())
        for study in studies:
            study.cancel()
        self._turns.shutdown(cancel_futures=True)

    def _work(self, study: Study) -> None:
        with self._lock:
            self._count_ahead(study)
        study.work(self._executor, self._forget)

    def _count_ahead(self, begins: Study | None = None) -> None:
        """How many come before each that waits: the one at work, and those that asked earlier."""
        ahead = 0
        for study in self._studies.values():
            if study.state == "waiting" and study is not begins:
                study.ahead = ahead
            ahead += not study.over

    def _forget(self) -> None:
        """Those that nobody has looked at for long; if one is still at work it is stopped."""
        with self._lock:
            oldest_s = self._wall.now_s() - KEPT_S
            old = [study for study in self._studies.values() if study.seen_s < oldest_s]
            for study in old:
                study.cancel()
                del self._studies[study.id]
