"""The worlds one can open, as data, from a room of 2,000 to a country of 1,000,000; and their people.

Everything is drawn from the seed in named Philox streams: same world, same seed, same people. Where the numbers come
from: datasets/README.md.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.population import LARGEST_NAMES, Names, Population
from engine.config import WorldConfig
from engine.domain import I32, I64
from engine.errors import InvalidInput, NotEnoughMemory, UnknownName
from engine.frozen import Frozen
from engine.graph.files import load_graph
from engine.graph.generate import communities
from engine.graph.graph import Graph
from engine.graph.measures import posting_weights
from engine.load.streams import stream

AWAY_DAYS = 30.0
"""People not seen for longer do not read, unless they return."""
_SEEN_SHARE = 0.7
_HERE_NOW_SHARE = 0.05
_MEAN_ABSENCE_DAYS = 180.0
_HISTORY_PER_USER = 3
_MOST_HISTORY = 2_000_000
_MOST_OF_ALL = 0.95
"""Of all people may follow the largest account: the others are drawn too, and somebody must be left."""
CACHE = Path("var", "cache")
"""Where large worlds are kept. It can be deleted at any time; it is made again."""
_MADE_BY = 1
"""Raise it when the same preset and seed draw other people than before."""


@dataclass(frozen=True, eq=False, kw_only=True)
class WorldPreset:
    """One world as data: who lives there, and the knobs that make its Twitter the right size for them."""

    slug: str
    title: str
    users: int
    description: str
    mean_followees: float
    generator: Mapping[str, Any]
    """Keyword arguments of engine.graph.generate.communities."""
    silent: int
    """How many of the largest accounts post only when told to."""
    history_posts: int
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Knob name -> value, where it differs from WorldConfig's own default."""
    memory_gb: float = 0.0
    """Free memory that it needs, if that is much; its people and history are then made once, and kept in files."""


_CLASSROOM = WorldPreset(
    slug="classroom",
    title="Classroom",
    users=2_000,
    description="2,000 people who follow 40 others each, and Nova, whom three quarters of them follow. "
    "Machines are slow enough to watch.",
    mean_followees=40.5,
    generator={
        "exponent": 2.5,
        "communities": 12,
        "local_share": 0.85,
        "largest_share": 0.75,
        "stars": (300, 260, 220, 180, 150),
        "tail_cap": 110,
        "reciprocity": 0.35,
    },
    silent=1,
    history_posts=6_000,
)

_CITY = WorldPreset(
    slug="city",
    title="City",
    users=100_000,
    description="100,000 people who follow 50 others each; the largest account has 30,000 followers. "
    "Machines are as fast as in a data centre.",
    mean_followees=50,
    generator={
        "exponent": 2.2,
        "communities": 250,
        "local_share": 0.9,
        "largest_share": 0.3,
        "stars": (24_000, 20_000, 18_000, 16_500, 15_000),
        "tail_cap": 14_000,
        "reciprocity": 0.35,
    },
    silent=6,
    history_posts=300_000,
    defaults={
        "load.posts_per_s": 500.0,
        "load.reads_per_s": 5_000.0,
        "load.likes_per_s": 500.0,
        "load.follows_per_s": 5.0,
        "load.unfollows_per_s": 1.0,
        "load.author_exponent": 0.169,
        "strategy.threshold": 10_000,
        "workers.count": 8,
        "timeline.shards": 16,
        "cache.posts": 200_000,
        "stations.gateways": 16,
        "stations.primaries": 8,
        "stations.indexes": 64,
        "stations.post_caches": 16,
        "stations.replicas": 32,
        "costs.gateway_us": 100.0,
        "costs.poll_us": 500.0,
        "costs.delivery_us": 110.0,
        "costs.list_write_us": 5.0,
        "costs.hydrate_us": 300.0,
    },
)

_TOWN = WorldPreset(
    slug="town",
    title="Town",
    users=50_000,
    description="50,000 people who follow 50 others each; the largest account has 30,000 followers, and few others are "
    "large. It is quiet: six posts a second.",
    mean_followees=50,
    generator={
        "exponent": 2.2,
        "communities": 125,
        "local_share": 0.9,
        "largest_share": 0.6,
        "stars": (20_000, 14_000, 10_000, 7_000, 5_000),
        "tail_cap": 500,
        "reciprocity": 0.35,
    },
    silent=6,
    history_posts=100_000,
    defaults={
        "load.posts_per_s": 6.0,
        "load.reads_per_s": 200.0,
        "load.likes_per_s": 6.0,
        "load.follows_per_s": 0.0,
        "load.unfollows_per_s": 0.0,
        "load.author_exponent": 0.38,
        "strategy.threshold": 1_500,
        "workers.count": 8,
        "timeline.shards": 8,
        "cache.posts": 50_000,
        "costs.gateway_us": 100.0,
        "costs.poll_us": 500.0,
        "costs.hydrate_us": 300.0,
    },
)

