"""Stories: what they say comes from the run that they are about, and nothing that people posted is lost in any."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from engine.__main__ import _COMMANDS, _parser, main
from engine.errors import InvalidKnob, UnknownName
from engine.experiments.run import record
from engine.experiments.stories import FIGURES, STORIES, beside, grade, moved, rebuild, tell, wrong_lists
from tests.experiments.executors import Synchronous
from tests.stories.tellings import told_once


@pytest.fixture(params=STORIES)
def told(request):
    return told_once(request.param)


def test_nothing_that_people_posted_is_lost_and_the_audit_is_clean(told):
    assert told.debrief.lost.posts == 0
    assert told.debrief.lost.copies == 0
    assert {told.audit[name] for name in ("missing", "duplicate", "foreign", "out_of_order")} == {0}
    assert wrong_lists(told.world) == []


def test_something_breaks_and_the_answer_is_one_of_the_options_but_not_nothing(told):
    breaches = told.debrief.breaches
    assert breaches
    assert [breach.at_s for breach in breaches] == sorted(breach.at_s for breach in breaches)
    keys = [option.key for option in told.story.options]
    assert told.answer in keys
    assert told.answer != "nothing"
    verdicts = {key: grade(told.story, key, told.debrief) for key in keys}
    assert [key for key, verdict in verdicts.items() if verdict.right] == [told.answer]
    assert all(verdict.sentence for verdict in verdicts.values())


def test_a_breach_is_what_its_chart_shows(told):
    for breach in told.debrief.breaches:
        ends, _ = told.series[breach.chart]
        assert breach.at_s in ends.tolist()
        assert breach.at_s <= breach.until_s
        assert 0 < breach.for_s <= breach.until_s - breach.at_s + 0.5
        assert f"{breach.at_s:g} s" in breach.sentence
        assert breach.chart.label in breach.sentence
    assert all(chart in told.series for chart in told.story.watch)


def test_figures_are_those_of_the_report(told):
    summary, figures = told.report["summary"], told.debrief.figures
    assert set(figures) == set(FIGURES)
    assert set(told.story.harm) <= set(FIGURES)
    for name in ("failed_reads", "timeouts", "retries", "refused_reads"):
        assert figures[name] == summary[name]
    assert figures["queue_peak"] == summary["queue_depth_peak"]
    lost = [line for line in told.debrief.lines if line.startswith("Posts lost")]
    assert lost == [f"Posts lost: 0 of {told.report['load']['posts']:,} that people sent (measured)."]


def test_the_instants_that_a_story_names_are_those_of_its_faults_and_events(told):
    begins = {f"{at:g}" for at, _, _ in told.marks} | {f"{at:g}" for at, _ in told.story.events}
    ends = {f"{until:g}" for _, until, _ in told.marks}
    named = set(re.findall(r"(\d+) s\b", told.story.what))
    assert begins <= named <= begins | ends


def test_a_storys_events_are_those_of_its_load():
    assert STORIES["super_bowl"].events == ((20.0, "A celebrity posts"), (20.0, "Everybody looks at once"))
    assert STORIES["poison_post"].events == ()


def test_the_load_is_the_same_whatever_is_switched_on():
    plain, helped = told_once("poison_post"), told_once("poison_post", "dead_letters")
    assert plain.digest == helped.digest != record(plain.story.request(seed=8)).digest


def test_effects_come_with_the_largest_first_and_say_both_figures():
    story = replace(STORIES["poison_post"], seconds=30)  # with ten of them in which it poisons
    effects = moved(story, executor=Synchronous())
    assert {effect.mitigation for effect in effects} == set(STORIES["poison_post"].mitigations)
    weights = [effect.weight for effect in effects]
    assert weights == sorted(weights, reverse=True)
    assert all("without it and" in effect.sentence or "changes nothing" in effect.sentence for effect in effects)


def test_a_list_is_seen_beside_what_it_should_hold_and_made_again_where_it_is_wrong():
    world = told_once("super_bowl").world
    user = next(user for user in range(world.population.users) if len(beside(world, user).stored) > 5)
    good = beside(world, user)
    assert good.right
    row = good.stored[2]
    world.tables.lists.remove(world.population.largest[:1] * 0 + user, world.population.largest[:1] * 0 + row)
    bad = beside(world, user)
    assert not bad.right
    assert bad.missing == (row,)
    assert wrong_lists(world) == [user]
    assert rebuild(world, user).right
    assert wrong_lists(world) == []


def test_what_a_story_does_not_offer_is_refused():
    with pytest.raises(UnknownName, match="does not offer 'fallback'"):
        tell(STORIES["super_bowl"], ["fallback"])
    with pytest.raises(InvalidKnob):
        tell(STORIES["super_bowl"], seed=-1)


def test_the_command_line_tells_stories(capsys):
    assert main(["story", "--list"]) == 0
    assert [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()] == list(STORIES)
    assert main(["story", "poison_post", "--on", "dead_letters", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["story"], answer["on"]) == ("poison_post", ["dead_letters"])
    assert answer["report"]["config"]["mitigations.dead_letters"] is True
    assert main(["faults"]) == main(["mitigations"]) == 0
    assert "shard_slow@AT+10x10[#SERVER]" in capsys.readouterr().out
    assert main(["story", "nope"]) == 2
    assert "allowed: super_bowl" in capsys.readouterr().err
    assert main(["story"]) == 2
    assert "Which story?" in capsys.readouterr().err


def test_a_command_loads_no_other_commands_modules_and_each_is_declared_where_it_is_looked_for():
    told_at_end = "import atexit, sys; atexit.register(lambda: print('redis' in sys.modules))"
    code = f"{told_at_end}; from engine.__main__ import main; main(sys.argv[1:])"
    for asked, loaded in (("story --list", "False"), ("worker --help", "True")):
        command = [sys.executable, "-c", code, *asked.split()]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        assert told.stdout.split()[-1] == loaded, told.stderr
    names = [name for names, _ in _COMMANDS for name in names]
    (declared,) = _parser()._subparsers._group_actions
    assert list(declared.choices) == names
    for name in names:
        (one,) = _parser([name])._subparsers._group_actions
        assert name in one.choices
        assert len(one.choices) < len(names)
