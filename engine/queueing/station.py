"""Stations: servers with a waiting line each, worked on in batches, exact to the nanosecond.

A line is Lindley's recursion, done_i = max(at_i, done_{i-1}) + service_i. Written out,

    done_i = S_i + max over j <= i of (at_j - S_{j-1}),  S_i = service_1 + ... + service_i,

which is a cumulative sum and a running maximum. In int64 both are exact, so a batch gives what one customer after
the other gives.

Source: D. V. Lindley, The theory of queues with a single server (Proc. Cambridge Phil. Soc. 48, 1952).
"""

from heapq import heapreplace

import numpy as np

from engine.domain import I64
from engine.ordering import stable_order
from engine.queueing.hashing import shard_of as shard_of

_FOREVER_NS = np.iinfo(np.int64).min // 2
"""Free since before all history; half of the smallest int64, so that differences to it do not overflow."""

_FEW = 64
"""So many customers are served sooner one after the other than all at once: arrays have a price of their own."""


_AT_ONCE = 65_536
"""So many customers and what is worked out of them stay in the processor's cache: half as long for a million."""


class Station:
    """`servers` single servers; each serves its customers first come, first served, and remembers when it is free."""

    def __init__(self, servers: int) -> None:
        self.busy_ns = 0
        """Service begun or queued so far, all servers together; less the backlog it is the time worked."""
        self.served = 0
        """Customers that came so far."""
        self.waited_ns = 0
        """Time that these customers were, or will be, in line before their service; exact, all together."""
        self._free_ns: I64 = np.full(servers, _FOREVER_NS, np.int64)
        self._slowed: I64 | None = None
        """How many times as long each server takes; None: nobody is slowed."""

    @property
    def servers(self) -> int:
        """How many servers there are; they are numbered from 0."""
        return len(self._free_ns)

    def serve(self, server: I64, at_ns: I64, service_ns: I64 | int) -> I64:
        """Completion times of customers that arrive at servers at instants, all of shape (n,); one int for `service_ns`
        says that all are served for so long.

        The caller sorts by time, ties as they should be served; later calls never bring earlier customers.
        """
        if len(at_ns) == 0:
            return np.zeros(0, np.int64)
        if self._slowed is not None:
            service_ns = self._slowed.take(server) * service_ns
        demand_ns = service_ns * len(at_ns) if isinstance(service_ns, int) else int(service_ns.sum())
        done_ns = self._serve(server, at_ns, service_ns)
        self.busy_ns += demand_ns
        self.served += len(at_ns)
        self.waited_ns += int((done_ns - at_ns).sum()) - demand_ns
        return done_ns

    def _serve(self, server: I64, at_ns: I64, service_ns: I64 | int) -> I64:
        if len(at_ns) <= _FEW or self.servers == 1:
            each_ns = np.full(len(at_ns), service_ns) if isinstance(service_ns, int) else service_ns
            return self._line(at_ns, each_ns) if len(at_ns) > _FEW else self._one_by_one(server, at_ns, each_ns)
        done_ns = np.empty(len(at_ns), np.int64)
        for first in range(0, len(at_ns), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            own_ns = service_ns if isinstance(service_ns, int) else service_ns[some]
            done_ns[some] = self._by_server(server[some], at_ns[some], own_ns)
        return done_ns

    def _by_server(self, server: I64, at_ns: I64, service_ns: I64 | int) -> I64:
        order = stable_order(server, 0, self.servers - 1)
        lengths = np.bincount(server, minlength=self.servers)
        those = np.flatnonzero(lengths)
        lengths = lengths.take(those)
        lines = _Lines(those, lengths.cumsum() - lengths, lengths)
        done_ns = np.empty(len(order), np.int64)
        own_ns = service_ns if isinstance(service_ns, int) else service_ns.take(order)
        done_ns[order] = self._lines(lines, at_ns.take(order), own_ns)
        return done_ns

    def _one_by_one(self, server: I64, at_ns: I64, service_ns: I64) -> I64:
        free_ns, done_ns = self._free_ns.tolist(), []
        for number, at, service in zip(server.tolist(), at_ns.tolist(), service_ns.tolist(), strict=True):
            free = free_ns[number]
            free_ns[number] = done = (at if at > free else free) + service  # `max` would take as long as the rest
            done_ns.append(done)
        self._free_ns[:] = free_ns
        return np.array(done_ns, np.int64)

    def _line(self, at_ns: I64, service_ns: I64) -> I64:
        total = np.cumsum(service_ns)
        begin: I64 = at_ns - total
        begin += service_ns
        begin[0] = max(int(begin[0]), int(self._free_ns[0]))
        np.maximum.accumulate(begin, out=begin)
        begin += total
        self._free_ns[0] = begin[-1]
        return begin

    def _lines(self, lines: "_Lines", at_ns: I64, service_ns: I64 | int) -> I64:
        """Completion times of customers grouped by line, shape (n,); `at_ns` is used up."""
        at_ns[lines.starts] = np.maximum(at_ns[lines.starts], self._free_ns[lines.server])
        if isinstance(service_ns, int):
            total = np.arange(1, len(at_ns) + 1)
            total *= service_ns
        else:
            total = service_ns.cumsum()
        begin: I64 = at_ns - total
        begin += service_ns
        lines.running_maximum(begin)
        begin += total
        self._free_ns[lines.server] = begin[lines.ends - 1]
        return begin

    def backlog_ns(self, at_ns: int) -> I64:
        """Work that each server still has before it at an instant, shape (servers,)."""
        left: I64 = np.maximum(self._free_ns - at_ns, 0)
        return left

    def look(self, server: int, at_ns: int, service_ns: int) -> int:
        """When a customer who came now would be done; nobody comes, and nobody's turn is taken."""
        return max(int(self._free_ns[server]), at_ns) + service_ns

    def slow(self, times: I64 | None) -> None:
        """From now on each server takes so many times as long, shape (servers,), for whoever comes; None: as ever."""
        self._slowed = times

    def hold(self, servers: I64, at_ns: int, until_ns: int) -> None:
        """Let these servers begin nothing new from one instant to another; what they have before them at the first is
        served all the same. Meanwhile they count as busy."""
        free_ns = np.maximum(self._free_ns[servers], at_ns)
        self.busy_ns += int(np.maximum(until_ns - free_ns, 0).sum())
        self._free_ns[servers] = np.maximum(free_ns, until_ns)

    def resize(self, servers: int) -> None:
        """Have this many servers from now on; what the last ones had before them goes with them, new ones are free."""
        if servers != self.servers:
            self._slowed = None
        kept = self._free_ns[:servers]
        self._free_ns = np.concatenate([kept, np.full(servers - len(kept), _FOREVER_NS, np.int64)])


class _Lines:
    """Customers in groups: line i is at `starts[i]` up to `ends[i]` and belongs to `server[i]`."""

    def __init__(self, server: I64, starts: I64, lengths: I64) -> None:
        self.server = server
        self.starts = starts
        self.lengths = lengths
        self.ends = starts + lengths

    def running_maximum(self, values: I64) -> None:
        """Replace each value by the largest so far in its line.

        Every line is lifted above all before it, so that one pass does for all.
        """
        lowest = int(values.min())
        lift = int(values.max()) - lowest
        if lift * len(self.starts) >= 2**62:  # no room above: line by line
            for start, end in zip(self.starts, self.ends, strict=True):
                np.maximum.accumulate(values[start:end], out=values[start:end])
            return
        lifts = (np.arange(len(self.starts)) * lift - lowest).repeat(self.lengths)
        values += lifts
        np.maximum.accumulate(values, out=values)
        values -= lifts


class MultiServer:
    """One line before `servers` equal servers; whoever is first in line goes to the server that is free first."""

    def __init__(self, servers: int) -> None:
        self.busy_ns = 0
        self.served = 0
        self._free_ns = [_FOREVER_NS] * servers  # a heap

    def serve(self, at_ns: I64, service_ns: I64) -> I64:
        """Completion times of customers, all of shape (n,); order and calls as in `Station.serve`."""
        free_ns, done_ns = self._free_ns, []
        for at, service in zip(at_ns.tolist(), service_ns.tolist(), strict=True):
            done = max(at, free_ns[0]) + service
            heapreplace(free_ns, done)
            done_ns.append(done)
        self.busy_ns += int(service_ns.sum())
        self.served += len(done_ns)
        return np.array(done_ns, np.int64)
