"""Each criterion gives each of its credits to somebody. All cases are changes to one made-up candidate."""

from typing import Any

import pytest

from lessons.interview.ablation import idle_parts
from lessons.interview.estimates import Estimate
from lessons.interview.evidence import JUDGES
from lessons.interview.evidence.credit import Seen, choice, reasoned, unless_run, with_estimate, with_run
from lessons.interview.reader import Judged, Reading
from lessons.interview.rubric import standard
from tests.lessons.interview.candidates import REASONS, Learned, made, part

S = "steps.{}.structured.".format
CASES: list[tuple[str, str, dict[str, Any], float]] = [
    ("1a", "mid", {}, 1),
    ("1a", "mid", {S(1) + "must": ["post", "home", "profile"]}, 0.5),
    ("1a", "mid", {S(1) + "must": ["follow", "post", "home", "profile"]}, 0.5),
    ("1a", "mid", {S(1) + "must": ["post", "search", "home", "follow", "profile"]}, 0),
    ("1a", "mid", {S(1) + "must": None}, 0),
    ("1b", "mid", {}, 1),
    ("1b", "mid", {S(1) + "non_goals": ["ads", "dm", "analytics"]}, 0.5),
    ("1b", "mid", {S(4) + "extra_stores": ["search_cluster"]}, 0),
    ("1c", "mid", {}, 1),
    ("1c", "mid", {S(1) + "slo.home_pct": None}, 0.5),
    ("1c", "mid", {S(1) + "slo.home_consistency": "strong"}, 0),
    ("1c", "mid", {S(1) + "slo.fresh_s": 0.0}, 0),
    ("1d", "mid", {}, 1),
    ("1d", "mid", {S(1) + "estimate.posts_s": 4629.6}, 0.5),
    ("1d", "mid", {S(1) + "estimate.deliveries_s": 1.4e6}, 0.5),
    ("1d", "mid", {S(1) + "estimate.deliveries_s": 350.0}, 0.5),
    ("1d", "mid", {S(1) + "estimate": {"deliveries_s": 350000.0}}, 0),
    ("1e", "senior", {}, 1),
    ("1e", "senior", {S(1) + "assume.peak": None}, 0.5),
    ("1e", "senior", {S(1) + "assume.peak": 1000.0}, 0),
    ("1f", "senior", {}, 1),
    ("1f", "senior", {"run.base": None, "steps.1.free_text": ""}, 0.5),
    ("1f", "senior", {"run.base": None}, 1),
    ("1f", "senior", {S(1) + "driver.decision": "active_lists_only"}, 0),
    ("2a", "mid", {}, 1),
    ("2a", "mid", {S(2) + "entities.TimelineItem": None}, 0.5),
    ("2a", "mid", {S(2) + "entities.Follow": ["user_a", "user_b"]}, 0),
    ("2b", "mid", {}, 1),
    ("2b", "mid", {S(2) + "api": ["post", "follow", "home", "profile"]}, 0.5),
    ("2b", "mid", {S(2) + "api": ["post", "home", "profile"]}, 0),
    ("2c", "mid", {}, 1),
    ("2c", "mid", {"run.base.paging.skips": 3.0}, 0.5),
    ("2c", "mid", {"run.base.paging": {"repeats": 2.0, "skips": 3.0}}, 0),
    ("2c", "mid", {"run": None}, 1),
    ("2c", "mid", {S(2) + "paging": "offset"}, 0),
    ("2d", "senior", {}, 1),
    ("2d", "senior", {S(2) + "ids": "auto_increment"}, 0),
    ("2e", "senior", {}, 1),
    ("2e", "senior", {S(2) + "read_your_writes": False}, 0.5),
    ("2e", "senior", {"run.base.own_posts.doubled": 1.0}, 0),
    ("3a", "mid", {}, 1),
    ("3a", "mid", {S(1) + "slo.home_ms": 5.0}, 0.5),
    ("3a", "mid", {S(1) + "slo.home_ms": 5.0, S(1) + "slo.fresh_s": 0.5}, 0),
    ("3a", "mid", {"run.base": None}, 0),
    ("3a", "mid", {"config": None}, 0),
    ("3b", "mid", {}, 1),
    ("3b", "mid", {"steps.3.free_text": "push half"}, 1),
    ("3b", "senior", {"steps.3.free_text": "nothing of the kind"}, 0.75),
    ("3b", "senior", {"steps.3.free_text": "# outra lingua"}, 1),
    ("3b", "senior", {"steps.3.free_text": "push half", S(3) + "who_pays": None}, 0.5),
    ("3b", "mid", {"steps.3.free_text": "", S(3) + "who_pays.pull.read": "low"}, 0.5),
    ("3b", "mid", {"steps.3.free_text": "", S(3) + "who_pays.push": {"write": "low", "read": "high"}}, 0),
    ("3c", "senior", {}, 1),
    ("3c", "mid", {"run": None}, 1),
    ("3c", "senior", {"run": None}, 0.5),
    ("3c", "senior", {S(1) + "slo.fresh_s": 0.06}, 0.5),
    ("3c", "senior", {S(1) + "slo.fresh_s": 0.01}, 0),
    ("3c", "mid", {"config": {"strategy": "push"}}, 0),
    ("3c", "mid", {S(3) + "celebrity": "none"}, 0),
    ("3d", "senior", {}, 1),
    ("3d", "senior", {S(3) + "estimate": None}, 0.5),
    ("3d", "senior", {S(3) + "estimate.rows_per_read": 7000.0}, 0.5),
    ("3d", "senior", {"run.sweep": [{"knob": "strategy.threshold", "value": value, "cost": {"workers_s": cost}}
                                    for value, cost in ((20.0, 50.0), (200.0, 70.0), (2000.0, 95.0))]}, 0),
    ("3d", "senior", {S(3) + "estimate": None, "run.sweep": None}, 0),
    ("3e", "staff", {}, 1),
    ("3e", "staff", {"run.unforeseen.U5": None}, 0.5),
    ("3e", "staff", {"run.unforeseen.U5.audit.missing": 1}, 0),
    ("3e", "staff", {S(3) + "pulls": "celebrities_now"}, 0),
    ("3f", "senior", {}, 1),
    ("3f", "senior", {"steps.3.free_text": "pull half", S(3) + "rejected": None}, 0.5),
    ("3f", "mid", {"steps.3.free_text": ""}, 1),
    ("3f", "mid", {"steps.3.free_text": "", S(3) + "estimate": None}, 0.5),
    ("3f", "senior", {"steps.3.free_text": "", S(3) + "rejected": [{"option": "pull", "reason": "unpopular"}]}, 0),
    ("4a", "mid", {}, 1),
    ("4a", "mid", {S(4) + "access.posts_by_ids": None, S(4) + "access.timeline_of.key": "body"}, 0.5),
    ("4a", "mid", {S(4) + "access": {"followers_of": {"store": "graph_db", "key": "followee_id"}}}, 0),
    ("4a", "mid", {S(4) + "access": {
        "followers_of": {"store": "graph_db", "key": "followee_id"}, "timeline_of": {"store": "cache", "key": "owner"},
        "posts_by_ids": {"store": "cache", "key": "post_id"}}}, 0),
    ("4b", "senior", {}, 1),
    ("4b", "senior", {"run.base.shards": None}, 0.5),
    ("4b", "senior", {S(4) + "consequence": "profile_asks_all_shards"}, 0),
    ("4c", "mid", {}, 1),
    ("4c", "mid", {S(4) + "estimate.timeline_gb": None}, 0.5),
    ("4c", "mid", {S(2) + "timeline_holds": "bodies"}, 0),
    ("4d", "senior", {}, 1),
    ("4d", "senior", {S(4) + "cap": 4000.0}, 0.5),
    ("4d", "senior", {"run.base.below_horizon_share": 0.04}, 0.5),
    ("4d", "senior", {S(4) + "cap": 1e7}, 0),
    ("4e", "mid", {}, 1),
    ("4e", "mid", {S(4) + "estimate.posts_gb_day": 200.0}, 0.5),
    ("4e", "mid", {S(4) + "estimate.posts_gb_day": 60.0}, 0),
    ("5a", "mid", {}, 1),
    ("5a", "senior", {"steps.5.free_text": ""}, 0.75),
    ("5a", "mid", {S(5) + "queue": "in_process"}, 0.5),
    ("5a", "mid", {S(5) + "queue_why": ["industry_standard"], "steps.5.free_text": "use Kafka"}, 0),
    ("5a", "mid", {"run.base.by_followers": [
        {"followers": 10, "post_p99_ms": 3.0}, {"followers": 30000, "post_p99_ms": 30.0}]}, 0),
    ("5a", "senior", {"steps.5.free_text": "", "run.base.by_followers": [
        {"followers": 10, "post_p99_ms": 3.0}, {"followers": 30000, "post_p99_ms": 30.0}]}, 0),
    ("5b", "senior", {}, 1),
    ("5b", "senior", {"run.base.stations.workers.util": 0.85}, 0.5),
    ("5b", "senior", {"run.base.stations.workers.util": 1.2}, 0),
    ("5b", "senior", {S(5) + "estimate.util": None}, 1),  # 350,000 of 600 * 800 deliveries/s are 0.73
    ("5b", "senior", {S(5) + "estimate.util": None, S(5) + "workers": None}, 0),
    ("5c", "mid", {}, 1),
    ("5c", "mid", {"run.base.summary.post_hit_rate": 0.6}, 0.5),
    ("5c", "mid", {"run.base.summary.failed_hydrations": 3}, 0),
    ("5d", "senior", {}, 1),
    ("5d", "senior", {"run.base.expiry.database_reads": 35.0}, 0.5),
    ("5d", "senior", {"run.base.expiry.database_reads": 500.0}, 0),
    ("5d", "senior", {S(5) + "stampede": ["longer_ttl"]}, 0),
    ("5e", "senior", {}, 1),
    ("5e", "senior", {S(5) + "estimate.drain_s": 50.0}, 0.5),
    ("5e", "senior", {S(5) + "estimate.drain_s": 500.0}, 0),
    ("5e", "senior", {"run.base.peak.drain_s": 0.0, S(5) + "estimate.drain_s": 0.5}, 1),
    ("5f", "staff", {S(5) + "lanes": ["own_timeline", "normal"], S(5) + "bound": "delay_large",
                     "run.base.lanes": {"own_timeline": 50.0, "normal": 800.0}}, 1),
    ("5f", "staff", {S(5) + "lanes": ["own_timeline", "normal"], S(5) + "bound": "delay_large"}, 0.5),
    ("5f", "staff", {S(5) + "lanes": ["own_timeline", "normal"], S(5) + "bound": "drop_oldest"}, 0),
    ("6a", "senior", {}, 1),
    ("6a", "senior", {S(6) + "dlq": False}, 0.5),
    ("6a", "mid", {S(6) + "dlq": False, "run": None}, 1),
    ("6a", "senior", {"run.unforeseen.U3.audit.duplicate": 4}, 0),
    ("6a", "mid", {S(6) + "natural_key": "exactly_once"}, 0),
    ("6b", "senior", {}, 1),
    ("6b", "senior", {"run.faults.shard_down.summary.fresh_goodput": 800.0}, 0.5),
    ("6b", "senior", {"run.faults.shard_down.audit.foreign": 1}, 0),
    ("6b", "senior", {S(6) + "degrade": ["error_page", "serve_stale"]}, 0),
    ("6c", "mid", {}, 1),
    ("6c", "mid", {"run.base.deleted": None}, 1),
    ("6c", "mid", {"run.base.deleted": None, "steps.6.free_text": ""}, 0.5),
    ("6c", "mid", {S(6) + "deletes": None}, 0),
    ("6d", "mid", {}, 1),
    ("6d", "mid", {S(6) + "limits": ["posts"]}, 0.5),
    ("6d", "mid", {"run.unforeseen.U4.summary.home_ms.p99": 60.0}, 0),
    ("6e", "senior", {}, 1),
    ("6e", "senior", {"run.change_before.alarms.visible_lag_p99": []}, 0),
    ("6e", "staff", {S(6) + "alarms": [
        {"metric": name, "above": 1.0, "action": "add_workers"}
        for name in ("visible_lag_p99", "queue_depth", "home_latency")],
        "run.change_before.alarms.visible_lag_p99": [25.0]}, 0.5),
    ("6e", "mid", {S(6) + "alarms": [{"metric": "visible_lag_p99"}, {"metric": "hit_rate"}]}, 0.5),
    ("6e", "mid", {S(6) + "alarms": [{"metric": "cpu"}, {"metric": "disk"}]}, 0),
    ("6f", "staff", {S(6) + "rollout": ["shadow_compare", "share_of_users", "all_users"],
                     S(6) + "abort": {"metric": "errors", "above": 0.01}}, 1),
    ("6f", "staff", {S(6) + "rollout": ["shadow_compare", "share_of_users", "all_users"]}, 0.5),
    ("6f", "staff", {S(6) + "rollout": ["all_users", "shadow_compare"]}, 0),
    ("7a", "senior", {}, 1),
    ("7a", "staff", {}, 0.5),
    ("7a", "senior", {"claims": [{"metric": "visible_lag_ms.p99", "value": 30.0}]}, 0),
    ("7a", "mid", {"claims": [{"metric": "visible_lag_ms.p99", "value": 900.0},
                              {"metric": "home_ms.p99", "value": 900.0}]}, 0),
    ("7b", "senior", {}, 1),
    ("7b", "senior", {"run.base.stations.replicas.breached_at_s": 5.0}, 0.5),
    ("7b", "senior", {S(7) + "bottleneck": "replicas"}, 0),
    ("7b", "senior", {"run": None}, 0),
    ("7c", "senior", {}, 1),
    ("7c", "senior", {"change.structured.predicts": [{"metric": "visible_lag_ms.p99", "to": 600.0}]}, 0.5),
    ("7c", "mid", {"change.structured.predicts": [{"metric": "visible_lag_ms.p99", "to": 600.0}]}, 1),
    ("7c", "senior", {"change.structured.predicts": [{"metric": "visible_lag_ms.p99", "to": 9000.0}]}, 0),
    ("7c", "senior", {"change.structured.config_diff": None}, 0),
    ("7c", "senior", {"change.structured.config_diff": None, "run.change_before": part(),
                      "change.structured.predicts": [{"metric": "visible_lag_ms.p99", "to": 1000.0}]}, 1),
    ("7c", "senior", {"change.structured.config_diff": {
        "workers.count": 8, "workers.batch": 128, "timeline.shards": 16, "timeline.cap": 400, "fanout.chunk": 200},
        "run.change_single": {"workers.count": part()}}, 0.5),
    ("7d", "senior", {}, 1),
    ("7d", "senior", {"run.next": None}, 0.5),
    ("7d", "senior", {S(7) + "next.to": None}, 0),
    ("7e", "staff", {S(7) + "cost_largest": "workers"}, 1),
    ("7e", "staff", {S(7) + "cost_largest": "replicas", "run.base.cost.replicas_s": 60.0}, 0.5),
    ("7e", "staff", {S(7) + "cost_largest": "replicas"}, 0),
    ("7f", "staff", {S(7) + "not_modelled": ["media", "dns"]}, 1),
    ("7f", "staff", {S(7) + "not_modelled": ["media"]}, 0.5),
    ("7f", "staff", {S(7) + "not_modelled": ["media", "bursts"]}, 0),
]  # fmt: skip
TWO_VALUED = {"2d"}
"""Ids sort by time or they do not."""


