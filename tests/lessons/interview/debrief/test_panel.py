"""Several people score one interview: their files, and how far they agree with the grader and with each other."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from lessons.interview.debrief import panel as panels
from lessons.interview.debrief.agreement import CATEGORIES, agreement, quadratic_kappa
from lessons.interview.debrief.panel import GRADER, Panel, PanelError, Score, Scores, beside, checked_name, half
from tests.lessons.interview.debrief.mutations import told

CREDITS = st.sampled_from(CATEGORIES)
PAIRS = st.lists(st.tuples(CREDITS, CREDITS), min_size=1, max_size=40)


def scored(name, **credits):
    """c5b=1 is a whole credit for 5b."""
    return Scores(name=name, scores={key[1:]: Score(credit=value) for key, value in credits.items()})


@given(PAIRS)
def test_kappa_is_the_concordance_of_the_two(pairs):
    """Closed form: with weights (i - j)^2 kappa is 2 cov / (var + var + (mean - mean)^2), with n in the denominators.
    J. L. Fleiss, J. Cohen, Educational and Psychological Measurement 33 (1973), 613-619; L. Lin, Biometrics 45 (1989),
    255-268."""
    places = [(CATEGORIES.index(one), CATEGORIES.index(other)) for one, other in pairs]
    first, second = [one for one, _ in places], [other for _, other in places]
    means = fmean(first), fmean(second)
    covariance = fmean((one - means[0]) * (other - means[1]) for one, other in places)
    variances = fmean((one - means[0]) ** 2 for one in first) + fmean((one - means[1]) ** 2 for one in second)
    whole = variances + (means[0] - means[1]) ** 2
    found = quadratic_kappa(places)
    if whole == 0:
        assert found is None
    else:
        assert found == pytest.approx(2 * covariance / whole, abs=1e-9)


def test_kappa_where_it_is_known():
    assert quadratic_kappa([(0, 0), (1, 1), (2, 2)]) == 1
    assert quadratic_kappa([(0, 2), (2, 0)]) == -1
    assert quadratic_kappa([(0, 0), (0, 2), (2, 0), (2, 2)]) == 0
    assert quadratic_kappa([(1, 1), (1, 1)]) is None
    # observed (1 + 0 + 0 + 4) / 4; expected: by the margins 0 1 2 0 against 1 1 2 2, mean of squared differences
    assert quadratic_kappa([(0, 1), (1, 1), (2, 2), (0, 2)]) == pytest.approx(1 - (5 / 4) / (24 / 16))


@given(PAIRS)
def test_agreement_is_the_same_from_either_side(pairs):
    one, other = agreement(*zip(*pairs, strict=True)), agreement(*zip(*(pair[::-1] for pair in pairs), strict=True))
    assert (one.exact, one.adjacent) == (other.exact, other.adjacent)
    assert one.mean_difference == pytest.approx(-other.mean_difference)
    assert one.kappa == (None if other.kappa is None else pytest.approx(other.kappa))
    assert 0 <= one.exact <= one.adjacent <= 1


def test_agreement_counts():
    found = agreement([1.0, 0.5, 0.0, 1.0], [1.0, 1.0, 1.0, 0.5])
    assert (found.count, found.exact, found.adjacent, found.mean_difference) == (4, 0.25, 0.75, -0.25)
    assert agreement([], []) is None
    with pytest.raises(ValueError, match="not in tuple"):
        agreement([0.7], [1.0])


def test_what_somebody_scored_is_there_again(tmp_path):
    panel = Panel.of(tmp_path, "a1-b_2")
    mine = Scores(name="Ana María", scores={"5b": Score(credit=0.5, note="why <b>?"), "3a": Score()})
    panel.write(mine)
    panel.write(scored("bo", c5b=1.0))
    assert panel.names() == ("Ana María", "bo")
    assert panel.read("Ana María") == mine
    assert panel.all() == (mine, scored("bo", c5b=1.0))
    assert (tmp_path / "a1-b_2" / "panel" / "Ana María.json").exists()
    assert panel.read("nobody yet") == Scores(name="nobody yet")
    panel.write(scored("bo", c5b=0.0))
    assert panel.read("bo").scores["5b"].credit == 0
    assert [path.suffix for path in (tmp_path / "a1-b_2" / "panel").iterdir()] == [".json"] * 2


@pytest.mark.parametrize("name", ["", " ", "..", "../x", "a/b", "a\\b", ".a", "-a", "a\x00", "x" * 41, "grader",
                                  "GRADER", "a.json", "a:b", "\u202eab", "𝔞" * 41])  # fmt: skip
def test_a_name_that_is_no_file_name_is_refused(tmp_path, name):
    panel = Panel.of(tmp_path, "x")
    with pytest.raises(InvalidInput):
        panel.write(scored(name, c5b=1.0))
    with pytest.raises(InvalidInput):
        panel.read(name)
    assert list(tmp_path.iterdir()) == []


@given(st.text(max_size=60))
def test_a_name_that_is_allowed_stays_in_its_folder(name):
    try:
        said = checked_name(name)
    except InvalidInput:
        return
    assert os.path.basename(said) == said
    assert said not in (".", "..")
    assert checked_name(said) == said
    assert len(f"{said}.json".encode()) < 255


@pytest.mark.parametrize("interview", ["", "..", "a/b", ".", "a b", "é"])
def test_an_interview_whose_id_is_no_folder_is_refused(tmp_path, interview):
    with pytest.raises(InvalidInput):
        Panel.of(tmp_path, interview)


def test_criteria_and_credits_are_checked(tmp_path):
    panel = Panel.of(tmp_path, "x")
    with pytest.raises(InvalidInput, match="9z"):
        panel.write(scored("ana", c9z=1.0))
    with pytest.raises(ValueError, match=r"0, 0\.5 or 1"):
        Score(credit=0.7)
    with pytest.raises(ValueError, match="at most"):
        Score(note="x" * 2_001)


@pytest.mark.parametrize(
    "written", ["{", '{"name": "ana", "scores": {"9z": {}}}', '{"x": 1}', "[" * 100_000, "x" * 300_000]
)
def test_a_file_that_cannot_be_read_is_said_in_one_sentence(tmp_path, written):
    panel = Panel.of(tmp_path, "x")
    panel.write(scored("ana", c5b=1.0))
    (tmp_path / "x" / "panel" / "ana.json").write_text(written)
    with pytest.raises(PanelError) as refused:
        panel.read("ana")
    assert "ana" in str(refused.value)


def test_other_files_in_the_folder_are_nobody(tmp_path):
    panel = Panel.of(tmp_path, "x")
    panel.write(scored("ana", c5b=1.0))
    for name in (".hidden.json", "grader.json", "tmp.part", " lead.json"):
        (tmp_path / "x" / "panel" / name).write_text("{}")
    assert panel.names() == ("ana",)


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    panel = Panel.of(tmp_path, "x")
    panel.write(scored("ana", c5b=1.0))

    def full(_number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(panels.os, "fsync", full)
    with pytest.raises(PanelError, match="No space left"):
        panel.write(scored("ana", c5b=0.0))
    assert panel.read("ana").scores["5b"].credit == 1
    assert [path.name for path in (tmp_path / "x" / "panel").iterdir()] == ["ana.json"]


def test_many_writers_leave_one_whole_file(tmp_path):
    panel = Panel.of(tmp_path, "x")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda place: panel.write(scored("ana", c5b=CATEGORIES[place % 3])), range(60)))
    assert json.loads((tmp_path / "x" / "panel" / "ana.json").read_text())["name"] == "ana"
    assert panel.read("ana").scores["5b"].credit in CATEGORIES


def test_too_many_people_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(panels, "MOST_PEOPLE", 2)
    panel = Panel.of(tmp_path, "x")
    panel.write(scored("a", c5b=1.0))
    panel.write(scored("b", c5b=1.0))
    with pytest.raises(InvalidInput, match="up to 2"):
        panel.write(scored("c", c5b=1.0))
    panel.write(scored("b", c5b=0.0))


def test_differences_stand_beside_the_grader_the_largest_first():
    report = told("as he is", "senior")[1]
    found = beside(report, [scored("ana", c5b=0.0, c3a=0.5, c1a=1.0), scored("bo", c5b=1.0, c3a=1.0, c1a=1.0)])
    assert found.people == (GRADER, "ana", "bo")
    assert [(one.criterion, one.gap) for one in found.differences] == [("5b", 1.0), ("3a", 0.5), ("1a", 0.0)]
    assert found.differences[0].credits == {GRADER: 1.0, "ana": 0.0, "bo": 1.0}
    assert "whole credit" in found.differences[0].discuss
    assert "half a credit" in found.differences[1].discuss
    assert "nothing to discuss" in found.differences[2].discuss
    assert [(pair.first, pair.second) for pair in found.pairs] == [(GRADER, "ana"), (GRADER, "bo"), ("ana", "bo")]
    assert found.pairs[0].agreement.count == 3
    assert found.pairs[1].agreement.exact == 1
    assert found.pairs[0].agreement.mean_difference == pytest.approx(0.5)


def test_where_all_people_differ_from_the_grader_alike_its_reason_is_asked_for():
    report = told("5b", "senior")[1]
    (one,) = beside(report, [scored("ana", c5b=1.0), scored("bo", c5b=1.0)]).differences
    assert one.discuss.startswith("All people give more than the grader.")


def test_what_was_not_judged_counts_nowhere():
    report = told("as he is", "senior")[1]
    found = beside(report, [Scores(name="ana", scores={"5b": Score(note="no idea")}), scored("bo", c3e=1.0)])
    assert found.differences == ()
    assert found.pairs == ()
    assert found.people == (GRADER, "ana", "bo")


def test_notes_come_with_the_difference():
    report = told("as he is", "senior")[1]
    noted = Scores(name="ana", scores={"5b": Score(credit=0.0, note=" too many ")})
    (one,) = beside(report, [noted]).differences
    assert one.notes == {"ana": "too many"}


@pytest.mark.parametrize(("credit", "nearest"), [(0, 0), (0.25, 0), (0.3, 0.5), (0.75, 0.5), (0.9, 1), (1, 1)])
def test_the_graders_credit_is_held_against_the_nearest_of_three(credit, nearest):
    assert half(credit) == nearest
