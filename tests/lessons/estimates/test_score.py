"""How good estimates are."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.estimates.numbers import Range
from lessons.estimates.score import Band, Done, bias, bias_sentence, coverage, grade, running_bias, typical


def done(factor: float, range_: Range | None = None) -> Done:
    return Done("q.1", "Q", 0.0, factor, 1.0, "said", "shown", range_)


@pytest.mark.parametrize(
    ("factor", "band"),
    [(1, "exact"), (1.1, "exact"), (0.9, "exact"), (1.11, "within x2"), (0.89, "within x2"), (2, "within x2"),
     (0.5, "within x2"), (2.01, "within x10"), (0.49, "within x10"), (10, "within x10"), (0.1, "within x10"),
     (10.1, "off"), (0.09, "off"), (1e9, "off")],
)  # fmt: skip
@pytest.mark.parametrize("truth", [1.0, 3e-4, 6.94444e5])
def test_bands_have_their_ends_in_them(factor: float, band: Band, truth: float):
    graded = grade(factor * truth, truth)
    assert graded.band == band
    assert graded.wrong == (band in ("within x10", "off"))
    assert graded.off == pytest.approx(math.log10(factor))


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_too_high_is_as_bad_as_too_low(estimate: float, truth: float):
    assert grade(estimate, truth).off == pytest.approx(-grade(truth, estimate).off, abs=1e-9)


def test_sentences_say_the_side_and_the_factor():
    assert grade(3_000, 1_000).sentence.startswith("3 times too high")
    assert grade(1, 1_000).sentence == "1,000 times too low: 3 orders of magnitude away."
    assert "as good as exact" in grade(1, 1).sentence


def test_bias_is_the_mean_over_the_last_ten_and_errors_on_both_sides_cancel():
    assert bias([]) is None
    assert bias([done(10), done(0.1)]) == pytest.approx(0)
    assert typical([done(10), done(0.1)]) == pytest.approx(10)
    early = [done(1e6)] * 5
    assert bias([*early, *[done(2)] * 10]) == pytest.approx(math.log10(2))
    assert running_bias([done(10), done(0.1), done(10)]) == pytest.approx([1, 0, 1 / 3])
    assert bias_sentence(0.01) == "You lean to neither side."
    assert bias_sentence(-0.301) == "On the whole you guess 2 times too low."


def test_a_share_of_ranges_is_told_from_five_on():
    held, missed = done(1, Range(0.5, 2)), done(1, Range(3, 4))
    four = coverage([held] * 4 + [done(1)] * 9)
    assert (four.held, four.given) == (4, 4)
    assert "1 more time," in four.sentence
    assert "%" not in four.sentence
    five = coverage([held] * 3 + [missed] * 2)
    assert five.sentence.startswith("3 of your 5 ranges hold the answer (60\N{NO-BREAK SPACE}%)")
    assert "wider" in five.sentence
    assert "That fits" in coverage([held] * 9 + [missed]).sentence
    assert "narrower" in coverage([held] * 20).sentence
