"""Cascades are read, measured, and drawn like the real ones, within the tolerances of datasets/README.md."""

from dataclasses import astuple, fields

import numpy as np
import pytest

from datasets.cascades import (
    DIRECT_SHARES,
    LEAST_REPOSTS,
    Cascade,
    CascadeFigures,
    draw_cascade,
    draw_sizes,
    load_cascade,
    measure_cascade,
)
from datasets.day import volume_until
from datasets.worlds import build_population, preset_config
from engine.domain import Op
from engine.errors import InvalidTrace
from engine.graph.measures import tail_exponent
from engine.load.audience import Audience
from engine.load.scenarios import scenario
from engine.load.streams import stream
from tests.conftest import missing
from tests.datasets.readme import SHARED, number, real_cascades, table
from tests.load.helpers import only

COLUMNS = {
    "reposts": "reposts",
    "half_h": "half-time",
    "first_hour": "1st hour",
    "t10": "t10",
    "t25": "t25",
    "t75": "t75",
    "t90": "t90",
    "first_day": "1st day",
    "median_followers": "median followers",
    "followers_ratio": "9th decile",
}
KS_BELOW = 0.35
"""1.36 sqrt((16 + 200) / (16 * 200)): two samples of the same distribution stay below it in 95 of 100 cases."""
WITHIN = {"half_h": 0.9, "first_hour": 0.9, "t10": 0.95, "t25": 0.95, "t75": 0.85, "t90": 0.75, "first_day": 0.7}
"""The least share of drawn cascades within the range of the real ones."""


def columns_of(cascades):
    """Each figure over the cascades, by name."""
    figures = np.array([astuple(measure_cascade(each)) for each in cascades]).T
    return dict(zip([field.name for field in fields(CascadeFigures)], figures, strict=True))


@pytest.fixture(scope="module")
def cascades():
    """The 200 cascades of the README's table."""
    rng = stream(7, "cascades", 0)
    return [draw_cascade(rng, size) for size in draw_sizes(rng, 200).tolist()]


@pytest.fixture(scope="module")
def drawn(cascades):
    return columns_of(cascades)


def distance(a, b):
    """Kolmogorov and Smirnov's: the largest difference between two empirical distributions."""
    at = np.concatenate([a, b])
    shares = [np.searchsorted(np.sort(sample), at, side="right") / len(sample) for sample in (a, b)]
    return np.abs(shares[0] - shares[1]).max()


HELD = ["reposts", "half_h", "first_hour", "t75", "t90", "first_day", "median_followers"]


@pytest.mark.parametrize("figure", HELD)
def test_drawn_cascades_are_distributed_like_the_real_ones(drawn, figure):
    assert distance(drawn[figure], real_cascades(COLUMNS[figure])) < KS_BELOW


@pytest.mark.parametrize("figure", WITHIN)
def test_most_drawn_cascades_lie_within_the_range_of_the_real_ones(drawn, figure):
    real = real_cascades(COLUMNS[figure])
    within = (drawn[figure] >= real.min() - 0.005) & (drawn[figure] <= real.max() + 0.005)  # the table's last digit
    assert within.mean() >= WITHIN[figure]


def test_the_start_matches_in_its_middle_and_not_in_its_spread(drawn):
    for figure in ("t10", "t25"):
        real = real_cascades(COLUMNS[figure])
        assert np.median(drawn[figure]) == pytest.approx(np.median(real), abs=0.03)
        assert KS_BELOW < distance(drawn[figure], real) < 0.5


ROWS = {
    "reposts": "size",
    "half_h": "half-time",
    "first_hour": "share in the first hour",
    "first_day": "share in the first day",
    "median_followers": "median followers of reposters",
}
"""The README's words, where they are not the figure's own name."""


@pytest.mark.parametrize("figure", [*HELD, "t10", "t25"])
def test_the_distances_in_the_readme_are_measured(drawn, figure):
    stated = number(table("cascade figure")[ROWS.get(figure, figure)]["KS (seed 7)"])
    assert distance(drawn[figure], real_cascades(COLUMNS[figure])) == pytest.approx(stated, abs=0.008)


