"""Closed forms of waiting, to hold the engine against and to predict with. Rates are per second, times in seconds.

Source of all: L. Kleinrock, Queueing Systems, vol. 1 (Wiley, 1975); chapters with each formula.
"""

from collections.abc import Sequence
from itertools import pairwise
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


def _check_general(arrival_per_s: float, service_s: float, service_square_s2: float) -> None:
    if service_s <= 0 or service_square_s2 < service_s**2:
        raise ValueError(
            f"{arrival_per_s:g}/s arrivals with service of {service_s:g} s on average and {service_square_s2:g} s2 "
            "squared: the mean must be above zero, and the mean square not below its square."
        )
    _check(arrival_per_s, 1 / service_s)


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


def mg1_wait_s(arrival_per_s: float, service_s: float, service_square_s2: float) -> float:
    """Mean time in line of an M/G/1 station: arrivals at random, any service of this mean and mean square, one server.

    Wq = lambda E[S^2] / (2 (1 - rho)), rho = lambda E[S] < 1 (Pollaczek-Khinchine).

    Raises:
        ValueError: if the server cannot keep up (rho >= 1), or a quantity makes no sense.
    Source: Kleinrock, ch. 5.6.
    """
    _check_general(arrival_per_s, service_s, service_square_s2)
    return arrival_per_s * service_square_s2 / 2 / (1 - arrival_per_s * service_s)


def priority_wait_s(arrivals_per_s: Sequence[float], service_s: float, service_square_s2: float) -> list[float]:
    """Mean time in line of each class at one server that always takes the first class in which somebody waits, and
    finishes whom it has begun; arrivals of each class at random, service alike for all.

    W_k = R / ((1 - s_{k-1}) (1 - s_k)), R = lambda E[S^2] / 2 over all classes, s_k the utilisation by classes up to k.

    Raises:
        ValueError: if the server cannot keep up with all of them, or a quantity makes no sense.
    Source: A. Cobham, Priority Assignment in Waiting Line Problems (Operations Research 2, 1954); Kleinrock, vol. 2,
        ch. 3.2.
    """
    for rate in arrivals_per_s:
        _check_general(rate, service_s, service_square_s2)
    _check_general(fsum(arrivals_per_s), service_s, service_square_s2)
    residual_s = fsum(arrivals_per_s) * service_square_s2 / 2
    busy = [fsum(arrivals_per_s[:k]) * service_s for k in range(len(arrivals_per_s) + 1)]
    return [residual_s / ((1 - before) * (1 - upto)) for before, upto in pairwise(busy)]


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