_COUNTRY = WorldPreset(
    slug="country",
    title="Country",
    users=1_000_000,
    description="1,000,000 people who follow 48 others each; the largest account has 300,000 followers. "
    "Machines are as fast as in a data centre. It needs 7 GB of memory.",
    mean_followees=48.5,
    generator={
        "exponent": 2.2,
        "communities": 2_500,
        "local_share": 0.9,
        "largest_share": 0.3,
        "stars": (240_000, 200_000, 180_000, 165_000, 150_000),
        "tail_cap": 140_000,
        "reciprocity": 0.35,
    },
    silent=6,
    history_posts=4_500_000,
    defaults={
        "load.posts_per_s": 1_000.0,
        "load.reads_per_s": 20_000.0,
        "load.likes_per_s": 1_000.0,
        "load.follows_per_s": 5.0,
        "load.unfollows_per_s": 1.0,
        "load.author_exponent": 0.143,
        "strategy.threshold": 100_000,
        "read.ahead": 12,
        "fanout.chunk": 1_000,
        "workers.count": 64,
        "workers.batch": 1_000,
        "timeline.shards": 256,
        "cache.posts": 2_000_000,
        "stations.gateways": 64,
        "stations.primaries": 32,
        "stations.indexes": 512,
        "stations.post_caches": 256,
        "stations.replicas": 256,
        "costs.gateway_us": 100.0,
        "costs.poll_us": 500.0,
        "costs.delivery_us": 110.0,
        "costs.list_write_us": 5.0,
        "costs.hydrate_us": 300.0,
    },
    memory_gb=7.0,
)

WORLDS: Mapping[str, WorldPreset] = MappingProxyType(
    {world.slug: world for world in (_CLASSROOM, _TOWN, _CITY, _COUNTRY)}
)
"""All worlds by name."""


def find_world(name: str) -> WorldPreset:
    """The world of this name.

    Raises:
        UnknownName: there is none; the message lists those there are.
    """
    if name not in WORLDS:
        raise UnknownName(f"There is no world {name!r}; allowed: {', '.join(WORLDS)}.")
    return WORLDS[name]


def preset_config(world: str, **overrides: Any) -> WorldConfig:
    """The configuration of a world as it is opened, with some knobs changed.

    `overrides` are knobs by public name (`**{"load.posts_per_s": 60, "seed": 3}`).

    Raises:
        UnknownName: no such world.
        InvalidKnob: no such knob, or a value out of bounds.
    """
    preset = find_world(world)
    return WorldConfig(world=world).with_knobs({**preset.defaults, **overrides})


def with_celebrity(preset: WorldPreset, share: float) -> WorldPreset:
    """The same world, its largest account followed by another share of all people; everybody follows as many as before.

    Raises:
        InvalidInput: fewer than follow the second largest, or nearly everybody.
    """
    least = preset.generator["stars"][0] / preset.users
    if not least <= share <= _MOST_OF_ALL:
        allowed = f"from {least:g} to {_MOST_OF_ALL:g} of all people in {preset.slug}"
        raise InvalidInput(f"celebrity_share is {share:g}; allowed: {allowed}.")
    return replace(preset, generator={**preset.generator, "largest_share": share})


