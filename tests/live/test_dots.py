"""People as bytes: who is a dot, what its value says, and that packing loses nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.live.dots import (
    BEHIND,
    Bands,
    FlashKind,
    FrameEncoder,
    Lens,
    LensKind,
    Sample,
    encode_flashes,
    post_values,
    reading_values,
)
from engine.observe.inspect import Recipients, RecipientStatus
from tests.live.helpers import Client

S = 1_000_000_000


def test_up_to_2000_people_everybody_is_a_dot():
    for users in (1, 300, 2_000):
        sample = Sample(users, seed=7)
        assert sample.ids.tolist() == list(range(users))
        assert sample.people_per_dot == 1


@pytest.mark.parametrize("users", [2_001, 3_333, 100_000])
def test_of_more_every_so_many_is_one_from_a_seeded_start(users):
    sample = Sample(users, seed=7)
    assert len(sample.ids) == 2_000
    gaps = np.diff(sample.ids)
    assert gaps.min() >= users // 2_000
    assert gaps.max() <= users // 2_000 + 1
    assert sample.people_per_dot == round(users / 2_000)
    assert np.array_equal(sample.ids, Sample(users, seed=7).ids)
    if users == 100_000:
        assert not np.array_equal(sample.ids, Sample(users, seed=8).ids)
    some = np.array([sample.ids[5], sample.ids[3]], np.int32)
    assert sample.dots(some).tolist() == [5, 3]
    others = np.setdiff1d(np.arange(users, dtype=np.int32), sample.ids)
    assert len(sample.dots(others)) == 0


def test_bands_end_where_the_storyboard_says():
    ages = np.array([0, S - 1, S, 5 * S - 1, 5 * S, 15 * S - 1, 15 * S, 99 * S])
    assert Bands(5_000).of(ages).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert Bands(5_000).counts(ages) == {"quiet": 2, "some": 2, "late": 2, "very_late": 2}


def test_a_stricter_slo_narrows_all_bands():
    assert Bands(1_000).of(np.array([S // 10, S // 5, S, 3 * S])).tolist() == [0, 1, 2, 3]


def test_every_status_of_a_post_has_its_value():
    recipients = Recipients(
        users=np.arange(1, 13, dtype=np.int32),
        status=np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 5], np.uint8),
        lag_ns=np.array([0, 2 * S, 6 * S, 16 * S] * 2 + [0, 0, 0, 0]),
    )
    assert post_values(14, recipients, Bands(5_000)).tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 9, 0]
    assert [int(status) for status in RecipientStatus] == [0, 1, 2, 3, 4, 5]


def test_rows_of_the_last_read_are_bucketed_by_doubling():
    rows = np.array([-1, 0, 1, 2, 3, 4, 255, 256, 16_383, 16_384, 10**6], np.int32)
    assert reading_values(rows).tolist() == [0, 0, 1, 2, 2, 3, 8, 9, 14, 15, 15]


frames = st.lists(st.lists(st.integers(0, 3), min_size=40, max_size=40), min_size=1, max_size=8)


@given(frames, st.integers(0, 7))
def test_a_client_that_follows_the_changes_sees_every_frame(values, joins_at):
    """Also one that joins later, with the whole frame of that moment."""
    encoder, early, late = FrameEncoder(BEHIND), Client(), Client()
    for moment, frame_values in enumerate(values):
        frame = encoder.encode(np.array(frame_values, np.uint8))
        for client, first in ((early, 0), (late, joins_at)):
            if moment == first:
                client.take(frame.full)
            elif moment > first and frame.changes is not None:
                client.take(frame.changes)
            if moment >= first:
                assert client.dots.tolist() == frame_values
                assert client.lens == LensKind.BEHIND


def test_few_changes_are_small_none_are_nothing_and_many_are_a_whole_frame():
    encoder = FrameEncoder(Lens(LensKind.POST, 3))
    values = np.zeros(2_000, np.uint8)
    assert encoder.encode(values).full == bytes([1, 0]) + bytes(2_000)
    assert encoder.encode(values.copy()).changes is None
    values = values.copy()
    values[[7, 1_999]] = 9
    assert encoder.encode(values).changes == bytes([1, 1, 7, 0, 9, 0xCF, 7, 9])
    frame = encoder.encode(np.full(2_000, 4, np.uint8))
    assert frame.changes == frame.full


def test_flashes_are_a_kind_and_dots():
    assert encode_flashes(FlashKind.AUTHOR, np.array([2, 258], np.int32)) == bytes([255, 2, 2, 0, 2, 1])
