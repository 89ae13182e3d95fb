"""Closed forms of waiting, to hold the engine against and to predict with. Rates are per second, times in seconds.

Source of all: L. Kleinrock, Queueing Systems, vol. 1 (Wiley, 1975); chapters with each formula.
"""

from collections.abc import Sequence
from math import fsum


def _check(arrival_per_s: float, service_per_s: float, servers: int = 1) -> None:
    if servers < 1 or arrival_per_s < 0 or service_per_s <= 0:
        raise ValueError(
            f"{arrival_per_s:g}/s arrivals at {servers} servers of {service_per_s:g}/s: "
            "arrivals must not be negative, and servers must be there and work."
        )
    if arrival_per_s >= servers * service_per_s:
        raise ValueError(
            f"{arrival_per_s:g}/s arrivals at {servers} servers of {service_per_s:g}/s: the line grows without end; "
            "arrivals must be fewer than servers can take."
        )


def mm1_wait_s(arrival_per_s: float, service_per_s: float) -> float:
    """Mean time in line of an M/M/1 station: arrivals at random, exponential service, one server.

    Wq = rho / (mu - lambda), rho = lambda / mu < 1.

    Raises:
        ValueError: if the server cannot keep up (rho >= 1), or a rate makes no sense.
    Source: Kleinrock, ch. 3.2.
    """
    _check(arrival_per_s, service_per_s)
    return arrival_per_s / service_per_s / (service_per_s - arrival_per_s)


def md1_wait_s(arrival_per_s: float, service_per_s: float) -> float:
    """Mean time in line of an M/D/1 station: arrivals at random, always the same service, one server.

    Wq = rho / (2 (mu - lambda)): half of M/M/1; the other half is waiting for chance in the service.

    Raises:
        ValueError: if the server cannot keep up (rho >= 1), or a rate makes no sense.
    Source: Kleinrock, ch. 5.6 (Pollaczek-Khinchine, without variance of service).
    """
    return mm1_wait_s(arrival_per_s, service_per_s) / 2


def mmc_wait_s(arrival_per_s: float, service_per_s: float, servers: int) -> float:
    """Mean time in line of an M/M/c station: one line before c servers of `service_per_s` each.

    Wq = C / (c mu - lambda); C, the share that has to wait (Erlang C), is B / (1 - rho (1 - B)) with rho =
    lambda / (c mu) and Erlang's B by its recursion, B_0 = 1, B_k = a B_{k-1} / (k + a B_{k-1}), a = lambda / mu,
    which does not overflow as the factorials do.

    Raises:
        ValueError: if the servers cannot keep up (rho >= 1), or a rate or the number of servers makes no sense.
    Source: Kleinrock, ch. 3.5.
    """
    _check(arrival_per_s, service_per_s, servers)
    offered = arrival_per_s / service_per_s
    lost = 1.0
    for k in range(1, servers + 1):
        lost = offered * lost / (k + offered * lost)
    waits = lost / (1 - offered / servers * (1 - lost))
    return waits / (servers * service_per_s - arrival_per_s)


def tandem_sojourn_s(arrival_per_s: float, service_per_s: Sequence[float]) -> float:
    """Mean time from the arrival at the first to the departure from the last of M/M/1 stations in a row.

    T = sum of 1 / (mu_i - lambda): what leaves an M/M/1 station is again random (Burke), so each stands for itself.

    Raises:
        ValueError: if one of the stations cannot keep up, or a rate makes no sense.
    Source: P. J. Burke, The Output of a Queuing System (Operations Research 4, 1956); Kleinrock, ch. 4.1.
    """
    return fsum(mm1_wait_s(arrival_per_s, rate) + 1 / rate for rate in service_per_s)


def little_number(arrival_per_s: float, sojourn_s: float) -> float:
    """Mean number present, L = lambda W, whatever the arrivals, the service or the order.

    Raises:
        ValueError: if a quantity is negative.
    Source: J. D. C. Little, A Proof for the Queuing Formula L = lambda W (Operations Research 9, 1961).
    """
    if arrival_per_s < 0 or sojourn_s < 0:
        raise ValueError(f"{arrival_per_s:g}/s for {sojourn_s:g} s: neither may be negative.")
    return arrival_per_s * sojourn_s
