"""The time a home read takes: list, pull, post cache, database replica, each a station in virtual time.

What a read shows is fixed at its arrival (assemble.py); here its service times meet the queues.
"""

from typing import NamedTuple

import numpy as np

from engine.config import WorldConfig
from engine.domain import I8, I32, I64, Bool
from engine.queueing.pending import Pending, by_due_and_key
from engine.queueing.station import Station, shard_of
from engine.read_path.flight import Flight
from engine.write_path.fanout import ListReads

_BEHIND_BACKS = 1 << 60
"""Above all content keys."""


class Demand(NamedTuple):
    """Service times of admitted reads, ns; columns of shape (n,); 0 skips the station."""

    pull_ns: I64
    hydrate_ns: I64
    miss_ns: I64


class ReadBill(NamedTuple):
    """What one page took."""

    asked: int
    touched: int
    bodies: int
    missing: int
    hit: bool | None
    """Whether the stored list covered it; None where no list is asked, and so of no home page."""


class Answered(NamedTuple):
    """Reads that were answered, in no order; columns of shape (n,)."""

    user: I32
    arrived_ns: I64
    done_ns: I64


class ReadsAt(NamedTuple):
    """How many reads are at each station, in line or being served; at the list shards, `lists`."""

    lists: int
    indexes: int
    post_caches: int
    replicas: int


class Visit(NamedTuple):
    """One request's time at one station, in ns; what is left of done - at is waiting in line."""

    station: str
    at_ns: int
    service_ns: int
    done_ns: int


class Watched:
    """A read whose way through the stations is written down."""

    def __init__(self, home: bool) -> None:
        self.home = home
        """Of a home page; others count for no metric of home reads."""
        self.visits: list[Visit] = []
        self.answered_ns: int | None = None


