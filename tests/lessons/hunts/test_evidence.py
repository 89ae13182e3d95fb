"""Every hunt: its symptom is there in its run and not in the healthy one, and the evidence shows what it comes from."""

import json

import pytest

from engine.observe.metric import Metric
from lessons.hunts import HUNTS
from lessons.hunts.figures import FIGURES
from tests.lessons.hunts.found import SHOWN, Read, as_if_healthy, found

SOME = [name if place % 3 == 0 else pytest.param(name, marks=pytest.mark.long) for place, name in enumerate(HUNTS)]
"""Both runs of all hunts take half a minute: the gate has every third."""


def test_every_hunt_has_a_rule_that_says_how_it_shows():
    assert set(SHOWN) == set(HUNTS)


@pytest.mark.parametrize("name", SOME)
def test_the_symptom_and_its_evidence_are_there_with_the_defect_and_not_without(name):
    evidence, shown = found(name), SHOWN[name]
    assert shown(Read(evidence)), "with the defect"
    assert not _safely(shown, as_if_healthy(evidence)), "without it"


def _safely(shown, evidence):
    try:
        return shown(Read(evidence))
    except IndexError:  # nothing there to look at
        return False


@pytest.mark.parametrize("name", SOME)
def test_the_healthy_run_beside_it_is_healthy(name):
    assert {healthy for _, healthy in found(name).audit.values()} == {0}


@pytest.mark.parametrize("name", SOME)
def test_the_figure_of_the_hunt_tells_the_two_runs_apart(name):
    read, figure = Read(found(name)), HUNTS[name].figure
    here, healthy = read.here(figure), read.healthy(figure)
    assert abs(here - healthy) > 0.2 * max(here, healthy)


@pytest.mark.parametrize("name", SOME)
def test_evidence_is_plain_data_that_does_not_name_the_defect(name):
    hunt, told = HUNTS[name], json.dumps(found(name).to_json(), allow_nan=False)
    assert hunt.defect not in told
    assert hunt.planted.title not in told
    assert "defects" not in told


@pytest.mark.parametrize("name", SOME)
def test_there_is_something_to_look_at_of_every_sort(name):
    evidence = found(name)
    assert [chart.metric for chart in evidence.charts] == [str(metric) for metric in HUNTS[name].watch]
    for chart in evidence.charts:
        assert len(chart.seconds) == len(chart.here) == len(chart.healthy) > 20
        assert chart.label == Metric(chart.metric).label
    assert 1 <= len(evidence.lists) <= 3
    assert evidence.traces
    assert {line.name for line in evidence.figures} >= {
        figure.name for figure in FIGURES.values() if not figure.of_acts
    }
    assert all(line.text for line in evidence.figures)
