"""Bytes that an entry of a home list takes: the engine's numpy store against Redis' MEMORY USAGE of the same lists."""

import numpy as np

from datasets.worlds import build_population, preset_config
from engine.domain import I32
from engine.load.streams import stream
from engine.timelines import make_store
from engine.timelines.port import TimelineStore
from engine.timelines.redis_store import RedisStore
from engine.world import World
from engine.write_path.strategies import with_strategy
from tests.bench.deliveries import NO_REDIS, real_redis
from tests.bench.row import Row, Skipped

SAMPLE = 1_000
"""Lists that are compared, drawn from all that hold something."""


def in_country(_: bool) -> Row | Skipped:
    """Of a country at its opening, whose lists stand close together."""
    config = with_strategy(preset_config("country", seed=7), "hybrid")
    lists = World(config, build_population(config)).tables.lists
    return _row("bytes, country", "a country at its opening, hybrid", lists, 15)


def in_classroom(_: bool) -> Row | Skipped:
    """Of a classroom, where everybody has a whole stretch and Redis packs lists of up to 128 entries."""
    config = preset_config("classroom")
    lists = World(config, build_population(config)).tables.lists
    return _row("bytes, classroom", "a classroom at its opening", lists, 1)


def _row(name: str, where: str, lists: TimelineStore, floor: float) -> Row | Skipped:
    with real_redis() as url:
        if url is None:
            return Skipped(name, NO_REDIS)
        users = np.arange(lists.users, dtype=np.int32)
        holding = users[lists.sizes(users) > 0]
        sample = np.sort(stream(1, "bench.memory", 0).choice(holding, min(SAMPLE, len(holding)), replace=False))
        entries = lists.sizes(sample)
        ours = np.array([lists.stored(user).bytes for user in sample.tolist()]) / entries
        reference = _in_redis(lists, sample, url) / entries
    share = entries / entries.sum()
    mine, theirs = float(ours @ share), float(reference @ share)
    ratios = reference / ours
    return Row(
        name=name,
        what=f"{len(sample):,} lists of {where}, {entries.mean():.0f} entries each: slots and columns of the numpy "
        "store against MEMORY USAGE of the same lists as sorted sets; spread: of single lists, 5 to 95 %",
        ours=mine,
        reference=theirs,
        unit="bytes/entry",
        ratio=theirs / mine,
        spread=(float(np.quantile(ratios, 0.05)), float(np.quantile(ratios, 0.95))),
        floor=floor,
    )


def _in_redis(lists: TimelineStore, sample: I32, url: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Bytes of each of these lists on a real server, with their keys."""
    store = make_store("redis", len(sample), lists.cap, url)
    assert isinstance(store, RedisStore)
    try:
        store.load(lists.entries(sample), lists.horizons(sample))
        pipe = store.client.pipeline(transaction=False)
        for user in range(len(sample)):
            pipe.memory_usage(store.key(user), samples=0)
        return np.array(pipe.execute(), np.int64)
    finally:
        store.clear()
