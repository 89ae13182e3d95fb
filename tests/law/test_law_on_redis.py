"""The timeline law with the home lists in Redis: the imitation in this process, and a real server."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.law.history import machine
from tests.law.small import STRATEGIES
from tests.law.test_law import histories

KEEPING = ("push", "hybrid:threshold=3", "cached_pull:ttl=2", "push_active:days=30")
"""Those that differ in what is written into lists, and when; the others keep none, or write as one of these."""


@pytest.mark.long  # the gate has the real server
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_any_history_ends_in_the_pages_of_the_oracle_on_fakeredis(strategy):
    run_state_machine_as_test(machine(strategy, backend="fakeredis"), settings=histories(2, 40))


@pytest.mark.redis_server
@pytest.mark.parametrize(
    "strategy", [pytest.param(spec, marks=[] if spec in KEEPING else [pytest.mark.long]) for spec in STRATEGIES]
)
def test_any_history_ends_in_the_pages_of_the_oracle_on_a_server(strategy, redis_url):
    run_state_machine_as_test(machine(strategy, backend="redis", redis_url=redis_url), settings=histories(2, 40))


@pytest.mark.long
@pytest.mark.redis_server
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_hundreds_of_histories_end_in_the_pages_of_the_oracle_on_a_server(strategy, redis_url):
    run_state_machine_as_test(machine(strategy, backend="redis", redis_url=redis_url), settings=histories(500, 60))
