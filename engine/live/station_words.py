"""What is said of one station: its figures with their definitions, how it is, and what queueing theory makes of it.

A station is judged by its wait against the promise that it is part of, or by a line that grows; never by how busy it
is: a design at 0.8 may be healthy, and one at 0.4 may be late.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from engine.observe import words
from engine.observe.stations import LaneLately, StationLately
from engine.queueing.theory import little_number, md1_wait_s, mm1_wait_s, mmc_wait_s

State = Literal["ok", "watch", "bad", "idle"]
Json = dict[str, Any]

WATCH_AT = 1 / 5
"""Share of the promise from which a wait is to be watched; from all of it on it is bad."""
GROWS_AT = 1 / 10
"""Growth in the window, in shares of the promise, from which a line is to be watched."""
SLOTS = 10
"""Of a capsule: full is a line that takes as long as the promise to clear."""
MOST_WORKERS_SHOWN = 12
CALM, BUNCHED = 0.7, 1.4
"""Measured wait over the formula's: between the two it is what chance alone gives."""
SMALL = 0.05
"""Waits under so many services are as good as none."""


@dataclass(frozen=True)
class Model:
    """A formula for the mean wait. `wait_s(arrivals per s at all servers, services per s of one, servers)`."""

    says: str
    calmer: str
    """What it means to wait less than the formula says."""
    source: str
    wait_s: Callable[[float, float, int], float]


_BOOK = "L. Kleinrock, Queueing Systems, vol. 1 (1975)"
MM1 = Model(
    "an M/M/1 line",
    "arrivals or services are steadier than that",
    f"{_BOOK}, ch. 3.2",
    lambda arrivals, services, servers: mm1_wait_s(arrivals / servers, services),
)
MD1 = Model(
    "an M/D/1 line, where all services are alike,",
    "arrivals are calmer than that",
    f"{_BOOK}, ch. 5.6",
    lambda arrivals, services, servers: md1_wait_s(arrivals / servers, services),
)
MMC = Model("an M/M/c line", "arrivals or services are steadier than that", f"{_BOOK}, ch. 3.5", mmc_wait_s)


def state_of(wait_s: float, grew_s: float, promise_s: float, used: bool) -> State:
    """How a station is, by its wait (the longer of measured and to come) against the promise, and by growth."""
    if not used:
        return "idle"
    if wait_s >= promise_s:
        return "bad"
    return "watch" if wait_s >= WATCH_AT * promise_s or grew_s >= GROWS_AT * promise_s else "ok"


def line_slots(line_s: float, promise_s: float, what: str) -> Json:
    """The capsule of a line: how much of the promise is in it."""
    filled = line_s / promise_s * SLOTS
    each = span(promise_s * 1000 / SLOTS)
    return {
        "total": SLOTS,
        "filled": round(min(filled, SLOTS), 2),
        "over": filled > SLOTS,
        "kind": "line",
        "each": f"a slot is {each} of work for {what}; full is as long as the promise",
    }


def worker_slots(at_work: int, count: int) -> Json:
    """The capsule of the pool: who is at work."""
    total = min(count, MOST_WORKERS_SHOWN)
    one = "a worker" if total == count else f"{words.number(count / total)} workers"
    return {
        "total": total,
        "filled": round(at_work / count * total, 2),
        "over": False,
        "kind": "busy",
        "each": f"a slot is {one}; filled ones are at work",
    }


def figure(label: str, value: float | None, unit: str, text: str, kind: str, window: str, definition: str) -> Json:
    """One number with all that a reader may ask of it. `value` in `unit`; None where nothing was measured."""
    rounded = None if value is None else float(f"{value:.4g}")
    shown = "–" if value is None else text
    return {
        "label": label,
        "value": rounded,
        "text": shown,
        "unit": unit,
        "kind": kind,
        "window": window,
        "definition": f"{definition} {kind.capitalize()}.",
    }


def station_figures(lately: StationLately, unit: str) -> dict[str, Json]:
    """Arrivals, service, wait, rho and line of one station. `unit`: what comes to it."""
    window, rate = f"last {words.exactly(lately.seconds)} s", lately.arrived / lately.seconds
    service_ms, wait_ms = _ms(lately.service_s), _ms(lately.wait_s)
    return {
        "arrivals_per_s": figure(
            "Arrivals", rate, f"{unit}/s", f"{words.number(rate)} {unit}/s", "measured", window,
            f"What came to all {lately.servers} servers together.",
        ),
        "service_ms": figure(
            "Service", service_ms, "ms", span(service_ms or 0), "modelled", window,
            "Mean time that one of them takes, without waiting, by the price list.",
        ),
        "wait_ms": figure(
            "Wait", wait_ms, "ms", span(wait_ms or 0), "measured", window,
            "Mean time in line before the service of those that came.",
        ),
        "rho": figure(
            "rho", lately.rho, "share", words.number(lately.rho), "measured", window,
            "Share of the servers' time in which they worked. The wait grows as 1/(1 - rho).",
        ),
        "queue": figure(
            "In line", float(lately.waiting), unit, many(lately.waiting, unit), "measured", "now",
            "Those that came and whose service has not begun.",
        ),
    }  # fmt: skip


