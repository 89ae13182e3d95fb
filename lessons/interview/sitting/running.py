"""How long an interview has run, from its events alone.

The clock runs while a process lives that has the interview open: between the first event that it wrote and the last,
and, for the process that asks, until now. Who leaves the page does not stop it; who pulls the plug does.
"""

from collections.abc import Sequence

from lessons.interview.sitting.log import Event

HELD_S = 60.0
"""So long the clock waits for an answer to "which of the two?" about a reading; then it goes on."""

_DAY_S = 86_400.0


def elapsed(events: Sequence[Event], held: Sequence[bool], now_s: float, process: str) -> list[float]:
    """Seconds on the clock at each event, and last of all now: one number more than events.

    held: for each event, whether it leaves the page asking which of sentence and fields holds.
    """
    at = _dates(events, now_s)
    alive = _alive(events, process)
    clock, waited, paused, over = [0.0] if events else [], 0.0, False, False
    for index, event in enumerate(events):
        paused = event.kind == "paused" or (paused and event.kind != "resumed")
        over = over or event.kind == "finished"
        gap = at[index + 1] - at[index]
        runs = alive[index] and not paused and not over
        if runs and held[index]:
            waits = min(gap, HELD_S - waited)
            waited += waits
            gap -= waits
        elif not held[index]:
            waited = 0.0
        clock.append(clock[-1] + (gap if runs else 0.0))
    return clock or [0.0]


def _dates(events: Sequence[Event], now_s: float) -> list[float]:
    """When each happened, and now. A clock that was set back stands until it has caught up; a date far in the future is
    none."""
    dates, last = [], 0.0
    for event in events:
        last = max(last, event.at) if event.at <= now_s + _DAY_S else last
        dates.append(last)
    return [*dates, max(last, now_s)]


def _alive(events: Sequence[Event], process: str) -> list[bool]:
    """For the time after each event, whether some process lived through it that had the interview open."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for index, event in enumerate(events):
        first.setdefault(event.by, index)
        last[event.by] = index
    if process in first:
        last[process] = len(events)
    steps = [0] * (len(events) + 1)
    for name, index in first.items():
        steps[index] += 1
        steps[last[name]] -= 1
    alive, count = [], 0
    for step in steps[:-1]:
        count += step
        alive.append(count > 0)
    return alive
