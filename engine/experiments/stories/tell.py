"""A story told: run, drained, mended where something was put aside, audited, debriefed."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from engine.clock import NS_PER_S, QUANTUM_NS
from engine.experiments.run import Json, Recording, drain, record, run, series_of
from engine.experiments.stories.debrief import Debrief, Recovered, Series, debrief_of
from engine.experiments.stories.story import Story
from engine.faults.kinds import KINDS
from engine.observe.audit import audit
from engine.observe.metric import Metric
from engine.world import World

_AFTERWARDS_NS = 600 * NS_PER_S
"""Copies that were put aside are delivered within this time, or never."""


@dataclass(frozen=True, eq=False)
class Told:
    """What came out of a story. `world`: at rest; for looking at single lists (`audit_view`)."""

    story: Story
    on: frozenset[str]
    seed: int
    digest: str
    """Of the load: the same whatever is switched on."""
    report: Json
    """As `run` prints it."""
    series: Series
    marks: tuple[tuple[float, float, str], ...]
    """(from, until, what) of each fault, in virtual seconds; equal where it was over at once."""
    debrief: Debrief
    audit: dict[str, float]
    answer: str
    """Key of the option that turned out to be right."""
    world: World = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Plain data, without the world."""
        breaches = [{**vars(breach), "chart": str(breach.chart)} for breach in self.debrief.breaches]
        watched = {str(metric): self.series[metric] for metric in self.story.watch}
        return {
            "story": self.story.name,
            "on": sorted(self.on),
            "seed": self.seed,
            "digest": self.digest,
            "question": self.story.question,
            "options": {option.key: option.label for option in self.story.options},
            "answer": self.answer,
            "debrief": {
                "breaches": breaches,
                "lost": vars(self.debrief.lost),
                "figures": dict(self.debrief.figures),
                "lines": list(self.debrief.lines),
            },
            "marks": [list(mark) for mark in self.marks],
            "events": [list(event) for event in self.story.events],
            "series": {
                name: {"seconds": ends.tolist(), "values": [None if v != v else v for v in values.tolist()]}
                for name, (ends, values) in watched.items()
            },
            "audit": self.audit,
            "report": self.report,
        }


def tell(
    story: Story,
    on: Collection[str] = (),
    seed: int = 7,
    recording: Recording | None = None,
    told: Callable[[float], None] | None = None,
) -> Told:
    """Run a story with these mitigations on.

    `recording`: of this story and seed, if it was drawn before. `told`: of the virtual time, in seconds, after each of
    them; what it raises ends the run.

    Raises:
        UnknownName: a mitigation that the story does not offer.
        InvalidKnob: a seed out of bounds.
    """
    request = story.request(frozenset(on), seed)
    recording = recording or record(request)
    result = run(request, recording=recording, told=told)
    world = result.world
    before = recording.population.history_posts
    every = series_of(world)
    series: Series = {metric: every[metric] for metric in Metric}
    redriven = _redrive(world)
    if redriven[0]:  # else it stands as it was audited
        again = audit(world.tables, world.strategy, world.now_ns, world.fanout.outstanding())
        result.report["audit"] = again.to_json()
    checked = result.report["audit"]
    debrief = debrief_of(result, series, story.seconds, Recovered(recording.counts["posts"], before, *redriven))
    marks = tuple(
        (fault.at_ns / NS_PER_S, fault.until_ns / NS_PER_S, KINDS[fault.kind].title) for fault in request.faults
    )
    return Told(
        story=story, on=frozenset(on), seed=seed, digest=recording.digest, report=result.report, series=series,
        marks=marks, debrief=debrief, audit=checked, answer=story.answer(debrief), world=world,
    )  # fmt: skip


def _redrive(world: World) -> tuple[int, int]:
    """After the load, what was put aside is queued again and delivered: (jobs, copies)."""
    copies = int(world.fanout.dead_letters.jobs.length.sum())
    if not copies:
        return 0, 0
    jobs = world.redrive()
    world.step(QUANTUM_NS)
    drain(world, _AFTERWARDS_NS)
    return jobs, copies
