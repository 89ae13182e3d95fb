"""Says for as long as this process lives that it does, so that the clock of an interview that nobody looks at goes on:
who leaves the page does not stop it, and if the process dies later, the time until then has passed."""

from threading import Event, Lock, Thread

from engine.errors import MurmurationError
from lessons.interview.sitting.sitting import Sitting

EVERY_S = 10.0


class Heart:
    """One thread for all interviews of a process; it ends when there are none left."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._lock = Lock()
        self._kept: dict[tuple[str, str], Sitting] = {}
        self._ended = Event()
        self._thread: Thread | None = None

    def keep(self, sitting: Sitting) -> None:
        """From now on until its time is over or it is finished. Once more changes nothing."""
        with self._lock:
            self._kept.setdefault((str(sitting.folder), sitting.id), sitting)
            if self._thread is None:
                self._thread = Thread(target=self._beat, daemon=True, name="interview heart")
                self._thread.start()

    def stop(self) -> None:
        """Keep none any more."""
        self._ended.set()

    def _beat(self) -> None:
        while not self._ended.wait(self._every_s):
            with self._lock:
                those = list(self._kept.items())
            over = [key for key, sitting in those if not _lives(sitting)]
            with self._lock:
                for key in over:
                    self._kept.pop(key, None)
                if not self._kept:
                    self._thread = None
                    return


def keep_alive(sitting: Sitting) -> None:
    """Of an interview that this process has open."""
    _HEART.keep(sitting)


_HEART = Heart()


def _lives(sitting: Sitting) -> bool:
    """Whether it goes on, after it was said that the process lives. What cannot be written is let go."""
    try:
        return sitting.alive()
    except (MurmurationError, OSError):
        return False
