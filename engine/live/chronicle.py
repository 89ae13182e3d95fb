"""What people did to a world: flags on the charts, the run before as a ghost, and the sentence 'Since ...'.

A comparison takes two spans of the same length: after the same kind of event before and after the last change, aligned
at the events; or, where there are no two such events, the time right before the change and the time up to now.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from engine.clock import NS_PER_MS, NS_PER_S
from engine.live.injected import Injected
from engine.live.series import Series, rounded
from engine.observe import words
from engine.observe.derived import Derived
from engine.observe.metrics import Metric, Metrics

LEAD_S = 5.0
"""Of a ghost: how much of it stands before its event."""
SPAN_S = 60.0
"""And after it; also how far back an event may lie from a change."""
LEAST_S, MOST_S = 3.0, 20.0
"""Spans that are compared."""
SETTLE_S = 2.0
"""After a change, until what was under way has gone."""
RECENT_S = 10.0
NOTEWORTHY = 1.25
"""Copies per post differ by chance, by who happened to post; smaller factors are not told."""
_KEPT = 200

COPIES_PER_POST = Derived("copies_per_post", "", "copies/post", "", (Metric.PLANNED,), (Metric.POSTS,))
"""Copies *planned* for each post: what a change of strategy saves at once, whatever is still in the line."""


@dataclass(frozen=True)
class Flag:
    """A mark on the charts."""

    at_ns: int
    label: str
    kind: Literal["inject", "change"]
    user: int | None = None
    """Whose posts an injection brought."""

    def to_wire(self) -> dict[str, Any]:
        """As in `full` and `tick`."""
        return {"t": self.at_ns / NS_PER_S, "label": self.label, "kind": self.kind, "user": self.user}


@dataclass(frozen=True)
class Event:
    """One injection; `row_mark`: posts of its author with a higher row belong to it."""

    at_ns: int
    injected: Injected
    author_name: str
    row_mark: int


class Past(NamedTuple):
    """What is remembered of the run before a reset."""

    events: list[Event]
    series: Series
    strategy: str


class Chronicle:
    """Events and changes of one world, and what can be compared because of them."""

    def __init__(self, metrics: Metrics, series: Series) -> None:
        self.flags: list[Flag] = []
        self.flags_made = 0
        """How many there have been, those no longer kept included."""
        self.events: list[Event] = []
        self.ghost: dict[str, Any] | None = None
        """On the wire's form; None where there is nothing to compare with."""
        self.strategy = ""
        """Title of the one in force, for labels."""
        self._metrics, self._series = metrics, series
        self._before: Past | None = None
        self._changes: list[tuple[Flag, str]] = []

    def comes_after(self, before: "Chronicle") -> None:
        """This is the run after a reset of that one."""
        self._before = Past(before.events, before._series, before.strategy)

    def change(self, at_ns: int, label: str) -> None:
        """A knob or the strategy was changed."""
        flag = Flag(at_ns, label, "change")
        self._changes = [*self._changes, (flag, self.strategy)][-_KEPT:]
        self._mark(flag)

    def happened(self, event: Event, label: str) -> None:
        """Something was injected. A ghost appears if it happened before under other circumstances."""
        author = event.injected.author
        self._mark(Flag(event.at_ns, label, "inject", author))
        self.ghost = self._find_ghost(event)
        self.events = [*self.events, event][-_KEPT:]

    def reopened(self, at_ns: int) -> None:
        """The world was closed, and is here again from its journal."""
        self._mark(Flag(at_ns, "Reopened", "change"))

    def lost(self, at_ns: int, label: str) -> None:
        """Something failed that was to be there, and the world goes on without it."""
        self._mark(Flag(at_ns, label, "change"))

    def flags_after(self, made: int) -> list[Flag]:
        """The kept flags but for the first `made` ever."""
        fresh = self.flags_made - made
        return self.flags[-fresh:] if fresh > 0 else []

    def since(self, now_ns: int) -> str | None:
        """'Since Hybrid (14 s ago): lag p99 7.1 → 0.3 s; ...'; None while either side has too little data."""
        if not self._changes:
            return None
        change = self._changes[-1][0]
        spans = self._spans(change.at_ns, now_ns)
        if spans is None:
            return None
        before_ns, after_ns, seconds = spans
        parts = [
            self._latency("lag p99", Metric.FANOUT_LAG, before_ns, after_ns, seconds),
            self._latency("home read p99", Metric.HOME_LATENCY, before_ns, after_ns, seconds),
            self._copies(before_ns, after_ns, seconds),
        ]
        said = "; ".join(part for part in parts if part)
        ago = _ago((now_ns - change.at_ns) / NS_PER_S)
        return f"Since {change.label} ({ago}): {said}" if said else None

    def _spans(self, change_ns: int, now_ns: int) -> tuple[int, int, float] | None:
        """Ends of the spans before and after a change, and their common length in seconds."""
        pair = self._same_event(change_ns)
        if pair is not None:
            first_ns, second_ns = pair
            length_ns = min(now_ns - second_ns, change_ns - first_ns, round(MOST_S * NS_PER_S))
            if length_ns >= LEAST_S * NS_PER_S:
                return first_ns + length_ns, second_ns + length_ns, length_ns / NS_PER_S
        seconds = min(RECENT_S, (now_ns - change_ns) / NS_PER_S - SETTLE_S)
        return (change_ns, now_ns, seconds) if seconds >= LEAST_S else None

    def _same_event(self, change_ns: int) -> tuple[int, int] | None:
        """Instants of the last event before a change, not long before, and of the last of its kind after it."""
        earlier = [e for e in self.events if change_ns - SPAN_S * NS_PER_S <= e.at_ns < change_ns]
        if not earlier:
            return None
        slug = earlier[-1].injected.slug
        later = [e.at_ns for e in self.events if e.at_ns >= change_ns and e.injected.slug == slug]
        return (earlier[-1].at_ns, later[-1]) if later else None

    def _latency(self, name: str, metric: Metric, before_ns: int, after_ns: int, seconds: float) -> str | None:
        before, after = (
            self._metrics.latency_in(metric, end_ns, seconds).quantile(0.99) for end_ns in (before_ns, after_ns)
        )
        if before is None or after is None:
            return None
        unit, scale = ("s", NS_PER_S) if max(before, after) >= NS_PER_S else ("ms", NS_PER_MS)
        return f"{name} {words.number(before / scale)} → {words.number(after / scale)} {unit}"

    def _copies(self, before_ns: int, after_ns: int, seconds: float) -> str | None:
        before, after = (COPIES_PER_POST.value(self._metrics, end_ns, seconds) for end_ns in (before_ns, after_ns))
        if not before or after is None:
            return None
        if after == 0:
            return "no copies at all"
        factor = before / after
        if 1 / NOTEWORTHY < factor < NOTEWORTHY:
            return None
        return f"copies {words.times(max(factor, 1 / factor))} {'fewer' if factor > 1 else 'more'}"

    def _find_ghost(self, event: Event) -> dict[str, Any] | None:
        """The previous event of this kind, if there was a change since, or the run before a reset."""
        same = [e for e in self.events if e.injected.slug == event.injected.slug]
        if same:
            changes = [(flag, title) for flag, title in self._changes if flag.at_ns >= same[-1].at_ns]
            if not changes:
                return None
            flag, title = changes[0]
            ago = _ago((event.at_ns - same[-1].at_ns) / NS_PER_S)
            return _drawn(self._series, same[-1], event, flag.at_ns, f"{title}, {ago}")
        if self._before is None:
            return None
        same = [e for e in self._before.events if e.injected.slug == event.injected.slug]
        label = f"before the reset, {self._before.strategy}"
        return _drawn(self._before.series, same[-1], event, None, label) if same else None

    def _mark(self, flag: Flag) -> None:
        self.flags = [*self.flags, flag][-_KEPT:]
        self.flags_made += 1


