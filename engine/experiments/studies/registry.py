"""Who runs what: comparisons and sweeps in the background, one at a time, seen by whoever knows their id."""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from threading import Lock
from typing import Protocol

from engine.clock import WallClock
from engine.errors import TooManyStudies, UnknownStudy
from engine.experiments.studies.study import Request, State, Study, designs_of

MOST_WAITING = 3
KEPT_S = 3_600.0
"""After this long without anybody looking at it a study is forgotten; of one that is kept, only here."""


class Job(Protocol):
    """What takes its turn: a study, or other work of minutes."""

    id: str
    seen_s: float
    state: State
    ahead: int

    @property
    def over(self) -> bool:
        """Nothing will change any more."""
        ...

    def cancel(self) -> None:
        """Stop."""
        ...

    def work(self, executor: Executor | None, between: Callable[[], None]) -> None:
        """Do all of it, in this thread; `between` is called now and then."""
        ...


class Keeper(Protocol):
    """Where studies are kept for longer than an hour."""

    def keep(self, study: Study) -> int:
        """Keep what it found; returns its number.

        Raises:
            MurmurationError: it cannot be kept.
        """
        ...

    def opened(self, address: str, now_s: float) -> Study | None:
        """The kept study of this address, as it ended; None where there is none.

        Raises:
            UnknownStudy: there is one, but it cannot be shown by a page.
        """
        ...


class Studies:
    """All studies of a process. One is at work, a few wait, the others are over.

    Args:
        wall: for forgetting.
        executor: plays the runs; None: a pool of this machine's cores for each study.
        turns: gives the studies their turn, one at a time; None: a thread of its own.
        keeper: keeps those that shall be kept; None: nothing is.
    """

    def __init__(
        self,
        wall: WallClock,
        executor: Executor | None = None,
        turns: Executor | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self._wall, self._executor, self._keeper = wall, executor, keeper
        self._turns = turns or ThreadPoolExecutor(1, thread_name_prefix="studies")
        self._lock = Lock()
        self._jobs: dict[str, Job] = {}
        self._closed = False

    def start(self, request: Request, *, keep: bool = False) -> Study:
        """Begin a study, or have it wait for its turn; `keep` it in the run history when it is over.

        Raises:
            InvalidInput: what the request asks for is not allowed; nothing was begun.
            TooManyStudies: as many wait as may.
        """
        keeper = self._keeper if keep else None
        study = Study(request, designs_of(request), self._wall.now_s(), keeper.keep if keeper else None)
        self.enter(study)
        return study

    def enter(self, job: Job) -> None:
        """Begin a piece of work, or have it wait for its turn.

        Raises:
            TooManyStudies: as many wait as may.
        """
        self._forget()
        with self._lock:
            waiting = sum(each.state == "waiting" for each in self._jobs.values())
            if self._closed or waiting >= MOST_WAITING:
                raise TooManyStudies(
                    f"One study is at work and {waiting} wait for their turn, as many as may; try again when one of "
                    "them is over, or cancel yours."
                )
            self._jobs[job.id] = job
            self._count_ahead()
        self._turns.submit(self._work, job)

    def find(self, study_id: str) -> Study:
        """A study by its id, or by the address under which it is kept; it is remembered for another hour.

        Raises:
            UnknownStudy: there is none, or not any more.
        """
        job = self.seen(study_id)
        if job is None and self._keeper is not None:
            job = self._keeper.opened(study_id, self._wall.now_s())
            if job is not None:
                with self._lock:
                    self._jobs.setdefault(study_id, job)
        if not isinstance(job, Study):
            raise UnknownStudy(
                "There is no study of this address any more: one is there for an hour after the last look at it, and "
                "until the server ends; for longer only if it is kept in History."
            )
        return job

    def seen(self, job_id: str) -> Job | None:
        """Whatever has this id; it is remembered for another hour."""
        self._forget()
        with self._lock:
            job = self._jobs.get(job_id)
            if job is not None:
                job.seen_s = self._wall.now_s()
            return job

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
            jobs = list(self._jobs.values())
        for job in jobs:
            job.cancel()
        self._turns.shutdown(cancel_futures=True)

    def _work(self, job: Job) -> None:
        with self._lock:
            self._count_ahead(job)
        job.work(self._executor, self._forget)

    def _count_ahead(self, begins: Job | None = None) -> None:
        """How many come before each that waits: the one at work, and those that asked earlier."""
        ahead = 0
        for job in self._jobs.values():
            if job.state == "waiting" and job is not begins:
                job.ahead = ahead
            ahead += not job.over

    def _forget(self) -> None:
        """Those that nobody has looked at for long; if one is still at work it is stopped."""
        with self._lock:
            oldest_s = self._wall.now_s() - KEPT_S
            old = [job for job in self._jobs.values() if job.seen_s < oldest_s]
            for job in old:
                job.cancel()
                del self._jobs[job.id]
