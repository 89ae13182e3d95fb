"""Trace files: what is read, how it is mapped onto a run, and what is refused."""

import numpy as np
import pytest

from engine.errors import InvalidTrace
from engine.load.trace import DAILY, Trace, load_trace


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "volume.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    "text",
    [
        "timestamp,value\n2015-02-26 21:42:53,104\n2015-02-26 21:47:53,100\n2015-02-26 21:52:53,99\n",
        "2015-02-26T21:42:53,104\n2015-02-26T21:47:53,100\n2015-02-26T21:52:53,99",
        'timestamp,value\r\n"0","104"\r\n 300 , 100.0 \r\n\r\n600,9.9e1\r\n\r\n',
        "\ufefft,v\n-300,104\n0,100\n300,99\n",
    ],
)
def test_a_trace_is_read(tmp_path, text):
    trace = load_trace(write(tmp_path, text))
    np.testing.assert_array_equal(np.diff(trace.start_s), [300, 300])
    np.testing.assert_array_equal(trace.value, [104, 100, 99])
    assert trace.name == "volume.csv"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "the file ends after 0 rows; allowed: at least 2 rows"),
        ("timestamp,value\n", 1, "the file ends after 0 rows"),
        ("timestamp,value\n0,1\n", 2, "the file ends after 1 row;"),
        ("timestamp,value\n0,0\n1,0\n", 3, "all values are zero; allowed: at least one value above zero"),
        ("0,1\n2,1\n2,1\n", 3, "timestamp is not later than the one before; allowed: strictly increasing"),
        ("t,v\n0,1\n2,1\n1,1\n", 4, "timestamp is not later"),
        ("t,v\n0,1\n\n1,-2\n", 4, "value '-2'; allowed: a finite number >= 0"),
        ("t,v\n0,1\n1,nan\n", 3, "value 'nan'"),
        ("t,v\n0,1\n1,inf\n", 3, "value 'inf'"),
        ("t,v\n0,1\n1,1e999\n", 3, "value '1e999'"),
        ("t,v\n0,1\n1,\n", 3, "value ''"),
        ("t,v\n0,1\n1,many\n", 3, "value 'many'"),
        ("t,v\nu,w\n0,1\n1,1\n", 2, "timestamp 'u'; allowed: YYYY-MM-DD HH:MM:SS, or seconds"),
        ("2015-02-30 00:00:00,1\n0,1\n", 1, "timestamp '2015-02-30 00:00:00'"),
        ("t,v\nnan,1\n1,1\n", 2, "timestamp 'nan'"),
        ("-1e308,1\n1e308,1\n", 1, "timestamp '-1e308'"),
        ("t,v\n0,1\n1\n", 3, "1 fields; allowed: two fields"),
        ("t,v\n0,1\n1,2,3\n", 3, "3 fields; allowed: two fields"),
    ],
)
def test_a_malformed_trace_is_named_by_file_line_and_reason(tmp_path, text, line, reason):
    path = write(tmp_path, text)
    with pytest.raises(InvalidTrace) as refused:
        load_trace(path)
    message = str(refused.value)
    assert message.startswith(f"{path}, line {line}: ")
    assert reason in message
    assert "\n" not in message


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InvalidTrace, match=r"nowhere\.csv: cannot be read: No such file"):
        load_trace(tmp_path / "nowhere.csv")
    with pytest.raises(InvalidTrace, match="cannot be read: Is a directory"):
        load_trace(tmp_path)
    with pytest.raises(InvalidTrace, match="not UTF-8"):
        load_trace(write(tmp_path, "t,v\n0,1\n1,\xe9\n", encoding="latin-1"))


@pytest.fixture(scope="module")
def bursty() -> Trace:
    rng = np.random.default_rng(3)
    return Trace("x", np.cumsum(rng.integers(1, 9, 500)).astype(float), rng.pareto(1.2, 500))


@pytest.mark.parametrize("seconds", [1, 7, 60, 499, 500, 3000])
def test_the_mean_of_a_profile_is_one_at_any_length(bursty, seconds):
    profile = bursty.profile(seconds)
    assert profile.shape == (seconds,)
    assert (profile >= 0).all()
    assert profile.mean() == pytest.approx(1, abs=1e-12)


def test_a_second_is_the_mean_of_the_rows_that_fall_into_it():
    trace = Trace("x", np.arange(6) * 300.0, np.array([1.0, 3.0, 0.0, 4.0, 10.0, 0.0]))
    np.testing.assert_allclose(trace.profile(3) * 3, [2, 2, 5])
    np.testing.assert_allclose(trace.profile(6) * 3, trace.value)
    np.testing.assert_allclose(trace.profile(4) * 3, [(1 + 1.5) / 1.5, 1.5 / 1.5, (4 + 5) / 1.5, 5 / 1.5])


def test_enormous_and_tiny_values_are_only_ratios():
    for scale in (1e308, 1e-300):
        trace = Trace("x", np.arange(4.0), np.array([0.0, 1.0, 0.5, 0.5]) * scale)
        np.testing.assert_allclose(trace.profile(4), [0, 2, 1, 1])
        assert trace.peak_ratio == pytest.approx(2)


def test_a_row_counts_for_as_long_as_it_lasts():
    trace = Trace("x", np.array([0.0, 10.0, 40.0]), np.array([2.0, 4.0, 0.0]))  # the last one: 20 s, the median gap
    np.testing.assert_allclose(trace.profile(6), np.array([2, 4, 4, 4, 0, 0]) * 6 / 14)
    assert trace.peak_ratio == pytest.approx(4 * 60 / 140)


def test_the_peak_ratio_is_kept_when_every_row_has_its_second(bursty):
    even = Trace("x", np.arange(500.0), bursty.value)
    assert even.profile(500).max() == pytest.approx(even.peak_ratio)
    assert even.profile(50).max() < even.peak_ratio


def test_the_built_in_day_has_the_published_ratios():
    hours = DAILY.value.reshape(24, 4)[:, 0]
    assert DAILY.value.mean() == pytest.approx(1, abs=2e-3)
    assert hours.max() / hours.min() == pytest.approx(3.2, abs=0.1)
    assert DAILY.peak_ratio == pytest.approx(1.62, abs=0.01)
    assert DAILY.value.min() == pytest.approx(0.50, abs=0.01)
