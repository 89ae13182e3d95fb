"""One comparison or sweep that runs in the background: how it stands, and what is known by now."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event, Lock
from typing import Literal, Self

from engine.errors import MurmurationError
from engine.experiments import compare, sweep
from engine.experiments.compare import CompareRequest, Comparison
from engine.experiments.replicate import Replications, Variant, replicate
from engine.experiments.studies.own import OwnComparison, own_designs, played_beside
from engine.experiments.sweep import Sweep, SweepRequest
from engine.observe.metric import Metric

Request = CompareRequest | SweepRequest
Found = Comparison | Sweep
State = Literal["waiting", "running", "done", "cancelled", "failed"]
"""The last three are ends. Cancelled, and failed too, keep what had come out by then."""


def is_end(state: State) -> bool:
    """Whether nothing changes any more once it is reached."""
    return state in ("done", "cancelled", "failed")


def designs_of(request: Request) -> list[Variant]:
    """What a study will play.

    Raises:
        InvalidInput: what it asks for is not allowed.
    """
    if isinstance(request, OwnComparison):
        return own_designs(request)
    return compare.designs(request) if isinstance(request, CompareRequest) else sweep.designs(request)


def found_in(request: Request, played: Replications) -> Found:
    """What runs say that were played for a request, all or some of them."""
    if isinstance(request, CompareRequest):
        return compare.of_replications(request, played)
    return sweep.of_replications(request, played)


@dataclass(frozen=True)
class Look:
    """A study at one instant.

    what: the run that ended last; "" before the first. found: what is known by now; None before the first run ended.
    error: one sentence, of a study that failed. ahead: of one that waits, how many come before it.
    kept: its number in the run history, if it was to be kept and is. not_kept: one sentence, why it is not.
    """

    state: State
    done: int
    total: int
    what: str
    found: Found | None
    error: str | None
    ahead: int
    kept: int | None = None
    not_kept: str | None = None

    @property
    def over(self) -> bool:
        """Nothing will change any more."""
        return is_end(self.state)


class Study:
    """One comparison or sweep. What it says may be asked for from any thread.

    `keep`: given the study when it is over, to keep it in the run history; None: it is not kept. Series are drawn for
    one that is to be kept only, and put away with it: as the command line does.
    """

    def __init__(
        self,
        request: Request,
        variants: Sequence[Variant],
        now_s: float,
        keep: Callable[["Study"], int] | None = None,
    ) -> None:
        self.id = secrets.token_hex(8)
        self.request = request
        self.seen_s = now_s
        self.state: State = "waiting"
        self.ahead = 0
        self._variants = variants
        self._keep = keep
        self._stop = Event()
        self._lock = Lock()
        self._played: Replications | None = None
        self._what = ""
        self._error: str | None = None
        self._kept: int | None = None
        self._not_kept: str | None = None
        self._made: tuple[int, bool, Found] | None = None

    @classmethod
    def ended(cls, address: str, request: Request, played: Replications, number: int, now_s: float) -> Self:
        """One that is over and was kept under this number, as it was."""
        study = cls(request, played.variants, now_s)
        study.id, study._played, study._kept = address, played, number
        study.state = "cancelled" if played.done < played.total else "done"
        return study

    @property
    def over(self) -> bool:
        """Nothing will change any more."""
        return is_end(self.state)

    @property
    def is_to_be_kept(self) -> bool:
        """In the run history, now or when it is over."""
        return self._keep is not None or self._kept is not None

    @property
    def played(self) -> Replications | None:
        """The runs that have ended by now; a copy."""
        return self._played.so_far() if self._played else None

    def cancel(self) -> None:
        """Stop; what has ended by then is kept. Of one that is over, nothing changes."""
        self._stop.set()
        if self.state == "waiting":
            self.state = "cancelled"

    def look(self) -> Look:
        """How it stands."""
        state, ahead = self.state, self.ahead  # first: what is found by then belongs to no earlier state
        played = self.played
        done = played.done if played else 0
        total = len(self._variants) * self.request.replications
        found = self._found(played, state)
        return Look(state, done, total, self._what, found, self._error, ahead, self._kept, self._not_kept)

    def work(self, executor: Executor | None, between: Callable[[], None]) -> None:
        """Run it to its end, in this thread; `between` is called after each run."""
        if self._stop.is_set():
            self.state = "cancelled"
            return
        self.state = "running"
        end: State = "failed"
        try:
            played = self._replicate(executor, between)
            end = "cancelled" if played.cancelled else "done"
        except MurmurationError as error:
            if self._stop.is_set():  # what was stopped with it may say that it was
                end = "cancelled"
            else:
                self._error = str(error)
        except Exception as error:  # a page has to say something, whatever it was
            self._error = f"The study ended with an error of the program: {type(error).__name__}: {error}"[:300]
        self._put_away(end)
        self.state = end

    def _replicate(self, executor: Executor | None, between: Callable[[], None]) -> Replications:
        def told(_done: int, _total: int, what: str) -> None:
            self._what = what
            between()

        def filled(played: Replications) -> None:
            self._played = played

        with self._player(executor) as player:
            return replicate(
                self._variants, self.request.replications,
                executor=player, progress=told, cancelled=self._stop, series=self._series(), filled=filled,
            )  # fmt: skip

    @contextmanager
    def _player(self, executor: Executor | None) -> Iterator[Executor | None]:
        if not isinstance(self.request, OwnComparison):
            yield executor
            return
        with played_beside(self.request.code, self._variants, executor, self._stop) as beside:
            yield beside

    def _series(self) -> tuple[str, ...]:
        is_comparison = isinstance(self.request, CompareRequest)
        return tuple(Metric) if self._keep is not None and is_comparison else ()

    def _put_away(self, end: State) -> None:
        """Keep it, if it is to be kept and there is something; its series are with it then, and not here."""
        played = self._played
        if self._keep is None or played is None or not played.done:
            return
        played.cancelled = end != "done"
        try:
            self._kept = self._keep(self)
        except MurmurationError as error:
            self._not_kept = f"It is not kept in History: {error}"
        except Exception as error:  # what was found is there all the same
            self._not_kept = f"It is not kept in History: {type(error).__name__}: {error}"[:300]
        with self._lock:
            played.played = [{r: replace(one, series={}) for r, one in by.items()} for by in played.played]
            self._made = None

    def _found(self, played: Replications | None, state: State) -> Found | None:
        """Of what was played; made once for each number of runs."""
        if played is None or not played.done:
            return None
        played.cancelled = state in ("cancelled", "failed")
        with self._lock:
            if self._made is None or self._made[:2] != (played.done, played.cancelled):
                self._made = (played.done, played.cancelled, found_in(self.request, played))
            return self._made[2]
