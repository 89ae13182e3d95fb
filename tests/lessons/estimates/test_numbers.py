"""Numbers in whatever form people write them."""

import math
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from lessons.estimates.numbers import LEAST, MOST, Range, Unit, read_number, read_range
from lessons.estimates.shown import digits, short, shown, words

UNITS: tuple[Unit, ...] = ("count", "per_s", "seconds", "bytes", "bits_per_s", "usd_per_month")


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("3.5k", "count", 3_500),
        ("3.5e3", "count", 3_500),
        ("3,5k", "count", 3_500),
        ("1,000", "count", 1_000),
        ("1 000 000", "count", 1e6),
        ("1\u00a0000", "count", 1_000),
        ("1_000", "count", 1_000),
        ("1'000'000", "count", 1e6),
        ("1,5", "count", 1.5),
        ("0,123", "count", 0.123),
        ("1,000.5", "count", 1_000.5),
        (".5", "count", 0.5),
        ("60B", "count", 60e9),
        ("60B", "bytes", 60),
        ("60 billion", "count", 60e9),
        ("3m", "count", 3e6),
        ("3 million copies", "count", 3e6),
        ("40 machines", "count", 40),
        ("10^6", "count", 1e6),
        ("3x10^6", "count", 3e6),
        ("3 × 10⁶", "count", 3e6),
        ("2·10⁻³", "count", 0.002),
        ("~3k", "count", 3_000),
        ("about 3k", "count", 3_000),
        ("3.5k/s", "per_s", 3_500),
        ("3.5k posts/s", "per_s", 3_500),
        ("3.5 k / s", "per_s", 3_500),
        ("3.5k a second", "per_s", 3_500),
        ("60k per minute", "per_s", 1_000),
        ("86.4 million a day", "per_s", 1_000),
        ("5k qps", "per_s", 5_000),
        ("90", "seconds", 90),
        ("2 min", "seconds", 120),
        ("2min", "seconds", 120),
        ("5m", "seconds", 300),
        ("5M", "seconds", 5e6),
        ("1 h 30 min", "seconds", 5_400),
        ("1h30m", "seconds", 5_400),
        ("1 h and 30 s", "seconds", 3_630),
        ("1.5 days", "seconds", 129_600),
        ("500 ms", "seconds", 0.5),
        ("20 µs", "seconds", 20e-6),
        ("2k s", "seconds", 2_000),
        ("300 GB", "bytes", 300e9),
        ("300G", "bytes", 300e9),
        ("1.5 TiB", "bytes", 1.5 * 2**40),
        ("300 billion bytes", "bytes", 300e9),
        ("12 Gbit/s", "bits_per_s", 12e9),
        ("12 Gbps", "bits_per_s", 12e9),
        ("12Gb/s", "bits_per_s", 12e9),
        ("1.5 GB/s", "bits_per_s", 12e9),
        ("1.5 GBps", "bits_per_s", 12e9),
        ("800 megabits", "bits_per_s", None),
        ("$2,000", "usd_per_month", 2_000),
        ("2k", "usd_per_month", 2_000),
        ("24k $ a year", "usd_per_month", 2_000),
        ("2 million dollars a month", "usd_per_month", 2e6),
    ],
)
def test_people_write_numbers_like_this(text: str, unit: Unit, value: float | None):
    if value is None:
        with pytest.raises(InvalidInput):
            read_number(text, unit)
    else:
        assert read_number(text, unit) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "abc", "-5", "0", "0.0", "nan", "inf", "1e400", "1e999999999", "9^999", "1/2", "3 4", "1,0000",
     "1,00,000", "1..2", "k", "²", "5 ms", "<b>5</b>", "5\x00", "1" * 70, "5 zettawombles per fortnight", "1e3k k"],
)  # fmt: skip
def test_nonsense_is_refused_in_one_sentence_that_says_what_is_allowed(text: str):
    with pytest.raises(InvalidInput, match=r"^[^\n]*allowed: [^\n]*\.$"):
        read_number(text, "count")