def lane_figures(lane: LaneLately) -> dict[str, Json]:
    """Jobs and copies of one lane of the broker."""
    window, sums = f"last {words.exactly(lane.seconds)} s", lane.sums
    jobs, joined, taken = (n / lane.seconds for n in (sums.joined_jobs, sums.joined_copies, sums.taken_copies))
    wait_ms = _ms(lane.wait_s)
    return {
        "arrivals_per_s": figure(
            "Arrivals", jobs, "jobs/s", f"{words.number(jobs)} jobs/s", "measured", window,
            "Jobs that joined the line; a job is a post and a slice of its followers.",
        ),
        "copies_in": figure(
            "Copies in", joined, "copies/s", f"{words.number(joined)} copies/s", "measured", window,
            "Copies in the jobs that joined the line; those of attempts that are made again count each time.",
        ),
        "copies_out": figure(
            "Copies out", taken, "copies/s", f"{words.number(taken)} copies/s", "measured", window,
            "Copies in the jobs that workers took.",
        ),
        "wait_ms": figure(
            "Wait", wait_ms, "ms", span(wait_ms or 0), "measured", window,
            "Mean time in line of the jobs that workers took.",
        ),
        "oldest_ms": figure(
            "Longest in line", lane.oldest_s * 1000, "ms", span(lane.oldest_s * 1000), "measured", "now",
            "For how long the job at the head of the line has waited.",
        ),
        "queue": figure(
            "In line", float(lane.copies), "copies", many(lane.copies, "copies"), "measured", "now",
            "Copies in jobs that no worker has taken yet.",
        ),
    }  # fmt: skip


def station_theory(lately: StationLately, model: Model) -> str:
    """One sentence: what the formula says at this load, what was measured, and what the difference means."""
    if lately.service_s is None or lately.wait_s is None or lately.service_s == 0:
        return f"Nothing came in the last {words.exactly(lately.seconds)} s: nothing waits."
    offered = words.number(lately.offered)
    if lately.offered >= 1:
        growth = words.number(lately.offered - 1)
        return (
            f"{offered} s of work came for each second of a server: while that lasts the line grows by {growth} s "
            "every second, and no formula has a mean wait for it."
        )
    arrivals = lately.arrived / lately.seconds
    # what the servers are offered, spread as the formula assumes; the count may have changed within the window
    servers = max(lately.servers, 1)
    expected_s = model.wait_s(min(arrivals, lately.offered * servers / lately.service_s), 1 / lately.service_s, servers)
    expected, measured = expected_s / lately.service_s, lately.wait_s / lately.service_s
    if max(expected, measured) < SMALL:
        return f"At rho {offered} {model.says} hardly waits, and so it is: under {SMALL} services."
    return (
        f"At rho {offered} {model.says} would wait {_services(expected)}; "
        f"measured {words.number(measured)}: {_difference(expected, measured, model)}."
    )


def lane_theory(lane: LaneLately) -> str:
    """Little's law on the lane's own numbers."""
    if lane.wait_s is None:
        stuck = lane.jobs and f"{words.count(lane.jobs)} wait and none was taken"
        return f"Last {words.exactly(lane.seconds)} s: {stuck or 'no job came'}."
    rate = lane.sums.taken_jobs / lane.seconds
    mean = little_number(rate, lane.wait_s)
    return (
        f"Little's law: {words.number(rate)} jobs/s that waited {span(lane.wait_s * 1000)} each are "
        f"{words.number(mean)} jobs in line on average; now {words.count(lane.jobs)}."
    )


def _difference(expected: float, measured: float, model: Model) -> str:
    if measured < CALM * expected:
        return model.calmer
    return "they come in bunches" if measured > BUNCHED * expected else "about what chance alone gives"


def _services(number: float) -> str:
    text = words.number(number)
    return f"{text} {'service' if text == '1' else 'services'}"


def span(value_ms: float) -> str:
    """A time as it is read here: from a second on in seconds."""
    return words.seconds(value_ms / 1000) if value_ms >= 1000 else words.millis(value_ms)


def many(number: int, things: str) -> str:
    """'1 pull', '2 pulls'; 'copies' and 'batches' as they should be."""
    one = {"copies": "copy", "batches": "batch", "entries": "entry"}.get(things, things.removesuffix("s"))
    return f"{words.count(number)} {one if number == 1 else things}"


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
