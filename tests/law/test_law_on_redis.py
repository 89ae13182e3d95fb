"""The timeline law with the home lists in Redis: the imitation in this process, and a real server."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.law.history import machine
from tests.law.small import STRATEGIES
from tests.law.test_law import histories


@pytest.mark.long  # the gate has the real server
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_any_history_ends_in_the_pages_of_the_oracle_on_fakeredis(strategy):
    run_state_machine_as_test(machine(strategy, backend="fakeredis"), settings=histories(2, 40))


@pytest.mark.redis_server
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_any_history_ends_in_the_pages_of_the_oracle_on_a_server(strategy, redis_url):
    run_state_machine_as_test(machine(strategy, backend="redis", redis_url=redis_url), settings=histories(2, 40))


@pytest.mark.long
@pytest.mark.redis_server
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_hundreds_of_histories_end_in_the_pages_of_the_oracle_on_a_server(strategy, redis_url):
    run_state_machine_as_test(machine(strategy, backend="redis", redis_url=redis_url), settings=histories(500, 60))
