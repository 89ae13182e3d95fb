"""The mitigations that look at the whole world, ten times a virtual second, and steer it.

The others are asked where they matter: coalescing, soft and scattered expiry, pulling instead of failing and older
pages in engine/read_path/home.py, copies of hot keys in hot_key.py, the retry budget in clients.py, lanes in
engine/write_path/plan.py, dead letters in attempts.py.
"""

from typing import TYPE_CHECKING

import numpy as np

from engine.clock import NS_PER_MS, NS_PER_S, QUANTUM_NS
from engine.config import MitigationsConfig
from engine.domain import I32, Bool
from engine.queueing.station import Station
from engine.read_path.home import NewReads

if TYPE_CHECKING:
    from engine.world import World

_JUST_READ_NS = 30 * NS_PER_S
_BOOT_NS = NS_PER_S
"""From the decision to add workers until they work."""
_CALM_NS = 5 * NS_PER_S
_WARMED_ROWS = 400
"""Rows that a rebuild fetches, about: what it costs the author index."""


class Mitigations:
    """Their state; what is switched on is in the configuration."""

    def __init__(self) -> None:
        self.largest_pushed: int | None = None
        """While the celebrity circuit is open: accounts with so many followers are not pushed."""
        self._shed_level = 0
        self._booting: list[tuple[int, int]] = []  # from when on, how many
        self._calm_since_ns = 0
        self._scaled_ns = 0
        self._cold: I32 | None = None  # those to be warmed, the most frequent readers first

    def steers(self, world: "World") -> bool:
        """Whether any of them has to look at the world at every quantum, or has still to let go."""
        config = world.config.mitigations
        on = (
            config.back_pressure or config.shedding or config.circuit_breaker or config.autoscaling
            or config.celebrity_circuit or config.cache_warming
        )  # fmt: skip
        acting = (
            self._shed_level > 0 or self.largest_pushed is not None or not world.reads.database_asked
            or not world.reads.index_asked
            or world.fanout.more_workers > 0 or len(self._booting) > 0 or world.gateway.room is not None
        )  # fmt: skip
        return on or acting

    def lists_lost(self) -> None:
        """Something broke or is whole again: there may be lists to warm."""
        self._cold = None

    def quantum(self, world: "World") -> None:
        """Look at the world as it stands now, and steer it until the next time."""
        config, copies = world.config.mitigations, sum(world.queue_copies())
        if config.back_pressure or world.gateway.room is not None:
            room = max(0, config.queue_bound - copies) if config.back_pressure else None
            world.gateway.open_door(room, world.tables.graph.follower_counts, world.now_ns)
        self._shed_level = self._level(world) if config.shedding else 0
        self._break_read_circuits(world)
        self._break_circuit(config, copies)
        self._scale(world)
        if config.cache_warming:
            self._warm(world)

    def _break_read_circuits(self, world: "World") -> None:
        reads, limit_ms, now_ns = world.reads, world.config.mitigations.break_above_ms, world.now_ns
        if not world.config.mitigations.circuit_breaker:
            reads.database_asked = reads.index_asked = True
            return
        replicas_ms, indexes_ms = (_behind_ms(at, now_ns) for at in (reads.stations.replicas, reads.stations.indexes))
        reads.database_asked = _under(replicas_ms, limit_ms, was_under=reads.database_asked)
        reads.index_asked = _under(indexes_ms, limit_ms, was_under=reads.index_asked)

    def _break_circuit(self, config: MitigationsConfig, copies: int) -> None:
        calm = _under(copies, config.circuit_above, was_under=self.largest_pushed is None)
        self.largest_pushed = config.circuit_followers if config.celebrity_circuit and not calm else None

    def _level(self, world: "World") -> int:
        """0: everybody is let in; 1: not those who have just read; 2: nor those without a list."""
        stations, limit_ms = world.reads.stations, world.config.mitigations.shed_above_ms
        read_by = (world.fanout.shards, stations.indexes, stations.post_caches, stations.replicas)
        behind_ms = max(_behind_ms(station, world.now_ns) for station in read_by)
        if behind_ms > 2 * limit_ms:
            return 2
        return 1 if not _under(behind_ms, limit_ms, was_under=self._shed_level == 0) else 0

    def refused(self, world: "World", reads: NewReads) -> Bool:
        """Which of the reads that come in are turned away, shape (n,): first who has read in the last half minute, then
        who has no list, and would make it be made. The reads are of one segment: less than half a minute."""
        refused = np.zeros(len(reads.user), np.bool_)
        if self._shed_level == 0 or not len(reads.user):
            return refused
        last_ns = world.reads.last_ns[reads.user]
        may = (last_ns < 0) | (reads.arrived_ns - last_ns >= _JUST_READ_NS)
        if self._shed_level >= 2:
            may &= ~world.reads.without_list(reads.user, world.now_ns, world.strategy)
        places = np.flatnonzero(may)
        _, first = np.unique(reads.user[places], return_index=True)  # who is let in has just read
        refused[:] = True
        refused[places[first]] = False
        return refused

    def _scale(self, world: "World") -> None:
        """Add a quarter of the configured workers each second that copies wait too long; let them go when calm."""
        config, now_ns, fanout = world.config, world.now_ns, world.fanout
        before = fanout.more_workers
        ready = sum(count for at_ns, count in self._booting if at_ns <= now_ns)
        self._booting = [boot for boot in self._booting if boot[0] > now_ns]
        fanout.more_workers += ready
        if not config.mitigations.autoscaling:
            fanout.more_workers, self._booting = 0, []
        else:
            oldest = min((at for at in fanout.broker.oldest_ns() if at is not None), default=now_ns)
            late = now_ns - oldest > config.mitigations.scale_above_ms * NS_PER_MS
            self._calm_since_ns = now_ns if oldest < now_ns - QUANTUM_NS else self._calm_since_ns
            most = (config.mitigations.most_workers - 1) * config.workers.count
            coming = fanout.more_workers + sum(count for _, count in self._booting)
            if late and coming < most and now_ns - self._scaled_ns >= NS_PER_S:
                step = min(max(1, config.workers.count // 4), most - coming)
                self._booting.append((now_ns + _BOOT_NS, step))
                self._scaled_ns = now_ns
            elif now_ns - self._calm_since_ns >= _CALM_NS:
                fanout.more_workers = 0
        if fanout.more_workers != before:
            fanout.staff(now_ns)

    def _warm(self, world: "World") -> None:
        """Make lost lists again, a few at a time, of those first who read most; it costs what their own pull would."""
        tables, strategy = world.tables, world.strategy
        if strategy.keep_ns:
            return
        if self._cold is None:
            everybody = np.argsort(-world.population.reader_weight, kind="stable").astype(np.int32)
            everybody = everybody[strategy.holds_list(tables.activity.members(everybody, world.now_ns))]
            self._cold = everybody[world.reads.without_list(everybody, world.now_ns, strategy)]
        count = max(1, round(world.config.mitigations.warm_per_s * QUANTUM_NS / NS_PER_S))
        users, self._cold = self._cold[:count], self._cold[count:]
        users = users[world.reads.without_list(users, world.now_ns, strategy)]
        if len(users):
            at_ns = np.full(len(users), world.now_ns, np.int64)
            world.rebuilds.ask(users, at_ns)
            asked = tables.graph.followee_counts[users].astype(np.int64)
            world.reads.stations.behind_backs(users, at_ns, asked, np.full(len(users), _WARMED_ROWS, np.int64))


def _behind_ms(station: Station, now_ns: int) -> float:
    """Work that a station's servers have before them, on average."""
    return float(station.backlog_ns(now_ns).mean()) / NS_PER_MS


def _under(value: float, limit: float, was_under: bool) -> bool:
    """Whether a value is under a limit; once it was above, only when it has come down to half."""
    return value <= (limit if was_under else limit / 2)
