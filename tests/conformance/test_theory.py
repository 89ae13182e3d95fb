"""The engine's queues against closed forms: within 2 % and 4 standard errors up to rho 0.8, within 5 % at 0.95.

Replications are lines with chance of their own. Every ruler is also seen to refuse what is 7 % off.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from engine.queueing.broker import Broker, JobBatch
from engine.queueing.station import MultiServer, Station
from engine.queueing.theory import (
    little_number,
    md1_wait_s,
    mg1_wait_s,
    mm1_wait_s,
    mmc_wait_s,
    priority_wait_s,
    tandem_sojourn_s,
)
from tests.conformance.ruler import assert_agrees

MU, SERVERS = 1_000.0, 4
NS = 1e9
SIGMA = 1.0
"""Of the lognormal service's logarithm: its mean square is e times the square of its mean."""
CLOSE_SHARE = 0.4
"""Of the jobs of the priority queue: in the lane that goes first."""
POLL_SHARE = 0.4
"""Of a worker's time for a batch of one copy: the poll."""


class Size(NamedTuple):
    """Replications, customers in each, and how far off the mean may be."""

    replications: int
    customers: int
    within: float


FAST = {0.5: Size(40, 60_000, 0.02), 0.8: Size(40, 250_000, 0.02), 0.95: Size(40, 1_500_000, 0.05)}
"""Of stations served as arrays, by rho."""
SLOW = {0.5: Size(24, 14_000, 0.02), 0.8: Size(40, 60_000, 0.02), 0.95: Size(40, 300_000, 0.05)}
"""Of what is worked off one after the other."""


def arrivals(rng, customers, rate):
    return np.cumsum(rng.exponential(NS / rate, customers)).astype(np.int64)


def exponential(rng, customers):
    return rng.exponential(NS / MU, customers).astype(np.int64)


def lognormal(rng, customers):
    return rng.lognormal(np.log(NS / MU) - SIGMA**2 / 2, SIGMA, customers).astype(np.int64)


def fixed(_, customers):
    return np.full(customers, round(NS / MU), np.int64)


def served(at, service):
    """Completions at one server."""
    return Station(1).serve(np.zeros(len(at), np.int64), at, service)


