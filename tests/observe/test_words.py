"""Numbers as people read them."""

import pytest

from engine.observe import words


@pytest.mark.parametrize(
    ("value", "text"),
    [(7.13, "7.1 s"), (7, "7.0 s"), (9.96, "10 s"), (0.28, "0.28 s"), (0.004, "0 s"), (0.048, "0.05 s"), (0, "0 s"),
     (12.6, "13 s"), (123, "120 s"), (-0.5, "-0.50 s")],
)  # fmt: skip
def test_seconds(value, text):
    assert words.seconds(value) == text


def test_three_digits_where_the_world_stands_still():
    assert words.seconds(7.134, digits=3) == "7.13 s"
    assert words.millis(14.26, digits=3) == "14.3 ms"


def test_the_rest():
    assert words.millis(14.2) == "14 ms"
    assert words.millis(1.234) == "1.2 ms"
    assert words.millis(420) == "420 ms"
    assert words.millis(13_100) == "13 s"
    assert words.count(12_000) == "12,000"
    assert words.rate(1653.2) == "1,650/s"
    assert words.times(2.13) == "2.1x"
    assert words.clock(98.4) == "00:01:38"
    assert words.clock(3_723) == "01:02:03"
    assert words.exactly(5.0) == "5"
    assert words.exactly(0.3) == "0.3"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.998, "99.8 %"), (0.9999, "99.9 %"), (1, "100 %"), (0.73, "73 %"), (0.99, "99 %"), (0.004, "0.4 %"),
     (0.00001, "under 0.1 %"), (0.0006, "0.1 %"), (0, "0 %"), (0.0099, "1.0 %")],
)  # fmt: skip
def test_a_share_is_never_rounded_to_all_or_nothing(value, text):
    assert words.share(value) == text