@pytest.mark.parametrize(("criterion", "level", "changes", "credit"), CASES)
def test_a_criterion_gives_the_credit_that_the_evidence_earns(criterion, level, changes, credit):
    transcript = made(changes)
    found = JUDGES[criterion](transcript, level, Reading.of(transcript, Learned()))
    assert found.credit == credit
    assert found.reason
    assert found.figure or found.quote


def test_every_criterion_of_the_rubric_is_judged_and_has_a_case_for_each_credit():
    assert list(JUDGES) == list(standard().criteria)
    for criterion in JUDGES:
        seen = {credit for name, _, _, credit in CASES if name == criterion}
        assert seen >= ({0, 1} if criterion in TWO_VALUED else {0, 0.5, 1}), criterion


@pytest.mark.parametrize(
    ("chosen", "estimated", "credit"),
    [(1, 40.0, 1), (1, 5.0, 0.5), (1, 1.0, 0.5), (1, None, 0.5), (0.5, 40.0, 0.5), (0.5, 1.0, 0), (0, 40.0, 0)],
)
def test_a_choice_needs_an_estimate_to_be_whole_and_a_wrong_one_costs_no_more_than_none(chosen, estimated, credit):
    one = Estimate("drain_s", estimated, 40.0, "s", 3.0, "own run")
    assert with_estimate(choice(chosen, "a queue", "It is there."), one).credit == credit


