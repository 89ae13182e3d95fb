"""Scores, worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.interview.base import LEVELS
from lessons.interview.rubric import BANDS, standard
from lessons.interview.score import (
    Cap,
    Facts,
    band_of,
    capped,
    caps,
    contradictions,
    over_engineering,
    step_scores,
    total,
)  # fmt: skip

RUBRIC = standard()
FINE = Facts(ran=True, built=True, skew_ignored=False, idle=0)
ALL = dict.fromkeys(RUBRIC.criteria, 1.0)
credits_ = st.fixed_dictionaries({name: st.sampled_from([0.0, 0.5, 1.0]) for name in RUBRIC.criteria})


@pytest.mark.parametrize(
    ("level", "credits", "step", "points"),
    [
        ("mid", {"1a": 1, "1d": 0.5}, 1, 18 * (2 + 1.5) / 9),
        ("mid", {"3a": 1}, 3, 28 * 5 / 11),
        ("mid", {"3a": 1, "3d": 1}, 3, 28 * (5 + 0.25 * 3) / 11),
        ("senior", {"3d": 1}, 3, 26 * 3 / 16),
        ("senior", {"3e": 1}, 3, 26 * 0.25 * 2 / 16),
        ("staff", {"5f": 0.5, "5b": 1}, 5, 20 * (1.5 + 4) / 17),
        ("mid", {"6a": 1, "6c": 1, "6d": 1, "6e": 1, "6b": 1, "6f": 1}, 6, 8),
    ],
)
def test_a_step_is_worth_its_weighted_credits(level, credits, step, points):
    scores = step_scores(credits, level, RUBRIC)
    assert scores[step - 1] == pytest.approx(points)
    assert sum(scores) == pytest.approx(points)


@pytest.mark.parametrize("level", LEVELS)
def test_everything_is_100_and_nothing_is_0(level):
    assert total(step_scores(ALL, level, RUBRIC), 0, RUBRIC) == 100
    assert total(step_scores({}, level, RUBRIC), 50, RUBRIC) == 0


@pytest.mark.parametrize(
    ("idle", "level", "points"),
    [(2, "senior", 0), (3, "senior", 1.5), (3, "staff", 0), (6, "mid", 6), (11, "mid", 13.5), (40, "mid", 15)],
)
def test_idle_parts_cost_beyond_the_free_ones_up_to_15(idle, level, points):
    assert over_engineering(idle, level, RUBRIC) == points


@pytest.mark.parametrize(("count", "points"), [(0, 0), (1, 2), (3, 6), (4, 8), (9, 8)])
def test_contradictions_cost_two_each_up_to_eight(count, points):
    assert contradictions(count, RUBRIC) == points


@pytest.mark.parametrize(("earned", "deducted", "score"), [(80, 10, 70), (10, 8, 5), (10, 31, 5), (33.33, 1, 32.3)])
def test_deductions_take_at_most_half_of_what_was_earned(earned, deducted, score):
    assert total([earned], deducted, RUBRIC) == score


@pytest.mark.parametrize(
    ("score", "band"),
    [(0, "Not yet"), (34.9, "Not yet"), (35, "Developing"), (54.9, "Developing"), (55, "Borderline"),
     (64.9, "Borderline"), (65, "Meets"), (81.9, "Meets"), (82, "Exceeds"), (100, "Exceeds")],
)  # fmt: skip
def test_bands_begin_at_their_borders(score, band):
    assert band_of(score, RUBRIC) == band


@pytest.mark.parametrize(
    ("level", "without", "band"),
    [
        ("mid", {"3a"}, "Borderline"), ("mid", {"1d"}, "Borderline"), ("mid", {"3b"}, "Borderline"),
        ("mid", {"5a"}, "Borderline"), ("mid", {"3c"}, "Borderline"), ("mid", {"7a"}, "Exceeds"),
        ("senior", {"3c"}, "Borderline"), ("senior", {"5b"}, "Borderline"), ("senior", {"7a"}, "Borderline"),
        ("senior", {"3d"}, "Exceeds"), ("senior", {"3d", "4b"}, "Borderline"), ("senior", {"3b"}, "Exceeds"),
        ("staff", {"5f"}, "Borderline"), ("staff", {"6f"}, "Borderline"), ("staff", {"7c"}, "Borderline"),
        ("staff", {"3c"}, "Exceeds"),
    ],
)  # fmt: skip
def test_below_a_gate_the_band_is_borderline(level, without, band):
    credits = {**ALL, **dict.fromkeys(without, 0.0)}
    assert capped("Exceeds", caps(credits, level, FINE, RUBRIC)) == band


@pytest.mark.parametrize(("level", "passes"), [("mid", True), ("senior", False)])
def test_a_quarter_of_a_credit_acknowledges_skew_at_mid_only(level, passes):
    found = caps({**ALL, "3c": 0.25}, level, FINE, RUBRIC)
    assert (Cap("Borderline", "3c has less than half of its credit") not in found) is passes


@pytest.mark.parametrize(
    ("level", "facts", "band"),
    [
        ("senior", Facts(True, True, True, 0), "Developing"), ("staff", Facts(True, True, True, 0), "Not yet"),
        ("mid", Facts(True, True, True, 0), "Exceeds"), ("mid", Facts(False, True, False, 0), "Developing"),
        ("staff", Facts(True, False, False, 0), "Not yet"), ("senior", Facts(True, True, False, 10), "Borderline"),
        ("mid", Facts(True, True, False, 10), "Exceeds"), ("staff", Facts(True, True, False, 4), "Meets"),
        ("staff", Facts(True, True, False, 3), "Exceeds"),
    ],
)  # fmt: skip
def test_what_caps_a_band_beside_the_gates(level, facts, band):
    assert capped("Exceeds", caps(ALL, level, facts, RUBRIC)) == band


def test_exceeds_needs_evidence_above_the_level():
    expected = {name: float(one.expected("senior")) for name, one in RUBRIC.criteria.items()}
    assert capped("Exceeds", caps(expected, "senior", FINE, RUBRIC)) == "Meets"
    assert capped("Exceeds", caps({**expected, "5f": 0.5}, "senior", FINE, RUBRIC)) == "Meets"
    assert capped("Exceeds", caps({**expected, "5f": 0.5, "6f": 0.5}, "senior", FINE, RUBRIC)) == "Exceeds"
    assert capped("Exceeds", caps({**ALL, "7c": 0.5}, "staff", FINE, RUBRIC)) == "Meets"


@given(credits_, st.sampled_from(sorted(RUBRIC.criteria)), st.sampled_from(LEVELS), st.floats(0, 60))
def test_more_credit_never_lowers_score_or_band(credits, name, level, deducted):
    more = {**credits, name: min(1.0, credits[name] + 0.5)}
    before, after = (total(step_scores(one, level, RUBRIC), deducted, RUBRIC) for one in (credits, more))
    assert 0 <= before <= after <= 100
    bands = [capped(band_of(score, RUBRIC), caps(one, level, FINE, RUBRIC))
             for score, one in ((before, credits), (after, more))]  # fmt: skip
    assert BANDS.index(bands[0]) <= BANDS.index(bands[1])
