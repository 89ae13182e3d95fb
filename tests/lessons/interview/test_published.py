"""An assumption far outside of what was published is asked about, and nothing else is."""

import pytest

from lessons.interview.form import wants
from lessons.interview.published import FAR, PUBLISHED, question
from lessons.interview.sheet import Sheet1


@pytest.mark.parametrize("path", PUBLISHED)
def test_only_what_is_a_hundred_times_outside_is_asked_about(path):
    low, high = PUBLISHED[path]
    assert low <= high
    for value in (low, high, low / FAR, FAR * high, None):
        assert question(path, value) == ""
    for value in (0.0, 0.99 * low / FAR, 1.01 * FAR * high):
        assert question(path, value).endswith("It is used as it stands.")


def test_each_is_a_number_of_the_sheet_and_others_are_never_asked_about():
    for path in PUBLISHED:
        assert wants(path, Sheet1())
    assert question("slo.fresh_s", 1e18) == ""
