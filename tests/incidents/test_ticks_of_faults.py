"""Whole runs in which something breaks, or is mended, do not depend on how time is cut either."""

import pytest

from engine.config import KNOBS
from engine.domain import Kind
from engine.faults import KINDS
from tests.conformance.runs import FINE_MS, ODD_STEPS, USERS, Run
from tests.incidents.broken_runs import FAULTS, MITIGATIONS, broken_run, mitigated_run

STRATEGIES = ("push", "hybrid:threshold=30", "cached_pull:ttl=0.5")
TICKS = [(10, (1_000,)), (50, (1_000,)), (500, ODD_STEPS)]

BROKEN = [
    pytest.param(kind, strategy, marks=[] if i % len(STRATEGIES) == j else [pytest.mark.long])
    for i, kind in enumerate(FAULTS)
    for j, strategy in enumerate(STRATEGIES)
]
"""Each kind once in the gate, under one strategy after the other."""


@pytest.mark.parametrize(("kind", "strategy"), BROKEN)
def test_a_fault_does_the_same_at_any_tick(population, kind, strategy):
    whole = broken_run(population, strategy, [FAULTS[kind]])
    check_that_nothing_is_wrong(whole)
    assert broken_run(population, strategy, [FAULTS[kind]], FINE_MS).differences(whole) == set()


@pytest.mark.long
@pytest.mark.parametrize(("tick_ms", "steps_ms"), TICKS)
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_does_the_same_at_other_ticks_and_steps(population, kind, strategy, tick_ms, steps_ms):
    whole = broken_run(population, strategy, [FAULTS[kind]])
    assert broken_run(population, strategy, [FAULTS[kind]], tick_ms, steps_ms).differences(whole) == set()


@pytest.mark.parametrize("name", MITIGATIONS)
def test_a_mitigation_does_the_same_at_a_tenth_of_the_tick(population, name):
    whole = mitigated_run(population, name, on=True)
    check_that_nothing_is_wrong(whole)
    assert mitigated_run(population, name, on=False).differences(whole) != set(), "it has done nothing"
    assert mitigated_run(population, name, on=True, tick_ms=50).differences(whole) == set()


@pytest.mark.long
@pytest.mark.parametrize(("tick_ms", "steps_ms"), [TICKS[0], TICKS[2]])
@pytest.mark.parametrize("name", MITIGATIONS)
def test_a_mitigation_does_the_same_at_other_ticks_and_steps(population, name, tick_ms, steps_ms):
    whole = mitigated_run(population, name, on=True)
    assert mitigated_run(population, name, on=True, tick_ms=tick_ms, steps_ms=steps_ms).differences(whole) == set()


@pytest.mark.long
@pytest.mark.parametrize("tick_ms", [10, pytest.param(50, marks=pytest.mark.long)])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_all_faults_at_once_do_the_same_at_any_tick(population, strategy, tick_ms):
    whole = broken_run(population, strategy, FAULTS.values())
    check_that_nothing_is_wrong(whole)
    assert broken_run(population, strategy, FAULTS.values(), tick_ms).differences(whole) == set()


def test_every_kind_and_every_mitigation_is_held_to_it():
    assert FAULTS.keys() == KINDS.keys()
    assert all(text.startswith(f"{kind}@") for kind, text in FAULTS.items())
    switches = {
        knob.name.removeprefix("mitigations.")
        for knob in KNOBS.values()
        if knob.name.startswith("mitigations.") and isinstance(knob.default, bool)
    }
    assert MITIGATIONS.keys() == switches


def check_that_nothing_is_wrong(found: Run) -> None:
    """Whatever broke: nothing is missing, doubled, foreign or out of order, and much happened."""
    assert set(found.seen["audit"].values()) == {0, USERS}
    assert found.world.whole
    assert len(found.pages) > 300
    assert sum(kind == Kind.POST for kind in found.seen["posts"][2]) > 30
