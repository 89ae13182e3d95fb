"""One request of a person, hop by hop: what each part of the system did for it, and how long that took.

Times are virtual ns since the request; a hop that is still under way has no end yet. What a hop *did* is real. How long
it takes is modelled (price list) and measured (waiting in line); the journal's commit is a real one, in wall time.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from engine.clock import NS_PER_MS, NS_PER_S

State = Literal["done", "running", "waiting", "skipped"]
Kind = Literal["measured", "modelled", "real"]


@dataclass(frozen=True)
class Hop:
    """One part of the system. `kind` says what its times are; `start_ns` is None for what took no time."""

    hop: str
    label: str
    facts: str
    start_ns: int | None = None
    end_ns: int | None = None
    wait_ns: int | None = None
    service_ns: int | None = None
    state: State = "done"
    kind: Kind = "modelled"

    def to_json(self) -> dict[str, Any]:
        """Times in ms."""
        return {
            "hop": self.hop, "label": self.label, "facts": self.facts, "state": self.state, "kind": self.kind,
            "start_ms": _ms(self.start_ns), "end_ms": _ms(self.end_ns),
            "wait_ms": _ms(self.wait_ns), "service_ms": _ms(self.service_ns),
        }  # fmt: skip


@dataclass(frozen=True)
class KeyContent:
    """What is stored under a key that a request touched: the first entries, newest first."""

    key: str
    type: str
    size: int
    rows: tuple[dict[str, Any], ...]
    note: str

    def to_json(self) -> dict[str, Any]:
        """As on the wire."""
        return {"key": self.key, "type": self.type, "size": self.size, "rows": list(self.rows), "note": self.note}


@dataclass(frozen=True)
class Trace:
    """A request as far as it has come."""

    id: int
    what: str
    user: int
    name: str
    at_ns: int
    summary: str
    hops: tuple[Hop, ...]
    keys: tuple[KeyContent, ...] = field(default=())
    row: int | None = None
    """Of the post that the request made or named."""

    @property
    def done(self) -> bool:
        """Has every hop ended."""
        return all(hop.state in ("done", "skipped") for hop in self.hops)

    @property
    def total_ns(self) -> int | None:
        """From the request to the end of its last hop in virtual time; None while it is under way."""
        if not self.done:
            return None
        return max((hop.end_ns for hop in self.hops if hop.end_ns is not None and hop.kind != "real"), default=0)

    def to_json(self) -> dict[str, Any]:
        """As on the wire; times in ms since the request."""
        return {
            "id": self.id, "what": self.what, "user": self.user, "name": self.name, "at_s": self.at_ns / NS_PER_S,
            "done": self.done, "total_ms": _ms(self.total_ns), "summary": self.summary, "row": self.row,
            "hops": [hop.to_json() for hop in self.hops], "keys": [key.to_json() for key in self.keys],
        }  # fmt: skip

    def mentions(self, text: str) -> bool:
        """Whether all words of a search occur in it, in any case."""
        own = " ".join([self.what, self.name, f"user {self.user}", self.summary, *(hop.facts for hop in self.hops)])
        return all(word in own.casefold() for word in text.casefold().split())


def _ms(ns: int | None) -> float | None:
    return None if ns is None else ns / NS_PER_MS
