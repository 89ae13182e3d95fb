"""The rubric adds up, free text decides little, and an instructor's file is refused in one sentence."""

import re
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from lessons.interview.base import LEVELS
from lessons.interview.rubric import standard, with_overrides


@pytest.mark.parametrize("level", LEVELS)
def test_points_sum_to_100_and_minutes_to_45(level):
    rubric = standard()
    assert sum(rubric.points[level]) == 100
    assert sum(rubric.minutes[level].steps) + rubric.minutes[level].change == 45


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_expected_is_worth_100_points_in_all(level):
    rubric = standard()
    expected = [one for one in rubric.criteria.values() if one.expected(level)]
    assert sum(rubric.worth(one, level) for one in expected) == pytest.approx(100)


@pytest.mark.parametrize(("level", "points"), [("mid", 16.8), ("senior", 16.0), ("staff", 13.4)])
def test_text_alone_decides_at_most_20_points(level, points):
    assert standard().text_points(level) == pytest.approx(points, abs=0.05)


def test_text_stays_below_20_points_with_what_lies_beyond_the_level():
    rubric = standard()
    for level in LEVELS:
        assert sum(rubric.worth(one, level) for one in rubric.criteria.values() if one.by_text) <= 20


def test_the_weaker_form_is_expected_earlier():
    large = standard().criteria["3c"]
    assert large.level == "senior"
    assert [large.expected(level) for level in LEVELS] == [True, True, True]
    assert [standard().criteria["3d"].expected(level) for level in LEVELS] == [False, True, True]


def test_an_instructor_changes_weights_and_with_them_the_hash(tmp_path):
    own = with_overrides(written(tmp_path, "[weights]\n3c = 4\n[points]\nmid = [20, 10, 28, 12, 12, 8, 10]\n"))
    assert own.criteria["3c"].weight == 4
    assert own.points["mid"][0] == 20
    assert own.hash != standard().hash
    assert with_overrides(written(tmp_path, "")).hash == standard().hash


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[weights]\n9z = 1\n", "weights has '9z'"),
        ("[weights]\n3c = -1\n", "criteria.3c.weight is -1"),
        ("[weights]\n3c = 'much'\n", "criteria.3c.weight is 'much'"),
        ("[weights]\n3b = 60\n", "free text could decide"),
        ("[points]\nmid = [100, 12, 28, 12, 12, 8, 10]\n", "points.mid sum to 182"),
        ("[points]\nmid = [50, 50]\n", "points.mid"),
        ("[points]\nboss = [1]\n", "points has 'boss'"),
        ("bands = 1\n", "bands cannot be set"),
        ("weights = 3\n", "weights is 3"),
        ("[", "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence_that_names_the_place(tmp_path, text, said):
    with pytest.raises(InvalidInput, match=re.escape(said)) as refused:
        with_overrides(written(tmp_path, text))
    assert str(refused.value).startswith("own.toml: ")
    assert "\n" not in str(refused.value)


def test_no_file_is_refused_too(tmp_path):
    with pytest.raises(InvalidInput, match="cannot be read"):
        with_overrides(tmp_path / "none.toml")


def written(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text)
    return path