class ReadStations:
    """Reads in flight, and the stations between them and their answer."""

    def __init__(self, config: WorldConfig) -> None:
        self.configure(config)
        self.indexes = Station(config.stations.indexes)
        self.post_caches = Station(config.stations.post_caches)
        self.replicas = Station(config.stations.replicas)
        self._to_pull, self._to_hydrate = Pending(slot=np.int64), Pending(slot=np.int64)
        self._to_database, self._answered = Pending(slot=np.int64), Pending(slot=np.int64)
        self._flight = Flight()
        self._watched: dict[int, Watched] = {}
        """By slot."""

    def configure(self, config: WorldConfig) -> None:
        """Take over changed knobs; reads in flight keep the service times that they were admitted with."""
        self.config = config
        if hasattr(self, "indexes"):
            self.indexes.resize(config.stations.indexes)
            self.post_caches.resize(config.stations.post_caches)
            self.replicas.resize(config.stations.replicas)

    def admit(self, user: I32, arrived_ns: I64) -> I64:
        """Open a slot for each arriving read; slots, shape (n,)."""
        return self._flight.open(user, arrived_ns)

    def admit_again(self, user: I32, arrived_ns: I64, attempt: I8) -> I64:
        """As `admit`, of reads that apps have tried before, so often."""
        slots = self._flight.open(user, arrived_ns)
        self._flight.attempt[self._flight.at(slots)] = attempt
        return slots

    def refuse(self, slots: I64) -> None:
        """These reads are turned away once they have passed the gateway."""
        place = self._flight.at(slots)
        self._flight.refused[place], self._flight.counts[place] = True, False

    def fail(self, slots: I64) -> None:
        """The answers to these reads are errors."""
        self._flight.counts[self._flight.at(slots)] = False

    def overdue(self, since_ns: int) -> tuple[I32, I8]:
        """(user, attempt) of the reads that apps give up now: not answered though they came at this instant or before.
        The work for them goes on."""
        place = self._flight.at(self._flight.overdue(since_ns))
        self._flight.waits[place] = False
        return self._flight.user[place], self._flight.attempt[place]

    def behind_backs(self, user: I32, at_ns: I64, asked: I64, pulled_rows: I64) -> None:
        """Pulls that nobody waits for, from an instant on: they take their turn at the author index."""
        slots = self._flight.open(user, at_ns)
        place, nothing = self._flight.at(slots), np.zeros(len(slots), np.int64)
        self._flight.waits[place] = self._flight.counts[place] = False
        self.price(slots, asked, pulled_rows, nothing, nothing)
        self._flight.hydrate_ns[place] = 0
        self._to_pull.push(at_ns, _BEHIND_BACKS | user.astype(np.int64), slot=slots)

    def turn_away(self, reads: ListReads, out_of_reach: I64, given_up_ns: int) -> ListReads:
        """Of reads on their way to their list, those that go there. The refused are answered at once; those whose shard
        is down, given by their places, go on without a list once they have given it up."""
        refused = self._flight.refused.take(self._flight.at(reads.slot))
        if not len(out_of_reach) and not refused.any():
            return reads
        given_up = np.zeros(len(refused), np.bool_)
        given_up[out_of_reach] = True
        given_up &= ~refused
        self._answered.push(reads.at_ns[refused], reads.key[refused], slot=reads.slot[refused])
        self._to_pull.push(reads.at_ns[given_up] + given_up_ns, reads.key[given_up], slot=reads.slot[given_up])
        return ListReads._make(column[~(refused | given_up)] for column in reads)

    def price(self, slots: I64, asked: I64, pulled_rows: I64, bodies: I64, missing: I64) -> None:
        """Fix the service times of admitted reads by what their content took."""
        costs, scale = self.config.costs, 1_000 * self.config.costs.scale
        flight, place = self._flight, self._flight.at(slots)
        flight.pull_ns[place] = scale * (costs.pull_us + costs.author_us * asked + costs.row_us * pulled_rows)
        flight.pull_ns[place.compress(asked == 0)] = 0
        flight.hydrate_ns[place] = scale * (costs.hydrate_us + costs.body_us * bodies)
        flight.miss_ns[place] = 0
        some = np.flatnonzero(missing)  # few
        flight.miss_ns[place.take(some)] = scale * (costs.miss_us + costs.miss_row_us * missing.take(some))

    def watch(self, slot: int, home: bool) -> Watched:
        """Write down the visits of a read that was just admitted."""
        watched = self._watched[slot] = Watched(home)
        self._flight.waits[self._flight.at(np.array([slot]))] = False  # a person is patient
        return watched

    def listed(self, slots: I64, key: I64, at_ns: I64, done_ns: I64, service_ns: int) -> None:
        """These reads came to their list shard, and have their answer from there, at these instants."""
        if self._watched:
            self._note("timeline shards", slots, at_ns, np.full(len(slots), service_ns, np.int64), done_ns)
        self._to_pull.push(done_ns, key, slot=slots)

    def without_list(self, slot: int, key: int, at_ns: int) -> None:
        """This read needs no list."""
        columns = (np.array([value], np.int64) for value in (at_ns, key, slot))
        due_ns, keys, slots = columns
        self._to_pull.push(due_ns, keys, slot=slots)

    def advance(self, until_ns: int) -> Answered:
        """Move reads through their stations until an instant."""
        flight = self._flight
        self._stage("author index", self._to_pull, self.indexes, flight.pull_ns, self._to_hydrate, until_ns)
        self._stage("post cache", self._to_hydrate, self.post_caches, flight.hydrate_ns, self._to_database, until_ns)
        self._stage("replicas", self._to_database, self.replicas, flight.miss_ns, self._answered, until_ns)
        done = self._answered.take_unordered(until_ns)
        place = flight.at(done["slot"])
        answered, counts = Answered(flight.user[place], flight.arrived_ns[place], done["due_ns"]), flight.counts[place]
        flight.close(done["slot"])
        if self._watched:
            counts &= self._leave(answered, done["slot"])
        return answered if counts.all() else Answered._make(column[counts] for column in answered)

    def _leave(self, answered: Answered, slots: I64) -> Bool:
        """Close the books of watched reads; which of all are home pages."""
        is_home = np.ones(len(slots), np.bool_)
        for i, slot in enumerate(slots.tolist()):
            watched = self._watched.pop(slot, None)
            if watched is not None:
                watched.answered_ns, is_home[i] = int(answered.done_ns[i]), watched.home
        return is_home

    def _note(self, station: str, slots: I64, at_ns: I64, service_ns: I64, done_ns: I64) -> None:
        for i, slot in enumerate(slots.tolist()):
            if slot in self._watched and service_ns[i]:
                self._watched[slot].visits.append(Visit(station, int(at_ns[i]), int(service_ns[i]), int(done_ns[i])))

    def _stage(
        self, name: str, source: Pending, station: Station, service_ns: I64, target: Pending, until_ns: int
    ) -> None:
        due = source.take_unordered(until_ns)
        if len(due["slot"]) == 0:
            return
        place = self._flight.at(due["slot"])
        service = service_ns.take(place)
        done_ns = due["due_ns"].copy()
        served = np.flatnonzero(service > 0)  # only these have to come in order
        if len(served):
            at_ns = done_ns.take(served)
            order = by_due_and_key(at_ns, due["key"].take(served))
            served = served.take(order)
            server = shard_of(self._flight.user.take(place.take(served)), station.servers)
            done_ns[served] = station.serve(server, at_ns.take(order), service.take(served))
        if self._watched:
            self._note(name, due["slot"], due["due_ns"], service, done_ns)
        target.push(done_ns, due["key"], slot=due["slot"])

    def present(self) -> ReadsAt:
        """Where the reads in flight are, but for those at the gateway."""
        return ReadsAt(len(self._to_pull), len(self._to_hydrate), len(self._to_database), len(self._answered))

    def __len__(self) -> int:
        """Reads in flight."""
        return self._flight.live
