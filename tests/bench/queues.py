"""Waiting lines: the engine's stations against SimPy, the same M/M/1 and M/M/4 at rho 0.8, random numbers included."""

import random
from collections.abc import Generator, Iterator
from typing import Any, NamedTuple

import numpy as np
import simpy

from engine.domain import I64
from engine.load.streams import stream
from engine.queueing.station import MultiServer, Station
from engine.queueing.theory import mm1_wait_s, mmc_wait_s
from tests.bench.row import Row, Timer, in_turns

MU, RHO = 1_000.0, 0.8
"""Customers a second that one server can take, and the share of that which comes."""
NS = 1e9
CHUNK = 4_096
"""Customers served in one call: what a busy segment brings; the arrays stay in the processor's cache."""
SCATTER = 14.0
"""Standard error of the mean wait of n customers, as a share of it, times sqrt(n): at rho 0.8 waits are much alike
from one customer to the next, and the square root of their asymptotic variance is 11 times their mean (M/M/1)."""
SIGMAS = 4.0


class Effort(NamedTuple):
    """Customers of a round, and rounds."""

    one_server: int
    four_servers: int
    """Fewer: the engine serves them one after the other."""
    simpy: int
    rounds: int


LONG = Effort(one_server=1_000 * CHUNK, four_servers=200 * CHUNK, simpy=100_000, rounds=7)
SHORT = Effort(one_server=200 * CHUNK, four_servers=30 * CHUNK, simpy=12_000, rounds=5)


class Waits:
    """The waits of all customers of one side, to be held against theory."""

    def __init__(self) -> None:
        self.sum_s, self.customers = 0.0, 0

    def add(self, sum_s: float, customers: int) -> None:
        self.sum_s += sum_s
        self.customers += customers

    def against(self, theory_s: float, whose: str) -> str:
        """What is wrong with the mean wait, or nothing."""
        allowed = SIGMAS * SCATTER / self.customers**0.5
        off = self.sum_s / self.customers / theory_s - 1
        return "" if abs(off) <= allowed else f"{whose} waits {off:+.1%} off theory, allowed {allowed:.1%}"


def mm1(short: bool) -> Row:
    """Customers a second through one server."""
    theory_s = mm1_wait_s(RHO * MU, MU)
    return _row("M/M/1", 1, theory_s, 150, short)


def mm4(short: bool) -> Row:
    """Customers a second through one line before four servers."""
    theory_s = mmc_wait_s(4 * RHO * MU, MU, 4)
    return _row("M/M/4", 4, theory_s, 20, short)


def _row(name: str, servers: int, theory_s: float, floor: float, short: bool) -> Row:
    mine, theirs, effort = Waits(), Waits(), SHORT if short else LONG
    serve, customers = (_one_line, effort.one_server) if servers == 1 else (_four_servers, effort.four_servers)

    def ours(number: int) -> float:
        with Timer(short) as timer:
            mine.add(serve(customers, number), customers)
        return customers / timer.seconds

    def reference(number: int) -> float:
        with Timer(short) as timer:
            theirs.add(_in_simpy(effort.simpy, servers, number), effort.simpy)
        return effort.simpy / timer.seconds

    pair = in_turns(ours, reference, effort.rounds)
    faults = (mine.against(theory_s, "the engine"), theirs.against(theory_s, "SimPy"))
    return Row(
        name=name,
        what=f"engine (numpy, Philox, chunks of {CHUNK:,}) against SimPy {simpy.__version__}, rho {RHO:g}, random "
        f"numbers and mean wait included; both within {SIGMAS:g} standard errors of theory",
        ours=pair.ours,
        reference=pair.reference,
        unit="customers/s",
        ratio=pair.ratio,
        spread=pair.spread,
        floor=floor,
        wrong="; ".join(filter(None, faults)),
    )


def _chunks(customers: int, rate: float, number: int) -> Iterator[tuple[I64, I64]]:
    """Arrivals and services of exponential gaps, chunk by chunk, in ns; drawn as load is, a block of Philox each."""
    began_ns = 0
    for block in range(-(-customers // CHUNK)):
        rng = stream(number, "bench.queues", block)
        count = min(CHUNK, customers - block * CHUNK)
        gaps, service = rng.standard_exponential(count), rng.standard_exponential(count)
        gaps *= NS / rate
        service *= NS / MU
        at_ns = gaps.astype(np.int64).cumsum()
        at_ns += began_ns
        began_ns = int(at_ns[-1])
        yield at_ns, service.astype(np.int64)


def _one_line(customers: int, number: int) -> float:
    """All waits together, in seconds."""
    station, first = Station(1), np.zeros(CHUNK, np.int64)
    for at_ns, service_ns in _chunks(customers, RHO * MU, number):
        station.serve(first[: len(at_ns)], at_ns, service_ns)
    return station.waited_ns / NS


def _four_servers(customers: int, number: int) -> float:
    station, sojourn_ns = MultiServer(4), 0
    for at_ns, service_ns in _chunks(customers, 4 * RHO * MU, number):
        sojourn_ns += int((station.serve(at_ns, service_ns) - at_ns).sum())
    return (sojourn_ns - station.busy_ns) / NS


def _in_simpy(customers: int, servers: int, number: int) -> float:
    """The same line in SimPy's quickest way: a process for each server, which takes arrivals from a store.

    A process for each customer, as in SimPy's own examples, takes half as long again.
    """
    env, rng, waits = simpy.Environment(), random.Random(number), list[float]()
    line, timeout, exponential = simpy.Store(env), env.timeout, rng.expovariate

    def server() -> Generator[Any, float, None]:
        while True:
            came_s = yield line.get()
            waits.append(env.now - came_s)
            yield timeout(exponential(MU))

    def door() -> Generator[simpy.Event, None, None]:
        for _ in range(customers):
            yield timeout(exponential(servers * RHO * MU))
            line.put(env.now)

    env.process(door())
    for _ in range(servers):
        env.process(server())
    env.run()
    return sum(waits)
