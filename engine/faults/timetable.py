"""The faults of one world: which are to come, which are on, and what begins when."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from engine.clock import NS_PER_S, QUANTUM_NS, ceil_quantum
from engine.domain import I32
from engine.errors import InvalidInput
from engine.faults.broken import Broken, partition_servers
from engine.faults.fault import Fault
from engine.faults.hot_key import hot_reads
from engine.posts.store import Skew
from engine.write_path.fanout import ListReads
from engine.write_path.strategies import Strategy

if TYPE_CHECKING:
    from engine.world import World

_NEVER_NS = int(np.iinfo(np.int64).max)
AGAIN_NS = 2 * NS_PER_S
"""After so long the broker hands out again what a dead worker had taken; a usual visibility timeout, shortened."""
RESTART_NS = NS_PER_S
"""So long is a worker away that died."""
_DEPLOY_NS = 2 * NS_PER_S


class Faults:
    """Advanced by the world at each instant at which something breaks or is whole again; nothing else changes it."""

    def __init__(self) -> None:
        self.on: list[Fault] = []
        """In the order in which they began."""
        self.past: list[Fault] = []
        self.lists_lost = 0
        """Home lists that faults have dropped."""
        self.told_strategy: Strategy | None = None
        """Under which strategy stores were told what is broken."""
        self._coming: list[Fault] = []
        self._poison: dict[Fault, int] = {}
        """The row that each fault has poisoned."""

    def schedule(self, faults: Iterable[Fault], now_ns: int) -> None:
        """Let these happen when their time comes.

        Raises:
            InvalidInput: one of them would have begun already; none was taken.
        """
        more = list(faults)
        self.check(more, now_ns)
        self._coming = sorted([*self._coming, *more])

    def check(self, faults: Iterable[Fault], now_ns: int) -> None:
        """`InvalidInput` if one of these would have begun already."""
        late = [fault for fault in faults if fault.at_ns < now_ns]
        if late:
            raise InvalidInput(f"{late[0]} begins before now, {now_ns / NS_PER_S:g} s; give it a later instant.")

    @property
    def any(self) -> bool:
        """Whether anything is broken or will be."""
        return bool(self.on or self._coming)

    def next_ns(self) -> int:
        """The next instant at which something breaks or is whole again."""
        ends = [fault.until_ns for fault in self.on]
        return min([*ends, *(fault.at_ns for fault in self._coming[:1])], default=_NEVER_NS)

    def advance(self, world: "World") -> list[Fault]:
        """Begin and end what is due now; what began or ended."""
        now_ns = world.now_ns
        if now_ns < self.next_ns():
            return []
        ended = [fault for fault in self.on if fault.until_ns <= now_ns]
        begun = [fault for fault in self._coming if fault.at_ns <= now_ns]
        self._coming = self._coming[len(begun) :]
        self.on = [fault for fault in self.on if fault not in ended] + [fault for fault in begun if fault.lasts_ns]
        self.past += [*ended, *(fault for fault in begun if not fault.lasts_ns)]
        for fault in ended:
            self._poison.pop(fault, None)
        self.tell(world)
        world.fanout.broker.poison = frozenset(self._poison.values())
        for fault in begun:
            if fault.kind in _BEGIN:
                _BEGIN[fault.kind](world, fault)
        return [*ended, *begun]

    def tell(self, world: "World") -> None:
        """Let stations and stores know what is broken now. A list out of reach is lost: its shard comes back empty."""
        Broken.by(self.on, world.fanout.shards.servers).tell(world)
        if world.tables.out_of_reach is not None:
            _lose_lists(world, np.flatnonzero(world.tables.out_of_reach).astype(np.int32))
        for fault in self.on:
            if fault.kind == "database_down":
                _hold_database(world, fault)
        self.told_strategy = world.strategy

    def accepted(self, world: "World", rows: I32) -> None:
        """Posts were accepted: the next one that is poison may be among them. Rows ascending."""
        for fault in self.on:
            if fault.kind != "poison_job" or fault in self._poison:
                continue
            followers = world.tables.graph.follower_counts[world.tables.posts.author[rows]]
            large = rows[followers >= fault.size]
            if len(large):
                self._poison[fault] = int(large[0])
                world.fanout.broker.poison |= {int(large[0])}
                world.fanout.broker.restart_ns = RESTART_NS

    def hot_reads(self, world: "World", until_ns: int) -> ListReads | None:
        """Requests for hot keys between now and an instant, as look-ups that nobody waits for; None: no key is hot."""
        parts = [hot_reads(world, fault, until_ns) for fault in self.on if fault.kind == "hot_key"]
        if not parts:
            return None
        joined = ListReads._make(np.concatenate(column) for column in zip(*parts, strict=True))
        order = joined.at_ns.argsort(kind="stable")
        return ListReads._make(column[order] for column in joined)


def _lose_lists(world: "World", users: I32) -> None:
    world.incidents.faults.lists_lost += int(np.count_nonzero(world.tables.holders(users)))
    world.tables.lists.drop(users)
    world.tables.kept.drop(users, world.now_ns)


def _flush(world: "World", fault: Fault) -> None:
    _lose_lists(world, np.arange(world.tables.graph.n, dtype=np.int32))


def _cold_start(world: "World", fault: Fault) -> None:
    _flush(world, fault)
    world.tables.cache.clear()
    world.fanout.broker.pause(world.now_ns, world.now_ns + _DEPLOY_NS)


def _hold_database(world: "World", fault: Fault) -> None:
    stations, partitions = world.reads.stations, world.primary.station.servers
    for station in (world.primary.station, stations.replicas, stations.indexes):
        station.hold(partition_servers(fault.server, station, partitions), world.now_ns, fault.until_ns)


def _crash(world: "World", fault: Fault) -> None:
    world.fanout.broker.restart_ns = RESTART_NS
    world.fanout.crash(round(fault.size), world.now_ns, ceil_quantum(world.now_ns + max(AGAIN_NS, QUANTUM_NS)))


def _pause_broker(world: "World", fault: Fault) -> None:
    world.fanout.broker.pause(world.now_ns, fault.until_ns)


def _skew(world: "World", fault: Fault) -> None:
    gateways = world.gateway.station.servers
    world.tables.posts.skews.append(Skew(fault.at_ns, fault.until_ns, round(fault.size * 1_000_000), gateways))


def _lose_patience(world: "World", fault: Fault) -> None:
    world.incidents.clients.lose_patience()


_BEGIN: Mapping[str, Callable[["World", Fault], None]] = {
    "cache_flushed": _flush,
    "cold_start": _cold_start,
    "worker_crash": _crash,
    "broker_paused": _pause_broker,
    "clock_skew": _skew,
    "retry_storm": _lose_patience,
}
"""What happens once, when a fault begins; all else follows from its being on."""
