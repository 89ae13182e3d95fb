"""One world from its opening, or from a reset, on, with all that is kept of it to be shown."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from engine.clock import NS_PER_S
from engine.config import KNOBS
from engine.domain import I32, I64, NO_ROW
from engine.errors import InvalidKnob, JournalError
from engine.faults.fault import Fault, parse_fault
from engine.faults.kinds import find_kind
from engine.journal.journal import Journal
from engine.live.chronicle import Chronicle, Event, event_label, knobs_label
from engine.live.dots import Bands, FlashKind, Sample, encode_flashes
from engine.live.injected import Injected, inject
from engine.live.outage import FLAG
from engine.live.pulse import Pulse
from engine.live.reel import Reel
from engine.live.series import Series
from engine.live.story import Story
from engine.load.streams import stream
from engine.observe.metrics import SLOT_NS
from engine.people import People
from engine.reopen import origin_of
from engine.requests import Requests
from engine.world import World

FLASHES = 3
"""Reads at most that light up in one frame: 30 a second, a random sample."""


class Run:
    """A world, its people, and what was seen of it. One thread only."""

    def __init__(self, world: World, people: People | None = None) -> None:
        self.world = world
        self._settle(people or People(world, Journal.in_memory()))
        self.series = Series()
        self.chronicle: Chronicle = Chronicle(world.metrics, self.series)
        self.chronicle.strategy = world.strategy.title
        self.pulse = Pulse(world, self.series, self.chronicle)
        self.story = Story(world, self.chronicle)
        self.sample = Sample(world.population.users, world.config.seed)
        self.strip: I32 = world.population.largest
        self.reel = Reel(world.population.users)
        self._noted_ns = -1
        self._outage_noted = False
        self._worst: I64 | None = None
        self._flashed_ns = world.now_ns
        self._newest: dict[int, int] = {}
        self._chance = stream(world.config.seed, "live.flashes", 0)

    def move_in(self, journal: Journal) -> None:
        """Give the people a journal, in which nothing is written yet."""
        journal.watermark(self.world.now_ns)
        self._settle(People(self.world, journal))

    def _settle(self, people: People) -> None:
        self.people = people
        self.requests = Requests(self.world, people)

    def comes_after(self, before: "Run") -> None:
        """This is the run after a reset of that one: its journal begins again, and what happened can be compared."""
        journal = before.people.journal
        journal.begin_again(origin_of(self.world.config), self.world.now_ns)
        self._settle(People(self.world, journal))
        self.chronicle.comes_after(before.chronicle)

    def note_progress(self) -> None:
        """Write down how far the world has come. Where nothing can be written the world goes on all the same: who
        acts is told, and reopened it comes back to its last act."""
        if self.world.now_ns != self._noted_ns:
            with suppress(JournalError):
                self.people.journal.watermark(self.world.now_ns)
                self._noted_ns = self.world.now_ns

    def close(self) -> None:
        """Let go of the journal, and of what the world keeps elsewhere."""
        self.note_progress()
        self.people.journal.close()
        self.world.close()

    @property
    def bands(self) -> Bands:
        """The bands of this world's SLO."""
        return Bands(self.world.config.slo.lag_ms)

    def step(self, dt_ns: int, pooled: bool, watched: bool = True) -> bool:
        """Advance the world; whether a slot has ended, and with it a point of the charts.

        `pooled`: nobody can see every state, so that the worst of each person is kept for the next frame. Unless
        `watched`, the reel of a large world stands still.
        """
        world = self.world
        world.step(dt_ns)
        self._note_outage()
        if world.now_ns % SLOT_NS:
            return False
        oldest_ns = world.oldest_waiting_ns()
        self.series.note_oldest(world.now_ns, oldest_ns)
        world.notes.lag(world.now_ns, oldest_ns, world.metrics)
        if pooled or watched or self.reel.cheap:
            now = world.behind()
            self.reel.take(world.now_ns, now, self.sample.ids, world.config.slo.lag_ms)
            if pooled:
                self._worst = now if self._worst is None else np.maximum(self._worst, now)
        return True

    def _note_outage(self) -> None:
        """Mark on the charts, and in the logbook, that the lists' server was lost."""
        outage = self.world.tables.lists.outage
        if outage is not None and not self._outage_noted:
            self._outage_noted = True
            self.chronicle.lost(outage.at_ns, FLAG)
            self.world.notes.outage(self.world.now_ns, outage)

    def catch_up(self) -> None:
        """Compute the chart points of the slots that have ended."""
        points = self.series.extend(self.world.metrics, self.world.now_ns)
        self.pulse.see(points)
        self.story.see(points)

    def worst_behind(self, now: I64) -> I64:
        """How far behind everybody was at worst since the last call, given how far they are now."""
        worst, self._worst = self._worst, None
        return now if worst is None else np.maximum(worst, now)

    # What people do to it

    def inject(self, name: str) -> Injected:
        """Start a scenario's events now.

        Raises:
            UnknownName: no such scenario, or one with nothing to trigger.
        """
        self.catch_up()  # the story takes an event for what it stands at
        world = self.world
        injected = inject(self.people, world, name)
        author = injected.author
        event = Event(
            at_ns=world.now_ns,
            injected=injected,
            author_name="" if author is None else world.population.name(author),
            row_mark=-1 if author is None else newest_row(world, author),
        )
        self.chronicle.happened(event, event_label(event))
        self.story.note(event)
        return injected

    def break_(self, text: str) -> Fault:
        """Let something break now; KIND[+SPAN][xSIZE][#SERVER].

        Raises:
            InvalidInput, UnknownName: nothing was changed.
        """
        fault = parse_fault(text, self.world.now_ns)
        self.people.break_(fault)
        self.chronicle.change(self.world.now_ns, find_kind(fault.kind).title)
        return fault

    def set_strategy(self, spec: str) -> None:
        """Change the fan-out strategy now.

        Raises:
            UnknownName, InvalidKnob: nothing was changed.
        """
        before = self.world.config
        self.people.set_strategy(spec)
        if self.world.config != before:
            self.chronicle.change(self.world.now_ns, self.world.strategy.title)
            self.chronicle.strategy = self.world.strategy.title

    def set_knobs(self, changes: Mapping[str, Any]) -> None:
        """Change settings now.

        Raises:
            InvalidKnob: nothing was changed.
        """
        if not isinstance(changes, Mapping):
            raise InvalidKnob("Settings are given as {name: value}.")
        before = self.world.config
        self.people.set_knobs(dict(changes))
        pairs = {name: (before.knob(name), self.world.config.knob(name)) for name in KNOBS if name in changes}
        changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        if changed:
            self.chronicle.change(self.world.now_ns, knobs_label(changed))

    # Events for the canvas

    def flashes(self) -> list[bytes]:
        """What lights up once, since the last call: some home reads, and big accounts that posted."""
        since_ns, self._flashed_ns = self._flashed_ns, self.world.now_ns
        messages = []
        users, arrived_ns, done_ns = self.world.reads_since(since_ns)
        slow_ns = self.world.config.slo.home_ms / 1000 * NS_PER_S
        if len(users):
            chosen = self._chance.choice(len(users), min(FLASHES, len(users)), replace=False)
            slow = (done_ns - arrived_ns)[chosen] > slow_ns
            for kind, reads in ((FlashKind.READ, chosen[~slow]), (FlashKind.SLOW_READ, chosen[slow])):
                dots = self.sample.dots(users[reads])
                if len(dots):
                    messages.append(encode_flashes(kind, dots))
        authors = self._posting_authors()
        if len(authors):
            messages.append(encode_flashes(FlashKind.AUTHOR, authors))
        return messages

    def _posting_authors(self) -> I32:
        """Places in the strip whose account has a newer post than at the last call."""
        places = []
        for place, user in enumerate(self.strip.tolist()):
            newest = newest_row(self.world, user)
            if newest > self._newest.get(user, newest):
                places.append(place)
            self._newest[user] = newest
        return np.array(places, np.int32)


def newest_row(world: World, author: int) -> int:
    """The newest post of an author; NO_ROW if they have none."""
    rows = world.last_posts(author, 1)
    return int(rows[0]) if len(rows) else NO_ROW
