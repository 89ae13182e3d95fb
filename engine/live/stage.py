"""A world being run against the wall clock and shown to whoever watches. One thread only: the scheduler's."""

import logging
from typing import Any

from engine.clock import NS_PER_S, QUANTUM_NS, WallClock
from engine.errors import MurmurationError
from engine.live.dots import BEHIND, Lens
from engine.live.hub import Hub, Outbox
from engine.live.injected import Injected
from engine.live.pacing import FLAT_OUT, Pace
from engine.live.picture import FRAME_S, Controls, Json, Picture, encode
from engine.live.run import Run
from engine.observe.metrics import SLOT_NS
from engine.observe.rules import FINE_LAG_S

log = logging.getLogger(__name__)

TICK_S = 0.5
"""Wall time between two ticks."""
EARLY_S, LATE_S = 0.1, 0.5
"""A tick of a running world waits for the end of a slot of the metrics, so that all its numbers are of one instant; by
so much it may come early, or late, for that."""
FEEL_S = 0.05
"""Wall time at least between two looks of the verdict."""
SLOW_FROM = 4
"""Above this speed an event is watched at 1x."""
WATCH_S = 5.0
"""Virtual seconds at least that an event is watched: its lag has yet to come."""
MAX_WATCHERS = 200
STOPPED = {
    "status": "off",
    "rule": 0,
    "line": "This world has stopped: an error happened inside it.",
    "why": "The picture is the last one before it; the error is in the server's log.",
    "try": "Reset starts it anew.",
}


