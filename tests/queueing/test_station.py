"""What a station remembers between calls; that it serves right is shown in tests/conformance."""

import numpy as np
import pytest

from engine.queueing import station as stations
from engine.queueing.station import MultiServer, Station


@pytest.fixture(autouse=True, params=["few one by one", "always as arrays", "a few at once"])
def every_way(request, monkeypatch):
    """Few customers are served by a loop, many by arrays, very many in parts; these are few."""
    if request.param != "few one by one":
        monkeypatch.setattr(stations, "_FEW", 0)
    if request.param == "a few at once":
        monkeypatch.setattr(stations, "_AT_ONCE", 3)


def of(*values):
    return np.array(values, np.int64)


def test_nobody_comes_and_nothing_happens():
    station = Station(3)
    assert len(station.serve(of(), of(), of())) == 0
    assert (station.busy_ns, station.served) == (0, 0)
    assert len(MultiServer(2).serve(of(), of())) == 0


def test_the_callers_arrays_are_left_alone():
    for servers in (1, 3):
        server, at, service = of(0, 0, 0), of(5, 5, 6), of(10, 10, 10)
        Station(servers).serve(server, at, service)
        assert (server.tolist(), at.tolist(), service.tolist()) == ([0] * 3, [5, 5, 6], [10] * 3)


def test_at_one_instant_the_callers_order_holds():
    assert Station(2).serve(of(1, 0, 1), of(7, 7, 7), of(5, 1, 2)).tolist() == [12, 8, 14]


def test_history_before_the_world_opened_is_served_too():
    assert Station(2).serve(of(0, 0), of(-50, -45), of(10, 10)).tolist() == [-40, -30]


def test_backlog_is_the_work_still_ahead_and_busy_less_backlog_the_work_done():
    station = Station(3)
    station.serve(of(0, 0, 2), of(10, 11, 12), of(100, 50, 5))
    assert station.backlog_ns(15).tolist() == [145, 0, 2]
    assert station.backlog_ns(10**6).tolist() == [0, 0, 0]
    assert (station.busy_ns, station.served) == (155, 3)
    assert station.busy_ns - station.backlog_ns(15).sum() == (15 - 10) + (15 - 12)


def test_servers_that_leave_take_their_backlog_and_new_ones_are_free():
    station = Station(2)
    station.serve(of(0, 1), of(0, 0), of(100, 1_000))
    station.resize(1)
    assert station.servers == 1
    assert station.backlog_ns(10).tolist() == [90]
    station.resize(3)
    assert station.backlog_ns(10).tolist() == [90, 0, 0]
    assert station.serve(of(0, 1, 2), of(10, 10, 10), of(1, 1, 1)).tolist() == [101, 11, 11]


@pytest.mark.parametrize("servers", [1, 4])
@pytest.mark.parametrize("service_ns", [0, 7])
def test_one_service_time_for_all_is_the_same_as_one_for_each(servers, service_ns):
    rng = np.random.default_rng(servers)
    one, each = Station(servers), Station(servers)
    for begin in (0, 200):
        server, at = rng.integers(0, servers, 100), np.sort(rng.integers(begin, begin + 200, 100))
        done = one.serve(server, at, service_ns)
        assert done.tolist() == each.serve(server, at, np.full(100, service_ns)).tolist()
    assert (one.busy_ns, one.waited_ns, one.served) == (each.busy_ns, each.waited_ns, each.served)


def test_more_or_fewer_servers_are_not_slowed_until_that_is_said_anew():
    station, customers = Station(2), (np.array([0, 1]), np.array([0, 0]))
    station.slow(np.array([3, 1]))
    assert station.serve(*customers, 10).tolist() == [30, 10]
    station.resize(2)
    assert station.serve(*customers, np.array([10, 10])).tolist() == [60, 20]
    station.resize(3)
    assert station.serve(np.array([2]), np.array([0]), 10).tolist() == [10]


def test_held_servers_count_as_busy_once_however_often_that_is_said():
    station = Station(2)
    station.serve(np.array([0]), np.array([0]), 10)
    for _ in range(2):
        station.hold(np.array([0, 1]), 5, 30)
    assert station.busy_ns == 10 + 20 + 25
    assert station.serve(np.array([0, 1]), np.array([6, 6]), 1).tolist() == [31, 31]
