"""Scenarios: what happens, on top of how much load there is. Declared here, composable with `+`.

scenario("viral").fitted(seconds=60)          # one of the registry, for a run of 60 s
scenario("celebrity+herd")                    # both
traced(load_trace(path)) + scenario("herd")   # a real course of volume, and a herd
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.clock import NS_PER_S
from engine.domain import F64
from engine.errors import InvalidInput, UnknownName
from engine.load.arrivals import Arrivals
from engine.load.audience import Audience
from engine.load.injections import CelebrityBurst, Herd, Injection, Viral
from engine.load.trace import DAILY, Trace

MAX_PARTS = 16
"""Injections in one scenario; with it, (injection of the world's life, part) makes one number."""


@dataclass(frozen=True)
class Scenario:
    """A named course of events. As declared it fits any run; `fitted` makes it fit a short one."""

    slug: str
    title: str
    doc: str
    injections: tuple[Injection, ...] = ()
    traces: tuple[Trace, ...] = ()
    """Courses of posts_per_s; of several the product counts."""
    seconds: int = 240
    """Virtual seconds that a trace takes, before it starts again."""

    def __post_init__(self) -> None:
        if len(self.injections) > MAX_PARTS:
            count = len(self.injections)
            raise InvalidInput(f"Scenario {self.slug!r} has {count} injections; allowed: up to {MAX_PARTS}.")

    def __add__(self, other: "Scenario") -> "Scenario":
        """Both: all injections, each at its own instant, and all traces."""
        return Scenario(
            slug=f"{self.slug}+{other.slug}",
            title=f"{self.title}, {other.title}",
            doc=f"{self.doc} {other.doc}",
            injections=self.injections + other.injections,
            traces=self.traces + other.traces,
            seconds=max(self.seconds, other.seconds),
        )

    def fitted(self, seconds: float) -> "Scenario":
        """For a run of this length: traces take all of it, and what would come too late comes after a third."""
        early = tuple(_at(injection, min(injection.at_s, seconds / 3)) for injection in self.injections)
        return replace(self, injections=early, seconds=max(1, int(np.ceil(seconds))))

    def profile(self) -> F64 | None:
        """Multiplier of posts_per_s for each virtual second, shape (seconds,), mean 1; None: always 1."""
        if not self.traces:
            return None
        profile: F64 = np.prod([trace.profile(self.seconds) for trace in self.traces], axis=0)
        mean = profile.mean()
        return profile / mean if mean > 0 else np.ones(self.seconds)

    def arrivals(self, audience: Audience, seed: int) -> Arrivals:
        """What it injects over a run that starts at 0: injection number 0 of a world's life."""
        return self._arrivals(audience, seed, 0, 0)

    def triggered(self, audience: Audience, seed: int, at_ns: int, number: int) -> Arrivals:
        """What it injects when started in a running world: its first injection at `at_ns`, the others as far behind.

        Raises:
            UnknownName: it injects nothing.
        """
        if not self.injections:
            raise UnknownName(f"Scenario {self.slug!r} cannot be triggered; allowed: {', '.join(_triggers())}.")
        first_s = min(injection.at_s for injection in self.injections)
        return self._arrivals(audience, seed, number, at_ns - round(first_s * NS_PER_S))

    def _arrivals(self, audience: Audience, seed: int, number: int, origin_ns: int) -> Arrivals:
        return Arrivals.concat(
            injection.arrivals(audience, seed, number * MAX_PARTS + part, origin_ns + round(injection.at_s * NS_PER_S))
            for part, injection in enumerate(self.injections)
        )


SCENARIOS: Mapping[str, Scenario] = {
    declared.slug: declared
    for declared in (
        Scenario("steady", "Steady load", "Nothing special happens."),
        Scenario(
            "celebrity",
            "A celebrity posts",
            "At 20 s the largest account writes eight posts within one second.",
            (CelebrityBurst(at_s=20.0),),
        ),
        Scenario(
            "viral",
            "A post goes viral",
            "At 10 s a mid-size account writes a post that is reposted through the graph.",
            (Viral(at_s=10.0),),
        ),
        Scenario(
            "herd",
            "Everybody looks at once",
            "At 20 s four readers out of five open their home page within one second.",
            (Herd(at_s=20.0),),
        ),
        Scenario("trace", "A day of posts", "Posts follow the course of a day, or of a trace file.", traces=(DAILY,)),
    )
}
"""All scenarios by slug."""


def scenario(name: str) -> Scenario:
    """A scenario by its slug, or several joined by `+`.

    Raises:
        UnknownName: with the ones that exist.
        InvalidInput: more than MAX_PARTS injections together.
    """
    parts = [_find(slug) for slug in name.split("+")]
    combined = parts[0]
    for part in parts[1:]:
        combined = combined + part
    return combined


def traced(trace: Trace) -> Scenario:
    """The scenario `trace`, with a trace of one's own."""
    return replace(SCENARIOS["trace"], traces=(trace,), doc=f"Posts follow the course of {trace.name}.")


def _find(slug: str) -> Scenario:
    if slug not in SCENARIOS:
        raise UnknownName(f"There is no scenario {slug!r}; allowed: {', '.join(SCENARIOS)}.")
    return SCENARIOS[slug]


def _triggers() -> list[str]:
    return [slug for slug, declared in SCENARIOS.items() if declared.injections]


def _at(injection: Injection, at_s: float) -> Injection:
    changed: Injection = replace(injection, at_s=at_s)  # type: ignore[type-var]
    return changed
