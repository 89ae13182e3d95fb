"""The timeline law: at rest, every strategy shows everybody the oracle's pages, to any depth.

And at any instant: the live audit finds nothing, and every page lacks only what is on its way (tests/law/history.py).
"""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from engine.observe.metric import Metric
from tests.law.history import machine
from tests.law.small import STRATEGIES

PULLING = {Metric.READS, Metric.TIMELINE_MISSES, Metric.REPLIES, Metric.REPOSTS, Metric.FOLLOWS}
PUSHING = {Metric.TIMELINE_HITS, Metric.DELIVERIES, Metric.TRIMS, Metric.RETRIES, Metric.REDELIVERIES, Metric.REBUILDS}
SOMETIMES = {"pull": PULLING, "cached_pull": PULLING | {Metric.TIMELINE_HITS}}
"""What must have happened in some of the histories, else they would prove little."""
OFTEN, FEWER = 11, {"adaptive": 8, "delayed": 8, "per_edge": 8}
"""Histories in the gate, and of those that are push or hybrid at most instants."""


ROUNDS = 4
"""Of histories at most, until all of it has happened: in one round in twenty something never does by chance."""


def histories(examples: int, steps: int, anew: bool = False) -> settings:
    """How many histories, how long they are. `anew`: others than last time, also where runs repeat themselves."""
    return settings(
        derandomize=settings.default.derandomize and not anew,
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_any_history_ends_in_the_pages_of_the_oracle(strategy):
    kind, slug = machine(strategy), strategy.partition(":")[0]
    wanted = SOMETIMES.get(slug, PUSHING)
    for again in range(ROUNDS):
        run_state_machine_as_test(kind, settings=histories(FEWER.get(slug, OFTEN), 40, anew=again > 0))
        if wanted <= set(kind.happened):
            break
    assert wanted - set(kind.happened) == set(), "never happened"


@pytest.mark.long
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_thousands_of_histories_end_in_the_pages_of_the_oracle(strategy):
    run_state_machine_as_test(machine(strategy), settings=histories(3_000, 60))
