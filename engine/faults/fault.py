"""A fault as a value, and as people write it: `shard_slow@20+10x10#3`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.clock import NS_PER_S
from engine.config import WorldConfig
from engine.errors import InvalidInput
from engine.faults.kinds import Kind, find_kind, plain

_FORM = re.compile(
    r"(?P<kind>[a-z_]+)(@(?P<at>\d+(\.\d+)?))?(\+(?P<lasts>\d+(\.\d+)?))?(x(?P<size>\d+(\.\d+)?))?(#(?P<server>\d+))?",
    re.ASCII,
)
_LATEST_S = 10_000_000
"""Instants and spans, for they are kept in nanoseconds; four months."""
_MOST_SERVERS = 4_096


@dataclass(frozen=True, order=True)
class Fault:
    """Something breaks at an instant, and is whole again after a span."""

    at_ns: int
    kind: str
    lasts_ns: int
    """0 where it is over at once."""
    size: float
    """What it says depends on the kind: so many times slower, so many workers, a share."""
    server: int | None = None
    """Which server it is about, from 0; None: all of them, or the kind is not about servers."""

    @property
    def until_ns(self) -> int:
        """When it is over."""
        return self.at_ns + self.lasts_ns

    def __str__(self) -> str:
        server = "" if self.server is None else f"#{self.server}"
        lasts = f"+{_seconds(self.lasts_ns)}" if self.lasts_ns else ""
        size = f"x{plain(self.size)}" if find_kind(self.kind).size else ""
        return f"{self.kind}@{_seconds(self.at_ns)}{lasts}{size}{server}"


def _seconds(ns: int) -> str:
    """Exact, and as short as can be."""
    whole, rest = divmod(ns, NS_PER_S)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")


def make_fault(
    kind: str, at_s: float, lasts_s: float | None = None, size: float | None = None, server: int | None = None
) -> Fault:
    """A fault of a kind, with the kind's own span, size and server where none are given.

    Raises:
        UnknownName: no such kind.
        InvalidInput: a size out of bounds, a span for what is over at once, a server of what has none.
    """
    about = find_kind(kind)
    lasts_s = about.lasts_s if lasts_s is None else lasts_s
    for what, seconds in (("begins at", at_s), ("lasts", lasts_s)):
        if not 0 <= seconds <= _LATEST_S:
            raise InvalidInput(f"{kind} {what} {seconds:g} s; allowed: 0 to {_LATEST_S:,} s.")
    lasts_ns = round(lasts_s * NS_PER_S)
    if (lasts_ns > 0) != (about.lasts_s > 0):
        lasts = "is over at once; leave out its span" if about.lasts_s == 0 else "lasts; give it a span above 0 s"
        raise InvalidInput(f"{kind} {lasts}.")
    if size is not None and about.size is None:
        raise InvalidInput(f"{kind} has no size; leave out x{plain(size)}.")
    if server is not None and about.servers is None:
        raise InvalidInput(f"{kind} is not about one server; leave out #{server}.")
    if server is not None and not 0 <= server < _MOST_SERVERS:
        raise InvalidInput(f"{kind} is about server {server}; servers are numbered from 0 to {_MOST_SERVERS - 1:,}.")
    if about.size is not None:
        about.size.check(kind, size := about.size.default if size is None else size)
    if server is None and about.servers is not None and not about.all_servers:
        server = 0
    return Fault(round(at_s * NS_PER_S), kind, lasts_ns, float(size or 0.0), server)


def check_servers(faults: Iterable[Fault], config: WorldConfig) -> None:
    """`InvalidInput` if one of these is about a server that a world of these settings does not have."""
    for fault in faults:
        knob = find_kind(fault.kind).servers
        if knob is None or fault.server is None:
            continue
        servers = config.knob(knob)
        if fault.server >= servers:
            allowed = f"#0 to #{servers - 1}" if servers > 1 else "#0"
            raise InvalidInput(f"{fault} names a server that there is not; allowed: {allowed} ({knob} is {servers}).")


def parse_fault(text: str, now_ns: int | None = None) -> Fault:
    """A fault from KIND@AT[+SPAN][xSIZE][#SERVER]; AT and SPAN in virtual seconds; without @AT, now.

    Raises:
        InvalidInput: not of this form, or out of bounds.
        UnknownName: no such kind.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None or (found["at"] is None) != (now_ns is not None):
        at = "" if now_ns is not None else "@AT"
        example = f"shard_slow{at and '@20'}+10x10#3"
        raise InvalidInput(f"{text!r} is no fault; write KIND{at}[+SPAN][xSIZE][#SERVER], as in {example}.")
    lasts, size = (None if found[name] is None else float(found[name]) for name in ("lasts", "size"))
    server = None if found["server"] is None else int(found["server"])
    fault = make_fault(found["kind"], float(found["at"] or 0), lasts, size, server)
    return fault if now_ns is None else replace(fault, at_ns=now_ns)


def kind_of(fault: Fault) -> Kind:
    """What kind of fault this is."""
    return find_kind(fault.kind)
