"""A made-up senior candidate, and changes to what they said and to what their run says.

Nothing here was run or said by anybody: the numbers are invented so that they fit each other. Real runs are graded
elsewhere.
"""

import copy
import json
from collections.abc import Mapping
from typing import Any

from lessons.interview.reader import Judged
from lessons.interview.transcript import Transcript, from_json

Json = dict[str, Any]
REASONS = {
    "1f": "50 reads for each post, so the lists are made ready",
    "3b": "push costs one write for each follower; pull costs one read for each followee",
    "3f": "pull was left out because each read would merge 300 followees",
    "5a": "the post does not wait for a million followers",
    "6c": "filtering costs a check at each read, removing lags behind",
}


class Learned:
    """A reader for tests: it knows five sentences, and what is marked `?` is half sure, `#` in another language."""

    version = "learned"

    def read(self, text: str) -> str:
        return text

    def judge(self, pattern: str, read: str, strategy: str) -> Judged:
        if read.startswith("#"):
            return Judged(0.0, None, False, True)
        whole = REASONS[pattern]
        for said, credit in ((whole, 1.0), (whole.partition(" ")[0] + " half", 0.5)):
            if said in read:
                return Judged(credit, said, f"?{said}" not in read)
        return Judged(0.0, None, not read.startswith("?"))

    def unread(self, read: str) -> tuple[str, ...]:
        return (read,) if read.startswith("#") else ()


def part(**changes: Any) -> Json:
    """One run that kept its promises."""
    whole: Json = {
        "summary": {
            "fanout_lag_ms": {"p50": 100.0, "p95": 350.0, "p99": 900.0, "max": 2000.0},
            "visible_lag_ms": {"p50": 100.0, "p95": 350.0, "p99": 900.0, "max": 2000.0},
            "post_ms": {"p50": 2.2, "p95": 2.2, "p99": 3.8, "max": 4.0},
            "home_ms": {"p50": 3.0, "p95": 5.0, "p99": 6.0, "max": 9.0},
            "timeline_hit_rate": 1.0, "post_hit_rate": 0.9, "queue_depth_peak": 700, "deliveries": 26000,
            "write_amplification": 40.0, "rows_per_read": 70.0, "fresh_goodput": 1300.0, "failed_hydrations": 0,
        },
        "audit": {"missing": 0, "duplicate": 0, "foreign": 0, "out_of_order": 0, "users": 2000},
        "cost": {"kind": "modelled", "workers_s": 62.0, "replicas_s": 6.0, "indexes_s": 2.7, "price_list": None},
        "stations": {"workers": {"util": 0.7, "wait_ms": 300.0}, "replicas": {"util": 0.2, "wait_ms": 1.0}},
        "alarms": {"visible_lag_p99": []},
    }  # fmt: skip
    return _merged(whole, changes)


