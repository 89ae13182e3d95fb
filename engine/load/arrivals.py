"""What arrives, as a structure of arrays in the order in which it arrives.

Every arrival has a content id, its *key*: stream << 48 | block << 24 | index. It is the same however the arrivals
are cut, merged or reordered, so ties are broken by it, and a post's key is what replies, reposts and likes name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from engine.domain import I8, I32, I64, Op

NO_TARGET = -1
"""The target of posts and reads."""

_FIELD_BITS = 24
_STREAM_BITS = 48


class Stream(IntEnum):
    """Where an arrival comes from; the highest bits of its key."""

    POSTS = 1
    LIKES = 2
    READS = 3
    FOLLOWS = 4
    UNFOLLOWS = 5
    INJECTED = 6
    """A scenario's injection; its number in the world's life stands in the block field."""
    PEOPLE = 7
    """A person's post: the number of its journal entry stands in the lower fields."""
    HISTORY = 8
    """Posts from before the world opened."""


def content_keys(source: Stream, block: int, count: int) -> I64:
    """Keys of the arrivals 0..count-1 of one block of a stream, ascending, shape (count,).

    Raises:
        ValueError: if block or count do not fit 24 bits (16.7 million).
    """
    if not 0 <= block < 1 << _FIELD_BITS or count > 1 << _FIELD_BITS:
        raise ValueError(f"Block {block} with {count} arrivals does not fit a key; both are limited to 24 bits.")
    first = source << _STREAM_BITS | block << _FIELD_BITS
    return np.arange(first, first + count, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Arrivals:
    """n arrivals sorted by (at_ns, key); all columns have shape (n,)."""

    at_ns: I64
    op: I8
    """`domain.Op`."""
    actor: I32
    target: I64
    """The post's key for REPLY, REPOST and LIKE; the user for FOLLOW and UNFOLLOW; else NO_TARGET."""
    key: I64

    def __len__(self) -> int:
        return len(self.at_ns)

    @classmethod
    def empty(cls) -> "Arrivals":
        """No arrivals."""
        none = np.empty(0, dtype=np.int64)
        return cls(none, none.astype(np.int8), none.astype(np.int32), none, none)

    @classmethod
    def of(cls, op: Op | I8, at_ns: I64, actor: I32, key: I64, target: I64 | int = NO_TARGET) -> "Arrivals":
        """Arrivals from ascending instants; one `op` or `target` stands for all."""
        n = len(at_ns)
        ops = np.full(n, op, dtype=np.int8) if isinstance(op, Op) else op
        targets = np.full(n, target, dtype=np.int64) if isinstance(target, int) else target
        return cls(at_ns, ops, actor, targets, key)

    @classmethod
    def concat(cls, parts: Iterable["Arrivals"]) -> "Arrivals":
        """All parts merged into one, in order of (at_ns, key)."""
        filled = [part for part in parts if len(part)]
        if len(filled) < 2:
            return filled[0] if filled else cls.empty()
        filled.sort(key=lambda part: int(part.key[0]))
        joined = cls(*(np.concatenate([getattr(part, name) for part in filled]) for name in _COLUMNS))
        ascending = bool((joined.key[1:] > joined.key[:-1]).all())
        # With ascending keys a stable sort by time alone is the same order, and merges the parts' runs.
        order = np.argsort(joined.at_ns, kind="stable") if ascending else np.lexsort((joined.key, joined.at_ns))
        return cls(*(getattr(joined, name)[order] for name in _COLUMNS))

    def between(self, start_ns: int, end_ns: int) -> "Arrivals":
        """Those with start <= at_ns < end; views, nothing is copied."""
        first, last = np.searchsorted(self.at_ns, [start_ns, end_ns])
        return Arrivals(*(getattr(self, name)[first:last] for name in _COLUMNS))

    def freeze(self) -> "Arrivals":
        """The same arrivals, their arrays made read-only, so that they can be kept and handed out again."""
        for name in _COLUMNS:
            getattr(self, name).flags.writeable = False
        return self

    def to_bytes(self) -> bytes:
        """All columns, little endian, one after the other; what digests are taken of."""
        return b"".join(getattr(self, name).astype(f"<i{size}").tobytes() for name, size in _COLUMNS.items())


_COLUMNS = {"at_ns": 8, "op": 1, "actor": 4, "target": 8, "key": 8}
