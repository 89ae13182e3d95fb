"""Three practices: what holds the band down first, then what cost most; lessons, experiments and cards that exist."""

import math
from urllib.parse import parse_qsl, urlsplit

import pytest

from engine.config import KNOBS
from engine.live import experiment_in
from lessons.drills.cards import card_of
from lessons.front import CONTENT, read_lessons
from lessons.interview.base import LEVELS
from lessons.interview.debrief.experiment import turned
from lessons.interview.debrief.flash import cards_for, flash_cards
from lessons.interview.debrief.practices import COUNT, lesson_for, practices
from lessons.interview.rubric import standard
from lessons.interview.sheet import Sheet3
from lessons.progress import Event
from lessons.words import HARDEST_GRADE, PAGES, grade_of
from tests.lessons.interview.candidates import made, silent
from tests.lessons.interview.debrief.mutations import ALL, LOST, OTHERS, S, of, told

LESSONS = read_lessons(CONTENT)
TABLE = {
    "1a 1b 1c": {"01-requirements"}, "1d 1e 1f 4c 4e": {"02-envelope"}, "2a 2b 2c 2d 2e 4a": {"03-access-patterns"},
    "3a 3b": {"04-naive-pull", "05-cached-timeline", "06-push"}, "3c": {"07-celebrity"}, "3d 3e 3f": {"08-hybrid"},
    "4d": {"05-cached-timeline", "21-cost"}, "7e": {"21-cost"}, "5a 7b": {"09-queues-and-lag"},
    "5b 5e": {"09-queues-and-lag", "10-batching"}, "5c": {"12-hydration"}, "5d": {"13-stampedes"},
    "4b": {"14-hot-keys"},
    "5f 6d": {"17-back-pressure"}, "6a": {"15-idempotence"}, "6c": {"16-deletes"}, "6b 6f": {"19-failures"},
    "6e 7a 7c 7d 7f": {"18-percentiles"},
}  # fmt: skip
"""The specification's table, by the names of the lessons' folders."""
LESSONS_OF = {criterion: names for criteria, names in TABLE.items() for criterion in criteria.split()}


def practised(name, level="staff"):
    return told(name, level)[2].practices


@pytest.mark.parametrize(("name", "level"), [*((name, "staff") for name in ALL), *((name, level) for name in (
    "silent", *OTHERS) for level in LEVELS if level != "staff")])  # fmt: skip
def test_at_most_three_of_different_lessons_and_one_of_step_7(name, level):
    report, found = told(name, level)[1], practised(name, level)
    assert len(found) <= COUNT
    assert len({one.lesson for one in found}) == len(found)
    assert len([one for one in found if one.criterion.startswith("7")]) <= 1
    failed = {criterion for gate in report.failed_gates for criterion in gate}
    assert {one.gate for one in found if one.criterion in failed} <= {True}
    lines = {line.criterion: line for line in report.lines}
    for one in found:
        assert lines[one.criterion].credit < 1
        assert one.lost == pytest.approx(lines[one.criterion].worth - lines[one.criterion].points)
        assert one.link == LESSONS[one.lesson].link
        assert (one.lesson_title, one.minutes) == (LESSONS[one.lesson].front.title, LESSONS[one.lesson].front.minutes)


@pytest.mark.parametrize("level", LEVELS)
def test_three_where_as_much_was_lost(level):
    assert len(practised("silent", level)) == COUNT


def test_a_gate_comes_first_then_lost_points_then_what_the_next_level_expects():
    found = practised("2a", "senior")
    assert next((one.criterion, one.gate) for one in found) == ("2a", False)
    both = of(made({**LOST["2a"], **LOST["5b"]}), "senior")[2].practices
    assert both[0].criterion == "5b"
    assert both[0].gate
    assert [(one.criterion, one.gate) for one in practised("as he is", "staff")] == [
        ("6f", True), ("5f", True), ("6e", False)]  # fmt: skip
    only = of(made(LOST["7f"]), "senior")[2].practices
    assert only, "the next level expects more"
    lines = {line.criterion: line for line in of(made(LOST["7f"]), "senior")[1].lines}
    assert any(not lines[one.criterion].expected for one in only)


