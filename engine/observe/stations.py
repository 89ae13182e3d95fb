"""What the stations of a world and the lanes of its broker did lately: exact counters, noted twice a virtual second.

A station's line is what came and has not begun to be served. Rates, services and waits are differences of counters
between two samples, so that they are exact for their window; which customers a wait is the mean of is said with it.
"""

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from engine.clock import NS_PER_S
from engine.observe.metrics import SLOT_NS
from engine.queueing.broker import LaneSums
from engine.queueing.station import Station

if TYPE_CHECKING:
    from engine.world import World

KEPT_S = 10
LANES = ("close", "rest")


class Sums(NamedTuple):
    """One station so far, and how it stands."""

    arrived: int
    demanded_ns: int
    """Service of all that arrived."""
    worked_ns: int
    waited_ns: int
    """In line, of all that arrived; for workers of all jobs that were taken."""
    begun: int
    """Whose wait is in `waited_ns`."""
    capacity_ns: int
    """Time of all servers together."""
    backlog_ns: int
    servers: int


@dataclass(frozen=True)
class StationLately:
    """One station over a window of `seconds`."""

    seconds: float
    servers: int
    arrived: int
    service_s: float | None
    """Mean of those that arrived; None where nobody came."""
    wait_s: float | None
    """Mean time in line of those that arrived; of workers: of the jobs that were taken."""
    rho: float
    """Share of the servers' time in which they worked, 0 to 1."""
    offered: float
    """Work that arrived for each second of a server; over 1 the line grows without end."""
    line_s: float
    """Work before a newcomer now, mean over the servers."""
    grew_s: float
    """How much `line_s` grew in the window."""
    waiting: int
    """Customers in line now, without those in service."""


@dataclass(frozen=True)
class LaneLately:
    """One lane of the broker over a window of `seconds`; every attempt of a job counts."""

    seconds: float
    sums: LaneSums
    """What joined and what was taken in the window."""
    wait_s: float | None
    """Mean time in line of the jobs that were taken; None where none was."""
    jobs: int
    copies: int
    """In line now."""
    oldest_s: float
    """For how long the job that has waited longest waits; 0 where none does."""
    grew_copies: int
    """How much the line grew in the window."""


class _Sample(NamedTuple):
    at_ns: int
    stations: dict[str, Sums]
    lanes: tuple[LaneSums, LaneSums]


