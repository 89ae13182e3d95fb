"""The crowd in bytes: which people are dots, what a dot's value means under each lens, and how changes are packed.

Layouts are in docs/architecture.md, 'The live world and its wire'. Numbers are little endian.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from engine.clock import NS_PER_MS, NS_PER_S
from engine.domain import I32, I64, U8, Bool
from engine.load.streams import stream
from engine.observe.inspect import Recipients, RecipientStatus

MOST_DOTS = 2_000
BAND_NAMES = ("quiet", "some", "late", "very_late")
_FLASH = 255
_WAITING, _RECEIVED = 1, 5
_STATUS_VALUE = {
    RecipientStatus.DEAD: 9, RecipientStatus.DROPPED: 9, RecipientStatus.PULLED: 10, RecipientStatus.OPENED: 11,
}  # fmt: skip


class LensKind(IntEnum):
    """The first byte of a frame."""

    BEHIND = 0
    POST = 1
    READING = 2


class Lens(NamedTuple):
    """What somebody looks at; `row` is the post, under POST only."""

    kind: LensKind
    row: int = -1


BEHIND = Lens(LensKind.BEHIND)
READING = Lens(LensKind.READING)


class Frame(NamedTuple):
    """One frame of dots for one lens. `changes` is what to send to whoever has the frame before; None: nothing."""

    full: bytes
    changes: bytes | None


class FlashKind(IntEnum):
    """The second byte of flashes."""

    READ = 0
    SLOW_READ = 1
    AUTHOR = 2


class Sample:
    """Which users are dots: all of them, or every (n / MOST_DOTS)-th from a seeded start. Ids ascend."""

    def __init__(self, users: int, seed: int) -> None:
        count = min(users, MOST_DOTS)
        stride = users / count
        start = stream(seed, "live.dots", 0).random() * stride if stride > 1 else 0.0
        self.ids: I32 = np.minimum(start + np.arange(count) * stride, users - 1).astype(np.int32)
        self.people_per_dot = round(stride)
        self._dot: I32 = np.full(users, -1, np.int32)
        self._dot[self.ids] = np.arange(count, dtype=np.int32)

    def dots(self, users: I32) -> I32:
        """The dots of those users who are dots, in the given order."""
        dots = self._dot[users]
        return dots[dots >= 0]


class Bands:
    """Ages in four bands: quiet under 1 s, some within the SLO, late up to three times that, very late."""

    def __init__(self, slo_ms: float) -> None:
        slo_ns = round(slo_ms * NS_PER_MS)
        self.edges_ns: I64 = np.array([min(NS_PER_S, slo_ns // 5), slo_ns, 3 * slo_ns], np.int64)

    def of(self, age_ns: I64) -> U8:
        """The band of each age, 0 to 3."""
        first, *others = self.edges_ns
        band: U8 = (age_ns >= first).astype(np.uint8)
        for edge in others:  # ten times faster than a search, for so few edges
            band += age_ns >= edge
        return band

    def counts(self, age_ns: I64) -> dict[str, int]:
        """How many are in each band, by name."""
        tally = np.bincount(self.of(age_ns), minlength=len(BAND_NAMES)).tolist()
        return dict(zip(BAND_NAMES, tally, strict=True))


def post_values(users: int, recipients: Recipients, bands: Bands) -> U8:
    """How one post reached everybody, shape (users,): 0 for who does not follow its author."""
    status = recipients.status
    band = bands.of(recipients.lag_ns)
    value = np.zeros(len(status), np.uint8)
    for known, number in _STATUS_VALUE.items():
        value[status == known] = number
    waiting, received = status == RecipientStatus.WAITING, status == RecipientStatus.RECEIVED
    value[waiting] = _WAITING + band[waiting]
    value[received] = _RECEIVED + band[received]
    values = np.zeros(users, np.uint8)
    values[recipients.users] = value
    return values


def reading_values(rows: I32) -> U8:
    """Rows touched by the last home read as 0 (never, or none) or 1 + log2, at most 15. Shape as given."""
    return np.clip(np.frexp(np.maximum(rows, 0))[1], 0, 15).astype(np.uint8)


class FrameEncoder:
    """Packs one lens after another frame; remembers the frame before."""

    def __init__(self, lens: Lens) -> None:
        self._kind = lens.kind
        self._before: U8 | None = None

    def encode(self, values: U8) -> Frame:
        """The frame of these values, one for each dot, shape (dots,)."""
        full = bytes([self._kind, 0]) + values.tobytes()
        before, self._before = self._before, values
        if before is None:
            return Frame(full, full)
        changed: Bool = values != before
        dots = np.flatnonzero(changed)
        if len(dots) == 0:
            return Frame(full, None)
        packed = np.empty(len(dots), dtype=[("dot", "<u2"), ("value", "u1")])
        packed["dot"], packed["value"] = dots, values[dots]
        changes = bytes([self._kind, 1]) + packed.tobytes()
        return Frame(full, min(changes, full, key=len))


def encode_flashes(kind: FlashKind, dots: I32) -> bytes:
    """Dots (for AUTHOR: places in the strip) that light up once."""
    return bytes([_FLASH, kind]) + dots.astype("<u2").tobytes()
