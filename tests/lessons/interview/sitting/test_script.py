"""What the interviewer says: short, plain, neither praise nor blame; lists that give nothing away."""

import string
from collections.abc import Iterator

import pytest

from lessons.front import find_lesson, read_lessons
from lessons.interview.answers import ASKS, STEP_OF
from lessons.interview.base import LEVELS
from lessons.interview.rubric import standard
from lessons.interview.runs import NEW_REQUIREMENTS
from lessons.interview.sitting import PHASES, TITLES, shuffled
from lessons.interview.sitting.hints import all_hints
from lessons.interview.sitting.script import choices, is_choice, many, script
from lessons.interview.transcript import Answer
from lessons.interview.units import FIGURES

BARRED = {
    "great", "good", "excellent", "perfect", "nice", "wonderful", "brilliant", "correct", "wrong", "bad", "poor",
    "obviously", "simply", "just", "unfortunately", "sorry", "mistake", "mistakes", "failed", "failure", "thanks",
    "congratulations", "easy", "trivial",
}  # fmt: skip
LONGEST = {"title": max(TITLES.values(), key=len), "part": "moderation pipeline", "claimed": "six words " * 3,
           "configured": "six words " * 3, "sentence": "timeline shards", "fields": "timeline shards"}  # fmt: skip


def lines() -> Iterator[str]:
    texts = script()
    yield from texts.opens.values()
    yield from texts.lines.values()
    for probe in texts.probes:
        yield probe.open
        yield probe.directed
    for one in NEW_REQUIREMENTS.values():
        yield from one.lines.values()


@pytest.mark.parametrize("line", sorted(set(lines())))
def test_a_line_is_short_plain_and_neither_praises_nor_blames(line: str):
    told = line.format_map(LONGEST)
    words = {word.strip(string.punctuation).lower() for word in told.split()}
    assert len(told.split()) <= 25
    assert not words & BARRED
    assert not words & {"should", "must", "forgot", "missing", "you're"}
    assert "!" not in told
    assert told[-1] in ".?"


def test_there_is_a_line_for_each_step_and_a_text_for_each_question():
    assert set(script().opens) == {"1", "2", "3", "4", "5", "6", "7"}
    assert set(TITLES) == set(PHASES)
    ids = [one.id for one in script().probes]
    assert ids == [f"P{number}" for number in range(1, 13)]
    for probe in script().probes:
        for field in probe.fields:
            assert field in Answer.model_fields
        if probe.id in ASKS:
            own = [STEP_OF[field] for field in probe.fields if field in STEP_OF]
            assert set(own) == {int(ASKS[probe.id][0])}, "an answer reaches the criterion that it is about"


@pytest.mark.parametrize("field", sorted(script().options))
def test_choices_are_about_as_long_as_each_other(field: str):
    labels = [len(label) for label in script().options[field].values()]
    mean = sum(labels) / len(labels)
    assert all(0.8 * mean <= length <= 1.2 * mean for length in labels)
    assert len(set(script().options[field].values())) == len(labels)


def test_choices_are_those_that_an_answer_takes():
    for field in script().options:
        for key in script().options[field]:
            if field == "moves":
                assert key in FIGURES
            value = (key,) if many(field) else key
            Answer.model_validate({field: value})
    numbers = {"seconds", "deliveries_s", "queue_depth", "drain_s"}
    asked = {field for probe in script().probes for field in probe.fields}
    assert {field for field in asked if not is_choice(field)} == numbers


def test_lists_are_shuffled_by_the_seed_each_in_its_own_order():
    keys = tuple("abcdefgh")
    assert shuffled(7, "one", keys) == shuffled(7, "one", keys)
    orders = {shuffled(seed, "one", keys) for seed in range(20)}
    assert len(orders) == 20
    assert shuffled(7, "one", keys) != shuffled(7, "two", keys)
    assert sorted(shuffled(7, "one", keys)) == list(keys)
    assert {choices("natural_key", seed, {})[0].key for seed in range(40)} == set(script().options["natural_key"])


def test_of_the_outcomes_of_a_queue_two_are_bought_and_two_are_not():
    from lessons.interview.evidence.step5 import BUYS

    for seed in range(20):
        keys = {one.key for one in choices("queue_why", seed, {})}
        assert len(keys) == 4
        assert len(keys & set(BUYS)) == 2


# Hints


def test_every_criterion_has_three_hints_and_a_lesson():
    assert set(all_hints()) == set(standard().criteria)
    known = read_lessons()
    for texts in all_hints().values():
        find_lesson(texts.lesson, known)


@pytest.mark.parametrize("criterion", sorted(all_hints()))
def test_a_hint_tells_more_with_each_grade(criterion: str):
    texts = all_hints()[criterion]
    assert texts.H1.endswith("?"), "a narrower question"
    assert "?" not in texts.H2
    assert 5 <= len(texts.H1.split()) <= 25
    assert 5 <= len(texts.H2.split()) <= 25
    assert 30 <= len(texts.H3.split()) <= 60
    assert texts.H3.count(".") >= 2
    for text in (texts.H1, texts.H2, texts.H3):
        words = {word.strip(string.punctuation).lower() for word in text.split()}
        assert not words & (BARRED - {"failed"}), words & BARRED
        assert "should" not in words
        assert "!" not in text
        assert "  " not in text


def test_no_two_hints_are_the_same():
    texts = [text for one in all_hints().values() for text in (one.H1, one.H2, one.H3)]
    assert len(texts) == len(set(texts)) == 3 * len(standard().criteria)


def test_levels_share_one_script():
    assert all(set(one.levels) <= set(LEVELS) for one in script().probes)
    assert [one.id for one in script().probes if one.levels != LEVELS] == ["P9"]
