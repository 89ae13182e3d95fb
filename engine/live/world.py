"""One live world, as anybody may use it from any thread: everything asked goes through its mailbox."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, TimeoutError
from threading import RLock
from typing import Any, TypeVar

from engine.clock import NS_PER_S, WallClock
from engine.config import WorldConfig
from engine.domain import NO_ROW
from engine.errors import InvalidInput, MurmurationError, UnknownPost, UnknownUser
from engine.faults.fault import Fault
from engine.live.dots import BEHIND, READING, Lens, LensKind
from engine.live.hub import VIEWS, Outbox
from engine.live.injected import Injected
from engine.live.lines import person_line
from engine.live.links import Experiment
from engine.live.mailbox import Mailbox
from engine.live.picture import Json
from engine.live.run import Run, newest_row
from engine.live.side import Scrubbed
from engine.live.stage import Stage
from engine.live.told import Bets
from engine.observe import words
from engine.observe.export import to_csv
from engine.observe.life import Life
from engine.observe.trace import Trace
from engine.observe.why import Why
from engine.people import People
from engine.requests import Acted, Ask
from engine.world import World

T = TypeVar("T")

ANSWER_S = 2.0
BUSY_S = 30.0
"""For an action that has begun: making lists for a whole city takes some seconds."""
ASLEEP_S = 60.0
"""Wall seconds after which a world that nobody watches or asks stands still."""


class LiveWorld:
    """A world that runs by itself. `reopen` builds the run that follows another at a reset.

    A twin is two worlds, its sides 0 and 1, under one pace and one load: what people do reaches both.
    """

    def __init__(
        self,
        world_id: str,
        run: Run,
        reopen: Callable[[Run], Run],
        clock: WallClock,
        wake: Callable[[], None],
        *others: Run,
    ) -> None:
        self.id = world_id
        self._stage = Stage(world_id, run, clock, *others)
        self._mailbox = Mailbox(wake)
        self._reopen = reopen
        self._clock = clock
        self._used_s = clock.now_s()
        self._at_work = RLock()
        """Held by the scheduler's thread while it touches the world, and by whoever closes it."""
        self._closed = False

    @property
    def config(self) -> WorldConfig:
        """The configuration now in force; of a twin the first side's."""
        return self._stage.run.world.config

    @property
    def configs(self) -> tuple[WorldConfig, ...]:
        """The configuration of each side."""
        return tuple(side.run.world.config for side in self._stage.sides)

    @property
    def sides(self) -> int:
        """1, or 2 for a twin."""
        return len(self._stage.sides)

    @property
    def users(self) -> int:
        """How many people live there, on each side."""
        users: int = self._stage.run.world.population.users
        return users

    @property
    def paused(self) -> bool:
        """Does it stand still because somebody wished so."""
        return self._stage.pace.paused

    # Asking

    def submit(self, action: Callable[[], T]) -> "Future[T]":
        """Queue something for the scheduler's thread: between two steps, in order, also while paused."""
        self._used_s = self._clock.now_s()
        return self._mailbox.submit(action)

    def do(self, action: Callable[..., T], *args: Any, side: int = 0) -> T:
        """The result of `action(world, *args)`, run on the scheduler's thread. Not to be asked from inside an action.

        It reaches one side of a twin only; what it changes there makes the sides differ.

        Raises:
            MurmurationError: no answer within 2 s (and then it will not be run), or the world is closed or broken.
            Whatever the action raises.
        """
        return self._ask(lambda: action(self._stage.running(side).world, *args))

    def as_people(self, action: Callable[[People, World], T]) -> T:
        """The result of `action(people, world)`, on the scheduler's thread: what people do, through their journal.

        It reaches every side of a twin, and the result is the first one's.

        Raises:
            Whatever the action raises.
        """
        return self._ask(lambda: self._stage.everywhere(lambda run: action(run.people, run.world)))

    def ask(self, look: Callable[[Run], T], side: int = 0) -> T:
        """The result of `look(run)`, on the scheduler's thread: what somebody wants to see of one side.

        Raises:
            Whatever the look raises.
        """
        return self._ask(lambda: look(self._stage.running(side)))

    def act(self, ask: Ask) -> Acted:
        """Do what a person asks, on every side of a twin; what the first one tells.

        Raises:
            InvalidInput and its kinds: refused; nothing was changed on any side.
        """
        return self._ask(lambda: self._stage.act(ask))

    def traces(self, text: str = "", limit: int = 50) -> list[Trace]:
        """What people asked lately, newest first: the traces in which all words of `text` occur."""
        return self.ask(lambda run: run.requests.traces(text, limit))

    def _ask(self, action: Callable[[], T]) -> T:
        future = self.submit(action)
        try:
            return future.result(ANSWER_S)
        except TimeoutError:
            if future.cancel():
                message = f"The world did not answer within {ANSWER_S:.0f} s; nothing was changed."
                raise MurmurationError(message) from None
        try:
            return future.result(BUSY_S)
        except TimeoutError:
            raise MurmurationError("The world is still at work on this; it takes effect when that is done.") from None

    # Commands

    def inject(self, name: str) -> Injected:
        """Pour an event in: "celebrity", "viral" or "herd".

        Raises:
            UnknownName: nothing was changed.
        """
        return self._ask(lambda: self._stage.inject(name))

    def break_(self, text: str) -> Fault:
        """Let something break now, on both sides of a twin: KIND[+SPAN][xSIZE][#SERVER].

        Raises:
            InvalidInput, UnknownName: nothing was changed.
        """
        return self._ask(lambda: self._stage.break_(text))

    def set_strategy(self, spec: str, side: int | None = None) -> None:
        """Change the strategy: `name` or `name:param=value`; of a twin on the side that is named.

        Raises:
            UnknownName, InvalidKnob, InvalidInput: nothing was changed.
        """
        self._ask(lambda: self._stage.set_strategy(spec, side))

    def set_knobs(self, changes: Mapping[str, Any], side: int | None = None) -> None:
        """Change settings by public name; of a twin on the side that is named, and those of the load on both.

        Raises:
            InvalidKnob, InvalidInput: nothing was changed.
        """
        self._ask(lambda: self._stage.set_knobs(changes, side))

    def set_speed(self, speed: int) -> None:
        """1, 10, 100, or 0 for as fast as it goes.

        Raises:
            InvalidKnob: nothing was changed.
        """
        self._ask(lambda: self._stage.set_speed(speed))

    def pause(self) -> None:
        """Stand still, at the end of the present half second, so that all numbers are of one instant."""
        self._ask(self._stage.pause)

    def resume(self) -> None:
        """Go on."""
        self._ask(self._stage.resume)

    def slow_to_watch(self, on: bool) -> None:
        """Whether events at more than 4x drop the speed to 1x until lag is under 1 s; never at max."""
        self._ask(lambda: self._stage.slow_to_watch(on))

    def reset(self) -> None:
        """Begin again from the same seed, with the present configuration. Built in the caller's thread."""
        fresh = [self._reopen(run) for run in self._ask(lambda: [side.run for side in self._stage.sides])]
        self._ask(lambda: self._replace(fresh))

    def full(self, side: int = 0) -> Json:
        """The whole picture of a side, as in the wire's `full`."""
        return self._ask(lambda: self._stage.full(side))

    def person(self, user: int, side: int = 0) -> str:
        """One person in words.

        Raises:
            UnknownUser, InvalidInput: no such id, or side.
        """
        return self._ask(lambda: self._person(user, side))

    def why(self, user: int, post: int | None = None, side: int = 0) -> Why:
        """Why somebody has not got a post, given by its row, or when they did; without one, the oldest they wait for.

        Raises:
            UnknownUser, UnknownPost, InvalidInput: no such id, row or side, or the world keeps no log.
        """
        return self._ask(lambda: self._why(user, post, side))

    def life(self, post: int, side: int = 0) -> Life:
        """All that became of one post, given by its row.

        Raises:
            UnknownPost, InvalidInput: no such row or side, or the world keeps no log.
        """
        return self._ask(lambda: self._life(post, side))

    @property
    def watchers(self) -> int:
        """How many sockets watch it."""
        return self._stage.watchers

    def clock(self) -> str:
        """Its virtual time, as "00:01:38"."""
        return words.clock(self.do(lambda world: world.now_ns) / NS_PER_S)

    def link(self, side: int = 0) -> str:
        """The query of an address that opens the same experiment: design, seed, settings, and the last event."""
        return self._ask(lambda: self._link(self._stage.running(side)))

    def csv(self, side: int = 0) -> str:
        """All kept series of a side as CSV."""
        return self._ask(lambda: _csv(self._stage.side(side).run.world))

    # Watching

    def subscribe(self, box: Outbox, side: int = 0) -> None:
        """Send everything new of a side to `box`, beginning with a whole picture.

        Raises:
            InvalidInput: there is no such side.
        """
        self._ask(lambda: self._stage.subscribe(box, side))

    def unsubscribe(self, box: Outbox) -> None:
        """Send nothing more. Does not wait, and does not fail."""
        self.submit(lambda: self._stage.unsubscribe(box))

    def scrub(self, box: Outbox, t_s: float | None) -> Scrubbed:
        """Show `box` an earlier instant of its side, of the last minute, instead of the present; None: the present.

        Raises:
            MurmurationError: nothing is kept yet, or `t_s` is no number.
        """
        return self._ask(lambda: self._stage.scrub(box, t_s))

    def tell_story(self, box: Outbox, bets: Bets | None) -> Json:
        """Tell `box` the story with every tick, naming these bets, or with None no more. Where it stands, who it is
        about, and the dots of their followers.

        Raises:
            MurmurationError: the world broke.
        """
        return self._ask(lambda: self._tell_story(box, bets))

    def bet(self, answer: str | None, box: Outbox | None = None) -> int:
        """Take a bet on the story, which runs what it is about; None: run it without one. Which bet it was: 1 or 2.

        Raises:
            InvalidInput: there is nothing to bet on now, or not this; nothing was changed.
        """
        return self._ask(lambda: self._bet(answer, box))

    def fast_forward(self) -> None:
        """10x until the lag is under 1 s again, then 1x."""
        self._ask(self._stage.fast_forward)

    def set_lens(self, box: Outbox, lens: str, post: int | None = None, author: int | None = None) -> Lens:
        """What `box` sees: "behind", "reading", or "post": that row, or the newest post of that author.

        With neither, the newest post of whoever was made to post last.

        Raises:
            InvalidInput, UnknownPost, UnknownUser: nothing was changed.
        """
        return self._ask(lambda: self._set_lens(box, lens, post, author))

    def set_view(self, box: Outbox, view: str) -> None:
        """What `box` looks at beside the numbers: "crowd", or "diagram", which then comes with its ticks.

        Raises:
            InvalidInput: nothing was changed.
        """
        if view not in VIEWS:
            raise InvalidInput(f"There is no view {json.dumps(view)}; allowed: {', '.join(VIEWS)}.")
        self._ask(lambda: setattr(box, "view", view))

    # For the scheduler

    @property
    def has_mail(self) -> bool:
        """Was something asked that is not answered."""
        return len(self._mailbox) > 0

    @property
    def flat_out(self) -> bool:
        """Does it take all the time it can get."""
        return self._stage.flat_out and self._awake(self._clock.now_s())

    def answer_mail(self) -> None:
        """Do what was asked."""
        with self._at_work:
            self._mailbox.drain()

    def due_in_s(self, now_s: float) -> float:
        """Wall seconds until it wants a turn; infinite for one that stands still unseen."""
        return self._stage.due_in_s(now_s, self._awake(now_s))

    def turn(self, quota_s: float) -> None:
        """Run what is due, for about `quota_s` of wall time at most, and show it. Never raises."""
        with self._at_work:
            if not self._closed:
                self._stage.turn(quota_s, self._awake(self._clock.now_s()))

    def unused_s(self, now_s: float) -> float:
        """For how many wall seconds nobody has watched or asked; 0 while somebody watches."""
        if self._stage.watchers:
            self._used_s = now_s
        return now_s - self._used_s

    def note_progress(self) -> None:
        """Write down how far the world has come, so that reopening it comes as far."""
        with self._at_work:
            for side in self._stage.sides if not self._closed else ():
                side.run.note_progress()

    def close(self, reason: str) -> None:
        """Refuse everything from now on."""
        self._mailbox.close(reason)
        with self._at_work:
            self._closed = True
            for side in self._stage.sides:
                side.hub.close(reason)
                side.run.close()

    def _awake(self, now_s: float) -> bool:
        return self.unused_s(now_s) < ASLEEP_S

    # On the scheduler's thread

    def _link(self, run: Run) -> str:
        events = run.chronicle.events
        return Experiment(run.world.config, events[-1].injected.slug if events else None).to_query()

    def _replace(self, fresh: list[Run]) -> None:
        before = [side.run for side in self._stage.sides]
        for old, run in zip(before, fresh, strict=True):
            run.comes_after(old)
        self._stage.replace(*fresh)
        for old in before:
            old.world.close()

    def _person(self, user: int, side: int) -> str:
        self._check_user(user)
        world = self._stage.running(side).world
        return person_line(world.person(user), world.now_ns)

    def _why(self, user: int, post: int | None, side: int) -> Why:
        self._check_user(user)
        world = self._stage.running(side).world
        if post is not None:
            _check_post(world, post)
        return world.why(user, post)

    def _life(self, post: int, side: int) -> Life:
        world = self._stage.running(side).world
        _check_post(world, post)
        return world.life(post)

    def _set_lens(self, box: Outbox, lens: str, post: int | None, author: int | None) -> Lens:
        if lens not in ("behind", "post", "reading"):
            raise InvalidInput(f"There is no lens {json.dumps(lens)}; allowed: behind, post, reading.")
        chosen = {"behind": BEHIND, "reading": READING}.get(lens) or self._post_lens(box.side, post, author)
        self._stage.look_through(box, chosen)
        return chosen

    def _tell_story(self, box: Outbox, bets: Bets | None) -> Json:
        run = self._stage.running(box.side)
        box.story = bets
        if bets is not None:
            run.story.begin()
        author = run.story.author
        strip = run.strip.tolist()
        return {
            "author": strip.index(author) if author in strip else None,
            "followers": run.sample.dots(run.story.followers).tolist(),
            "story": None if bets is None else run.story.to_wire(bets),
        }

    def _bet(self, answer: str | None, box: Outbox | None) -> int:
        number = self._stage.bet(answer)
        if box is not None and box.story is not None and answer is not None:
            box.story = box.story._replace(**{Bets._fields[number - 1]: answer})
        return number

    def _post_lens(self, side: int, post: int | None, author: int | None) -> Lens:
        run = self._stage.running(side)
        world = run.world
        if post is None:
            return Lens(LensKind.POST, self._newest_post(run, author))
        _check_post(world, post)
        return Lens(LensKind.POST, post)

    def _newest_post(self, run: Run, author: int | None) -> int:
        world = run.world
        if author is None:
            events = run.chronicle.events
            told = [event.injected.author for event in events if event.injected.author is not None]
            author = told[-1] if told else int(world.population.largest[0])
        self._check_user(author)
        row = newest_row(world, author)
        if row == NO_ROW:
            raise UnknownPost(f"{world.population.name(author)} has not posted yet.")
        return row

    def _check_user(self, user: int) -> None:
        if not _is_index(user, self.users):
            raise UnknownUser(f"There is no user {json.dumps(user)}; allowed: 0 to {self.users - 1}.")


def _csv(world: World) -> str:
    return to_csv(world.metrics, world.now_ns)


def _check_post(world: World, row: int) -> None:
    if not _is_index(row, world.tables.posts.size):
        raise UnknownPost(f"There is no post {json.dumps(row)} in this world.")


def _is_index(value: Any, count: int) -> bool:
    """Whether something from outside is one of 0 .. count - 1."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < count
