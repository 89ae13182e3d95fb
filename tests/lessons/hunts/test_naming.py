"""Naming cause and fix: options, verdict, score, what is kept of it; and the texts."""

import json
from itertools import count

import pytest

from engine.defects import DEFECTS
from engine.errors import InvalidInput, UnknownName
from lessons.drills.cards import card_of
from lessons.hunts import (
    HUNTS,
    LEVELS,
    chosen,
    explained,
    find_hunt,
    judge,
    keep_answer,
    keep_shown,
    offer,
    score,
    standing,
)
from lessons.hunts.diagnoses import DIAGNOSES
from lessons.hunts.grade import source_of
from lessons.progress import Progress

NAMES = list(HUNTS)
HUNT = HUNTS["memory_bill"]


def test_every_defect_is_hunted_once_and_can_be_explained():
    assert sorted(hunt.defect for hunt in HUNTS.values()) == sorted(DEFECTS)
    assert set(DIAGNOSES) == set(DEFECTS)
    assert {hunt.level for hunt in HUNTS.values()} == set(LEVELS)
    levels = [hunt.level for hunt in HUNTS.values()]
    assert levels == sorted(levels), "the easy ones first"


@pytest.mark.parametrize("name", NAMES)
def test_four_wrong_causes_and_fixes_stand_beside_the_right_ones(name):
    hunt = HUNTS[name]
    offered = offer(hunt, 7)
    for options in offered.causes, offered.fixes:
        assert len(options) == len({option.label for option in options}) == 5
        assert [option.defect for option in options].count(hunt.defect) == 1
        assert {option.defect for option in options} <= set(DEFECTS)


@pytest.mark.parametrize("name", NAMES)
def test_only_the_planted_cause_with_its_fix_is_right(name):
    hunt = HUNTS[name]
    offered = offer(hunt, 3)
    verdicts = {
        (cause.defect, fix.defect): judge(hunt, cause.defect, fix.defect)
        for cause in offered.causes
        for fix in offered.fixes
    }
    assert [pair for pair, verdict in verdicts.items() if verdict.right] == [(hunt.defect, hunt.defect)]
    assert sorted(verdict.wrong for verdict in verdicts.values()) == [0] + [1] * 8 + [2] * 16


def test_the_order_is_the_learner_s_own_and_stays():
    orders = {seed: [option.defect for option in offer(HUNT, seed).causes] for seed in range(60)}
    assert len({tuple(order) for order in orders.values()}) > 10
    assert orders[7] == [option.defect for option in offer(HUNT, 7).causes]
    assert any([option.defect for option in offer(HUNT, seed).fixes] != orders[seed] for seed in orders), (
        "the place of the cause does not give the fix away"
    )
    assert len({orders[seed].index(HUNT.defect) for seed in orders}) == 5


def test_an_answer_is_named_by_its_key():
    offered = offer(HUNT, 7)
    assert [option.key for option in offered.causes] == list("abcde")
    assert [option.key for option in offered.fixes] == list("12345")
    assert chosen(offered.causes, "B") == offered.causes[1]
    with pytest.raises(UnknownName, match="allowed: a, b, c, d, e"):
        chosen(offered.causes, "f")


@pytest.mark.parametrize(
    ("hints", "wrong", "points"),
    [(0, 0, 100), (1, 0, 90), (2, 0, 70), (3, 0, 40), (0, 1, 85), (0, 2, 70), (3, 2, 10), (3, 9, 0)],
)
def test_hints_and_wrong_names_cost(hints, wrong, points):
    assert score(hints, wrong) == points


@pytest.mark.parametrize(("hints", "wrong"), [(-1, 0), (4, 0), (0, -1)])
def test_a_score_of_nonsense_is_refused(hints, wrong):
    with pytest.raises(InvalidInput):
        score(hints, wrong)


@pytest.mark.parametrize("name", NAMES)
def test_when_it_is_over_the_right_way_is_shown_as_code(name):
    story = explained(HUNTS[name])
    assert story.real_engine == DEFECTS[HUNTS[name].defect].real_engine
    last = story.code.rpartition(".")[2]
    assert f"def {last}" in story.source or story.code == "engine.ids"
    assert len(story.source) > 100