@pytest.mark.parametrize(
    ("chosen", "verdict", "both", "unless"),
    [(1, 1, 1, 1), (1, 0.5, 0.5, 0.5), (1, 0, 0, 0), (1, None, 0.5, 1), (0.5, 1, 0.5, 0.5), (0, 1, 0, 0)],
)
def test_a_run_bears_a_choice_out_or_takes_it_back(chosen, verdict, both, unless):
    given, seen = choice(chosen, "a queue", "It is there."), Seen(verdict, "20 ms (measured)")
    assert with_run(given, seen).credit == both
    assert unless_run(given, seen).credit == unless


def test_the_follows_of_the_mean_person_are_told_from_the_followers_of_the_mean_post():
    transcript = made({S(1) + "estimate.deliveries_s": 1.4e6, S(1) + "assume.follows_mean": 300.0})
    assert "follows of the mean person" in JUDGES["1d"](transcript, "mid", Reading.of(transcript, Learned())).reason


def test_the_words_of_a_reason_are_quoted_as_they_were_written():
    transcript = made()
    found = JUDGES["3b"](transcript, "senior", Reading.of(transcript, Learned()))
    assert found.quote == REASONS["3b"]
    assert found.kind == "T"


def _credit(criterion: str, level: str, changes: dict[str, object]) -> float:
    transcript = made(changes)
    return JUDGES[criterion](transcript, level, Reading.of(transcript, Learned())).credit