@given(
    text=st.text(max_size=70) | st.text("0123456789.,'_ kKmMBGgTe^x+-/sminhdb$", max_size=20),
    unit=st.sampled_from(UNITS),
)
def test_any_text_is_a_number_in_bounds_or_refused(text: str, unit: Unit):
    with suppress(InvalidInput):
        value = read_number(text, unit)
        assert math.isfinite(value)
        assert LEAST <= value <= MOST


NUMBERS = st.floats(1e-3, 1e15)


@given(value=st.integers(1, 10**15), separator=st.sampled_from([",", " ", "_", "'", ""]), unit=st.sampled_from(UNITS))
def test_whole_numbers_come_back_whatever_separates_thousands(value: int, separator: str, unit: Unit):
    assume(unit != "seconds" or value < 10**15)
    assert read_number(f"{value:,}".replace(",", separator), unit) == value


@given(value=NUMBERS)
def test_exponents_and_decimals_come_back(value: float):
    for text in (f"{value!r}", f"{value:.6e}", f"{value:.6E}".replace("E", "x10^").replace("^+", "^")):
        assert read_number(text, "count") == pytest.approx(value, rel=1e-5)


WORDS = [("k", 3), ("K", 3), ("M", 6), ("million", 6), ("B", 9), ("bn", 9), ("billion", 9), ("T", 12)]


@given(st.integers(10, 9_999), st.sampled_from(WORDS), st.booleans(), st.sampled_from(["", " "]))
def test_letters_and_words_come_back(value: int, word: tuple[str, int], comma: bool, gap: str):
    text = f"{value / 10:.1f}".replace(".", "," if comma else ".")
    assert read_number(f"{text}{gap}{word[0]}", "count") == pytest.approx(value / 10 * 10 ** word[1])


@given(value=st.floats(1e-5, 1e17), unit=st.sampled_from(UNITS))
def test_what_a_page_shows_can_be_typed_in_again(value: float, unit: Unit):
    again = read_number(shown(value, unit, "copies" if unit == "count" else ""), unit)
    assert again == pytest.approx(value, rel=0.006)


@given(hours=st.integers(1, 40), minutes=st.integers(1, 59), seconds=st.integers(1, 59))
def test_times_add_up(hours: int, minutes: int, seconds: int):
    assert read_number(f"{hours} h {minutes} min {seconds} s", "seconds") == hours * 3_600 + minutes * 60 + seconds


@pytest.mark.parametrize("text", ["30 min 1 h", "1 min 2 min", "1 h 30", "5 GB", "3 copies"])
def test_times_that_go_up_or_are_no_times_are_refused(text: str):
    with pytest.raises(InvalidInput):
        read_number(text, "seconds")


def test_numbers_are_shown_with_three_digits_and_rates_below_ten_thousand_whole():
    assert [short(value) for value in (3_472.2, 694_444, 60e9, 999_999, 0.01234, 12, 9_999.6)] == [
        "3,472", "694k", "60B", "1M", "0.0123", "12", "10k",
    ]  # fmt: skip
    assert shown(3_472.2, "per_s", "posts") == "3,472 posts/s"
    assert [shown(seconds, "seconds") for seconds in (0.0035, 0.5, 90, 120, 5_400, 172_800)] == [
        "3.5 ms", "500 ms", "90 s", "2 min", "1.5 h", "2 days",
    ]  # fmt: skip
    assert [words(value) for value in (300e6, 1.5e9, 1_500, 200e3)] == [
        "300 million",
        "1.5 billion",
        "1,500",
        "200,000",
    ]
    assert digits(0) == "0"


def test_a_range_has_two_ends_the_right_way_round_with_the_estimate_between():
    assert read_range("", " ", "count", 5) is None
    assert read_range("1", "1k", "count", 5) == Range(1, 1_000)
    for low, high in (("1", ""), ("", "1"), ("9", "1"), ("5", "5"), ("6", "9"), ("x", "9")):
        with pytest.raises(InvalidInput):
            read_range(low, high, "count", 5)


def test_the_ends_of_a_range_belong_to_it():
    assert [Range(2, 4).holds(value) for value in (1.99, 2, 3, 4, 4.01)] == [False, True, True, True, False]
