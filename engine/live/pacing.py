"""How much virtual time a world owes the wall clock, and how fast it really runs.

Pure bookkeeping: the caller reads the clock and does the work.
"""

from engine.clock import NS_PER_S, QUANTUM_NS
from engine.errors import InvalidKnob
from engine.observe.smoothing import Ewma

FLAT_OUT = 0
"""The speed `max`: as fast as it goes."""
SPEEDS = (1, 10, 100, FLAT_OUT)

DEBT_S = 1.0
"""Wall seconds at most that a late world catches up on; what is older is lost, and the achieved speed says so."""
BATCH_S = 0.02
"""Above 1x a world is woken for this much wall time at once, not for every tick."""
ACHIEVED_S = 2.0
_SAMPLE_S = 0.4


class Pace:
    """The speed of one world. `slowed`: an event is being watched, at 1x whatever the chosen speed."""

    def __init__(self, now_s: float) -> None:
        self.speed: int = 1
        self.paused = False
        self.slowed = False
        self._owed_ns = 0.0
        self._seen_s = now_s
        self._sampled_s = now_s
        self._ran_ns = 0
        self._achieved = Ewma(ACHIEVED_S)

    @property
    def rate(self) -> int:
        """Virtual seconds wanted per wall second now; FLAT_OUT for as many as possible."""
        return 1 if self.slowed else self.speed

    @property
    def achieved(self) -> float:
        """Virtual seconds per wall second, averaged over about two wall seconds; 0 while paused."""
        return 0.0 if self.paused else self._achieved.value or 0.0

    def set_speed(self, speed: int, now_s: float) -> None:
        """Choose a speed; slow-to-watch ends.

        Raises:
            InvalidKnob: none of SPEEDS; nothing was changed.
        """
        if speed not in SPEEDS:
            raise InvalidKnob(f"speed is {speed!r}; allowed: 1, 10, 100, or 0 for max.")
        self.speed = speed
        self.slowed = False
        self.restart(now_s)

    def restart(self, now_s: float) -> None:
        """Begin anew: nothing is owed, and the achieved speed is measured afresh."""
        self._owed_ns = 0.0
        self._seen_s = self._sampled_s = now_s
        self._ran_ns = 0
        self._achieved = Ewma(ACHIEVED_S)

    def accrue(self, now_s: float) -> None:
        """Note what the wall clock says: from now on its time is owed, up to `DEBT_S` of it."""
        elapsed_s, self._seen_s = now_s - self._seen_s, now_s
        if not self.paused:
            owed_ns = self._owed_ns + elapsed_s * self.rate * NS_PER_S
            self._owed_ns = min(owed_ns, DEBT_S * self.rate * NS_PER_S)
        if now_s - self._sampled_s >= _SAMPLE_S:
            self._achieved.update(now_s, self._ran_ns / NS_PER_S / (now_s - self._sampled_s))
            self._sampled_s, self._ran_ns = now_s, 0

    def step_ns(self, now_ns: int) -> int:
        """The next step of a world at virtual `now_ns`; 0 when none is owed.

        A step ends at the next multiple of the quantum, so that all worlds come by the ends of the metrics' slots; at
        1x that is as often as dots are sent.
        """
        step_ns = QUANTUM_NS - now_ns % QUANTUM_NS
        if self.paused or (self.rate != FLAT_OUT and self._owed_ns < step_ns):
            return 0
        return step_ns

    def ran(self, step_ns: int) -> None:
        """A step was made."""
        self._ran_ns += step_ns
        if self.rate != FLAT_OUT:
            self._owed_ns -= step_ns

    def due_in_s(self) -> float:
        """Wall seconds until the next turn is worth while; infinite while paused, 0 flat out."""
        if self.paused:
            return float("inf")
        if self.rate == FLAT_OUT:
            return 0.0
        batch_s = max(QUANTUM_NS / NS_PER_S / self.rate, BATCH_S)
        return max(batch_s - self._owed_ns / NS_PER_S / self.rate, 0.0)
