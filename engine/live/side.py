"""One world of a stage: the run it is in, the picture of it, and who watches it. One thread only: the scheduler's."""

import logging
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from engine.live.dots import BEHIND
from engine.live.hub import Hub, Outbox
from engine.live.past import past_picture
from engine.live.picture import Controls, Json, Picture, encode
from engine.live.run import Run

log = logging.getLogger(__name__)

Beside = Callable[[int], Json]
"""What is told of both worlds of a twin, as of a virtual instant in ns."""


class Scrubbed(NamedTuple):
    """What somebody looks back at, in virtual seconds: the instant (None: now), and from when to when it could be."""

    t_s: float | None
    from_s: float
    to_s: float


class Side:
    """Shows one run after another; a reset brings the next. `beside`: for the side of a twin."""

    def __init__(self, world_id: str, run: Run, beside: Beside | None = None) -> None:
        self.hub = Hub()
        self._id, self._beside = world_id, beside
        self.begin(run)

    def begin(self, run: Run) -> None:
        """Go on with another run; who watches is told by `restart`."""
        self.run = run
        self._picture = Picture(self._id, run, self._beside)
        self._failed: Json | None = None
        """The last picture of a world that broke."""

    def step(self, step_ns: int, pooled: bool, watched: bool) -> bool:
        """As `Run.step`; states are pooled for those who watch this side, `watched`: does anybody watch any."""
        return self.run.step(step_ns, pooled and len(self.hub) > 0, watched)

    def feel(self, controls: Controls) -> None:
        """Keep the verdict up to date between two ticks."""
        if len(self.hub):
            self._picture.feel(controls)

    def send(self, controls: Controls, tick: bool) -> None:
        """Send the dots, and with a `tick` the numbers, if anybody looks."""
        if not len(self.hub):
            return
        lenses = self.hub.lenses()
        look = self._picture.look(lenses)
        self.hub.send_frames(self._picture.frames(lenses, look))
        if BEHIND in lenses:
            for flashes in self.run.flashes():
                self.hub.send_now(flashes)
        if tick:
            diagram = encode(self._picture.diagram()) if self.hub.looks_at("diagram") else ""
            story = cache(lambda bets: encode(self.run.story.to_wire(bets)))
            self.hub.send_by_lens(self._picture.tick(lenses, look, controls), diagram, story)
        self.hub.resync(lambda: encode(self._picture.full(look, controls)))

    def full(self, controls: Controls) -> Json:
        """The whole picture now; the last one of a world that broke."""
        if self._failed is not None:
            return self._failed
        return self._picture.full(self._picture.look((BEHIND,)), controls)

    def fail(self, controls: Controls, verdict: Json) -> None:
        """Keep the last picture, and say in its verdict what happened. For good, until the next run begins."""
        try:
            picture = self.full(controls)
        except Exception:
            log.exception("World %s has no last picture", self._id)
            picture = {"type": "full", "tick": {"type": "tick"}}
        picture["tick"]["verdict"] = verdict
        self._failed = picture
        self.hub.restart(encode(picture))

    def resync(self) -> None:
        """The last picture of a world that broke, for whoever lost messages."""
        failed = self._failed
        if failed is not None:
            self.hub.resync(lambda: encode(failed))

    def restart(self, controls: Controls) -> None:
        """Everybody begins again, with a whole picture."""
        self.hub.restart(encode(self.full(controls)))

    def add(self, box: Outbox, controls: Controls) -> None:
        """Show everything from now on, beginning with a whole picture."""
        full = encode(self.full(controls))
        if not len(self.hub):
            self._picture.begin()
        self.hub.add(box, full)

    def scrub(self, box: Outbox, t_s: float | None) -> Scrubbed:
        """Show a client an earlier instant in place of the present, or with None the present again.

        Raises:
            MurmurationError: nothing is kept yet, or `t_s` is no number.
        """
        from_s, to_s = self.run.reel.span_s
        if t_s is None:
            if box.past_s is not None:
                box.past_s, box.fresh = None, True
            return Scrubbed(None, from_s, to_s)
        moment = self.run.reel.at(t_s)
        picture = past_picture(self.run, moment)
        if self._beside is not None:
            picture["twin"] = self._beside(moment.at_ns)
        box.past_s = picture["t"]
        box.offer(moment.frame())
        box.offer(encode(picture))
        return Scrubbed(picture["t"], from_s, to_s)
