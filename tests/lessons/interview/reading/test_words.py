"""Text as tokens: one way of writing, numbers in SI units, slips, and spans into the original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.interview.reading.forms import read_tokens
from lessons.interview.reading.quantities import Quantity, quantity_at
from lessons.interview.reading.words import stemmed, tokens


def stems(text):
    return [token.stem for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("5 s", 5.0, "seconds"),
        ("200 ms", 0.2, "seconds"),
        ("2 minutes", 120.0, "seconds"),
        ("3 sec", 3.0, "seconds"),
        ("two seconds", 2.0, "seconds"),
        ("5k/s", 5_000.0, "per_s"),
        ("700k per second", 700_000.0, "per_s"),
        ("100k qps", 100_000.0, "per_s"),
        ("86400 a day", 1.0, "per_s"),
        ("500m posts", 5e8, "count"),
        ("0.5m", 500_000.0, "count"),
        ("31,000", 31_000.0, "count"),
        ("10 000 followers", 10_000.0, "count"),
        ("3 million", 3e6, "count"),
        ("a million", 1e6, "count"),
        ("two hundred thousand", 200_000.0, "count"),
        ("ninety-nine percent", 0.99, "share"),
        ("80 %", 0.8, "share"),
        ("fifty times", 50.0, "times"),
        ("10x", 10.0, "times"),
        ("fifty to one", 50.0, "times"),
        ("100:1", 100.0, "times"),
        ("640gb", 6.4e11, "bytes"),
        ("1.5 tb", 1.5e12, "bytes"),
    ],
)
def test_numbers_are_read_with_their_unit(text, value, unit):
    found = quantity_at(text, 0)
    assert found is not None
    assert found[0].unit == unit
    assert found[0].value == pytest.approx(value)


@pytest.mark.parametrize("text", ["one", "one list", "a list", "an insert", "seconds", "million-aire"[7:], "", "x"])
def test_what_is_no_number(text):
    assert quantity_at(text, 0) is None


def test_a_name_with_a_digit_in_it_is_a_word():
    assert stems("p99 c10k") == ["p99", "c10k"]


def test_a_number_ends_where_the_next_begins():
    numbers = [token.quantity for token in tokens("from 5 s to 10 s, 3 of them") if token.quantity]
    assert numbers == [Quantity(5.0, "seconds"), Quantity(10.0, "seconds"), Quantity(3.0, "count")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Utilisation", "utilization"),
        ("materialised", "materialized"),
        ("TWEETS", "posts"),
        ("doesn't", "does not"),
        ("can't", "cannot"),
        ("reads → push", "reads -> push"),
        ("lag ≤ 5 s", "lag <= 5 s"),
        ("ﬁlter", "filter"),
        ("the author’s", "the author's"),
        ("written", "wrote"),
        ("fan-out", "fan out"),
    ],
)
def test_two_ways_of_writing_are_one(one, other):
    assert stems(one) == stems(other)


def test_followers_and_those_followed_stay_apart():
    assert len({stemmed("followers"), stemmed("followees"), stemmed("follows"), stemmed("following")}) == 4


@pytest.mark.parametrize(
    ("slip", "word"), [("asyncronous", "asynchronous"), ("timelnie", "timeline"), ("celebrty", "celebrity")]
)
def test_a_slip_in_a_long_word_is_put_right(slip, word):
    token = read_tokens(slip)[0]
    assert token.stem == stemmed(word)
    assert token.slip


@pytest.mark.parametrize("word", ["leader", "server", "relay", "costing", "quue", "master", "waiting"])
def test_real_words_and_short_ones_are_left_alone(word):
    assert read_tokens(word)[0].stem == stemmed(word)


def test_a_token_lies_where_it_was_written():
    text = "Ａuthors don’t wait: 5 000 ﬁlters — café"
    assert [text[token.start : token.end] for token in tokens(text)] == [
        "Ａuthors", "don’t", "don’t", "wait", ":", "5 000", "ﬁlters", "—", "café",
    ]  # fmt: skip


@given(st.text(max_size=200))
def test_spans_lie_inside_any_text_and_go_forward(text):
    found = tokens(text)
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    assert [token.start for token in found] == sorted(token.start for token in found)
