"""Each loss is criterion, evidence, consequence in the run, next action."""

import re

import pytest

from lessons.front import CONTENT, read_lessons
from lessons.interview.debrief.consequences import UNSEEN
from lessons.interview.debrief.kept import NO_RUN
from lessons.interview.rubric import standard
from tests.lessons.interview.candidates import made
from tests.lessons.interview.debrief.mutations import LOST, of, told

LESSONS = {lesson.front.title: lesson for lesson in read_lessons(CONTENT).values()}
_ACTION = re.compile(r"Next: lesson “(.+)”, (\d+) minutes\.")


def loss_of(name):
    (found,) = [one for one in told(name)[2].losses if one.criterion == name]
    return found


def test_every_criterion_is_lost_once():
    assert set(LOST) == set(standard().criteria)


@pytest.mark.parametrize("name", LOST)
def test_a_criterion_that_is_lost_has_its_line_with_four_parts(name):
    loss = loss_of(name)
    assert loss.text.startswith(f"{name}, {loss.credit}. ")
    assert re.fullmatch(r"(0|0\.\d+) of 1", loss.credit)
    for part in (loss.evidence, loss.consequence, loss.action):
        assert part.endswith((".", "”")), part
        assert part in loss.text
    title, minutes = _ACTION.fullmatch(loss.action).groups()
    assert LESSONS[title].front.minutes == int(minutes)
    assert loss.points > 0


@pytest.mark.parametrize("name", LOST)
def test_the_consequence_is_of_the_run_and_says_when_a_run_cannot_show_it(name):
    silent_in_a_run = {"1a", "1b", "2a", "2b", "2d", "6f", "7f"}
    assert (loss_of(name).consequence == UNSEEN) == (name in silent_in_a_run)
    without = {**LOST[name], "run": None, "config": None}
    lost = {one.criterion: one.consequence for one in of(made(without))[2].losses}
    assert lost[name] == NO_RUN


def test_all_lost_points_are_told():
    for name in ("3a", "5b", "asked", "silent"):
        _, report, one = told(name)
        left = sum(line.worth - line.points for line in report.lines if line.expected)
        assert sum(loss.points for loss in one.losses) == pytest.approx(left)


def test_too_few_workers_as_in_the_specification():
    loss = loss_of("5b")
    assert loss.credit == "0 of 1"
    assert "70 % (your estimate)" in loss.evidence
    assert "1.65 times what the workers can do (measured)" in loss.consequence
    assert "lag grew 0.39 s each second (modelled)" in loss.consequence
    assert "66 workers would keep up, and 83 workers would run at 80 % (modelled)" in loss.consequence


@pytest.mark.parametrize("util", [1.0, 1.2, 2.5])
def test_so_many_workers_really_keep_up(util):
    """Closed form: n workers at utilisation u do the work of n u."""
    changes = {"run.base.stations.workers.util": util, "steps.5.structured.workers": 50.0}
    (loss,) = [one for one in of(made(changes))[2].losses if one.criterion == "5b"]
    enough, roomy = (int(one) for one in re.findall(r"(\d+) workers would", loss.consequence))
    assert enough - 1 < 50 * util <= enough
    assert 50 * util / roomy <= 0.8 < 50 * util / (roomy - 1)


def test_counts_of_the_small_world_are_told_in_real_units():
    """The queue of the run had 5,000 copies; the world is a thousand times smaller."""
    assert "5,000,000 copies" in loss_of("5e").consequence
    small = of(made({**LOST["5e"], "scale": 10.0}))[2]
    (loss,) = [one for one in small.losses if one.criterion == "5e"]
    assert "50,000 copies" in loss.consequence


def test_a_criterion_beyond_the_level_is_no_loss():
    names = {one.criterion for one in told("3e", "senior")[2].losses}
    assert "3e" not in names