def _drawn(series: Series, old: Event, new: Event, until_ns: int | None, label: str) -> dict[str, Any]:
    """The series around `old`, moved to where `new` is; on the wire's form."""
    old_s, new_s = old.at_ns / NS_PER_S, new.at_ns / NS_PER_S
    end_s = min(old_s + SPAN_S, math.inf if until_ns is None else until_ns / NS_PER_S)
    points = series.between(old_s - LEAD_S, end_s)
    queue = [a + b for a, b in zip(points["queue_close"], points["queue_rest"], strict=True)]
    return {
        "label": label,
        "flag_t": new_s,
        "t": [t - old_s + new_s for t in points["t"]],
        "lag_p99": rounded(points["lag_p99"]),
        "queue": rounded(queue),
        "home_p99": rounded(points["home_p99"]),
    }


def knobs_label(changed: dict[str, tuple[Any, Any]]) -> str:
    """'workers 4 → 8' of name -> (old, new); several are joined."""
    shown = [f"{_short(name)} {_shown(old)} → {_shown(new)}" for name, (old, new) in changed.items()]
    return ", ".join(shown[:2]) + (f" and {len(shown) - 2} more" if len(shown) > 2 else "")


def _ago(seconds: float) -> str:
    return f"{words.count(seconds)} s ago"


def _short(name: str) -> str:
    group, _, leaf = name.rpartition(".")
    return group if leaf == "count" else leaf.removesuffix("_per_s").replace("_", " ")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return words.exactly(value) if isinstance(value, int | float) else str(value)


EVENT_LABELS: dict[str, Callable[[Event], str]] = {
    "celebrity": lambda event: f"{event.author_name} posts {event.injected.posts}x",
    "viral": lambda event: f"{event.author_name} goes viral",
    "herd": lambda event: "Everyone refreshes",
}


def event_label(event: Event) -> str:
    """What a flag says of an event."""
    known = EVENT_LABELS.get(event.injected.slug)
    return known(event) if known else event.injected.slug
