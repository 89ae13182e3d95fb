"""Every transcript of known quality ends in its band, and better ones above worse ones."""

import pytest

from lessons.interview.grade import grade
from lessons.interview.reading import digest
from lessons.interview.report import Report
from tests.lessons.interview.transcripts.kept import kept, names

REPORTS: dict[str, Report] = {}
ORDER = (
    ("strong_mid", "middling_mid"),
    ("push_mid", "middling_mid"),
    ("strong_senior", "middling_senior"),
    ("defensible_pull", "middling_senior"),
    ("defensible_active", "middling_senior"),
    ("terse_non_native", "middling_senior"),
    ("strong_staff", "middling_staff"),
    ("middling_senior", "services_first"),
    ("middling_senior", "product_as_reason"),
    ("middling_senior", "stuffing"),
    ("middling_senior", "no_run"),
    ("strong_senior", "skew_ignored"),
    ("strong_senior", "wrong_numbers"),
    ("strong_senior", "over_engineered"),
    ("strong_senior", "fluent_contradicts"),
    ("strong_senior", "hinted"),
    ("strong_senior", "pasted_lesson"),
    ("other_language", "pasted_lesson"),
    ("no_run", "stuffing"),
    ("stuffing", "silence"),
)
"""(better, worse): by score at the level that both aim at."""


def report(name: str) -> Report:
    if name not in REPORTS:
        REPORTS[name] = grade(kept(name).transcript())
    return REPORTS[name]


def lost(name: str, kind: str) -> float:
    return sum(one.points for one in report(name).deductions if one.kind == kind)


@pytest.mark.parametrize("name", names())
def test_each_ends_in_its_band(name):
    assert report(name).band in kept(name).bands, report(name).summary


@pytest.mark.parametrize(("better", "worse"), ORDER, ids=[" over ".join(pair) for pair in ORDER])
def test_the_better_one_scores_more(better, worse):
    assert kept(better).level == kept(worse).level
    assert report(better).score > report(worse).score


def test_there_are_enough_and_each_stands_in_the_order():
    assert len(names()) >= 16
    assert set(names()) == {name for pair in ORDER for name in pair}


@pytest.mark.parametrize(
    ("name", "kind", "points"),
    [("services_first", "services before requirements", 4), ("product_as_reason", "a product as an explanation", 4),
     ("skew_ignored", "skew ignored", 8), ("fluent_contradicts", "contradicted by the own run", 6)],
)  # fmt: skip
def test_a_mistake_costs_what_the_rubric_says(name, kind, points):
    assert lost(name, kind) == points


@pytest.mark.parametrize(
    "name", ["strong_mid", "push_mid", "strong_senior", "strong_staff", "terse_non_native", "defensible_pull",
             "defensible_active", "middling_senior", "middling_staff", "other_language"],
)  # fmt: skip
def test_nobody_is_charged_with_a_mistake_that_was_not_made(name):
    kinds = {one.kind for one in report(name).deductions}
    assert kinds <= {"over-engineering"}


def test_skew_that_is_ignored_caps_the_band_whatever_the_score():
    found = report("skew_ignored")
    assert found.score > 55
    assert found.band == "Developing"


def test_ten_idle_parts_cap_the_band_and_are_named():
    found = report("over_engineered")
    assert len(found.idle) >= 10
    assert found.band == "Borderline"


def test_short_sentences_of_a_non_native_lose_at_most_three_points_to_long_ones():
    assert report("terse_non_native").score >= report("strong_senior").score - 3


def test_another_language_is_not_read_and_loses_nothing_that_a_closed_choice_can_give():
    found = report("other_language")
    assert len(found.not_read) >= 5
    assert found.score >= report("strong_senior").score - 1


def test_what_is_pasted_from_a_lesson_earns_nothing():
    found = {line.criterion: line for line in report("pasted_lesson").lines}
    for criterion in ("3b", "3f", "5a"):
        assert "T" not in found[criterion].evidence
        assert found[criterion].quote is None


def test_strong_answers_are_above_the_level_below_and_weak_ones_are_not_hidden_by_it():
    for name in ("strong_senior", "strong_staff"):
        others = report(name).other_levels
        assert others["mid"].score >= report(name).score


def test_the_reports_carry_the_digest_of_the_tables_that_they_were_read_with():
    assert {report(name).reader for name in names()} == {digest()[:12]}
