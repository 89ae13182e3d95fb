"""Writes the logbook: what happens in a world, as sentences. It watches; it never changes a run.

Without a book every note returns at once. What is frequent is counted, and written once a quantum or once a second.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from engine.clock import NS_PER_MS, NS_PER_S
from engine.config import KNOBS, SloConfig, WorldConfig
from engine.domain import NO_ROW
from engine.faults.fault import Fault
from engine.faults.kinds import find_kind
from engine.journal.actions import Action
from engine.load.arrivals import Arrivals
from engine.observe import words
from engine.observe.logbook import Level, Logbook, Source
from engine.observe.metrics import Metric, Metrics
from engine.read_path.home import Answers
from engine.read_path.serve import Answered
from engine.timelines.port import Outage, TimelineStore
from engine.write_path.fanout import GivenUp
from engine.write_path.upkeep import Moved, Rebuilt

LAG_WINDOW_S = 2.0
"""Copies of which the lag is told, as on the charts."""
_NAMED = 20
"""People or rows that one entry lists at most."""
_DID = {
    "posted": "posted",
    "liked": "liked a post",
    "unliked": "took a like back",
    "deleted": "deleted a post",
    "restored": "restored a post",
    "followed": "followed",
    "unfollowed": "unfollowed",
    "blocked": "blocked",
    "unblocked": "unblocked",
    "muted": "muted",
    "unmuted": "unmuted",
}
"""By the kind of an action of a person; those about somebody else end in that name."""


class Notes:
    """The hooks of one world. `name`: what a user is called."""

    def __init__(self, book: Logbook | None, name: Callable[[int], str], slo: SloConfig) -> None:
        self.book = book
        self._name = name
        self._slo = slo
        self._over = False
        """Is the lag above its SLO."""
        self._tally: Counter[str] = Counter()
        """Of what is written once a second."""

    # At every segment and quantum

    def attempts(self, at_ns: int, retries: int, redeliveries: int) -> None:
        """Job attempts that crashed and will be made again, and finished jobs that come a second time."""
        if self.book is None or not (retries or redeliveries):
            return
        if retries:
            text = f"{_many(retries, 'job attempt')} crashed; the work is queued again."
            self.book.write(at_ns, "warn", "fan-out", text, retries=retries)
        if redeliveries:
            text = f"{_many(redeliveries, 'finished job')} handed out a second time by the broker; lists do not change."
            self.book.write(at_ns, "info", "fan-out", text, redeliveries=redeliveries)

    def given_up(self, at_ns: int, given_up: GivenUp) -> None:
        """Copies went to the dead letters."""
        if self.book is None or len(given_up.row) == 0:
            return
        rows = np.unique(given_up.row).tolist()
        copies = len(given_up.row)
        whose = "one post" if len(rows) == 1 else f"{words.count(len(rows))} posts"
        text = f"{_many(copies, 'copy', 'copies')} of {whose} given up after the last attempt; readers will pull."
        row = rows[0] if len(rows) == 1 else None
        self.book.write(at_ns, "error", "fan-out", text, None, row, copies=copies, rows=tuple(rows[:_NAMED]))

    def rebuilt(self, at_ns: int, rebuilt: Rebuilt) -> None:
        """Lists that are being made anew."""
        if self.book is None:
            return
        self._people(at_ns, "warn", "rebuild", "rebuild discarded, to be begun again", rebuilt.discarded)
        entries = {"entries": sum(rebuilt.entries)} if rebuilt.entries else {}
        self._people(at_ns, "info", "rebuild", "rebuild committed", rebuilt.committed, **entries)
        self._people(at_ns, "info", "rebuild", "rebuild begun", rebuilt.begun)

    def _people(self, at_ns: int, level: Level, source: Source, what: str, users: Sequence[int], **fields: Any) -> None:
        """One entry for one or many people: 'List of mira412: rebuild begun.'"""
        if self.book is None or not users:
            return
        if len(users) == 1:
            self.book.write(at_ns, level, source, f"List of {self._name(users[0])}: {what}.", users[0], **fields)
            return
        named = tuple(users[:_NAMED])
        text = f"Lists of {words.count(len(users))} people: {what}."
        self.book.write(at_ns, level, source, text, lists=len(users), users=named, **fields)

    def moved(self, moved: Moved) -> None:
        """A follow was made or ended, with what it brought into a list or swept out of it."""
        if self.book is None or not moved.changed:
            return
        made = moved.made
        self._tally["made" if made else "ended"] += moved.changed
        self._tally["back-filled" if made else "swept"] += moved.entries

    def reads(self, answers: Answers, answered: Answered) -> None:
        """Home reads that arrived, and those that were answered."""
        if self.book is None:
            return
        self._tally["unhydrated"] += answers.unhydrated
        self._tally["answered"] += len(answered.done_ns)
        late = answered.done_ns - answered.arrived_ns > self._slo.home_ms * NS_PER_MS
        self._tally["late"] += int(np.count_nonzero(late))

    def quantum(self, at_ns: int) -> None:
        """A quantum begins; with a second, write what was counted in the last one."""
        if self.book is None or at_ns % NS_PER_S or not self._tally:
            return
        tally, self._tally = self._tally, Counter()
        if tally["made"] or tally["ended"]:
            made = f"{_many(tally['made'], 'follow')} made, {_entries(tally['back-filled'])} back-filled"
            ended = f"{_many(tally['ended'], 'follow')} ended, {_entries(tally['swept'])} swept out"
            said = [part for part, number in ((made, tally["made"]), (ended, tally["ended"])) if number]
            text = f"Last second: {'; '.join(said)}."
            figures = {"follows": tally["made"], "unfollows": tally["ended"]}
            self.book.write(
                at_ns, "info", "graph", text, **figures, backfilled=tally["back-filled"], swept=tally["swept"]
            )
        if tally["late"]:
            text = (
                f"Last second: {words.count(tally['late'])} of {_many(tally['answered'], 'home page')} took longer "
                f"than {words.exactly(self._slo.home_ms)} ms."
            )
            figures = {"late": tally["late"], "answered": tally["answered"]}
            self.book.write(at_ns, "warn", "read path", text, **figures)
        if tally["unhydrated"]:
            text = f"Last second: {_many(tally['unhydrated'], 'post')} could not be fetched for a page."
            self.book.write(at_ns, "error", "read path", text, unhydrated=tally["unhydrated"])

    def lag(self, at_ns: int, oldest_ns: int, metrics: Metrics) -> None:
        """How far fan-out is behind, at the end of a slot: write when it crosses the SLO, either way."""
        if self.book is None:
            return
        delivered = metrics.latency_in(Metric.FANOUT_LAG, at_ns, LAG_WINDOW_S)
        lag_ns = max(oldest_ns, delivered.quantile(0.99) or 0)
        over = lag_ns > self._slo.lag_ms * NS_PER_MS
        if over == self._over:
            return
        self._over = over
        promised = f"the SLO of {words.exactly(self._slo.lag_ms / 1000)} s"
        text = f"Fan-out lag is {'above' if over else 'back under'} {promised}: {words.seconds(lag_ns / NS_PER_S)}."
        self.book.write(at_ns, "error" if over else "info", "slo", text, lag_ms=round(lag_ns / NS_PER_MS))

    def outage(self, at_ns: int, outage: Outage) -> None:
        """The server that the lists were on is lost."""
        if self.book is not None:
            self.book.write(at_ns, "error", "store", f"{outage.error} The lists go on in this process.")

    # People

    def acted(self, at_ns: int, action: Action, row: int | None) -> None:
        """A person did something; `row`: the post it made or is about."""
        user = getattr(action, "user", None)
        if self.book is None or user is None:
            return
        other, post = getattr(action, "other", None), getattr(action, "post", None)
        verb = _DID.get(action.kind, action.kind)
        if getattr(action, "reply_to", None) is not None:
            verb = "replied to a post"
        elif getattr(action, "repost_of", None) is not None:
            verb = "reposted a post"
        whom = "" if other is None else f" {self._name(other)}"
        fields = {"action": action.kind} | _known(other=other, post=post)
        if other is not None:
            fields["users"] = (user, other)
        self.book.write(at_ns, "info", "people", f"{self._name(user)} {verb}{whom}.", user, row, **fields)

    def refused(self, at_ns: int, what: str, user: Any, why: str) -> None:
        """Somebody asked for what is not allowed; nothing was changed."""
        if self.book is not None:
            known = user if isinstance(user, int) else None
            self.book.write(at_ns, "warn", "people", f"Refused: {why}", known, action=what)

    # The operator

    def evicted(self, at_ns: int, user: int, entries: int) -> None:
        """A list was taken away by hand."""
        if self.book is not None:
            text = f"List of {self._name(user)} dropped by hand, with {_entries(entries)}."
            self.book.write(at_ns, "warn", "store", text, user, entries=entries)

    def redriven(self, at_ns: int, jobs: int) -> None:
        """Dead letters were queued again."""
        if self.book is not None:
            self.book.write(at_ns, "info", "operator", f"{_many(jobs, 'dead letter')} queued again.", jobs=jobs)

    def injected(self, at_ns: int, name: str, arrivals: Arrivals) -> None:
        """An event was poured in."""
        if self.book is not None:
            text = f"Event {name!r} begun: {_many(len(arrivals), 'request')} to come."
            self.book.write(at_ns, "info", "operator", text, scenario=name, requests=len(arrivals))

    def broken(self, at_ns: int, faults: Iterable[Fault]) -> None:
        """Faults began, or are over."""
        if self.book is None:
            return
        for fault in faults:
            begins = fault.at_ns >= at_ns
            kind, where = find_kind(fault.kind), "" if fault.server is None else f" {fault.server}"
            text = f"{kind.title}{where}." if begins else f"{kind.title}{where}: over."
            self.book.write(at_ns, "error" if begins else "info", "fault", text, fault=str(fault))

    def followed_by_many(self, at_ns: int, user: int, made: int) -> None:
        """Many people were made to follow one account."""
        if self.book is not None and made:
            text = f"{_many(made, 'follow')} of {self._name(user)} made at once."
            self.book.write(at_ns, "info", "operator", text, user, follows=made)

    def reconfigured(self, at_ns: int, before: WorldConfig, after: WorldConfig) -> None:
        """Settings changed."""
        self._slo = after.slo
        if self.book is None:
            return
        pairs = {name: (before.knob(name), after.knob(name)) for name in KNOBS}
        changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        if changed:
            said = ", ".join(f"{name} {_setting(old)} -> {_setting(new)}" for name, (old, new) in changed.items())
            self.book.write(at_ns, "info", "operator", f"Settings changed: {said}.", changed=tuple(changed))

    @contextmanager
    def handing_over(self, at_ns: int, before: str, after: str, lists: TimelineStore) -> Iterator[None]:
        """Around a change of the strategy (`before` and `after`: its titles), and with it of who has a list."""
        if self.book is None:
            yield
            return
        had = lists.count()
        yield
        has = lists.count()
        if before != after:
            text = f"Strategy changed: {before} -> {after}."
            self.book.write(at_ns, "info", "operator", text, before=before, after=after)
        if has != had:
            what = f"{_many(abs(has - had), 'list')} {'made' if has > had else 'dropped'}"
            text = f"{what} for the new strategy; {words.count(has)} are stored now."
            self.book.write(at_ns, "info", "store", text, lists_before=had, lists_after=has)


def _many(number: int, thing: str, things: str = "") -> str:
    return f"{words.count(number)} {thing if number == 1 else things or thing + 's'}"


def _entries(number: int) -> str:
    return _many(number, "entry", "entries")


def _setting(value: Any) -> str:
    return words.exactly(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _known(**fields: int | None) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value != NO_ROW}
