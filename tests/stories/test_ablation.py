"""The ablation table: each mitigation in a story, without it and with it, on the same load. What changes nothing fails.

Figures of a debrief: of all of them less is better. `at_most`: what is left of the figure with the mitigation, as a
share of the figure without it; pinned well above what was measured on 2026-11-22, and well below 1.
"""

from collections.abc import Mapping
from functools import cache

import pytest

from engine.config import MitigationsConfig
from engine.experiments.stories import MITIGATIONS, STORIES
from engine.experiments.stories.effects import measured
from tests.stories.tellings import told_once

TABLE: Mapping[str, tuple[str, str, float]] = {
    "autoscaling": ("super_bowl", "late_pairs", 0.3),
    "celebrity_circuit": ("super_bowl", "late_pairs", 0.3),
    "back_pressure": ("super_bowl", "late_pairs", 0.3),
    "lanes": ("super_bowl", "lag_p50_ms", 0.85),
    "ttl_jitter": ("cache_wiped", "slow_home_s", 0.8),
    "soft_ttl": ("cache_wiped", "slow_home_s", 0.9),
    "fallback": ("celebrity_shard_loss", "failed_reads", 0.01),
    "stale_if_error": ("celebrity_shard_loss", "failed_reads", 0.2),
    "hot_key_copies": ("celebrity_shard_loss", "slow_home_s", 0.3),
    "dead_letters": ("poison_post", "late_pairs", 0.2),
    "retry_budget": ("retry_storm", "timeouts", 0.3),
    "circuit_breaker": ("retry_storm", "timeouts", 0.05),
    "shedding": ("retry_storm", "timeouts", 0.05),
    "coalescing": ("cold_start", "fetched_bodies", 0.8),
    "cache_warming": ("cold_start", "home_p99_ms", 0.7),
}
"""By mitigation: the story, the figure that it is about, and how much of that may be left."""


@pytest.mark.parametrize("mitigation", TABLE)
def test_what_a_mitigation_moves_it_moves_by_so_much(mitigation):
    story, figure, at_most = TABLE[mitigation]
    without, with_ = told_once(story), told_once(story, mitigation)
    assert without.digest == with_.digest, "the same load"
    before, after = without.debrief.figures[figure], with_.debrief.figures[figure]
    assert before > 0, "there is nothing to mend"
    assert after <= at_most * before, f"{figure}: {before:g} without, {after:g} with"


@cache
def figures(story: str, on: frozenset[str], seed: int) -> Mapping[str, float]:
    return measured(STORIES[story], on, seed).figures


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("mitigation", TABLE)
def test_it_helps_under_other_seeds_too(mitigation, seed):
    story, figure, _ = TABLE[mitigation]
    without, with_ = (figures(story, frozenset(on), seed)[figure] for on in ((), (mitigation,)))
    assert with_ <= without


def test_every_mitigation_is_in_the_table_and_offered_by_its_story():
    switches = {name for name, kind in MitigationsConfig.__annotations__.items() if kind in (bool, "bool")}
    assert set(TABLE) == set(MITIGATIONS) == switches | {"lanes"}
    for mitigation, (story, _, _) in TABLE.items():
        assert mitigation in STORIES[story].mitigations


def test_a_retry_storm_outlives_its_cause_and_a_budget_ends_it():
    """Metastable: three times slower for five seconds, and bad to the end."""
    assert told_once("retry_storm").answer == "never"
    assert told_once("retry_storm", "retry_budget").answer != "never"
