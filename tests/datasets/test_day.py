"""The day's curve is that of the measured volumes, within the tolerances of datasets/README.md."""

import numpy as np
import pytest

from datasets import day
from datasets.day import WEEKEND_LEVEL, day_level, day_trace, measure_days, volume_until
from engine.errors import InvalidTrace
from engine.load.scenarios import traced
from engine.load.trace import DAILY, Trace, load_trace
from tests.datasets.readme import number, real_hours, table

LEAST_CORRELATION = 0.9
MOST_DIFFERENCE = 0.2
"""Root mean square over the 24 hours, of the mean."""
BESIDE_THE_RANGE = 0.05


@pytest.fixture(scope="module")
def curve():
    return measure_days(day_trace()).median_day


def real(column):
    return [number(row[column]) for name, row in table("volume").items() if name.endswith(".csv")]


def refused(levels):
    """The hours at which, and the files from which, a day is further than allowed."""
    files = real_hours()
    outside = (levels > files.max(axis=0) + BESIDE_THE_RANGE) | (levels < files.min(axis=0) - BESIDE_THE_RANGE)
    far = [
        number
        for number, file in enumerate(files)
        if np.corrcoef(levels, file)[0, 1] < LEAST_CORRELATION
        or np.sqrt(((levels - file) ** 2).mean()) > MOST_DIFFERENCE
    ]
    return np.flatnonzero(outside).tolist(), far


def test_the_curve_resembles_each_file_and_lies_in_their_range(curve):
    assert real_hours().shape == (4, 24)
    assert refused(curve) == ([], [])


def test_the_ruler_refuses_a_flat_day_a_steep_one_and_one_of_another_clock(curve):
    nearly_flat = 1 + 0.01 * (curve - 1)
    for other in (nearly_flat, np.roll(curve, -3), 1 + 1.6 * (curve - 1)):
        hours, _ = refused(other)
        assert len(hours) > 3
    assert refused(np.roll(curve, -3))[1] == [0, 1, 2, 3]


def test_peak_trough_and_their_hours_are_within_the_range_of_the_files(curve):
    assert min(real("peak/trough")) <= curve.max() / curve.min() <= max(real("peak/trough"))
    assert min(real("busiest hour")) <= curve.argmax() <= max(real("busiest hour"))
    assert min(real("quietest hour")) <= curve.argmin() <= max(real("quietest hour"))


def test_the_weekend_is_within_the_range_of_the_files_and_all_of_them_are_quieter_then():
    assert min(real("weekend")) <= WEEKEND_LEVEL <= max(real("weekend")) < 1
    assert measure_days(day_trace(7)).weekend == pytest.approx(WEEKEND_LEVEL)


def test_the_day_of_the_scenario_trace_is_the_files_on_another_clock():
    built_in = measure_days(DAILY).median_day
    for file in real_hours():
        by_shift = [np.corrcoef(np.roll(built_in, hours), file)[0, 1] for hours in range(24)]
        assert by_shift[0] < LEAST_CORRELATION
        assert 2 <= np.argmax(by_shift) <= 4
        assert max(by_shift) >= 0.92


def test_bursts_are_not_in_the_curve(curve):
    assert measure_days(day_trace()).busiest_row == pytest.approx(1.5, abs=0.02)
    assert min(real("busiest row")) > 20


def test_the_levels_average_to_one_and_their_integral_is_the_volume():
    minutes = np.linspace(0, 24, 1_441)
    level, volume = day_level(minutes), volume_until(minutes)
    assert level[:-1].mean() == pytest.approx(1)
    np.testing.assert_allclose(np.diff(volume) * 60, (level[1:] + level[:-1]) / 2, atol=1e-5)
    np.testing.assert_allclose(volume_until(minutes + 48), volume + 48)
    assert (level.min(), level.max()) == (pytest.approx(0.46, abs=0.005), pytest.approx(1.49, abs=0.005))
    assert (minutes[level.argmin()], minutes[level.argmax()]) == (
        pytest.approx(8.08, abs=0.02),
        pytest.approx(18, abs=0.02),
    )


def test_a_day_and_a_week_are_courses_of_load(curve):
    np.testing.assert_allclose(traced(day_trace()).fitted(24).profile(), curve)
    week = traced(day_trace(7)).fitted(168).profile().reshape(7, 24)
    assert week.mean() == pytest.approx(1)
    np.testing.assert_allclose(week[5:], WEEKEND_LEVEL * week[:2])
    np.testing.assert_allclose(week[:5], np.tile(week[0], (5, 1)))


def test_the_printed_curve_is_a_trace_file(capsys, tmp_path):
    for arguments, days in (([], 1), (["7"], 7)):
        day.main(arguments)
        path = tmp_path / "day.csv"
        path.write_text(capsys.readouterr().out)
        np.testing.assert_allclose(load_trace(path).profile(240), day_trace(days).profile(240), atol=2e-4)


def test_no_days_are_refused():
    with pytest.raises(ValueError, match="0 days; allowed: 1 or more"):
        day_trace(0)


def test_a_burst_moves_the_mean_day_and_not_the_median_one():
    start_s = 3600.0 * np.arange(5, 10 * 24 + 5)  # ten days from 5:00 on: nine whole ones
    value = np.tile(np.arange(1.0, 25.0), 11)[5 : 10 * 24 + 5]
    value[24 * 4 + 3 - 5] = 2_100.0  # 3:00 of the fifth day, else 4
    figures = measure_days(Trace("x", start_s, value))
    assert figures.days == 9
    np.testing.assert_allclose(figures.median_day, np.arange(1, 25) / 12.5)
    assert figures.mean_day.argmax() == 3
    assert figures.busiest_row == pytest.approx(2_100 / value.mean())


def test_days_without_weekends_have_no_ratio_and_half_a_day_is_refused():
    assert np.isnan(measure_days(DAILY).weekend)
    with pytest.raises(InvalidTrace, match="x: no whole day"):
        measure_days(Trace("x", 3600.0 * np.arange(23), np.ones(23)))