def test_where_nothing_is_copied_ahead_there_are_no_workers_to_size():
    pull = {"steps.3.structured.strategy": "pull", "steps.5.structured.workers": None,
            "steps.5.structured.estimate": None}  # fmt: skip
    busy = "run.base.stations.indexes"
    assert _credit("5b", "senior", {**pull, busy: {"util": 0.4}}) == 1
    assert _credit("5b", "senior", {**pull, busy: {"util": 0.9}}) == 0.5
    assert _credit("5b", "senior", {**pull, busy: {"util": 0.4}, "steps.1.structured.slo.home_ms": 1.0}) == 0
    assert _credit("5b", "senior", {**pull, "run": None}) == 0
    assert _credit("5b", "senior", {**pull, "steps.3.structured.strategy": "push"}) == 0


def test_a_drain_time_that_follows_from_the_own_numbers_is_half_right_whatever_the_run_had():
    own = {"steps.1.structured.estimate.deliveries_s": 3.0e5, "steps.1.structured.estimate.peak_deliveries_s": 1.2e6,
           "steps.5.structured.workers": 1000.0, "steps.5.structured.per_worker_s": 1000.0,
           "run.base.peak.drain_s": 200.0}  # fmt: skip
    assert _credit("5e", "senior", {**own, "steps.5.structured.estimate.drain_s": 17.0}) == 0.5
    assert _credit("5e", "senior", {**own, "steps.5.structured.estimate.drain_s": 2.0}) == 0
    assert _credit("5e", "senior", {**own, "steps.5.structured.workers": 200.0,
                                    "steps.5.structured.estimate.drain_s": 17.0}) == 0  # fmt: skip


