"""What happens in each run of a design: the load by stretches, what comes beside it, what breaks; as values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from engine import WorldConfig
from engine.faults.fault import Fault, parse_fault
from engine.load.injections import CelebrityBurst, Herd, Injection
from lessons.interview.base import Level
from lessons.interview.measured import Unforeseen
from lessons.interview.runs.design import Design
from lessons.interview.runs.drawn import UNFORESEEN_LOADS, Variant
from lessons.interview.runs.happenings import Burst, ComeBack, Cross, Spam
from lessons.interview.runs.ran import Mark

MEAN_S, PAUSE_S, PEAK_S, AFTER_S = 120, 15, 60, 120
"""The base run: at the own mean; without posts, so that what waits is counted; at the own peak; at the mean again,
while what has piled up drains."""
SHORT_S, EVENT_S = 60, 20
"""Every other run, and when something happens in it."""
CUT_OFF_S = 60
"""For so long a region is away; catching up may take as long."""
LARGEST_POSTS_S = 30.0
"""When the largest account posts in the base run."""


@dataclass(frozen=True)
class Stretch:
    """From a virtual second on: so many times the mean."""

    from_s: int
    posts: float
    reads: float


@dataclass(frozen=True)
class Course:
    """One run, all of it but the people. `judged_s`: of so many seconds the summary is made; None: of all, drained."""

    scope: str
    config: WorldConfig
    stretches: tuple[Stretch, ...]
    seconds: int
    injections: tuple[Injection, ...] = ()
    faults: tuple[Fault, ...] = ()
    deletes_s: float | None = None
    """When posts are deleted, to see how long they are served."""
    judged_s: int | None = None
    peak_ends_s: int | None = None
    """From when on it is looked how long the queue takes to empty; None: from the end of the load."""
    marks: tuple[Mark, ...] = ()


def base(design: Design) -> Course:
    """Two minutes at the own mean, in which the largest account posts once; a pause; one minute at the own peak; two
    minutes at the mean again."""
    peak_s, peak = MEAN_S + PAUSE_S, design.scaled.peak
    after_s = peak_s + PEAK_S
    return Course(
        "base", design.config,
        (Stretch(0, 1, 1), Stretch(MEAN_S, 0, 1), Stretch(peak_s, peak, design.scaled.reads_peak),
         Stretch(after_s, 1, 1)),
        after_s + AFTER_S, injections=(CelebrityBurst(at_s=LARGEST_POSTS_S, posts=1),), deletes_s=60.0,
        judged_s=peak_s, peak_ends_s=after_s,
        marks=((LARGEST_POSTS_S, LARGEST_POSTS_S, "the largest account posts"),
               (MEAN_S, peak_s, "no posts"), (peak_s, after_s, f"peak: {peak:g} times the mean")),
    )  # fmt: skip


def short(design: Design, scope: str = "base") -> Course:
    """The base run without its peak, for comparisons."""
    return Course(scope, design.config, (Stretch(0, 1, 1),), SHORT_S,
                  injections=(CelebrityBurst(at_s=float(EVENT_S), posts=1),))  # fmt: skip


def stars(design: Design) -> Course:
    """A minute at the mean in which each of the largest accounts posts once, one after the other."""
    bursts = tuple(CelebrityBurst(at_s=float(at_s), posts=1, rank=rank) for rank, at_s in enumerate(range(5, 53, 8)))
    return replace(short(design, "stars"), injections=bursts)


def at_peak(design: Design) -> Course:
    """A minute at the own peak."""
    peak = Stretch(0, design.scaled.peak, design.scaled.reads_peak)
    return replace(short(design, "at_peak"), stretches=(peak,), injections=())


def changed(design: Design, variant: Variant, level: Level, scope: str) -> Course:
    """The design under a new requirement."""
    made = replace(short(design, scope), injections=())
    return _REQUIRED[variant](made, design, level)


def unforeseen(design: Design, which: Unforeseen) -> Course:
    """The design under a load that nobody named."""
    made = replace(short(design, which), injections=())
    course = _LOADS[which](made, design)
    return replace(course, marks=((float(EVENT_S), float(EVENT_S), UNFORESEEN_LOADS[which].rstrip(".")),))


def shard_down(design: Design) -> Course:
    """One server of the home lists is away for a quarter of a minute."""
    fault = parse_fault(f"shard_down@{EVENT_S}+15")
    marks = ((float(EVENT_S), EVENT_S + 15.0, "one server of home lists is down"),)
    return replace(short(design, "shard_down"), injections=(), faults=(fault,), marks=marks)


# The new requirements


def _visible_in_two_seconds(course: Course, design: Design, level: Level) -> Course:
    config = course.config.with_knobs({"slo.lag_ms": 2_000.0})
    burst = CelebrityBurst(at_s=float(EVENT_S), posts=1)
    return replace(course, config=config, injections=(burst,), marks=_mark("the largest account posts"))


def _five_times_the_reads(course: Course, design: Design, level: Level) -> Course:
    stretches = (Stretch(0, 1, 1), Stretch(EVENT_S, 1, 5))
    return replace(course, stretches=stretches, marks=_mark("five times the reads", SHORT_S))


def _final_whistle(course: Course, design: Design, level: Level) -> Course:
    posts = round(24 * design.scaled.posts_per_s)
    injections = (Burst(at_s=float(EVENT_S), posts=posts), _everybody_refreshes(design, EVENT_S + 1.0))
    return replace(course, injections=injections, marks=_mark("25 times the posts, then everybody refreshes"))


def _restricted(course: Course, design: Design, level: Level) -> Course:
    return replace(course, deletes_s=float(EVENT_S), marks=_mark("posts are restricted"))


def _half_the_machines(course: Course, design: Design, level: Level) -> Course:
    config = course.config
    knobs = {
        "timeline.cap": max(1, config.timeline.cap // 2),
        "cache.posts": max(1, config.cache.posts // 2),
        "workers.count": max(1, round(config.workers.count * 2 / 3)),
    }
    return replace(course, config=config.with_knobs(knobs), marks=((0.0, float(SHORT_S), "half the machines"),))


def _more_follows_or_cut_off(course: Course, design: Design, level: Level) -> Course:
    if level == "mid":
        config = course.config.with_knobs({"costs.author_us": min(4 * course.config.costs.author_us, 1e7)})
        marks = ((0.0, float(SHORT_S), "four times the follows (modelled as four times the posts)"),)
        return replace(course, config=config, stretches=(Stretch(0, 4, 1),), marks=marks)
    fault = parse_fault(f"broker_paused@{EVENT_S}+{CUT_OFF_S}")
    whole_s = EVENT_S + CUT_OFF_S
    marks = ((float(EVENT_S), float(whole_s), "a region is cut off (modelled: its jobs wait)"),)
    return replace(course, seconds=whole_s + 40, peak_ends_s=whole_s, faults=(fault,), marks=marks)


_REQUIRED: Mapping[Variant, Callable[[Course, Design, Level], Course]] = {
    "V1": _visible_in_two_seconds, "V2": _five_times_the_reads, "V3": _final_whistle, "V4": _restricted,
    "V5": _half_the_machines, "V6": _more_follows_or_cut_off,
}  # fmt: skip


# The unforeseen loads


def _largest_posts(course: Course, design: Design) -> Course:
    return replace(course, injections=(CelebrityBurst(at_s=float(EVENT_S), posts=3, spread_s=10.0),))


def _caches_emptied(course: Course, design: Design) -> Course:
    faults = (parse_fault(f"cache_flushed@{EVENT_S}"), parse_fault(f"post_cache_down@{EVENT_S}+0.5"))
    return replace(course, injections=(_everybody_refreshes(design, float(EVENT_S)),), faults=faults)


def _workers_die(course: Course, design: Design) -> Course:
    half = max(1, course.config.workers.count // 2)
    faults = (parse_fault(f"worker_crash@{EVENT_S}x{half}"), parse_fault(f"broker_redelivers@{EVENT_S}+10"))
    return replace(course, faults=tuple(sorted(faults)))


def _spam(course: Course, design: Design) -> Course:
    """Ten times the posts for twenty seconds; a limit on posts lets one in five through."""
    posts = round(9 * design.scaled.posts_per_s * 20)
    limited = "posts" in str(design.knobs.get("limits", ""))
    return replace(course, injections=(Spam(at_s=float(EVENT_S), posts=max(1, posts // (5 if limited else 1))),))


def _across(course: Course, design: Design) -> Course:
    return replace(course, injections=(Cross(at_s=float(EVENT_S), threshold=course.config.strategy.threshold),))


def _come_back(course: Course, design: Design) -> Course:
    return replace(course, injections=(ComeBack(at_s=float(EVENT_S)),))


_LOADS: Mapping[Unforeseen, Callable[[Course, Design], Course]] = {
    "U1": _largest_posts, "U2": _caches_emptied, "U3": _workers_die, "U4": _spam, "U5": _across, "U6": _come_back,
}  # fmt: skip


def _everybody_refreshes(design: Design, at_s: float) -> Herd:
    """Ten times the reads for two seconds."""
    return Herd(at_s=at_s, reads_share=min(0.8, 20 * design.scaled.reads_per_s / _READERS), spread_s=2.0)


_READERS = 35_000
"""About: seven in ten of the small world's people come within a month."""


def _mark(what: str, until_s: float = EVENT_S) -> tuple[Mark, ...]:
    return ((float(EVENT_S), float(until_s), what),)
