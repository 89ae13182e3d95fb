"""Scenarios are declared, found by name, added together, fitted to a run, and triggered in a running world."""

import numpy as np
import pytest

from engine.clock import NS_PER_S
from engine.domain import Op
from engine.errors import InvalidInput, UnknownName
from engine.load.arrivals import Arrivals
from engine.load.injections import CelebrityBurst
from engine.load.recording import Load
from engine.load.scenarios import SCENARIOS, scenario, traced
from engine.load.trace import DAILY, Trace
from tests.load.conftest import CONFIG
from tests.load.helpers import assert_same, only, recorded


def test_there_are_five_scenarios_with_a_title_and_a_line():
    assert list(SCENARIOS) == ["steady", "celebrity", "viral", "herd", "trace"]
    for slug, declared in SCENARIOS.items():
        assert declared.slug == slug
        assert declared.title
        assert declared.doc.endswith(".")


@pytest.mark.parametrize("name", ["celebrit", "", "celebrity+", "herd+nothing"])
def test_an_unknown_name_is_answered_with_those_that_exist(name):
    with pytest.raises(UnknownName, match="steady, celebrity, viral, herd, trace"):
        scenario(name)


@pytest.mark.parametrize("name", ["celebrity", "viral", "herd", "celebrity+viral+herd"])
def test_a_scenario_adds_its_injections_to_the_steady_load(audience, load, name):
    eventful = Load(audience, CONFIG, 7, scenario(name))
    injected = scenario(name).arrivals(audience, 7)
    within = injected.between(0, 60 * NS_PER_S)
    assert 0 < len(within) <= len(injected)
    assert_same(recorded(eventful, 60), Arrivals.concat([recorded(load, 60), within]))


@pytest.mark.parametrize(("name", "at_s"), [("celebrity", 20), ("viral", 10), ("herd", 20)])
def test_each_starts_at_its_declared_second(audience, name, at_s):
    first_ns = scenario(name).arrivals(audience, 7).at_ns[0]
    assert at_s * NS_PER_S <= first_ns < (at_s + 1) * NS_PER_S


@pytest.mark.parametrize(("seconds", "at_s"), [(60, 20), (61, 20), (30, 10), (6, 2)])
def test_in_a_short_run_it_happens_after_a_third(seconds, at_s):
    fitted = scenario("celebrity").fitted(seconds)
    assert fitted.injections == (CelebrityBurst(at_s=at_s),)


def test_steady_is_the_default_and_injects_nothing(audience, load):
    assert_same(Load(audience, CONFIG, 7, scenario("steady")).block(20), load.block(20))


def test_adding_scenarios_keeps_all_injections_and_traces():
    both = scenario("celebrity") + scenario("trace") + scenario("herd")
    assert both.slug == "celebrity+trace+herd"
    assert both == scenario("celebrity+trace+herd")
    assert len(both.injections) == 2
    assert both.traces == (DAILY,)


def test_two_traces_multiply_and_still_average_to_one():
    rising, falling = Trace("r", np.arange(2.0), np.array([1.0, 3.0])), Trace("f", np.arange(2.0), np.array([1.0, 0.0]))
    profile = (traced(rising) + traced(falling)).fitted(10).profile()
    np.testing.assert_allclose(profile, [2.0] * 5 + [0.0] * 5)
    never = (traced(falling) + traced(Trace("g", np.arange(2.0), np.array([0.0, 1.0])))).fitted(10).profile()
    np.testing.assert_array_equal(never, np.ones(10))


def test_too_many_injections_in_one_scenario_are_refused():
    scenario("+".join(["herd"] * 16))
    with pytest.raises(InvalidInput, match="up to 16"):
        scenario("+".join(["herd"] * 17))


@pytest.mark.parametrize(("name", "at_s"), [("celebrity", 20), ("viral", 10), ("herd", 20)])
def test_triggering_is_the_same_event_now(audience, load, name, at_s):
    triggered = load.inject(name, 300 * NS_PER_S, number=1)
    assert 300 * NS_PER_S <= triggered.at_ns[0] < 301 * NS_PER_S
    assert len(triggered) == len(scenario(name).arrivals(audience, 7))
    assert_same(triggered, load.inject(name, 300 * NS_PER_S, number=1))


def test_triggering_keeps_the_distances_of_a_composed_scenario(load):
    both = load.inject("viral+celebrity", 300 * NS_PER_S, number=1)
    root, burst = only(both, Op.POST).at_ns[0], only(both, Op.POST).at_ns[1:]
    assert root == 300 * NS_PER_S
    assert len(burst) == 8
    assert burst[0] >= 310 * NS_PER_S


def test_keys_are_unique_over_a_worlds_life(audience):
    eventful = Load(audience, CONFIG, 7, scenario("viral+herd"))
    parts = [recorded(eventful, 30), *(eventful.inject("viral+herd", 9 * NS_PER_S, n) for n in range(1, 9))]
    keys = np.concatenate([part.key for part in parts])
    injected = only(scenario("viral+herd").arrivals(audience, 7), Op.REPOST)
    keys = np.concatenate([keys, injected.key[injected.at_ns >= 30 * NS_PER_S]])
    assert len(np.unique(keys)) == len(keys)


@pytest.mark.parametrize("name", ["steady", "trace"])
def test_what_injects_nothing_cannot_be_triggered(load, name):
    with pytest.raises(UnknownName, match="allowed: celebrity, viral, herd"):
        load.inject(name, 0, number=1)


def test_the_number_of_the_worlds_own_scenario_cannot_be_taken(load):
    with pytest.raises(ValueError, match="1 and above"):
        load.inject("herd", 0, number=0)


def test_a_trace_moves_posts_and_nothing_else(audience, load):
    day = Load(audience, CONFIG, 7, scenario("trace").fitted(96))
    posts = np.array([len(only(day.block(k), Op.POST, Op.REPLY, Op.REPOST)) for k in range(96)])
    expected = scenario("trace").fitted(96).profile() * CONFIG.posts_per_s
    assert (((posts - expected) ** 2).sum() / expected.mean()) < 96 + 6 * np.sqrt(2 * 96)
    assert posts[60:68].mean() > 2.4 * posts[12:20].mean()
    assert_same(only(day.block(64), Op.READ_HOME), only(load.block(64), Op.READ_HOME))


def test_a_trace_starts_again_at_its_end(audience):
    short = Trace("t", np.arange(4.0), np.array([0.0, 4.0, 0.0, 0.0]))
    load = Load(audience, CONFIG, 7, traced(short).fitted(4))
    busy = [k for k in range(12) if len(only(load.block(k), Op.POST, Op.REPLY, Op.REPOST))]
    assert busy == [1, 5, 9]