def settled_mean_s(spans_ns):
    """Mean once the line has warmed up, in seconds."""
    return spans_ns[len(spans_ns) // 10 :].mean() / NS


def single(seed, service, rho, customers):
    rng = np.random.default_rng(seed)
    at, work = arrivals(rng, customers, rho * MU), service(rng, customers)
    return settled_mean_s(served(at, work) - work - at)


def many_servers(seed, rho, customers):
    rng = np.random.default_rng(seed)
    at, work = arrivals(rng, customers, SERVERS * rho * MU), exponential(rng, customers)
    return settled_mean_s(MultiServer(SERVERS).serve(at, work) - work - at)


def in_a_row(seed, rho, customers):
    """Three stations, the second of which is the slowest."""
    rng = np.random.default_rng(seed)
    at = present = arrivals(rng, customers, rho * MU)
    for faster in ROW:
        present = served(present, (exponential(rng, customers) / faster).astype(np.int64))
    return settled_mean_s(present - at)


ROW = (1.25, 1.0, 1.1)


def number_present(seed, rho, customers):
    """People at the station when somebody looks at random instants."""
    rng = np.random.default_rng(seed)
    came = arrivals(rng, customers, rho * MU)
    left = served(came, exponential(rng, customers))
    look = np.sort(rng.integers(came[customers // 10], came[-1], 2 * customers))
    return (np.searchsorted(came, look, "right") - np.searchsorted(left, look, "right")).mean()


def worker(seed, rho, customers, close_share=0.0):
    """Wait of each lane at one worker that takes one copy in a batch; NaN where nobody is in it."""
    rng = np.random.default_rng(seed)
    at = arrivals(rng, customers, rho * MU)
    number, none = np.arange(customers), np.zeros(customers, np.int32)
    close = rng.random(customers) < close_share
    broker = Broker(8, 1, 1, round(POLL_SHARE * NS / MU), round((1 - POLL_SHARE) * NS / MU))
    broker.enqueue(
        JobBatch(
            row=none, lane=(~close).astype(np.int8), partition=(number % 8).astype(np.int32), start=number,
            length=none + np.int32(1), enqueued_ns=at, attempt=none, key=number, duplicate=none > 0,
        )
    )  # fmt: skip
    polled = broker.work(np.iinfo(np.int64).max)
    waits, in_rest = polled.polled_ns - polled.jobs.enqueued_ns, polled.jobs.lane > 0
    return [settled_mean_s(waits[mask]) if mask.any() else np.nan for mask in (~in_rest, in_rest)]


def cobham(rho):
    rates = [CLOSE_SHARE * rho * MU, (1 - CLOSE_SHARE) * rho * MU]
    return priority_wait_s(rates, 1 / MU, 1 / MU**2)


class Law(NamedTuple):
    """What is measured, (seed, rho, customers) -> one replication's figure, and what theory says at that rho."""

    measure: Callable[[int, float, int], float]
    says: Callable[[float], float]
    sizes: dict[float, Size]


LAWS = {
    "M/M/1 wait": Law(lambda *a: single(a[0], exponential, *a[1:]), lambda rho: mm1_wait_s(rho * MU, MU), FAST),
    "M/D/1 wait": Law(lambda *a: single(a[0], fixed, *a[1:]), lambda rho: md1_wait_s(rho * MU, MU), FAST),
    "M/G/1 wait, lognormal": Law(
        lambda *a: single(a[0], lognormal, *a[1:]),
        lambda rho: mg1_wait_s(rho * MU, 1 / MU, np.exp(SIGMA**2) / MU**2),
        {rho: size._replace(customers=2 * size.customers) for rho, size in FAST.items()},
    ),
    "M/M/4 wait": Law(
        many_servers,
        lambda rho: mmc_wait_s(SERVERS * rho * MU, MU, SERVERS),
        FAST | {0.8: FAST[0.8]._replace(customers=80_000)},
    ),
    "tandem sojourn": Law(in_a_row, lambda rho: tandem_sojourn_s(rho * MU, [faster * MU for faster in ROW]), FAST),
    "Little's law": Law(number_present, lambda rho: little_number(rho * MU, mm1_wait_s(rho * MU, MU) + 1 / MU), FAST),
    "M/D/1 as a worker": Law(lambda *a: worker(*a)[1], lambda rho: md1_wait_s(rho * MU, MU), SLOW),
    "priority, close lane": Law(lambda *a: worker(*a, CLOSE_SHARE)[0], lambda rho: cobham(rho)[0], SLOW),
    "priority, rest lane": Law(lambda *a: worker(*a, CLOSE_SHARE)[1], lambda rho: cobham(rho)[1], SLOW),
}


@cache
def replications(law, rho):
    size = LAWS[law].sizes[rho]
    first = 1_000 * list(LAWS).index(law)
    return [LAWS[law].measure(first + seed, rho, size.customers) for seed in range(size.replications)]


BY_RHO = [
    pytest.param(law, rho, marks=[pytest.mark.long] if rho > 0.9 or (rho > 0.6 and LAWS[law].sizes is SLOW) else [])
    for law in LAWS
    for rho in FAST
]


@pytest.mark.parametrize(("law", "rho"), BY_RHO)
def test_the_engine_agrees_with_theory(law, rho):
    assert_agrees(replications(law, rho), LAWS[law].says(rho), LAWS[law].sizes[rho].within)


@pytest.mark.parametrize("drift", [0.93, 1.07])
@pytest.mark.parametrize(("law", "rho"), BY_RHO)
def test_the_ruler_can_say_no(law, rho, drift):
    with pytest.raises(AssertionError, match="theory says"):
        assert_agrees(replications(law, rho), drift * LAWS[law].says(rho), LAWS[law].sizes[rho].within)


def test_a_ruler_that_cannot_tell_refuses():
    with pytest.raises(AssertionError, match="too few to tell"):
        assert_agrees([0.7, 1.3, 0.9, 1.1], 1.0)


@pytest.mark.parametrize("rho", [0.5, 0.8])
def test_a_server_works_for_the_share_of_time_that_is_offered(rho):
    shares = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        at = arrivals(rng, 50_000, rho * MU)
        station = Station(1)
        station.serve(np.zeros(len(at), np.int64), at, exponential(rng, len(at)))
        shares.append((station.busy_ns - station.backlog_ns(int(at[-1])).sum()) / at[-1])
    assert_agrees(shares, rho)
    with pytest.raises(AssertionError, match="theory says"):
        assert_agrees(shares, 1.07 * rho)


def test_formulas_meet_where_they_should():
    rate = 700.0
    assert mmc_wait_s(rate, MU, 1) == pytest.approx(mm1_wait_s(rate, MU), rel=1e-12)
    # Two servers by hand: with rho = lambda / 2 mu, Wq = rho ** 2 / (mu (1 - rho ** 2)).
    assert mmc_wait_s(1_400, MU, 2) == pytest.approx(0.49 / (MU * 0.51), rel=1e-12)
    assert mmc_wait_s(90_000, 100, 1_000) < 1e-4  # Erlang's factorials would have overflowed
    assert mm1_wait_s(0, MU) == md1_wait_s(0, MU) == mmc_wait_s(0, MU, 3) == mg1_wait_s(0, 1 / MU, 1) == 0
    assert tandem_sojourn_s(rate, []) == 0
    assert mg1_wait_s(rate, 1 / MU, 2 / MU**2) == pytest.approx(mm1_wait_s(rate, MU), rel=1e-12)
    assert mg1_wait_s(rate, 1 / MU, 1 / MU**2) == pytest.approx(md1_wait_s(rate, MU), rel=1e-12)
    # One class alone is a plain line; and priorities move waiting from one class to another, but make none (Kleinrock).
    assert priority_wait_s([rate], 1 / MU, 1 / MU**2) == pytest.approx([md1_wait_s(rate, MU)], rel=1e-12)
    close, rest = priority_wait_s([200, 500], 1 / MU, 1 / MU**2)
    assert (200 * close + 500 * rest) / rate == pytest.approx(md1_wait_s(rate, MU), rel=1e-12)


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: mm1_wait_s(MU, MU),
        lambda: md1_wait_s(2 * MU, MU),
        lambda: mg1_wait_s(MU, 1 / MU, 1),
        lambda: mg1_wait_s(1, 0.5, 0.2),
        lambda: mg1_wait_s(1, 0, 1),
        lambda: priority_wait_s([600, 600], 1 / MU, 1),
        lambda: priority_wait_s([-1, 600], 1 / MU, 1),
        lambda: mmc_wait_s(4 * MU, MU, 4),
        lambda: mmc_wait_s(700, MU, 0),
        lambda: tandem_sojourn_s(700, [MU, 600]),
        lambda: mm1_wait_s(-1, MU),
        lambda: mm1_wait_s(0, 0),
        lambda: little_number(-1, 1),
    ],
)
def test_lines_without_end_and_rates_without_sense_are_refused(impossible):
    with pytest.raises(ValueError, match="/s"):
        impossible()
