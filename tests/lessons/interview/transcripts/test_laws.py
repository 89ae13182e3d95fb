"""What may be done to a whole transcript without a gain, what has to cost it, and what changes nothing."""

from statistics import mean

import pytest

from lessons.interview.grade import grade
from lessons.interview.rubric import BANDS
from lessons.interview.transcript import Claim, Transcript
from tests.lessons.interview.transcripts import changes
from tests.lessons.interview.transcripts.kept import kept, names

WRITTEN = tuple(name for name in names() if name not in ("silence",))
GOOD = ("strong_mid", "push_mid", "strong_senior", "strong_staff", "terse_non_native", "defensible_pull",
        "defensible_active")  # fmt: skip
RAN = tuple(name for name in names() if kept(name).runs)
PARAPHRASED = tuple(name for name in names() if kept(name).paraphrases)
GATE = ("strong_senior", "terse_non_native", "defensible_pull", "middling_mid", "stuffing")
"""Held in every run of the tests; the others behind --long."""


def one_by_one(group):
    """A test for each, those outside the gate marked long."""
    marked = [name if name in GATE else pytest.param(name, marks=pytest.mark.long) for name in group]
    return pytest.mark.parametrize("name", marked)


each, good, ran = map(one_by_one, (WRITTEN, GOOD, RAN))
_KNOWN: dict[str, float] = {}


def score(transcript: Transcript) -> float:
    return grade(transcript).score


def own(name: str) -> float:
    if name not in _KNOWN:
        _KNOWN[name] = score(kept(name).transcript())
    return _KNOWN[name]


def test_words_shuffled_across_the_answer_lose_four_fifths_of_the_points_for_text():
    whole, left = 0.0, 0.0
    for name in GOOD:
        one = kept(name)
        whole += changes.text_points(one.transcript(), one.level)
        left += mean(changes.text_points(changes.shuffled(one.transcript(), seed), one.level) for seed in range(6))
    assert whole > 0
    assert left <= 0.2 * whole


@each
def test_tweets_for_posts_and_synonyms_move_the_score_by_at_most_one(name):
    for change in (changes.tweets_and_posts, changes.synonyms):
        assert abs(score(changes.each(kept(name).transcript(), change)) - own(name)) <= 1


@each
def test_slips_in_a_twentieth_of_the_words_move_it_by_at_most_two(name):
    for seed in range(3):
        slipped = changes.each(kept(name).transcript(), lambda text, seed=seed: changes.slipped(text, seed))
        assert abs(score(slipped) - own(name)) <= 2


@each
def test_key_words_behind_it_never_gain(name):
    worded = changes.each(kept(name).transcript(), lambda text: f"{text}\n{changes.KEY_WORDS}")
    assert score(worded) <= own(name)


@each
def test_a_true_sentence_behind_it_never_loses(name):
    told = kept(name).transcript()
    more = {step: f"{told.steps.text(int(step))}\n{text}" for step, text in changes.TRUE.items()}
    assert score(changes.with_texts(told, more)) >= own(name)


@ran
def test_a_true_reading_behind_it_never_loses(name):
    told = kept(name).transcript()
    found = told.run.base.summary.home_ms.p99
    reading = Claim(text="The p99 of a home page.", scope="base", metric="home_ms.p99", value=found)
    assert score(told.model_copy(update={"claims": (*told.claims, reading)})) >= own(name)


@each
def test_a_text_twice_or_ten_times_over_earns_the_same(name):
    for times in (2, 10):
        repeated = changes.each(kept(name).transcript(), lambda text, times=times: "\n\n".join([text] * times))
        assert score(repeated) == own(name)


@good
def test_with_every_negation_flipped_the_texts_earn_less(name):
    one = kept(name)
    told = one.transcript()
    flipped = changes.each(told, changes.flipped)
    assert changes.text_points(flipped, one.level) < changes.text_points(told, one.level)
    assert score(flipped) <= own(name)


@each
def test_texts_in_other_steps_never_gain(name):
    told = kept(name).transcript()
    for by in range(1, len(changes.texts(told))):
        assert score(changes.moved(told, by)) <= own(name)


@each
def test_sentences_in_another_order_move_it_by_at_most_two(name):
    for seed in range(3):
        other = changes.each(kept(name).transcript(), lambda text, seed=seed: changes.reordered(text, seed))
        assert abs(score(other) - own(name)) <= 2


@good
def test_without_a_word_on_large_accounts_it_falls(name):
    without = changes.without_the_largest(kept(name).transcript())
    assert score(without) <= own(name) - 8


@ran
def test_two_runs_swapped_never_gain(name):
    swapped = grade(changes.with_runs_swapped(kept(name).transcript()))
    assert swapped.score <= own(name)


@each
def test_without_any_text_it_loses_at_most_twenty(name):
    told = kept(name).transcript()
    empty = changes.each(told, lambda text: "")
    assert own(name) - 20 <= score(empty)


@each
def test_without_a_design_that_was_run_it_is_developing_at_most(name):
    bare = grade(kept(name).transcript().model_copy(update={"config": {}}))
    assert BANDS.index(bare.band) <= BANDS.index("Developing")


@one_by_one(PARAPHRASED)
def test_three_paraphrases_are_within_three_points(name):
    one = kept(name)
    told = one.transcript()
    scores = [own(name), *(score(changes.with_texts(told, other)) for other in one.paraphrases)]
    assert len(one.paraphrases) == 3
    assert max(scores) - min(scores) <= 3, scores
