"""What keeps words from counting: heaps, opposites, repeats, copies, other languages, mechanisms that are not there."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons import interview, lesson
from lessons.interview.reading import built_only, credit, patterns, read, school, shingles_of

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
    other = "Another text of more than eight words that has nothing to do with it."
    assert read(question, shingles_of([question])).copied
    assert read(question, shingles_of([other])).copied is False
    assert read(f"{question} {GOOD} {GOOD} {GOOD}", shingles_of([question])).copied is False


LESSON = Path(lesson.__file__).parent / "content" / "06-push" / "lesson.md"
PARAGRAPHS = [one for one in LESSON.read_text("utf-8").split("\n\n") if len(one.split()) >= 30 and "---" not in one]


@pytest.mark.parametrize("place", range(min(4, len(PARAGRAPHS))))
def test_a_paragraph_of_a_lesson_is_void(place):
    pasted = PARAGRAPHS[place].replace("\n", " ").replace("**", "").replace("*", "").lower()
    assert read(pasted, school()).copied


def test_a_line_of_a_lesson_among_own_ones_counts_for_nothing_and_they_do():
    pasted = next(line for one in PARAGRAPHS for line in [one.replace("\n", " ")] if read(line).claims)
    filled = [f"For this service {word} people come and go all day long." for word in pasted.split()]
    own = "\n".join([GOOD, *filled])
    alone, both = read(own, school()), read(f"{own}\n{pasted}", school())
    assert not both.copied
    assert [claim.subject for claim in both.claims] == [claim.subject for claim in alone.claims] != []
    assert len(read(f"{own}\n{pasted}").claims) > len(alone.claims)


@pytest.mark.parametrize(
    "text",
    [
        "With push each follower costs one insert, and a page is one read.",
        "Fan-out on write: the author pays, one row for each follower, so 30 million rows for the largest account.",
        "We pull celebrities at read time, because their posts would cost millions of inserts each.",
    ],
)
def test_own_sentences_with_the_words_of_the_lessons_are_read(text):
    reading = read(text, school())
    assert not reading.copied
    assert reading.claims == read(text).claims != ()


def test_the_questions_and_hints_of_the_interview_are_no_answers():
    told = tomllib.loads((Path(interview.__file__).parent / "sitting" / "hints.toml").read_text("utf-8"))
    texts = [text for text in leaves(told) if len(text.split()) >= 10]
    assert texts
    assert [text for text in texts if not read(text, school()).copied] == []


def leaves(value):
    """All texts in a table."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in leaves(one)]


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
