"""A fault as a value, and as people write it: `shard_slow@20+10x10#3`."""

import re
from dataclasses import dataclass

from engine.clock import NS_PER_S
from engine.errors import InvalidInput
from engine.faults.kinds import Kind, find_kind

_FORM = re.compile(
    r"(?P<kind>[a-z_]+)@(?P<at>\d+(\.\d+)?)(\+(?P<lasts>\d+(\.\d+)?))?(x(?P<size>\d+(\.\d+)?))?(#(?P<server>\d+))?"
)


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
    """Which server of the station it is about; None: all of them, or what the kind is about has no servers."""

    @property
    def until_ns(self) -> int:
        """When it is over."""
        return self.at_ns + self.lasts_ns

    def __str__(self) -> str:
        server = "" if self.server is None else f"#{self.server}"
        lasts = f"+{self.lasts_ns / NS_PER_S:g}" if self.lasts_ns else ""
        size = f"x{self.size:g}" if find_kind(self.kind).size else ""
        return f"{self.kind}@{self.at_ns / NS_PER_S:g}{lasts}{size}{server}"


def make_fault(
    kind: str, at_s: float, lasts_s: float | None = None, size: float | None = None, server: int | None = None
) -> Fault:
    """A fault of a kind, with the kind's own span and size where none are given.

    Raises:
        UnknownName: no such kind.
        InvalidInput: a size out of bounds, a span for what is over at once, a server of what has none.
    """
    about = find_kind(kind)
    lasts_s = about.lasts_s if lasts_s is None else lasts_s
    if (lasts_s > 0) != (about.lasts_s > 0):
        lasts = "is over at once; leave out its span" if about.lasts_s == 0 else "lasts; give it a span above 0 s"
        raise InvalidInput(f"{kind} {lasts}.")
    if size is not None and about.size is None:
        raise InvalidInput(f"{kind} has no size; leave out x{size:g}.")
    if server is not None and about.servers is None:
        raise InvalidInput(f"{kind} is not about one server; leave out #{server}.")
    if about.size is not None:
        about.size.check(kind, size := about.size.default if size is None else size)
    return Fault(round(at_s * NS_PER_S), kind, round(lasts_s * NS_PER_S), size or 0.0, server)


def parse_fault(text: str) -> Fault:
    """A fault from KIND@AT[+SPAN][xSIZE][#SERVER]; AT and SPAN in virtual seconds.

    Raises:
        InvalidInput: not of this form, or out of bounds.
        UnknownName: no such kind.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise InvalidInput(f"{text!r} is no fault; write KIND@AT[+SPAN][xSIZE][#SERVER], as in shard_slow@20+10x10#3.")
    lasts, size = (None if found[name] is None else float(found[name]) for name in ("lasts", "size"))
    server = None if found["server"] is None else int(found["server"])
    return make_fault(found["kind"], float(found["at"]), lasts, size, server)


def kind_of(fault: Fault) -> Kind:
    """What kind of fault this is."""
    return find_kind(fault.kind)
