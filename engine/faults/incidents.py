"""All that goes wrong in one world, and what is done about it, as the world's step asks for it."""

from typing import TYPE_CHECKING

import numpy as np

from engine.domain import I64
from engine.faults.clients import Clients
from engine.faults.hot_key import NOBODY
from engine.faults.mitigations import Mitigations
from engine.faults.timetable import Faults
from engine.read_path.home import NewReads
from engine.write_path.fanout import Copies, ListReads

if TYPE_CHECKING:
    from engine.world import World


class Incidents:
    """Faults, impatient apps and mitigations."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.clients = Clients()
        self.mitigations = Mitigations()

    def steered(self, world: "World") -> bool:
        """Whether apps or mitigations act at every quantum."""
        steers = self.mitigations.steers(world)
        return steers or self.clients.timeout_ns(world) > 0 or len(self.clients) > 0

    def begin_and_end(self, world: "World") -> None:
        """Begin and end the faults that are due now."""
        changed = self.faults.advance(world)
        if not changed and self.faults.on and self.faults.told_strategy is not world.strategy:
            self.faults.tell(world)  # other people have lists now
        if changed:
            self.mitigations.lists_lost()
            world.notes.broken(world.now_ns, changed)

    def resized(self, world: "World") -> None:
        """Stations may have other servers: what is broken is said anew."""
        if self.faults.on:
            self.faults.tell(world)

    def quantum(self, world: "World") -> None:
        """Let apps and mitigations act, at a multiple of the quantum."""
        self.clients.quantum(world)
        self.mitigations.quantum(world)

    def let_in(self, world: "World", reads: NewReads, until_ns: int) -> NewReads:
        """A segment's reads, those that apps send once more among them, without those turned away."""
        reads = self._with_repeated(reads, until_ns)
        refused = self.mitigations.refused(world, reads)
        if not refused.any():
            return reads
        world.reads.stations.refuse(reads.slot[refused])
        world.recorder.refused_reads(int(np.count_nonzero(refused)))
        return NewReads(reads.user[~refused], reads.arrived_ns[~refused], reads.slot[~refused])

    def _with_repeated(self, reads: NewReads, until_ns: int) -> NewReads:
        again = self.clients.take_before(until_ns)
        if not len(again.user):
            return reads
        arrived_ns = np.append(reads.arrived_ns, again.arrived_ns)
        order = arrived_ns.argsort(kind="stable")
        user, slot = np.append(reads.user, again.user), np.append(reads.slot, again.slot)
        return NewReads(user.take(order), arrived_ns.take(order), slot.take(order))

    def at_shards(self, world: "World", reads: ListReads, until_ns: int) -> tuple[Copies, I64]:
        """Copies and list reads at the timeline shards, as `Fanout.readable`, among requests for hot keys if there are
        any; these are not among the instants returned."""
        hot = self.faults.hot_reads(world, until_ns)
        if hot is None:
            return world.fanout.readable(until_ns, reads, world.reads.list_ns)
        both = ListReads(
            np.append(reads.at_ns, hot.at_ns), np.append(reads.user, hot.user), np.append(reads.key, hot.key),
            np.append(reads.slot, hot.slot),
        )  # fmt: skip
        order = np.lexsort((both.key, both.at_ns))
        both = ListReads(both.at_ns[order], both.user[order], both.key[order], both.slot[order])
        delivered, listed_ns = world.fanout.readable(until_ns, both, world.reads.list_ns)
        return delivered, listed_ns[both.slot != NOBODY]

    def __len__(self) -> int:
        """Reads that will be sent once more."""
        return len(self.clients)
