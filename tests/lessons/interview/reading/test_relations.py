"""Which claims a sentence makes: relation, direction, polarity, condition."""

import pytest

from lessons.interview.reading import read


def said(text):
    return {
        (claim.subject, claim.relation, claim.object, "+" if claim.polarity else "-") for claim in read(text).claims
    }


@pytest.mark.parametrize(
    "text",
    [
        "Push cost grows with followers.",
        "The more followers, the more push costs.",
        "Push is dearer the more followers there are.",
        "Push costs more if the author has more followers.",
        "Push makes one write per follower.",
        "With 1000 followers, push makes 1000 inserts.",
    ],
)
def test_growth_in_many_forms(text):
    assert ("FANOUT_WRITE", "GROWS", "FOLLOWERS", "+") in said(text)


@pytest.mark.parametrize(
    "text", ["Followers grow with push.", "Push and followers.", "Push grows with followees.", "Followers push more."]
)
def test_growth_has_a_direction(text):
    assert ("FANOUT_WRITE", "GROWS", "FOLLOWERS", "+") not in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "We have a queue so that the author does not wait.",
        "The author does not wait because of the queue.",
        "Without a queue, the author waits.",
        "We have a queue; otherwise the author waits.",
        "We have a queue. Otherwise the author waits.",
        "Queue -> author not waiting",
        "We added a queue to avoid waiting.",
        "The queue means the author never waits.",
    ],
)
def test_reasons_in_many_forms(text):
    assert ("QUEUE", "CAUSE", "WAIT", "-") in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "The author waits because of the queue.",
        "We have no queue, so the author does not wait.",
        "The queue makes the author wait.",
        "Queue, author, wait.",
        "There is a queue. The weather is fine. The author does not wait.",
    ],
)
def test_reasons_have_a_direction(text):
    assert ("QUEUE", "CAUSE", "WAIT", "-") not in said(text)


def test_a_reason_without_number_state_or_change_is_none():
    assert said("Because Kafka, therefore push.") == set()
    assert ("READS", "CAUSE", "FANOUT_WRITE", "+") in said("Because of 100 reads a post, therefore push.")


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("Above 10k followers we pull.", "+"),
        ("We pull if an author has over 10k followers.", "+"),
        ("Authors with more than 10k followers are pulled.", "+"),
        ("followers > 10k -> pull", "+"),
        ("Above 10k followers we do not pull.", "-"),
    ],
)
def test_conditions_in_many_forms(text, polarity):
    assert ("FANOUT_READ", "COND", "FOLLOWERS", polarity) in said(text)


def test_exclusion_is_a_claim_of_its_own():
    assert ("FANOUT_WRITE", "COND", "CELEBRITY", "-") in said("We do not push to celebrities.")


def test_a_claim_knows_its_condition():
    claims = read("If the author is a celebrity, push makes 30M inserts.").claims
    assert {claim.condition for claim in claims if claim.relation == "CAUSE"} == {"CELEBRITY"}


@pytest.mark.parametrize(
    ("text", "kept", "dropped"),
    [
        ("push instead of pull", "FANOUT_WRITE", "FANOUT_READ"),
        ("Instead of pushing, we pull.", "FANOUT_READ", "FANOUT_WRITE"),
        ("Pull is slower than push.", "FANOUT_WRITE", "FANOUT_READ"),
        ("Pull is cheaper than push.", "FANOUT_READ", "FANOUT_WRITE"),
    ],
)
def test_a_contrast_prefers_one(text, kept, dropped):
    assert (kept, "CONTRAST", dropped, "+") in said(text)
    assert (dropped, "CONTRAST", kept, "+") not in said(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("lag < 5 s", 5.0), ("Lag stays within 2 minutes.", 120.0), ("The lag is at most three seconds.", 3.0)],
)
def test_a_measure_against_a_number(text, value):
    claims = [claim for claim in read(text).claims if claim.relation == "COMPARE" and claim.subject == "LAG"]
    assert {claim.quantity.value for claim in claims} == {value}
    assert all(claim.polarity for claim in claims)


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("Push cost does not grow with followers.", "-"),
        ("Push cost never grows with followers.", "-"),
        ("Push cost not only grows with followers.", "+"),
        ("Push cost grows with followers, no doubt.", "+"),
        ("Not everybody in the whole wide world knows that push cost grows with followers.", "+"),
        ("No wonder push cost grows with followers.", "+"),
        ("It is not true of the weather that we know it, but push cost grows with followers.", "+"),
    ],
)
def test_negation_has_a_scope_and_pseudo_triggers(text, polarity):
    assert {sign for one, relation, other, sign in said(text) if relation == "GROWS" and one == "FANOUT_WRITE"} == {
        polarity
    }


def test_no_more_than_is_a_bound_not_a_negation():
    claims = read("Lag is no more than 5 s.").claims
    assert [claim.polarity for claim in claims if claim.subject == "LAG" and claim.relation == "COMPARE"] == [True]


def test_what_is_passed_over_is_dismissed():
    assert ("MERGE", "CAUSE", "FANOUT_READ", "-") in said(
        "We push instead of pulling, because each read would merge 400 lists."
    )


def test_what_stands_beside_a_state_is_not_in_it():
    assert ("QUEUE", "CAUSE", "WAIT", "+") in said("The queue is slow.")
    assert ("QUEUE", "CAUSE", "WAIT", "+") not in said("There is a queue and we wait.")


def test_what_is_too_much_is_dismissed():
    assert ("MERGE", "CAUSE", "FANOUT_READ", "-") in said("Pull is too slow, because each read merges 400 lists.")
    assert ("MERGE", "CAUSE", "FANOUT_READ", "+") in said("Pull is not too slow, because each read merges 400 lists.")
