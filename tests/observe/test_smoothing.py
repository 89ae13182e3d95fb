"""Calm signals, with times passed in."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.observe.smoothing import Ewma, HeldFor, Latch, Slope


def test_the_answer_to_a_step_is_the_exponential():
    average = Ewma(tau_s=3)
    average.update(0, 0)
    assert average.update(3, 1) == pytest.approx(1 - math.exp(-1))


@given(st.lists(st.floats(0.01, 2), min_size=1, max_size=20))
def test_how_often_a_constant_is_sampled_cannot_be_seen(gaps):
    often, once = Ewma(3), Ewma(3)
    for average in (often, once):
        average.update(0, 10)
    at = 0.0
    for gap in gaps:
        at += gap
        often.update(at, 2)
    assert often.value == pytest.approx(once.update(at, 2))


def test_the_slope_of_a_line_is_its_slope():
    slope = Slope(tau_s=1)
    for step in range(200):
        found = slope.update(step * 0.1, 5 - 0.7 * step * 0.1)
    assert found == pytest.approx(-0.7, rel=1e-3)
    assert slope.update(19.9, 100) == found  # no time, no slope


def test_how_long_something_has_held():
    held = HeldFor()
    times = [held.update(at, holds) for at, holds in [(0, False), (1, True), (4, True), (5, False), (6, True)]]
    assert times == [0, 0, 3, 0, 0]


def test_a_latch_is_on_after_one_second_and_off_after_two():
    latch = Latch(1, 2)
    seen = [(0, True), (0.9, True), (1, True), (1.5, False), (3.4, False), (3.5, False), (3.6, True), (4, False)]
    assert [latch.update(at, holds) for at, holds in seen] == [False, False, True, True, True, False, False, False]


def test_a_spike_does_not_move_a_latch():
    latch = Latch(1, 2)
    assert not any(latch.update(at / 10, at % 9 != 0) for at in range(100))
