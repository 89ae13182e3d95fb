"""The engine's stations against closed forms, in standard errors; every ruler is also seen to refuse 7 % off.

Replications are the servers of one station: independent lines with chance of their own, all served in one call.
"""

from functools import cache

import numpy as np
import pytest

from engine.queueing.broker import Broker, JobBatch
from engine.queueing.station import MultiServer, Station
from engine.queueing.theory import little_number, md1_wait_s, mm1_wait_s, mmc_wait_s, tandem_sojourn_s
from tests.conformance.ruler import assert_agrees

LAM, MU, MU2 = 700.0, 1_000.0, 900.0
REPLICATIONS, CUSTOMERS, WARM = 40, 40_000, 2_000
SHAPE = (REPLICATIONS, CUSTOMERS)
NS = 1e9


def arrivals(rng, shape=SHAPE, rate=LAM):
    return np.cumsum(rng.exponential(NS / rate, shape).astype(np.int64), axis=1)


def exponential(rng, rate, shape=SHAPE):
    return rng.exponential(NS / rate, shape).astype(np.int64)


def completions(at, service):
    """Each row through a server of its own, in order of time as a station wants it."""
    server = np.repeat(np.arange(len(at)), at.shape[1])
    order = np.argsort(at, axis=None, kind="stable")
    done = np.empty(at.size, np.int64)
    done[order] = Station(len(at)).serve(server[order], at.ravel()[order], service.ravel()[order])
    return done.reshape(at.shape)


def mean_s(spans_ns):
    """Mean of each replication once it has warmed up, in seconds."""
    return spans_ns[:, WARM:].mean(axis=1) / NS


@cache
def mm1():
    rng = np.random.default_rng(11)
    at, service = arrivals(rng), exponential(rng, MU)
    return at, service, completions(at, service)


def mm1_waits():
    at, service, done = mm1()
    return mean_s(done - service - at)


@cache
def md1_waits():
    at = arrivals(np.random.default_rng(12))
    service = np.full(SHAPE, int(NS / MU), np.int64)
    return mean_s(completions(at, service) - service - at)


@cache
def mmc_waits():
    rng = np.random.default_rng(13)
    at, service = arrivals(rng, rate=4 * LAM), exponential(rng, MU)
    return mean_s(np.stack([MultiServer(4).serve(a, s) for a, s in zip(at, service, strict=True)]) - service - at)


@cache
def tandem_sojourns():
    at, _, between = mm1()
    return mean_s(completions(between, exponential(np.random.default_rng(14), MU2)) - at)


@cache
def numbers_present():
    """People at the station when somebody looks at random instants, mean of each replication."""
    at, _, done = mm1()
    rng, seen = np.random.default_rng(15), []
    for came, left in zip(at, done, strict=True):
        look = rng.integers(came[WARM], came[-1], CUSTOMERS)
        seen.append((np.searchsorted(came, look, "right") - np.searchsorted(left, look, "right")).mean())
    return np.array(seen)


@cache
def broker_waits():
    """One worker that takes one copy in a batch: an M/D/1 station, worked on by the poll."""
    rng, jobs, waits = np.random.default_rng(16), 12_000, []
    for at in arrivals(rng, (24, jobs)):
        number = np.arange(jobs)
        small = np.zeros(jobs, np.int32)
        broker = Broker(8, 1, 1, int(0.4e9 / MU), int(0.6e9 / MU))
        broker.enqueue(
            JobBatch(
                row=small, lane=small.astype(np.int8), partition=(number % 8).astype(np.int32), start=number,
                length=small + np.int32(1), enqueued_ns=at, attempt=small, key=number, duplicate=small > 0,
            )
        )  # fmt: skip
        polled = broker.work(np.iinfo(np.int64).max)
        waits.append((polled.polled_ns - polled.jobs.enqueued_ns)[WARM:].mean() / NS)
    return np.array(waits)


LAWS = {
    "M/M/1 wait": (mm1_waits, mm1_wait_s(LAM, MU)),
    "M/D/1 wait": (md1_waits, md1_wait_s(LAM, MU)),
    "M/M/4 wait": (mmc_waits, mmc_wait_s(4 * LAM, MU, 4)),
    "tandem sojourn": (tandem_sojourns, tandem_sojourn_s(LAM, [MU, MU2])),
    "Little's law": (numbers_present, little_number(LAM, mm1_wait_s(LAM, MU) + 1 / MU)),
    "M/D/1 as a worker": (broker_waits, md1_wait_s(LAM, MU)),
}


@pytest.mark.parametrize("law", LAWS)
def test_the_engine_agrees_with_theory(law):
    measure, expected = LAWS[law]
    assert_agrees(measure(), expected)


@pytest.mark.parametrize("drift", [0.93, 1.07])
@pytest.mark.parametrize("law", LAWS)
def test_the_ruler_can_say_no(law, drift):
    measure, expected = LAWS[law]
    with pytest.raises(AssertionError, match="theory says"):
        assert_agrees(measure(), drift * expected)


def test_a_server_works_for_the_share_of_time_that_theory_says():
    at, service, _ = mm1()
    shares = []
    for came, work in zip(at, service, strict=True):
        station, now = Station(1), int(came[-1])
        station.serve(np.zeros(CUSTOMERS, np.int64), came, work)
        shares.append((station.busy_ns - station.backlog_ns(now).sum()) / now)
    assert_agrees(shares, LAM / MU)
    with pytest.raises(AssertionError, match="theory says"):
        assert_agrees(shares, 1.07 * LAM / MU)


def test_formulas_meet_where_they_should():
    assert mmc_wait_s(LAM, MU, 1) == pytest.approx(mm1_wait_s(LAM, MU), rel=1e-12)
    # Two servers by hand: with rho = lambda / 2 mu, Wq = rho ** 2 / (mu (1 - rho ** 2)).
    assert mmc_wait_s(1_400, MU, 2) == pytest.approx(0.49 / (MU * 0.51), rel=1e-12)
    assert mmc_wait_s(90_000, 100, 1_000) < 1e-4  # Erlang's factorials would have overflowed
    assert mm1_wait_s(0, MU) == md1_wait_s(0, MU) == mmc_wait_s(0, MU, 3) == 0
    assert tandem_sojourn_s(LAM, []) == 0


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: mm1_wait_s(MU, MU),
        lambda: md1_wait_s(2 * MU, MU),
        lambda: mmc_wait_s(4 * MU, MU, 4),
        lambda: mmc_wait_s(LAM, MU, 0),
        lambda: tandem_sojourn_s(LAM, [MU, 600]),
        lambda: mm1_wait_s(-1, MU),
        lambda: mm1_wait_s(0, 0),
        lambda: little_number(-1, 1),
    ],
)
def test_lines_without_end_and_rates_without_sense_are_refused(impossible):
    with pytest.raises(ValueError, match="/s"):
        impossible()
