"""The records of a puzzle's run decide: they show the sign of its cause, and of no other explanation."""

import numpy as np
import pytest

from engine.errors import InvalidInput
from engine.observe.metric import Metric
from lessons.charts.cause import FAMILIES, Seen
from lessons.charts.puzzle import MOST_NUMBER, Puzzle, card_of_chart, show
from lessons.progress import Event


def first_with(family, cause, nth=0):
    """The nth puzzle of this cause."""
    found = [n for n in range(400) if (Puzzle(n).family.key, Puzzle(n).cause.key) == (family, cause)]
    return Puzzle(found[nth])


CAUSES = [(family.key, cause.key) for family in FAMILIES.values() for cause in family.causes]


@pytest.mark.parametrize(("family", "cause"), CAUSES)
def test_the_records_speak_for_the_right_explanation_and_against_all_others(family, cause, request):
    for nth in range(6 if request.config.getoption("--long") else 1):
        shown = show(first_with(family, cause, nth))
        signs = [each.key for each in shown.puzzle.options if each.shows(shown.series, shown.puzzle.at_s)]
        assert signs == [cause], (shown.puzzle, {c.key: shown.against(c) for c in shown.puzzle.options})
        for option in shown.puzzle.options:
            assert "do not speak against it" not in shown.against(option)


def test_every_cause_comes_up_and_every_chart_has_four_explanations():
    some = [Puzzle(number) for number in range(200)]
    assert {(one.family.key, one.cause.key) for one in some} == set(CAUSES)
    for one in some:
        assert len(one.options) == len({option.key for option in one.options}) == 4
        assert one.cause in one.options
    assert len({tuple(option.key for option in one.options) for one in some}) > 20, "the order gives nothing away"
    assert Puzzle(17).options == Puzzle(17).options


@pytest.mark.parametrize("number", [-1, MOST_NUMBER + 1])
def test_a_chart_that_there_is_not(number):
    with pytest.raises(InvalidInput, match="There is no chart"):
        Puzzle(number)


def series(values):
    return {Metric.READS: (np.arange(1.0, 21.0), np.array(values, float))}


CALM = [10.0] * 10


@pytest.mark.parametrize(
    ("way", "factor", "after", "holds"),
    [
        ("jumps", 2.0, [20.0, *CALM[1:]], True),
        ("jumps", 2.0, [19.9, *CALM[1:]], False),
        ("stays", 2.0, [20.0, *CALM[1:]], True),
        ("stays", 2.0, [20.1, *CALM[1:]], False),
        ("falls", 0.5, [5.0, 5.0, 5.0, *CALM[3:]], True),
        ("falls", 0.5, [5.0, 5.0, 5.1, *CALM[3:]], False),
        ("none", 1.0, [0.0] * 10, True),
        ("none", 1.0, [0.0] * 7 + [1.0] * 3, False),
        ("some", 1.0, [0.0] * 7 + [1.0] * 3, True),
        ("jumps", 2.0, [*CALM[:8], 90.0, 90.0], False),  # more than eight seconds later
    ],
)
def test_what_is_seen_has_named_edges(way, factor, after, holds):
    assert Seen(Metric.READS, way, factor).holds(series([*CALM, *after]), 10.0) is holds


def event(**data):
    return Event("0" * 32, 0.0, "answered", "chart-3", data)


def test_a_misread_chart_becomes_a_card():
    card = card_of_chart(event(number=3, right=False))
    assert card.answer == Puzzle(3).cause.key
    assert (card.link, card.source) == ("/charts?chart=3", "Chart")
    assert card_of_chart(event(number=3, right=True)) is None
