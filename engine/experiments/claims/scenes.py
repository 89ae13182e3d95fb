"""What claims are measured on: quiet worlds in which only what a script says happens, and runs of the classroom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from datasets.population import Names, Population
from datasets.worlds import build_population, preset_config
from engine.clock import NS_PER_S
from engine.config import WorldConfig
from engine.domain import F64, I32, I64, Op
from engine.experiments.run import RunRequest, RunResult, drain, run
from engine.graph.graph import Graph
from engine.load.arrivals import Arrivals, Stream, content_keys
from engine.load.audience import Audience
from engine.load.injections import Injection
from engine.load.scenarios import Scenario, scenario
from engine.world import World
from engine.write_path.strategies import with_strategy

SEED = 7
UNDRAWN = f"seed {SEED}, nothing drawn"
"""Of runs that are the same with any seed."""
NO_LOAD = {f"load.{name}_per_s": 0.0 for name in ("posts", "reads", "likes", "follows", "unfollows")}
FREE_ACCEPT = {"costs.gateway_us": 0.0, "costs.commit_us": 0.0}
"""For scenes that begin with a post accepted."""
STAR = 0
_MOST_S = 100_000
BURST_S, _BURST_RUN_S = 20, 30
"""When the scenario `celebrity` has its burst, and when the load ends."""
_TOLD = ("load.posts_per_s", "load.reads_per_s")


@dataclass(frozen=True, eq=False)
class Script:
    """Requests of one kind, written down beforehand; an injection of load like any other."""

    op: Op
    actor: I32
    after_ns: I64
    """Instants, ascending, shape as `actor`."""
    at_s: float = 0.0

    def arrivals(self, audience: Audience, seed: int, number: int, at_ns: int) -> Arrivals:
        """As `Injection.arrivals`; no chance in it."""
        keys = content_keys(Stream.INJECTED, number, len(self.actor))
        return Arrivals.of(self.op, self.after_ns + at_ns, self.actor, keys)


def script(op: Op, actor: I32 | I64 | list[int], at_s: F64 | list[float]) -> Script:
    """These people do this at these seconds, ascending."""
    after_ns = np.rint(np.asarray(at_s) * NS_PER_S).astype(np.int64)
    return Script(op, np.asarray(actor, np.int32), after_ns)


def quiet(
    users: int,
    follower: I32 | I64,
    followee: I32 | I64,
    *scripts: Injection,
    strategy: str = "push",
    knobs: Mapping[str, Any] | None = None,
    config: WorldConfig | None = None,
) -> World:
    """A world of `users` people with these follows, no history and no load but the scripts; class prices."""
    chosen = with_strategy((config or WorldConfig()).with_knobs({"seed": SEED, **NO_LOAD, **(knobs or {})}), strategy)
    ones, largest = np.ones(users), np.arange(min(users, 6), dtype=np.int32)
    people = Population(
        graph=Graph.from_edges(users, np.asarray(follower, np.int32), np.asarray(followee, np.int32)),
        names=Names(users, largest),
        community=np.zeros(users, np.int32),
        last_seen_days=np.zeros(users, np.float32),
        author_weight=ones,
        posting_weight=ones,
        reader_weight=ones,
        away=np.zeros(0, np.int32),
        largest=largest,
        history_posts=0,
    )
    return World(chosen, people, Scenario("script", "Script", "As written down.", tuple(scripts)))


def star(followers: int, *scripts: Injection, **options: Any) -> World:
    """A quiet world in which everybody else follows user 0."""
    crowd = np.arange(1, followers + 1)
    return quiet(followers + 1, crowd, np.full(followers, STAR), *scripts, **options)


def finish(world: World, seconds: float) -> World:
    """Play the scripts, which end within `seconds`, and let everything that is queued finish."""
    world.step(round(seconds * NS_PER_S))
    drain(world, _MOST_S * NS_PER_S)
    return world


class Runs:
    """Runs of the classroom; each is made once, however many claims look at it."""

    def __init__(self, progress: Callable[[str], None] = lambda _: None) -> None:
        self._progress = progress
        self._made: dict[str, RunResult] = {}
        self._burst: World | None = None

    def classroom(self, strategy: str, seconds: int, knobs: Mapping[str, Any] | None = None) -> tuple[RunResult, str]:
        """A run of the classroom at its own, steady load, and the run in words."""
        config = with_strategy(preset_config("classroom", **{"seed": SEED, **(knobs or {})}), strategy)
        load = config.load
        words = (
            f"classroom, {strategy}, steady at {load.posts_per_s:g} posts/s and {load.reads_per_s:g} reads/s, "
            f"{seconds} s, seed {SEED}"
            + "".join(f", {name}={value}" for name, value in (knobs or {}).items() if name not in _TOLD)
        )
        if words not in self._made:
            self._progress(words)
            self._made[words] = run(RunRequest(config=config, seconds=seconds))
        return self._made[words], words

    def burst(self) -> tuple[World, str]:
        """The classroom under push when its largest account writes eight posts at 20 s, with a log of every copy; and
        this run in words."""
        words = f"classroom, push, celebrity at {BURST_S} s, {_BURST_RUN_S} s and drained, seed {SEED}"
        if self._burst is None:
            self._progress(words)
            config = with_strategy(preset_config("classroom", seed=SEED), "push")
            world = World(config, build_population(config), scenario("celebrity"), logged_deliveries=200_000)
            world.load_ends_ns = _BURST_RUN_S * NS_PER_S
            self._burst = finish(world, _BURST_RUN_S)
        return self._burst, words
