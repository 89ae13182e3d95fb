"""The arena against a list that never forgets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.write_path.arena import FollowerArena


@given(st.lists(st.tuples(st.sampled_from([0, 1, 30, 900, 3_000]), st.floats(0, 1)), max_size=25), st.data())
def test_positions_stay_valid_until_they_are_released(steps, data):
    arena, everything, released = FollowerArena(), [], 0
    for count, share in steps:
        ids = np.arange(len(everything), len(everything) + count, dtype=np.int32)
        assert arena.append(ids) == len(everything)
        everything += ids.tolist()
        arena.release(released := max(released, int(share * len(everything))))
        assert len(arena) == len(everything) - released
    starts = np.array(data.draw(st.lists(st.integers(released, len(everything)), max_size=5)), np.int64)
    lengths = (len(everything) - starts) // 2
    expected = [i for s, n in zip(starts, lengths, strict=True) for i in everything[s : s + n]]
    assert arena.gather(starts, lengths).tolist() == expected


def test_memory_follows_what_is_held_not_what_was():
    arena = FollowerArena()
    for _ in range(2_000):
        start = arena.append(np.zeros(5_000, np.int32))
        arena.release(start - 5_000)
    assert len(arena._ids) < 100_000
    arena.append(np.zeros(10**6, np.int32))
    arena.release(2_000 * 5_000 + 10**6)
    for _ in range(400):
        start = arena.append(np.zeros(5_000, np.int32))
        arena.release(start)
    assert len(arena._ids) < 100_000


def test_slices_that_are_not_held_are_refused():
    arena = FollowerArena()
    arena.append(np.arange(10, dtype=np.int32))
    arena.release(4)
    one = np.array([1])
    for start in (3, 10):
        with pytest.raises(IndexError, match="positions 4 to 9"):
            arena.gather(np.array([start]), one)
    assert arena.gather(np.array([9]), one).tolist() == [9]
    arena.release(2)  # going back frees nothing and brings nothing back
    assert len(arena) == 6
