"""One thread for all live worlds: in turn, a little wall time each, people's wishes before everything."""

import logging
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread

from engine.clock import WallClock
from engine.live.world import LiveWorld
from engine.memory import keep_freed

log = logging.getLogger(__name__)

QUOTA_S = 0.02
"""Wall time of one turn; a step that is under way is finished."""
LONGEST_WAIT_S = 1.0
BREATH_S = 0.001
"""Left to other threads (sockets, pages) between two turns of a world that runs flat out."""


class Scheduler:
    """Calls `worlds()` for who is there. `tend` is called about once a second, for housekeeping."""

    def __init__(self, worlds: Callable[[], Sequence[LiveWorld]], tend: Callable[[], None], clock: WallClock) -> None:
        self._worlds, self._tend, self._clock = worlds, tend, clock
        self._wake, self._stopping = Event(), Event()
        self._starting = Lock()
        self._thread: Thread | None = None
        self._next = 0
        self._tended_s = clock.now_s()

    def start(self) -> None:
        """Begin, once."""
        with self._starting:
            if self._thread is None:
                self._stopping.clear()
                self._thread = Thread(target=self._run, name="murmuration-live", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End, and wait for the end."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """Something was asked."""
        self._wake.set()

    def round(self) -> float:
        """Give everybody who is due a turn, and one world that runs flat out; wall seconds until the next round."""
        worlds = self._worlds()
        self._answer(worlds)
        for live in worlds:
            if not live.flat_out and live.due_in_s(self._clock.now_s()) <= 0:
                live.turn(QUOTA_S)
                self._answer(worlds)
        hungry = [live for live in worlds if live.flat_out]
        if hungry:
            self._next += 1
            hungry[self._next % len(hungry)].turn(QUOTA_S)
        self._keep_house()
        now_s = self._clock.now_s()
        return BREATH_S if hungry else min([live.due_in_s(now_s) for live in worlds], default=LONGEST_WAIT_S)

    def _answer(self, worlds: Sequence[LiveWorld]) -> None:
        for live in worlds:
            if live.has_mail:
                live.answer_mail()

    def _keep_house(self) -> None:
        now_s = self._clock.now_s()
        if now_s - self._tended_s >= LONGEST_WAIT_S:
            self._tended_s = now_s
            self._tend()

    def _run(self) -> None:
        keep_freed()
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                wait_s = self.round()
            except Exception:
                log.exception("A round of the live worlds failed")
                wait_s = LONGEST_WAIT_S
            self._wake.wait(min(max(wait_s, 0.0), LONGEST_WAIT_S))
