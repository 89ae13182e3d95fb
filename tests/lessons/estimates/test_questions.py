"""Questions: drawn from level and seed, answered by one formula, or by a run of the engine."""

import json
import math
import re

import pytest

from engine.__main__ import main
from engine.errors import InvalidInput
from lessons.estimates.draw import FAMILIES, MOST_SEED, question
from lessons.estimates.families import PLAIN
from lessons.estimates.harder import HARDER
from lessons.estimates.measured import MEASURED, measure
from lessons.estimates.question import LEVELS, Family, Question
from lessons.estimates.record import others


def drawn(level: int) -> list[Question]:
    return [question(seed, level) for seed in range(1, 61)]


def asked(family: str, **given: float) -> Question:
    return Question(FAMILIES[family], 1, given)


def test_families_are_declared_once_each_and_there_are_enough():
    assert len(FAMILIES) == len(PLAIN) + len(HARDER) + len(MEASURED) >= 16
    assert {family.level for family in FAMILIES.values()} == set(LEVELS)
    assert all(name == family.name for name, family in FAMILIES.items())


@pytest.mark.parametrize("level", LEVELS)
def test_in_each_round_of_a_level_every_family_comes_once(level: int):
    names = {name for name, family in FAMILIES.items() if family.level == level}
    for round_ in range(3):
        drawn = [question(1 + round_ * len(names) + place, level).family.name for place in range(len(names))]
        assert sorted(drawn) == sorted(names)


def test_the_same_level_and_seed_ask_the_same_and_another_seed_another():
    assert question(5, 2) == question(5, 2)
    texts = [question(seed, 2).text for seed in range(1, 41)]
    assert len(set(texts)) > 25


@pytest.mark.parametrize("level", LEVELS)
def test_a_question_is_whole_and_its_answer_has_steps(level: int):
    for one in drawn(level):
        assert "{" not in one.text, one.id
        assert one.text.endswith("?"), one.id
        assert math.isfinite(one.worked.value), one.id
        assert one.worked.value > 0, one.id
        assert one.worked.steps, one.id
        assert one.family.rule.endswith("."), one.id
        assert re.fullmatch(r"/[a-z]+", one.family.link), one.id


@pytest.mark.parametrize("level", LEVELS)
def test_the_last_step_has_the_answer_in_it(level: int):
    for one in drawn(level):
        if not one.measured:
            number = re.split(r"[ /]", one.shown(one.worked.value))[0]
            assert number in one.worked.steps[-1], one.id


@pytest.mark.parametrize("level", LEVELS)
def test_there_are_three_wrong_answers_well_apart(level: int):
    for one in drawn(level):
        truth = one.worked.value
        values = [truth, *others(one.worked, truth)]
        assert len({one.shown(value) for value in values}) == 4, one.id
        apart = [max(a, b) / min(a, b) for n, a in enumerate(values) for b in values[:n]]
        assert min(apart) >= 2 - 1e-9, one.id


@pytest.mark.parametrize(
    ("one", "value"),
    [
        (asked("posts_per_s", posts=300e6), 3_472.2),
        (asked("reads_per_s", people=500e6, opens=100), 578_704),
        (asked("storage_a_day", posts=300e6, bytes=1e3, copies=3), 900e9),
        (asked("list_memory", people=150e6, cap=800, bytes=12), 1.44e12),
        (asked("push_time", followers=1e6, rate=286e3), 3.497),
        (asked("waiting", queue=12e3, rate=1_600), 7.5),
        (asked("downtime", availability=0.999, days=30), 2_592),
        (asked("peak_posts", posts=300e6, factor=10), 34_722),
        (asked("inserts_per_s", posts=300e6, followers=200), 694_444),
        (asked("database_reads", reads=300e3, page=20, hits=0.96), 240e3),
        (asked("machines", rate=300e3, each=5e3, busy=0.6), 100),
        (asked("machines", rate=300_001, each=5e3, busy=0.6), 101),
        (asked("bandwidth", reads=300e3, page=20e3), 48e9),
        (asked("pull_rows", newest=50, follows=400, reads=100e3), 2e9),
        (asked("pull_time", authors=20, ms=1, batch=1), 0.020),
        (asked("workers", posts=300e6, followers=200, factor=10, us=50), 347.2),
        (asked("drain", followers=1e6, posts=8, rate=100e3, steady=0.75), 320),
        (asked("year_cost", posts=300e6, bytes=1e3, copies=3, price=0.02), 6_570),
        (asked("memory_cost", people=150e6, kb=10, copies=3, ram=100e9, price=1), 45 * 730),
        (asked("hybrid_copies", rate=5e3, followers=75, share=0.0002, large=100e3), 275e3),
        (asked("busy", servers=10, rate=900, ms=10), 0.1),
        (asked("refresh", people=20e6, share=0.5, servers=500, each=5e3), 4),
    ],
    ids=lambda one: one.family.name if isinstance(one, Question) else "",
)  # fmt: skip
def test_published_ratios_give_the_published_answers(one: Question, value: float):
    assert one.worked.value == pytest.approx(value, rel=1e-3)


def test_every_reckoned_family_has_such_an_answer():
    marked = test_published_ratios_give_the_published_answers.pytestmark[0].args[1]
    assert {one.family.name for one, _ in marked} == {*PLAIN, *HARDER}


@pytest.mark.parametrize("family", MEASURED.values(), ids=lambda family: family.name)
def test_what_the_engine_measures_lies_near_what_one_reckons(family: Family):
    """Within 15 %: what is left are the crowd's own habits."""
    assert len(family.given) <= 2
    first, *rest = family.given.items()
    for value in (first[1][0], first[1][-1]):
        one = Question(family, 1, {first[0]: value, **{name: values[-1] for name, values in rest}})
        run = one.run
        assert run is not None
        assert run.command.startswith("python -m engine run --world classroom --strategy")
        assert measure(run) == pytest.approx(one.worked.value, rel=0.15), one.text


def test_the_command_of_a_measured_question_runs_what_was_measured(capsys: pytest.CaptureFixture[str]):
    one = asked("measured_last_copy", workers=4)
    run = one.run
    assert run is not None
    assert main([*run.command.split()[3:], "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["summary"]["fanout_lag_ms"]["max"] / 1e3 == pytest.approx(measure(run), rel=1e-9)


def test_a_run_tells_how_far_it_is():
    shares: list[float] = []
    run = asked("measured_copies", exponent=0.0).run
    assert run is not None
    measure(run, shares.append)
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] == 1


@pytest.mark.parametrize(("seed", "level"), [(0, 1), (-1, 1), (MOST_SEED + 1, 1), (1, 0), (1, 4)])
def test_what_there_is_not_is_refused(seed: int, level: int):
    with pytest.raises(InvalidInput, match="allowed"):
        question(seed, level)
