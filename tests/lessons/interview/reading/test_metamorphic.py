"""What may be done to a text without a gain, what must cost it, and what changes nothing."""

import random
import string
import tomllib
from pathlib import Path
from statistics import mean

import pytest

from lessons.interview.reading import credit, patterns, read

ANSWERS = tomllib.loads(Path(__file__).with_name("answers.toml").read_text(encoding="utf-8"))["answer"]
IDS = [f"{answer['criterion']} {answer['strategy']} {place}" for place, answer in enumerate(ANSWERS)]
WORDS = "Kafka, Redis, push, pull, fan-out, celebrity, hybrid, cache, scalability, async, queue, followers, latency."
each_answer = pytest.mark.parametrize("answer", ANSWERS, ids=IDS)
STUFFING = (
    "Because Kafka, therefore scalability.",
    "Because Kafka, therefore scalability and low latency at high throughput.",
    "push pull fan-out hybrid celebrity followers followees queue kafka async delete filter remove wait because so",
    "Push grows. Pull grows. Followers. Followees. Queue so. Async because. Delete filter cost.",
    "We use push, pull, hybrid, queue, Kafka, workers, followers, followees and deletes because of scale and latency.",
    "Our elegant, highly scalable design thoughtfully leverages asynchronous fan-out because modern systems demand it.",
    "Fan-out is async because queue. Pull rejected because push. Filter deletes because deletes. Reads because 100.",
    "Number 100 so push. Number 1000 therefore pull.",
    "followers followers followers, push push push, cost cost cost grows with grows with grows with",
    "Kafka because celebrity, so latency low, therefore push, queue, async, wait, cost, followers.",
    "The celebrity problem is hard. Others solved it with a hybrid approach. We do the same because it works.",
    "Get ok, later, queue, log, workers, absorb.",
    "delete filter remove extra check second fan-out",
    "One follower, one followee, one write, one read.",
    WORDS,
)


def earned(answer, text):
    return credit(patterns()[answer["criterion"]], read(text), answer["strategy"]).value


def one_candidate(strategy):
    """The answers of somebody with this strategy: one for each criterion."""
    chosen = {}
    for answer in sorted(ANSWERS, key=lambda one: one["strategy"] != strategy):
        chosen.setdefault(answer["criterion"], answer)
    return list(chosen.values())


def shuffled(text, seed):
    words = text.split()
    random.Random(seed).shuffle(words)
    return " ".join(words)


def with_slips(text, seed, share=0.05):
    """One letter swapped, missing or wrong in a share of the words, at least one."""
    rng = random.Random(seed)
    words = text.split()
    for place in rng.sample(range(len(words)), max(1, round(share * len(words)))):
        word = words[place]
        at = rng.randrange(len(word))
        kind = rng.randrange(3)
        if kind == 0:
            words[place] = word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]
        else:
            words[place] = word[:at] + (rng.choice(string.ascii_lowercase) if kind == 1 else "") + word[at + 1 :]
    return " ".join(words)


@each_answer
def test_a_good_answer_earns_all(answer):
    assert earned(answer, answer["text"]) == 1


@each_answer
def test_other_words_for_the_same_earn_the_same(answer):
    assert earned(answer, answer["synonyms"]) == earned(answer, answer["text"])


@each_answer
def test_with_every_negation_flipped_it_earns_less(answer):
    assert earned(answer, answer["flipped"]) < earned(answer, answer["text"])


@each_answer
def test_twice_the_same_paragraph_earns_the_same(answer):
    assert earned(answer, f"{answer['text']}\n\n{answer['text']}") == earned(answer, answer["text"])


@each_answer
def test_a_text_ten_times_over_makes_no_more_claims(answer):
    once, often = read(answer["text"]), read("\n\n".join([answer["text"]] * 10))
    assert {claim.subject + claim.relation + claim.object for claim in once.claims} == {
        claim.subject + claim.relation + claim.object for claim in often.claims
    }


@each_answer
def test_key_words_behind_it_never_gain(answer):
    half = answer["text"].partition(". ")[0]
    for text in (answer["text"], half, answer["flipped"], ""):
        for words in (WORDS, WORDS.replace(",", "")):
            assert earned(answer, f"{text}\n{words}") <= earned(answer, text)


@each_answer
def test_other_true_claims_beside_it_take_nothing(answer):
    for other in ANSWERS:
        if other["strategy"] == answer["strategy"]:
            assert earned(answer, f"{answer['text']}\n{other['text']}") == 1


@pytest.mark.parametrize("strategy", ["push", "hybrid"])
def test_shuffled_words_lose_four_fifths(strategy):
    answers = one_candidate(strategy)
    text = "\n".join(answer["text"] for answer in answers)
    whole = sum(earned(answer, text) for answer in answers)
    after = mean(sum(earned(answer, shuffled(text, seed)) for answer in answers) for seed in range(60))
    assert whole == len(answers)
    assert after <= 0.2 * whole


def test_slips_in_a_twentieth_of_the_words_cost_little():
    kept = mean(earned(answer, with_slips(answer["text"], seed)) for answer in ANSWERS for seed in range(25))
    assert kept >= 0.85


def test_a_slip_in_a_long_word_of_the_tables_costs_nothing():
    for slip in ("folowers", "follwers", "follwoers", "folloers"):
        assert credit(patterns()["3b"].part("push"), read(f"Push cost grows with {slip}."), "push").value == 1


@pytest.mark.parametrize("text", STUFFING)
def test_key_words_alone_earn_nothing(text):
    for strategy in ("pull", "push", "hybrid", "active_only"):
        for pattern in patterns().values():
            assert credit(pattern, read(text), strategy).value == 0, pattern.criterion


@each_answer
def test_an_answer_to_one_question_is_none_to_another(answer):
    for criterion, pattern in patterns().items():
        alike = {answer["criterion"], criterion} <= {"1f", "3f", "3b"}  # a number may decide and reject at once
        if criterion != answer["criterion"] and not alike:
            assert credit(pattern, read(answer["text"]), answer["strategy"]).value == 0


@each_answer
def test_length_has_no_weight(answer):
    padding = "We thought about this for a while and talked about it with the team. It was an interesting afternoon. "
    assert earned(answer, padding * 5 + answer["text"]) == 1
    assert earned(answer, padding * 40) == 0