def test_what_was_in_time_while_a_server_was_down_is_held_against_what_was_due_then():
    path = "run.faults.shard_down.slo.fresh_share"
    assert _credit("6b", "senior", {path: {"measured": 0.99}, "run.faults.shard_down.summary.fresh_goodput": 9.0}) == 1
    assert _credit("6b", "senior", {path: {"measured": 0.6}}) == 0.5
    assert _credit("6b", "senior", {path: {"measured": 0.3}}) == 0


def test_many_predictions_of_one_figure_count_as_the_first():
    many = [{"metric": "visible_lag_ms.p99", "to": to} for to in (100.0, 1500.0)]
    assert _credit("7c", "senior", {"change.structured.predicts": many}) == 0.5
    assert _credit("7c", "senior", {"change.structured.predicts": many[::-1]}) == 1


@pytest.mark.parametrize(("to", "credit"), [(9_000.0, 0), (5_000.0, 0.5), (1_500.0, 1)])
def test_a_lag_that_was_thought_longer_than_it_ever_was_counts_half_if_it_is_near(to, credit):
    changes = {"run.change_before.summary.visible_lag_ms.p99": 4000.0, "change.structured.predicts":
               [{"metric": "visible_lag_ms.p99", "to": to}]}  # fmt: skip
    assert _credit("7c", "senior", changes) == credit


