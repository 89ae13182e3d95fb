"""The front door: every request of load passes it, reads and writes in one line."""

import numpy as np

from engine.config import WorldConfig
from engine.domain import I32, I64, Op
from engine.load.arrivals import Arrivals
from engine.queueing.pending import Pending
from engine.queueing.station import Station, shard_of
from engine.read_path.home import NewReads
from engine.read_path.serve import ReadStations, Visit
from engine.write_path.accept import Requests
from engine.write_path.fanout import ListReads

_READ = int(Op.READ_HOME)
"""A plain int: comparing with a member of an enum takes ten times as long."""


_POSTING = (int(Op.POST), int(Op.REPLY), int(Op.REPOST))
_ONCE_MORE = 1 << 59
"""Above all content keys."""


class Gateway:
    """API servers; a request goes to the server that its sender hashes to."""

    def __init__(self, config: WorldConfig) -> None:
        self.station = Station(config.stations.gateways)
        self.configure(config)
        self._reads = Pending(user=np.int32, slot=np.int64)
        self._writes = Pending(op=np.int8, actor=np.int32, target=np.int64, arrived_ns=np.int64)
        self.room: int | None = None
        """Copies that posts may still bring about until more are let in (`open_door`); None: as many as they like."""
        self._followers: I32 = np.zeros(0, np.int32)
        self._door_ns = 0

    def configure(self, config: WorldConfig) -> None:
        """Take over changed knobs."""
        self._service_ns = round(1_000 * config.costs.gateway_us * config.costs.scale)
        self.station.resize(config.stations.gateways)

    def admit(self, arrivals: Arrivals, reads: ReadStations | None, until_ns: int) -> tuple[ListReads, NewReads]:
        """Serve arrivals: list look-ups that leave the gateway before `until_ns`, and the reads just admitted.

        Without `reads` they only take their turn here and go nowhere.
        """
        at = np.flatnonzero(is_read := arrivals.op == _READ)
        user: I32 = arrivals.actor.take(at)
        arrived_ns: I64 = arrivals.at_ns.take(at)
        slots = reads.admit(user, arrived_ns) if reads is not None else np.zeros(len(user), np.int64)
        if len(arrivals):
            server = shard_of(arrivals.actor, self.station.servers)
            service_ns = np.full(len(server), self._service_ns, np.int64)
            done_ns = self.station.serve(server, arrivals.at_ns, service_ns)
            self._reads.push(done_ns.take(at), arrivals.key.take(at), user=user, slot=slots)
            writes = np.flatnonzero(~is_read)
            self._writes.push(
                done_ns[writes], arrivals.key[writes], op=arrivals.op[writes], actor=arrivals.actor[writes],
                target=arrivals.target[writes], arrived_ns=arrivals.at_ns[writes],
            )  # fmt: skip
        due = self._reads.take_before(until_ns)
        return ListReads(due["due_ns"], due["user"], due["key"], due["slot"]), NewReads(user, arrived_ns, slots)

    def let_in(self, user: int, at_ns: int) -> Visit:
        """A person's request: it waits in its line like any other, but takes nobody's turn.

        Else what people look at would move the instants at which the load's posts are accepted, and a world made again
        from its journal, which holds no reads, would be another one.
        """
        server = int(shard_of(np.array([user], np.int32), self.station.servers)[0])
        return Visit("gateway", at_ns, self._service_ns, self.station.look(server, at_ns, self._service_ns))

    def queue_read(self, user: int, slot: int, key: int, passed_ns: int) -> None:
        """A person's home read that leaves the gateway for its list shard at an instant."""
        passed, keys, slots = (np.array([value], np.int64) for value in (passed_ns, key, slot))
        self._reads.push(passed, keys, user=np.array([user], np.int32), slot=slots)

    def queue_reads(self, users: I32, slots: I64, at_ns: I64) -> None:
        """Reads that apps send once more: like people's they take nobody's turn here, and wait for nobody."""
        self._reads.push(at_ns + self._service_ns, _ONCE_MORE | users.astype(np.int64), user=users, slot=slots)

    def open_door(self, room: int | None, followers: I32, at_ns: int) -> None:
        """From now on let in writes while there is room for so many copies: a post takes as many as its author has
        followers, shape (users,). The others wait, in their order; None: nobody does."""
        self.room, self._followers, self._door_ns = room, followers, at_ns

    def writes(self, until_ns: int) -> Requests:
        """Writes that left the gateway before `until_ns`."""
        due = self._writes.take_before(until_ns)
        if self.room is not None:
            copies = np.where(np.isin(due["op"], _POSTING), self._followers.take(due["actor"]), 0)
            before = copies.cumsum() - copies
            waits = before >= self.room
            self._writes.push(**{name: column[waits] for name, column in due.items()})
            due = {name: column[~waits] for name, column in due.items()}
            self.room -= int(copies[~waits].sum())
        at_ns = np.maximum(due["due_ns"], self._door_ns)
        return Requests(at_ns, due["op"], due["actor"], due["target"], due["key"], due["arrived_ns"])

    def forget_reads(self) -> None:
        """Reads that only took their turn here, without slots to be answered in, go nowhere from now on either."""
        self._reads = Pending(user=np.int32, slot=np.int64)

    def __len__(self) -> int:
        """Requests at the gateway."""
        return len(self._reads) + len(self._writes)
