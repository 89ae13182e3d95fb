"""Worlds being run against the wall clock and shown to whoever watches. One thread only: the scheduler's.

One world, or the two of a twin: both are stepped by the same time within one turn, so that after every turn they stand
at the same virtual instant.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from engine.clock import NS_PER_S, QUANTUM_NS, WallClock
from engine.errors import InvalidInput, MurmurationError
from engine.faults.fault import Fault, check_servers, parse_fault
from engine.live.difference import difference
from engine.live.dots import Lens
from engine.live.hub import Hub, Outbox
from engine.live.injected import Injected
from engine.live.pacing import FLAT_OUT, Pace
from engine.live.picture import FRAME_S, Controls, Json
from engine.live.run import Run
from engine.live.side import Beside, Scrubbed, Side
from engine.live.story import EVENT, SECOND_STRATEGY
from engine.live.twins import is_load
from engine.observe.metrics import SLOT_NS
from engine.observe.rules import FINE_LAG_S
from engine.requests import Acted, Ask

log = logging.getLogger(__name__)

T = TypeVar("T")

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
FORWARD = 10
"""The speed at which a line that drains is fast-forwarded."""
MAX_WATCHERS = 200
STOPPED = {
    "status": "off",
    "rule": 0,
    "line": "This world has stopped: an error happened inside it.",
    "why": "The picture is the last one before it; the error is in the server's log.",
    "try": "Reset starts it anew.",
}


class Stage:
    """Runs, shows and controls one run after another, or two beside each other; a reset brings the next."""

    def __init__(self, world_id: str, run: Run, clock: WallClock, *others: Run) -> None:
        runs = (run, *others)
        if len({each.world.now_ns for each in runs}) > 1:
            raise ValueError("Worlds beside each other begin at the same instant.")
        self.sides = tuple(Side(world_id, each, self._beside(number, runs)) for number, each in enumerate(runs))
        self.pace = Pace(clock.now_s())
        self._id = world_id
        self._clock = clock
        self._slow_to_watch = True
        self._watching_ns: int | None = None
        """Since when an event is watched at 1x."""
        self._forward = False
        """Until caught up."""
        self._frame_s = self._tick_s = self._felt_s = 0.0
        self._failed = False

    def _beside(self, number: int, runs: tuple[Run, ...]) -> Beside | None:
        """What a side of a twin tells of both."""
        if len(runs) == 1:
            return None

        def beside(at_ns: int) -> Json:
            a, b = (side.run for side in self.sides)
            return {"side": number, **difference(a, b, at_ns).to_wire()}

        return beside

    @property
    def run(self) -> Run:
        """The first world's, the only one's but in a twin."""
        return self.sides[0].run

    @property
    def hub(self) -> Hub:
        """Who watches the first world."""
        return self.sides[0].hub

    @property
    def watchers(self) -> int:
        """How many watch, on all sides."""
        return sum(len(side.hub) for side in self.sides)

    # One turn

    @property
    def flat_out(self) -> bool:
        """Does it take all the time it can get."""
        return self.pace.rate == FLAT_OUT and not self.pace.paused and not self._failed

    def due_in_s(self, now_s: float, awake: bool) -> float:
        """Wall seconds until it wants a turn; infinite if never. `awake`: is virtual time to go on."""
        wait_s = float("inf")
        if awake and not self._failed:
            self.pace.accrue(now_s)
            wait_s = self.pace.due_in_s()
        return min(wait_s, self._frame_s + FRAME_S - now_s) if self.watchers else wait_s

    def turn(self, quota_s: float, awake: bool) -> None:
        """Run what is due for about `quota_s` of wall time at most, and show it. Never raises."""
        try:
            if awake and not self._failed:
                self._advance(quota_s)
            self._show(self._clock.now_s(), slot_end=False)
        except Exception:
            log.exception("World %s stopped", self._id)
            self._fail()

    def _advance(self, quota_s: float) -> None:
        start_s = now_s = self._clock.now_s()
        self.pace.accrue(start_s)
        pooled = self._controls(start_s).pooled
        while now_s - start_s < quota_s:
            step_ns = self.pace.step_ns(self.run.world.now_ns)
            if not step_ns:
                break
            slot_end = self._step(step_ns, pooled)
            self.pace.ran(step_ns)
            now_s = self._clock.now_s()
            if slot_end:
                self._end_watching(now_s)
                self._end_forward()
                self._feel(now_s)
                self._show(now_s, slot_end=True)

    def _step(self, step_ns: int, pooled: bool) -> bool:
        """Advance every side alike; whether a slot has ended."""
        watched = self.watchers > 0
        first, *_ = [side.step(step_ns, pooled, watched) for side in self.sides]
        return first

    def _end_watching(self, now_s: float) -> None:
        """Go back to the chosen speed once the event that slowed it has been seen."""
        if self._watching_ns is None:
            return
        if self.run.world.now_ns - self._watching_ns >= WATCH_S * NS_PER_S and self._lag_s() < FINE_LAG_S:
            self._stop_watching(now_s)

    def _end_forward(self) -> None:
        """Go back to 1x once everybody has caught up."""
        if self._forward and self._lag_s() < FINE_LAG_S:
            self.set_speed(1)

    def _lag_s(self) -> float:
        """The lag of the side that is further behind."""
        for side in self.sides:
            side.run.catch_up()
        return max(side.run.pulse.lag_s for side in self.sides)

    def _stop_watching(self, now_s: float) -> None:
        self._watching_ns, self.pace.slowed = None, False
        self.pace.restart(now_s)

    # Showing

    def _feel(self, now_s: float) -> None:
        """Keep the verdicts up to date at speeds at which a tick covers many seconds."""
        if self.pace.rate != 1 and now_s - self._felt_s >= FEEL_S:
            for side in self.sides:
                side.feel(self._controls(now_s))
            self._felt_s = now_s

    def _show(self, now_s: float, slot_end: bool) -> None:
        """Send dots ten times and numbers twice a second, of all sides at once, if anybody looks."""
        if not self.watchers:
            return
        if self._failed:
            for side in self.sides:
                side.resync()
            self._frame_s = now_s
            return
        late_s = 0.0 if self.pace.paused else LATE_S
        tick = now_s - self._tick_s >= TICK_S + (-EARLY_S if slot_end else late_s)
        if tick or now_s - self._frame_s >= FRAME_S:
            self._send(now_s, tick)

    def _send(self, now_s: float, tick: bool) -> None:
        for side in self.sides:
            side.send(self._controls(now_s), tick)
        if tick:
            # on time by the clock, so that being late once does not move all that follow
            self._tick_s = max(self._tick_s + TICK_S, now_s - EARLY_S)
        self._frame_s = now_s

    def full(self, side: int = 0) -> Json:
        """The whole picture of a side now; the last one of a world that broke."""
        return self.side(side).full(self._controls(self._clock.now_s()))

    def _controls(self, now_s: float) -> Controls:
        pace = self.pace
        return Controls(pace.speed, pace.rate, pace.achieved, pace.paused, pace.slowed, now_s)

    def _fail(self) -> None:
        """Keep the last pictures, and say what happened."""
        controls = self._controls(self._clock.now_s())
        for side in self.sides:
            side.fail(controls, STOPPED)
        self._failed = True

    # What people do

    def side(self, number: int) -> Side:
        """One side by its number.

        Raises:
            InvalidInput: there is none.
        """
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(self.sides):
            allowed = "only 0, this world is no twin" if len(self.sides) == 1 else "0 and 1"
            raise InvalidInput(f"There is no side {number!r}; allowed: {allowed}.")
        return self.sides[number]

    def subscribe(self, box: Outbox, side: int = 0) -> None:
        """Show a side from now on, beginning with a whole picture.

        Raises:
            InvalidInput: there is no such side.
            MurmurationError: `MAX_WATCHERS` watch already.
        """
        watched = self.side(side)
        if self.watchers >= MAX_WATCHERS:
            raise MurmurationError(f"{MAX_WATCHERS} people watch this world already; try again when one has left.")
        box.side = side
        watched.add(box, self._controls(self._clock.now_s()))

    def unsubscribe(self, box: Outbox) -> None:
        """A client has gone; unknown ones do nothing."""
        for side in self.sides:
            side.hub.remove(box)

    def look_through(self, box: Outbox, lens: Lens) -> None:
        """Give a client another lens: its dots at once, its words with the next tick."""
        box.lens, box.fresh = lens, True
        self._frame_s = 0.0

    def scrub(self, box: Outbox, t_s: float | None) -> Scrubbed:
        """Show a client an earlier instant instead of the present, or with None the present again.

        Raises:
            MurmurationError: nothing is kept yet, or `t_s` is no number.
        """
        self.running()
        scrubbed = self.side(box.side).scrub(box, t_s)
        self._frame_s = 0.0
        return scrubbed

    def running(self, side: int = 0) -> Run:
        """The run of a side, if it can be acted upon.

        Raises:
            InvalidInput: there is no such side.
            MurmurationError: it broke.
        """
        if self._failed:
            raise MurmurationError("This world has stopped after an error inside it; reset starts it anew.")
        return self.side(side).run

    def everywhere(self, action: Callable[[Run], T]) -> T:
        """Do something to every side; what the first one gives. What that refuses has changed nothing anywhere."""
        result = action(self.running())
        try:
            for side in self.sides[1:]:
                action(side.run)
        except Exception:
            self._fail()  # they are no twins any more
            raise
        self._align()
        return result

    def act(self, ask: Ask) -> Acted:
        """Do what a person asks, on every side; what the first one tells.

        Raises:
            InvalidInput and its kinds: nothing was changed on any side.
        """
        self.running()
        for side in self.sides[1:]:
            side.run.requests.check(ask)
        return self.everywhere(lambda run: run.requests.act(ask))

    def _align(self) -> None:
        """Keep the sides' journals equally long: a person's post has its key from the number of its entry."""
        longest = max(side.run.people.journal.last_seq for side in self.sides)
        for side in self.sides:
            side.run.people.pass_over(longest)

    def set_strategy(self, spec: str, side: int | None = None) -> None:
        """Change the strategy of a side; of a twin it has to be named.

        Raises:
            UnknownName, InvalidKnob, InvalidInput: nothing was changed.
        """
        self.running(self._named(side, "A strategy")).set_strategy(spec)
        self._align()

    def set_knobs(self, changes: Mapping[str, Any], side: int | None = None) -> None:
        """Change settings of a side, which of a twin has to be named. Those of the load reach every side.

        Raises:
            InvalidKnob, InvalidInput: nothing was changed.
        """
        chosen = self.running(self._named(side, "A setting"))
        if len(self.sides) > 1 and isinstance(changes, Mapping):
            chosen.world.allow(chosen.world.config.with_knobs(changes))
            load = {name: value for name, value in changes.items() if is_load(name)}
            if load:
                self.everywhere(lambda run: run.set_knobs(load))
                changes = {name: value for name, value in changes.items() if name not in load}
        chosen.set_knobs(changes)
        self._align()

    def _named(self, side: int | None, what: str) -> int:
        if side is None and len(self.sides) > 1:
            raise InvalidInput(f'{what} of a twin is set on one side: name it with "side": 0 or 1.')
        return side or 0

    def inject(self, name: str) -> Injected:
        """Pour an event in, on all sides; above 4x, and not at max, it is watched at 1x."""
        injected = self.everywhere(lambda run: run.inject(name))
        if self._slow_to_watch and self.pace.speed > SLOW_FROM:
            self.pace.slowed, self._watching_ns = True, self.run.world.now_ns
            self.pace.restart(self._clock.now_s())
        return injected

    def break_(self, text: str) -> Fault:
        """Let something break, on all sides.

        Raises:
            InvalidInput, UnknownName: nothing was changed on any side.
        """
        fault = parse_fault(text, self.running().world.now_ns)
        for side in self.sides:  # they may have different numbers of servers
            check_servers([fault], side.run.world.config)
        return self.everywhere(lambda run: run.break_(text))

    def set_speed(self, speed: int) -> None:
        """Choose a speed; an event that is being watched is so no longer."""
        self.pace.set_speed(speed, self._clock.now_s())
        self._watching_ns, self._forward = None, False

    def fast_forward(self) -> None:
        """Run at 10x until the lag is under 1 s again, and then at 1x; a speed that is chosen meanwhile holds."""
        self.running()
        if self._lag_s() >= FINE_LAG_S:
            self.set_speed(FORWARD)
            self._forward = True

    def bet(self, answer: str | None) -> int:
        """Take a bet on the story, or with None go on without; which round it is of. The first of its round also runs
        it, at 1x: the burst, and in the second round the other strategy before it.

        Raises:
            InvalidInput: there is nothing to bet on now, or not this; nothing was changed.
        """
        run = self.running()
        if len(self.sides) > 1:
            raise InvalidInput("A twin has no story to bet on.")
        run.catch_up()
        number = run.story.bet(answer)
        if run.story.to_run:
            if self.pace.speed != 1:
                self.set_speed(1)
            if self.pace.paused:
                self.resume()
            if number == 2:
                run.set_strategy(SECOND_STRATEGY)
            self.inject(EVENT)
        return number

    def slow_to_watch(self, on: bool) -> None:
        """Whether events slow a fast world."""
        self._slow_to_watch = on
        if not on and self._watching_ns is not None:
            self._stop_watching(self._clock.now_s())

    def pause(self) -> None:
        """Stand still at the end of the present half second, so that all numbers are of one instant."""
        world = self.running().world
        try:
            while not self.pace.paused and world.now_ns % SLOT_NS:
                self._step(QUANTUM_NS - world.now_ns % QUANTUM_NS, pooled=False)
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

    def replace(self, *fresh: Run) -> None:
        """Go on with other runs, one for each side, which everybody sees from their beginning."""
        for side, run in zip(self.sides, fresh, strict=True):
            side.begin(run)
        self._failed = False
        self.pace.paused = False
        now_s = self._clock.now_s()
        self._stop_watching(now_s)
        for side in self.sides:
            side.restart(self._controls(now_s))
