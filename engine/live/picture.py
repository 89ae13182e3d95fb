"""What is sent about one world: the JSON of ticks and whole pictures, and the frames of dots, from one look at it."""

import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from engine.clock import NS_PER_S
from engine.config import KNOBS
from engine.domain import I64, U8
from engine.live import lines
from engine.live.diagram import Acts, diagram
from engine.live.dots import (
    BAND_NAMES,
    BEHIND,
    Frame,
    FrameEncoder,
    Lens,
    LensKind,
    post_values,
    reading_values,
)
from engine.live.outage import banner
from engine.live.pulse import tracked_burst
from engine.live.run import Run
from engine.live.series import to_wire
from engine.live.tiles import tiles
from engine.observe import words
from engine.observe.inspect import Recipients, RecipientStatus
from engine.observe.verdict import Verdict, VerdictMachine

SHOWN_S = 120.0
"""Virtual seconds of history in a whole picture; `SHOWN_FAST_S` from 100x on."""
SHOWN_FAST_S = 600.0
FRAME_S = 0.1
"""Wall time between two frames of dots."""
POOLED_FROM = 10
"""Above this speed a frame shows the worst state of each person since the last one."""
_BURST_SHOWN_S, _BURST_COUNTED_S = 30.0, 120.0
"""How long the copies of a burst are told: once all are delivered, and at the longest."""

Json = dict[str, Any]


class Controls(NamedTuple):
    """How a world is being run, at one moment."""

    speed: int
    rate: int
    achieved: float
    paused: bool
    slowed: bool
    wall_s: float

    @property
    def pooled(self) -> bool:
        """Is one frame many states."""
        return self.rate == 0 or self.rate > POOLED_FROM


class Look(NamedTuple):
    """What is measured once for all that is sent at one instant. Recipients: of each post somebody looks at."""

    behind_ns: I64
    worst_ns: I64
    recipients: dict[int, Recipients]