def build_population(
    config: WorldConfig, graph_file: Path | None = None, celebrity_share: float | None = None
) -> Population:
    """The people of `config.world` with `config.seed`, or those of a graph file, with everything else drawn.

    People of a file are numbered by the largest account they follow; none of them is silent.
    `celebrity_share`: see `with_celebrity`; None: as the world has it.

    Raises:
        UnknownName: no such world.
        InvalidInput: a celebrity that this world cannot have, or one for a graph file.
        InvalidGraph: a file that cannot be read.
        NotEnoughMemory: the world is too large for what is free.
    """
    preset = find_world(config.world)
    if celebrity_share is not None:
        if graph_file is not None:
            raise InvalidInput(f"{graph_file} says who follows whom; allowed: no celebrity_share with a graph file.")
        preset = with_celebrity(preset, celebrity_share)
    frozen, exponent = None, config.load.author_exponent
    if graph_file is not None:
        graph, community = _from_file(graph_file)
        silent, history = 0, min(_HISTORY_PER_USER * graph.n, _MOST_HISTORY)
    else:
        silent, history = preset.silent, preset.history_posts
        if preset.memory_gb:
            import psutil  # which small worlds need not wait for

            _check_memory(preset, psutil.virtual_memory().available / 1e9)
            exponent = preset.defaults["load.author_exponent"]  # one history for all loads
            frozen = Frozen(CACHE / f"{preset.slug}-{config.seed}-{_edition(preset)}")
            arrays = frozen.group("graph", lambda: _arrays(*_drawn(preset, config.seed)))
            graph, community = Graph.from_arrays(arrays), arrays["community"]
        else:
            graph, community = _drawn(preset, config.seed)

    largest = np.argsort(-graph.follower_counts, kind="stable")[: len(LARGEST_NAMES)].astype(np.int32)
    author_weight = np.ones(graph.n)
    author_weight[largest[:silent]] = 0
    last_seen = _last_seen_days(graph.n, stream(config.seed, "worlds.last_seen", 0))
    last_seen[largest] = 0
    reading = 1.0 / (1.0 + last_seen.astype(np.float64))
    return Population(
        graph=graph,
        names=Names(graph.n, largest),
        community=community,
        last_seen_days=last_seen,
        author_weight=author_weight,
        posting_weight=author_weight * posting_weights(graph.follower_counts, exponent),
        reader_weight=np.where(last_seen > AWAY_DAYS, 0.0, reading),
        away=np.flatnonzero(last_seen > AWAY_DAYS).astype(np.int32),
        largest=largest,
        history_posts=history,
        frozen=frozen,
    )


def _drawn(preset: WorldPreset, seed: int) -> tuple[Graph, I32]:
    """The preset's graph, and everybody's community."""
    rng = stream(seed, f"worlds.{preset.slug}.graph", 0)
    links = communities(preset.users, preset.mean_followees, rng, **preset.generator)
    return links.graph(), links.community


def _arrays(graph: Graph, community: I32) -> dict[str, NDArray[Any]]:
    return {**graph.arrays(), "community": community}


def _edition(preset: WorldPreset) -> str:
    """Another one whenever a kept world would no longer be what is drawn now."""
    drawn_of = (_MADE_BY, preset.users, preset.mean_followees, dict(preset.generator), preset.silent)
    written_of = (preset.history_posts, preset.defaults["load.author_exponent"])
    return hashlib.sha256(repr((*drawn_of, *written_of)).encode()).hexdigest()[:10]


def _check_memory(preset: WorldPreset, free_gb: float) -> None:
    if free_gb < preset.memory_gb:
        raise NotEnoughMemory(
            f"World {preset.slug} needs {preset.memory_gb:g} GB of free memory, and {free_gb:.1f} GB are free; "
            f"close other programs, or take a smaller world: {', '.join(w for w in WORLDS if w != preset.slug)}."
        )


def _last_seen_days(n: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Days since each of n people was last seen: a few are here, 70 % came within 30 days (half of those within 4),
    the others have been gone for half a year more on average. Shape (n,)."""
    recent = AWAY_DAYS * rng.random(n) ** 3
    gone = AWAY_DAYS + 1 + rng.exponential(_MEAN_ABSENCE_DAYS, n)
    kind = rng.random(n)
    days = np.where(kind < _SEEN_SHARE, recent, gone)
    days[kind < _HERE_NOW_SHARE] = 0
    return days.astype(np.float32)


def _from_file(path: Path) -> tuple[Graph, I32]:
    """A file's graph, its users renumbered so that followers of the same largest account are neighbours."""
    graph, _ = load_graph(path)
    idol = _largest_followee(graph)
    order = np.argsort(idol, kind="stable")
    place = np.empty(graph.n, dtype=np.int64)
    place[order] = np.arange(graph.n)
    follower, followee = graph.edges()
    community = np.unique(idol[order], return_inverse=True)[1].astype(np.int32)
    return Graph.from_edges(graph.n, place[follower], place[followee]), community


def _largest_followee(graph: Graph) -> I64:
    """The most followed account each user follows; themselves if they follow nobody. Shape (n,)."""
    follower, followee = graph.edges()
    size = graph.follower_counts[followee].astype(np.int64)
    best = np.full(graph.n, -1, dtype=np.int64)
    np.maximum.at(best, follower, size << 32 | followee)
    return np.where(best < 0, np.arange(graph.n), best & 0xFFFFFFFF)