def senior() -> Json:
    """A strong senior answer with a run to it, all of it invented."""
    busy = {"stations": {"workers": {"util": 0.95, "wait_ms": 4000.0, "breached_at_s": 20.0}}}
    late = {"summary": {"visible_lag_ms": {"p99": 8000.0, "max": 12000.0}}}
    points = [
        {"knob": "strategy.threshold", "value": value, "cost": {"workers_s": cost}}
        for value, cost in ((20.0, 90.0), (200.0, 70.0), (2000.0, 95.0))
    ]
    return copy.deepcopy({
        "id": "made up for tests", "level_target": "senior", "mode": "strict", "language": "en",
        "opened_order": ["1", "2", "3", "4", "5", "change", "6", "7"],
        "steps": {
            "1": {"structured": {
                "must": ["home", "post", "follow", "profile"], "non_goals": ["ads", "dm", "search"],
                "slo": {"post_ack": "durable", "home_consistency": "eventual", "fresh_s": 5.0, "home_ms": 300.0,
                        "home_pct": 99, "availability": 0.999},
                "assume": {"dau": 1e8, "posts_per_day": 4e8, "home_reads_per_day": 2e10, "follows_mean": 300.0,
                           "fanout_mean": 75.0, "followers_max": 3e7, "peak": 10.0, "payload_kb": 0.5},
                "estimate": {"posts_s": 4600.0, "reads_s": 230000.0, "deliveries_s": 350000.0,
                             "peak_deliveries_s": 3.5e6},
                "driver": {"number": "reads_per_post", "decision": "ready_made_lists"},
            }, "free_text": REASONS["1f"]},
            "2": {"structured": {
                "entities": {"User": ["id", "name"], "Post": ["id", "author_id", "body"],
                             "Follow": ["follower_id", "followee_id"], "TimelineItem": ["owner_id", "post_id"]},
                "api": ["post", "follow", "unfollow", "home", "profile"], "paging": "cursor", "ids": "time_sortable",
                "timeline_holds": "references", "post_retry": "client_token", "read_your_writes": True,
            }},
            "3": {"structured": {
                "strategy": "hybrid", "threshold": 2e5, "celebrity": "pull", "pulls": "not_pushed",
                "who_pays": {"push": {"write": "high", "read": "low"}, "pull": {"write": "low", "read": "high"}},
                "estimate": {"deliveries_saved_share": 0.4, "rows_per_read": 60.0},
                "rejected": [{"option": "pull", "reason": "read_cost"}],
            }, "free_text": f"{REASONS['3b']}. {REASONS['3f']}."},
            "4": {"structured": {
                "access": {"followers_of": {"store": "wide_column", "key": "followee_id"},
                           "followees_of": {"store": "wide_column", "key": "follower_id"},
                           "follows_check": {"store": "wide_column", "key": "follower_followee"},
                           "latest_by_author": {"store": "wide_column", "key": "author_time"},
                           "timeline_of": {"store": "memory_list", "key": "owner"},
                           "posts_by_ids": {"store": "key_value", "key": "post_id"}},
                "post_partition": "author", "consequence": "hot_author", "cap": 800.0,
                "estimate": {"timeline_gb": 1280.0, "posts_gb_day": 600.0},
            }},
            "5": {"structured": {
                "queue": "durable", "queue_why": ["post_does_not_wait"], "workers": 600.0, "per_worker_s": 800.0,
                "batch": 100.0, "pipeline": True, "estimate": {"util": 0.7, "drain_s": 20.0},
                "body_cache": "one_batch", "stampede": ["coalescing"],
            }, "free_text": REASONS["5a"]},
            "6": {"structured": {
                "natural_key": "owner_post", "backoff": "exponential_with_jitter", "dlq": True,
                "degrade": ["serve_stale", "pull_instead", "error_page"], "deletes": "both",
                "limits": ["posts", "follows"],
                "alarms": [{"metric": "visible_lag_p99", "above": 4000.0}, {"metric": "home_latency", "above": 250.0},
                           {"metric": "queue_depth", "above": 1e6}],
            }, "free_text": REASONS["6c"]},
            "7": {"structured": {
                "bottleneck": "workers",
                "next": {"change": "workers.count", "metric": "visible_lag_ms.p99", "from": 900.0, "to": 500.0},
            }},
        },
        "change": {"variant": "V1", "structured": {
            "config_diff": {"workers.count": 8}, "predicts": [{"metric": "visible_lag_ms.p99", "to": 1500.0}]}},
        "config": {"strategy": "hybrid", "strategy.threshold": 200, "workers.count": 4},
        "scale": 1000.0,
        "run": {
            "base": part(peak={"queue_depth_peak": 5000, "drain_s": 15.0}, below_horizon_share=0.001,
                         by_followers=[{"followers": 10, "post_p99_ms": 3.8, "lag_p99_ms": 400.0},
                                       {"followers": 30000, "post_p99_ms": 3.9, "lag_p99_ms": 100.0}],
                         paging={"repeats": 0, "skips": 0}, own_posts={"doubled": 0, "unseen": 0},
                         shards={"max_over_mean": 3.0, "per_profile_read": 1.0}, expiry={"database_reads": 12,
                                                                                         "keys": 10},
                         deleted={"served": 0}),
            "change_before": part(**_both(busy, late), alarms={"visible_lag_p99": [12.0]}),
            "change_after": part(summary={"visible_lag_ms": {"p99": 1400.0}}),
            "unforeseen": {"U3": part(), "U4": part(), "U5": part()},
            "faults": {"shard_down": part(summary={"fresh_goodput": 1200.0})},
            "next": part(summary={"visible_lag_ms": {"p99": 520.0}}),
            "sweep": points,
            "ablation": {"coalescing": {"base": part(summary={"home_ms": {"p99": 40.0}})}},
        },
        "claims": [
            {"text": "In the base run lag p99 is about 900 ms because the workers are busiest.", "scope": "base",
             "metric": "visible_lag_ms.p99", "op": "about", "value": 900.0, "cause": "workers"},
            {"text": "Under the new requirement the lag is above 5 seconds.", "scope": "change_before",
             "metric": "visible_lag_ms.p99", "op": "above", "value": 5000.0, "cause": "workers"},
        ],
    })  # fmt: skip


def made(changes: Mapping[str, Any] | None = None, start: Json | None = None) -> Transcript:
    """The senior, or another start, with changes by path: {"steps.3.structured.celebrity": None}; None takes away."""
    whole = senior() if start is None else copy.deepcopy(start)
    for path, value in (changes or {}).items():
        put(whole, path, value)
    return from_json(json.dumps(whole))


def put(whole: Json, path: str, value: Any) -> None:
    """Set what stands at a path; keys with dots in them stand behind a slash: "config/workers.count"."""
    *steps, last = path.split("/") if "/" in path else path.split(".")
    for step in steps:
        whole = whole.setdefault(step, {})
    if value is None:
        whole.pop(last, None)
    else:
        whole[last] = value


def silent() -> Transcript:
    """Nobody said anything."""
    return from_json("{}")


def _both(*parts: Json) -> Json:
    whole: Json = {}
    for one in parts:
        whole = _merged(whole, one)
    return whole


def _merged(whole: Json, changes: Mapping[str, Any]) -> Json:
    for name, value in changes.items():
        old = whole.get(name)
        whole[name] = _merged(dict(old), value) if isinstance(old, dict) and isinstance(value, Mapping) else value
    return whole
