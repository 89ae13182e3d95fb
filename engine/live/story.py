"""The first minute of a world, told as it happens: where the story stands, and the sentences that are true of this run.

It follows the chart points, half a virtual second after half a second, and hangs on what happened there: a burst, a lag
that crosses its promise, a peak, a line that is drained. Nothing in it reads a clock or draws a number of its own, so
that the same run tells the same story at any speed. It begins when somebody first asks for it.
"""

from collections import Counter
from enum import StrEnum
from typing import Any

from engine.clock import NS_PER_S
from engine.domain import I32
from engine.errors import InvalidInput
from engine.live import told
from engine.live.bursts import LOOK_S, Burst, Course, Watch, burst_of, course_of, reading
from engine.live.chronicle import Chronicle, Event
from engine.live.dots import MOST_DOTS
from engine.live.series import Columns
from engine.live.told import ROUNDS, Bets, Line
from engine.load.injections import CelebrityBurst
from engine.load.scenarios import SCENARIOS
from engine.observe.rules import FINE_LAG_S
from engine.world import World
from engine.write_path.strategies import STRATEGIES

EVENT = "celebrity"
SECOND_STRATEGY = "hybrid"
FOLLOW_S, QUIET_S = 3.0, 8.0
"""After the beginning: the second sentence, and the bet."""
READ_S = 3.0
"""For a sentence that the next one would push away."""
CAUGHT_UP_S = 1.0
PATIENCE_S = 40.0
"""With a second burst that is not calm."""
CALM_S, BILL_S = 4.0, 5.0


class State(StrEnum):
    """Where the story stands, in order; under some designs it leaves some out."""

    QUIET = "quiet"
    BET = "bet"
    BURST = "burst"
    GROWING = "growing"
    PEAK = "peak"
    DRAINING = "draining"
    CAUGHT_UP = "caught_up"
    SECOND_BET = "second_bet"
    SECOND_BURST = "second_burst"
    CALM = "calm"
    BILL = "bill"
    END = "end"


_BEFORE_PEAK = (State.QUIET, State.BET, State.BURST, State.GROWING)


