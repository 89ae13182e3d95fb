"""When a card comes back: a pure function of answers and now, by its named edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.drills.spacing import DAY_S, DAYS, Answered, Standing, day_of, standing

MIDNIGHT_S = 20_000 * DAY_S
WRONG_AT = MIDNIGHT_S + 20 * 3_600
"""Eight in the evening."""
WRONG = Answered(WRONG_AT, False)


def right(days: float) -> Answered:
    return Answered(WRONG_AT + days * DAY_S, True)


def wrong(days: float) -> Answered:
    return Answered(WRONG_AT + days * DAY_S, False)


def stand(*answers: Answered, days: float) -> Standing:
    return standing(answers, WRONG_AT + days * DAY_S)


def due_in(*answers: Answered, days: float) -> int | None:
    """Days from now until the card is due; below 1, it is."""
    due = stand(*answers, days=days).due_day
    return None if due is None else due - day_of(WRONG_AT + days * DAY_S)


def test_what_was_wrong_is_due_exactly_one_day_later_and_from_the_next_morning_on():
    assert due_in(WRONG, days=0) == 1
    assert due_in(WRONG, days=3.9 / 24) == 1  # a minute before midnight, about
    assert due_in(WRONG, days=4.1 / 24) == 0
    assert due_in(WRONG, days=1) == 0
    assert due_in(WRONG, days=5) == -4


def test_answered_right_on_its_days_it_comes_after_1_3_7_and_14_days_and_is_then_known():
    answers = [WRONG]
    for number, day in enumerate(DAYS):
        assert due_in(*answers, days=day) == 0
        assert stand(*answers, days=day).step == number
        answers.append(right(day))
        assert not stand(*answers, days=day).known or day == DAYS[-1]
    assert stand(*answers, days=99) == Standing(4, None)
    assert stand(*answers, days=99).known


@pytest.mark.parametrize("count", range(1, 5))
def test_a_wrong_answer_starts_again_with_one_day(count: int):
    day = DAYS[min(count, 3)]
    answers = [WRONG, *(right(each) for each in DAYS[:count]), wrong(day)]
    assert due_in(*answers, days=day) == 1
    assert stand(*answers, days=day).step == 0
    assert due_in(*answers, right(day + 1), days=day + 1) == 2


def test_wrong_after_seven_days_starts_again():
    assert due_in(WRONG, right(1), right(3), wrong(7), days=7) == 1


def test_what_is_answered_late_moves_the_rest_as_far():
    assert due_in(WRONG, right(5), days=5) == 2
    assert due_in(WRONG, right(5), right(7), days=7) == 4


def test_a_right_answer_ahead_of_its_day_changes_nothing():
    assert due_in(WRONG, right(0), days=0) == 1
    assert due_in(WRONG, right(1), right(1), right(2), days=2) == 1


def test_a_card_that_was_never_wrong_never_comes():
    assert standing([right(0)], WRONG_AT) == Standing(0, None)
    assert not standing([], WRONG_AT).known


def test_the_days_are_those_of_the_learners_calendar():
    """At eight in the evening UTC it is five in the morning of the next day, nine hours further east."""
    east_s = 9 * 3_600.0
    assert standing([WRONG], WRONG_AT + 0.2 * DAY_S, east_s).due_day == day_of(WRONG_AT, east_s) + 1
    assert day_of(WRONG_AT, east_s) == day_of(WRONG_AT) + 1


def test_order_in_the_file_does_not_matter_for_answers_at_different_times():
    assert due_in(right(3), WRONG, right(1), days=3) == due_in(WRONG, right(1), right(3), days=3) == 4


def test_a_clock_that_was_set_back_a_little_changes_nothing():
    assert stand(WRONG, days=-0.02).due_day == day_of(WRONG_AT) + 1


@pytest.mark.parametrize("answers", [[WRONG], [WRONG, right(1)], [WRONG, right(1), right(3)]])
def test_a_clock_that_was_years_ahead_makes_a_card_due_today_and_never_loses_it(answers: list[Answered]):
    back = -4_000.0
    assert due_in(*answers, days=back) == 0
    again = right(back)
    assert due_in(*answers, again, days=back) in (2, 4, 7)
    assert due_in(*answers, wrong(back), days=back) == 1


ANSWERS = st.lists(st.tuples(st.floats(0, 60), st.booleans()), max_size=12)


@given(ANSWERS, st.floats(61, 90))
def test_more_right_answers_never_bring_a_card_forward(drawn: list[tuple[float, bool]], at: float):
    answers = [Answered(WRONG_AT + days * DAY_S, good) for days, good in drawn]
    before, after = stand(*answers, days=at), stand(*answers, right(at), days=at)
    assert after.step >= before.step
    if before.due_day is not None and after.due_day is not None:
        assert after.due_day >= before.due_day


@given(ANSWERS)
def test_a_card_is_due_at_most_a_fortnight_after_its_last_answer(drawn: list[tuple[float, bool]]):
    answers = [Answered(WRONG_AT + days * DAY_S, good) for days, good in drawn]
    found = stand(*answers, days=61)
    assert 0 <= found.step <= len(DAYS)
    assert (found.due_day is None) == (found.known or all(one.right for one in answers))
    if found.due_day is not None:
        assert found.due_day <= max(day_of(one.at) for one in answers) + 7