def test_a_text_that_repeats_the_school_says_so():
    found = reasoned(Judged(0.0, copied=True))
    assert found.credit == 0
    assert "repeats" in found.reason


def test_a_bottleneck_of_a_load_that_not_everybody_saw_does_not_make_that_of_the_base_wrong():
    calm = {"stations": {"workers": {"util": 0.7}, "indexes": {"util": 0.1}}}
    broken = {"stations": {"workers": {"util": 0.1}, "indexes": {"util": 1.7, "breached_at_s": 21.0}}}
    runs = {"run.base.stations": calm["stations"], "run.change_before.stations": calm["stations"],
            "run.change_after.stations": calm["stations"], "run.unforeseen.U2": part(**broken)}  # fmt: skip
    given = "steps.7.structured.bottleneck"
    assert _credit("7b", "senior", {**runs, given: "workers"}) == 1
    assert _credit("7b", "senior", {**runs, given: "indexes"}) == 1
    assert _credit("7b", "senior", {**runs, given: "post_caches"}) == 0
    shown = {**runs, "run.change_before.stations": broken["stations"]}
    assert _credit("7b", "senior", {**shown, given: "workers"}) == 0


@pytest.mark.parametrize("path", ["summary.failed_reads", "summary.stale_reads"])
def test_what_keeps_pages_whole_is_not_idle(path):
    step, name = path.split(".")
    failing, whole = {step: {name: 200}}, {step: {name: 0}}
    runs = {"run.faults.shard_down": part(**whole), "run.ablation": {"pull_instead": {"shard_down": part(**failing)}}}
    assert idle_parts(made(runs), standard().tolerances) == []
    runs["run.ablation"] = {"pull_instead": {"shard_down": part(**whole)}}
    assert [one.part for one in idle_parts(made(runs), standard().tolerances)] == ["pull_instead"]


def test_a_sweep_that_costs_the_same_everywhere_bears_no_threshold_out():
    def swept(*costs: float) -> list[dict[str, object]]:
        pairs = zip((20.0, 200.0, 2000.0), costs, strict=True)
        return [{"knob": "strategy.threshold", "value": value, "cost": {"workers_s": cost}} for value, cost in pairs]

    bare = {"steps.3.structured.estimate": None}
    assert _credit("3d", "senior", {**bare, "run.sweep": swept(90.0, 70.0, 95.0)}) == 0.5
    assert _credit("3d", "senior", {**bare, "run.sweep": swept(70.0, 70.0, 70.0)}) == 0
    assert _credit("3d", "senior", {"run.sweep": swept(70.0, 70.0, 70.0)}) == _credit(
        "3d", "senior", {"run.sweep": None}
    )