class Story:
    """Follows one run: `see` the chart points, in order, and `note` events when they are injected, not before what was
    until then has been seen."""

    def __init__(self, world: World, chronicle: Chronicle) -> None:
        self._world, self._chronicle = world, chronicle
        self.state: State | None = None
        """None until somebody asks for the story."""
        self.lines: list[Line] = []
        self._counts: Counter[str] = Counter()
        self._entered_s = 0.0
        self._first: Burst | None = None
        self._second: Burst | None = None
        self._watch: Watch | None = None
        self._course: Course | None = None
        """Of the first burst."""
        self._tried: Burst | None = None
        """The last one after the end."""

    @property
    def author(self) -> int:
        """Whose story it is: the account that the event makes post."""
        return int(self._world.population.largest[_burst().rank])

    @property
    def followers(self) -> I32:
        """Of this author, ids ascending."""
        return self._world.tables.graph.followers(self._world.population.largest[_burst().rank :][:1]).values

    def begin(self) -> None:
        """Somebody asks for the story; once begun it goes on."""
        if self.state is None:
            now_s = self._world.now_ns / NS_PER_S
            self._enter(State.QUIET, now_s, told.dots(now_s, self._people_per_dot()))

    # Betting

    @property
    def round(self) -> int:
        """Which bet is open: 1, 2, or 0 for none."""
        if self.state in _BEFORE_PEAK:
            return 1
        return 2 if self.state is State.SECOND_BET else 0

    @property
    def to_run(self) -> bool:
        """Is the open bet still to be run: nobody has caused its burst."""
        return (self._first if self.round == 1 else self._second) is None

    def bet(self, answer: str | None) -> int:
        """Take a bet, or with None none; which round it is of.

        Raises:
            InvalidInput: nothing can be bet on now, or not this; nothing was changed.
        """
        self.begin()
        if not self.round:
            raise InvalidInput("There is nothing to bet on just now.")
        allowed = [each.slug for each in ROUNDS[self.round - 1]]
        if answer is not None and answer not in allowed:
            raise InvalidInput(f"There is no answer {answer!r}; allowed: {', '.join(allowed)}.")
        if answer is not None:
            self._counts[answer] += 1
        return self.round

    # Following

    def note(self, event: Event) -> None:
        """An event was injected, at this very instant."""
        if event.injected.slug != EVENT or event.injected.author is None:
            return
        if self.state in (State.QUIET, State.BET) and self._first is None:
            self._first = burst_of(self._world, event)
        elif self.state is State.SECOND_BET and self._first is not None:
            burst = burst_of(self._world, event)
            if (burst.strategy, burst.copies) != (self._first.strategy, self._first.copies):
                self._second = burst
        elif self.state is State.END:
            self._tried, self._watch = burst_of(self._world, event), Watch(event.at_ns)

    def see(self, points: Columns) -> None:
        """Take new chart points."""
        if self.state is None:
            return
        for t_s, p99_ms, oldest_ms in zip(points["t"], points["lag_p99"], points["lag_oldest"], strict=True):
            lag_s = max(p99_ms if p99_ms == p99_ms else 0.0, oldest_ms) / 1000
            if t_s >= self.lines[0].t_s:
                self._see(t_s, lag_s, oldest_ms / 1000)

    def to_wire(self, bets: Bets) -> dict[str, Any]:
        """As in a tick, for somebody with these bets."""
        return {
            "state": self.state,
            "lines": [line.to_wire(bets) for line in self.lines],
            "ask": self._ask(),
            "began": None if self._first is None else self._design(self._first),
            "bets": [[answer.label, self._counts[answer.slug]] for answer in ROUNDS[0]],
            "peak": None if self._course is None or self._first is None else self._mark(self._first, self._course),
            "bet": self._bet_mark(bets),
        }

    # From state to state

    def _see(self, t_s: float, lag_s: float, oldest_s: float) -> None:
        if self._watch is not None and t_s > self._watch.at_s:
            self._watch.see(t_s, lag_s, oldest_s)
        before = None
        while self.state is not before:  # a state may be left in the moment it is entered
            before = self.state
            assert before is not None
            _STEPS[before](self, t_s, lag_s)

    def _enter(self, state: State, t_s: float, line: Line | None) -> None:
        self.state, self._entered_s = state, t_s
        if line is not None:
            self.lines.append(line)

    def _quiet(self, t_s: float, _lag_s: float) -> None:
        since_s = t_s - self._entered_s
        name, users = self._world.population.name(self.author), self._world.population.users
        if since_s >= FOLLOW_S and len(self.lines) == 1:
            self.lines.append(told.follow(t_s, name, len(self.followers), users))
        if since_s >= QUIET_S or self._first is not None:
            self._enter(State.BET, t_s, told.question(t_s, name, _burst().posts))

    def _bet(self, t_s: float, lag_s: float) -> None:
        first = self._first
        if first is None:
            return
        self._watch = Watch(first.at_ns)
        self._watch.see(t_s, lag_s, lag_s)
        self._enter(State.BURST, t_s, told.joined(t_s, first))

    def _burst(self, t_s: float, lag_s: float) -> None:
        assert self._first is not None
        assert self._watch is not None
        if not self._first.copies:
            if t_s - self._watch.at_s >= LOOK_S:
                self._course = self._measured(self._first, t_s)
                self._enter(State.CALM, t_s, told.never_late(t_s, self._first, self._course))
            return
        rising = self._watch.peak_at_s == t_s
        line = told.growing(t_s, lag_s, self._world.config.slo.lag_ms / 1000)
        if rising and line is not None:
            self._enter(State.GROWING, t_s, line)
        else:
            self._growing(t_s, lag_s)

    def _growing(self, t_s: float, _lag_s: float) -> None:
        assert self._first is not None
        assert self._watch is not None
        if self._watch.turned(t_s):
            self._course = self._measured(self._first, t_s)
            self._enter(State.PEAK, t_s, told.peak(t_s, self._first, self._course))

    def _peak(self, t_s: float, lag_s: float) -> None:
        assert self._first is not None
        if t_s - self._entered_s >= READ_S:
            self._enter(State.DRAINING, t_s, told.draining(t_s, self._first, lag_s))

    def _draining(self, t_s: float, lag_s: float) -> None:
        assert self._first is not None
        assert self._course is not None
        if lag_s <= FINE_LAG_S:
            after_s = t_s - self._first.at_ns / NS_PER_S
            self._enter(State.CAUGHT_UP, t_s, told.caught_up(t_s, self._first, after_s, self._course))

    def _caught_up(self, t_s: float, _lag_s: float) -> None:
        assert self._first is not None
        if t_s - self._entered_s < CAUGHT_UP_S:
            return
        if self._first.strategy == SECOND_STRATEGY:  # and it did push them: there is nothing to compare it with
            self._enter(State.BILL, t_s, None)
        else:
            self._enter(State.SECOND_BET, t_s, told.again(t_s, self._first, STRATEGIES[SECOND_STRATEGY].title))

    def _second_bet(self, t_s: float, lag_s: float) -> None:
        second = self._second
        if second is None:
            return
        self._watch = Watch(second.at_ns)
        self._watch.see(t_s, lag_s, lag_s)
        self._enter(State.SECOND_BURST, t_s, told.fetched(t_s, second))

    def _second_burst(self, t_s: float, lag_s: float) -> None:
        assert self._second is not None
        assert self._watch is not None
        assert self._course is not None
        since_s = t_s - self._watch.at_s
        undecided = lag_s > FINE_LAG_S and not self._watch.turned(t_s) and since_s < PATIENCE_S
        if since_s < max(LOOK_S, self._course.after_s) or undecided:
            return
        line = told.calm(t_s, self._course, self._measured(self._second, t_s))
        self._enter(State.BILL if line is None else State.CALM, t_s, line)
        if line is None:
            self._tell_bill(t_s)

    def _calm(self, t_s: float, _lag_s: float) -> None:
        if t_s - self._entered_s >= CALM_S:
            self._enter(State.BILL, t_s, None)
            self._tell_bill(t_s)

    def _tell_bill(self, t_s: float) -> None:
        if self._second is None or self._first is None:
            return
        at_ns = round(t_s * NS_PER_S)
        home_ms, rows = reading(self._world, at_ns)
        line = told.bill(t_s, self._first, home_ms, rows)
        if line is not None:
            self.lines.append(line)

    def _bill(self, t_s: float, _lag_s: float) -> None:
        told_it = self.lines[-1].key == "bill"
        if not told_it or t_s - self._entered_s >= BILL_S:
            self._enter(State.END, t_s, told.end(t_s))

    def _end(self, t_s: float, _lag_s: float) -> None:
        """From here on everything is the learner's; what they try is compared with the first burst."""
        tried = self._tried
        if tried is None or self._watch is None or not self._watch.turned(t_s):
            return
        if self._first is not None and self._course is not None:
            self.lines.append(told.tried(t_s, self._first, self._course, tried, self._measured(tried, t_s)))
        self._tried = None

    # Small things

    def _measured(self, burst: Burst, t_s: float) -> Course:
        assert self._watch is not None
        return course_of(self._world, self._chronicle, burst, self._watch, t_s)

    def _people_per_dot(self) -> int:
        return max(round(self._world.population.users / MOST_DOTS), 1)

    # On the wire

    def _ask(self) -> dict[str, Any] | None:
        if self.state is State.QUIET or not self.round:
            return None
        answers = [{"slug": answer.slug, "label": answer.label} for answer in ROUNDS[self.round - 1]]
        return {"round": self.round, "answers": answers, "running": not self.to_run}

    @staticmethod
    def _design(burst: Burst) -> dict[str, Any]:
        return {"strategy": burst.strategy, "workers": burst.workers}

    @staticmethod
    def _mark(burst: Burst, course: Course) -> dict[str, float]:
        return {"t": burst.at_ns / NS_PER_S + course.after_s, "lag_s": course.peak_s}

    def _bet_mark(self, bets: Bets) -> dict[str, Any] | None:
        """The first bet as a level in the lag chart, from the burst on."""
        if self._first is None:
            return None
        for answer in ROUNDS[0]:
            if answer.slug == bets.first:
                return {"t": self._first.at_ns / NS_PER_S, "lag_s": answer.lag_s, "label": answer.label}
        return None


_STEPS = {
    State.QUIET: Story._quiet,
    State.BET: Story._bet,
    State.BURST: Story._burst,
    State.GROWING: Story._growing,
    State.PEAK: Story._peak,
    State.DRAINING: Story._draining,
    State.CAUGHT_UP: Story._caught_up,
    State.SECOND_BET: Story._second_bet,
    State.SECOND_BURST: Story._second_burst,
    State.CALM: Story._calm,
    State.BILL: Story._bill,
    State.END: Story._end,
}


def _burst() -> CelebrityBurst:
    """What the event is declared to do."""
    (declared,) = SCENARIOS[EVENT].injections
    assert isinstance(declared, CelebrityBurst)
    return declared
