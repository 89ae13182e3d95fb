"""What keeps words from counting: heaps, opposites, repeats, copies, other languages, mechanisms that are not there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.interview.reading import built_only, credit, patterns, read

GOOD = "Each follower costs one insert, so the cost of push grows with followers."


def test_a_heap_of_terms_says_nothing():
    assert read("push pull queue celebrity cache followers grows with followees").claims == ()


def test_opposites_void_each_other_and_are_asked_about():
    reading = read("Push cost grows with followers. Push cost does not grow with followers.")
    pairs = {(pair.one.subject, pair.one.object, pair.one.polarity, pair.other.polarity) for pair in reading.opposed}
    assert ("FANOUT_WRITE", "FOLLOWERS", True, False) in pairs
    assert credit(patterns()["3b"].part("push"), reading, "push").value == 0


def test_the_cost_of_two_things_may_do_opposite_things():
    reading = read("Pull cost does not grow with followers. Push cost grows with followers.")
    assert reading.opposed == ()
    assert credit(patterns()["3b"].part("push"), reading, "push").value == 1


def test_under_a_condition_opposites_stand():
    reading = read("Push cost grows with followers. If we skip celebrities, push cost does not grow with followers.")
    assert reading.opposed == ()
    assert credit(patterns()["3b"].part("push"), reading, "push").value == 1


def test_a_hedge_contradicts_nothing():
    reading = read("Push cost grows with followers. Maybe push cost does not grow with followers.")
    assert reading.opposed == ()


def test_a_repeat_counts_once():
    assert read(GOOD + " " + GOOD).claims == read(GOOD).claims


def test_a_copy_of_the_question_is_void():
    question = "Say who pays in push and who pays in pull, when they pay, and with what the cost of each one grows."
    assert read(question, [question]).copied
    assert read(question, ["Another text of more than eight words that has nothing to do with it."]).copied is False
    assert read(f"{question} {GOOD} {GOOD} {GOOD}", [question]).copied is False


@pytest.mark.parametrize(
    "text",
    [
        "Die Kosten von Push wachsen mit den Followern, weil jeder Follower einen Insert kostet und das ist teuer.",
        "Le coût du push augmente avec les followers parce que chaque follower est une écriture dans la base.",
        "El coste de push crece con los followers porque cada follower es una escritura para el autor.",
        "Стоимость push растёт with followers, потому что каждый follower это запись",
        "推送成本 grows with followers 因为每个粉丝都要写一次",
    ],
)
def test_another_language_is_unread_not_wrong(text):
    reading = read(text)
    assert reading.foreign
    assert reading.claims == ()
    assert [one.span for one in reading.unread] == [(0, len(text))]


@pytest.mark.parametrize(
    "text",
    ["push: 1 write per follower", "queue so user not wait", "lag p99 < 5 s", "reads = 100 x posts", "O(followers)"],
)
def test_terse_english_is_no_other_language(text):
    assert not read(text).foreign


def test_claims_about_mechanisms_that_are_not_built_do_not_count():
    claims = read("A queue absorbs bursts. Pull is too slow, as each read merges 400 lists.").claims
    subjects = {claim.subject for claim in built_only(claims, {"FANOUT_WRITE"})}
    assert "QUEUE" not in subjects
    assert "FANOUT_READ" in subjects
    assert "QUEUE" in {claim.subject for claim in built_only(claims, {"QUEUE"})}


def test_clauses_without_a_claim_are_told_where_they_stand():
    text = "We like tea. Push cost grows with followers. Biscuits are fine too."
    assert [text[slice(*one.span)] for one in read(text).unread] == ["We like tea", "Biscuits are fine too"]


PIECES = st.sampled_from(
    ["push", "pull", "queue", "because", "so", "if", "instead of", ",", ".", ":", "-", "(", ")", "grows with", "each",
     "follower", "more", "the more", "not", "wait", "400", "5 s", "without", "rather than", "which", ";", "->",
     "too slow"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=150), st.lists(PIECES, max_size=30).map(" ".join)))
def test_any_text_is_read_without_an_error_and_always_alike(text):
    reading = read(text)
    assert reading == read(text)
    spans = [claim.span for claim in reading.claims] + [one.span for one in reading.unread]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    for pattern in patterns().values():
        assert credit(pattern, reading, "push").value in (0, 0.5, 1)