class Picture:
    """Encodes one run. Ticks carry what is new since the last tick."""

    def __init__(self, world_id: str, run: Run, beside: Callable[[int], Json] | None = None) -> None:
        """`beside`: of a twin's side, what both are told as of a virtual instant in ns."""
        self._id = world_id
        self._run, self._beside = run, beside
        self._machine = VerdictMachine()
        self._encoders: dict[Lens, FrameEncoder] = {}
        self._delivered: tuple[int, int] = (-1, 0)
        self._acts = Acts()
        self.begin()

    def begin(self) -> None:
        """From here on everything is new to those who watch: what was before is in their whole picture."""
        run = self._run
        self._sent_s = run.world.now_ns / NS_PER_S
        self._sent_flags, self._sent_ghost = run.chronicle.flags_made, run.chronicle.ghost
        self._sent_config = run.world.config

    def look(self, lenses: Iterable[Lens]) -> Look:
        """Take the world's state for these lenses."""
        world = self._run.world
        behind_ns = world.behind()
        rows = {lens.row for lens in lenses if lens.kind is LensKind.POST}
        return Look(behind_ns, self._run.worst_behind(behind_ns), {row: world.recipients(row) for row in rows})

    def frames(self, lenses: Iterable[Lens], look: Look) -> dict[Lens, Frame]:
        """The dots under each lens; a lens that nobody uses any more is forgotten."""
        self._encoders = {lens: self._encoders.get(lens) or FrameEncoder(lens) for lens in lenses}
        return {lens: encoder.encode(self._values(lens, look)) for lens, encoder in self._encoders.items()}

    def tick(self, lenses: Iterable[Lens], look: Look, controls: Controls) -> dict[Lens, str]:
        """The next tick for each lens, as text: what is common is encoded once."""
        run, chronicle = self._run, self._run.chronicle
        common = self._common(look, controls)
        common["series"] = to_wire(run.series.between(self._sent_s, float("inf")))
        common["flags"] = [flag.to_wire() for flag in chronicle.flags_after(self._sent_flags)]
        if chronicle.ghost is not self._sent_ghost:
            common["ghost"] = chronicle.ghost
        common["config_changed"] = run.world.config is not self._sent_config
        if common["config_changed"]:
            common["knobs"] = self._knobs()
        self.begin()
        head = encode(common)[:-1]
        return {lens: f"{head},{encode(self._through(lens, look, controls))[1:]}" for lens in lenses}

    def full(self, look: Look, controls: Controls) -> Json:
        """Everything, under the default lens; what ticks will bring next does not depend on it."""
        run, world = self._run, self._run.world
        tick = self._common(look, controls) | self._through(BEHIND, look, controls)
        span_s = SHOWN_FAST_S if controls.pooled else SHOWN_S
        points = run.series.between(world.now_ns / NS_PER_S - span_s, float("inf"))
        return {
            "type": "full",
            "world": self._world(),
            "series": to_wire(points),
            "ghost": run.chronicle.ghost,
            "flags": [flag.to_wire() for flag in run.chronicle.flags],
            "tick": tick | {"series": {}, "flags": [], "config_changed": False},
            "bands": run.bands.of(look.behind_ns[run.sample.ids]).tolist(),
        }

    def diagram(self) -> Json:
        """The living diagram of this instant."""
        world = self._run.world
        return diagram(world, self._acts.see(world.now_ns, self._run.people.journal.last_seq))

    def feel(self, controls: Controls) -> Verdict:
        """Let the verdict follow the world between two ticks: it takes virtual time to change its mind."""
        self._run.catch_up()
        verdict = self._machine.update(self._run.pulse.vitals(controls.paused), controls.wall_s)
        self._run.reel.note_verdict(self._run.world.now_ns, verdict_json(verdict))
        return verdict

    # Parts

    def _common(self, look: Look, controls: Controls) -> Json:
        """What every lens shares. Calling it twice at one instant gives the same."""
        run, world = self._run, self._run.world
        verdict = self.feel(controls)
        digits = 3 if controls.paused else 2
        now_s = world.now_ns / NS_PER_S
        queue = sum(world.queue_copies())
        twin = {} if self._beside is None else {"twin": self._beside(world.now_ns)}
        return {
            "type": "tick",
            "t": now_s,
            "clock": words.clock(now_s),
            "speed": controls.speed,
            "achieved": round(controls.achieved, 2),
            "paused": controls.paused,
            "slowed": controls.slowed,
            "verdict": verdict_json(verdict),
            "tiles": tiles(run.pulse, run.series, queue, world.config.slo, now_s, digits),
            "since": run.chronicle.since(world.now_ns),
            "bands": run.bands.counts(look.behind_ns),
            "strategy": world.strategy.slug,
            "banner": banner(world),
            **twin,
        }

    def _through(self, lens: Lens, look: Look, controls: Controls) -> Json:
        """What belongs to one lens: text, table, caption, counts."""
        run, world = self._run, self._run.world
        people = world.population
        captions = [lines.sampled_caption(run.sample.people_per_dot)]
        row: int | None = None
        if lens.kind is LensKind.POST:
            row, recipients = lens.row, look.recipients[lens.row]
            author, age_s = self._author(lens.row)
            text = lines.post_line(people.name(author), age_s, recipients)
            table = lines.post_table(people.users, recipients)
            tally = lines.status_counts(recipients)
            counts = {status.name.lower(): tally[status] for status in RecipientStatus}
        elif lens.kind is LensKind.READING:
            text, table = lines.reading_line(world), lines.reading_table(world.rows_of_last_read)
            counts = {}
        else:
            counts = run.bands.counts(look.behind_ns)
            text = self._behind_line(look, counts, 3 if controls.paused else 2)
            table = lines.behind_table(counts, run.bands)
            captions.insert(0, lines.fetch_caption(world))
            if controls.pooled:
                captions.insert(0, lines.pooled_caption(controls.rate, controls.achieved, FRAME_S))
        caption = " ".join(part for part in captions if part)
        shown = {"lens": lens.kind.name.lower(), "post": row, "caption": caption, "counts": counts}
        return {"text": text, "table": table, "lens": shown}

    def _behind_line(self, look: Look, counts: dict[str, int], digits: int) -> str:
        late = sum(counts[name] for name in BAND_NAMES[2:])
        slo_s = self._run.world.config.slo.lag_ms / 1000
        furthest = words.seconds(int(look.behind_ns.max(initial=0)) / NS_PER_S, digits)
        return lines.behind_line(late, len(look.behind_ns), slo_s, furthest, self._burst())

    def _burst(self) -> str:
        """How much of the latest burst has been delivered, for a while."""
        event, world = tracked_burst(self._run.chronicle), self._run.world
        if event is None or not event.injected.deliveries or event.injected.author is None:
            return ""
        copies, age_s = event.injected.deliveries, (world.now_ns - event.at_ns) / NS_PER_S
        if self._delivered != (event.at_ns, copies) and age_s < _BURST_COUNTED_S:
            self._delivered = (event.at_ns, min(self._received(event.injected.author, event.row_mark), copies))
        if age_s > (_BURST_SHOWN_S if self._delivered[1] == copies else _BURST_COUNTED_S):
            return ""
        return lines.burst_part(event.author_name, self._delivered[1], copies)

    def _received(self, author: int, row_mark: int) -> int:
        """Copies delivered of an author's posts after `row_mark`."""
        rows = [row for row in self._run.world.last_posts(author, 100).tolist() if row > row_mark]
        statuses = [self._run.world.recipients(row).status for row in rows]
        return int(sum((status == RecipientStatus.RECEIVED).sum() for status in statuses))

    def _author(self, row: int) -> tuple[int, float]:
        """Whose post a row is, and how many seconds old."""
        posts = self._run.world.tables.posts
        return int(posts.author[row]), (self._run.world.now_ns - int(posts.accepted_ns[row])) / NS_PER_S

    def _values(self, lens: Lens, look: Look) -> U8:
        """The value of each dot, shape (dots,)."""
        ids, bands = self._run.sample.ids, self._run.bands
        if lens.kind is LensKind.POST:
            return post_values(len(look.behind_ns), look.recipients[lens.row], bands)[ids]
        if lens.kind is LensKind.READING:
            return reading_values(self._run.world.rows_of_last_read[ids])
        return bands.of(look.worst_ns[ids])

    def _world(self) -> Json:
        run, world = self._run, self._run.world
        people, followers = world.population, world.tables.graph.follower_counts
        strip = [{"user": u, "name": people.name(u), "followers": int(followers[u])} for u in run.strip.tolist()]
        return {
            "id": self._id,
            "name": world.config.world,
            "users": people.users,
            "dots": len(run.sample.ids),
            "dot_ids": run.sample.ids.tolist(),
            "people_per_dot": run.sample.people_per_dot,
            "strip": strip,
            "strategy": world.strategy.slug,
            "knobs": self._knobs(),
            "slo_ms": world.config.slo.lag_ms,
            "seed": world.config.seed,
        }

    def _knobs(self) -> Json:
        return {name: self._run.world.config.knob(name) for name in KNOBS}


def verdict_json(verdict: Verdict) -> Json:
    """As on the wire."""
    return {
        "status": verdict.status,
        "rule": verdict.rule,
        "line": verdict.line,
        "why": verdict.why,
        "try": verdict.try_,
    }


def encode(message: Json) -> str:
    """Compact JSON; NaN would be an error here and not in the browser."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False)
