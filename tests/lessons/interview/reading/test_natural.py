"""Sentences as people write them, without the words of the tables: how many are read, and that no wrong one earns."""

import csv
from pathlib import Path

import pytest

from lessons.interview.reading import credit, patterns, read
from lessons.interview.reading.clauses import sentences
from lessons.interview.reading.forms import found_in, read_tokens
from tests.lessons.interview.reading.labels import Figures

ROWS = list(csv.DictReader(Path(__file__).with_name("natural.csv").read_text("utf-8").splitlines()))


def earned(criterion, text, strategy="push"):
    return credit(patterns()[criterion], read(text), strategy).value


def figures(rows):
    """Full credit where it is due."""
    found = [(float(row["credit"]) > 0, earned(row["asks"], row["text"], row["strategy"]) > 0) for row in rows]
    return Figures(
        found.count((True, True)), found.count((False, True)), found.count((True, False)), found.count((False, False))
    )


def test_of_free_sentences_none_earns_that_should_not_and_some_of_the_others_do(record_property):
    for half, least in (("train", 0.7), ("held", 0.3)):  # measured: 0.79 and 0.32; in the tables' words it is 0.90
        found = figures(row for row in ROWS if row["set"] == half)
        record_property(half, str(found))
        assert found.precision == 1, found
        assert found.recall >= least, found


@pytest.mark.parametrize(
    ("criterion", "text"),
    [
        ("5a", "Nobody waits while we update two million lists."),
        ("5a", "The call returns as soon as the row is stored, the rest goes through a log."),
        ("5a", "We say ok, and the workers do the rest later."),
        ("5a", "If we did it before answering, an author with many followers would stare at a spinner."),
        ("5a", "A queue, since nobody should wait for the inserts."),
        ("5a", "A rush makes the log longer, and the workers take it at their own pace."),
        ("6c", "Deleted tweets are skipped when rendering (one more check for each)."),
        ("6c", "Filter on read; that's one extra check per row."),
        ("6c", "Taking the id out of all lists is as many writes again."),
        ("3f", "Pull: 75 scans for each page. Ruled out."),
        ("3f", "Pull would be 300 queries for one page."),
        ("3f", "Pull rejected: 300 lists merged for a page."),
        ("3f", "Pull costs 300 queries a page, so no."),
        ("3b", "One follower is one insert. One followee is one query."),
        ("3b", "The cost of a tweet grows with followers if we push. That of a page grows with followees if we pull."),
        ("3b", "Push: the work scales with the author's followers. Pull: the work scales with the reader's followees."),
        ("1f", "There are 60 reads for each post. That's why the lists are precomputed."),
    ],
)
def test_a_reason_in_plain_words_is_found(criterion, text):
    assert earned(criterion, text) == 1, text


@pytest.mark.parametrize(
    ("criterion", "text"),
    [
        ("5a", "Everybody waits while we update two million lists."),
        ("5a", "The call returns as soon as all lists are updated."),
        ("5a", "If it were asynchronous, an author with many followers would stare at a spinner."),
        ("6c", "Deleted tweets are not skipped when rendering (no check for each)."),
        ("3f", "Pull: 75 scans for each page. Accepted."),
        ("3f", "Pull is 300 queries for one page."),
        ("3b", "One follower is nice. One followee is too."),
        ("1f", "There are 60 reads for each post. That's why we think about it."),
        ("5a", "Posting goes through the queue."),
    ],
)
def test_its_neighbour_is_not(criterion, text):
    assert earned(criterion, text) == 0, text


@pytest.mark.parametrize("word", ["through", "thought", "billion", "thinks", "wanted", "multiple", "context"])
def test_real_words_are_not_taken_for_slips(word):
    assert not read_tokens(word)[0].slip


@pytest.mark.parametrize(
    "text", ["at the mean load we are fine", "at write time", "like anybody else", "it is still there"]
)
def test_words_that_look_like_cues_are_none(text):
    found = found_in(read_tokens(text))
    assert [one.form.name for one in found if one.form.kind == "inner"] == []
    assert [link for sentence in sentences(read_tokens(text)) for link in sentence.links] == []
