"""How a debrief speaks: of the answer and the design, with units, at the reading level of a ninth year at school."""

import re

import pytest

from lessons.interview.base import LEVELS
from lessons.interview.debrief.shape import Listed, Paragraph
from lessons.interview.debrief.words import MOST_WORDS, percent, quoted, shown, spoken, station_word, times
from lessons.interview.labels import words as labels_of
from lessons.interview.units import FIGURES, STATIONS
from lessons.words import HARDEST_GRADE, grade_of
from tests.lessons.interview.candidates import made
from tests.lessons.interview.debrief.mutations import ALL, LOST, of, section, told

EVERY = [*((name, "staff") for name in ALL), *((name, level) for name in ("silent", "as he is", "no run", "5b", "3a")
                                               for level in LEVELS)]  # fmt: skip
_QUOTED = re.compile(r"“[^”]*”|‘[^’]*’|/lessons\?lesson=[\w-]+")
_FORBIDDEN = re.compile(
    r"\b(obviously|simply|just|should have|shouldn't|unfortunately|great|you|yours|did not know|failed to|forgot|"
    r"well done|weak|bad|poor|excellent|impressive|mistake of)\b|!",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.,#])\d[\d,]*(?:\.\d+)?(?!\d|\.\d|,\d)")
_UNIT = re.compile(r"\s?%|\s?[a-zA-Z]")
_TAG = re.compile(r"\((measured|modelled|your estimate)\)")


def templates(name, level):
    """All that the debrief says in its own words: without quotations, labels, commands and cards' questions."""
    one = told(name, level)[2]
    cards = {card.question for practice in one.practices for card in practice.cards}
    for part in one.sections:
        for line in section(one, part.key).splitlines():
            if line.removeprefix("Card: ") not in cards and "python -m" not in line and "/load?" not in line:
                yield part.key, _QUOTED.sub("it", line)


@pytest.mark.parametrize(("name", "level"), EVERY)
def test_no_word_that_judges_a_person_or_belittles_a_task(name, level):
    for key, line in templates(name, level):
        assert not _FORBIDDEN.search(line), (key, line)


@pytest.mark.parametrize(
    "said", ["You did not know this.", "It is simply wrong.", "Great!", "The queue should have one"]
)
def test_the_rule_can_say_no(said):
    assert _FORBIDDEN.search(said)


@pytest.mark.parametrize(("name", "level"), EVERY)
def test_the_subject_of_a_sentence_is_never_the_person(name, level):
    for key, line in templates(name, level):
        assert not re.search(r"(^|[.;:] )(The candidate|The person|He|She|You|Your answers?)\b", line), (key, line)


@pytest.mark.parametrize("name", [*LOST, "no run", "silent"])
def test_every_number_of_a_consequence_has_a_unit_and_says_what_it_is(name):
    for loss in told(name)[2].losses:
        for sentence in re.split(r"(?<=\.) (?=[A-Z0-9])", loss.consequence):
            found = list(_NUMBER.finditer(sentence))
            for number in found:
                assert _UNIT.match(sentence, number.end()), (loss.criterion, sentence)
            if found and "what the run measured" not in sentence:
                assert _TAG.search(sentence), (loss.criterion, sentence)


def test_the_rule_on_units_can_say_no():
    assert not _UNIT.match("It took 5.", 9)
    assert not _UNIT.match("It took 5, then 6.", 9)
    assert [one[0] for one in _NUMBER.finditer("p99 of U3 was 3.5 ms at 1,000 copies.")] == ["3.5", "1,000"]


@pytest.mark.parametrize("name", ["as he is", "3a", "5b", "no run", "silent", "3c"])
@pytest.mark.parametrize("key", ["summary", "held", "broke", "foreseen", "estimates", "unread", "practices", "next"])
def test_numbers_in_sentences_have_units_or_references(name, key):
    (part,) = [part for part in told(name)[2].sections if part.key == key]
    lines = [block.text for block in part.blocks if isinstance(block, Paragraph)]
    lines += [item for block in part.blocks if isinstance(block, Listed) for item in block.items]
    for line in lines:
        if "python -m" in line or "/load?" in line or line.startswith("Card: "):
            continue
        for number in _NUMBER.finditer(_QUOTED.sub("it", line)):
            after = _QUOTED.sub("it", line)[number.end() :]
            settings = re.search(r"(workers\.count|strategy|at|factor of|=) [\w. =]*$", line[: number.start()])
            assert _UNIT.match(after) or settings, line


@pytest.mark.parametrize("key", ["summary", "held", "broke", "foreseen", "unread", "practices", "next", "lines"])
def test_the_templates_read_at_the_ninth_year_of_school(key):
    """All sentences of a section, over all that can be lost; tables have none."""
    sentences = set()
    for name in (*ALL, "silent"):
        (part,) = [part for part in told(name)[2].sections if part.key == key]
        lines = [block.text for block in part.blocks if isinstance(block, Paragraph)]
        lines += [item for block in part.blocks if isinstance(block, Listed) for item in block.items]
        sentences |= {_QUOTED.sub("it", line) for line in lines if "python -m" not in line and "/load?" not in line}
    assert sentences
    assert grade_of(" ".join(sorted(sentences))) <= HARDEST_GRADE


@pytest.mark.parametrize("name", LOST)
def test_a_loss_reads_at_the_ninth_year_of_school(name):
    (loss,) = [one for one in told(name)[2].losses if one.criterion == name]
    assert grade_of(_QUOTED.sub("it", f"{loss.consequence} {loss.action}")) <= HARDEST_GRADE


def test_a_quotation_is_verbatim_and_at_most_twenty_words():
    words = [f"w{number}" for number in range(40)]
    assert quoted(" ".join(words)) == f"“{' '.join(words[:MOST_WORDS])} …”"
    assert quoted("teh qeue  grows\nwith folowers") == "“teh qeue grows with folowers”"
    assert len(quoted("x" * 20_000)) < 300
    assert quoted("a\u202eb\x00c\u200dd") == "“abc\u200dd”"


def test_what_was_said_is_quoted_as_it_was_said():
    text = "The lag is nine hundred ms becuase of teh workers, i think, and of nothing else at all in this run of mine"
    transcript = made({"claims": [{"text": text, "metric": "visible_lag_ms.p99", "value": 900.0}]})
    one = of(transcript)[2]
    for quote in re.findall(r"“([^”]*)”", section(one, "lines")):
        assert len(quote.removesuffix(" …").split()) <= MOST_WORDS
    assert f"“{' '.join(text.split()[:MOST_WORDS])}" in section(one, "lines")


@pytest.mark.parametrize("name", [*ALL, "silent"])
def test_no_evidence_shows_a_word_of_the_program(name):
    """Closed words, figures and estimates stand there by their labels; settings keep their names."""
    for key, line in templates(name, "staff"):
        assert not re.search(r"\b[a-z]+_[a-z_]+\b", line), (key, line)
        assert not re.search(r"\b(None(?!: )|True|False|nan|inf)\b", line), (key, line)


@pytest.mark.parametrize(
    ("told_as", "said"),
    [
        ("util = 0.7 share (your estimate); 1.65 share from your run",
         "‘Utilisation of workers, at the mean’ = 70 % (your estimate); 165 % in the own run (measured)"),
        ("fresh_s = 5; home_ms = 300; home_pct = 99; availability = 0.999",
         "‘Time until visible’ = 5 s; ‘Time of a home page’ = 300 ms; ‘For this share of home pages’ = p99; "
         "availability = 99.9 %"),
        ("cpu beyond 0.8; visible_lag_p99 beyond 4,000, add_workers",
         "‘CPU of servers’ beyond 80 %; ‘Visible lag, p99’ beyond 4,000 ms, ‘Add more workers’"),
        ("bottleneck: workers, utilisation 0.95 in base (measured)",
         "bottleneck: ‘Fan-out workers’, utilisation 95 % in the base run (measured)"),
        ("workers.count: visible_lag_ms.p99 from 9 ms", "workers.count: Visible lag, 99 in 100 from 9 ms"),
        ("off by a factor of 6e+02", "off by a factor of 600"),
        ("base: broken at 31 s, first alarm at not measured", "the base run: broken at 31 s, no alarm"),
        ("stops at: None above nothing", "stops at: nothing"),
        ("workers_double: 5 ms", "‘Twice the workers’: 5 ms"),
    ],
)  # fmt: skip
def test_how_evidence_is_spoken(told_as, said):
    assert spoken(told_as) == said


def test_all_closed_words_that_evidence_shows_have_labels():
    for field in ("queue_why", "degrade", "rollout", "celebrity", "lanes"):
        for word, label in labels_of(field).items():
            assert f"‘{label}’" in spoken(f"{'why' if field == 'queue_why' else _shown_as(field)}: {word}")


def _shown_as(field):
    return "given up in this order" if field == "degrade" else field


@pytest.mark.parametrize("path", sorted(FIGURES))
def test_every_figure_has_words(path):
    assert "_" not in spoken(path)


def test_numbers_as_people_read_them():
    read = [percent(value) for value in (0.7, 0.0012, 1.65, 1.0, 12.0, 0.9999, 0.9231)]
    assert read == ["70 %", "0.12 %", "165 %", "100 %", "1,200 %", "99.99 %", "92.3 %"]
    assert (shown(1, "shards"), shown(1, "wrong entries"), shown(1, "s"), shown(2, "shards")) == (
        "1 shard", "1 wrong entry", "1 s", "2 shards")  # fmt: skip
    assert [times(value) for value in (1.234, 9.96, 600.0)] == ["1.2", "10", "600"]
    assert {station_word(name) for name in STATIONS} >= {"fan-out workers", "database replicas"}
