"""Waits are counted exactly: by stations for who came, by lanes for the jobs that were taken."""

import numpy as np
import pytest

from engine.queueing import station as stations
from engine.queueing.broker import Broker
from engine.queueing.station import Station
from tests.queueing.jobs import jobs


def of(*values):
    return np.array(values, np.int64)


@pytest.mark.parametrize("few", [64, 0])
@pytest.mark.parametrize("servers", [1, 3])
def test_the_time_in_line_is_what_lindley_gives_one_after_the_other(monkeypatch, few, servers):
    monkeypatch.setattr(stations, "_FEW", few)
    rng = np.random.default_rng(3)
    station, free, waited = Station(servers), [0] * servers, 0
    at = np.sort(rng.integers(0, 10_000, 500))
    for part in np.split(at, [100, 101, 300]):
        server, service = rng.integers(0, servers, len(part)), rng.integers(1, 60, len(part))
        station.serve(server, part, service)
        for number, arrived, takes in zip(server, part, service, strict=True):
            begins = max(arrived, free[number])
            waited += begins - arrived
            free[number] = begins + takes
    assert station.waited_ns == waited > 0


def test_a_lane_counts_what_joined_what_was_taken_and_how_long_that_waited():
    broker = Broker(partitions=1, workers=1, batch_copies=1, poll_ns=10, delivery_ns=1)
    broker.enqueue(jobs([1, 2, 3], length=[5, 7, 9], lane=[1, 0, 1]))
    broker.work(1)  # the close job first, from 0 to 17
    close, rest = broker.lane_sums()
    assert close == (1, 7, 1, 7, 0)
    assert rest == (2, 14, 0, 0, 0)
    assert broker.oldest_ns() == (None, 0)
    assert (broker.at_work(16), broker.at_work(17)) == (1, 0)
    broker.work(100)  # then 5 copies from 17 to 32, and 9 from 32
    assert broker.lane_sums()[1] == (2, 14, 2, 14, 17 + 32)
    assert broker.oldest_ns() == (None, None)