def test_code_that_is_not_there_is_refused():
    with pytest.raises(UnknownName):
        source_of("nowhere.at.all")


@pytest.mark.parametrize("name", NAMES)
def test_symptom_and_hints_do_not_give_the_cause_away(name):
    hunt, found = HUNTS[name], DIAGNOSES[HUNTS[name].defect]
    for text in (hunt.title, hunt.symptom, *hunt.hints):
        assert found.cause.casefold() not in text.casefold()
        assert found.fix.casefold() not in text.casefold()
        assert hunt.planted.title.casefold() not in text.casefold()
    assert 1 <= hunt.symptom.count(". ") + 1 <= 3
    assert all(len(sentence.split()) <= 30 for sentence in hunt.symptom.split(". "))


def test_an_unknown_hunt_is_refused_with_the_names_there_are():
    with pytest.raises(UnknownName, match="'zzz'; allowed: memory_bill"):
        find_hunt("zzz")


# What is kept


@pytest.fixture
def progress(tmp_path):
    clock = count(1_000)
    return Progress.open(tmp_path / "me.jsonl", lambda: float(next(clock)))


def answer(progress, cause, fix, hints=0):
    keep_answer(progress, HUNT, cause, fix, hints, judge(HUNT, cause, fix))


def test_what_was_named_is_kept_and_points_follow_from_it(progress):
    wrong = HUNT.decoys[0]
    assert standing(progress.events(), HUNT).tries == 0
    answer(progress, wrong, HUNT.defect, hints=1)
    now = standing(progress.events(), HUNT)
    assert (now.tries, now.wrong, now.hints, now.over, now.points) == (1, 1, 1, False, None)
    answer(progress, HUNT.defect, HUNT.defect, hints=2)
    now = standing(progress.events(), HUNT)
    assert (now.solved, now.points) == (True, 100 - 30 - 15)
    event = progress.last("hunted", HUNT.name)
    assert dict(event.data) == {"cause": HUNT.defect, "fix": HUNT.defect, "hints": 2, "right": True}


def test_what_comes_after_the_end_counts_for_nothing(progress):
    keep_shown(progress, HUNT, 1)
    answer(progress, HUNT.defect, HUNT.defect)
    now = standing(progress.events(), HUNT)
    assert (now.shown, now.solved, now.over, now.points) == (True, False, True, 0)


def test_other_hunts_and_events_of_another_hand_are_no_trouble(progress):
    progress.append("hunted", "another", cause="x", fix="y", hints=0, right=False)
    progress.append("hunted", HUNT.name, cause=3, fix=[], hints="many", right="perhaps")
    now = standing(progress.events(), HUNT)
    assert (now.tries, now.wrong, now.hints, now.over) == (1, 2, 0, False)
    assert json.loads(progress.export_text().splitlines()[0])["kind"] == "hunted"


# Asked again


@pytest.mark.parametrize("name", NAMES)
def test_a_hunt_that_was_not_found_becomes_a_card(name, progress):
    hunt = HUNTS[name]
    event = keep_answer(progress, hunt, hunt.decoys[0], hunt.defect, 0, judge(hunt, hunt.decoys[0], hunt.defect))
    card = card_of(event)
    assert card is not None
    assert (card.id, card.source, card.link) == (f"hunt:{name}", "Hunt", f"/hunts?hunt={name}")
    assert card.label(card.answer) == DIAGNOSES[hunt.defect].cause
    assert card_of(keep_shown(progress, hunt, 3)) == card
    right = keep_answer(progress, hunt, hunt.defect, hunt.defect, 0, judge(hunt, hunt.defect, hunt.defect))
    assert card_of(right) is None


def test_an_event_of_a_hunt_that_there_is_not_is_no_card(progress):
    assert card_of(progress.append("hunted", "zzz", cause="a", fix="b", hints=0, right=False)) is None
