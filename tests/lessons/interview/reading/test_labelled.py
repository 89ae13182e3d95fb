"""Precision and recall of credit on sentences that the rules were not made on."""

from collections import Counter

import pytest

from tests.lessons.interview.reading.labels import figures, given, labels

RELATIONS = ("CAUSE", "GROWS", "COND", "CONTRAST", "COMPARE")
HELD = [label for label in labels() if label.set == "held"]
TRAIN = [label for label in labels() if label.set == "train"]


def test_the_sentences_are_balanced():
    assert len(labels()) == len({label.text for label in labels()}) == 200
    cells = Counter((label.set, label.voice, label.relation) for label in labels())
    assert set(cells.values()) == {10}
    assert len(cells) == 2 * 2 * len(RELATIONS)
    due = Counter((label.set, label.voice, label.relation) for label in labels() if label.credit > 0)
    assert set(due.values()) == {6}


@pytest.mark.parametrize("relation", RELATIONS)
def test_credit_is_right_and_found_on_the_held_half(relation, record_property):
    found = figures(label for label in HELD if label.relation == relation)
    record_property(f"held {relation}", str(found))
    print(f"held {relation}: {found}")
    assert found.precision >= 0.9, found
    assert found.recall >= 0.75, found


def test_both_voices_are_read_alike(record_property):
    native, terse = (figures(label for label in HELD if label.voice == voice) for voice in ("native", "terse"))
    record_property("held native", str(native))
    record_property("held terse", str(terse))
    print(f"held native: {native}\nheld terse: {terse}\ntrain: {figures(TRAIN)}")
    assert abs(native.precision - terse.precision) <= 0.05
    assert abs(native.recall - terse.recall) <= 0.05


def test_credit_is_right_and_found_on_what_the_rules_were_made_on():
    found = figures(TRAIN)
    assert found.precision >= 0.95, found
    assert found.recall >= 0.95, found


def test_half_credit_is_given_as_such():
    halves = [label for label in labels() if 0 < label.credit < 1]
    exact = [label for label in halves if given(label) == label.credit]
    assert len(halves) >= 4
    assert len(exact) >= 0.75 * len(halves)


def test_no_negated_sentence_earns_what_it_denies():
    denied = [
        label for label in labels() if label.credit == 0 and {"not", "no", "never"} & set(label.text.lower().split())
    ]
    assert len(denied) >= 25
    assert [label.text for label in denied if given(label)] == []
