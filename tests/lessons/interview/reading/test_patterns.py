"""What a criterion asks for, and the words that earned its credit."""

import pytest

from lessons.interview.reading import credit, patterns, read

PUSH, PULL = "Push cost grows with followers.", "Pull cost grows with followees."


def earned(criterion, text, strategy="push"):
    return credit(patterns()[criterion], read(text), strategy)


def test_the_criteria_that_text_may_decide():
    assert set(patterns()) == {"1f", "3b", "3f", "5a", "6c"}


@pytest.mark.parametrize("text", [f"{PUSH} {PULL}", f"{PULL} {PUSH}"])
def test_both_sides_in_either_order_earn_all(text):
    assert earned("3b", text).value == 1


def test_what_push_is_does_not_say_how_it_grows():
    assert earned("3b", "Push copies each post to every follower, and that is what we do.").value == 0


@pytest.mark.parametrize("text", [PUSH, PULL])
def test_one_side_earns_half(text):
    assert earned("3b", text).value == 0.5


def test_an_implied_subject_earns_half_of_its_part_under_that_strategy_alone():
    part = patterns()["3b"].part("push")
    reading = read("It grows with the number of followers.")
    assert credit(part, reading, "push").value == 0.5
    assert credit(part, reading, "pull").value == 0


def test_the_alternative_is_not_what_was_configured():
    text = "We rejected pull, because each read would merge 400 lists."
    assert earned("3f", text, "push").value == 1
    assert earned("3f", text, "pull").value == 0


def test_a_decision_agrees_with_the_config():
    text = "There are 100 reads for each post, so we push."
    assert earned("1f", text, "push").value == 1
    assert earned("1f", text, "pull").value == 0


def test_a_queue_does_not_make_reads_fast():
    assert earned("5a", "We use a queue, so that posting is fast.").value == 1
    assert earned("5a", "We use a queue, so that reads are fast.").value == 0


def test_a_quote_is_verbatim_and_short():
    text = f"Well now. In our design, PUSH cost   grows with Followers{', just like everybody would expect' * 9}. Done."
    found = credit(patterns()["3b"].part("push"), read(text), "push")
    (quote,) = found.quotes
    assert len(quote.removesuffix(" ...").split()) == 20
    assert " ".join(text.split()).find(quote.removesuffix(" ...")) > 0


def test_confidence_is_low_where_a_word_was_put_right():
    assert credit(patterns()["3b"].part("push"), read(PUSH), "push").confidence == "high"
    assert credit(patterns()["3b"].part("push"), read("Push cost grows with folowers."), "push").confidence == "low"


def test_nothing_earns_nothing():
    assert earned("3b", "").value == 0
    assert earned("3b", "").quotes == ()
