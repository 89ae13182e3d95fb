"""The timeline law in worlds whose server is lost at any call, forgets lists, or is told things twice."""

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from tests.law.history import History, machine, users
from tests.law.small import STRATEGIES
from tests.law.test_law import ROUNDS, histories
from tests.timelines.flaky import Flaky, flaky_ring

_GATE = ("push", "hybrid:threshold=3", "cached_pull:ttl=2", "push_active:days=30")

_NEVER = 1_000_000


class Bereft(History):
    """A history that begins on a server of which nobody knows how long it will be there."""

    server: Flaky
    ended: dict[str, int]
    planned: tuple[int, int] | None = None

    @initialize(calls=st.integers(0, 250) | st.just(_NEVER), twice=st.sampled_from([0, 7, 13]))
    def plan(self, calls: int, twice: int) -> None:
        self.planned = calls, twice

    @invariant()
    def begin(self) -> None:
        """Opening the world comes before or after the plan."""
        if self.planned and hasattr(self, "small"):
            calls, self.server.twice = self.planned
            self.server.fails_from, self.planned = len(self.server.said) + calls, None

    @rule(user=users)
    def forget(self, user: int) -> None:
        self.server.forget(user)

    def __init__(self) -> None:
        super().__init__()

        def make_store(_backend: str, people: int, cap: int, _url: str | None) -> Any:
            self.server = flaky_ring(people, cap)
            return self.server

        self.made = patch("engine.world.make_store", make_store)
        self.made.start()

    def teardown(self) -> None:
        try:
            super().teardown()
            if hasattr(self, "small"):
                self.ended["lost" if self.world.tables.lists.outage else "kept"] += 1
        finally:
            self.made.stop()


def bereft(strategy: str) -> type[History]:
    return type("Bereft", (Bereft, machine(strategy)), {"ended": {"lost": 0, "kept": 0}})


@pytest.mark.parametrize(
    "strategy", [pytest.param(spec, marks=[] if spec in _GATE else [pytest.mark.long]) for spec in STRATEGIES]
)
def test_any_history_ends_in_the_pages_of_the_oracle_whenever_the_server_is_lost(strategy):
    kind = bereft(strategy)
    for again in range(ROUNDS):
        run_state_machine_as_test(kind, settings=histories(5, 40, anew=again > 0))
        if kind.ended["lost"]:
            break
    assert kind.ended["lost"], "never happened"


@pytest.mark.long
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_thousands_of_histories_end_in_the_pages_of_the_oracle_whenever_the_server_is_lost(strategy):
    run_state_machine_as_test(bereft(strategy), settings=histories(1_500, 60))