def test_a_gate_comes_before_what_cost_more():
    transcript, report, one = of(made({**LOST["3b"], **LOST["7a"]}), "senior")
    lost = {loss.criterion: loss.points for loss in one.losses}
    assert lost["3b"] > lost["7a"]
    assert [(one.criterion, one.gate) for one in practices(transcript, report)][:2] == [("7a", True), ("3b", False)]


def test_of_step_7_one_is_practised_though_two_were_lost():
    found = of(made({**LOST["7a"], **LOST["7b"], **LOST["2d"]}), "senior")[2].practices
    assert [one.criterion for one in found][:2] == ["7a", "2d"]
    assert "7b" not in [one.criterion for one in found]


def test_among_losses_without_a_gate_the_points_decide():
    changes = {**LOST["2d"], **LOST["1b"], **LOST["5d"]}
    found = of(made(changes), "senior")[2].practices
    assert [one.criterion for one in found] == ["5d", "1b", "2d"]
    assert [one.lost for one in found] == sorted((one.lost for one in found), reverse=True)


def test_a_second_lesson_is_taken_where_the_first_is_taken():
    changes = {**LOST["5a"], **LOST["5b"], **LOST["5e"]}
    found = of(made(changes), "senior")[2].practices
    assert [one.lesson for one in found][:2] == ["09-queues-and-lag", "10-batching"]


def test_the_table_from_criteria_to_lessons_is_the_specifications():
    assert set(LESSONS_OF) == set(standard().criteria)
    for criterion, names in LESSONS_OF.items():
        for strategy in (None, "pull", "cached_pull", "push", "hybrid", "active_only", "other"):
            assert lesson_for(made({S(3) + "strategy": strategy}), criterion).name in names


def test_the_lesson_on_a_strategy_is_that_of_the_own_one():
    assert lesson_for(made({S(3) + "strategy": "pull"}), "3a").name == "04-naive-pull"
    assert lesson_for(made({S(3) + "strategy": "cached_pull"}), "3b").name == "05-cached-timeline"
    assert lesson_for(made({S(3) + "strategy": "push"}), "3a").name == "06-push"
    assert Sheet3.model_fields["strategy"] is not None


@pytest.mark.parametrize("criterion", standard().criteria)
@pytest.mark.parametrize("config", [
    {"strategy": "hybrid", "strategy.threshold": 200, "workers.count": 4},
    {"world": "classroom", "strategy": "push", "workers.count": 10_000, "timeline.cap": 1, "cache.posts": 1},
    {"strategy": "no such", "workers.count": 0, "scenario": "celebrity"},
    {"strategy": "cached_pull:ttl=4", "load.burst_factor": 10, "read.limit": 50, "fanout.redeliver_rate": 0.2},
    {},
])  # fmt: skip
def test_an_experiment_opens_and_differs_by_one_setting(criterion, config):
    """Its address is read by what reads addresses; without the setting that was turned it is the own design."""
    transcript = made({"config": config or None, "run": None, "claims": None})
    (practice,) = [one for one in (_practice(transcript, criterion),) if one]
    asked = experiment_in(dict(parse_qsl(urlsplit(practice.link).query)))
    own = experiment_in(dict(parse_qsl(urlsplit(turned(transcript, "seed", (7, 8)).link).query)))
    differing = [name for name in KNOBS if name != "seed" and asked.config.knob(name) != own.config.knob(name)]
    if practice.knob == "strategy":
        assert asked.config.strategy.name != own.config.strategy.name
        assert set(differing) == set()
    else:
        assert asked.config.strategy.name == own.config.strategy.name
        assert differing == [practice.knob]
    assert practice.was != practice.now
    assert practice.command.startswith("python -m engine run --seconds 60 --world ")


