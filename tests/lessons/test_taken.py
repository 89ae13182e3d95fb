"""What a learner has done with a lesson follows from their file, and from nothing else."""

import pytest

from engine.errors import InvalidInput
from lessons.front import CONTENT, read_lessons
from lessons.play import Outcome
from lessons.progress import Progress
from lessons.taken import Bet, begin_anew, bet_on, card_of_lesson, lock, next_after, note_run, standings
from tests.lessons.written import lesson


class Ran(Outcome):
    """An outcome of which only the predicted figure is known."""

    def __init__(self, front, value):
        super().__init__(front, {}, {})
        object.__setattr__(self, "known", value)

    def value(self, read):
        return self.known


@pytest.fixture
def progress(tmp_path):
    times = iter(range(1_000, 2_000))
    return Progress.open(tmp_path / "me.jsonl", lambda: float(next(times)))


def test_a_bet_is_kept_before_the_run_and_stays(progress, tmp_path):
    one = lesson(tmp_path)
    assert bet_on(progress, one) is None
    lock(progress, one, "same", 7)
    again = Progress.open(tmp_path / "me.jsonl", lambda: 0.0)
    assert bet_on(again, one) == Bet("same", 7)
    begin_anew(progress, one)
    assert bet_on(progress, one) is None
    assert len(progress.events("predicted")) == 1, "what was predicted stays in the file"


def test_an_answer_that_there_is_not_is_refused_and_not_kept(progress, tmp_path):
    with pytest.raises(InvalidInput, match="'seven' is no answer of 01-short; allowed: same, more"):
        lock(progress, lesson(tmp_path), "seven", 7)
    assert progress.events() == ()


def test_a_bet_of_an_older_edition_of_the_lesson_does_not_count(progress, tmp_path):
    progress.append("predicted", "01-short", answer="gone", seed=7)
    assert bet_on(progress, lesson(tmp_path)) is None


def test_each_bet_is_answered_once(progress, tmp_path):
    one = lesson(tmp_path)
    bet = lock(progress, one, "same", 7)
    assert standings(progress, [one]) == {"01-short": "begun"}
    for _ in range(3):  # a page is drawn again and again
        note_run(progress, one, bet, Ran(one.front, 9.0))
    (ran,) = progress.events("ran")
    assert (ran.data["answer"], ran.data["right"], ran.data["said"]) == ("more", False, "9.0x")
    assert standings(progress, [one]) == {"01-short": "wrong"}
    begin_anew(progress, one)
    note_run(progress, one, lock(progress, one, "more", 7), Ran(one.front, 9.0))
    assert standings(progress, [one]) == {"01-short": "right"}


def test_a_run_that_counted_nothing_answers_nothing(progress, tmp_path):
    one = lesson(tmp_path)
    note_run(progress, one, lock(progress, one, "same", 7), Ran(one.front, None))
    assert standings(progress, [one]) == {"01-short": "begun"}


def test_a_wrong_bet_becomes_a_card_and_a_right_one_does_not(progress):
    name, one = next(iter(read_lessons(CONTENT).items()))
    options = one.front.prediction.options
    wrong = progress.append(
        "ran", name, answer=options[0].key, predicted=options[1].key, right=False, said="7 s", seed=7
    )
    card = card_of_lesson(wrong)
    assert (card.answer, card.link, card.source) == (options[0].key, f"/lessons?lesson={name}", "Lesson")
    assert "7 s" in card.because
    assert one.front.prediction.ask in card.question
    assert card_of_lesson(progress.append("ran", name, answer="x", predicted="x", right=True, said="", seed=7)) is None


def test_lessons_follow_each_other():
    known = read_lessons(CONTENT)
    names = list(known)
    assert [next_after(known[name], known) for name in names] == [*(known[name] for name in names[1:]), None]
