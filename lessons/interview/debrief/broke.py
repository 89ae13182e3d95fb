"""What broke first in the own runs, and the single change that moved it most, of those that were run again."""

from collections.abc import Iterator
from dataclasses import dataclass

from lessons.interview.debrief.kept import (
    NO_RUN,
    Promise,
    all_promises,
    broke_at_s,
    promises,
    scopes,
    station,
)  # fmt: skip
from lessons.interview.debrief.words import many, named, percent, run_word, shown, station_word
from lessons.interview.figures import figure, measured
from lessons.interview.measured import Part, Scalar
from lessons.interview.transcript import Transcript

_MOVED = 0.95
"""A figure that is not below this share of what it was has not moved."""


@dataclass(frozen=True)
class Again:
    """The same run with one thing changed."""

    what: str
    which: str
    """The run that says so."""
    part: Part
    beside: Part
    """The same load without that change."""


@dataclass(frozen=True)
class Moved:
    """What a single change did to the broken figure; both in ms."""

    again: Again
    before: float
    after: float


@dataclass(frozen=True)
class Broken:
    """The first promise that broke. `at_s`, `station`, `util`: None where that was not measured."""

    promise: Promise
    at_s: float | None
    station: str | None
    util: float | None
    moved: Moved | None
    """The change that lowered the figure most; None where none of those that were run lowered it."""
    tried: int
    """Runs of this load with one thing changed."""


def first_broken(transcript: Transcript) -> Broken | None:
    """In the first run with a broken promise, the promise that broke most; None where all were kept."""
    for scope, part in scopes(transcript).items():
        broken = [one for one in promises(transcript, scope, part) if one.share > 1]
        if broken:
            worst = max(broken, key=lambda one: one.share)
            guilty = station(part)
            again = list(_again(transcript, scope))
            return Broken(worst, broke_at_s(part), guilty, part.stations[guilty].util if guilty else None,
                          _most(worst, again), len(again))  # fmt: skip
    return None


def broke_sentences(transcript: Transcript) -> tuple[str, ...]:
    """What broke first and what would have moved it; or what came nearest to it."""
    one = first_broken(transcript)
    if one is None:
        return _nothing_broke(transcript)
    at = "" if one.at_s is None else f" at {shown(one.at_s, 's')}"
    told = [f"In {run_word(one.promise.scope)} the promise broke{at}: {one.promise.what} was {one.promise.told}."]
    if one.station is None:
        told.append("No station was measured in that run.")
    else:
        busy = "was not measured" if one.util is None else f"was {percent(one.util)} (measured)"
        told.append(f"It broke at this station: {station_word(one.station)}. Its utilisation {busy}.")
    return (*told, _told_move(transcript, one))


def _told_move(transcript: Transcript, one: Broken) -> str:
    if not one.tried:
        return _whole_change(transcript, one)
    if one.moved is None:
        return f"A single change was run {many(one.tried, 'time')} under this load, and none lowered the figure."
    before, after, again = one.moved.before, one.moved.after, one.moved.again
    kept = "which keeps the promise" if after <= one.promise.promised else "which is still over the promise"
    return (
        f"The single change that moved it most: {again.what}. It brings {one.promise.what} from {shown(before, 'ms')} "
        f"to {shown(after, 'ms')} (measured), {kept}. That is {again.which}."
    )


def _whole_change(transcript: Transcript, one: Broken) -> str:
    """Where no single change was run there may be a change of several settings."""
    after = figure(transcript.run.change_after, one.promise.path)
    if one.promise.scope != "change_before" or after is None:
        return "No run has a single change under this load, so no change can be named with its number."
    before = shown(one.promise.found, "ms")
    return (
        f"No run has a single change under this load. The whole change took {one.promise.what} from {before} to "
        f"{shown(after, 'ms')} (measured)."
    )


def _nothing_broke(transcript: Transcript) -> tuple[str, ...]:
    found = list(all_promises(transcript))
    if not found:
        return (NO_RUN if not scopes(transcript) else "No run has a number that could be held against a promise.",)
    nearest = max(found, key=lambda one: one.share)
    runs = many(len({one.scope for one in found}), "run")
    what = f"{nearest.what[:1].upper()}{nearest.what[1:]}"
    return (f"No promise broke in {runs}. {what} came nearest, in {run_word(nearest.scope)}: {nearest.told}.",)


def _most(broken: Promise, again: list[Again]) -> Moved | None:
    """The run that lowered the figure most, against its own pair; of equals the first."""
    moved = [
        Moved(one, before, after) for one in again
        if (before := figure(one.beside, broken.path)) and (after := figure(one.part, broken.path)) is not None
    ]  # fmt: skip
    return min((one for one in moved if one.after <= _MOVED * one.before), key=lambda one: one.after / one.before,
               default=None)  # fmt: skip


def _again(transcript: Transcript, scope: str) -> Iterator[Again]:
    """All runs of this load in which one thing is another, each beside its pair."""
    whole = scopes(transcript)[scope]
    runs, diff = transcript.run, transcript.change.structured.config_diff
    if scope == "change_before":
        for knob in sorted(runs.change_single):
            if measured(runs.change_single[knob]):
                yield Again(_set(knob, diff.get(knob)), "the run with this one setting of the change",
                            runs.change_single[knob], whole)  # fmt: skip
        if len(diff) == 1 and not runs.change_single and runs.change_after and measured(runs.change_after):
            (knob,) = diff
            yield Again(_set(knob, diff[knob]), "the run after the change", runs.change_after, whole)
    if scope == "base":
        step = transcript.steps.s7.structured.next.change
        if step and runs.next is not None and measured(runs.next):
            yield Again(f"the own next step, {named(step)}", "the run of the next step", runs.next, whole)
        yield from _swept(transcript)
    for name in sorted(runs.ablation):
        without = runs.ablation[name].get(scope)
        if without is not None and measured(without):
            yield Again(f"the same design without {named(name)}", "a run of the ablation", without, whole)


def _swept(transcript: Transcript) -> Iterator[Again]:
    """Points of a sweep beside the one with the own setting: a sweep may be shorter than the base run."""
    for knob in dict.fromkeys(point.knob for point in transcript.run.sweep):
        points = [point for point in transcript.run.sweep if point.knob == knob and measured(point)]
        own = next((point for point in points if point.value == transcript.config.get(knob)), None)
        for point in points:
            if own is not None and point is not own:
                yield Again(_set(knob, point.value), f"a run of the sweep of {knob}", point, own)


def _set(knob: str, value: Scalar) -> str:
    if value is None:
        return knob
    if isinstance(value, bool):
        return f"{knob} {'on' if value else 'off'}"
    return f"{knob} at {value:,g}" if isinstance(value, int | float) else f"{knob} = {value}"
