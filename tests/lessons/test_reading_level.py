"""What learners read outside of lessons, too, is for the middle of secondary school."""

import pytest

from lessons.charts.cause import FAMILIES
from lessons.hunts import HUNTS, explained
from lessons.words import HARDEST_GRADE, grade_of


@pytest.mark.parametrize("name", HUNTS)
def test_a_hunt(name):
    hunt, story = HUNTS[name], explained(HUNTS[name])
    parts = (hunt.symptom, *hunt.hints, f"{story.cause}.", story.because, f"{story.fix}.", story.right)
    assert grade_of(" ".join(parts)) <= HARDEST_GRADE


def test_the_explanations_of_charts():
    said = " ".join(f"{cause.label}. {cause.why}" for family in FAMILIES.values() for cause in family.causes)
    assert grade_of(said) <= HARDEST_GRADE


def test_the_index_tells_hard_from_easy():
    hard = "Heterogeneous infrastructural considerations necessitate organisational prioritisation notwithstanding."
    assert grade_of(hard) > HARDEST_GRADE > grade_of("Each dot is a person. It is warm where they wait.")