def test_after_three_days_about_as_much_is_still_to_come_as_in_the_real_ones(cascades):
    late = [(cascade.at_s > 3 * 86_400).mean() for cascade in cascades]
    np.testing.assert_allclose(np.quantile(late, [0.1, 0.5, 0.9]), [0.002, 0.011, 0.079], atol=0.0006)


def test_sizes_have_the_tail_of_the_files():
    real = tail_exponent(real_cascades("reposts").astype(np.int32), LEAST_REPOSTS)
    sizes = draw_sizes(stream(8, "sizes", 0), 5_000)
    assert sizes.min() >= LEAST_REPOSTS
    assert tail_exponent(sizes.astype(np.int32), LEAST_REPOSTS) == pytest.approx(real, abs=0.1)
    summary = table("cascade")
    assert number(summary["16 real: exponent of sizes"]["reposts"]) == pytest.approx(real, abs=0.005)
    assert number(summary["200 drawn: exponent of sizes"]["reposts"]) == pytest.approx(real, abs=0.5)


def test_fast_cascades_have_reposters_with_few_followers(drawn):
    real = np.corrcoef(np.log(real_cascades("half-time")), np.log(real_cascades("median followers")))[0, 1]
    assert real == pytest.approx(0.7, abs=0.05)
    assert np.corrcoef(np.log(drawn["half_h"]), np.log(drawn["median_followers"]))[0, 1] > 0.5


def test_the_ruler_refuses_cascades_of_another_kind():
    rng = stream(7, "others", 0)
    direct = columns_of(draw_cascade(rng, 2_500, direct_share=1.0) for _ in range(60))
    slow = columns_of(draw_cascade(rng, 2_500, direct_share=0.08) for _ in range(60))
    for others in (direct, slow):
        for figure in ("half_h", "first_hour", "median_followers"):
            assert distance(others[figure], real_cascades(COLUMNS[figure])) > KS_BELOW


@pytest.mark.parametrize("hour", [2.0, 15.0])
def test_the_first_generation_waits_by_the_published_kernel_until_the_post_is_stale(hour):
    """In closed form: survival of the kernel, times exp(-t / 15 h), in time that runs by the day's curve."""
    count = 20_000
    at_s = draw_cascade(stream(7, "kernel", 0), count, direct_share=1.0, hour=hour).at_s
    even_s = 3600 * (volume_until(hour + at_s / 3600) - volume_until(np.array(hour)))
    kernel = np.where(even_s < 300, 1 - 0.242 / 1.242 * even_s / 300, (np.maximum(even_s, 300) / 300) ** -0.242 / 1.242)
    expected = 1 - kernel * np.exp(-even_s / (15 * 3600))
    apart = np.abs(expected - (np.arange(count) + 0.5) / count).max()
    assert apart < 1.95 / np.sqrt(count)  # a sample of this law passes in 999 of 1,000 cases


def test_a_cascade_has_its_size_and_is_in_order():
    for reposts in (1, 2, 999):
        cascade = draw_cascade(stream(7, "one", reposts), reposts)
        assert len(cascade.at_s) == len(cascade.followers) == reposts
        assert cascade.at_s.min() >= 0
        assert (np.diff(cascade.at_s) >= 0).all()
        assert (cascade.followers >= 0).all()


def test_a_cascade_is_a_function_of_its_chance_alone():
    one, same, other = (draw_cascade(stream(seed, "one", 0), 500) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one.at_s, same.at_s)
    np.testing.assert_array_equal(one.followers, same.followers)
    assert not np.array_equal(one.at_s, other.at_s)


def test_a_less_direct_cascade_is_slower_and_a_night_slows_it_down():
    halves = [
        np.median([measure_cascade(draw_cascade(stream(7, "x", k), 2_000, **how)).half_h for k in range(9)])
        for how in (
            {"direct_share": DIRECT_SHARES[1], "hour": 16.0},
            {"direct_share": 0.4, "hour": 16.0},
            {"direct_share": 0.4, "hour": 4.0},
        )
    ]
    assert 3 * halves[0] < halves[1]
    assert 1.2 * halves[1] < halves[2]


@pytest.mark.parametrize(("reposts", "direct_share"), [(0, None), (5, 0.0), (5, 1.1), (5, float("nan"))])
def test_impossible_cascades_are_refused(reposts, direct_share):
    with pytest.raises(ValueError, match="allowed: 1 or more, above 0 and up to 1"):
        draw_cascade(stream(7, "one", 0), reposts, direct_share=direct_share)


