"""What two worlds under the same load differ in, in numbers and in one sentence that claims no more than they bear.

Both are measured over the same window, which never spans a change of either: since their last common event, since the
last change if that is later, or else the last ten seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.clock import NS_PER_MS, NS_PER_S
from engine.live.chronicle import Chronicle
from engine.live.run import Run
from engine.live.series import WINDOW_S, rounded
from engine.observe import words
from engine.observe.derived import ROWS_PER_READ
from engine.observe.metric import Metric
from engine.observe.metrics import SLOT_NS, Metrics

SINCE_S = 60.0
"""How long after an event, or a change, everything since then is compared."""
LEAST_S = 2.0
"""Of a window; what is shorter says nothing."""
LEAST_PAIRS, LEAST_READS = 100, 30
"""On each side, for a quantile of them."""
NOTEWORTHY_LAG_S, NOTEWORTHY_LAG = 0.15, 1.25
"""What is not more than this, and so many times more, is noise: about the time of one batch of 64 copies, of which one
more or less is chance."""
NOTEWORTHY_HOME_MS, NOTEWORTHY_HOME = 1.0, 1.25
"""Two seeds of one classroom at rest differ by a factor of up to 1.13 over ten seconds."""
NOTEWORTHY_ROWS = 1.1
"""Such two differ by up to 1.06."""
NOTEWORTHY_COPIES = 1.1
"""Of the same posts; those that are still on their way make a small difference at the window's ends."""
NO_DIFFERENCE = "No difference between A and B."
TOO_EARLY = "Too early to tell A and B apart."
_NAMES = ("A", "B")

Pair = tuple[float | None, float | None]
"""A number of A and of B, None where nothing was measured."""


@dataclass(frozen=True)
class Part:
    """One comparison. `window`: of each side its own, where a side's oldest copy still waits."""

    label: str
    values: Pair
    unit: str
    window: str
    text: str
    kind: str

    def to_wire(self) -> dict[str, Any]:
        """As in "twin"; "shown": both values as people read them, without the unit."""
        a, b = (None if value is None else rounded([value])[0] for value in self.values)
        say = words.count if self.unit == "copies" else words.number
        shown = ["–" if value is None else say(value) for value in (a, b)]
        return {
            "label": self.label, "a": a, "b": b, "shown": shown, "unit": self.unit, "window": self.window,
            "text": self.text, "kind": self.kind,
        }  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """What is said of A and B together."""

    line: str
    window: str
    parts: tuple[Part, ...]

    def to_wire(self) -> dict[str, Any]:
        """As in a tick's "twin"."""
        return {"line": self.line, "window": self.window, "parts": [part.to_wire() for part in self.parts]}


class _Window(NamedTuple):
    """Up to one instant, so many seconds, and how that is said."""

    end_ns: int
    seconds: float
    name: str


class _Lag(NamedTuple):
    """How fresh a side is. `waits`: its oldest copy still waits, and longer than the p99 of those that arrived."""

    lag_s: float | None
    waits: bool