def _practice(transcript, criterion):
    from lessons.interview.debrief.practices import _table

    entry = _table()["criteria"][criterion]
    turn = tuple(entry["turn"]) if isinstance(entry["turn"], list) else entry["turn"]
    return turned(transcript, entry["knob"], turn, celebrity=entry.get("celebrity", False))


def test_the_experiment_on_workers_gives_them_room():
    """4 workers at 1.65 are 6.6 workers' work; at 80 % that needs 9."""
    (one,) = [one for one in practised("5b") if one.criterion == "5b"] or [None]
    experiment = one.experiment if one else _practice(made(LOST["5b"]), "5b")
    assert (experiment.knob, experiment.was, experiment.now) == ("workers.count", "4", "9")
    assert experiment.own


def test_the_experiment_on_the_change_is_the_own_change():
    experiment = _practice(made({"change.structured.config_diff": {"timeline.cap": 77}}), "7c")
    assert (experiment.knob, experiment.now) == ("timeline.cap", "77")


def test_without_a_design_the_small_world_stands_in():
    assert not _practice(silent(), "5b").own
    assert "The small world with workers.count = " in _practice(silent(), "5b").text


FORMULAS = {
    1: (500e6 / 86_400, 5_800), 2: (300e6 / 86_400 * 200, 694e3), 4: (400 * 50, 20_000), 6: (31e6 / 286e3, 108),
    7: (10.3e6 / (641e3 - 427e3), 48), 9: ((1 / (1 - 0.9)) / (1 / (1 - 0.8)), 2), 10: (50e3 * 4, 200e3),
    11: (5_000 * 0.001, 5), 12: (20 * 1, 20), 17: (0.95**20, 0.36), 18: ((1 - 0.964) / (1 - 0.982), 2),
    19: (3_000 * 0.2, 600), 23: (100e6 * 800 * 8 / 1e9, 640), 24: (10 / 11, 0.909),
}  # fmt: skip
"""Number of the card: (worked out, as its answer has it)."""


@pytest.mark.parametrize("number", FORMULAS)
def test_the_answer_of_a_card_follows_from_its_question(number):
    worked, shown = FORMULAS[number]
    assert math.isclose(worked, shown, rel_tol=0.015)


@pytest.mark.parametrize(("number", "shown"), [
    (1, "5,800"), (2, "694k"), (4, "20,000"), (6, "108 s"), (7, "48 s"), (9, "doubles"), (10, "200k"), (11, "5 s"),
    (12, "20 ms"), (17, "36 %"), (18, "halves"), (19, "600"), (23, "640 GB"), (24, "10/11"),
])  # fmt: skip
def test_the_right_answer_is_the_one_with_that_number(number, shown):
    card = flash_cards()[f"flash:{number}"]
    assert shown in card.label(card.answer)


def test_there_are_twenty_four_cards_and_each_leads_to_a_page_that_exists():
    assert list(flash_cards()) == [f"flash:{number}" for number in range(1, 25)]
    for card in flash_cards().values():
        parts = urlsplit(card.link)
        assert parts.path in PAGES
        if parts.path == "/lessons":
            assert parts.query.removeprefix("lesson=") in LESSONS
        assert grade_of(f"{card.question} {card.because}") <= HARDEST_GRADE + 3


def test_the_right_answers_stand_in_all_places():
    assert {card.answer for card in flash_cards().values()} == set("abcd")


def test_cards_fit_the_criteria_that_name_them():
    assert [card.id for card in cards_for("3c")] == ["flash:6", "flash:12"]
    assert cards_for("6f") == ()
    covered = {criterion for criterion in standard().criteria if cards_for(criterion)}
    assert len(covered) >= 30


def test_an_advised_card_is_made_from_its_event():
    assert card_of(Event("0" * 32, 0.0, "advised", "flash:7", {})) == flash_cards()["flash:7"]
    assert card_of(Event("0" * 32, 0.0, "advised", "flash:99", {})) is None


def test_practices_are_those_of_the_debrief():
    transcript, report, one = told("5b", "senior")
    assert practices(transcript, report) == one.practices
