"""Who watches a world, and what they get: every update is encoded once, and all sockets get the same bytes."""

from collections import deque
from collections.abc import Callable, Mapping
from threading import Lock

from engine.live.dots import BEHIND, Frame, Lens
from engine.live.told import Bets

Message = str | bytes

VIEWS = ("crowd", "diagram")

LIMIT = 64
"""Messages that wait for a slow client, about two seconds of them, before it is given a fresh picture instead."""


class Outbox:
    """One client's bounded queue between the scheduler's thread, which offers, and the client's own, which takes.

    `notify` is called, from any thread, when there is something to take; it must not block.
    """

    def __init__(self, notify: Callable[[], None] = lambda: None, limit: int = LIMIT) -> None:
        self.lens = BEHIND
        self.fresh = True
        """The next frame of dots must be a full one."""
        self.side = 0
        """Which world of a twin it watches."""
        self.view = "crowd"
        """What it looks at: one of `VIEWS`; the diagram comes beside the crowd's words, not in their place."""
        self.story: Bets | None = None
        """Whether it wants the story told, and what was bet there."""
        self.past_s: float | None = None
        """The earlier instant, in virtual seconds, that it looks at instead of the present."""
        self._notify = notify
        self._limit = limit
        self._lock = Lock()
        self._messages: deque[Message] = deque()
        self._behind = False
        self._ready = False
        self.closed: str | None = None
        """Why the world is gone; None while it is there."""

    def offer(self, message: Message) -> None:
        """Queue a message. When there are too many, all are dropped, and so is what comes until a resync."""
        with self._lock:
            if not self._behind:
                self._messages.append(message)
            if len(self._messages) > self._limit:
                self._messages.clear()
                self._behind = True
        self._notify()

    def take(self) -> list[Message]:
        """Everything that waits, oldest first. Asking again after a loss is asking for a resync."""
        with self._lock:
            taken = list(self._messages)
            self._messages.clear()
            self._ready = self._behind
            return taken

    def wants_resync(self) -> bool:
        """Messages were lost, and the client is ready for a fresh picture."""
        return self._behind and self._ready

    def resync(self, full: Message) -> None:
        """Start again with a whole picture."""
        with self._lock:
            self._messages.clear()
            self._messages.append(full)
            self._behind = self._ready = False
            self.fresh, self.past_s = True, None  # a whole picture is of now
        self._notify()

    def close(self, reason: str) -> None:
        """The world is gone."""
        self.closed = reason
        self._notify()


class Hub:
    """The outboxes of one world. On the scheduler's thread only."""

    def __init__(self) -> None:
        self._boxes: list[Outbox] = []

    def __len__(self) -> int:
        return len(self._boxes)

    def add(self, box: Outbox, full: Message) -> None:
        """Let a client watch, beginning with a whole picture."""
        if box not in self._boxes:
            self._boxes.append(box)
        box.resync(full)

    def remove(self, box: Outbox) -> None:
        """A client has gone; unknown ones do nothing."""
        if box in self._boxes:
            self._boxes.remove(box)

    def lenses(self) -> set[Lens]:
        """The lenses that somebody looks through."""
        return {box.lens for box in self._boxes}

    def look_through(self, lens: Lens) -> None:
        """Put everybody on one lens."""
        for box in self._boxes:
            box.lens, box.fresh = lens, True

    def send_now(self, message: Message) -> None:
        """The same to everybody who looks at the present."""
        for box in self._boxes:
            if box.past_s is None:
                box.offer(message)

    def looks_at(self, view: str) -> bool:
        """Does anybody."""
        return any(box.view == view for box in self._boxes)

    def send_by_lens(
        self, messages: Mapping[Lens, str], diagram: str = "", story: Callable[[Bets], str] | None = None
    ) -> None:
        """To everybody what belongs to their lens; with the `diagram`, as JSON, to those who look at it, and with the
        `story`, as JSON, to those who want it told."""
        drawn = {lens: f'{message[:-1]},"diagram":{diagram}}}' for lens, message in messages.items()} if diagram else {}
        for box in self._boxes:
            message = (drawn if diagram and box.view == "diagram" else messages)[box.lens]
            if story is not None and box.story is not None:
                message = f'{message[:-1]},"story":{story(box.story)}}}'
            box.offer(message)

    def send_frames(self, frames: Mapping[Lens, Frame]) -> None:
        """The dots: changes, or all of them to whoever has none yet; nothing to who looks back."""
        for box in self._boxes:
            frame = frames[box.lens]
            if box.past_s is not None:
                continue
            if box.fresh:
                box.offer(frame.full)
                box.fresh = False
            elif frame.changes is not None:
                box.offer(frame.changes)

    def resync(self, full: Callable[[], Message]) -> None:
        """Give everybody who lost messages, and is ready, a fresh picture; made once, if anybody is."""
        boxes = [box for box in self._boxes if box.wants_resync()]
        if boxes:
            message = full()
            for box in boxes:
                box.resync(message)

    def restart(self, full: Message) -> None:
        """A new world in the old one's place: everybody begins again, under the default lens."""
        self.look_through(BEHIND)
        for box in self._boxes:
            box.resync(full)

    def close(self, reason: str) -> None:
        """The world is gone; so is the audience."""
        for box in self._boxes:
            box.close(reason)
        self._boxes.clear()
