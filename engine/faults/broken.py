"""What is broken at an instant: the sum of the faults that are on, as the stores and stations are told it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from engine.clock import NS_PER_MS
from engine.domain import I64
from engine.faults.fault import Fault
from engine.queueing.hashing import shard_of
from engine.queueing.station import Station
from engine.write_path.strategies import Members

if TYPE_CHECKING:
    from engine.world import World

_LISTS_OUT = ("shard_down", "cache_tier_down")
_BODIES_OUT = ("post_cache_down", "cache_tier_down")
_DATABASE_SLOW = ("database_slow", "retry_storm")


@dataclass
class Broken:
    """Nothing, until `add` is told of faults."""

    shards_down: dict[int, int] = field(default_factory=dict)
    """Timeline shard -> when it is back, in ns."""
    post_cache_down: bool = False
    shard_times: dict[int | None, int] = field(default_factory=dict)
    """By server (None: all), how many times as long it takes."""
    database_times: dict[int | None, int] = field(default_factory=dict)
    workers_share: float = 1.0
    redeliver_rate: float = 0.0
    reorder_ns: int = 0

    @classmethod
    def by(cls, faults: Iterable[Fault], shards: int) -> "Broken":
        """What these faults break in a world with so many timeline shards."""
        broken = cls()
        for fault in faults:
            broken._add(fault, shards)
        return broken

    def _add(self, fault: Fault, shards: int) -> None:
        kind = fault.kind
        if kind in _LISTS_OUT:
            everywhere = kind == "cache_tier_down" or fault.server is None
            for shard in range(shards) if everywhere else [(fault.server or 0) % shards]:
                self.shards_down[shard] = max(self.shards_down.get(shard, 0), fault.until_ns)
        if kind in _BODIES_OUT:
            self.post_cache_down = True
        elif kind == "shard_slow":
            _slower(self.shard_times, fault)
        elif kind in _DATABASE_SLOW:
            _slower(self.database_times, fault)
        elif kind == "workers_gone":
            self.workers_share *= 1 - fault.size
        elif kind == "broker_redelivers":
            self.redeliver_rate = max(self.redeliver_rate, fault.size)
        elif kind == "deliveries_reordered":
            self.reorder_ns = max(self.reorder_ns, round(fault.size * NS_PER_MS))

    def tell(self, world: "World") -> None:
        """Let the stores and stations of a world be broken like this, and in no other way."""
        fanout, stations, tables = world.fanout, world.reads.stations, world.tables
        fanout.shards.slow(_times(self.shard_times, fanout.shards))
        for station in (world.primary.station, stations.replicas, stations.indexes):
            station.slow(_times(self.database_times, station, world.primary.station.servers))
        if (fanout.workers_share, fanout.redeliver_rate, fanout.reorder_ns) != (
            self.workers_share, self.redeliver_rate, self.reorder_ns,
        ):  # fmt: skip
            fanout.workers_share, fanout.redeliver_rate = self.workers_share, self.redeliver_rate
            fanout.reorder_ns = self.reorder_ns
            fanout.staff(world.now_ns)
        tables.back_ns = self._back_ns(world) if self.shards_down else None
        tables.out_of_reach = None if tables.back_ns is None else tables.back_ns > 0
        if self.post_cache_down or tables.cache.down:
            tables.cache.clear()
        tables.cache.down = self.post_cache_down

    def _back_ns(self, world: "World") -> I64:
        """When the shard of somebody's list is back, shape (users,); 0: it is not down, or they should have no list."""
        users = np.arange(world.tables.graph.n, dtype=np.int32)
        here = Members(users, np.zeros(len(users)))  # whoever reads is here
        listed = world.strategy.holds_list(here) | (world.strategy.keep_ns > 0)
        of_shard = np.zeros(world.fanout.shards.servers, np.int64)
        of_shard[list(self.shards_down)] = list(self.shards_down.values())
        back_ns: I64 = np.where(listed, of_shard[shard_of(users, world.fanout.shards.servers)], 0)
        return back_ns


def _slower(times: dict[int | None, int], fault: Fault) -> None:
    """Of several at once the strongest counts."""
    times[fault.server] = max(times.get(fault.server, 1), round(fault.size))


def _times(times: dict[int | None, int], station: Station, partitions: int = 0) -> I64 | None:
    """By server, how many times as long; a partition has every so manieth server."""
    if not times:
        return None
    slowed = np.ones(station.servers, np.int64)
    for server, more in times.items():
        at = partition_servers(server, station, partitions)
        slowed[at] = np.maximum(slowed[at], more)
    return slowed


def partition_servers(server: int | None, station: Station, partitions: int = 0) -> I64:
    """Numbers of the servers that a partition, or server, has at a station: every so manieth; None: all of them."""
    every = partitions or station.servers
    numbers: I64 = np.arange(station.servers)
    return numbers if server is None else numbers[numbers % every == server % every]