class Stage:
    """Runs, shows and controls one run after another; a reset brings the next."""

    def __init__(self, world_id: str, run: Run, clock: WallClock) -> None:
        self.run = run
        self.hub = Hub()
        self.pace = Pace(clock.now_s())
        self._id = world_id
        self._clock = clock
        self._picture = Picture(world_id, run)
        self._slow_to_watch = True
        self._watching_ns: int | None = None
        """Since when an event is watched at 1x."""
        self._frame_s = self._tick_s = self._felt_s = 0.0
        self._failed: Json | None = None
        """The last picture of a world that broke."""

    # One turn

    @property
    def flat_out(self) -> bool:
        """Does it take all the time it can get."""
        return self.pace.rate == FLAT_OUT and not self.pace.paused and self._failed is None

    def due_in_s(self, now_s: float, awake: bool) -> float:
        """Wall seconds until it wants a turn; infinite if never. `awake`: is virtual time to go on."""
        wait_s = float("inf")
        if awake and self._failed is None:
            self.pace.accrue(now_s)
            wait_s = self.pace.due_in_s()
        return min(wait_s, self._frame_s + FRAME_S - now_s) if len(self.hub) else wait_s

    def turn(self, quota_s: float, awake: bool) -> None:
        """Run what is due for about `quota_s` of wall time at most, and show it. Never raises."""
        try:
            if awake and self._failed is None:
                self._advance(quota_s)
            self._show(self._clock.now_s(), slot_end=False)
        except Exception:
            log.exception("World %s stopped", self._id)
            self._fail()

    def _advance(self, quota_s: float) -> None:
        start_s = now_s = self._clock.now_s()
        self.pace.accrue(start_s)
        world = self.run.world
        pooled = len(self.hub) > 0 and self._controls(start_s).pooled
        while now_s - start_s < quota_s:
            step_ns = self.pace.step_ns(world.now_ns)
            if not step_ns:
                break
            slot_end = self.run.step(step_ns, pooled)
            self.pace.ran(step_ns)
            now_s = self._clock.now_s()
            if slot_end:
                self._end_watching(now_s)
                self._feel(now_s)
                self._show(now_s, slot_end=True)

    def _end_watching(self, now_s: float) -> None:
        """Go back to the chosen speed once the event that slowed it has been seen."""
        if self._watching_ns is None:
            return
        self.run.catch_up()
        if self.run.world.now_ns - self._watching_ns >= WATCH_S * NS_PER_S and self.run.pulse.lag_s < FINE_LAG_S:
            self._stop_watching(now_s)

    def _stop_watching(self, now_s: float) -> None:
        self._watching_ns, self.pace.slowed = None, False
        self.pace.restart(now_s)

    # Showing

    def _feel(self, now_s: float) -> None:
        """Keep the verdict up to date at speeds at which a tick covers many seconds."""
        if len(self.hub) and self.pace.rate != 1 and now_s - self._felt_s >= FEEL_S:
            self._picture.feel(self._controls(now_s))
            self._felt_s = now_s

    def _show(self, now_s: float, slot_end: bool) -> None:
        """Send dots ten times and numbers twice a second, if anybody looks."""
        if not len(self.hub):
            return
        if self._failed is not None:
            failed = self._failed
            self.hub.resync(lambda: encode(failed))
            self._frame_s = now_s
            return
        late_s = 0.0 if self.pace.paused else LATE_S
        tick = now_s - self._tick_s >= TICK_S + (-EARLY_S if slot_end else late_s)
        if tick or now_s - self._frame_s >= FRAME_S:
            self._send(now_s, tick)

    def _send(self, now_s: float, tick: bool) -> None:
        lenses, controls = self.hub.lenses(), self._controls(now_s)
        look = self._picture.look(lenses)
        self.hub.send_frames(self._picture.frames(lenses, look))
        if BEHIND in lenses:
            for flashes in self.run.flashes():
                self.hub.send(flashes)
        if tick:
            self.hub.send_by_lens(self._picture.tick(lenses, look, controls))
            # on time by the clock, so that being late once does not move all that follow
            self._tick_s = max(self._tick_s + TICK_S, now_s - EARLY_S)
        self.hub.resync(lambda: encode(self._picture.full(look, controls)))
        self._frame_s = now_s

    def full(self) -> Json:
        """The whole picture now; the last one of a world that broke."""
        if self._failed is not None:
            return self._failed
        return self._picture.full(self._picture.look((BEHIND,)), self._controls(self._clock.now_s()))

    def _controls(self, now_s: float) -> Controls:
        pace = self.pace
        return Controls(pace.speed, pace.rate, pace.achieved, pace.paused, pace.slowed, now_s)

    def _fail(self) -> None:
        """Keep the last picture, and say what happened."""
        picture: dict[str, Any]
        try:
            picture = self.full()
        except Exception:
            log.exception("World %s has no last picture", self._id)
            picture = {"type": "full", "tick": {"type": "tick"}}
        picture["tick"]["verdict"] = STOPPED
        self._failed = picture
        self.hub.restart(encode(picture))

    # What people do

    def subscribe(self, box: Outbox) -> None:
        """Show everything from now on, beginning with a whole picture.

        Raises:
            MurmurationError: `MAX_WATCHERS` watch already.
        """
        if len(self.hub) >= MAX_WATCHERS:
            raise MurmurationError(f"{MAX_WATCHERS} people watch this world already; try again when one has left.")
        full = encode(self.full())
        if not len(self.hub):
            self._picture.begin()
        self.hub.add(box, full)

    def look_through(self, box: Outbox, lens: Lens) -> None:
        """Give a client another lens: its dots at once, its words with the next tick."""
        box.lens, box.fresh = lens, True
        self._frame_s = 0.0

    def running(self) -> Run:
        """The run, if it can be acted upon.

        Raises:
            MurmurationError: it broke.
        """
        if self._failed is not None:
            raise MurmurationError("This world has stopped after an error inside it; reset starts it anew.")
        return self.run

    def inject(self, name: str) -> Injected:
        """Pour an event in; above 4x, and not at max, it is watched at 1x."""
        injected = self.running().inject(name)
        if self._slow_to_watch and self.pace.speed > SLOW_FROM:
            self.pace.slowed, self._watching_ns = True, self.run.world.now_ns
            self.pace.restart(self._clock.now_s())
        return injected

    def set_speed(self, speed: int) -> None:
        """Choose a speed; an event that is being watched is so no longer."""
        self.pace.set_speed(speed, self._clock.now_s())
        self._watching_ns = None

    def slow_to_watch(self, on: bool) -> None:
        """Whether events slow a fast world."""
        self._slow_to_watch = on
        if not on and self._watching_ns is not None:
            self._stop_watching(self._clock.now_s())

    def pause(self) -> None:
        """Stand still at the end of the present half second, so that all numbers are of one instant."""
        run = self.running()
        try:
            while not self.pace.paused and run.world.now_ns % SLOT_NS:
                run.step(QUANTUM_NS - run.world.now_ns % QUANTUM_NS, pooled=False)
        except Exception:
            self._fail()
            raise
        self.pace.paused = True
        self._tick_s = 0.0

    def resume(self) -> None:
        """Go on."""
        self.running()
        self.pace.paused = False
        self.pace.restart(self._clock.now_s())

    def replace(self, fresh: Run) -> None:
        """Go on with another run, which everybody sees from its beginning."""
        self.run, self._picture = fresh, Picture(self._id, fresh)
        self._failed = None
        self.pace.paused = False
        self._stop_watching(self._clock.now_s())
        self.hub.restart(encode(self.full()))
