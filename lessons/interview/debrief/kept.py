"""How each run of the design kept its own promises: four numbers, what held, and what came nearest or broke."""

from collections.abc import Iterator
from dataclasses import dataclass

from lessons.interview.claims import guilty
from lessons.interview.debrief.shape import Number
from lessons.interview.debrief.words import many, run_word, shown
from lessons.interview.evidence.own import home_path, home_promised_ms, lag_promised_ms, wrong_entries
from lessons.interview.figures import figure, measured
from lessons.interview.measured import Part
from lessons.interview.report import Report
from lessons.interview.transcript import Transcript

LAG = "visible_lag_ms.p99"
HELD = 3
"""Lines on what held."""
NO_RUN = "No design was run, so nothing was measured."


@dataclass(frozen=True)
class Promise:
    """One promise in one run; both numbers in ms."""

    scope: str
    path: str
    found: float
    promised: float

    @property
    def share(self) -> float:
        """Of what was promised: above 1 it is broken."""
        return self.found / self.promised if self.promised else float("inf") if self.found else 0.0

    @property
    def told(self) -> str:
        """Both numbers."""
        return f"{shown(self.found, 'ms')} (measured), and {shown(self.promised, 'ms')} were promised"

    @property
    def what(self) -> str:
        """What was promised, as people say it."""
        return "lag p99" if self.path == LAG else f"home page time {self.path.rpartition('.')[2]}"


def scopes(transcript: Transcript) -> dict[str, Part]:
    """The runs in which anything was measured, in the order in which they were made: the changed design last."""
    found = {name: part for name, part in transcript.run.scopes().items() if measured(part)}
    after = found.pop("change_after", None)
    return found if after is None else {**found, "change_after": after}


def promises(transcript: Transcript, scope: str, part: Part) -> list[Promise]:
    """Those that can be held against a run: lag, then home pages."""
    pairs = (
        (LAG, _lag_promised_ms(transcript, scope, part)),
        (home_path(transcript), home_promised_ms(transcript, part)),
    )
    return [
        Promise(scope, path, found, promised)
        for path, promised in pairs
        if promised is not None and (found := figure(part, path)) is not None
    ]


def _lag_promised_ms(transcript: Transcript, scope: str, part: Part) -> float | None:
    """The own one; under a new requirement the stricter one that it may bring."""
    own, asked = lag_promised_ms(transcript, part), part.slo.get("visible_lag")
    if own is None or asked is None or asked.target is None or scope not in ("change_before", "change_after"):
        return own
    return min(own, asked.target)


def numbers(transcript: Transcript) -> tuple[Number, ...]:
    """Lag, home pages, posting and wrong entries in the base run, each with what was promised of it."""
    base = transcript.run.base
    if base is None or not measured(base):
        return ()
    lag, home, path = lag_promised_ms(transcript, base), home_promised_ms(transcript, base), home_path(transcript)
    wrong = wrong_entries(base)
    return (
        _number("Lag p99: from a post to its followers", figure(base, LAG), lag),
        _number(f"Home page {path.rpartition('.')[2]}", figure(base, path), home),
        _number("Posting p99: until a post is accepted", figure(base, "post_ms.p99"), None),
        Number("Wrong entries that the audit found", _measured(wrong, "entries"), "0 entries (a list is right or not)",
               None if wrong is None else wrong == 0),
    )  # fmt: skip


def held(transcript: Transcript, report: Report) -> tuple[str, ...]:
    """Up to three lines: promises that were kept, the audit, criteria that the run bore out."""
    lines = [
        f"In {run_word(one.scope)} {one.what} was {one.told}."
        for scope, part in scopes(transcript).items() if scope in ("base", "change_after")
        for one in promises(transcript, scope, part) if one.share <= 1
    ]  # fmt: skip
    audited = [name for name, part in scopes(transcript).items() if wrong_entries(part) == 0]
    if audited:
        lines.insert(min(2, len(lines)), f"The audit found 0 wrong entries in {many(len(audited), 'run')} (measured).")
    borne = sorted((one for one in report.lines if one.credit == 1 and "R" in one.evidence), key=lambda one: -one.worth)
    lines += [f"{one.criterion} has its full credit, and the run agrees: {_lower(one.title)}." for one in borne]
    return tuple(lines[:HELD])


def all_promises(transcript: Transcript) -> Iterator[Promise]:
    """Of all runs, in order."""
    for scope, part in scopes(transcript).items():
        yield from promises(transcript, scope, part)


def broke_at_s(part: Part) -> float | None:
    """When the first promise of a run broke, in s."""
    at = [one.breached_at_s for one in part.stations.values() if one.breached_at_s is not None]
    return part.breached_at_s if part.breached_at_s is not None else min(at, default=None)


def station(part: Part) -> str | None:
    """The station that broke a promise first; the busiest where none did."""
    first = {name: one.breached_at_s for name, one in part.stations.items() if one.breached_at_s is not None}
    if first:
        return min(sorted(first), key=lambda name: first[name])
    return next(iter(sorted(guilty(part), key=lambda name: -(part.stations[name].util or 0.0))), None)


def _number(label: str, found: float | None, promised: float | None) -> Number:
    promise = "nothing promised" if promised is None else f"{shown(promised, 'ms')} at most"
    met = None if found is None or promised is None else found <= promised
    return Number(label, _measured(found, "ms"), promise, met)


def _measured(value: float | None, unit: str) -> str:
    return f"{shown(value, unit)} (measured)" if value is not None else "not measured"


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
