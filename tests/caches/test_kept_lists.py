"""Lists kept by cached_pull against the plainest memory there is: every list that anybody ever merged, and until when.

A list is kept at most once a segment for each user, as the shortest time to live is longer than two of the longest.
"""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.tables import KeptLists

USERS = 3
SEGMENT_NS, TTL_NS = 10, 25


class Kept(NamedTuple):
    merged: int
    until: int


class PlainMemory:
    """All lists ever kept, by user, in order of time."""

    def __init__(self) -> None:
        self.kept: list[list[Kept]] = [[] for _ in range(USERS)]

    def read(self, user: int, at: int) -> bool:
        """Whether a kept list is served; if not, one is merged and kept."""
        hit = any(one.merged <= at < one.until for one in self.kept[user])
        if not hit:
            self.kept[user].append(Kept(at, at + TTL_NS))
        return hit

    def drop(self, user: int, at: int) -> None:
        self.kept[user] = [Kept(one.merged, min(one.until, at)) for one in self.kept[user]]

    def stale(self, user: int, at: int) -> int:
        """How long the list of this very instant goes on being served."""
        return max([one.until - at for one in self.kept[user] if one.merged <= at < one.until], default=0)


def column(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def read(kept: KeptLists, user: int, at: int) -> bool:
    hit = bool(kept.until_ns[user] > at)
    if not hit:
        kept.keep(column(user), column(at), TTL_NS)
    return hit


users, instants = st.integers(0, USERS - 1), st.integers(0, SEGMENT_NS - 1)
segments = st.tuples(
    st.lists(users, max_size=2),  # whose list is dropped as it begins
    st.lists(st.tuples(instants, users), max_size=6).map(sorted),
)


@example([([], [(3, 0)]), ([], []), ([], [(8, 0)]), ([0], [(0, 0)])])
@given(st.lists(segments, max_size=12))
def test_hit_by_hit_it_is_the_plain_memory_and_so_is_how_long_it_will_last(history):
    kept, plain = KeptLists(USERS), PlainMemory()
    everybody = np.arange(USERS)
    for number, (dropped, reads) in enumerate(history):
        begin = number * SEGMENT_NS
        for user in dropped:
            kept.drop(column(user), begin)
            plain.drop(user, begin)
        hits = [read(kept, user, begin + at) for at, user in reads]
        assert hits == [plain.read(user, begin + at) for at, user in reads]
        for at in range(begin, begin + SEGMENT_NS):  # asked after the reads of the segment, of any instant in it
            assert kept.stale_ns(everybody, np.full(USERS, at)).tolist() == [plain.stale(u, at) for u in range(USERS)]


@pytest.mark.parametrize("at", [2, 3, 27, 28])
def test_that_memory_tells_the_instant_of_the_merge_and_of_the_end(at):
    plain = PlainMemory()
    plain.read(0, 3)
    assert (plain.stale(0, at) > 0) == (3 <= at < 28)
    assert plain.stale(1, at) == 0


def test_a_list_is_served_once_more_until_that_is_switched_off():
    kept, users = KeptLists(USERS), np.arange(2)
    kept.keep(users, np.array([100, 200]), np.array([50, 60]), once_more_ns=30)
    assert kept.served_until_ns[:2].tolist() == [180, 290]
    kept.drop(users[1:], 210)
    assert (kept.until_ns[1], kept.served_until_ns[1]) == (210, 210)
    kept.never_once_more()
    assert kept.served_until_ns[:2].tolist() == [150, 210]
