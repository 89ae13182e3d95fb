"""Estimates among a learner's events: kept before the answer, once, and drilled the day after when wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import InvalidInput
from lessons.drills.cards import card_of
from lessons.drills.deck import deck
from lessons.drills.spacing import DAY_S
from lessons.estimates import record
from lessons.estimates.draw import FAMILIES, question
from lessons.estimates.question import Question
from lessons.estimates.record import history, next_seed, reveal, revealed, take, taken, truth_of
from lessons.progress import Progress

NOW_S = 1_700_000_000.0
POSTS = Question(FAMILIES["posts_per_s"], 4, {"posts": 300e6})
MEASURED = Question(FAMILIES["measured_copies"], 8, {"exponent": 0.0})


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    return Progress.open(tmp_path / "me.jsonl", lambda: NOW_S)


def answered(progress: Progress, estimate: str, one: Question = POSTS) -> None:
    reveal(progress, one, take(progress, one, estimate), one.worked.value)


def test_an_estimate_is_on_the_disk_before_anybody_knows_the_answer(
    progress: Progress, monkeypatch: pytest.MonkeyPatch
):
    looked: list[list[float]] = []

    def measured(*_: object) -> float:
        again = Progress.open(progress.path, lambda: NOW_S)
        looked.append([event.data["estimate"] for event in again.events("estimated")])
        return 40.0

    monkeypatch.setattr(record, "measure", measured)
    take(progress, MEASURED, "900")
    assert looked == []  # nothing is run for an estimate that is only taken
    assert truth_of(MEASURED) == 40
    assert looked == [[900]]


def test_an_estimate_cannot_be_taken_back(progress: Progress):
    first = take(progress, POSTS, "3k", "1k", "10k")
    assert take(progress, POSTS, "3,472") == first
    assert take(Progress.open(progress.path, lambda: NOW_S), POSTS, "nonsense") == first
    assert len(progress.events("estimated")) == 1
    assert "truth" not in progress.events("estimated")[0].data


def test_what_is_no_number_is_refused_and_not_kept(progress: Progress):
    for said in (("abc",), ("5", "1", ""), ("5", "6", "7")):
        with pytest.raises(InvalidInput):
            take(progress, POSTS, *said)
    assert progress.events() == ()
    assert taken(progress, POSTS) is None


def test_the_answer_is_revealed_once_and_history_follows(progress: Progress):
    said = take(progress, POSTS, "3k", "1k", "10k")
    assert revealed(progress, POSTS) is None
    assert history(progress) == ()
    done = reveal(progress, POSTS, said, 3_472.2)
    assert reveal(progress, POSTS, said, 99.0) == done == revealed(progress, POSTS)
    assert history(progress) == (done,)
    assert (done.estimate, done.truth, done.said, done.shown) == (3_000, 3_472.2, "3,000 posts/s", "3,472 posts/s")
    assert done.range is not None
    assert done.range.holds(done.truth)


def test_history_outlives_the_family_that_it_came_from(progress: Progress):
    answered(progress, "1k")
    gone = replace(POSTS.family, name="no_longer_there")
    answered(progress, "1k", replace(POSTS, family=gone))
    assert [done.question for done in history(progress)] == ["posts_per_s.4", "no_longer_there.4"]


def test_the_next_question_is_the_first_without_an_estimate(progress: Progress):
    assert next_seed(progress, 1) == 1
    for seed in (1, 2, 4):
        take(progress, question(seed, 1), "5")
    take(progress, question(3, 2), "5")
    assert next_seed(progress, 1) == 3
    take(progress, question(3, 1), "5")
    assert next_seed(progress, 1) == 5


def test_a_wrong_estimate_today_is_due_tomorrow(progress: Progress):
    answered(progress, "30k")
    assert deck(progress.events(), NOW_S).due == ()
    assert deck(progress.events(), NOW_S).calendar == {1: 1}
    (due,) = deck(progress.events(), NOW_S + DAY_S).due
    assert due.card.label(due.card.answer) == "3,472 posts/s"
    assert due.card.question == POSTS.text
    assert "300M posts / 86,400 s = 3,472 posts/s" in due.card.because
    assert len(due.card.options) == 4


@pytest.mark.parametrize(("estimate", "cards"), [("3,472", 0), ("6,900", 0), ("1,740", 0), ("7k", 1), ("1.7k", 1)])
def test_what_is_more_than_twice_off_is_a_card(progress: Progress, estimate: str, cards: int):
    answered(progress, estimate)
    assert len(deck(progress.events(), NOW_S).later) == cards


def test_every_family_makes_a_card_whose_right_answer_does_not_always_stand_first(progress: Progress):
    places = set()
    for level in (1, 2, 3):
        for seed in range(1, 10):
            one = question(seed, level)
            event_before = len(progress.events())
            reveal(progress, one, record.Taken(one.worked.value * 1e3), one.worked.value)
            card = card_of(progress.events()[event_before])
            assert card is not None, one.id
            assert card.label(card.answer) == one.shown(one.worked.value)
            places.add(card.answer)
    assert places == set("abcd")


@pytest.mark.parametrize(
    "data",
    [{}, {"estimate": "x"}, {"estimate": -1, "truth": 1}, {"estimate": 1, "truth": 0}, {"estimate": [1], "truth": 1},
     {"estimate": 1e3, "truth": 1.0, "title": "t", "said": "a", "shown": "b", "low": None},
     {"estimate": 1e3, "truth": 1.0, "question": "q", "shown": "b", "others": 3, "because": "b", "link": "/load"},
     {"estimate": 1e3, "truth": 1.0, "question": "q", "shown": "b", "others": ["c"], "because": "b", "link": "//x.y"}],
)  # fmt: skip
def test_imported_events_that_make_no_sense_are_passed_over(progress: Progress, data: dict[str, object]):
    progress.append("estimated", POSTS.id, **data)
    progress.append("revealed", POSTS.id, **data)
    history(progress)
    assert deck(progress.events(), NOW_S).calendar == {}
    assert take(progress, POSTS, "3k").estimate in (3_000, 1, 1e3)