def test_the_figures_of_a_cascade_by_hand():
    at_s = np.array([60.0, 1_800.0, 3_600.0, 7_200.0, 90_000.0])
    figures = measure_cascade(Cascade("x", 9, at_s, np.array([1, 2, 10, 30, 50])))
    assert (figures.reposts, figures.half_h, figures.first_hour, figures.first_day) == (5, 1.0, 0.6, 0.8)
    assert (figures.t25, figures.t75) == (0.5, 2.0)
    assert (figures.median_followers, figures.followers_ratio) == (10, 4.2)


def test_a_cascade_file_is_read(tmp_path):
    path = tmp_path / "RT.txt"
    path.write_text("3 0.5\n0 90 \n292 433344 \n292 5\n7000 0\n")
    cascade = load_cascade(path)
    assert (cascade.name, cascade.root_followers) == ("RT.txt", 90)
    assert cascade.at_s.tolist() == [292, 292, 7000]
    assert cascade.followers.tolist() == [433344, 5, 0]


@pytest.mark.parametrize(
    "text",
    [
        *("", "2 0.5\n", "0 0.5\n0 90\n", "2 0.5\n0 90\n5 1\n", "2\n0 90\n5 1\n6 1\n", "1 0.5\n0 90\n5 x\n"),
        *("1 0.5\n0 90\n5\n", "1 0.5\n3 90\n5 1\n", "2 0.5\n0 90\n5 1\n4 1\n", "1 0.5\n0 90\n5 -1\n"),
        *("1 0.5\n0 90\nnan 1\n", "1 0.5\n0 90\n5 inf\n", "1 0.5\n0 90 5 1\n"),
    ],
)
def test_a_malformed_cascade_file_is_refused_by_name(tmp_path, text):
    path = tmp_path / "RT.txt"
    path.write_text(text)
    with pytest.raises(InvalidTrace, match=r"RT\.txt: .*; allowed: "):
        load_cascade(path)


def test_a_cascade_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidTrace, match=r"none\.txt: cannot be read"):
        load_cascade(tmp_path / "none.txt")


def test_real_cascades_lie_in_time_as_the_readme_says():
    if not (SHARED / "cascades").is_dir():
        missing(f"the real cascades are not at {SHARED}")
    cascades = [load_cascade(path) for path in sorted((SHARED / "cascades").glob("*.txt"))]
    after_three_days = [(cascade.at_s > 3 * 86_400).mean() for cascade in cascades]
    assert (min(after_three_days), max(after_three_days)) == (
        pytest.approx(0.007, abs=0.001),
        pytest.approx(0.078, abs=0.001),
    )
    assert np.median(after_three_days) == pytest.approx(0.019, abs=0.001)
    assert max(cascade.at_s.max() for cascade in cascades) <= 7 * 86_400


def test_viral_is_a_real_cascade_compressed_but_for_its_start():
    """Its shape in half-times lies within the real ranges; what stands for the first hour is emptier."""
    people = build_population(preset_config("classroom"))
    audience = Audience(
        graph=people.graph,
        author_weight=people.author_weight,
        reader_weight=people.reader_weight,
        away=people.away,
        largest=people.largest,
        users=people.users,
    )
    plays = [scenario("viral").arrivals(audience, seed) for seed in range(20)]
    times_s = [(only(play, Op.REPOST).at_ns - play.at_ns[0]) / 1e9 for play in plays]
    half_s = np.array([np.median(times) for times in times_s])
    np.testing.assert_allclose(half_s, 6.0, atol=0.05)
    for column, share, median in (("t10", 0.1, 0.38), ("t25", 0.25, 0.56), ("t75", 0.75, 1.93), ("t90", 0.9, 3.39)):
        shape = np.median([np.quantile(times, share) for times in times_s] / half_s)
        assert shape == pytest.approx(median, abs=0.05)
        assert real_cascades(column).min() < shape < real_cascades(column).max()
    compression = np.median(real_cascades("half-time")) * 3600 / 6.0
    assert compression == pytest.approx(2_160, abs=10)
    assert np.median([(times <= 3600 / compression).mean() for times in times_s]) == pytest.approx(0.05, abs=0.03)
