"""What people do in a lesson's run, and what a day of it costs: both can be read as figures."""

import pytest

from engine.experiments.machine_price import M7G_LARGE
from lessons.check import check
from lessons.lesson import Read
from lessons.play import command, marks, play_lesson, requests
from tests.lessons.written import lesson

PUSH = 'name = "push"\nlabel = "Push"\n'
ACTS = (PUSH, PUSH + 'acts = ["restore@5x3", "delete@3x40"]\n')


def test_acts_are_done_in_the_variant_that_has_them(tmp_path):
    outcome = play_lesson(lesson(tmp_path, ACTS).front)
    assert outcome.value(Read(of="push", read="acts.deleted")) == 37
    assert outcome.value(Read(of="push", read="acts.entries")) > 37
    assert outcome.asked["hybrid"].acts == ()


def test_they_are_marked_and_in_the_command(tmp_path):
    request = requests(lesson(tmp_path, ACTS).front)["push"]
    assert (3.0, 3.0, "delete 40 posts") in marks(request)
    assert "--act delete@3x40 --act restore@5x3 " in command(request)


@pytest.mark.parametrize("act", ["burn@3x4", "delete@3"])
def test_an_act_that_there_is_not_makes_the_lesson_wrong(tmp_path, act):
    broken = lesson(tmp_path, (PUSH, f'{PUSH}acts = ["{act}"]\n'))
    assert any("is no act" in problem for problem in check([broken], seeds=1)[0].problems)


def test_a_day_has_its_price(tmp_path):
    outcome = play_lesson(lesson(tmp_path).front)
    machine_s = outcome.value(Read(of="push", read="machine_s"))
    usd = outcome.value(Read(of="push", read="usd_per_day"))
    assert usd == pytest.approx(machine_s / 8 * 24 * M7G_LARGE.usd_per_hour)
    assert outcome.said(Read(of="push", read="usd_per_day")).endswith(" USD")