class StationLog:
    """The counters of one world, at the ends of the last slots."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._samples: deque[_Sample] = deque(maxlen=KEPT_S * NS_PER_S // SLOT_NS + 1)

    def sample(self) -> None:
        """Note all counters; called at the end of every slot of the metrics."""
        before = self._samples[-1] if self._samples else None
        if before and self._world.now_ns == before.at_ns:
            return  # where something breaks, two segments end at one instant
        if before and self._world.now_ns - before.at_ns != SLOT_NS:
            self._samples.clear()  # a stretch that was not watched, as when a world is made again from its journal
            before = None
        stations = {name: self._sums(name, station, before) for name, station in self._stations().items()}
        stations["workers"] = self._workers(before)
        self._samples.append(_Sample(self._world.now_ns, stations, self._world.fanout.broker.lane_sums()))

    def over_last_10s(self) -> dict[str, float]:
        """Share of time busy, by station, 0 to 1; empty before there is anything to compare."""
        if len(self._samples) < 2:
            return {}
        before, after = self._samples[0].stations, self._samples[-1].stations
        capacity_ns = {name: after[name].capacity_ns - before[name].capacity_ns for name in after}
        return {name: _share(after[name].worked_ns - before[name].worked_ns, capacity_ns[name]) for name in after}

    def lately(self, seconds: float) -> tuple[dict[str, StationLately], dict[str, LaneLately]]:
        """Stations and lanes by name over the last `seconds`, or as long as there are samples; empty before two."""
        slots = min(round(seconds * NS_PER_S / SLOT_NS), len(self._samples) - 1)
        if slots < 1:
            return {}, {}
        before, after = self._samples[-1 - slots], self._samples[-1]
        span_s = slots * SLOT_NS / NS_PER_S
        waiting = self._waiting()
        stations = {
            name: _station(before.stations[name], after.stations[name], span_s, waiting[name])
            for name in after.stations
        }
        broker = self._world.fanout.broker
        lanes = {
            name: self._lane(before.lanes[i], after.lanes[i], span_s, broker.oldest_ns()[i])
            for i, name in enumerate(LANES)
        }
        return stations, lanes

    # Inside

    def _stations(self) -> dict[str, Station]:
        world = self._world
        return {
            "gateways": world.gateway.station,
            "primaries": world.primary.station,
            "timeline shards": world.fanout.shards,
            "author index": world.reads.stations.indexes,
            "post cache": world.reads.stations.post_caches,
            "replicas": world.reads.stations.replicas,
        }

    def _sums(self, name: str, station: Station, before: _Sample | None) -> Sums:
        backlog_ns = int(station.backlog_ns(self._world.now_ns).sum())
        return Sums(
            arrived=station.served,
            demanded_ns=station.busy_ns,
            worked_ns=station.busy_ns - backlog_ns,
            waited_ns=station.waited_ns,
            begun=station.served,
            capacity_ns=_more_capacity(before, name, station.servers),
            backlog_ns=backlog_ns,
            servers=station.servers,
        )

    def _workers(self, before: _Sample | None) -> Sums:
        """The pool as a station: its customers are jobs, which wait in the lanes; a batch is their service."""
        broker, count = self._world.fanout.broker, self._world.config.workers.count
        lanes = broker.lane_sums()
        taken = sum(lane.taken_jobs for lane in lanes)
        backlog_ns = broker.backlog_ns(self._world.now_ns)
        return Sums(
            arrived=sum(lane.joined_jobs for lane in lanes),
            demanded_ns=broker.busy_ns,
            worked_ns=broker.busy_ns - backlog_ns,
            waited_ns=sum(lane.waited_ns for lane in lanes),
            begun=taken,
            capacity_ns=_more_capacity(before, "workers", count),
            backlog_ns=backlog_ns,
            servers=count,
        )

    def _lane(self, before: LaneSums, after: LaneSums, span_s: float, oldest_ns: int | None) -> LaneLately:
        sums = LaneSums._make(b - a for a, b in zip(before, after, strict=True))
        copies = after.joined_copies - after.taken_copies
        return LaneLately(
            seconds=span_s,
            sums=sums,
            wait_s=sums.waited_ns / sums.taken_jobs / NS_PER_S if sums.taken_jobs else None,
            jobs=after.joined_jobs - after.taken_jobs,
            copies=copies,
            oldest_s=max(self._world.now_ns - oldest_ns, 0) / NS_PER_S if oldest_ns is not None else 0.0,
            grew_copies=copies - (before.joined_copies - before.taken_copies),
        )

    def _waiting(self) -> dict[str, int]:
        """Customers in line now: those present, less one for every server that is at work."""
        world, now_ns = self._world, self._world.now_ns
        reads = world.reads.stations.present()
        present = {
            "gateways": len(world.gateway),
            "primaries": world.primary.committing,
            "timeline shards": world.fanout.at_shards + reads.lists,
            "author index": reads.indexes,
            "post cache": reads.post_caches,
            "replicas": reads.replicas,
        }
        at_work = {name: int((station.backlog_ns(now_ns) > 0).sum()) for name, station in self._stations().items()}
        waiting = {name: max(present[name] - at_work[name], 0) for name in present}
        return {**waiting, "workers": world.fanout.broker.waiting_jobs}


def _more_capacity(before: _Sample | None, name: str, servers: int) -> int:
    return before.stations[name].capacity_ns + servers * SLOT_NS if before else 0


def _share(worked_ns: int, capacity_ns: int) -> float:
    return min(1.0, max(worked_ns / capacity_ns, 0.0))


def _station(before: Sums, after: Sums, span_s: float, waiting: int) -> StationLately:
    arrived, begun = after.arrived - before.arrived, after.begun - before.begun
    demanded_ns, capacity_ns = after.demanded_ns - before.demanded_ns, after.capacity_ns - before.capacity_ns
    line_s = after.backlog_ns / after.servers / NS_PER_S
    return StationLately(
        seconds=span_s,
        servers=after.servers,
        arrived=arrived,
        service_s=demanded_ns / begun / NS_PER_S if begun else None,
        wait_s=(after.waited_ns - before.waited_ns) / begun / NS_PER_S if begun else None,
        rho=_share(after.worked_ns - before.worked_ns, capacity_ns),
        offered=demanded_ns / capacity_ns * (arrived / begun if begun else 1.0),
        line_s=line_s,
        grew_s=line_s - before.backlog_ns / before.servers / NS_PER_S,
        waiting=waiting,
    )