def difference(a: Run, b: Run, at_ns: int) -> Difference:
    """Compare two runs as of an instant, by the half seconds that had ended then."""
    runs = (a, b)
    for run in runs:
        run.catch_up()
    window = _window(a.chronicle, b.chronicle, at_ns // SLOT_NS * SLOT_NS)
    lags = [_lag(run, window) for run in runs]
    parts = (
        _lag_part(lags, window),
        Part(
            "Home read p99",
            _pair(_home_ms(run.world.metrics, window) for run in runs),
            "ms",
            window.name,
            Metric.HOME_LATENCY.text,
            "queueing measured, prices modelled",
        ),
        Part(
            "Rows per read",
            _pair(_rows(run.world.metrics, window) for run in runs),
            "rows/page",
            window.name,
            ROWS_PER_READ.text,
            "measured",
        ),
        Part(
            "Copies written",
            _pair(run.world.metrics.count_in(Metric.DELIVERIES, window.end_ns, window.seconds) for run in runs),
            "copies",
            window.name,
            "Copies that became readable in a follower's stored list in this window. Measured.",
            "measured",
        ),
    )
    return Difference(_line(lags, parts, window), window.name, parts)


# The window


def _window(a: Chronicle, b: Chronicle, end_ns: int) -> _Window:
    """Since the last thing that happened to both, or to the design of one; else the last `WINDOW_S`."""
    common = {(event.at_ns, event.injected.slug) for event in b.events}
    marks = [flag for flag in a.flags if flag.kind == "inject" and any(flag.at_ns == at_ns for at_ns, _ in common)]
    marks += [flag for chronicle in (a, b) for flag in chronicle.flags if flag.kind == "change"]
    recent = [flag for flag in marks if 0 < end_ns - flag.at_ns <= SINCE_S * NS_PER_S]
    if not recent:
        return _Window(end_ns, WINDOW_S, f"last {WINDOW_S:.0f} s")
    latest = max(recent, key=lambda flag: flag.at_ns)
    seconds = (end_ns - latest.at_ns // SLOT_NS * SLOT_NS) / NS_PER_S
    return _Window(end_ns, seconds, f"since {latest.label}, {words.count((end_ns - latest.at_ns) / NS_PER_S)} s ago")


# The numbers


def _lag(run: Run, window: _Window) -> _Lag:
    """p99 of visible lag, or the age of the oldest copy that waits if that is more: who waits is in no p99 yet."""
    seen = run.world.metrics.latency_in(Metric.VISIBLE_LAG, window.end_ns, window.seconds)
    p99_ns = seen.quantile(0.99) if seen.count >= LEAST_PAIRS else None
    oldest_s = _oldest_s(run, window.end_ns)
    if oldest_s > (p99_ns or 0) / NS_PER_S:
        return _Lag(oldest_s, True)
    return _Lag(None if p99_ns is None else p99_ns / NS_PER_S, False)


def _oldest_s(run: Run, at_ns: int) -> float:
    """Age of the oldest copy that waited at the end of a slot; 0 where that is not known any more."""
    t_s = at_ns / NS_PER_S
    known = run.series.between(t_s - SLOT_NS / NS_PER_S / 2, t_s)["lag_oldest"]
    return known[-1] / 1000 if known else 0.0


def _lag_part(lags: list[_Lag], window: _Window) -> Part:
    waiting = [name for name, lag in zip(_NAMES, lags, strict=True) if lag.waits]
    shown = f"{' and '.join(waiting)} still waiting" if waiting else ""
    also = f" Here, of {' and '.join(waiting)}, the age of the oldest copy that still waits." if waiting else ""
    return Part(
        "Visible lag p99",
        _pair(lag.lag_s for lag in lags),
        "s",
        "; ".join(part for part in (window.name, shown) if part),
        Metric.VISIBLE_LAG.text + also,
        "waiting measured, service times modelled",
    )


def _home_ms(metrics: Metrics, window: _Window) -> float | None:
    taken = metrics.latency_in(Metric.HOME_LATENCY, window.end_ns, window.seconds)
    p99_ns = taken.quantile(0.99) if taken.count >= LEAST_READS else None
    return None if p99_ns is None else p99_ns / NS_PER_MS


def _rows(metrics: Metrics, window: _Window) -> float | None:
    if metrics.count_in(Metric.READS, window.end_ns, window.seconds) < LEAST_READS:
        return None
    return ROWS_PER_READ.value(metrics, window.end_ns, window.seconds)


def _pair(values: Iterable[float | None]) -> Pair:
    a, b = values
    return a, b


# The sentence


def _line(lags: list[_Lag], parts: tuple[Part, ...], window: _Window) -> str:
    """Whoever is fresher is the subject, else B; then the bill."""
    if window.seconds < LEAST_S:
        return TOO_EARLY
    lag, home, rows, copies = (part.values for part in parts)
    if None in lag and None in home and None in rows:
        return TOO_EARLY
    fresher = _fresher(lag)
    subject = 1 if fresher is None else fresher
    said = [
        "" if fresher is None else _fresh_clause(lags, fresher),
        _home_clause(_from(home, subject)),
        _factor_clause("reads", "rows", _from(rows, subject), NOTEWORTHY_ROWS, _NAMES[1 - subject]),
        _factor_clause("writes", "copies", _from(copies, subject), NOTEWORTHY_COPIES, _NAMES[1 - subject]),
    ]
    clauses = [clause for clause in said if clause]
    if not clauses:
        return NO_DIFFERENCE
    *first, last = clauses
    return f"{_NAMES[subject]} {', '.join(first)}{' and ' if first else ''}{last}."


def _from(values: Pair, subject: int) -> Pair:
    """(the subject's, the other's)."""
    return values[subject], values[1 - subject]


def _fresher(lag: Pair) -> int | None:
    """Which side is fresher by more than noise."""
    a, b = lag
    if a is None or b is None:
        return None
    low, high = sorted((a, b))
    if high - low < NOTEWORTHY_LAG_S or high < low * NOTEWORTHY_LAG:
        return None
    return 0 if a < b else 1


def _fresh_clause(lags: list[_Lag], fresher: int) -> str:
    a, b = lags
    assert a.lag_s is not None
    assert b.lag_s is not None
    amount = words.seconds(abs(a.lag_s - b.lag_s))
    waiting = [name for name, lag in zip(_NAMES, lags, strict=True) if lag.waits]
    if len(waiting) == 2:
        return f"is {amount} fresher so far (oldest copies of both still wait)"
    if waiting:
        return f"is {amount} fresher so far ({waiting[0]}'s oldest copy still waits)"
    return f"is {amount} fresher at p99"


def _home_clause(home: Pair) -> str:
    mine, other = home
    if mine is None or other is None:
        return ""
    low, high = sorted((mine, other))
    if high - low < NOTEWORTHY_HOME_MS or high < low * NOTEWORTHY_HOME:
        return ""
    return f"opens home {words.millis(high - low)} {'slower' if mine > other else 'faster'} at p99"


def _factor_clause(verb: str, things: str, amounts: Pair, noteworthy: float, other_name: str) -> str:
    """'reads 2.3x the rows', 'writes 38x fewer copies', 'writes no copies'; '' inside noise."""
    mine, other = amounts
    if mine is None or other is None or mine == other:
        return ""
    if mine == 0:
        return f"{verb} no {things}"
    if other == 0:
        return f"{verb} {things}, {other_name} none"
    factor = max(mine / other, other / mine)
    if factor < noteworthy:
        return ""
    return f"{verb} {words.times(factor)} {'the' if mine > other else 'fewer'} {things}"
