"""Ids that people see: 63 bits that sort by time and need no coordination between shards.

41 bits of milliseconds since an epoch (69 years), 10 bits of shard, 12 bits of sequence within the millisecond.
Source: Twitter's Snowflake (2010), the layout of its announcement.
"""

from typing import NamedTuple

SHARD_BITS, SEQUENCE_BITS, MS_BITS = 10, 12, 41
SHARDS = 1 << SHARD_BITS
PER_MS = 1 << SEQUENCE_BITS


class IdParts(NamedTuple):
    """What an id is made of. `ms`: since the epoch."""

    ms: int
    shard: int
    sequence: int


def snowflake(ms: int, sequence: int, shard: int = 0) -> int:
    """The id of the post number `sequence` (from 0) of a millisecond on a shard; larger for whatever comes later there.

    Raises:
        ValueError: a part that does not fit its bits.
    """
    if not (0 <= ms < 1 << MS_BITS and 0 <= shard < SHARDS and 0 <= sequence < PER_MS):
        raise ValueError(f"No id of 63 bits for {ms} ms, shard {shard}, sequence {sequence}.")
    return (ms << SHARD_BITS | shard) << SEQUENCE_BITS | sequence


def parts(id_: int) -> IdParts:
    """Time, shard and sequence of an id."""
    shard = id_ >> SEQUENCE_BITS & (SHARDS - 1)
    return IdParts(id_ >> (SHARD_BITS + SEQUENCE_BITS), shard, id_ & (PER_MS - 1))
